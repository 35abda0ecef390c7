"""How likely an idea is to be kept, from history alone: two logistic models over a handful of traits of the past.

`p_keep` is the calibrated probability for people and schedulers; it may know how the session goes. `p_related` knows
only runs that have to do with the idea, because a block must rest on runs that can be named, not on the hour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from memorylab.core.guard.knobs import NOISE
from memorylab.core.guard.odds_table import P_KEEP, P_RELATED
from memorylab.core.reading.ideas import Idea, Past
from memorylab.core.reading.similarity import Match, text_similarity
from memorylab.core.runs.crash_kinds import UNTRIED
from memorylab.tuples import NamedTuple

NEAR = 0.15
"""Share of words from which a run is kin to an idea whose family is unknown."""
TWIN = 0.9
"""Share of words from which a run is the same line with another number."""
NEIGHBOURS = 40
"""Runs nearest in words that vote, each with the square of its similarity."""


class Session(NamedTuple):
    """How the arena's runs went so far: how many, how many were kept, the newest outcomes, newest first;

    and how many of the idea's family failed since one was kept, where "other" is a family as well.
    """

    runs: int = 0
    kept: int = 0
    recent: tuple[str, ...] = ()
    family_failed: int = 0


class Kin(NamedTuple):
    """The runs of the idea's family that failed since one of it was kept, newest first; among them its twins.

    A twin says the same in the same words, with other numbers.
    """

    failed: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()


def kin_of(idea: Idea, past: Sequence[Past], family: Kin) -> Kin:
    """The idea's kin: its family, or for an idea of no known family the runs that share some of its words."""
    shares = _shares(idea, past)
    twins = tuple(run.run_id for run in _failed_since_keep(shares, TWIN))
    if idea.family != "other":
        return Kin(family.failed, twins)
    return Kin(tuple(run.run_id for run in _failed_since_keep(shares, NEAR)), twins)


def _shares(idea: Idea, past: Sequence[Past]) -> list[tuple[float, Past]]:
    """The runs that share words with the idea, with the share of them."""
    shares = ((text_similarity(idea.words, run.words), run) for run in past)
    return [(share, run) for share, run in shares if share]


def _failed_since_keep(shares: Sequence[tuple[float, Past]], least: float) -> list[Past]:
    """The runs that share that much of the idea's words and failed since one such was kept, newest first.

    Where the machine or the patch failed, the idea was not tried; a tie is no evidence against it.
    """
    near = [run for share, run in shares if share >= least and _speaks(run)]
    near.sort(key=lambda run: -run.seq)
    kept = next((n for n, run in enumerate(near) if run.status == "keep"), len(near))
    return near[:kept]


def _speaks(run: Past) -> bool:
    """Whether a run says anything of others like it: a crash speaks about its own code."""
    return run.status != "crash" and run.error_kind not in UNTRIED and not tied(run)


def tied(run: Past) -> bool:
    """Whether a discarded run was no worse than its base beyond the noise."""
    return run.status == "discard" and run.gain is not None and run.gain >= -NOISE


class Traits(NamedTuple):
    """What the models see. The first block describes related runs, the second the session, the last the field."""

    kin_failed: float
    twins_failed: float
    neighbours: float
    same_failed: float
    text_failed: float
    related_failed: float
    target_kept: float
    down: float
    first: float
    family_failed: float
    rate: float
    recent_3: float
    recent_8: float
    field: float


RELATED = Traits._fields[:8]


def traits(
    idea: Idea,
    found: Sequence[tuple[Match, Past]],
    past: Sequence[Past],
    kin: Kin,
    session: Session,
    field: float = 0.0,
) -> Traits:
    """Describe an idea's past. `field` is the log odds that the field prior adds to the average try's."""
    failed = [match.relation for match, run in found if run.status != "keep" and not tied(run)]
    target = idea.edits[0].target if idea.edits else ""
    shares = _shares(idea, past)
    return Traits(
        kin_failed=math.log1p(len(kin.failed)),
        twins_failed=math.log1p(len(kin.twins)),
        neighbours=_neighbours(shares),
        same_failed=min(2, failed.count("same")),
        text_failed=min(2, failed.count("text")),
        related_failed=min(2, failed.count("related")),
        target_kept=math.log1p(sum(run.status == "keep" and _touches(run, target) for run in past)),
        down=float(bool(idea.edits) and idea.edits[0].direction == "down"),
        first=float(session.runs == 0),
        family_failed=math.log1p(session.family_failed),
        rate=logit((session.kept + 1) / (session.runs + 4)),
        recent_3=_recent(session, 3),
        recent_8=_recent(session, 8),
        field=field,
    )


def p_keep(seen: Traits) -> float:
    """The probability that the idea is kept, from everything known before it runs."""
    return probability(P_KEEP, seen)


def p_related(seen: Traits) -> float:
    """The same from related runs alone: unrelated ones, the hour and the field change nothing about it."""
    return probability(P_RELATED, seen)


def probability(table: dict[str, float], seen: Traits) -> float:
    """The probability by a table of coefficients, the intercept under ""."""
    values = seen._asdict()
    score = sum(weight * (values[name] if name else 1.0) for name, weight in table.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def _neighbours(shares: Sequence[tuple[float, Past]]) -> float:
    """Log odds of a keep among the runs nearest in words."""
    near = sorted([(share, run.status == "keep") for share, run in shares], reverse=True)
    weights = [(share * share, kept) for share, kept in near[:NEIGHBOURS]]
    whole = sum(weight for weight, _ in weights)
    return logit((sum(weight for weight, kept in weights if kept) + 0.25) / (whole + 1))


def _touches(run: Past, target: str) -> bool:
    return any(edit.target == target for edit in run.edits)


def _recent(session: Session, half_life: int) -> float:
    """Log odds of a keep lately: outcomes weighted by half for every `half_life` runs that they lie back."""
    kept = whole = 0.0
    for age, status in enumerate(session.recent):
        weight = 0.5 ** (age / half_life)
        whole += weight
        kept += weight * (status == "keep")
    return logit((kept + 0.3) / (whole + 1.2))


def logit(share: float) -> float:
    """Log odds of a share, which is kept away from 0 and 1."""
    share = min(0.98, max(0.02, share))
    return math.log(share / (1 - share))
