"""The claims in the index: which ideas are reserved at a given time, from the ledger's rows that are no runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from memorylab.core.guard.claims import Claim
from memorylab.core.reading.edits import Edit, words
from memorylab.records import Arena, text

_COLUMNS = ", ".join(Claim._fields)
_INSERT = f"INSERT OR REPLACE INTO claims ({_COLUMNS}, ended) VALUES ({', '.join('?' * len(Claim._fields))}, '')"


# -- asking


def active(db: sqlite3.Connection, now: float) -> list[Claim]:
    """The claims that hold at a time, the oldest first. Only these are read, however many the ledger has seen."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM claims WHERE ended = '' AND expires > ? ORDER BY expires", (now,))
    return sorted(map(_claim, rows), key=lambda claim: claim.timestamp_utc)


def find(db: sqlite3.Connection, claim_id: str) -> tuple[Claim, str] | None:
    """A claim, and what ended it before its lease did: nothing, `released` or `fulfilled`."""
    row = db.execute(f"SELECT {_COLUMNS}, ended FROM claims WHERE claim_id = ?", (claim_id,)).fetchone()
    return (_claim(row[:-1]), row[-1]) if row else None


def _claim(row: tuple[Any, ...]) -> Claim:
    claim = Claim(*row)
    return claim._replace(
        named=bool(claim.named),
        edits=tuple(Edit(*edit) for edit in json.loads(row[8])),
        words=frozenset(row[9].split()),
        arena=json.loads(row[10]),
    )


# -- catching up


def apply(db: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """Take in what a row of any kind says of claims: made or renewed, released, fulfilled by a run.

    Raises:
        LedgerTooNew: a newer MemoryLab made one.

    """
    match row.get("kind", "run"):
        case "claim":
            claim = claim_of(row)
            if claim is not None:
                _store(db, claim)
        case "release":
            _end(db, row["claim_id"], "released")
        case "run" if row.get("claim"):
            _end(db, row["claim"], "fulfilled")


def claim_of(row: Mapping[str, Any]) -> Claim | None:
    """The claim that a row makes; None where the end of its lease can't be read: it would hold for ever.

    Raises:
        LedgerTooNew: a newer MemoryLab made it.

    """
    from memorylab.index.derive import edits_of, refuse_newer  # a check without news doesn't need them

    refuse_newer(row)
    end = _moment(row["expires_utc"])
    if end is None:
        return None
    description, tags = text(row.get("description")), row.get("tags") or []
    return Claim(
        claim_id=row["claim_id"],
        owner=text(row.get("owner")) or "somebody",
        named=bool(row.get("named")),
        worktree=text(row.get("worktree")),
        branch=text(row.get("branch")) or None,
        command=text(row.get("command")),
        timestamp_utc=text(row.get("timestamp_utc")),
        description=description,
        edits=edits_of(row, description, tags),
        words=words(description, tags),
        arena=row.get("arena") or Arena(),
        expires=end[0],
        expires_utc=end[1],
    )


def _store(db: sqlite3.Connection, claim: Claim) -> None:
    stored = claim._asdict() | {
        "edits": json.dumps(claim.edits),
        "words": " ".join(sorted(claim.words)),
        "arena": json.dumps(claim.arena),
    }
    db.execute(_INSERT, tuple(stored.values()))


def _end(db: sqlite3.Connection, claim_id: str, how: str) -> None:
    db.execute("UPDATE claims SET ended = ? WHERE claim_id = ? AND ended = ''", (how, claim_id))


def _moment(stamp: str) -> tuple[float, str] | None:
    """A timestamp in seconds since the epoch and as the ledger writes it; UTC unless it says otherwise."""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(stamp)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.timestamp(), f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return None
