"""Which runs an idea is held against, and what they changed; what was read once serves all ideas of a command."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from memorylab.core.reading.edits import Edit, plain
from memorylab.records import ENDINGS
from memorylab.tuples import NamedTuple

PER_TARGET = 100
"""Newest runs looked at per touched target; kept ones are looked up beside them, so an old success isn't missed."""
PER_WORD = 64
"""Newest runs looked at per word; a word with as many is common and says little."""
MOST = 300
"""Runs that an idea is held against."""
_HELD = 20_000
"""What is kept of one kind of answer before it is all forgotten: a batch may be longer than memory."""


class Told(NamedTuple):
    """One run as far as the guard reads it."""

    seq: int
    run_id: str
    commit: str | None
    timestamp_utc: str
    family: str
    status: str
    description: str
    words: str
    said: str
    unread: str
    arena: int
    value: float | None
    base_value: float | None
    error_kind: str | None
    change: str | None
    base: str | None
    """The candidate that it had to beat."""


_RUNS = f"SELECT {', '.join(Told._fields).replace('commit', 'commit_id')} FROM runs WHERE seq IN "
_EDITS = "SELECT seq, target, op, frm, dest, direction, scope FROM edits WHERE seq IN "


class Recall:
    """Finds runs that may resemble an idea. What it holds is true until a run is added."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._found: dict[tuple[str, str], list[int]] = {}
        self._words: dict[str, list[int]] = {}

    def candidates(
        self, edits: Sequence[Edit], words: Iterable[str], change: str | None = None, whole: str = ""
    ) -> list[int]:
        """Runs worth comparing with an idea: the same change, state or target, two shared uncommon words, its text."""
        seqs: set[int] = set(self._newest("change", change)) if change else set()
        for edit in plain(edits)[:8]:
            seqs.update(self._newest("state", edit.key), self._newest("target", edit.target))
        seqs.update(self._saying(whole) if whole else ())
        shared = Counter(chain.from_iterable([self._saying(word) for word in sorted(words)[:24]]))
        often = [(seq, weight) for seq, weight in shared.items() if weight >= 3]
        if len(often) > MOST:
            often = sorted(often, key=lambda one: -one[1])[:MOST]
        seqs.update([seq for seq, _ in often])
        return sorted(seqs, reverse=True)[:MOST]

    def read(self, seqs: Sequence[int]) -> list[tuple[Told, tuple[Edit, ...]]]:
        """These runs with their typed edits, in no order."""
        marks = f"({','.join('?' * len(seqs))})"
        edits: dict[int, list[Edit]] = {seq: [] for seq in seqs}
        for seq, *edit in self._db.execute(f"{_EDITS}{marks} ORDER BY rowid", seqs):
            edits[seq].append(Edit(*edit))
        return [(Told(*row), tuple(edits[row[0]])) for row in self._db.execute(f"{_RUNS}{marks}", seqs)]

    def _newest(self, kind: str, value: str) -> list[int]:
        """The newest runs with a change, a state, or a target, the last of each status apart."""
        found = self._found.get((kind, value))
        if found is None:
            if len(self._found) > _HELD:
                self._found.clear()
            if kind == "target":
                found = [seq for status in ENDINGS for seq in self._on_target(value, status)]
            else:
                table = "runs" if kind == "change" else "edits"
                sql = f"SELECT seq FROM {table} WHERE {kind} = ? ORDER BY seq DESC LIMIT {PER_TARGET}"
                found = [seq for (seq,) in self._db.execute(sql, (value,))]
            self._found[kind, value] = found
        return found

    def _on_target(self, target: str, status: str) -> list[int]:
        sql = "SELECT seq FROM edits WHERE target = ? AND status = ? ORDER BY seq DESC LIMIT ?"
        return [seq for (seq,) in self._db.execute(sql, (target, status, PER_TARGET // 2))]

    def _saying(self, word: str) -> list[int]:
        """The newest runs that say a word, each as often as the word weighs: twice if it is uncommon."""
        found = self._words.get(word)
        if found is None:
            if len(self._words) > _HELD:
                self._words.clear()
            sql = "SELECT seq FROM words WHERE word = ? ORDER BY seq DESC LIMIT ?"
            found = [seq for (seq,) in self._db.execute(sql, (word, PER_WORD))]
            self._words[word] = found = found if len(found) == PER_WORD else 2 * found
        return found
