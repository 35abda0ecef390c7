"""Where a run stands in its line: which run its code was built on, and how many kept steps lead there."""

from __future__ import annotations

import sqlite3
from typing import Any

from memorylab.index.derive import Facts
from memorylab.records import text
from memorylab.tuples import NamedTuple


class Parent(NamedTuple):
    """The run that another one was built on."""

    seq: int
    root: int
    depth: int
    value: float | None
    candidate: str
    arena: int
    status: str
    ancestor: int | None

    @property
    def kept(self) -> int | None:
        """The nearest kept run on the way to the root; those between were built on, but not kept."""
        return self.seq if self.status == "keep" else self.ancestor


class Place(NamedTuple):
    """A run's place: the root of its line, the kept steps before it, the last of them, whether it is a line's end."""

    root: int
    depth: int
    ancestor: int | None
    tip: bool


_SQL = f"SELECT {', '.join(Parent._fields)} FROM runs WHERE {{}} ORDER BY {{}} LIMIT 1"
_BEST = "dirty, status = 'keep' DESC, seq DESC"
"""What wasn't committed doesn't stand for its commit where something else does."""


def parent_of(db: sqlite3.Connection, row: dict[str, Any], facts: Facts) -> Parent | None:
    """The run that this one was built on: as it says itself, else the one on its parent commit.

    Ids of commits may be written in 7 or in 40 digits.
    """
    if facts.parent_run:
        found = db.execute(_SQL.format("run_id = ?", "seq"), (facts.parent_run,)).fetchone()
        return Parent(*found) if found else None
    commit = text(row.get("parent_commit"))
    if not commit or facts.looked:
        return None
    found = db.execute(_SQL.format("commit_id IN (?, ?)", _BEST), (commit, commit[:7])).fetchone()
    if not found and 7 <= len(commit) < 40:
        sql = _SQL.format("commit_id > ? AND commit_id < ?", _BEST)
        found = db.execute(sql, (commit, commit + "g")).fetchone()
    return Parent(*found) if found else None


def place_of(db: sqlite3.Connection, facts: Facts, arena: int, seq: int, parent: Parent | None) -> Place:
    """Where the run stands; a rerun stands where the run does that it repeats, and is no step of its own."""
    kept = facts.status == "keep"
    if facts.again:
        sql = "SELECT root, depth, ancestor, status FROM runs WHERE run_id = ? AND +arena = ?"
        if first := db.execute(sql, (facts.candidate, arena)).fetchone():
            root, depth, ancestor, status = first
            return Place(root, depth, ancestor, kept and status != "keep")
    if parent is None:
        return Place(seq, 0, None, kept)
    return Place(parent.root, parent.depth + (parent.status == "keep"), parent.kept, kept)
