"""Runs that the ledger once held and lacks now: a backup was put back, git turned it back, or somebody cut it.

A ledger that is shorter looks like any other; only who read the longer one can tell. So an index that is built anew is
told what the one before it knew.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path


def known(path: Path, url: str) -> set[str]:
    """The runs that an index file knew of, or knew to be lost; none where it can't be read or is of another ledger."""
    found: set[str] = set()
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as db:
        about = db.execute("SELECT value FROM meta WHERE name = 'about'").fetchone()
        if about and str(about[0]).startswith(f"{url}|"):
            found.update(run_id for (run_id,) in db.execute("SELECT run_id FROM runs WHERE run_id != ''"))
            found.update(run_id for (run_id,) in db.execute("SELECT run_id FROM lost"))
    return found


def remember(db: sqlite3.Connection, before: set[str]) -> None:
    """Note which of the runs that were known before are gone."""
    if before:
        before.difference_update(run_id for (run_id,) in db.execute("SELECT run_id FROM runs"))
        db.executemany("INSERT OR IGNORE INTO lost VALUES (?)", [(run_id,) for run_id in sorted(before)])


def find(db: sqlite3.Connection) -> list[str]:
    """The runs that are gone, unless they have come back."""
    rows = db.execute("SELECT run_id FROM lost WHERE run_id NOT IN (SELECT run_id FROM runs) ORDER BY run_id")
    return [run_id for (run_id,) in rows]
