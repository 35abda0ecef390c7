"""Counts the runs of the ledger that belong to other campaigns than the index's own; `Views.passed_over` reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

PREFIX = "campaign "


def add(db: sqlite3.Connection, runs: Mapping[str, int]) -> None:
    """Count more runs that were passed over."""
    db.executemany(
        "INSERT INTO derived VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
        [(PREFIX + name, n) for name, n in runs.items()],
    )
