"""Opens the index and keeps it true: made when missing, caught up when behind, rebuilt when it isn't this ledger's."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.core.reading import lexicon
from memorylab.core.reading.dialect import Dialect
from memorylab.core.runs.arenas import campaign_of
from memorylab.index.schema import OWN_NAMES, SCHEMA, TABLES
from memorylab.ledger.base import Entry, Ledger
from memorylab.records import Direction, text
from memorylab.tuples import NamedTuple

Progress = Callable[[int], None]
_REPORT_EVERY = 1_000
_BUSY_SECONDS = 120.0
"""Another process may be indexing a whole ledger (1,000,000 rows take minutes); it is waited for, not raced."""
_PAUSE = 0.02
_BUILDING = 131_072
"""Kilobytes of pages held while a whole ledger is indexed: by SQLite's 2 MB most would be read again and again."""
_ANY_TABLE = """SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'
    ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC LIMIT 1"""
"""Virtual ones first: what they are made of goes with them."""
_CANT_USE_FILE = {
    "SQLITE_BUSY",
    "SQLITE_READONLY",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_PERM",
    "SQLITE_IOERR",
    "SQLITE_PROTOCOL",  # a lock on its shared memory failed
}
"""Refusals that a rebuild on the same disk would only meet again."""


class Mark(NamedTuple):
    """How far the index has read: its last entry, by which it knows the ledger again, and where that ends."""

    after: int
    position: int
    digest: int
    corrupt: int
    """Lines that hold no row."""
    chained: int
    """Whether a row bore the ledger's chain: from then on each row by MemoryLab does."""


class Index:
    """The SQLite views of one ledger. `catch_up` before use; nothing in it is true that the ledger doesn't say.

    It holds the rows of one `campaign`: those of others are passed over, so that no view can mix them.
    """

    def __init__(
        self,
        path: Path,
        ledger: Ledger,
        metric: str,
        direction: Direction,
        dialect: Dialect | None = None,
        campaign: str = "",
    ) -> None:
        self.path = path
        self.ledger = ledger
        self.metric = metric
        self.direction = direction
        self.dialect = dialect or Dialect()
        self.campaign = campaign
        self._db: sqlite3.Connection | None = None
        self.in_memory = False
        self._corrections: dict[str, dict[str, Any]] = {}
        """Of runs that stand in the ledger before their correction, as far as they were met."""
        self.read_up_to = 0
        """The position that was read last when `progress` was told."""

    @property
    def db(self) -> sqlite3.Connection:
        """The connection; catches up first if nobody did."""
        if self._db is None:
            self.catch_up()
        assert self._db is not None
        return self._db

    def catch_up(self, progress: Progress | None = None) -> Mark:
        """Read what the ledger has more than the index, and return the place up to which both agree.

        Where the directory can't be written, the views are built in memory: slower, but the answer is the same.

        Raises:
            LedgerTooNew: a newer MemoryLab wrote a row.

        """
        lexicon.use(self.dialect)
        attempt = self._caught_up
        while True:
            try:
                return attempt(progress)
            except _Corrected as met:
                # Every view is to tell of the run as it counts now. That is rare, so that all is read anew.
                self._corrections = met.known
                attempt = self._rebuild

    def _caught_up(self, progress: Progress | None) -> Mark:
        try:
            mark = self._open_and_read(progress)
        except (sqlite3.DatabaseError, _Foreign) as error:
            mark = self._rebuild_in_memory(progress) if _unusable(error) else self._rebuild(progress)
        except OSError:
            mark = self._rebuild_in_memory(progress)
        return mark

    def close(self) -> None:
        """Release the file; the next use opens it again, on the disk if it can by then be written."""
        self.in_memory = False
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open_and_read(self, progress: Progress | None) -> Mark:
        if self._db is None:
            if self.path.is_symlink() or not self.path.exists():  # through a link another's file would be written
                raise _Foreign
            self._db = _connect(str(self.path))
            self._check_identity()
            self._learn()
        mark = self._mark()
        if self._news(mark) is None:
            return mark
        if self.in_memory:
            return self._read_on(progress)
        with files.exclusive(self._lock_path):
            return self._read_on(progress)

    def _check_identity(self) -> None:
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA:
            raise _Foreign
        about = self.db.execute("SELECT value FROM meta WHERE name = 'about'").fetchone()
        if not about or about[0] != self._about:
            raise _Foreign

    @property
    def _about(self) -> str:
        """What the index depends on beside the rows. A user's own terms are part of it: rows were read with them."""
        checksum = self.dialect.own.checksum
        words = f"|{checksum}" if checksum else ""
        campaign = f"|campaign={self.campaign}" if self.campaign else ""
        return f"{self.ledger.url}|{self.metric}|{self.direction}{words}{campaign}"

    @property
    def _lock_path(self) -> Path:
        return self.path.with_name(".index.lock")

    def _learn(self) -> None:
        """Take over the names that earlier rows taught, so that reading on is like reading anew."""
        self.dialect.learn(row[0] for row in self.db.execute(OWN_NAMES))

    def _mark(self) -> Mark:
        values = dict(self.db.execute("SELECT name, value FROM meta WHERE name != 'about'"))
        return Mark(*(values[name] for name in Mark._fields))

    def _news(self, mark: Mark) -> Iterator[Entry] | None:
        """The entries behind the mark, or None where there are none.

        Raises:
            _Foreign: the ledger doesn't hold the entry that the mark names.

        """
        entries = self.ledger.read(mark.after)
        if mark.position:
            last = next(entries, None)
            if last is None or (last.position, last.digest) != (mark.position, mark.digest):
                raise _Foreign
        first = next(entries, None)
        return None if first is None else _chain(first, entries)

    def _read_on(self, progress: Progress | None, anew: bool = False) -> Mark:
        """Index what is new, or all of it `anew`, in one transaction: others see the tables before it or after it.

        The mark is read again, since another process may have been first.
        """
        from memorylab.core.runs.corrections import KINDS as CORRECTIONS
        from memorylab.core.runs.corrections import corrected, folded
        from memorylab.index import blocked, claims, corrections
        from memorylab.index.acceptance import KIND, RankingWriter  # a check without news doesn't need the writing half
        from memorylab.index.derive import is_run
        from memorylab.ledger import chain

        db = self.db
        db.execute("BEGIN IMMEDIATE")
        try:
            if anew:
                self._create()
            mark = self._mark()
            self._learn()  # what another process has indexed since may have taught names
            writer = RankingWriter(db, self.metric, self.direction, self.dialect)
            known = corrections.read(db)
            if not mark.position:  # an index that holds runs already holds them as they were
                known |= self._corrections
                corrections.write(db, known)
            met: dict[str, dict[str, Any]] = {}
            passed: Counter[str] = Counter()
            for number, entry in enumerate(self._news(mark) or (), 1):
                link = chain.read(entry.text) if entry.row is not None else None
                if entry.row is not None and (whose := _of_another(entry.row, self.campaign)) is not None:
                    passed[whose] += is_run(entry.row)
                elif entry.row is not None:
                    if is_run(entry.row):
                        foreign = bool(mark.chained) if link is None else not link.whole
                        row = corrected(entry.row, known.get(text(entry.row.get("run_id"))), self.metric)
                        writer.add(entry, row, foreign=foreign)
                    elif entry.row.get("kind") == KIND:
                        writer.accept(self.ledger, entry.row)
                    elif entry.row.get("kind") in CORRECTIONS and (
                        link.whole if link is not None else not mark.chained
                    ):
                        run_id = text(entry.row.get("run_id"))
                        met[run_id] = folded(met.get(run_id), entry.row)
                    elif entry.row.get("kind") == blocked.KIND:
                        blocked.apply(db, entry.row)
                    claims.apply(db, entry.row)
                corrupt = mark.corrupt + (entry.row is None)
                chained = int(mark.chained or (link is not None and link.whole))
                mark = Mark(entry.after, entry.position, entry.digest, corrupt, chained)
                if progress and number % _REPORT_EVERY == 0:
                    self.read_up_to = entry.position
                    progress(number)
            self._compare(db, known, met)
            writer.flush()
            if passed:
                from memorylab.index import passed_over

                passed_over.add(db, passed)
            db.executemany("UPDATE meta SET value = ? WHERE name = ?", zip(mark, Mark._fields, strict=True))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return mark

    def _compare(
        self, db: sqlite3.Connection, known: dict[str, dict[str, Any]], met: dict[str, dict[str, Any]]
    ) -> None:
        """Whether the runs were indexed with the corrections that were met.

        Raises:
            _Corrected: they weren't.

        """
        whole = {run_id: {**known.get(run_id, {}), **told} for run_id, told in met.items()}
        there = "SELECT 1 FROM runs WHERE run_id = ? LIMIT 1"
        if any(known.get(run_id) != told and db.execute(there, (run_id,)).fetchone() for run_id, told in whole.items()):
            raise _Corrected(known | whole)

    def _rebuild(self, progress: Progress | None) -> Mark:
        from memorylab.index import lost

        self.close()
        if not self.path.parent.is_dir():
            # Asking a question in a directory that is no workspace yet must not make it one.
            return self._rebuild_in_memory(progress)
        try:
            with files.exclusive(self._lock_path):
                try:
                    return self._join_what_another_process_built()
                except (sqlite3.DatabaseError, _Foreign, _Corrected) as error:
                    if _unusable(error):
                        raise
                self.close()
                before = lost.known(self.path, self.ledger.url) if self.path.exists() else set()
                self._connect_anew()
                self.db.execute(f"PRAGMA cache_size = -{_BUILDING}")
                mark = self._read_on(progress, anew=True)
                lost.remember(self.db, before)
                return mark
        except (OSError, sqlite3.DatabaseError):
            return self._rebuild_in_memory(progress)

    def _connect_anew(self) -> None:
        """Open the file to write it anew where it lies; only what is no database at all is taken away.

        Whoever had opened the old file, and reads the first page of one that has taken its name, gets the new one's
        write-ahead log with the old one's pages: "database disk image is malformed".
        """
        if self.path.is_symlink():  # through a link another's file would be written
            self._remove_file()
        self._db = _connect(str(self.path)) if self._sound() else None
        if self._db is None:
            self._remove_file()
            self._db = _connect(str(self.path))

    def _sound(self) -> bool:
        """Whether SQLite can work with the file, so that its tables can be dropped."""
        try:
            with contextlib.closing(_connect(str(self.path))) as db:
                return bool(db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        except sqlite3.DatabaseError as error:
            if _unusable(error):
                raise
            return False

    def read_anew(self, progress: Progress | None = None) -> Mark:
        """Read the whole ledger again, and forget what it lacks now; others see the views before it or after it.

        Raises:
            LedgerTooNew: a newer MemoryLab wrote a row.

        """
        lexicon.use(self.dialect)
        self.close()
        with files.exclusive(self._lock_path):
            try:
                self._connect_anew()
                while True:
                    try:
                        return self._read_on(progress, anew=True)
                    except _Corrected as met:
                        self._corrections = met.known
            except sqlite3.DatabaseError:  # a full disk, most likely: what is forgotten makes room
                self.close()
                self._remove_file()
        return self.catch_up(progress)

    def _remove_file(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def _join_what_another_process_built(self) -> Mark:
        if self.path.is_symlink() or not self.path.exists():
            raise _Foreign
        self._db = _connect(str(self.path))
        self._check_identity()
        return self._read_on(None)

    def _rebuild_in_memory(self, progress: Progress | None) -> Mark:
        self.close()
        self.in_memory = True
        self._db = _connect(":memory:")
        return self._read_on(progress, anew=True)

    def _create(self) -> None:
        """Put empty tables in place of what there is."""
        while table := self.db.execute(_ANY_TABLE).fetchone():
            kind, name = table
            self.db.execute(f'DROP {kind} "{name.replace(chr(34), chr(34) * 2)}"')
        rows = [("about", self._about), *((name, 0) for name in Mark._fields)]
        for statement in (*TABLES.split(";\n"), f"PRAGMA user_version = {SCHEMA}"):
            self.db.execute(statement)
        self.db.executemany("INSERT INTO meta VALUES (?, ?)", rows)


def _of_another(row: Mapping[str, Any], campaign: str) -> str | None:
    """The campaign that a row is about, where it is another than this one; what names a run is about the run's own."""
    if row.get("kind", "run") not in ("run", "claim", "check"):
        return None
    name = campaign_of(row)
    return name if name != campaign else None


class _Corrected(Exception):
    """Runs that are indexed were corrected since."""

    def __init__(self, known: dict[str, dict[str, Any]]) -> None:
        super().__init__()
        self.known = known


class _Foreign(Exception):
    """The file is no index of this ledger, schema and metric."""


def _unusable(error: Exception) -> bool:
    """Whether a rebuild in the same place would only meet this again."""
    return getattr(error, "sqlite_errorname", "") in _CANT_USE_FILE


def _connect(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # Of two that make a new file's log at one moment SQLite refuses one at once, without waiting.
            if not getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                db.close()
                raise
            time.sleep(_PAUSE)
    # A lost transaction after a power cut is read again from the ledger; NORMAL keeps the file itself whole.
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _chain(first: Entry, rest: Iterator[Entry]) -> Iterator[Entry]:
    yield first
    yield from rest
