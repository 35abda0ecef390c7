"""What the newest measured runs of an arena gained over their bases, and with how much training: for what follows."""

from __future__ import annotations

import itertools
import sqlite3

from memorylab.tuples import NamedTuple


class Outcome(NamedTuple):
    """A measured run that counts: its value, what it had to beat, and its tokens as a multiple of its base's."""

    seq: int
    run_id: str
    code: str | None
    value: float
    base_value: float | None
    tokens_ratio: float | None


def peers(db: sqlite3.Connection, arena: int, base: str, limit: int = 16) -> list[tuple[float | None, float | None]]:
    """(processor seconds, seconds) of the runs of an arena that count: the base, whatever it says, then the newest."""
    first = db.execute("SELECT cpu, wall FROM runs WHERE run_id = ? AND +arena = ?", (base, arena)).fetchone()
    found: list[tuple[int, float | None, float | None]] = []
    for status in ("keep", "discard"):
        found += db.execute(
            "SELECT seq, cpu, wall FROM runs WHERE arena = ? AND status = ? ORDER BY seq DESC LIMIT ?",
            (arena, status, limit),
        ).fetchall()
    return [first or (None, None), *(row[1:] for row in sorted(found, reverse=True)[:limit])]


def starved_row(db: sqlite3.Connection, arena: int, most: int = 64) -> tuple[int, int]:
    """How many of an arena's newest runs were starved, in a row; and how many of these by their own speed alone."""
    rows = db.execute("SELECT arena, status, starved FROM runs ORDER BY seq DESC LIMIT ?", (4 * most,))
    row = list(itertools.takewhile(bool, (starved for run_arena, status, starved in rows if run_arena == arena)))
    return len(row), row.count(1)


def recent(db: sqlite3.Connection, arena: int, limit: int) -> list[Outcome]:
    """The newest outcomes, newest first; runs that can't be champion are none."""
    found: list[Outcome] = []
    for status in ("keep", "discard"):
        rows = db.execute(
            "SELECT rank, seq, run_id, code, value, base_value, tokens_ratio FROM runs "
            "WHERE arena = ? AND status = ? ORDER BY seq DESC LIMIT ?",
            (arena, status, limit),
        )
        found += [Outcome(*row) for rank, *row in rows if rank is not None]
    return sorted(found, reverse=True)[:limit]
