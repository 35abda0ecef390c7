"""Adds ledger rows to the index: every aggregate is updated by what is new, so the cost doesn't grow with history."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from memorylab.core.reading.dialect import Dialect, is_knob, learnable
from memorylab.core.reading.ideas import verbatim
from memorylab.core.runs.crash_kinds import DRIFT, STARVED
from memorylab.index import lineage
from memorylab.index.derive import Facts, disowned, facts_of, part
from memorylab.index.leading import Leading, candidate_of
from memorylab.index.lineage import Parent, Place
from memorylab.ledger.base import Entry
from memorylab.records import Direction, finite, text
from memorylab.tuples import NamedTuple

_STATES = 128
"""States that are kept: those of bases that ideas are held against are among the newest."""
_LONGEST = 1e10
"""Seconds; three hundred years."""
_INSERT_RUN = f"INSERT INTO runs VALUES ({', '.join('?' * 49)})"


class _Base(NamedTuple):
    """What a run had to beat: its value, and the candidate that has it, if it is one of the arena."""

    value: float | None
    candidate: str | None


class Writer:
    """Adds ledger entries to the tables within one transaction; call `flush` before its commit."""

    def __init__(self, db: sqlite3.Connection, metric: str, direction: Direction, dialect: Dialect) -> None:
        self.db = db
        self.dialect = dialect
        self.metric = metric
        self.direction = direction
        self._next = 1 + (db.execute("SELECT max(seq) FROM runs").fetchone()[0] or 0)
        self.leading = Leading(db, self.flush)
        self._counts: dict[tuple[int, str, str], tuple[int, int, int]] = {}

    def add(self, entry: Entry, row: dict[str, Any], *, foreign: bool = False) -> None:
        """Index one run; a `foreign` one breaks the ledger's chain and can't lead.

        Raises:
            LedgerTooNew: a newer MemoryLab wrote it.

        """
        if foreign:
            row = disowned(row)
        facts = facts_of(row, self.metric, self.direction)
        seq = self._next
        self._next += 1
        arena_id = self.leading.arena_of(facts)
        rank = None
        if facts.eligible and facts.value is not None and not foreign:
            rank = -facts.value if self.leading[arena_id].direction == "max" else facts.value
        parent = lineage.parent_of(self.db, row, facts)
        place = lineage.place_of(self.db, facts, arena_id, seq, parent)
        base = self._base(arena_id, facts, parent)
        self._insert_run(entry, row, facts, seq, arena_id, rank, place, base)
        self._insert_details(row, facts, seq)
        self._keep_state(row, facts)
        if place.tip and place.ancestor is not None:
            self.db.execute("UPDATE runs SET tip = 0 WHERE seq = ?", (place.ancestor,))
        if facts.drifted_since is not None:
            self._unsettle(facts.drifted_since, seq)
        self.leading.take(arena_id, facts, seq, rank, base.candidate)
        self._count(arena_id, row, facts, seq)

    def flush(self) -> None:
        """Write the counters and arena states that were collected since the last flush."""
        self.db.executemany(
            "INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET n = n + excluded.n, last = excluded.last",
            [(*key, *value) for key, value in self._counts.items()],
        )
        self._counts.clear()
        self.leading.flush()

    # -- rows

    def _insert_run(
        self,
        entry: Entry,
        row: dict[str, Any],
        facts: Facts,
        seq: int,
        arena_id: int,
        rank: float | None,
        place: Place,
        base: _Base,
    ) -> None:
        values = (
            *(seq, entry.after, *_texts(row, facts)),
            *(arena_id, facts.value, rank, base.value),
            *_recorded(row, facts),
            *(facts.code, candidate_of(facts, seq), int(bool(row.get("dirty"))), text(row.get("key")) or None),
            text(part(row, "source").get("file")) or None,
            *(*place[:3], int(place.tip), facts.change, base.candidate),
            *(*facts.work, facts.tree, facts.identity),
        )
        self.db.execute(_INSERT_RUN, values)

    def _base(self, arena_id: int, facts: Facts, parent: Parent | None) -> _Base:
        """What the run had to beat: as it says itself, its parent, the champion."""
        arena = self.leading[arena_id]
        if facts.base_value is not None:
            return _Base(facts.base_value, self._candidate(facts.base_run, arena_id) if facts.base_run else None)
        if parent is not None and parent.value is not None and parent.arena == arena_id:
            return _Base(parent.value, parent.candidate)
        rank = arena.champion_rank
        return _Base(-rank if rank is not None and arena.direction == "max" else rank, arena.champion_candidate)

    def _candidate(self, run_id: str, arena_id: int) -> str | None:
        # The + keeps SQLite from going through all runs of the arena, which took 100 ms at 100,000.
        found = self.db.execute("SELECT candidate FROM runs WHERE run_id = ? AND +arena = ?", (run_id, arena_id))
        return next((candidate for (candidate,) in found), None)

    def _unsettle(self, since: str, upto: int) -> None:
        """A control failed: what was discarded since the last good one was held against a value that no longer held."""
        first = self.db.execute("SELECT seq, arena FROM runs WHERE run_id = ?", (since,)).fetchone()
        if first is not None:
            self.db.execute(
                "UPDATE runs SET error_kind = ? WHERE seq > ? AND seq < ? AND arena = ? AND status = 'discard'",
                (DRIFT, first[0], upto, first[1]),
            )

    def _insert_details(self, row: dict[str, Any], facts: Facts, seq: int) -> None:
        self.db.executemany(
            "INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(seq, *e[:6], e.key, facts.status, e.name) for e in facts.edits],
        )
        self.db.executemany("INSERT OR IGNORE INTO words VALUES (?, ?)", [(word, seq) for word in _said_of(facts)])
        parts = [
            facts.description,
            facts.hypothesis,
            text(row.get("notes")),
            *facts.tags,
            facts.family,
            facts.run_id,
            *facts.words,
            *(e.target for e in facts.edits),
            *(e.name for e in facts.edits if e.name),
        ]
        self.db.execute("INSERT INTO search (rowid, text) VALUES (?, ?)", (seq, " ".join(parts)))

    def _keep_state(self, row: dict[str, Any], facts: Facts) -> None:
        """Keep the state of the code of the newest runs: reading a ledger's row for each base would take longer."""
        key = facts.identity or facts.tree
        if key is None or facts.again:
            return
        state = part(row, "state")
        told = json.dumps({"key": key, "slots": state.get("slots"), "blocks": state.get("blocks")})
        last = self.db.execute("INSERT OR REPLACE INTO states VALUES (?, ?)", (key, told)).lastrowid or 0
        self.db.execute("DELETE FROM states WHERE rowid <= ?", (last - _STATES,))

    def _count(self, arena_id: int, row: dict[str, Any], facts: Facts, seq: int) -> None:
        self._count_knobs(arena_id, facts, seq)
        edit = facts.edits[0] if facts.edits else None
        target = edit.target if edit else facts.family
        labels = [("status", facts.status)]
        if facts.again:
            pass  # what is said of a rerun is no idea that could fail
        elif facts.status == "crash":
            labels.append(("crash", f"{text(part(row, 'error').get('kind')) or 'unknown'}\t{target}"))
        elif facts.status == "discard":
            labels.append(("discard", f"{target}\t{(edit.direction if edit else None) or ''}"))
        if not facts.again:
            labels.append(("family", f"{facts.family}\t{facts.status}"))
        for kind, label in labels:
            self._add_one(arena_id, kind, label, seq)

    def _count_knobs(self, arena_id: int, facts: Facts, seq: int) -> None:
        """One more run of each knob that it changes; a name that no table knows is learnt, for the rows that follow."""
        for target in dict.fromkeys(edit.target for edit in facts.edits if is_knob(edit.target)):
            self._add_one(arena_id, "knob", target, seq)
            self._add_one(arena_id, f"knob {facts.status}", target, seq)
            if learnable(target):
                self._add_one(0, "own", target, seq)
                self.dialect.learn([target])

    def _add_one(self, arena_id: int, kind: str, label: str, seq: int) -> None:
        n, first, _ = self._counts.get((arena_id, kind, label), (0, seq, seq))
        self._counts[(arena_id, kind, label)] = (n + 1, first, seq)


def _said_of(facts: Facts) -> set[str]:
    """The words by which a run is found again, and its whole text as one; a rerun's say nothing."""
    return set() if facts.again else {*facts.words, *facts.said, verbatim(facts.description)}


def _texts(row: dict[str, Any], facts: Facts) -> tuple[str | None, ...]:
    """The columns from `run_id` to `unread`: which run it is and what was said of it."""
    return (
        facts.run_id,
        facts.timestamp_utc,
        text(row.get("branch")) or None,
        text(row.get("commit")) or None,
        text(row.get("parent_commit")) or None,
        facts.family,
        facts.status,
        facts.description,
        facts.hypothesis,
        ",".join(facts.tags),
        " ".join(sorted(facts.words)),
        " ".join(sorted(facts.said - facts.words)),
        facts.unread,
    )


def _next_action(row: dict[str, Any], facts: Facts) -> str | None:
    """What to do next about this run; a packet may ask to run another one again, which is no word on this one."""
    if row.get("corrected"):  # it was said of the run as it was recorded
        return None
    packet = part(row, "decision_packet")
    action, target = text(packet.get("next_action")), text(packet.get("target"))
    return None if action == "replicate" and target not in ("", facts.run_id) else action or None


def _kind(facts: Facts, error: str) -> str | None:
    """How a crash failed, or why a run says nothing of its idea."""
    if facts.status == "crash":
        return error or "unknown"
    return STARVED if facts.starved else None


def _duration(value: object) -> float | None:
    """Seconds that a run can have taken: they are added up, and a sum must stay a number."""
    seconds = finite(value)
    return seconds if seconds is not None and 0 < seconds <= _LONGEST else None


def _recorded(row: dict[str, Any], facts: Facts) -> tuple[str | float | None, ...]:
    """The columns from `memory_gb` to `integrity`: what the run took, how it failed and what was made of it."""
    metrics, error, guard = part(row, "metrics"), part(row, "error"), part(row, "novelty_guard")
    memory = finite(metrics.get("peak_vram_mb"))
    return (
        memory / 1024 if memory else None,
        _duration(metrics.get("total_seconds")) or _duration(metrics.get("training_seconds")),
        _kind(facts, text(error.get("kind"))),
        text(error.get("summary")) or None,
        _next_action(row, facts),
        text(guard.get("classification")) or None,
        text(part(guard, "policy").get("decision")) or None,
        text(row.get("integrity")) or "unknown",
    )
