"""What was read of pieces of code, by their checksum: most of a file is as it was at the run before.

It is no view of the ledger but a cache beside the views: reading a whole file takes 40 ms, what changed in it two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress

MOST = 2_000
"""Pieces that are kept, the newest; a file has a hundred."""


class Pieces(MutableMapping[str, str]):
    """The cache as a mapping; what is added is stored by `flush`, unless `secret` says that it must not be."""

    def __init__(self, db: sqlite3.Connection, secret: Callable[[str], bool]) -> None:
        self._db = db
        self._secret = secret
        self._held: dict[str, str] = {}
        self._new: dict[str, str] = {}
        with suppress(sqlite3.Error):
            self._held = dict(db.execute("SELECT name, told FROM pieces"))

    def __getitem__(self, name: str) -> str:
        return self._held[name]

    def __setitem__(self, name: str, told: str) -> None:
        self._held[name] = self._new[name] = told

    def __delitem__(self, name: str) -> None:
        del self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def flush(self) -> None:
        """Store what is new; where that can't be done the next reading takes as long as this one."""
        fresh = [(name, told) for name, told in self._new.items() if not self._secret(told)]
        self._new.clear()
        if not fresh or self._db.in_transaction:
            return
        with suppress(sqlite3.Error):
            _store(self._db, fresh)


def kept(db: sqlite3.Connection, name: str) -> str | None:
    """What is kept under one name; None where nothing is, or it can't be read."""
    with suppress(sqlite3.Error):
        found = db.execute("SELECT told FROM pieces WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None
    return None


def keep(db: sqlite3.Connection, name: str, told: str) -> None:
    """Keep something under a name in the place of what was there; where that can't be done it is made anew."""
    if not db.in_transaction:
        with suppress(sqlite3.Error):
            _store(db, [(name, told)], "REPLACE")


def _store(db: sqlite3.Connection, fresh: list[tuple[str, str]], known: str = "IGNORE") -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        db.executemany(f"INSERT OR {known} INTO pieces VALUES (?, ?)", fresh)
        last = db.execute("SELECT max(rowid) FROM pieces").fetchone()[0]
        db.execute("DELETE FROM pieces WHERE rowid <= ?", (last - MOST,))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
