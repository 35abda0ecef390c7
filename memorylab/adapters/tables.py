"""Experiment tables of other loops, read as runs: whatever the columns, the words and the direction of the metric.

What can't be read is named by line. One pass over the file: the first rows after a header are held to tell what its
columns mean, and a second look is taken only at values that depend on the direction.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

from memorylab.adapters.table_columns import Columns, choose_columns, direction_by_name
from memorylab.adapters.table_records import is_records, read_records
from memorylab.adapters.table_rows import NoRun, TableRow, by_running_best, fit, is_placeholder, read_row
from memorylab.adapters.table_sections import is_sections, read_sections
from memorylab.adapters.table_text import LARGEST, Cells, Header, Piece, Problem, Remark, read_pieces
from memorylab.core.runs.integrity import is_loss
from memorylab.core.runs.verdicts import is_baseline
from memorylab.errors import InputError
from memorylab.records import Direction
from memorylab.tuples import NamedTuple

__all__ = ["LARGEST", "DirectionSource", "Problem", "Table", "TableRow", "read_table"]

# "given" is by the caller, or by a comment in the file.
DirectionSource = Literal["given", "name", "verdicts", "default"]

_SAMPLE: Final = 200  # rows from which the meaning of the columns is told
_MOST_PROBLEMS: Final = 1000  # what is wrong beyond this is counted, not listed
_FEWEST_JUDGED: Final = 3  # verdicts from which a direction may be told
_LESS: Final = frozenset(("lower", "less", "smaller", "min", "minimize", "minimise"))
_MORE: Final = frozenset(("higher", "more", "larger", "max", "maximize", "maximise"))
_CLEARLY: Final = 0.1  # by how much one direction must fit the verdicts better than the other


class Table(NamedTuple):
    """A foreign table: its runs, what they were judged by, and what could not be read."""

    columns: tuple[str, ...]
    metric: str | None
    direction: Direction
    direction_source: DirectionSource
    rows: list[TableRow]
    problems: list[Problem]


def read_table(path: Path, *, metric: str | None = None, direction: Direction | None = None) -> Table:
    """The runs of any results.tsv (or comma file, or Markdown table), in the file's order.

    `metric` names the metric's column, `direction` says whether less or more is better; without them they are told
    from the names, a `# metric_direction:` comment, and the verdicts.

    Raises:
        InputError: the file is missing or a directory, or has no column `metric` that holds numbers.
    """
    reader = _Reader(metric)
    for piece in _pieces(path):
        reader.take(piece)
    reader.decide()
    chosen = reader.metric()
    if metric is not None and chosen is None:
        numeric = dict.fromkeys(section.names[i] for section in reader.sections for i in section.numeric)
        raise InputError(
            f"{path.name} has no column {metric!r} that holds numbers",
            f"its numeric columns are {', '.join(numeric)}" if numeric else "it has no numeric columns",
        )
    reader.settle(chosen)
    towards, source = _direction(direction, reader.announced, chosen, reader.rows)
    if towards == "min" and chosen is not None:
        _drop_impossible(reader.rows, chosen, reader.problems)
    if judged := by_running_best(reader.rows, towards):
        told = (
            f"{judged} measured rows have no verdict: each is kept if it is better than all before it, else discarded"
        )
        reader.problems.add(1, told)
    if not reader.sections:
        reader.problems.add(1, "no table found: the file holds no rows under column names")
    names = tuple(dict.fromkeys(name for section in reader.sections for name in section.names))
    return Table(names, chosen, towards, source, reader.rows, reader.problems.listed())


def _pieces(path: Path) -> Iterator[Piece]:
    if is_records(path):
        return read_records(path)
    return read_sections(path) if is_sections(path) else read_pieces(path)


class _Problems:
    """What went wrong, bounded; the same trouble on lines that follow each other is one entry."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, str]] = []
        self._more = 0

    def add(self, line: int, what: str) -> None:
        first, last, said = self._entries[-1] if self._entries else (0, -1, "")
        if line == last + 1 and what.partition(": ")[0] == said.partition(": ")[0]:
            self._entries[-1] = (first, line, said)
        elif len(self._entries) < _MOST_PROBLEMS:
            self._entries.append((line, line, what))
        else:
            self._more += 1

    def listed(self) -> list[Problem]:
        found = [
            Problem(first, what if first == last else f"{what} (and so up to line {last})")
            for first, last, what in sorted(self._entries)
        ]
        if self._more:
            found.append(Problem(found[-1].line, f"{self._more} more problems, not listed"))
        return found


class _Reader:
    """Rows out of pieces. A section is what follows one header."""

    def __init__(self, metric: str | None) -> None:
        self.rows: list[TableRow] = []
        self.problems = _Problems()
        self.sections: list[Columns] = []
        self.announced: Direction | None = None
        self._wanted = metric
        self._starts: list[tuple[int, int]] = []  # per section: its first row, and the line of its header
        self._joint = " "
        self._header: Header | None = None  # one whose columns are not decided yet
        self._held: list[Cells] = []

    def take(self, piece: Piece) -> None:
        """The next piece of the file."""
        if isinstance(piece, Cells):
            if self._header is None:
                self._read(piece)
                return
            self._held.append(piece)
            if len(self._held) == _SAMPLE:
                self.decide()
        elif isinstance(piece, Problem):
            self.problems.add(*piece)
        elif isinstance(piece, Header):
            self.decide()
            self._header = piece
        else:
            self._heed(piece)

    def decide(self) -> None:
        """Tell what the columns under the last header mean, and read the rows held back for it."""
        if self._header is None:
            return
        header, held = self._header, self._held
        self._header, self._held = None, []
        columns = choose_columns(header.names, [piece.cells for piece in held], self._wanted)
        self.sections.append(columns)
        self._starts.append((len(self.rows), header.line))
        self._joint = header.joint
        if held and columns.status is None:
            self.problems.add(header.line, "no column of verdicts: a run has one only where its description says so")
        if held and columns.metric is None:
            self.problems.add(header.line, "no column that could be the metric")
        for piece in held:
            self._read(piece)

    def metric(self) -> str | None:
        """The metric of the section with the most rows."""
        spans = sorted(self._spans(), key=lambda span: span[1] - span[2])
        columns, start, end = next((span for span in spans if span[0].metric is not None), (None, 0, 0))
        if columns is None or columns.metric is None:
            return None
        if columns.metric_names is None:
            return columns.names[columns.metric]
        which = columns.names[columns.metric_names]
        found = Counter(row.extra.get(which, "") for row in self.rows[start:end])
        return self._wanted if self._wanted in found else max(found, key=found.__getitem__, default=which)

    def settle(self, metric: str | None) -> None:
        """Rows that were read by another metric get their value of this one, which may be none."""
        for (columns, start, end), (_, line) in zip(self._spans(), self._starts, strict=True):
            if columns.metric is None or (columns.names[columns.metric] == metric and columns.metric_names is None):
                continue
            for i in range(start, end):
                self.rows[i] = self.rows[i]._replace(value=self.rows[i].metrics.get(metric or ""))
            without = sum(row.value is None and row.status != "crash" for row in self.rows[start:end])
            if without:
                self.problems.add(line, f"rows below this header without a value of {metric}: {without}")

    def _spans(self) -> list[tuple[Columns, int, int]]:
        starts = [start for start, _ in self._starts]
        return list(zip(self.sections, starts, [*starts[1:], len(self.rows)], strict=False))

    def _heed(self, remark: Remark) -> None:
        words = re.findall(r"[a-z]+", remark.text.casefold())
        if self.announced is None and ("direction" in words or "better" in words):
            less, more = not _LESS.isdisjoint(words), not _MORE.isdisjoint(words)
            if less != more:
                self.announced = "min" if less else "max"

    def _read(self, piece: Cells) -> None:
        columns = self.sections[-1]
        line, cells = piece
        if len(cells) != len(columns.names):
            fitted = fit(cells, columns, self._joint)
            if fitted is None:
                self.problems.add(line, f"skipped, not a table row: {_excerpt(cells)}")
                return
            if fitted[1]:
                self.problems.add(line, f"{len(cells)} cells under {len(columns.names)} columns, {fitted[1]}")
            cells = fitted[0]
        row = read_row(line, cells, columns)
        if isinstance(row, NoRun):
            self.problems.add(line, f"skipped, {row.why}: {_excerpt(cells)}")
            return
        if row.status is None and columns.status is not None:
            self.problems.add(line, f"no verdict: the status is {row.status_raw[:40]!r}")
        self.rows.append(row)


def _excerpt(cells: Iterable[str]) -> str:
    text = " ".join(" ".join(cells).split())
    return f"{text[:60]}..." if len(text) > 60 else text


def _direction(
    given: Direction | None, announced: Direction | None, metric: str | None, rows: list[TableRow]
) -> tuple[Direction, DirectionSource]:
    stated = given or announced
    if stated is not None:
        return stated, "given"
    by_name = direction_by_name(metric) if metric is not None else None
    if by_name is not None:
        return by_name, "name"
    by_verdicts = _direction_by_verdicts(rows)
    return (by_verdicts, "verdicts") if by_verdicts is not None else ("min", "default")


def _direction_by_verdicts(rows: Iterable[TableRow]) -> Direction | None:
    """Whether the keeps lie below or above the best kept before them, and the discards on the other side.

    Over 94 real tables with 5 keeps and 5 discards or more this agreed with the metric's name in 91.
    """
    lowest = highest = None
    fits: dict[str, list[tuple[bool, bool]]] = {"keep": [], "discard": []}
    for row in rows:
        if row.value is None or row.status not in fits or (row.status == "discard" and is_placeholder(row.value)):
            continue
        if lowest is not None and highest is not None and not is_baseline(row.status_raw):
            improves = (row.value < lowest, row.value > highest)
            fits[row.status].append(improves if row.status == "keep" else (not improves[0], not improves[1]))
        if row.status == "keep":
            lowest = row.value if lowest is None else min(lowest, row.value)
            highest = row.value if highest is None else max(highest, row.value)
    judged = [pairs for pairs in fits.values() if pairs]
    if sum(map(len, judged)) < _FEWEST_JUDGED:
        return None
    down, up = (sum(sum(pair[i] for pair in pairs) / len(pairs) for pairs in judged) / len(judged) for i in (0, 1))
    if abs(down - up) < _CLEARLY:
        return None
    return "min" if down > up else "max"


def _drop_impossible(rows: list[TableRow], metric: str, problems: _Problems) -> None:
    """Where less is better, a zero far below every other value means that nothing was measured.

    But for what is counted, or was kept and is no model's loss: there it is the goal.
    """
    others = [abs(row.value) for row in rows if row.value]
    if others and min(others) < max(others) / 100:
        return  # the values come near zero by themselves
    loss = is_loss(metric, "min")
    if not loss and others and all(value.is_integer() for value in others):
        return
    for i, row in enumerate(rows):
        if row.value == 0 and (loss or row.status != "keep"):
            rows[i] = row._replace(value=None, metrics={**row.metrics, metric: None})
            if row.status == "keep":
                problems.add(row.line, f"kept with {metric} 0: read as not measured")
