"""What a guard would have saved and lost on a ledger: the verdicts on its rows held against how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from memorylab.core.arenas import improvement
from memorylab.records import DECISIONS, STATUSES, Direction, NoveltyGuard


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
