"""What the bill of a period needs beyond counts and seconds, out of the index."""

from __future__ import annotations

import sqlite3

from memorylab.records import ENDINGS, STATUSES


def untimed(db: sqlite3.Connection, since: str | None) -> dict[str, int]:
    """Runs since a UTC timestamp of which nobody recorded how long they took, by status."""
    sql = "SELECT count(*) - count(seconds) FROM runs WHERE status = ? AND timestamp_utc >= ?"
    found = [(status, int(db.execute(sql, (status, since or "")).fetchone()[0])) for status in ENDINGS]
    return {status: count for status, count in found if count}


def ideas_kept(db: sqlite3.Connection, since: str | None) -> int:
    """How many different ideas the kept runs since a UTC timestamp were of: reruns of one are no further idea."""
    sql = "SELECT count(DISTINCT candidate) FROM runs WHERE status = 'keep' AND timestamp_utc >= ?"
    return int(db.execute(sql, (since or "",)).fetchone()[0])


def first_measured(db: sqlite3.Connection, arena: int) -> int | None:
    """The number of the first run of an arena that was measured and can be ranked."""
    sql = "SELECT seq FROM runs WHERE arena = ? AND status = ? AND rank IS NOT NULL ORDER BY seq LIMIT 1"
    found = [db.execute(sql, (arena, status)).fetchone() for status in STATUSES]
    return min((int(row[0]) for row in found if row), default=None)
