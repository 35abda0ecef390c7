"""Corrections as the index keeps them: a run is indexed as it counts now, so that every view agrees."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from memorylab.core.runs import corrections
from memorylab.records import text

Known = Mapping[str, Mapping[str, Any]]


def read(db: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """By run, what was corrected."""
    return {run_id: json.loads(told) for run_id, told in db.execute("SELECT run_id, told FROM corrections")}


def write(db: sqlite3.Connection, known: Known) -> None:
    """Keep what was corrected."""
    rows = [(run_id, json.dumps(told)) for run_id, told in known.items()]
    db.executemany("INSERT OR REPLACE INTO corrections VALUES (?, ?)", rows)


def applied(db: sqlite3.Connection, row: dict[str, Any], metric: str) -> dict[str, Any]:
    """A ledger row as it counts now."""
    found = db.execute("SELECT told FROM corrections WHERE run_id = ?", (text(row.get("run_id")),)).fetchone()
    return corrections.corrected(row, json.loads(found[0]), metric) if found else row
