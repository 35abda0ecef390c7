"""Is this idea new? The verdict on an idea from the runs that resemble it, with the runs that carry it.

A failure is evidence about an edit on a base: what has changed since, how far beyond noise it was and whether it was a
fair try decide whether trying again is waste.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from memorylab.core.guard import chance, evidence, knobs, odds, policy, weighing
from memorylab.core.guard.odds import Kin, Session, Traits
from memorylab.core.guard.policy import Decision, Verdict
from memorylab.core.guard.priors import Prior
from memorylab.core.reading.edits import parse, plain
from memorylab.core.reading.ideas import Idea, Past, verbatim
from memorylab.core.reading.similarity import DECIDED, LEVEL, Match, compare, compare_changes
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.records import STATUSES, NoveltyGuard, Policy

MODE_SHIFT = {"explore": -0.08, "exploit": 0.0, "replicate": 0.08}
T = TypeVar("T", Idea, Past)
NO_KIN = Kin()
NO_SESSION = Session()


def judge(
    idea: Idea,
    past: Sequence[Past],
    *,
    mode: str = "exploit",
    threshold: float = 0.62,
    limit: int = 5,
    strict: bool = False,
    block_below: float | None = None,
    prior: Prior | None = None,
    kin: Kin = NO_KIN,
    session: Session = NO_SESSION,
    tree: Mapping[str, float | str] | None = None,
    metric: str = "",
    on_traits: Callable[[Traits, bool], None] | None = None,
) -> NoveltyGuard:
    """The guard's verdict on `idea` given the earlier runs that may resemble it; unrelated ones change nothing.

    `block_below`: the odds by related runs below which a row of failures closes a line; None is the guard's own, 0
    never.
    `tree` holds the values that the working tree gives to targets, where there is one; `metric` is what decides here,
    by which it is told whether the field's counts are of such loops.
    """
    effective = min(1.0, max(0.0, threshold + MODE_SHIFT.get(mode, 0.0)))
    base = knobs.present_values(idea.edits, past, tree)
    found = resembling(idea, past, base)
    kin = odds.kin_of(idea, past, kin)
    seen = odds.traits(idea, found, past, kin, session, _field(prior, idea, base))
    if on_traits:
        on_traits(seen, bool(found or kin.failed))
    ruled = evidence.classify(idea, found, base, effective)
    if ruled.control and not (session.runs or found):
        ruled = ruled._replace(reason="nothing was measured here yet; what follows is held against it")
    below = weighing.BLOCK_BELOW.get(mode, 0.0) if block_below is None else block_below
    likely = odds.p_related(seen)
    verdict = weighing.weigh(ruled, likely, kin, idea.family, found, below)
    decision = policy.doubt(policy.decide(verdict, mode, strict), idea.mismatch)
    return {
        "classification": decision.classification,
        "probe_text": " ".join(idea.description.lower().split()),
        "threshold": threshold,
        **_matches(idea, found, verdict.evidence, effective, limit),
        "mode": mode,
        "effective_threshold": round(effective, 4),
        "policy": _policy(decision, mode, verdict, likely if weighing.closable(ruled, kin) else None),
        **_about(idea, past, base, prior),
        "p_keep": chance.p_keep(
            seen,
            verdict,
            likely,
            judged=chance.judged(session, bool(found)),
            prior=prior,
            idea=idea,
            base=base,
            metric=metric,
        ),
        "suggestion": None,
    }


def resembling(idea: Idea, past: Sequence[Past], base: Mapping[str, float]) -> list[tuple[Match, Past]]:
    """The runs that resemble the idea, the closest first."""
    matches = ((_match(idea, run, base), run) for run in past)
    found = [(match, run) for match, run in matches if match is not None]
    return sorted(found, key=lambda pair: (-pair[0].similarity, -pair[1].seq))


def _match(idea: Idea, run: Past, base: Mapping[str, float]) -> Match | None:
    match = compare(idea, run, base)
    told_again = not (idea.change and run.change) and _verbatim(idea, run)  # code goes before the label
    if told_again and (match is None or match.relation not in DECIDED):
        match = Match(LEVEL["same"], "same", "the same words", run.edits[0].target if run.edits else "")
    if idea.change and run.change:
        match = compare_changes(match, idea.change, run.change, plain(idea.edits))
    elif match and bool(idea.change) != bool(run.change) and match.target not in {edit.target for edit in run.edits}:
        # Code has typed one side, words the other: "lower the learning rate" is found again only by its words.
        match = compare(_by_words(idea), _by_words(run), base) or match
    # Of the very same words nothing is left on one side alone.
    return match._replace(doubt="") if match and told_again else match


def _by_words(told: T) -> T:
    """An idea or a run as its description alone tells it."""
    return told._replace(edits=parse(told.description), change=None, left=None)


def _verbatim(idea: Idea, run: Past) -> bool:
    """Whether an idea is told in the very words of a run, which no reading of them can change."""
    told = verbatim(idea.description)
    return len(told) > 1 and told == verbatim(run.description) and not _control(idea) and not _control(run)


def _control(told: Idea | Past) -> bool:
    return bool(told.edits) and told.edits[0].target in CONTROLS


def _field(prior: Prior | None, idea: Idea, base: Mapping[str, float]) -> float:
    """What the field's counts add to the log odds of an average try."""
    if prior is None or not idea.edits:
        return 0.0
    edit = idea.edits[0]
    return odds.logit(prior.rate(edit, idea.family, base.get(edit.target))) - odds.logit(prior.overall())


def _matches(
    idea: Idea, found: Sequence[tuple[Match, Past]], carriers: Sequence[str], effective: float, limit: int
) -> NoveltyGuard:
    """The guard's fields about the runs found; those that carry the verdict are shown first."""
    close = [run for match, run in found if match.similarity >= effective]
    shown = sorted(found, key=lambda pair: pair[1].run_id not in carriers)[: max(limit, 0)]
    return {
        "match_count": len(close),
        "counts": {status: sum(run.status == status for run in close) for status in STATUSES},
        "top_matches": [_shown(match, run, idea) for match, run in shown],
    }


def _policy(decision: Decision, mode: str, verdict: Verdict, likely: float | None) -> Policy:
    return {
        "decision": decision.decision,
        "reason": decision.reason,
        "mode": mode,
        "evidence": list(verdict.evidence),
        "odds": None if likely is None else round(likely, 4),
    }


def _about(idea: Idea, past: Sequence[Past], base: Mapping[str, float], prior: Prior | None) -> NoveltyGuard:
    """What is known of the idea whatever the verdict: its edits and code, and how such edits went."""
    return {
        "edits": [edit.record() for edit in idea.edits],
        "knobs": knobs.memory(idea.edits, past, base),
        "field_prior": prior.told(idea.edits, base) if prior else [],
        "change": idea.change,
        "mismatch": idea.mismatch,
    }


def _shown(match: Match, run: Past, idea: Idea) -> dict[str, Any]:
    own = {edit.target for edit in idea.edits}
    return {
        "run_id": run.run_id,
        "commit": run.commit,
        "status": run.status,
        "description": run.description,
        "family": run.family,
        "similarity": round(match.similarity, 3),
        "why": match.why,
        "relation": match.relation,
        "value": run.value,
        "gain": run.gain,
        "base_moved": bool(run.moved) and bool(knobs.touching(idea.edits, run.moved) or own.intersection(run.moved)),
    }
