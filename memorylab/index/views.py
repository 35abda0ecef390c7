"""The questions that commands ask of the index, each answered through an SQL index and never by a scan of the runs."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from memorylab.core.runs.crash_kinds import UNTRIED
from memorylab.records import ENDINGS, STATUSES, Arena, Contender, RunView
from memorylab.tuples import NamedTuple

_COLUMNS = ", ".join({"commit": "commit_id", "parent_commit": "parent_id"}.get(name, name) for name in RunView._fields)
_SELECT = f"SELECT {_COLUMNS} FROM runs"


class ArenaView(NamedTuple):
    """An arena and what has been derived for it."""

    id: int
    arena: Arena
    champion: int | None
    home: int
    latest: int


class TrialView(NamedTuple):
    """A measured run as the beliefs follow it."""

    seq: int
    candidate: str
    base: str | None
    value: float
    base_value: float | None
    status: str


class Cluster(NamedTuple):
    """Runs that failed alike: how many, and the last of them."""

    kind: str
    label: str
    size: int
    first: int
    last: int


def value_of(rank: float, run: RunView) -> float:
    """A mean of ranks (lower is better) as a value of the run's metric, whose sign the run itself tells."""
    return -rank if run.rank is not None and run.value is not None and run.rank == -run.value != run.value else rank


class Views:
    """Read access to an index that has caught up."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def _runs(self, rest: str, *values: Any) -> list[RunView]:
        return [RunView(*row) for row in self.db.execute(f"{_SELECT} {rest}", values)]

    def _run(self, rest: str, *values: Any) -> RunView | None:
        found = self._runs(f"{rest} LIMIT 1", *values)
        return found[0] if found else None

    # -- single runs

    def run(self, seq: int | None) -> RunView | None:
        """The run with this number."""
        return None if seq is None else self._run("WHERE seq = ?", seq)

    def find(self, name: str) -> list[RunView]:
        """Runs that `name` can mean: a run id, the start of one, a commit or the start of one; newest first."""
        exact = self._runs("WHERE run_id = ? ORDER BY seq DESC", name)
        if exact or not name:
            return exact
        end = name + "\U0010ffff"
        by_id = self._runs("WHERE run_id > ? AND run_id < ? ORDER BY run_id DESC LIMIT 20", name, end)
        return by_id or self._runs(
            "WHERE commit_id IN (?, ?) OR commit_id > ? AND commit_id < ? ORDER BY seq DESC LIMIT 20",
            name,
            name[:7] if len(name) == 40 else name,
            name,
            end,
        )

    def by_key(self, key: str) -> RunView | None:
        """The run that was logged under this idempotency key."""
        return self._run("WHERE key = ? ORDER BY seq", key)

    def by_commit(self, commit: str) -> RunView | None:
        """The newest run on a commit, a kept one before others."""
        return self._run("WHERE commit_id IN (?, ?) ORDER BY status = 'keep' DESC, seq DESC", commit, commit[:7])

    def last(self) -> RunView | None:
        """The newest run."""
        return self._run("ORDER BY seq DESC")

    # -- lists

    def history(
        self, limit: int, status: str | None = None, family: str | None = None, since: str | None = None
    ) -> list[RunView]:
        """The newest runs, newest first; `since` is a UTC timestamp."""
        wanted = [("status = ?", status), ("family = ?", family), ("timestamp_utc >= ?", since)]
        given = [(clause, value) for clause, value in wanted if value]
        where = f"WHERE {' AND '.join(clause for clause, _ in given)} " if given else ""
        return self._runs(f"{where}ORDER BY seq DESC LIMIT ?", *(value for _, value in given), limit)

    def contenders(self, arena: int, limit: int, kept: bool = False) -> list[Contender]:
        """The candidates of an arena with the best means, best first; runs that can't be champion are left out."""
        clause = "AND kept = 1 " if kept else ""
        rows = self.db.execute(
            f"SELECT seq, n, mean FROM candidates WHERE arena = ? {clause}ORDER BY mean, seq LIMIT ?", (arena, limit)
        ).fetchall()
        return [Contender(run, n, value_of(mean, run)) for seq, n, mean in rows if (run := self.run(seq))]

    def contender(self, run: RunView) -> Contender:
        """The candidate that a measured run belongs to."""
        row = self.db.execute(
            "SELECT n, mean FROM candidates WHERE arena = ? AND candidate = ?", (run.arena, run.candidate)
        ).fetchone()
        return Contender(run, row[0], value_of(row[1], run)) if row else Contender(run, 1, run.value or 0.0)

    def candidate(self, arena: int, name: str) -> Contender | None:
        """A candidate by its name, with its first run."""
        row = self.db.execute(
            "SELECT seq, n, mean FROM candidates WHERE arena = ? AND candidate = ?", (arena, name)
        ).fetchone()
        run = self.run(row[0]) if row else None
        return Contender(run, row[1], value_of(row[2], run)) if run else None

    def tips(self, arena: int, limit: int) -> list[RunView]:
        """Kept runs without a kept child, best first: the ends of the lineages."""
        return self._runs("WHERE tip = 1 AND arena = ? AND rank IS NOT NULL ORDER BY rank LIMIT ?", arena, limit)

    def search(self, text: str, limit: int) -> list[RunView]:
        """Runs whose texts share the words of `text`: those with all of them first, then those with any."""
        terms = [f'"{word}"' for word in "".join(c if c.isalnum() else " " for c in text).split()]
        if not terms:
            return []
        sql = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rank LIMIT ?"
        seqs = [row[0] for row in self.db.execute(sql, (" AND ".join(terms), limit))]
        if len(seqs) < limit and len(terms) > 1:
            more = (row[0] for row in self.db.execute(sql, (" OR ".join(terms), limit)))
            seqs += [seq for seq in more if seq not in seqs]
        return [run for seq in seqs[:limit] if (run := self.run(seq))]

    def tried(self, target: str, limit: int) -> list[int]:
        """The numbers of the newest runs that changed a target."""
        sql = "SELECT DISTINCT seq FROM edits WHERE target = ? ORDER BY seq DESC LIMIT ?"
        return [seq for (seq,) in self.db.execute(sql, (target, limit))]

    def taken(self, run_id: str) -> bool:
        """Whether a run has this id."""
        return self.db.execute("SELECT 1 FROM runs WHERE run_id = ? LIMIT 1", (run_id,)).fetchone() is not None

    def size(self) -> int:
        """How many runs there are."""
        return int(self.db.execute("SELECT max(seq) FROM runs").fetchone()[0] or 0)

    def after(self, seq: int, last: int | None = None) -> Iterator[RunView]:
        """All runs behind a number (up to `last`), in order, without holding them in memory."""
        upto = (1 << 62) if last is None else last
        for row in self.db.execute(f"{_SELECT} WHERE seq > ? AND seq <= ? ORDER BY seq", (seq, upto)):
            yield RunView(*row)

    def window(self, since: str | None) -> tuple[dict[str, int], dict[str, float]]:
        """Runs per status since a UTC timestamp, and the seconds that they took."""
        sql = "SELECT count(*), total(seconds) FROM runs WHERE status = ? AND timestamp_utc >= ?"
        found = [(status, *self.db.execute(sql, (status, since or "")).fetchone()) for status in ENDINGS]
        return {status: n for status, n, _ in found if n}, {status: seconds for status, n, seconds in found if n}

    def champion_at(self, arena: int, before: str) -> RunView | None:
        """The best kept run of an arena among those before a UTC timestamp."""
        return self._run(
            "WHERE arena = ? AND rank IS NOT NULL AND status = 'keep' AND timestamp_utc < ? ORDER BY rank, seq",
            arena,
            before,
        )

    def derived(self, name: str) -> int:
        """How far a derived file was brought, 0 if that is unknown."""
        row = self.db.execute("SELECT value FROM derived WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def set_derived(self, **values: int) -> None:
        """Note how far derived files were brought."""
        self.db.executemany("INSERT OR REPLACE INTO derived VALUES (?, ?)", list(values.items()))

    def passed_over(self) -> dict[str, int]:
        """Runs of the ledger that other campaigns have, by their names; the first one's is empty."""
        rows = self.db.execute("SELECT substr(name, 10), value FROM derived WHERE name LIKE 'campaign %'")
        return {name: int(n) for name, n in rows}

    # -- what the guard asks

    def claimed(self, now: float) -> bool:
        """Whether any idea is reserved; `memorylab.index.claims` knows more."""
        found = self.db.execute("SELECT 1 FROM claims WHERE ended = '' AND expires > ? LIMIT 1", (now,))
        return found.fetchone() is not None

    def kept_targets(self, arena: int, limit: int = 256) -> list[tuple[int, str, str]]:
        """(seq, target, state) of the newest kept edits of an arena, newest first: how its base came about."""
        return self.db.execute(
            "SELECT r.seq, e.target, e.state FROM "
            "(SELECT seq FROM runs WHERE arena = ? AND status = 'keep' ORDER BY seq DESC LIMIT ?) AS r "
            "JOIN edits AS e ON e.seq = r.seq ORDER BY r.seq DESC",
            (arena, limit),
        ).fetchall()

    def name(self, target: str) -> str | None:
        """What the code called a target, as the newest of its runs that says so has it."""
        newest = "SELECT name FROM edits WHERE target = ? ORDER BY seq DESC LIMIT 50"
        found = self.db.execute(f"SELECT name FROM ({newest}) WHERE name IS NOT NULL LIMIT 1", (target,)).fetchone()
        return found[0] if found else None

    def named(self, name: str) -> str | None:
        """The target that the newest run which calls one so means."""
        found = self.db.execute("SELECT target FROM edits WHERE name = ? ORDER BY seq DESC LIMIT 1", (name,)).fetchone()
        return found[0] if found else None

    def recent(self, arena: int, limit: int = 64) -> list[str]:
        """The statuses of an arena's newest runs, newest first; other arenas' runs among them shorten the list."""
        rows = self.db.execute("SELECT arena, status FROM runs ORDER BY seq DESC LIMIT ?", (4 * limit,))
        return [status for run_arena, status in rows if run_arena == arena and status in STATUSES][:limit]

    def failed_since_keep(self, arena: int, family: str, tie: float, sign: int, limit: int = 100) -> list[str]:
        """The ids of a family's newest runs up to the last one that was kept, newest first.

        A crash speaks about its own code, where the machine or the patch failed nothing was tried, and a tie is no
        failure: a loss (the value minus its base's, times `sign`, 1 where lower is better, else -1) of `tie` or less.
        """
        kept = self.db.execute(
            "SELECT max(seq) FROM runs WHERE arena = ? AND family = ? AND status = 'keep'", (arena, family)
        ).fetchone()[0]
        unfair = sorted(UNTRIED)
        fair = f"(error_kind IS NULL OR error_kind NOT IN ({', '.join('?' * len(unfair))}))"
        found = self.db.execute(
            "SELECT run_id FROM runs WHERE arena = ? AND family = ? AND status = 'discard' AND seq > ? "
            f"AND {fair} AND (value IS NULL OR base_value IS NULL OR ? * (value - base_value) > ?) "
            "ORDER BY seq DESC LIMIT ?",
            (arena, family, kept or 0, *unfair, sign, tie, limit),
        )
        return [run_id for (run_id,) in found]

    # -- what is known of the noise and of true values

    def contrasts(self, home: int, limit: int = 200) -> list[tuple[float, str]]:
        """What the newest repeated runs of an arena differed by, each with its kind (rerun, seed, no-op)."""
        sql = "SELECT contrast, kind FROM contrasts WHERE home = ? ORDER BY seq DESC LIMIT ?"
        return self.db.execute(sql, (home, limit)).fetchall()

    def trials(self, arena: int, limit: int = 48) -> list[TrialView]:
        """The newest measured runs of an arena, oldest first; other arenas' runs among them shorten the list."""
        rows = self.db.execute(
            "SELECT seq, candidate, base, value, base_value, status, arena FROM runs "
            "WHERE seq > ? AND rank IS NOT NULL ORDER BY seq DESC",
            (self.size() - 8 * limit,),
        )
        here = (TrialView(*row[:-1]) for row in rows if row[-1] == arena)
        return list(itertools.islice(here, limit))[::-1]

    def measured(self, arena: int, candidates: Iterable[str]) -> dict[str, tuple[float, int, bool]]:
        """(mean rank, runs, whether it may lead) of some candidates; a lower rank is better."""
        found = {}
        for name in candidates:
            row = self.db.execute(
                "SELECT mean, n, kept FROM candidates WHERE arena = ? AND candidate = ?", (arena, name)
            ).fetchone()
            if row:
                found[name] = (row[0], row[1], bool(row[2]))
        return found

    # -- arenas and counters

    def arenas(self, limit: int = 50) -> list[ArenaView]:
        """The arenas, the one used last first."""
        rows = self.db.execute(
            "SELECT id, arena, champion, home, latest FROM arenas ORDER BY latest DESC LIMIT ?", (limit,)
        )
        return [ArenaView(row[0], json.loads(row[1]), *row[2:]) for row in rows]

    def arena(self, arena_id: int) -> ArenaView | None:
        """One arena."""
        row = self.db.execute(
            "SELECT id, arena, champion, home, latest FROM arenas WHERE id = ?", (arena_id,)
        ).fetchone()
        return ArenaView(row[0], json.loads(row[1]), *row[2:]) if row else None

    def counts(self, arena: int | None, kind: str) -> dict[str, int]:
        """How many runs carry each label of a kind; over all arenas with None."""
        clause, values = ("arena = ? AND ", (arena,)) if arena is not None else ("", ())
        rows = self.db.execute(
            f"SELECT label, sum(n) FROM counts WHERE {clause}kind = ? GROUP BY label", (*values, kind)
        )
        return {label: int(n) for label, n in rows}

    def knobs(self, arena: int, limit: int) -> list[tuple[str, dict[str, int]]]:
        """The knobs that most runs of an arena changed, with their runs by status."""
        return [
            (cluster.label, {status: self.cluster_size(arena, f"knob {status}", cluster.label) for status in STATUSES})
            for cluster in self.clusters(arena, "knob", limit, at_least=1)
        ]

    def clusters(self, arena: int, kind: str, limit: int, at_least: int = 2) -> list[Cluster]:
        """The largest groups of runs that failed alike."""
        rows = self.db.execute(
            "SELECT kind, label, n, first, last FROM counts WHERE arena = ? AND kind = ? AND n >= ? "
            "ORDER BY n DESC, last DESC LIMIT ?",
            (arena, kind, at_least, limit),
        )
        return [Cluster(*row) for row in rows]

    def cluster_size(self, arena: int, kind: str, label: str) -> int:
        """How many runs one label has."""
        row = self.db.execute(
            "SELECT n FROM counts WHERE arena = ? AND kind = ? AND label = ?", (arena, kind, label)
        ).fetchone()
        return int(row[0]) if row else 0

    def same_code(self, arena: int, code: str, limit: int = 20) -> list[RunView]:
        """Measured runs of an arena whose mutable files had this checksum, newest first."""
        return self._runs(
            "WHERE arena = ? AND code = ? AND rank IS NOT NULL ORDER BY seq DESC LIMIT ?", arena, code, limit
        )

    def progress(self, arena: int, limit: int = 20_000) -> list[tuple[int, str, str, float | None, str, bool]]:
        """(number, run_id, status, value, description, again) of an arena's newest runs in order, for a chart;

        a value that can't be ranked (a changed judge) is None.
        """
        rows: list[tuple[Any, ...]] = []
        for status in ENDINGS:  # along the index, in which an arena's runs stand in order by status only
            rows += self.db.execute(
                "SELECT seq, run_id, status, iif(rank IS NULL, NULL, value), description, candidate FROM runs "
                "WHERE arena = ? AND status = ? ORDER BY seq DESC LIMIT ?",
                (arena, status, limit),
            )
        rows = sorted(rows)[-limit:]
        total = sum(self.counts(arena, "status").values())
        seen: set[str] = set()
        points = []
        for place, (_, *shown, candidate) in enumerate(rows, total - len(rows) + 1):
            points.append((place, *shown, candidate in seen))
            seen.add(candidate)
        return points

    # -- runs by what they were

    def by_identity(self, arena: int, identity: str, limit: int = 20) -> list[RunView]:
        """Runs of an arena with this state of the code and this command, newest first."""
        sql = "WHERE identity = ? AND +arena = ? ORDER BY seq DESC LIMIT ?"
        return self._runs(sql, identity, arena, limit)

    def by_tree(self, tree: str, limit: int = 20) -> list[RunView]:
        """Runs with this state of the code, whatever they were told, a kept one before others, then the newest."""
        found = self._runs("WHERE tree = ? ORDER BY seq DESC LIMIT ?", tree, 4 * limit)
        return sorted(found, key=lambda run: (run.status != "keep", -run.seq))[:limit]

    def state(self, key: str) -> dict[str, Any] | None:
        """The state of the code under its key, where it is one of the newest."""
        row = self.db.execute("SELECT told FROM states WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def committed(self, commit: str) -> RunView | None:
        """The newest run of a commit as it is, a kept one before others; what wasn't committed is another code."""
        return self._run(
            "WHERE commit_id IN (?, ?) AND dirty = 0 ORDER BY status = 'keep' DESC, seq DESC", commit, commit[:7]
        )

    def uncommitted(self, commit: str | None, limit: int) -> list[RunView]:
        """The newest kept runs of trees that weren't as their commit is; without a commit of all that have none."""
        if commit is None:
            return self._runs(
                "WHERE +commit_id IS NULL AND status = 'keep' AND source IS NULL AND seq > ? ORDER BY seq DESC LIMIT ?",
                self.size() - 64 * limit,
                limit,
            )
        sql = "WHERE commit_id = ? AND dirty = 1 AND status = 'keep' ORDER BY seq DESC LIMIT ?"
        return self._runs(sql, commit, limit)
