"""The use cases `import` and `export`: tables found in the wild into the ledger, the ledger out as a table."""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.adapters import results_tsv, tables
from memorylab.adapters.results_tsv import STARVED_MARK
from memorylab.adapters.table_cells import guarded
from memorylab.adapters.table_rows import TableRow
from memorylab.adapters.tables import Table
from memorylab.core.reading import edits
from memorylab.core.runs import redact
from memorylab.errors import LedgerMoved, UsageError
from memorylab.lab import derived
from memorylab.lab.context import STAMP, Context
from memorylab.lab.judge import home_arena
from memorylab.records import METRIC_FIELDS, SCHEMA_VERSION, Arena, Direction, ErrorRecord, Run, finite
from memorylab.tuples import NamedTuple

EXPORT_FORMATS = ("tsv", "csv", "jsonl")


_BY_BEST = "the table has no verdict on it: kept or discarded by the best before it"


class Imported(NamedTuple):
    """What an import of one file did."""

    file: str
    metric: str | None
    direction: str
    direction_source: str
    rows: int
    added: int
    known: int
    without_verdict: int
    problems: list[str]
    """What couldn't be read, by line."""


def import_table(
    context: Context,
    path: Path,
    *,
    metric: str | None = None,
    direction: Direction | None = None,
    same_arena: bool = False,
) -> Imported:
    """Append the runs of a table that the ledger doesn't have yet. Importing it again adds only what is new in it.

    A workspace's own `results.tsv` joins the arena of the runs made here; any other table is an arena of its own, so
    that nobody else's best becomes the champion to beat, unless `same_arena` says that the numbers compare.

    Raises:
        InputError: the file can't be read as a table at all.

    """
    table = tables.read_table(path, metric=metric, direction=direction)
    own = path.resolve() == context.place.results_tsv.resolve()
    stamp = time.strftime(STAMP, time.gmtime(path.stat().st_mtime))
    foreign = _without_ours(context, table, path) if own else table
    runs = list(_runs(context, foreign, path, own, stamp, joined=own or same_arena))
    while True:
        position = context.catch_up()
        views = context.views()
        fresh = [run for run in runs if views.by_key(run["key"] or "") is None]
        if not fresh:
            break
        _name(fresh, stamp, context.taken)
        try:
            context.append(fresh, position, f"{path.name}: {len(fresh)} runs added")
        except LedgerMoved:
            continue
        derived.refresh(context)
        break
    return Imported(
        file=str(path),
        metric=table.metric,
        direction=table.direction,
        direction_source=table.direction_source,
        rows=len(table.rows),
        added=len(fresh),
        known=len(runs) - len(fresh) + len(table.rows) - len(foreign.rows),
        without_verdict=len(foreign.rows) - len(runs),
        problems=[f"line {p.line}: {p.what}" for p in table.problems] + _unmeasured(foreign),
    )


def _unmeasured(table: Table) -> list[str]:
    """Kept and discarded runs whose measurement can't be read: they are taken over, and can't lead."""
    rows = [row for row in table.rows if row.status in ("keep", "discard") and row.value is None]
    return [f"line {row.line}: {row.status} without a readable {table.metric or 'metric'}" for row in rows]


def _without_ours(context: Context, table: Table, path: Path) -> Table:
    """The workspace's own table without the lines that `log` wrote there: those runs are in the ledger already."""
    context.catch_up()
    ours = Counter(results_tsv.line(run).rstrip("\n") for run in context.views().after(0) if run.source is None)
    lines = files.read_bounded(path, tables.LARGEST).decode("utf-8", "replace").splitlines()
    foreign = []
    for row in table.rows:
        written = lines[row.line - 1] if row.line <= len(lines) else ""
        if ours[written] > 0:
            ours[written] -= 1
        else:
            foreign.append(row)
    return table._replace(rows=foreign)


def _runs(context: Context, table: Table, path: Path, own: bool, stamp: str, joined: bool) -> Iterator[Run]:
    metric = table.metric or context.config.metric
    if joined and metric == context.config.metric:
        arena = home_arena(context)
    else:
        arena = Arena(metric=metric, direction=table.direction, source=path.name)
        if context.place.campaign:
            arena["campaign"] = context.place.campaign
    seen: Counter[str] = Counter()
    for row in table.rows:
        if row.status is None:
            continue
        text = "\t".join((row.commit or row.label or "", row.status_raw, repr(row.value), row.description))
        seen[text] += 1
        yield _run(row, metric, arena, path.name if own else str(path), stamp, _key(text, seen[text]))


def _run(row: TableRow, metric: str, arena: Arena, file: str, stamp: str, key: str) -> Run:
    assert row.status is not None
    described = row.description.removesuffix(STARVED_MARK)  # as `results_tsv` writes a run that is no evidence
    withheld = described != row.description
    description = redact.line(described.rstrip())
    changes = edits.parse(description)
    memory = finite(row.memory_gb * 1024) if row.memory_gb else None
    metrics = {**dict.fromkeys(METRIC_FIELDS), **row.metrics, metric: row.value, "peak_vram_mb": memory}
    return Run(
        schema=SCHEMA_VERSION,
        run_id="",
        timestamp_utc=stamp,
        branch=None,
        commit=row.commit,
        parent_commit=None,
        family=edits.infer_family(changes, description),
        status="starved" if withheld else row.status,
        description=description,
        hypothesis="",
        tags=[],
        notes="; ".join(filter(None, (row.label, _BY_BEST if row.judged else ""))),
        metrics=metrics,
        error=_error(row) if row.status == "crash" else None,
        artifacts={},
        novelty_guard={},
        decision_packet={},
        edits=[edit.record() for edit in changes],
        base=None,
        arena=arena,
        key=key,
        dirty=False,
        integrity="unknown",
        code=None,
        source={"file": file, "line": row.line, "status": row.status_raw, "extra": row.extra},
    )


def _error(row: TableRow) -> ErrorRecord:
    stopped = row.error_kind is not None
    said = "recorded as stopped in an imported table" if stopped else "recorded as a crash in an imported table"
    return {"summary": said, "tail": "", "source": "import", "kind": row.error_kind or "unknown"}


def _key(text: str, occurrence: int) -> str:
    """Names a row by what it says and which such row of its file it is, so that a second import finds it again."""
    import hashlib

    return f"import:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:20]}:{occurrence}"


def _name(runs: list[Run], stamp: str, taken: Any) -> None:
    prefix = stamp.replace("-", "").replace(":", "")
    used: set[str] = set()
    reached: dict[str, int] = {}  # searched from the first number, 45,000 runs without a commit took ten minutes
    for run in runs:
        base = f"{prefix}-{(run['commit'] or 'imported')[: 8 if not run['commit'] else 7]}"
        n = reached.get(base, 0) + 1
        while (name := base if n == 1 else f"{base}-{n}") in used or taken(name):
            n += 1
        reached[base] = n
        used.add(name)
        run["run_id"] = name


def export(context: Context, form: str) -> Iterator[str]:
    """All runs as text, in pieces: the ledger's rows of whatever campaign (jsonl), or one flat line a run (tsv, csv).

    Raises:
        UsageError: an unknown format.

    """
    if form not in EXPORT_FORMATS:
        raise UsageError(f"unknown format {form!r}", f"known are {', '.join(EXPORT_FORMATS)}")
    context.catch_up()
    if form == "jsonl":
        for entry in context.ledger.read():
            if entry.row is not None:
                yield json.dumps(entry.row, ensure_ascii=False) + "\n"
        return
    line = _tsv_line if form == "tsv" else _csv_line
    yield line(_FLAT)
    for run in context.views().after(0):
        values = run._asdict()
        yield line([_cell(values[name]) for name in _FLAT])


def _tsv_line(cells: Sequence[str]) -> str:
    # Cells hold neither tabs nor newlines, so that only what begins with a quote needs quotes.
    return "\t".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' if cell[:1] == '"' else cell for cell in cells) + "\n"


def _csv_line(cells: Sequence[str]) -> str:
    import csv

    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


_FLAT = (
    "run_id",
    "timestamp_utc",
    "branch",
    "commit",
    "parent_commit",
    "family",
    "status",
    "value",
    "base_value",
    "memory_gb",
    "seconds",
    "description",
    "hypothesis",
    "tags",
    "classification",
    "decision",
    "next_action",
    "error_kind",
    "error_summary",
    "integrity",
)


def _cell(value: object) -> str:
    return "" if value is None else guarded(redact.plain(str(value)))
