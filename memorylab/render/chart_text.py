"""The progress chart without a picture: drawn in characters for a terminal, and told in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memorylab.core.numerals import Digits, digits, rough
from memorylab.render import plot
from memorylab.render.escape import one_line
from memorylab.render.plot import Axis, Best
from memorylab.render.table import fit
from memorylab.render.words import plural

if TYPE_CHECKING:
    from memorylab.core.report.morning import Point


def progress_text(
    points: Sequence[Point],
    *,
    metric: str,
    direction: str,
    width: int = 78,
    height: int = 14,
    shown: Digits | None = None,
) -> str:
    """The progress in lines of at most `width` characters: kept `*`, discarded `.`, crashed `x`, the best a line."""
    runs = plot.measured(points)
    lines = [fit(f"{one_line(metric, 40)} by run, {'higher' if direction == 'max' else 'lower'} is better", width)]
    if not runs:
        return "\n".join([*lines, "No run has been measured yet." if points else "No runs yet."])
    bests = plot.records(runs, direction)
    axis = plot.axis(runs, bests, direction, None)
    rows = max(height - 4, 4)
    words = _row_words(axis, rows)
    left = max(len("crash"), *(len(word) for word in words))
    columns = max(width - left - 3, 10)
    first, last = min(p.number for p in points), max(p.number for p in points)
    grid = _grid(points, runs, bests, axis, (rows, columns), (first, last))
    crashes = _crash_lane(points, columns, first, last)
    body = [f"{word:>{left}} │ {''.join(row).rstrip()}".rstrip() for word, row in zip(words, grid, strict=True)]
    lane = [f"{'crash':>{left}} │ {crashes}"] if crashes else []
    lines += [*body, *lane] if direction == "max" else [*lane, *body]
    ends = f"{first}{last:>{max(columns - len(str(first)), 1)}}" if last > first else str(first)
    lines += [f"{'run':>{left}} └ {ends}", *_key(points, runs, bests, axis, width, shown)]
    return "\n".join(lines)


def in_words(
    points: Sequence[Point], *, metric: str, direction: str, sigma: float | None, shown: Digits | None = None
) -> str:
    """What the chart shows, for those who can't see it."""
    totals = plot.counts(points)
    if not points:
        return "No runs yet."
    told = (
        f"{plural(len(points), 'run')}: {totals['keep']} kept, {totals['discard']} discarded, "
        f"{totals['crash']} crashed."
    )
    bests = plot.records(plot.measured(points), direction)
    if not bests:
        return f"{told} No run has been kept with a measurement yet."
    first, last = bests[0], bests[-1]
    shown = shown or digits(sigma, *(best.value for best in bests))
    end = f"{shown.value(last.value)} (run {last.number}, “{one_line(last.description, 80)}”)"
    told += f" The best {one_line(metric, 40)} ({'higher' if direction == 'max' else 'lower'} is better) "
    if len(bests) == 1:
        told += f"is {end}."
    else:
        told += (
            f"went from {shown.value(first.value)} (run {first.number}) to {end} in {plural(len(bests) - 1, 'step')}."
        )
    return told + (f" One run varies by about ±{rough(sigma)}." if sigma else "")


def _row_words(axis: Axis, rows: int) -> list[str]:
    """A value beside every third row, from the top."""
    step = plot.tick_step((axis.high - axis.low) / 4, rows)
    words = plot.tick_digits(step, max(abs(axis.high), abs(axis.low)))
    shown = []
    for row in range(rows):
        value = axis.high - (axis.high - axis.low) * (row + 0.5) / rows
        text = words.value(value)
        shown.append(text if row % 3 == 0 or row == rows - 1 else "")
    return shown


def _grid(
    points: Sequence[Point],
    runs: Sequence[tuple[Point, float]],
    bests: Sequence[Best],
    axis: Axis,
    size: tuple[int, int],
    ends: tuple[int, int],
) -> list[list[str]]:
    rows, columns = size
    grid = [[" "] * columns for _ in range(rows)]
    spots = [(_column(p.number, columns, *ends), _row(v, axis, rows), p.status == "keep") for p, v in runs]
    for (x, y, kept), (_, value) in zip(spots, runs, strict=True):
        if not kept:
            grid[y][x] = "^" if value > axis.high else "v" if value < axis.low else "."
    _draw_line(grid, [(_column(b.number, columns, *ends), _row(b.value, axis, rows)) for b in bests])
    for x, y, kept in spots:
        if kept:
            grid[y][x] = "*"
    return grid


def _draw_line(grid: list[list[str]], corners: Sequence[tuple[int, int]]) -> None:
    """The best so far from each best run to the next, and on to the right edge."""
    for i, (x, y) in enumerate(corners):
        end, row = corners[i + 1] if i + 1 < len(corners) else (len(grid[0]), y)
        for column in range(x, end):
            grid[y][column] = "─"
        if end < len(grid[0]):
            for between in range(min(y, row) + 1, max(y, row)):
                grid[between][end] = "│"
            if row != y:
                grid[y][end] = "┐" if row > y else "┘"


def _crash_lane(points: Sequence[Point], columns: int, first: int, last: int) -> str:
    lane = [" "] * columns
    for point in points:
        if point.status == "crash":
            lane[_column(point.number, columns, first, last)] = "x"
    return "".join(lane).rstrip()


def _key(
    points: Sequence[Point],
    runs: Sequence[tuple[Point, float]],
    bests: Sequence[Best],
    axis: Axis,
    width: int,
    shown: Digits | None,
) -> list[str]:
    """What the signs mean, in as many lines as that takes."""
    totals = plot.counts(points)
    parts = [
        f"{sign} {totals[status]:,} {word}"
        for sign, status, word in (("*", "keep", "kept"), (".", "discard", "discarded"), ("x", "crash", "crashed"))
        if totals[status]
    ]
    off = {"^": sum(value > axis.high for _, value in runs), "v": sum(value < axis.low for _, value in runs)}
    parts += [f"{sign} {count:,} off the scale" for sign, count in off.items() if count]
    if bests:
        parts.insert(0, f"─ best {(shown or digits(None, *(best.value for best in bests))).value(bests[-1].value)}")
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]} · {part}" if lines[-1] else part
        if len(longer) > width and lines[-1]:
            lines.append(part)
        else:
            lines[-1] = longer
    return [fit(line, width) for line in lines]


def _column(run: int, columns: int, first: int, last: int) -> int:
    return round((run - first) / (last - first) * (columns - 1)) if last > first else columns // 2


def _row(value: float, axis: Axis, rows: int) -> int:
    share = (axis.high - value) / (axis.high - axis.low)
    return int(min(max(share * rows, 0.0), rows - 1.0))
