"""Keeps, for each arena, who leads and what its repeated runs differed by: updated by each run, never recomputed."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable

from memorylab.core.numerals import bounded
from memorylab.core.runs import arenas
from memorylab.index.derive import Facts
from memorylab.records import Direction
from memorylab.tuples import NamedTuple


class ArenaState(NamedTuple):
    """What is kept of an arena between two rows."""

    direction: Direction
    champion: int | None
    champion_rank: float | None
    champion_candidate: str | None
    home: int
    """The arena that shares its noise: itself, or the one that it goes on from after a drift."""
    latest: int


class Leading:
    """The arenas of an index that is being written; `flush` puts them into the tables."""

    def __init__(self, db: sqlite3.Connection, flush_all: Callable[[], None]) -> None:
        self.db = db
        self._flush_all = flush_all
        self._ids: dict[str, int] = {}
        self._states: dict[int, ArenaState] = {}

    def __getitem__(self, arena_id: int) -> ArenaState:
        return self._states[arena_id]

    def flush(self) -> None:
        """Write the states that were collected."""
        self.db.executemany(
            "UPDATE arenas SET champion = ?, latest = ? WHERE id = ?",
            [(state.champion, state.latest, key) for key, state in self._states.items()],
        )

    def arena_of(self, facts: Facts) -> int:
        """The number of the arena that a run belongs to."""
        key = arenas.key(facts.arena)
        if key not in self._ids:
            self._ids[key] = self._find_or_create(key, facts)
            if self._ids[key] not in self._states:
                self._load(self._ids[key])
        return self._ids[key]

    def _find_or_create(self, key: str, facts: Facts) -> int:
        """The arena of this key. A row that recorded none shares the arena of its metric that did, and vice versa."""
        known = self.db.execute("SELECT id FROM arena_keys WHERE key = ?", (key,)).fetchone()
        if known:
            return int(known[0])
        self._flush_all()  # which arena was used last is asked of the table below
        like = arenas.key({"metric": facts.arena["metric"], "direction": facts.arena["direction"]})
        found = None
        if not facts.arena_recorded:
            found = self.db.execute("SELECT id FROM arenas WHERE like_key = ? ORDER BY latest DESC", (like,)).fetchone()
        elif not facts.arena.get("era"):
            found = self.db.execute(
                "SELECT id FROM arena_keys WHERE key = ? AND id IN (SELECT id FROM arenas WHERE recorded = 0)", (like,)
            ).fetchone()
        if found:
            arena_id = int(found[0])
            if facts.arena_recorded:
                self.db.execute(
                    "UPDATE arenas SET arena = ?, recorded = 1 WHERE id = ?", (json.dumps(facts.arena), arena_id)
                )
        else:
            arena_id = self._create(like, facts)
        self.db.execute("INSERT INTO arena_keys VALUES (?, ?)", (key, arena_id))
        return arena_id

    def _create(self, like: str, facts: Facts) -> int:
        cursor = self.db.execute(
            "INSERT INTO arenas (like_key, arena, recorded, home, latest) VALUES (?, ?, ?, 0, 0)",
            (like, json.dumps(facts.arena), int(facts.arena_recorded)),
        )
        arena_id = home = int(cursor.lastrowid or 0)
        if facts.arena.get("era"):
            before = arenas.key({**facts.arena, "era": None})
            known = self.db.execute("SELECT id FROM arena_keys WHERE key = ?", (before,)).fetchone()
            home = int(known[0]) if known else arena_id
        self.db.execute("UPDATE arenas SET home = ? WHERE id = ?", (home, arena_id))
        return arena_id

    def _load(self, arena_id: int) -> None:
        arena, champion, home, latest = self.db.execute(
            "SELECT arena, champion, home, latest FROM arenas WHERE id = ?", (arena_id,)
        ).fetchone()
        direction: Direction = "max" if json.loads(arena).get("direction") == "max" else "min"
        _, rank, candidate = self._best(arena_id)
        self._states[arena_id] = ArenaState(direction, champion, rank, candidate, home, latest)

    def _best(self, arena_id: int) -> tuple[int | None, float | None, str | None]:
        found = self.db.execute(
            "SELECT seq, mean, candidate FROM candidates WHERE arena = ? AND kept = 1 ORDER BY mean, seq LIMIT 1",
            (arena_id,),
        ).fetchone()
        return found or (None, None, None)

    def take(
        self, arena_id: int, facts: Facts, seq: int, rank: float | None, base: str | None, newest: bool = True
    ) -> None:
        """Take in a run: another champion, more known about the noise."""
        state = self._states[arena_id]
        if newest:
            state = state._replace(latest=seq)
        if facts.demoted:
            self.db.execute(
                "UPDATE candidates SET kept = 0 WHERE arena = ? AND candidate = "
                "(SELECT candidate FROM runs WHERE run_id = ? AND +arena = ?)",
                (arena_id, facts.demoted, arena_id),
            )
        if rank is not None:
            self._measure(state, arena_id, facts, seq, rank, base)
        if rank is not None or facts.demoted:
            champion, best, candidate = self._best(arena_id)
            state = state._replace(champion=champion, champion_rank=best, champion_candidate=candidate)
        self._states[arena_id] = state

    def _measure(self, state: ArenaState, arena_id: int, facts: Facts, seq: int, rank: float, base: str | None) -> None:
        """One more run of a candidate; Welford's update keeps its mean without its runs."""
        name = candidate_of(facts, seq)
        known = self.db.execute(
            "SELECT seq, n, mean, kept FROM candidates WHERE arena = ? AND candidate = ?", (arena_id, name)
        ).fetchone()
        first, n, mean, kept = known or (seq, 0, 0.0, 0)
        keeps = facts.status == "keep" or facts.drifted_since is not None
        leads = facts.promoted if facts.promoted is not None else bool(kept or keeps)
        first = seq if leads and not kept else first
        self.db.execute(
            "INSERT OR REPLACE INTO candidates VALUES (?, ?, ?, ?, ?, ?)",
            (arena_id, name, first, n + 1, bounded(arenas.joined(mean, n, rank)), int(leads)),
        )
        if n:
            self._contrast(state.home, seq, rank - mean, n, "rerun")
        elif facts.control and base and facts.drifted_since is None:
            held = self.db.execute(
                "SELECT n, mean FROM candidates WHERE arena = ? AND candidate = ?", (arena_id, base)
            ).fetchone()
            if held:
                self._contrast(state.home, seq, rank - held[1], held[0], facts.control)

    def _contrast(self, home: int, seq: int, step: float, n: int, kind: str) -> None:
        """What a value differs by from the mean of `n` others, as if it were one of two; a step may be endless."""
        contrast = bounded(step) * math.sqrt(n / (n + 1))
        self.db.execute("INSERT OR REPLACE INTO contrasts VALUES (?, ?, ?, ?)", (home, seq, contrast, kind))


def candidate_of(facts: Facts, seq: int) -> str:
    """The group of reruns that a run belongs to; one of its own where nothing says which."""
    return facts.candidate or f"#{seq}"
