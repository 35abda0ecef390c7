"""Weighs a verdict by how runs like the idea ended: a weak block is lifted, a hopeless line is closed.

The rules of `evidence` know one run against one idea. Counted over many runs they err both ways: where related runs are
often kept a repeat may well succeed, and where a long row of them failed one more is waste, however new its words.
"""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.guard.odds import Kin
from memorylab.core.guard.policy import Verdict
from memorylab.core.reading.ideas import Past
from memorylab.core.reading.similarity import Match

BLOCK_BELOW = {"explore": 0.19, "exploit": 0.09, "replicate": 0.0}
"""`p_related` below which a line is closed. With the rules together that loses about 5 % of the wins of public ledgers
in explore and 2 % in exploit (`benchmarks/guard.py`; `tools/fit_odds.py` for the odds alone, cross-validated)."""
LIFT_ABOVE = 0.3
"""`p_related` above which one failed run carries no block."""
ROW = 3
"""Failed runs of the family, with none kept between, from which a line can be closed at all."""
TWINS = 5
"""Failed runs in the idea's own words, with none kept between, that close a line whatever the numbers: 3 % of those
that were tried again were kept in public ledgers."""
LONG_ROW = 12
"""The same where a rule had said why the idea deserves another try (noise, a changed base)."""


def closable(verdict: Verdict, kin: Kin) -> bool:
    """Whether a row of failed relatives could block the idea, which no rule blocks: a kept line's next step never."""
    if verdict.control:
        return False
    if verdict.classification == "novel":
        return len(kin.failed) >= ROW
    return verdict.classification in ("repeat_failure", "duplicate_run") and len(kin.failed) >= LONG_ROW


def weigh(
    verdict: Verdict,
    likely: float,
    kin: Kin,
    family: str,
    found: Sequence[tuple[Match, Past]],
    below: float,
) -> Verdict:
    """The verdict with `soft` or `hopeless` set where the related runs speak against the rule."""
    if verdict.control:
        return verdict
    if verdict.classification in ("repeat_failure", "duplicate_run") and not verdict.soft:
        if verdict.proven:
            return verdict
        return verdict._replace(soft="but runs like it are kept often") if likely > LIFT_ABOVE else verdict
    if len(kin.twins) >= TWINS and (verdict.soft or verdict.classification == "novel"):
        said = f"the same words with other numbers failed {len(kin.twins)} times in a row"
        return verdict._replace(hopeless=said, evidence=kin.twins[:8])
    if likely >= below or not closable(verdict, kin):
        return verdict
    near = [run.run_id for _, run in found if run.status != "keep"][:3]
    said = f"{len(kin.failed)} {family} runs failed in a row ({', '.join(kin.failed[:3])}, …)"
    evidence = tuple(dict.fromkeys((*verdict.evidence, *near, *kin.failed)))[:8]
    return verdict._replace(hopeless=f"{said}: hardly any idea like this is kept", evidence=evidence)
