"""The progress chart, because the course of a night is seen in a second and read in ten minutes: as SVG and as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memorylab.core.numerals import Digits, digits
from memorylab.render import chart_legend, labels, naming, plot
from memorylab.render.chart_text import in_words, progress_text
from memorylab.render.escape import html, html_raw
from memorylab.render.plot import Axis, Best
from memorylab.render.words import plural
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.report.morning import Point

__all__ = ["in_words", "progress_svg", "progress_text"]

TOOLTIPS = naming.DENSE
"""Up to so many runs each dot names its run when pointed at; beyond, dots are drawn as one path and thinned."""

CELL = 2.5
"""Pixels of the grid on which dots of a dense chart are thinned: one dot stands for all that fall into a cell."""

LINKED = 300
"""Runs whose marks are links, kept ones and the newest first."""

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


class _Drawn(NamedTuple):
    """What is drawn, and how it is meant."""

    points: Sequence[Point]
    metric: str
    direction: str
    sigma: float | None
    estimate: tuple[float, float, float] | None
    link: Callable[[Point], str | None] | None
    shown: Digits


def progress_svg(
    points: Sequence[Point],
    *,
    metric: str,
    direction: str,
    sigma: float | None,
    width: int = 960,
    height: int = 420,
    estimate: tuple[float, float, float] | None = None,
    link: Callable[[Point], str | None] | None = None,
    shown: Digits | None = None,
) -> str:
    """The progress of an arena's runs as one SVG element without script or outside content, in light and dark.

    Every run is a dot, kept ones filled with colour; the line is the best kept so far, its band one standard deviation
    `sigma` of a single run. Runs far off the scale are triangles at the edge, crashes crosses beyond it. `estimate` is
    the champion's true value as far as it is known (low, middle, high), drawn where the line ends. `link` gives a run's
    address, to which its mark leads; `shown` says how values are written.
    """
    noise = sigma if sigma is not None and 0 < sigma < plot.LARGEST else None
    name = f"ml-{width}x{height}"
    title = f'<title id="{name}-title">Progress of {html(metric, 40)}</title>'
    shown = shown or digits(noise, *(point.value for point in points))
    told = html_raw(in_words(points, metric=metric, direction=direction, sigma=noise, shown=shown))
    style = Path(__file__).with_name("chart.css").read_text(encoding="utf-8")
    what = _Drawn(points, metric, direction, noise, estimate, link if len(points) <= TOOLTIPS else None, shown)
    drawn = "".join(_drawing(what, width, height))
    role = "img" if what.link is None else "group"  # what is inside of an image can't be reached
    return (
        f'<svg class="ml-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="{role}" '
        f'aria-labelledby="{name}-title" aria-describedby="{name}-desc">{title}'
        f'<desc id="{name}-desc">{told}</desc><style>{style}</style>{drawn}</svg>'
    )


def _drawing(what: _Drawn, width: int, height: int) -> list[str]:
    points, direction, sigma = what.points, what.direction, what.sigma
    runs = plot.measured(points)
    bests = plot.records(runs, direction)
    axis = plot.axis(runs, bests, direction, sigma, ROOM) if runs else None
    off = sum(not axis.low <= value <= axis.high for _, value in runs) if axis else 0
    totals = plot.counts(points)
    estimate = what.estimate if bests else None
    again = sum(point.again and point.status == "keep" for point in points) if len(points) <= TOOLTIPS else 0
    shown = chart_legend.Shown(totals, again, off, bool(bests), bool(bests and sigma), estimate is not None)
    name, better = html(what.metric, 40), f" · {'higher' if direction == 'max' else 'lower'} is better"
    legend, rows = chart_legend.legend(shown, width, 24 + 1.1 * labels.text_width(name + better, 12))
    top = 44.0 + chart_legend.ROW * rows
    frame = _frame(points, axis, direction, totals["crash"], width - (12 if estimate else 0), height, top)
    title = f'{name}<tspan font-weight="400">{better}</tspan>'
    parts = [f'<rect class="paper" width="{width}" height="{height}"/><text class="name" x="12" y="20">{title}</text>']
    parts += legend
    if points:
        marks = _Marks(frame, points, what)
        parts += _axes(frame, height) + _band(frame, bests, sigma)
        parts += _dots(marks, runs, "discard") + _line(frame, bests) + _dots(marks, runs, "keep")
        parts += _crashes(marks, direction) + (_estimate(frame, estimate, what.shown) if estimate else [])
        parts += _names(frame, runs, bests, direction, width)
    if not runs:
        told = "No run has been measured yet." if points else "No runs yet."
        parts.append(f'<text x="{width / 2:g}" y="{height / 2:g}" text-anchor="middle">{told}</text>')
    return parts


def _frame(
    points: Sequence[Point], axis: Axis | None, direction: str, crashes: int, width: int, height: int, top: float
) -> _Frame:
    words = plot.tick_words(plot.ticks(axis.low, axis.high, TICKS)) if axis else []
    left = 22 + max(labels.text_width(word, 12) for word in ([*words, "crash"] if crashes else words or [""]))
    bottom = height - 44.0
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


class _Marks:
    """The marks of runs: each says what it is and leads to its run, or all of many are one path."""

    def __init__(self, frame: _Frame, points: Sequence[Point], what: _Drawn) -> None:
        self.frame, self.points, self._shown, link = frame, points, what.shown, what.link
        self.single = len(points) <= TOOLTIPS
        newest = sorted(points, key=lambda point: (point.status == "keep", point.number), reverse=True)[:LINKED]
        self._addresses = {point.number: link(point) for point in newest} if link else {}

    def one(self, point: Point, shape: str) -> str:
        """A mark (an element's name and attributes), in a link where its run has an address.

        Only kept runs are stops of the keyboard: hundreds of them would stand between a reader and what comes next.
        """
        value = f" · {self._shown.value(point.value)}" if point.value is not None and point.status != "crash" else ""
        told = f"run {point.number:,} · {html(point.status, 20)}{value} · {html(point.description, 120)}"
        address = self._addresses.get(point.number)
        if address is None:
            return f"<{shape}><title>{told}</title></{shape.split(' ', 1)[0]}>"
        skipped = "" if point.status == "keep" else ' tabindex="-1"'
        return f'<a href="{html_raw(address)}"{skipped}><title>{told}</title><{shape}/></a>'


def _dots(marks: _Marks, runs: Sequence[tuple[Point, float]], status: str) -> list[str]:
    """The discarded or the kept runs as dots, each outlier a triangle that points off the scale."""
    frame, axis = marks.frame, marks.frame.axis
    if axis is None:
        return []
    own = [(p, v) for p, v in runs if (p.status == "keep") == (status == "keep")]
    inside = [(p, v) for p, v in own if axis.low <= v <= axis.high]
    outside = [(p, v) for p, v in own if not axis.low <= v <= axis.high]
    if not marks.single:
        return _dense(frame, inside, status) + _outliers(frame, outside, status)
    parts = []
    for p, v in inside:
        kind, radius = (status, 3.0) if status != "keep" else ("keep again", 3.5) if p.again else ("keep", 4.0)
        parts.append(
            marks.one(p, f'circle class="{kind}" cx="{frame.x(p.number):.1f}" cy="{frame.y(v):.1f}" r="{radius:g}"')
        )
    return parts + [marks.one(p, f'path class="off {status}" d="{_outlier(frame, p, v)}"') for p, v in outside]


def _dense(frame: _Frame, runs: Sequence[tuple[Point, float]], status: str) -> list[str]:
    cells: dict[tuple[int, int], str] = {}
    for point, value in runs:
        x, y = frame.x(point.number), frame.y(value)
        cells.setdefault((int(x / CELL), int(y / CELL)), f"M{x:.1f} {y:.1f}h0")
    return [f'<path class="dense {status}" d="{"".join(cells.values())}"/>'] if cells else []


def _outliers(frame: _Frame, runs: Sequence[tuple[Point, float]], status: str) -> list[str]:
    seen: dict[tuple[int, bool], str] = {}
    for point, value in runs:
        up = frame.axis is not None and value > frame.axis.high
        seen.setdefault((int(frame.x(point.number) / CELL), up), _outlier(frame, point, value))
    if not seen:
        return []
    told = f"<title>{plural(len(runs), 'run')} off the scale</title>"
    return [f'<path class="off {status}" d="{"".join(seen.values())}">{told}</path>']


def _outlier(frame: _Frame, point: Point, value: float) -> str:
    up = frame.axis is not None and value > frame.axis.high
    return chart_legend.triangle(frame.x(point.number), frame.box.top if up else frame.box.bottom, up)


def _crashes(marks: _Marks, direction: str) -> list[str]:
    box = marks.frame.box
    y = box.bottom + LANE / 2 if direction == "max" else box.top - LANE / 2
    crashed = [(point, marks.frame.x(point.number)) for point in marks.points if point.status == "crash"]
    if not crashed:
        return []
    name = f'<text x="{box.left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">crash</text>'
    if marks.single:
        return [name, *(marks.one(p, f'path class="crash" d="{chart_legend.cross(x, y)}"') for p, x in crashed)]
    seen = {int(x / CELL): chart_legend.cross(x, y) for _, x in crashed}
    return [name, f'<path class="crash" d="{"".join(seen.values())}"/>']


def _estimate(frame: _Frame, estimate: tuple[float, float, float], shown: Digits) -> list[str]:
    """A whisker beside the end of the line: what is left of the champion once its luck is taken off."""
    x, (low, middle, high) = frame.box.right + 7, (frame.y(value) for value in estimate)
    told = f"<title>true value of the champion: {' to '.join(shown.span(estimate[0], estimate[2]))} (90 %)</title>"
    return [
        f'<path class="estimate" d="{chart_legend.whisker(x, min(low, high), max(low, high))}">{told}</path>',
        f'<circle class="middle" cx="{x:.1f}" cy="{middle:.1f}" r="2.6"/>',
    ]


def _names(
    frame: _Frame, runs: Sequence[tuple[Point, float]], bests: Sequence[Best], direction: str, width: int
) -> list[str]:
    if frame.axis is None or not bests:
        return []
    corners = _steps(frame, bests, 0.0)
    place = naming.Place(frame.box, frame.axis, frame.x, frame.y, corners, width < chart_legend.NARROW)
    parts = []
    for label in naming.names(place, runs, bests, direction):
        if label.lead:
            x, y, end, stop = label.lead
            parts.append(f'<path class="lead" d="M{x:.1f} {y:.1f}L{end:.1f} {stop:.1f}"/>')
        parts.append(f'<text class="label" x="{label.x:.1f}" y="{label.y:.1f}">{html_raw(label.text)}</text>')
    return parts
