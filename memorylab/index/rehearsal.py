"""The same views over a history that exists only in memory, for judging a ledger row by row."""

from __future__ import annotations

import sqlite3
from typing import Any

from memorylab.core.reading.dialect import Dialect
from memorylab.index.schema import TABLES
from memorylab.index.sync import Writer
from memorylab.index.views import Views
from memorylab.ledger.base import Entry
from memorylab.records import Direction


class Rehearsal:
    """An index without file and ledger: `add` a row, then ask the views. Its rows teach `dialect` their names."""

    def __init__(self, metric: str, direction: Direction) -> None:
        db = sqlite3.connect(":memory:", isolation_level=None)
        for statement in TABLES.split(";\n"):
            db.execute(statement)
        self.views = Views(db)
        self.dialect = Dialect()
        self._writer = Writer(db, metric, direction, self.dialect)

    def add(self, row: dict[str, Any]) -> None:
        """Make a row part of the past."""
        self._writer.add(Entry(0, 0, row, "", 0), row)
        self._writer.flush()
