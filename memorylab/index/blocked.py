"""The runs that the guard held back, in the index: what was to be tried, and why it wasn't."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from memorylab.records import Blocked, text

KIND = "check"
_COLUMNS = ", ".join(Blocked._fields)


def apply(db: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """Take in a row of this kind; a check that blocked nothing is no news.

    Raises:
        LedgerTooNew: a newer MemoryLab wrote it.

    """
    from memorylab.index.derive import refuse_newer  # a check without news doesn't need it

    refuse_newer(row)
    if row.get("decision") != "block":
        return
    names = ("timestamp_utc", "description", "family", "classification", "reason", "owner")
    values = [*(text(row.get(name)) for name in names), json.dumps(row.get("evidence") or [])]
    db.execute(f"INSERT INTO blocked ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})", values)


def since(db: sqlite3.Connection, timestamp: str | None, limit: int) -> list[Blocked]:
    """The newest runs that were held back since a UTC timestamp, newest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM blocked WHERE timestamp_utc >= ? ORDER BY timestamp_utc DESC, rowid DESC LIMIT ?",
        (timestamp or "", limit),
    )
    return [Blocked(*row)._replace(evidence=tuple(json.loads(row[-1]))) for row in rows]


def count(db: sqlite3.Connection, timestamp: str | None) -> int:
    """How many there were."""
    found = db.execute("SELECT count(*) FROM blocked WHERE timestamp_utc >= ?", (timestamp or "",))
    return int(found.fetchone()[0])
