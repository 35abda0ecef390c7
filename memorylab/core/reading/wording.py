"""How ideas are worded, as tables: verbs, connectors, places and the words that say nothing.

The counterpart of `vocabulary` and `concepts`, which name the things; data only. Words stand in their lower-case stem.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UP = _words(
    """
    additional bigger boost bump bumped deepen deeper doubled enlarge expand expanded extend extended extra
    faster greater grow growing heavier higher increase increased increasing larger lengthen lengthened longer
    loosen looser more raise raised raising sharper stronger thicken up upward widen widened wider
    """
)
DOWN = _words(
    """
    cut decrease decreased decreasing down downward fewer less lighter lower lowered lowering narrow narrowed
    narrower reduce reduced reducing shallow shallower shorten shortened shorter shrink shrinking shrunk slim
    slower smaller soften softer thin thinner tighten tighter trim trimmed weaken weaker
    """
)
SCALES: dict[str, float] = {
    "half": 0.5, "halve": 0.5, "halved": 0.5, "halving": 0.5, "double": 2.0, "doubled": 2.0, "doubling": 2.0,
    "twice": 2.0, "triple": 3.0, "tripled": 3.0, "quadruple": 4.0, "quarter": 0.25, "tenfold": 10.0,
    "quartered": 0.25,
}  # fmt: skip
ADD = _words(
    """
    add adopt allow apply begin bring change enable enabled give implement include initialize inject insert
    install introduce keep let make put re-add reenable restore run set start switch test try turn use
    """
)
# The verbs of ADD that can hardly stand in the name of a base.
VERBS = ADD - _words("put run start let keep test make")
REMOVE = _words(
    """
    abandon delete disable disabled ditch drop dropping eliminate exclude forget kill never no not nothing off
    omit remove removed removing skip stop strip without
    """
)
REVERT = _words(
    """
    revert reverted reverting rollback undo
    """
)
REPLACE = _words(
    """
    convert instead replace replaced replacing substitute swap swapped
    """
)
# "Replace A with B" names what goes first; "B instead of A" names it last.
MULTIPLY = _words("scale multiply times")
REPLACED = _words("replace replacing swap convert substitute")
START = _words("start initialize initialise begin init")
# Words that tie a sentence together and say nothing of the experiment.
STOP = _words(
    """
    a about across after again against all along also an and any are around as at back be because been before
    being best better between bit both branch brings but by can change changed changes could current default did
    do does done during each effective else even every everything evidence existing exp experiment for from
    further get gets give gives go going got had has have here hypothesis idea if improve improved improvement
    in instead into is it its itself just keep keeping kept let like little made make makes may might mild
    modest much new now of on one's only or other otherwise our out over own per place quite rather run running
    same set setting settings several should simple since slight slightly so some stay stays still such test
    than that the their them themselves then there these they this those through to too toward towards try
    unchanged under until up upon us use used using value variant version very via was way we well were what
    when where which while who will with within would
    """
)
# Words of any experiment: they match everything, so they weigh little.
GENERIC = _words(
    """
    adaptive attention baseline batch block budget capacity code compute config convergence data different
    dynamic embedding flow function gradient head input layer learn learning loop loss matrix memory mlp model
    network number optimization optimizer output param parameter performance proven quality rate regularization
    run scale session size speed stability stable step technique throughput time token train training type value
    weight
    """
)
# What a description says of its own result; a plan does not know it.
OUTCOME = _words(
    """
    confirmed crash crashed discard discarded diverged fail failed failure gain gained help helped helps huge
    hurt hurts keep kept loses lost marginal nan neutral noise oom optimal perfect regressed regression result
    results tie unstable useless wasted win worse worsened
    """
)
# From here on a description speaks of what stays, not of what changes.
CONTEXT_START = _words(
    """
    atop holding keeping leaving preserving while
    """
)
# A clause with one of these, behind the edit, says what is not touched.
STAYS = _words("kept stay stays staying unchanged untouched remain remains")
# What a context tail ends in: "on the 9-layer value-embedding stack".
CONTEXT_NOUN = _words(
    """
    architecture base baseline best branch champion config configuration frontier hybrid line model net recipe
    settings setup stack stage winner
    """
)
PREPOSITIONS = _words(
    """
    at atop for from in inside of on over to under with within
    """
)
# After these follow the circumstances of an edit: not the edit, but they may change its outcome.
CIRCUMSTANCE = _words(
    """
    after alongside because given now once since with
    """
)
# From here on a clause gives a purpose.
PURPOSE = _words(
    """
    because hence so thus where whereas which
    """
)
# After "to" these open a purpose: "add z-loss to penalize large logits".
PURPOSE_VERBS = _words(
    """
    account adapt allow avoid better boost build calm capture check compensate cut enable encourage ensure
    exploit explore fit free get give help improve increase isolate keep let lower make match penalize preserve
    prevent probe produce push raise react recover reduce regularize save see speed stabilize stop test trade
    use waste widen
    """
)
# Details that "with" may introduce: arguments of the edit itself, not circumstances.
ARGUMENTS = _words(
    """
    alpha clip coef coeff coefficient degree dim factor gamma init k learnable learned max_norm mode n p
    percentile prob probability rate sigmoid std strength value weight
    """
)
# After these every number of the clause is an origin.
STICKY = _words("instead than")
# Where in the network an edit applies; each side has many names.
PLACES: dict[str, str] = {
    "last": "top", "final": "top", "top": "top", "upper": "top", "deepest": "top", "deeper": "top",
    "later": "top", "late": "top", "first": "bottom", "bottom": "bottom", "lower": "bottom",
    "earliest": "bottom", "early": "bottom", "earlier": "bottom", "lowest": "bottom", "shallowest": "bottom",
    "every": "every", "odd": "odd", "even": "even", "alternate": "every 2", "alternating": "every 2",
    "middle": "middle", "other": "other", "second": "second", "third": "third",
}  # fmt: skip
SHARES = {"half": 0.5, "third": 1 / 3, "quarter": 0.25}
PLACE_NOUNS = _words("layer block half third quarter attn")
# A schedule is meant by "cosine" or "linear" alone only beside one of these.
SCHEDULED = _words("lr warmdown cooldown decay decaying schedule anneal annealing scheduler wsd")
AMBIGUOUS = _words("cosine linear sqrt exponential polynomial quadratic")
# Phrases that say that a kept edit got lost and comes back.
RESTORE = (
    "lost",
    "restore",
    "restored",
    "re-apply",
    "reapply",
    "re-applied",
    "missing",
    "back in",
    "put back",
    "bring back",
    "dropped by accident",
    "had lost",
    "had dropped",
    "reinstate",
)
TURNS = UP | DOWN | frozenset(SCALES)
# What no comparison of contents counts.
SILENT = STOP | OUTCOME | TURNS | ADD | REMOVE | REPLACE
