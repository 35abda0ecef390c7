"""How many runs of the ledger belong to other campaigns than the index's own, by campaign."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

_PREFIX = "campaign "


def add(db: sqlite3.Connection, runs: Mapping[str, int]) -> None:
    """Count more runs that were passed over."""
    db.executemany(
        "INSERT INTO derived VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
        [(_PREFIX + name, n) for name, n in runs.items()],
    )


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Runs by campaign, the first one's under an empty name."""
    rows = db.execute("SELECT name, value FROM derived WHERE name LIKE ?", (f"{_PREFIX}%",))
    return {name.removeprefix(_PREFIX): int(value) for name, value in rows}
