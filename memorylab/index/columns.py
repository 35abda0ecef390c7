"""All runs at once, for those who go on with them in a program of their own: each with what it changed."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from typing import Any

from memorylab.index.views import Views
from memorylab.records import RunView

_EDITS = "SELECT seq, target, op, frm, dest, direction, scope FROM edits ORDER BY seq, rowid"


def runs_with_edits(db: sqlite3.Connection) -> Iterator[tuple[RunView, list[dict[str, Any]]]]:
    """The runs in order, each with its typed edits as a ledger row has them; nothing is held in memory."""
    told = itertools.groupby(db.execute(_EDITS), key=lambda row: row[0])
    waiting = next(told, None)
    for run in Views(db).after(0):
        while waiting is not None and waiting[0] < run.seq:
            waiting = next(told, None)
        edits = [_record(row) for row in waiting[1]] if waiting is not None and waiting[0] == run.seq else []
        yield run, edits


def _record(row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(("target", "op", "from", "to", "direction", "scope"), row[1:], strict=True))
