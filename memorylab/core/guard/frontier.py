"""What every threshold would have cost: wins lost against failures caught, from the scores that a ledger's rows got."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from memorylab.records import NoveltyGuard
from memorylab.tuples import NamedTuple

BY_RULE = 0.0
"""The score of a row that the rules block whatever its chances."""


class Scored(NamedTuple):
    """A row's outcome and its score: it is blocked from a threshold above the score on; None can't be blocked."""

    status: str | None
    score: float | None


class Point(NamedTuple):
    """What one threshold would have lost and caught."""

    threshold: float | None
    wins: int
    failures: int


class Frontier(NamedTuple):
    """The points of one rule in the order of their thresholds, and what there was to lose and to catch.

    `now` is the point of the threshold in use.
    """

    points: tuple[Point, ...]
    wins: int
    failures: int
    now: Point | None = None

    def shares(self, point: Point) -> tuple[float, float]:
        """A point as the share of wins lost and the share of failures caught."""
        return point.wins / max(self.wins, 1), point.failures / max(self.failures, 1)


def score(guard: NoveltyGuard) -> float | None:
    """The score of a verdict: the odds that related runs give it, 0 if a rule blocks it; None if no row of them could.

    The guard must have been asked with `block_below=0`, or its own threshold is in the decision already.
    """
    if guard["policy"]["decision"] == "block":
        return BY_RULE
    return guard["policy"].get("odds")


def blocked(scored: Scored, below: float) -> bool:
    """Whether a threshold on the odds blocks the row."""
    return scored.score is not None and (scored.score == BY_RULE or scored.score < below)


def curve(rows: Sequence[Scored]) -> Frontier:
    """Every threshold that makes a difference, from what the rules alone block up to all that may be blocked."""
    won = sorted(row.score for row in rows if row.score is not None and row.status == "keep")
    failed = sorted(row.score for row in rows if row.score is not None and row.status not in (None, "keep"))
    levels = sorted({BY_RULE, *won, *failed})
    points = [Point(level, _below(won, level), _below(failed, level)) for level in levels]
    if len(levels) > 1:
        points.append(Point(1.0, len(won), len(failed)))
    return Frontier(tuple(points), *totals(row.status for row in rows))


def swept(statuses: Sequence[str | None], thresholds: Sequence[float], flags: Sequence[Sequence[bool]]) -> Frontier:
    """The frontier of a rule that was tried at each of the thresholds; one list of flags a row."""
    wins, failures = totals(statuses)
    points = (
        Point(threshold, *totals(status for status, row in zip(statuses, flags, strict=True) if row[i]))
        for i, threshold in enumerate(thresholds)
    )
    return Frontier(tuple(points), wins, failures)


def totals(statuses: Iterable[str | None]) -> tuple[int, int]:
    """How many wins and failures there are; a row without an outcome is neither."""
    counts = Counter(status == "keep" for status in statuses if status is not None)
    return counts[True], counts[False]


def _below(scores: Sequence[float], level: float) -> int:
    return max(bisect_left(scores, level), bisect_right(scores, BY_RULE))
