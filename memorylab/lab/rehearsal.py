"""The use case `replay`: a ledger judged row by row against its own past, by the very code that judges live runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.adapters import tables
from memorylab.adapters.campaigns import checked
from memorylab.core.guard import novelty
from memorylab.core.guard.odds import Traits
from memorylab.core.guard.priors import Prior
from memorylab.core.guard.replay import Row, tally
from memorylab.core.reading import ideas, lexicon
from memorylab.core.reading.ideas import Idea
from memorylab.core.runs.arenas import DEFAULT, campaign_of
from memorylab.core.runs.corrections import KINDS, corrected, folded
from memorylab.errors import InputError
from memorylab.index.rehearsal import Rehearsal
from memorylab.lab.recall import Recall
from memorylab.lab.standing import current_arena, standing
from memorylab.records import STATUSES, Arena, Direction, NoveltyGuard, finite, measured, text, texts
from memorylab.tuples import NamedTuple

LARGEST = 8 << 30
"""Bytes of a ledger that is judged: of a million rows that a run has left, with room."""

Watch = Callable[[Traits, bool], None]


class Settings(NamedTuple):
    """How to judge: as `check` would.

    `prior` is what is known from other ledgers. The shipped counts were made from public ledgers, so a replay of one of
    those with them has seen its outcome: leave its repository out to measure honestly (`tools/field_prior.py`).
    """

    mode: str = "exploit"
    threshold: float = 0.62
    strict: bool = False
    block_below: float | None = None
    prior: Prior | None = None


class Ledger(NamedTuple):
    """A ledger to judge, and by which measurement."""

    path: Path
    rows: list[Row]
    metric: str
    direction: Direction


class Case(NamedTuple):
    """A row as the guard sees it: the idea, and what history has on it, as arguments of `novelty.judge`."""

    idea: Idea
    history: dict[str, Any]


def replay(
    path: Path, settings: Settings, metric: str | None = None, direction: Direction | None = None
) -> dict[str, Any]:
    """Judge every row of a table or JSONL ledger against the rows before it, and count what that saves and loses.

    Raises:
        InputError: the file can't be read as a ledger.

    """
    ledger = read(path, metric, direction)
    return counted(ledger, judged(cases(ledger), settings), settings)


def cases(ledger: Ledger) -> Iterator[Case]:
    """What the guard is asked row by row; looking this up takes longer than judging it, by whatever threshold."""
    history = Rehearsal(ledger.metric, ledger.direction)
    views = history.views
    with lexicon.using(history.dialect):
        for number, row in enumerate(ledger.rows):
            idea = ideas.make_idea(row.description, tuple(row.tags), row.family)
            where = standing(views, current_arena(views, Arena(metric=ledger.metric, direction=ledger.direction)))
            yield Case(idea, Recall(views, where).known(idea))
            if row.status is not None:
                history.add(_as_run(number, row, ledger.metric, ledger.direction))


def judged(asked: Iterable[Case], settings: Settings, watch: Watch | None = None) -> list[NoveltyGuard]:
    """The guard's verdict on each row; `watch` is shown what the models of `core.guard.odds` see."""
    return [novelty.judge(case.idea, **case.history, **settings._asdict(), on_traits=watch) for case in asked]


def traits(ledger: Ledger, settings: Settings) -> list[tuple[str | None, Traits, bool]]:
    """For each row its status, what the models of `core.guard.odds` see, and whether any run could carry a block."""
    seen: list[tuple[Traits, bool]] = []
    judged(cases(ledger), settings, lambda row, evidence: seen.append((row, evidence)))
    return [(row.status, *what) for row, what in zip(ledger.rows, seen, strict=True)]


def counted(ledger: Ledger, guards: Sequence[NoveltyGuard], settings: Settings) -> dict[str, Any]:
    """What the verdicts on a ledger save and lose, as `replay` prints it."""
    about = {"ledger": str(ledger.path), "mode": settings.mode, "threshold": settings.threshold}
    metric = {"metric": ledger.metric, "direction": ledger.direction}
    return about | metric | tally(ledger.rows, guards, ledger.direction)


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


def read(
    path: Path, metric: str | None = None, direction: Direction | None = None, campaign: str | None = None
) -> Ledger:
    """The rows of a results table, or those of one campaign of a JSONL ledger, the first one where none is named.

    Raises:
        InputError: the file can't be read as a ledger.

    """
    if path.suffix in (".jsonl", ".json"):
        found = list(_jsonl(path, checked(campaign or DEFAULT)))
        own: dict[str, Any] = next((row["arena"] for row in reversed(found) if isinstance(row.get("arena"), dict)), {})
        if direction is None and metric in (None, own.get("metric")):
            direction = "max" if own.get("direction") == "max" else "min"
        metric = metric or text(own.get("metric")) or "val_bpb"
        known = _corrections(path)
        rows = [_row(corrected(row, known.get(text(row.get("run_id"))), metric), metric) for row in found]
        if campaign and not rows:
            raise InputError(f"there is no run of the campaign {campaign} in {path}", "give another --campaign")
        if rows and all(row.status is None for row in rows):
            raise InputError(
                f"{path.name} is no ledger as MemoryLab writes it: no row has a status of keep, discard or crash",
                "JSON of other shapes can't be replayed yet: `memorylab import` it into a workspace of its own and "
                "replay that ledger, or write it as a table with a status, a description and the metric",
            )
        return Ledger(path, rows, metric, direction or "min")
    table = tables.read_table(path, metric=metric, direction=direction)
    if not table.rows:
        raise InputError(f"there is no run in {path}", "give a results.tsv or an experiments.jsonl")
    rows = [Row(r.status, r.value, r.description, [], "", _seconds(r.metrics), r.error_kind) for r in table.rows]
    return Ledger(path, rows, table.metric or "val_bpb", table.direction)


def _jsonl(path: Path, campaign: str) -> Iterator[dict[str, Any]]:
    """The runs of a campaign as the ledger has them."""
    from memorylab.ledger.jsonl import JsonlLedger

    try:
        files.open_regular(path, LARGEST).close()
    except FileNotFoundError as missing:
        raise InputError(f"there is no ledger {path}", "give a results.tsv or an experiments.jsonl") from missing
    except OSError as refused:
        raise files.explain(refused, "read the ledger") from refused
    for entry in JsonlLedger(path).read():
        row = entry.row
        if row is not None and row.get("kind", "run") == "run" and campaign_of(row) == campaign:
            yield row


def _row(row: dict[str, Any], metric: str) -> Row:
    status = text(row.get("status"))
    error = row.get("error")
    return Row(
        status if status in STATUSES else None,
        measured(row, metric),  # type: ignore[arg-type]
        text(row.get("description")),
        texts(row.get("tags")),
        text(row.get("family")),
        _seconds(row.get("metrics")),
        text(error.get("kind")) or None if isinstance(error, dict) else None,
    )


def _corrections(path: Path) -> dict[str, dict[str, Any]]:
    """By run, what rows behind it correct; most ledgers have none, and are then not read twice."""
    from memorylab.ledger.jsonl import JsonlLedger

    known: dict[str, dict[str, Any]] = {}
    with files.open_regular(path, LARGEST) as file:
        end = b""
        while chunk := file.read(1 << 20):
            if any(word in end + chunk for word in (b'"amend"', b'"retract"')):
                break
            end = chunk[-16:]
        else:
            return known
    for entry in JsonlLedger(path).read():
        row = entry.row or {}
        if row.get("kind") in KINDS:
            known[text(row["run_id"])] = folded(known.get(text(row["run_id"])), row)
    return known


def _seconds(metrics: object) -> float | None:
    if not isinstance(metrics, dict):
        return None
    return finite(metrics.get("total_seconds")) or finite(metrics.get("training_seconds"))
