"""Rows by which a person accepts a run that was marked: from then on it is ranked like any other."""

from __future__ import annotations

import sqlite3
from typing import Any

from memorylab.core.runs.integrity import ACCEPTED, BARRED
from memorylab.index import corrections
from memorylab.index.derive import facts_of, refuse_newer
from memorylab.index.sync import Writer
from memorylab.ledger.base import Ledger
from memorylab.records import text
from memorylab.tuples import NamedTuple

KIND = "accept"


class Acceptance(NamedTuple):
    """Who accepted a run, when, and why."""

    timestamp_utc: str
    owner: str
    note: str


def find(db: sqlite3.Connection, seq: int) -> Acceptance | None:
    """The acceptance of a run that was barred."""
    row = db.execute("SELECT timestamp_utc, owner, note FROM accepted WHERE seq = ?", (seq,)).fetchone()
    return Acceptance(*row) if row else None


class RankingWriter(Writer):
    """Adds runs, and ranks those that were barred once they are accepted."""

    def accept(self, ledger: Ledger, row: dict[str, Any]) -> None:
        """Take in an acceptance; one of a run that is unknown, or was never barred, changes nothing.

        Raises:
            LedgerTooNew: a newer MemoryLab wrote it.

        """
        refuse_newer(row)
        for seq, after in self._barred(row["run_id"]):
            told = (text(row.get("timestamp_utc")), text(row.get("owner")), text(row.get("note")))
            self.db.execute("INSERT OR IGNORE INTO accepted VALUES (?, ?, ?, ?)", (seq, *told))
            self.db.execute("UPDATE runs SET integrity = ? WHERE seq = ?", (ACCEPTED, seq))
            self.db.execute("INSERT OR REPLACE INTO derived VALUES ('accepted', (SELECT count(*) FROM accepted))")
            run = next(iter(ledger.read(after)))
            if run.row is not None:
                self._rank(corrections.applied(self.db, run.row, self.metric), seq)

    def _barred(self, run_id: str) -> list[tuple[int, int]]:
        marks = ", ".join("?" * len(BARRED))
        return self.db.execute(
            "SELECT seq, after FROM runs "
            f"WHERE run_id = ? AND (integrity IN ({marks}) OR (value IS NOT NULL AND rank IS NULL))",
            (run_id, *BARRED),
        ).fetchall()

    def _rank(self, row: dict[str, Any], seq: int) -> None:
        facts = facts_of({**row, "integrity": ACCEPTED}, self.metric, self.direction)
        if facts.value is None:
            return
        arena_id = self.leading.arena_of(facts)
        rank = -facts.value if self.leading[arena_id].direction == "max" else facts.value
        self.db.execute("UPDATE runs SET rank = ? WHERE seq = ?", (rank, seq))
        # A person vouches for the number, so it may lead; whether it was decided to keep it then doesn't count.
        self.leading.take(arena_id, facts._replace(promoted=True), seq, rank, None, newest=False)
