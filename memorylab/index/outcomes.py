"""What the newest measured runs of an arena gained over their bases, and with how much training: for what follows."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Outcome(NamedTuple):
    """A measured run that counts: its value, what it had to beat, and its tokens as a multiple of its base's."""

    seq: int
    run_id: str
    code: str | None
    value: float
    base_value: float | None
    tokens_ratio: float | None


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
