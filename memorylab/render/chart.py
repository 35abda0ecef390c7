"""The progress chart, because the course of a night is seen in a second and read in ten minutes: as SVG and as text."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorylab.render import chart_legend, labels, plot
from memorylab.render.chart_text import in_words, progress_text
from memorylab.render.escape import html, html_raw, one_line, shorten
from memorylab.render.plot import Axis, Best
from memorylab.render.words import number, plural

if TYPE_CHECKING:
    from memorylab.core.report.morning import Point

__all__ = ["in_words", "progress_svg", "progress_text"]

TOOLTIPS = 800
"""Up to so many runs each dot names its run when pointed at; beyond, dots are drawn as one path and thinned."""

CELL = 2.5
"""Pixels of the grid on which dots of a dense chart are thinned: one dot stands for all that fall into a cell."""

MOST_LABELS = 15
TICKS = 8
ROOM = 0.16
"""Share of the height left free beyond the best, for the names of the newest best runs."""

LANE = 22.0
"""Height of the strip beyond the worse end of the plot in which crashed runs stand."""


class _Frame(NamedTuple):
    """The plot's rectangle in pixels and the ranges that it shows."""

    box: labels.Box
    first: int
    last: int
    axis: Axis | None

    def x(self, run: int) -> float:
        """Pixels of a run's number."""
        if self.last == self.first:
            return (self.box.left + self.box.right) / 2
        return self.box.left + 8 + (self.box.right - self.box.left - 16) * (run - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        """Pixels of a value, at the edge when it is off the scale."""
        if self.axis is None:
            return (self.box.top + self.box.bottom) / 2
        share = (value - self.axis.low) / (self.axis.high - self.axis.low)
        return self.box.bottom - (self.box.bottom - self.box.top) * min(max(share, 0.0), 1.0)


def progress_svg(
    points: Sequence[Point],
    *,
    metric: str,
    direction: str,
    sigma: float | None,
    width: int = 960,
    height: int = 420,
    estimate: tuple[float, float, float] | None = None,
) -> str:
    """The progress of an arena's runs as one SVG element without script or outside content, in light and dark.

    Every run is a dot, kept ones filled with colour; the line is the best kept so far, its band one standard deviation
    `sigma` of a single run. Runs far off the scale are triangles at the edge, crashes crosses beyond it. `estimate` is
    the champion's true value as far as it is known (low, middle, high), drawn where the line ends.
    """
    noise = sigma if sigma is not None and 0 < sigma < plot.LARGEST else None
    name = f"ml-{width}x{height}"
    title = f'<title id="{name}-title">Progress of {html(metric, 40)}</title>'
    told = html_raw(in_words(points, metric=metric, direction=direction, sigma=noise))
    style = Path(__file__).with_name("chart.css").read_text(encoding="utf-8")
    drawn = "".join(_drawing(points, metric, direction, noise, width, height, estimate))
    return (
        f'<svg class="ml-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">{title}'
        f'<desc id="{name}-desc">{told}</desc><style>{style}</style>{drawn}</svg>'
    )


def _drawing(
    points: Sequence[Point],
    metric: str,
    direction: str,
    sigma: float | None,
    width: int,
    height: int,
    estimate: tuple[float, float, float] | None,
) -> list[str]:
    runs = plot.measured(points)
    bests = plot.records(runs, direction)
    axis = plot.axis(runs, bests, direction, sigma, ROOM) if runs else None
    off = sum(not axis.low <= value <= axis.high for _, value in runs) if axis else 0
    totals = plot.counts(points)
    estimate = estimate if bests else None
    frame = _frame(points, axis, direction, totals["crash"], width - (12 if estimate else 0), height)
    better = f"{'higher' if direction == 'max' else 'lower'} is better"
    title = f'{html(metric, 40)}<tspan font-weight="400"> · {better}</tspan>'
    parts = [f'<rect class="paper" width="{width}" height="{height}"/><text class="name" x="12" y="20">{title}</text>']
    parts += chart_legend.legend(totals, off, len(bests), sigma, width, estimate is not None)
    if points:
        parts += _axes(frame, height)
        parts += _band(frame, bests, sigma)
        parts += _dots(frame, points, runs)
        parts += _line(frame, bests)
        parts += _crashes(frame, points, direction) + (_estimate(frame, estimate) if estimate else [])
        parts += _labels(frame, runs if len(runs) <= TOOLTIPS else [], bests, direction, width)
    if not runs:
        told = "No run has been measured yet." if points else "No runs yet."
        parts.append(f'<text x="{width / 2:g}" y="{height / 2:g}" text-anchor="middle">{told}</text>')
    return parts


def _frame(points: Sequence[Point], axis: Axis | None, direction: str, crashes: int, width: int, height: int) -> _Frame:
    words = plot.tick_words(plot.ticks(axis.low, axis.high, TICKS)) if axis else []
    left = 22 + max(labels.text_width(word, 12) for word in ([*words, "crash"] if crashes else words or [""]))
    top, bottom = 44.0 if width >= chart_legend.NARROW else 62.0, height - 44.0
    if crashes and direction == "max":
        bottom -= LANE
    elif crashes:
        top += LANE
    numbers = [p.number for p in points] or [1]
    return _Frame(labels.Box(left, top, width - 14.0, bottom), min(numbers), max(numbers), axis)


def _axes(frame: _Frame, height: int) -> list[str]:
    box = frame.box
    parts = []
    if frame.axis:
        values = plot.ticks(frame.axis.low, frame.axis.high, TICKS)
        for value, word in zip(values, plot.tick_words(values), strict=True):
            y = frame.y(value)
            parts.append(
                f'<path class="rule" d="M{box.left:.1f} {y:.1f}H{box.right:.1f}"/>'
                f'<text x="{box.left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{word}</text>'
            )
    most = max(2, min(10, int((box.right - box.left) / 70)))
    steps = plot.ticks(frame.first, frame.last, most) if frame.last > frame.first else [float(frame.first)]
    parts += [
        f'<text x="{frame.x(int(step)):.1f}" y="{height - 26}" text-anchor="middle">{int(step)}</text>'
        for step in steps
        if step == int(step)
    ]
    parts.append(f'<text x="{(box.left + box.right) / 2:.1f}" y="{height - 8}" text-anchor="middle">run</text>')
    return parts


def _band(frame: _Frame, bests: Sequence[Best], sigma: float | None) -> list[str]:
    if not bests or not sigma:
        return []
    upper = _steps(frame, bests, sigma)
    lower = _steps(frame, bests, -sigma)
    corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in [*upper, *reversed(lower)])
    return [f'<path class="band" d="M{corners}Z"/>']


def _line(frame: _Frame, bests: Sequence[Best]) -> list[str]:
    if not bests:
        return []
    return [f'<path class="best" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in _steps(frame, bests, 0.0))}"/>']


def _steps(frame: _Frame, bests: Sequence[Best], shift: float) -> list[tuple[float, float]]:
    """The corners of the line of the best so far, moved by `shift`."""
    corners: list[tuple[float, float]] = []
    for best in bests:
        x, y = frame.x(best.number), frame.y(best.value + shift)
        corners += [(x, corners[-1][1]), (x, y)] if corners else [(x, y)]
    return [*corners, (max(frame.box.right - 8, corners[-1][0]), corners[-1][1])]


def _dots(frame: _Frame, points: Sequence[Point], runs: Sequence[tuple[Point, float]]) -> list[str]:
    """Discarded runs first, so that kept ones lie on top; each outlier a triangle that points off the scale."""
    axis = frame.axis
    if axis is None:
        return []
    parts: list[str] = []
    for status in ("discard", "keep"):
        own = [(p, v) for p, v in runs if (p.status == "keep") == (status == "keep")]
        inside = [(p, v) for p, v in own if axis.low <= v <= axis.high]
        if len(points) <= TOOLTIPS:
            radius = 4 if status == "keep" else 3
            parts += [
                f'<circle class="{status}" cx="{frame.x(p.number):.1f}" cy="{frame.y(v):.1f}" r="{radius}">'
                f"<title>run {p.number} · {status} · {number(v)} · {html(p.description, 120)}</title></circle>"
                for p, v in inside
            ]
        else:
            parts += _dense(frame, inside, status)
        parts += _outliers(frame, [(p, v) for p, v in own if not axis.low <= v <= axis.high], status)
    return parts


def _dense(frame: _Frame, runs: Sequence[tuple[Point, float]], status: str) -> list[str]:
    cells: dict[tuple[int, int], str] = {}
    for point, value in runs:
        x, y = frame.x(point.number), frame.y(value)
        cells.setdefault((int(x / CELL), int(y / CELL)), f"M{x:.1f} {y:.1f}h0")
    return [f'<path class="dense {status}" d="{"".join(cells.values())}"/>'] if cells else []


def _outliers(frame: _Frame, runs: Sequence[tuple[Point, float]], status: str) -> list[str]:
    seen: dict[tuple[int, bool], str] = {}
    for point, value in runs:
        x, up = frame.x(point.number), frame.axis is not None and value > frame.axis.high
        y, size = (frame.box.top, 6) if up else (frame.box.bottom, -6)
        seen.setdefault((int(x / CELL), up), f"M{x:.1f} {y:.1f}l4 {size}h-8z")
    if not seen:
        return []
    told = f"<title>{plural(len(runs), 'run')} off the scale</title>"
    return [f'<path class="off {status}" d="{"".join(seen.values())}">{told}</path>']


def _crashes(frame: _Frame, points: Sequence[Point], direction: str) -> list[str]:
    box = frame.box
    y = box.bottom + LANE / 2 if direction == "max" else box.top - LANE / 2
    seen: dict[int, str] = {}
    for point in points:
        if point.status == "crash":
            x = frame.x(point.number)
            seen.setdefault(int(x / CELL), chart_legend.cross(x, y))
    if not seen:
        return []
    return [
        f'<text x="{box.left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">crash</text>',
        f'<path class="crash" d="{"".join(seen.values())}"/>',
    ]


def _estimate(frame: _Frame, estimate: tuple[float, float, float]) -> list[str]:
    """A whisker beside the end of the line: what is left of the champion once its luck is taken off."""
    x, (low, middle, high) = frame.box.right + 7, (frame.y(value) for value in estimate)
    told = f"<title>true value of the champion: {number(estimate[0])} to {number(estimate[2])} (90 %)</title>"
    return [
        f'<path class="estimate" d="{chart_legend.whisker(x, min(low, high), max(low, high))}">{told}</path>',
        f'<circle class="middle" cx="{x:.1f}" cy="{middle:.1f}" r="2.6"/>',
    ]


def _labels(
    frame: _Frame, runs: Sequence[tuple[Point, float]], bests: Sequence[Best], direction: str, width: int
) -> list[str]:
    """Names for the ends of the line and its largest steps."""
    if not bests:
        return []
    longest = 30 if width >= chart_legend.NARROW else 20
    anchors = []
    for i, best in enumerate(bests):
        text = shorten(one_line(best.description, 200), longest)
        weight = {len(bests) - 1: float("inf"), 0: plot.LARGEST}.get(i, best.gain)
        if text:
            anchors.append(labels.Anchor(frame.x(best.number), frame.y(best.value), text, weight))
    corners = _steps(frame, bests, 0.0)
    hard = [
        labels.Box(min(x, u) - 1, min(y, v) - 1, max(x, u) + 1, max(y, v) + 1)
        for (x, y), (u, v) in itertools.pairwise(corners)
    ]
    hard += [labels.Box(a.x - 4, a.y - 4, a.x + 4, a.y + 4) for a in anchors]
    hard = list({labels.Box(*map(round, box)) for box in hard})  # thousands of small steps share their pixels
    dots = [(frame.x(point.number), frame.y(value)) for point, value in runs]
    soft = [labels.Box(x - 3, y - 3, x + 3, y + 3) for x, y in dots]
    placed = labels.place(
        anchors,
        hard,
        soft,
        frame.box,
        side=-1 if direction == "max" else 1,
        most=MOST_LABELS if width >= chart_legend.NARROW else 6,
    )
    parts = []
    for label in placed:
        if label.lead:
            x, y, end, stop = label.lead
            parts.append(f'<path class="lead" d="M{x:.1f} {y:.1f}L{end:.1f} {stop:.1f}"/>')
        parts.append(f'<text class="label" x="{label.x:.1f}" y="{label.y:.1f}">{html_raw(label.text)}</text>')
    return parts
