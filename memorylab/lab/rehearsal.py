"""The use case `replay`: a ledger judged row by row against its own past, by the very code that judges live runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from memorylab.adapters import tables
from memorylab.core import ideas, lexicon, novelty
from memorylab.core.replay import Row, tally
from memorylab.errors import InputError
from memorylab.index.rehearsal import Rehearsal
from memorylab.lab.context import current_arena, standing
from memorylab.lab.judge import past_runs
from memorylab.records import STATUSES, Arena, Direction, finite, measured, text, texts


class Settings(NamedTuple):
    """How to judge: as `check` would."""

    mode: str = "exploit"
    threshold: float = 0.62
    strict: bool = False


def replay(
    path: Path, settings: Settings, metric: str | None = None, direction: Direction | None = None
) -> dict[str, Any]:
    """Judge every row of a table or JSONL ledger against the rows before it, and count what that saves and loses.

    Raises:
        InputError: the file can't be read as a ledger.

    """
    rows, metric, direction = _read(path, metric, direction)
    history = Rehearsal(metric, direction)
    guards = []
    with lexicon.using(history.dialect):
        for number, row in enumerate(rows):
            guards.append(_judge(history, row, metric, direction, settings))
            if row.status is not None:
                history.add(_as_run(number, row, metric, direction))
    about = {"ledger": str(path), "mode": settings.mode, "threshold": settings.threshold}
    return about | {"metric": metric, "direction": direction} | tally(rows, guards, direction)


def _judge(history: Rehearsal, row: Row, metric: str, direction: Direction, settings: Settings) -> Any:
    idea = ideas.make_idea(row.description, tuple(row.tags), row.family)
    views = history.views
    where = standing(views, current_arena(views, Arena(metric=metric, direction=direction)))
    past = past_runs(views, views.candidates(idea.edits, idea.words), where)
    return novelty.judge(idea, past, mode=settings.mode, threshold=settings.threshold, strict=settings.strict)


def _as_run(number: int, row: Row, metric: str, direction: Direction) -> dict[str, Any]:
    """The row as a ledger row, named by its number so that a verdict's evidence leads back to it."""
    return {
        "run_id": str(number),
        "timestamp_utc": "",
        "status": row.status,
        "description": row.description,
        "tags": row.tags,
        "family": row.family,
        "metrics": {metric: row.value},
        "source": {"file": "replay"},
        "error": {"summary": "", "kind": row.error_kind} if row.status == "crash" else None,
        "arena": {"metric": metric, "direction": direction},
    }


def _read(path: Path, metric: str | None, direction: Direction | None) -> tuple[list[Row], str, Direction]:
    if path.suffix in (".jsonl", ".json"):
        rows = list(_jsonl(path, metric or "val_bpb"))
        return rows, metric or "val_bpb", direction or "min"
    table = tables.read_table(path, metric=metric, direction=direction)
    if not table.rows:
        raise InputError(f"there is no run in {path}", "give a results.tsv or an experiments.jsonl")
    rows = [Row(r.status, r.value, r.description, [], "", _seconds(r.metrics), None) for r in table.rows]
    return rows, table.metric or "val_bpb", table.direction


def _jsonl(path: Path, metric: str) -> Iterator[Row]:
    from memorylab.ledger.jsonl import JsonlLedger

    if not path.is_file():
        raise InputError(f"there is no ledger {path}", "give a results.tsv or an experiments.jsonl")
    for entry in JsonlLedger(path).read():
        row = entry.row
        if row is None or row.get("kind", "run") != "run":
            continue
        status = text(row.get("status"))
        error = row.get("error")
        yield Row(
            status if status in STATUSES else None,
            measured(row, metric),  # type: ignore[arg-type]
            text(row.get("description")),
            texts(row.get("tags")),
            text(row.get("family")),
            _seconds(row.get("metrics")),
            text(error.get("kind")) or None if isinstance(error, dict) else None,
        )


def _seconds(metrics: object) -> float | None:
    if not isinstance(metrics, dict):
        return None
    return finite(metrics.get("total_seconds")) or finite(metrics.get("training_seconds"))
