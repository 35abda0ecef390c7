"""Lists of runs a page at a time, under any filter: each page is read along one SQL index from where the last ended.

A page is named by the run after which it begins, not by a number: what another process logs meanwhile moves no row
from one page to the next, and the thousandth page costs what the first does.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from memorylab.records import ENDINGS, Contender, RunView
from memorylab.tuples import NamedTuple

_NAMES = {"commit": "commit_id", "parent_commit": "parent_id"}
_COLUMNS = ", ".join(f"runs.{_NAMES.get(name, name)}" for name in RunView._fields)
COUNTED = 1_000
"""Matches are counted exactly up to here; who has more narrows the search, whatever the number."""

_FAR = 1 << 62
_HIGHEST = "\U0010ffff"
_NOTHING = '"\ue000"'
"""A full-text query for a sign that is no word's."""


class Filter(NamedTuple):
    """Which runs are wanted; an empty field wants all."""

    words: str = ""
    status: str = ""
    family: str = ""
    tag: str = ""
    commit: str = ""
    since: str = ""
    """A UTC timestamp, or the beginning of one."""
    until: str = ""
    knob: str = ""
    direction: str = ""
    """Which way the knob went: `up` or `down`."""
    error: str = ""
    """A kind of crash."""
    arena: int | None = None


class Place(NamedTuple):
    """Where a page begins: behind the run with this number, and this rank where runs are sorted by it."""

    seq: int
    rank: float = 0.0


class _Stream(NamedTuple):
    """One walk along an index: its tables, what it must hold, and the SQL of a run's number in it."""

    source: str
    clauses: list[str]
    values: list[Any]
    number: str = "runs.seq"
    group: str = ""
    """What makes one row of the several in which a run appears."""


class Pages:
    """Pages of the runs in an index that has caught up."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def newest(self, wanted: Filter, limit: int, after: Place | None, *, oldest: bool = False) -> list[RunView]:
        """Up to `limit` runs in the order in which they were logged, the newest first."""
        bound = after.seq if after else (-1 if oldest else _FAR)
        sign, order = (">", "ASC") if oldest else ("<", "DESC")
        found: list[RunView] = []
        for stream in self._streams(wanted):
            clauses = [*stream.clauses, f"{stream.number} {sign} ?"]
            found += self._read(
                f"{stream.source} WHERE {' AND '.join(clauses)} {stream.group} "
                f"ORDER BY {stream.number} {order} LIMIT ?",
                [*stream.values, bound, limit],
            )
        return sorted(found, key=lambda run: run.seq, reverse=not oldest)[:limit]

    def best(
        self, wanted: Filter, limit: int, after: Place | None, *, worst: bool = False, few: bool = False
    ) -> list[RunView]:
        """Up to `limit` ranked runs of the wanted arena, the best first; `few` says that not many match."""
        sign, order = ("<", "DESC") if worst else (">", "ASC")
        behind = f"(runs.rank, runs.seq) {sign} (?, ?)"
        place = [after.rank, after.seq] if after else []
        found: list[RunView] = []
        for stream in self._streams(wanted) if few else [self._ranked(wanted)]:
            clauses = [*stream.clauses, "runs.rank IS NOT NULL", *([behind] if after else [])]
            rank = "+runs.rank" if few else "runs.rank"  # a few are sorted; of many, the index knows the first
            found += self._read(
                f"{stream.source} WHERE {' AND '.join(clauses)} {stream.group} "
                f"ORDER BY {rank} {order}, runs.seq {order} LIMIT ?",
                [*stream.values, *place, limit],
            )
        return sorted(found, key=lambda run: (run.rank or 0.0, run.seq), reverse=worst)[:limit]

    def count(self, wanted: Filter) -> int:
        """How many runs match, `COUNTED + 1` standing for any more."""
        if wanted == Filter(status=wanted.status, family=wanted.family, arena=wanted.arena):
            return self._counted(wanted)
        total = 0
        for stream in self._streams(wanted):
            tests = " AND ".join(stream.clauses or ["1"])
            inner = f"SELECT DISTINCT {stream.number} FROM {stream.source} WHERE {tests}"
            sql = f"SELECT count(*) FROM ({inner} LIMIT ?)"
            total += self.db.execute(sql, [*stream.values, COUNTED + 1]).fetchone()[0]
        return min(total, COUNTED + 1)

    def _counted(self, wanted: Filter) -> int:
        """What the counters know exactly, however many there are."""
        statuses = [wanted.status] if wanted.status else list(ENDINGS)
        kind, labels = ("family", [f"{wanted.family}\t{status}" for status in statuses]) if wanted.family else (
            "status", statuses)  # fmt: skip
        total = 0
        for arena in self._arenas(wanted):
            for label in labels:
                row = self.db.execute(
                    "SELECT n FROM counts WHERE arena = ? AND kind = ? AND label = ?", (arena, kind, label)
                ).fetchone()
                total += row[0] if row else 0
        return total

    def families(self) -> list[str]:
        """The families that any run has, the most frequent first."""
        rows = self.db.execute("SELECT label, n FROM counts WHERE kind = 'family' AND arena IN (SELECT id FROM arenas)")
        found: dict[str, int] = {}
        for label, n in rows:
            family = label.partition("\t")[0]
            found[family] = found.get(family, 0) + n
        return sorted(found, key=lambda family: (-found[family], family))

    def repeated(self, arena: int, limit: int) -> list[Contender]:
        """The candidates that were run more than once, the newest first; their means are ranks."""
        rows = self.db.execute(
            "SELECT seq, n, mean FROM candidates WHERE arena = ? AND n > 1 ORDER BY seq DESC LIMIT ?", (arena, limit)
        ).fetchall()
        found = ((self._read("runs WHERE runs.seq = ?", [seq]), n, mean) for seq, n, mean in rows)
        return [Contender(runs[0], n, mean) for runs, n, mean in found if runs]

    def children(self, run: RunView, limit: int) -> list[RunView]:
        """Runs whose parent is a run's commit, by its full id or its short one, the newest first."""
        found: list[RunView] = []
        for commit in dict.fromkeys([run.commit or "", (run.commit or "")[:7]]):
            found += self._read(
                "runs INDEXED BY runs_by_parent WHERE runs.parent_id = ? AND runs.seq != ? "
                "ORDER BY runs.seq DESC LIMIT ?",
                [commit, run.seq, limit],
            )
        return sorted(found, key=lambda child: -child.seq)[:limit]

    def _read(self, rest: str, values: list[Any]) -> list[RunView]:
        return [RunView(*row) for row in self.db.execute(f"SELECT {_COLUMNS} FROM {rest}", values)]

    def _arenas(self, wanted: Filter) -> list[int]:
        if wanted.arena is not None:
            return [wanted.arena]
        return [row[0] for row in self.db.execute("SELECT id FROM arenas")]

    def _streams(self, wanted: Filter) -> list[_Stream]:
        """The walks that together meet every wanted run once: along what leaves the fewest runs to look at."""
        if wanted.commit:
            clauses, values = self._tests(wanted, "commit")
            return [
                _Stream(
                    "runs INDEXED BY runs_by_commit",
                    ["runs.commit_id >= ?", "runs.commit_id < ?", *clauses],
                    [wanted.commit, wanted.commit + _HIGHEST, *values],
                    "+runs.seq",
                )
            ]
        if wanted.knob:
            clauses, values = self._tests(wanted, "knob")
            way = [wanted.direction] if wanted.direction else []
            own = ["edits.target = ?", *["edits.direction = ?"] * len(way)]
            group = "GROUP BY edits.seq"  # "MATRIX_LR up, then down" are two edits of one run
            source = "edits INDEXED BY edits_by_knob CROSS JOIN runs ON runs.seq = edits.seq"
            return [_Stream(source, [*own, *clauses], [wanted.knob, *way, *values], "edits.seq", group)]
        if wanted.words or wanted.tag:
            clauses, values = self._tests(wanted, "words")
            source = "search CROSS JOIN runs ON runs.seq = search.rowid"
            return [_Stream(source, ["search MATCH ?", *clauses], [_match(wanted), *values], "search.rowid")]
        if wanted.family or wanted.status or wanted.arena is not None:
            return self._by_status(wanted)
        clauses, values = self._tests(wanted, "")
        return [_Stream("runs", clauses or ["1"], values)]

    def _by_status(self, wanted: Filter) -> list[_Stream]:
        """A walk for each arena and status, in each of which the runs stand in order."""
        clauses, values = self._tests(wanted, "status")
        index, family = ("runs_by_status", [])
        if wanted.family:
            index, family = "runs_by_family", [wanted.family]
        own = ["runs.arena = ?", *["runs.family = ?"] * len(family), "runs.status = ?"]
        return [
            _Stream(f"runs INDEXED BY {index}", [*own, *clauses], [arena, *family, status, *values])
            for arena in self._arenas(wanted)
            for status in ([wanted.status] if wanted.status else ENDINGS)
        ]

    def _ranked(self, wanted: Filter) -> _Stream:
        clauses, values = self._tests(wanted, "rank")
        source = "runs INDEXED BY runs_by_rank"
        return _Stream(source, ["runs.arena = ?", *clauses], [wanted.arena, *values])

    def _tests(self, wanted: Filter, walk: str) -> tuple[list[str], list[Any]]:
        """What is asked of each run met on a walk, but for what the walk itself sees to."""
        by_status = walk == "status"
        asked: list[tuple[str, list[Any]]] = [
            ("runs.arena = ?", [] if by_status or walk == "rank" or wanted.arena is None else [wanted.arena]),
            ("runs.status = ?", [wanted.status] if wanted.status and not by_status else []),
            ("runs.family = ?", [wanted.family] if wanted.family and not by_status else []),
            ("instr(',' || runs.tags || ',', ?) > 0", [f",{wanted.tag},"] if wanted.tag else []),
            ("runs.error_kind = ?", [wanted.error] if wanted.error else []),
        ]
        if (wanted.words or wanted.tag) and walk != "words":
            asked.append(("runs.seq IN (SELECT rowid FROM search WHERE search MATCH ?)", [_match(wanted)]))
        if wanted.knob and walk != "knob":
            way = [wanted.direction] if wanted.direction else []
            extra = " AND direction = ?" * len(way)
            test = f"EXISTS (SELECT 1 FROM edits WHERE edits.seq = runs.seq AND target = ?{extra})"
            asked.append((test, [wanted.knob, *way]))
        if wanted.since or wanted.until:
            asked.append(self._period(wanted, "+runs.seq" if walk in ("commit", "rank") else "runs.seq"))
        given = [(test, values) for test, values in asked if values]
        return [test for test, _ in given], [value for _, values in given for value in values]

    def _period(self, wanted: Filter, number: str) -> tuple[str, list[Any]]:
        """The runs of a time: those numbers between the first and the last of it, of which all but few are in it."""
        begin, end = wanted.since, (wanted.until or "") + _HIGHEST
        low, high = self.db.execute(
            "SELECT min(seq), max(seq) FROM runs WHERE timestamp_utc >= ? AND timestamp_utc < ?", (begin, end)
        ).fetchone()
        test = f"{number} BETWEEN ? AND ? AND runs.timestamp_utc >= ? AND runs.timestamp_utc < ?"
        return test, [low or 0, high if high is not None else -1, begin, end]


def _match(wanted: Filter) -> str:
    """The full-text query: every word must be there. Words without any letter or digit match nothing."""
    said, tag = (_terms(text) for text in (wanted.words, wanted.tag))
    if bool(wanted.words) != bool(said) or bool(wanted.tag) != bool(tag):
        return _NOTHING
    return " AND ".join(f'"{term}"' for term in (*said, *tag))


def _terms(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text).split()
