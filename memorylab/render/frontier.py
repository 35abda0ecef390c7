"""The chart of wins lost against failures caught over all thresholds, as SVG and for a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from memorylab.core.guard.frontier import Frontier
from memorylab.render import labels, plot
from memorylab.render.escape import html, one_line
from memorylab.render.table import fit
from memorylab.tuples import NamedTuple

SIGNS: Mapping[str, str] = {"ours": "oO", "reference": "rR", "family": "fF", "exact": "eE"}
"""How a terminal draws each rule, and the point of the threshold in use; where two meet, the first rule is seen."""

TITLE = "Wins lost and failures caught over all thresholds"
ACROSS, UPWARDS = "wins lost, % of kept runs", "failures caught, % of failed runs"
MOST_LOST = 0.4
"""Nobody wants a guard that loses more wins than this, so the chart ends here at the latest."""

APART = 24.0
"""Pixels between the signs on a line."""

Spot = tuple[float, float]


class Extent(NamedTuple):
    """The shares at the right and upper edge of the chart."""

    lost: float
    caught: float


def text(frontiers: Mapping[str, Frontier], about: str, width: int = 78, height: int = 18) -> str:
    """The chart in lines of at most `width` characters; a rule without a threshold is a single sign."""
    lines = spots(frontiers)
    extent = extent_of(lines)
    rows, columns = max(height - 4, 6), max(min(width, 100) - 6, 10)
    grid = [[" "] * columns for _ in range(rows)]
    for spot, sign in _signs(frontiers, lines, extent, columns):
        row = rows - 1 - round(spot[1] / extent.caught * (rows - 1))
        grid[max(row, 0)][min(round(spot[0] / extent.lost * (columns - 1)), columns - 1)] = sign
    shown = [fit(f"{TITLE}: {one_line(about, 200)}", width), f"  {UPWARDS}"]
    for i, signs in enumerate(grid):
        word = f"{100 * extent.caught * (rows - 1 - i) / (rows - 1):.0f}" if i % 3 == 0 or i == rows - 1 else ""
        shown.append(f"{word:>3} │ {''.join(signs).rstrip()}".rstrip())
    end = f"{100 * extent.lost:.0f}"
    shown.append(f"    └ 0{end:>{columns - 1}}")
    shown.append(fit(f"      {ACROSS}", width))
    return "\n".join([*(fit(line, width) for line in shown), fit(f"      {_key(lines)}", width)])


def svg(frontiers: Mapping[str, Frontier], about: str, width: int = 760, height: int = 460) -> str:
    """The chart as one SVG element without script or outside content, in light and dark."""
    lines = spots(frontiers)
    extent = extent_of(lines)
    box = labels.Box(64.0, 76.0, width - 24.0, height - 56.0)
    style = Path(__file__).with_name("chart.css").read_text(encoding="utf-8")
    name = html(about, 120)
    upwards = list(lines)[::-1]
    order = sorted(upwards, key=lambda rule: len(lines[rule]) == 1)  # a single point lies on top of lines
    drawn = [
        f'<rect class="paper" width="{width}" height="{height}"/>',
        f'<text class="name" x="12" y="22">{TITLE}<tspan font-weight="400"> · {name}</tspan></text>',
        *_legend(lines),
        *_axes(box, extent, height),
        *(part for rule in order for part in _series(rule, lines[rule], box, extent)),
        *(_ring(rule, spot, box, extent) for rule in order if (spot := in_use(frontiers[rule]))),
    ]
    return (
        f'<svg class="ml-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="ml-frontier-title ml-frontier-desc"><title id="ml-frontier-title">{TITLE}: {name}</title>'
        f'<desc id="ml-frontier-desc">{html(in_words(frontiers))}</desc><style>{style}</style>{"".join(drawn)}</svg>\n'
    )


def in_words(frontiers: Mapping[str, Frontier]) -> str:
    """What the chart shows, for those who can't see it."""
    told = []
    for name, line in frontiers.items():
        ends = [line.points[0], line.points[-1]] if len(line.points) > 1 else [line.points[0]]
        shares = (f"{100 * lost:.1f} % of wins lost, {100 * caught:.1f} % of failures caught"
                  for lost, caught in map(line.shares, ends))  # fmt: skip
        told.append(f"{name}: {' to '.join(shares)}.")
    return " ".join(told)


def spots(frontiers: Mapping[str, Frontier]) -> dict[str, list[Spot]]:
    """Each rule's points in the order of its thresholds, strictest last, in the order of the legend."""
    found = {}
    for name in SIGNS:
        if name in frontiers:
            line = list(dict.fromkeys(map(frontiers[name].shares, frontiers[name].points)))
            found[name] = line[::-1] if line[0] > line[-1] else line
    return found


def in_use(line: Frontier) -> Spot | None:
    """Where a rule is now, by the threshold in use."""
    return None if line.now is None else line.shares(line.now)


def extent_of(lines: Mapping[str, list[Spot]]) -> Extent:
    """Round edges that hold the points worth seeing, with room for the ones at the edge."""
    seen = [spot for line in lines.values() for spot in line if spot[0] <= MOST_LOST]
    return Extent(*(_round_up(max((spot[axis] for spot in seen), default=0.0)) for axis in (0, 1)))


def _round_up(share: float) -> float:
    """The next edge above a share, at least 10 % and at most all."""
    return next(edge for edge in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0) if edge >= min(1.02 * share, 1.0))


def _signs(
    frontiers: Mapping[str, Frontier], lines: Mapping[str, list[Spot]], extent: Extent, columns: int
) -> list[tuple[Spot, str]]:
    """What a terminal draws, the most important last: lines, then the points in use."""
    names = list(lines)[::-1]
    drawn = [(spot, SIGNS[name][0]) for name in names for spot in _dense(lines[name], extent, columns)]
    return drawn + [
        (spot, SIGNS[name][1]) for name in names if (spot := in_use(frontiers[name])) and spot[0] <= extent.lost
    ]


def _dense(line: list[Spot], extent: Extent, columns: int) -> list[Spot]:
    """The line with the spots between its points, one a column, so that a terminal shows it as a line."""
    found = [spot for spot in line if spot[0] <= extent.lost]
    for (x, y), (u, v) in itertools.pairwise(line):
        steps = int(abs(u - x) / extent.lost * (columns - 1))
        between = [(x + (u - x) * i / steps, y + (v - y) * i / steps) for i in range(1, steps)]
        found += [spot for spot in between if spot[0] <= extent.lost and spot[1] <= extent.caught]
    return found


def _key(lines: Mapping[str, list[Spot]]) -> str:
    return " · ".join([*(f"{SIGNS[name][0]} {name}" for name in lines), "capital: the threshold in use"])


def _xy(spot: Spot, box: labels.Box, extent: Extent) -> Spot:
    x = box.left + (box.right - box.left) * spot[0] / extent.lost
    return x, box.bottom - (box.bottom - box.top) * spot[1] / extent.caught


def _series(rule: str, line: list[Spot], box: labels.Box, extent: Extent) -> list[str]:
    """The line up to the right edge, and a sign at each point, or at every few of many."""
    inside = [(spot, *_xy(spot, box, extent)) for spot in line if spot[0] <= extent.lost]
    parts = []
    if len(inside) > 1:
        parts.append(f'<path class="series {rule}" d="M{"L".join(f"{x:.1f} {y:.1f}" for _, x, y in inside)}"/>')
    last = -APART
    for (lost, caught), x, y in inside:
        if abs(x - last) >= APART:
            told = f"{rule}: {100 * lost:.1f} % of wins lost, {100 * caught:.1f} % of failures caught"
            parts.append(f'<path class="sign {rule}" d="{_sign(rule, x, y)}"><title>{told}</title></path>')
            last = x
    return parts


def _ring(rule: str, spot: Spot, box: labels.Box, extent: Extent) -> str:
    """The rule's sign in a ring, unless it lies beyond the edges."""
    if spot[0] > extent.lost or spot[1] > extent.caught:
        return ""
    x, y = _xy(spot, box, extent)
    return f'<path class="sign {rule}" d="{_sign(rule, x, y)}"/><circle class="now" cx="{x:.1f}" cy="{y:.1f}" r="9"/>'


def _sign(rule: str, x: float, y: float) -> str:
    """A shape of its own for each rule: colour alone would not do for everybody."""
    shapes = {
        "ours": f"M{x - 4.5:.1f} {y:.1f}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
        "reference": f"M{x - 4:.1f} {y - 4:.1f}h8v8h-8z",
        "family": f"M{x:.1f} {y - 5.5:.1f}l5.5 9.5h-11z",
        "exact": f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z",
    }
    return shapes[rule]


def _legend(lines: Mapping[str, list[Spot]]) -> list[str]:
    parts, x = [], 16.0
    for name in lines:
        parts.append(f'<path class="sign {name}" d="{_sign(name, x, 44)}"/><text x="{x + 11:.0f}" y="48">{name}</text>')
        x += 40 + labels.text_width(name, 12)
    parts.append(f'<circle class="now" cx="{x + 2:.0f}" cy="44" r="7"/><text x="{x + 16:.0f}" y="48">in use</text>')
    x += 40 + labels.text_width("in use", 12)
    parts.append(f'<path class="even" d="M{x:.0f} 44h18"/><text x="{x + 24:.0f}" y="48">blocking at random</text>')
    return parts


def _axes(box: labels.Box, extent: Extent, height: int) -> list[str]:
    parts = []
    for value in plot.ticks(0.0, 100 * extent.caught, 8):
        y = _xy((0.0, value / 100), box, extent)[1]
        parts.append(
            f'<path class="rule" d="M{box.left:.1f} {y:.1f}H{box.right:.1f}"/>'
            f'<text x="{box.left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    for value in plot.ticks(0.0, 100 * extent.lost, 8):
        x = _xy((value / 100, 0.0), box, extent)[0]
        parts.append(f'<text x="{x:.1f}" y="{box.bottom + 18:.1f}" text-anchor="middle">{value:g}</text>')
    even = min(extent)
    (x, y), (u, v) = _xy((0.0, 0.0), box, extent), _xy((even, even), box, extent)
    middle, centre = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return [
        *parts,
        f'<path class="even" d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}"/>',
        f'<text x="{middle:.1f}" y="{height - 14}" text-anchor="middle">{ACROSS}</text>',
        f'<text transform="translate(20 {centre:.1f}) rotate(-90)" text-anchor="middle">{UPWARDS}</text>',
    ]
