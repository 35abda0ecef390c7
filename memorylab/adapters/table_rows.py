"""One row of a foreign table becomes one run, or a reason why it is none.

Rows are ragged, values are zero where nothing was measured, and between the runs stand titles and empty placeholders:
the rules that tell them apart are here, each about one row. Missing is None, never zero.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from memorylab.adapters.table_cells import MISSING, is_commit, number, unguarded
from memorylab.adapters.table_columns import Columns
from memorylab.core.runs.verdicts import of_switch, verdict, verdict_in_text, waits, was_cut
from memorylab.records import Direction, Status
from memorylab.tuples import NamedTuple

_MB_IN_GB_COLUMN: Final = 2000.0  # no training machine has 2 TB of accelerator memory: the column holds MB
_BYTES_IN_GB_COLUMN: Final = 1e7
_NO_ID: Final = MISSING | {"head", "nocommit", "no", "unknown", "uncommitted", "todo", "pending"}
_ENDED: Final = {"complete", "completed", "done", "finished", "ok", "final", "ran", "ended", "terminated", "measured"}
_CUT: Final = {"pruned", "stopped", "early_stopped"}  # measured before its end
_LONGEST_WORD: Final = 40  # characters; a longer cell is more than a verdict
_LONGEST_VERDICT: Final = 200  # characters that are read of a verdict with its reason
_verdict: Final = lru_cache(maxsize=1024)(verdict)  # tables say the same few words over and over


class TableRow(NamedTuple):
    """One run of a foreign table."""

    line: int  # 1-based line in the file
    commit: str | None  # 7 to 40 hexadecimal digits; other ids are labels
    label: str | None
    status: Status | None  # None: no verdict, or none that is known
    status_raw: str
    value: float | None  # of the metric; None where nothing was measured
    memory_gb: float | None
    description: str
    metrics: dict[str, float | None]  # every numeric column, by its name
    extra: dict[str, str]  # every other column that isn't empty
    judged: bool = False  # the table has no verdict on it: it is the best so far, or not
    error_kind: str | None = None  # of a crash, where the table says it: `interrupted` is none of the run's


class NoRun(NamedTuple):
    """A row that is no run, and why."""

    why: str


def read_row(line: int, cells: list[str], columns: Columns) -> TableRow | NoRun:
    """The run that the cells describe; they must be as many as the columns (see `fit`)."""
    cells = [unguarded(cell) for cell in cells]
    status_raw = cells[columns.status] if columns.status is not None else ""
    status = _status(status_raw[:_LONGEST_VERDICT], cells, columns)
    cell = cells[columns.metric] if columns.metric is not None else ""
    value = number(cell) if cell else None
    description = next((cells[i] for i in columns.descriptions if cells[i].casefold() not in MISSING), "")
    if status is None and value is None and len(cells[0]) > 2 and not cells[0].strip("-=_*~"):
        return NoRun("a title between the rows")
    if not cell and not description and (columns.descriptions or columns.metric is not None):
        return NoRun("a row with neither a value nor a description")
    commit, label = _ids(cells, columns)
    if status_raw.casefold() in MISSING:
        status = verdict_in_text(description)
    cut = status in ("crash", "discard", None) and was_cut(status_raw)
    if cut:  # somebody ended it: what it had measured by then was not kept, and without that nothing is known of it
        status = "discard" if value is not None and not is_placeholder(value) else "crash"
    crashed = status == "crash"
    if crashed and value is not None and is_placeholder(value):
        value = None
    metrics: dict[str, float | None] = {}
    extra = {columns.names[i]: cells[i] for i in columns.text if cells[i]}
    for i in columns.numeric:
        name, measured = columns.names[i], number(cells[i])
        metrics[name] = None if measured == 0 and (crashed or i == columns.memory) else measured
        if measured is None and cells[i].casefold() not in MISSING:
            extra[name] = cells[i]
    if columns.metric is not None:
        metrics[columns.names[columns.metric]] = value
    if columns.metric_names is not None:
        metrics[cells[columns.metric_names]] = value
    memory = _memory_gb(cells, columns)
    text, kind = description or label or "", "interrupted" if cut and crashed else None
    return TableRow(line, commit, label, status, status_raw, value, memory, text, metrics, extra, error_kind=kind)


def _status(told: str, cells: list[str], columns: Columns) -> Status | None:
    """The verdict of a row; beside a switch, which says no of what crashed or goes on as well, its state is heard."""
    if not columns.switch:
        return _verdict(told)
    states = [cells[i][:_LONGEST_VERDICT] for i in columns.states]
    if any(map(waits, states)):
        return None
    found = of_switch(told)
    return "crash" if found != "keep" and any(_verdict(state) == "crash" for state in states) else found


def fit(cells: list[str], columns: Columns, joint: str) -> tuple[list[str], str] | None:
    """As many cells as columns, and what was doubtful about it; None where the line is no row of this table.

    The verdict is the anchor: where it stands in the wrong column, cells before it are missing or too many. Without
    a verdict, a number or a commit in its place a line of another width is prose.
    """
    width, at, done = len(columns.names), columns.status, []
    cells = list(cells)
    while len(cells) > width and not cells[-1]:
        cells.pop()
    found = _verdict_at(cells, at) if at is not None else None
    if at is not None and found is not None and found < at and len(cells) < width:
        cells[found:found] = [""] * (at - found)
        done.append("cells are missing before the verdict")
    elif at is not None and found is not None and found > at and len(cells) > width:
        surplus = [i for i in range(found) if not cells[i]][: found - at]
        cells = [cell for i, cell in enumerate(cells) if i not in surplus]
        done.append("empty cells before the verdict were left out")
    if len(cells) > width:
        start = min(columns.descriptions[:1] or (width - 1,))
        end = start + len(cells) - width + 1
        cells[start:end] = [joint.join(filter(None, cells[start:end]))]
        done.append(f"cells were joined under {columns.names[start]!r}")
    elif len(cells) < width:
        cells += [""] * (width - len(cells))
    judged = at is not None and verdict(cells[at]) is not None
    measured = columns.metric is not None and number(cells[columns.metric]) is not None
    named = columns.commit is not None and is_commit(cells[columns.commit])
    return (cells, ", ".join(done)) if judged or measured or named else None


def by_running_best(rows: list[TableRow], direction: Direction) -> int:
    """Judge the runs of a table of plain measurements, in place: kept is what is better than all before it.

    A table with verdicts of its own left the others out on purpose. Returns how many were judged.
    """
    if any(row.status in ("keep", "discard") and not was_cut(row.status_raw) for row in rows):
        return 0
    best: float | None = None
    judged = 0
    for i, row in enumerate(rows):
        word = row.status_raw.casefold().rpartition(".")[2].strip()
        if row.status == "discard" and was_cut(row.status_raw):
            rows[i] = row._replace(judged=True)
            judged += 1
        if row.status is not None or row.value is None or not (word in MISSING or word in _ENDED or word in _CUT):
            continue
        better = best is None or (row.value < best if direction == "min" else row.value > best)
        kept = better and word not in _CUT
        best = row.value if kept else best
        rows[i] = row._replace(status="keep" if kept else "discard", judged=True)
        judged += 1
    return judged


def is_placeholder(value: float) -> bool:
    """Whether a number is one that tools write where nothing was measured: 0, -1, 99.0, 9999."""
    return value in (0.0, -1.0) or (value >= 99 and set(f"{value:.0f}") == {"9"} and value.is_integer())


def _verdict_at(cells: list[str], at: int) -> int | None:
    """Where the verdict stands: a cell that is nothing else, first of all in its own column; else what is there."""
    places = [at, *range(len(cells))] if at < len(cells) else range(len(cells))
    for i in places:
        if len(cells[i]) <= _LONGEST_WORD and " " not in cells[i] and verdict(cells[i]) is not None:
            return i
    return at if at < len(cells) and verdict(cells[at]) is not None else None


def _ids(cells: list[str], columns: Columns) -> tuple[str | None, str | None]:
    """Commit and label; an id in the commit column that is no commit is a label."""
    commit = cells[columns.commit] if columns.commit is not None else ""
    label = cells[columns.label] if columns.label is not None else ""
    if commit and not is_commit(commit):
        label, commit = label or commit, ""
    return commit or None, None if label.casefold() in _NO_ID else label


def _memory_gb(cells: list[str], columns: Columns) -> float | None:
    used = number(cells[columns.memory]) if columns.memory is not None else None
    if not used or used < 0:
        return None
    if columns.memory_per_gb == 1 and used > _BYTES_IN_GB_COLUMN:
        return used / 1024**3
    return used / 1024 if columns.memory_per_gb == 1 and used > _MB_IN_GB_COLUMN else used / columns.memory_per_gb
