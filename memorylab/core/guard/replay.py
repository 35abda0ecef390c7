"""What a guard would have saved and lost on a ledger: the verdicts on its rows held against how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from memorylab.core.runs.arenas import improvement
from memorylab.records import DECISIONS, STATUSES, Direction, NoveltyGuard
from memorylab.tuples import NamedTuple


class Row(NamedTuple):
    """A row of the ledger that is replayed."""

    status: str | None
    value: float | None
    description: str
    tags: list[str]
    family: str
    seconds: float | None
    error_kind: str | None


def gains(rows: Sequence[Row], direction: Direction) -> Iterator[float]:
    """For each row what a kept run gained over the best kept value before it, else 0."""
    best: float | None = None
    for row in rows:
        gain = 0.0
        if row.status == "keep" and row.value is not None:
            gain = max(0.0, improvement(row.value, best, direction)) if best is not None else 0.0
            best = row.value if best is None or gain > 0 else best
        yield gain


def tally(rows: Sequence[Row], guards: Sequence[NoveltyGuard], direction: Direction) -> dict[str, Any]:
    """Count decisions by outcome, the wins that blocks would lose with their gains, and what they would save."""
    decisions = [guard["policy"]["decision"] for guard in guards]
    counts = Counter((row.status, decision) for row, decision in zip(rows, decisions, strict=True))
    gained = list(gains(rows, direction))
    blocked = [number for number, decision in enumerate(decisions) if decision == "block"]
    lost = [
        {"row": n, "description": rows[n].description, "gain": gained[n]} for n in blocked if rows[n].status == "keep"
    ]
    saved = [rows[n] for n in blocked if rows[n].status in ("discard", "crash")]
    return {
        "runs": len(rows),
        **{status: {decision: counts[status, decision] for decision in DECISIONS} for status in STATUSES},
        "classifications": dict(Counter(guard["classification"] for guard in guards)),
        "wins_lost": lost,
        "gain_total": sum(gained),
        "gain_lost": sum(gained[n] for n in blocked),
        "runs_saved": len(saved),
        "seconds_saved": sum(row.seconds or 0.0 for row in saved),
        "rows": [_judged(n, row, guard) for n, (row, guard) in enumerate(zip(rows, guards, strict=True))],
    }


class Shares(NamedTuple):
    """A tally in shares; None where there was nothing to lose or to catch."""

    wins: int
    wins_blocked: int
    failures: int
    failures_blocked: int
    gain_lost: float | None

    @property
    def lost(self) -> float | None:
        """The share of the kept runs that blocks would have lost."""
        return self.wins_blocked / self.wins if self.wins else None

    @property
    def caught(self) -> float | None:
        """The share of the failed runs that blocks would have caught."""
        return self.failures_blocked / self.failures if self.failures else None

    @property
    def precision(self) -> float | None:
        """The share of the blocks that were right."""
        blocks = self.wins_blocked + self.failures_blocked
        return self.failures_blocked / blocks if blocks else None


def shares(counted: Mapping[str, Any]) -> Shares:
    """The shares of a tally, of one ledger or pooled."""
    failed = [counted[status] for status in STATUSES if status != "keep"]
    if "gain_lost_mean" in counted:
        gain_lost = counted["gain_lost_mean"]
    else:
        gain_lost = counted["gain_lost"] / counted["gain_total"] if counted["gain_total"] > 0 else None
    return Shares(
        sum(counted["keep"].values()),
        counted["keep"]["block"],
        sum(sum(counts.values()) for counts in failed),
        sum(counts["block"] for counts in failed),
        gain_lost,
    )


def pooled(tallies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The tallies of several ledgers as one: runs are added, gains of different metrics become a mean of shares."""
    lost = [share for share in (shares(counted).gain_lost for counted in tallies) if share is not None]
    classes: Counter[str] = Counter()
    for counted in tallies:
        classes.update(counted["classifications"])
    return {
        "runs": sum(counted["runs"] for counted in tallies),
        **{
            status: {decision: sum(counted[status][decision] for counted in tallies) for decision in DECISIONS}
            for status in STATUSES
        },
        "classifications": dict(classes),
        "wins_lost": [win for counted in tallies for win in counted["wins_lost"]],
        "gain_lost_mean": sum(lost) / len(lost) if lost else None,
        "runs_saved": sum(counted["runs_saved"] for counted in tallies),
        "seconds_saved": sum(counted["seconds_saved"] for counted in tallies),
    }


def _judged(number: int, row: Row, guard: NoveltyGuard) -> dict[str, Any]:
    evidence = guard["policy"].get("evidence")
    return {
        "row": number,
        "status": row.status,
        "classification": guard["classification"],
        "decision": guard["policy"]["decision"],
        "p_keep": guard["p_keep"],
        "match": int(evidence[0]) if evidence else None,
    }
