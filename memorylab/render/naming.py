"""Which runs of a progress chart bear their names, and where: the same in the SVG and in the picture of pixels."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from memorylab.render import labels, plot
from memorylab.render.escape import one_line, shorten
from memorylab.render.plot import Axis, Best
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.report.morning import Point

DENSE = 800
"""Beyond so many runs only steps of the line are named: other kept runs have no place among thousands of dots."""

MOST, MOST_NARROW = 24, 9
"""Names in a wide chart and in one for a phone."""

_LENGTHS, _LENGTHS_NARROW = (34, 22, 12), (22, 15, 10)
"""Characters of a name, and of its shorter forms for where there is little room."""


class Place(NamedTuple):
    """A chart as far as its names are concerned, in its own pixels, y downwards."""

    box: labels.Box
    axis: Axis
    x: Callable[[int], float]
    """Where a run of this number stands."""
    y: Callable[[float], float]
    """Where a value stands; one off the scale at the edge."""
    corners: Sequence[tuple[float, float]]
    """Of the line of the best so far."""
    narrow: bool = False


def names(
    place: Place, runs: Sequence[tuple[Point, float]], bests: Sequence[Best], direction: str
) -> list[labels.Label]:
    """Names for the kept runs: the ends of the line, its largest steps, then as many as find a place."""
    lengths = _LENGTHS_NARROW if place.narrow else _LENGTHS
    anchors = [
        labels.Anchor(place.x(number), place.y(value), _forms(text, lengths), weight, must)
        for text, (number, value, weight, must) in _wanted(place.axis, runs, bests).items()
    ]
    return labels.place(
        anchors,
        _line(place),
        _dots(place, runs),
        place.box,
        side=-1 if direction == "max" else 1,
        most=MOST_NARROW if place.narrow else MOST,
    )


def _wanted(
    axis: Axis, runs: Sequence[tuple[Point, float]], bests: Sequence[Best]
) -> dict[str, tuple[int, float, float, bool]]:
    """(number, value, weight, whether it must be named) by name: of runs that are called alike the weightiest."""
    found: dict[str, tuple[int, float, float, bool]] = {}
    repeats = {point.number for point, _ in runs if point.again}  # their names say nothing new
    for place, best in enumerate(bests):
        last = place == len(bests) - 1
        if best.number in repeats and not last:
            continue
        weight = float("inf") if last else plot.LARGEST if place == 0 else best.gain
        text = one_line(best.description, 200)
        if text and (text not in found or found[text][2] < weight):
            found[text] = (best.number, best.value, weight, last)
    if len(runs) <= DENSE:
        for point, value in runs:
            text = one_line(point.description, 200)
            if point.status == "keep" and not point.again and text and axis.low <= value <= axis.high:
                found.setdefault(text, (point.number, value, -1.0, False))
    return found


def _forms(text: str, lengths: Sequence[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shorten(text, length) for length in lengths))


def _line(place: Place) -> list[labels.Box]:
    found = [
        labels.Box(min(x, u) - 1, min(y, v) - 1, max(x, u) + 1, max(y, v) + 1)
        for (x, y), (u, v) in itertools.pairwise(place.corners)
    ]
    return list({labels.Box(*map(round, box)) for box in found})  # thousands of small steps share their pixels


def _dots(place: Place, runs: Sequence[tuple[Point, float]]) -> list[labels.Box]:
    """What no name may cover: single dots; thousands are drawn as a cloud, which has no room between them."""
    if len(runs) > DENSE:
        return []
    spots = {(round(place.x(point.number)), round(place.y(value))) for point, value in runs}
    return [labels.Box(x - 4, y - 4, x + 4, y + 4) for x, y in spots]
