"""Adds ledger rows to the index: every aggregate is updated by what is new, so the cost doesn't grow with history."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, NamedTuple

from memorylab.core import arenas
from memorylab.core.dialect import Dialect, is_knob, learnable
from memorylab.index.derive import Facts, facts_of
from memorylab.ledger.base import Entry
from memorylab.records import Direction, finite, text

_INSERT_RUN = f"INSERT INTO runs VALUES ({', '.join('?' * 41)})"


class _Arena(NamedTuple):
    """What is kept of an arena between two rows."""

    direction: Direction
    champion: int | None
    champion_rank: float | None
    squares: float
    freedom: int
    latest: int


class _Parent(NamedTuple):
    seq: int
    root: int
    depth: int
    value: float | None


class Writer:
    """Adds ledger entries to the tables within one transaction; call `flush` before its commit."""

    def __init__(self, db: sqlite3.Connection, metric: str, direction: Direction, dialect: Dialect) -> None:
        self.db = db
        self.dialect = dialect
        self.metric = metric
        self.direction = direction
        self._next = 1 + (db.execute("SELECT max(seq) FROM runs").fetchone()[0] or 0)
        self._ids: dict[str, int] = {}
        self._arenas: dict[int, _Arena] = {}
        self._counts: dict[tuple[int, str, str], tuple[int, int, int]] = {}

    def add(self, entry: Entry, row: dict[str, Any]) -> None:
        """Index one run.

        Raises:
            LedgerTooNew: a newer MemoryLab wrote it.

        """
        facts = facts_of(row, self.metric, self.direction)
        seq = self._next
        self._next += 1
        arena_id = self._arena_id(facts)
        arena = self._arenas[arena_id]
        rank = None
        if facts.eligible and facts.value is not None:
            rank = -facts.value if arena.direction == "max" else facts.value
        parent = self._parent(row)
        self._insert_run(entry, row, facts, seq, arena_id, rank, parent)
        self._insert_details(row, facts, seq)
        if parent is not None and facts.status == "keep":
            self.db.execute("UPDATE runs SET tip = 0 WHERE seq = ?", (parent.seq,))
        self._arenas[arena_id] = self._after(arena, arena_id, facts, seq, rank)
        self._count(arena_id, row, facts, seq)

    def flush(self) -> None:
        """Write the counters and arena states that were collected since the last flush."""
        self.db.executemany(
            "INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET n = n + excluded.n, last = excluded.last",
            [(*key, *value) for key, value in self._counts.items()],
        )
        self._counts.clear()
        self.db.executemany(
            "UPDATE arenas SET champion = ?, squares = ?, freedom = ?, latest = ? WHERE id = ?",
            [(a.champion, a.squares, a.freedom, a.latest, key) for key, a in self._arenas.items()],
        )

    # -- arenas

    def _arena_id(self, facts: Facts) -> int:
        key = arenas.key(facts.arena)
        if key not in self._ids:
            self._ids[key] = self._find_or_create(key, facts)
            if self._ids[key] not in self._arenas:
                self._load(self._ids[key])
        return self._ids[key]

    def _find_or_create(self, key: str, facts: Facts) -> int:
        """The arena of this key. A row that recorded none shares the arena of its metric that did, and vice versa."""
        known = self.db.execute("SELECT id FROM arena_keys WHERE key = ?", (key,)).fetchone()
        if known:
            return int(known[0])
        self.flush()  # which arena was used last is asked of the table below
        like = arenas.key({"metric": facts.arena["metric"], "direction": facts.arena["direction"]})
        if facts.arena_recorded:
            found = self.db.execute(
                "SELECT id FROM arena_keys WHERE key = ? AND id IN (SELECT id FROM arenas WHERE recorded = 0)", (like,)
            ).fetchone()
        else:
            found = self.db.execute("SELECT id FROM arenas WHERE like_key = ? ORDER BY latest DESC", (like,)).fetchone()
        text_form = json.dumps(facts.arena)
        if found:
            arena_id = int(found[0])
            if facts.arena_recorded:
                self.db.execute("UPDATE arenas SET arena = ?, recorded = 1 WHERE id = ?", (text_form, arena_id))
        else:
            cursor = self.db.execute(
                "INSERT INTO arenas (like_key, arena, recorded, squares, freedom, latest) VALUES (?, ?, ?, 0, 0, 0)",
                (like, text_form, int(facts.arena_recorded)),
            )
            arena_id = int(cursor.lastrowid or 0)
        self.db.execute("INSERT INTO arena_keys VALUES (?, ?)", (key, arena_id))
        return arena_id

    def _load(self, arena_id: int) -> None:
        arena, champion, squares, freedom, latest, rank = self.db.execute(
            "SELECT arena, champion, squares, freedom, latest, "
            "(SELECT mean FROM candidates AS c WHERE c.arena = arenas.id AND c.kept = 1 ORDER BY mean, seq LIMIT 1) "
            "FROM arenas WHERE id = ?",
            (arena_id,),
        ).fetchone()
        direction: Direction = "max" if json.loads(arena).get("direction") == "max" else "min"
        self._arenas[arena_id] = _Arena(direction, champion, rank, squares, freedom, latest)

    def _after(self, arena: _Arena, arena_id: int, facts: Facts, seq: int, rank: float | None) -> _Arena:
        """The arena's state once this run is in: another champion, more known about the noise."""
        arena = arena._replace(latest=seq)
        if rank is None:
            return arena
        candidate, keeps = _candidate(facts, seq), facts.status == "keep"
        known = self.db.execute(
            "SELECT seq, n, mean, kept FROM candidates WHERE arena = ? AND candidate = ?", (arena_id, candidate)
        ).fetchone()
        first, n, mean, kept = known or (seq, 0, 0.0, 0)
        # Welford's update: the sum of squares around the candidate's mean without keeping its runs.
        step = rank - mean
        new_mean = mean + step / (n + 1)
        first = seq if keeps and not kept else first
        self.db.execute(
            "INSERT OR REPLACE INTO candidates VALUES (?, ?, ?, ?, ?, ?)",
            (arena_id, candidate, first, n + 1, new_mean, int(kept or keeps)),
        )
        if n:
            arena = arena._replace(squares=arena.squares + step * (rank - new_mean), freedom=arena.freedom + 1)
        return self._crown(arena, arena_id) if keeps or kept else arena

    def _crown(self, arena: _Arena, arena_id: int) -> _Arena:
        """The kept candidate with the best mean leads, not the luckiest single run."""
        champion, rank = self.db.execute(
            "SELECT seq, mean FROM candidates WHERE arena = ? AND kept = 1 ORDER BY mean, seq LIMIT 1", (arena_id,)
        ).fetchone()
        return arena._replace(champion=champion, champion_rank=rank)

    # -- rows

    def _parent(self, row: dict[str, Any]) -> _Parent | None:
        """The run on the parent commit, a kept one before others; ids may be written in 7 or in 40 digits."""
        commit = text(row.get("parent_commit"))
        if not commit:
            return None
        found = self.db.execute(
            "SELECT seq, root, depth, value FROM runs WHERE commit_id IN (?, ?) "
            "ORDER BY status = 'keep' DESC, seq DESC LIMIT 1",
            (commit, commit[:7]),
        ).fetchone()
        if not found and 7 <= len(commit) < 40:
            found = self.db.execute(
                "SELECT seq, root, depth, value FROM runs WHERE commit_id > ? AND commit_id < ? "
                "ORDER BY status = 'keep' DESC, seq DESC LIMIT 1",
                (commit, commit + "g"),
            ).fetchone()
        return _Parent(*found) if found else None

    def _insert_run(
        self,
        entry: Entry,
        row: dict[str, Any],
        facts: Facts,
        seq: int,
        arena_id: int,
        rank: float | None,
        parent: _Parent | None,
    ) -> None:
        values = (
            *(seq, entry.after, *_texts(row, facts)),
            *(arena_id, facts.value, rank, self._base(arena_id, facts, parent)),
            *_recorded(row, facts),
            *(facts.code, _candidate(facts, seq), int(bool(row.get("dirty"))), text(row.get("key")) or None),
            text(_part(row, "source").get("file")) or None,
            *((parent.root, parent.depth + 1) if parent else (seq, 0)),
            *(int(facts.status == "keep"), facts.change, *facts.work),
        )
        self.db.execute(_INSERT_RUN, values)

    def _base(self, arena_id: int, facts: Facts, parent: _Parent | None) -> float | None:
        """The value that the run had to beat: as it says itself, its parent's, the champion's."""
        arena = self._arenas[arena_id]
        if facts.base_value is not None:
            return facts.base_value
        if parent is not None and parent.value is not None:
            return parent.value
        rank = arena.champion_rank
        return -rank if rank is not None and arena.direction == "max" else rank

    def _insert_details(self, row: dict[str, Any], facts: Facts, seq: int) -> None:
        self.db.executemany(
            "INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(seq, e.target, e.op, e.frm, e.to, e.direction, e.scope, e.key, facts.status) for e in facts.edits],
        )
        self.db.executemany(
            "INSERT OR IGNORE INTO words VALUES (?, ?)", [(word, seq) for word in facts.words | facts.said]
        )
        parts = [
            facts.description,
            facts.hypothesis,
            text(row.get("notes")),
            *facts.tags,
            facts.family,
            facts.run_id,
            *facts.words,
            *(e.target for e in facts.edits),
        ]
        self.db.execute("INSERT INTO search (rowid, text) VALUES (?, ?)", (seq, " ".join(parts)))

    def _count(self, arena_id: int, row: dict[str, Any], facts: Facts, seq: int) -> None:
        self._count_knobs(arena_id, facts, seq)
        edit = facts.edits[0] if facts.edits else None
        target = edit.target if edit else facts.family
        labels = [("status", facts.status), ("family", f"{facts.family}\t{facts.status}")]
        if facts.status == "crash":
            labels.append(("crash", f"{text(_part(row, 'error').get('kind')) or 'unknown'}\t{target}"))
        elif facts.status == "discard":
            labels.append(("discard", f"{target}\t{(edit.direction if edit else None) or ''}"))
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


def _part(row: dict[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def _texts(row: dict[str, Any], facts: Facts) -> tuple[str | None, ...]:
    """The columns from `run_id` to `said`: which run it is and what was said of it."""
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
    )


def _recorded(row: dict[str, Any], facts: Facts) -> tuple[str | float | None, ...]:
    """The columns from `memory_gb` to `integrity`: what the run took, how it failed and what was made of it."""
    metrics, error, guard = _part(row, "metrics"), _part(row, "error"), _part(row, "novelty_guard")
    memory = finite(metrics.get("peak_vram_mb"))
    return (
        memory / 1024 if memory else None,
        finite(metrics.get("total_seconds")) or finite(metrics.get("training_seconds")),
        (text(error.get("kind")) or "unknown") if facts.status == "crash" else None,
        text(error.get("summary")) or None,
        text(_part(row, "decision_packet").get("next_action")) or None,
        text(guard.get("classification")) or None,
        text(_part(guard, "policy").get("decision")) or None,
        text(row.get("integrity")) or "unknown",
    )


def _candidate(facts: Facts, seq: int) -> str:
    """The group of reruns that a run belongs to; one of its own where nothing says which."""
    return facts.candidate or f"#{seq}"
