"""The arithmetic that both progress charts share: which runs count, what range to show, where the ticks stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from memorylab.core.numerals import LARGE, Digits
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.report.morning import Point

LARGEST = 1e304
"""Beyond this a number is no measurement, and differences of such numbers overflow."""

FEW = 12
"""With fewer measured runs than this there is no telling an outlier from the next step, so more is shown."""


class Axis(NamedTuple):
    """The values that are shown; what lies outside is drawn at the edge."""

    low: float
    high: float


class Best(NamedTuple):
    """A kept run that was better than every kept run before it."""

    number: int
    value: float
    description: str
    gain: float
    """How much better than the best before, 0 for the first."""


def measured(points: Sequence[Point]) -> list[tuple[Point, float]]:
    """The runs that have a usable value; a crash has none, whatever was written for it."""
    return [(p, p.value) for p in points if p.value is not None and p.status != "crash" and abs(p.value) < LARGEST]


def records(runs: Sequence[tuple[Point, float]], direction: str) -> list[Best]:
    """The kept runs that set a new best, in order."""
    found: list[Best] = []
    sign = -1.0 if direction == "max" else 1.0
    for point, value in runs:
        if point.status != "keep":
            continue
        step = sign * (found[-1].value - value) if found else 0.0
        if not found or step > 0:
            found.append(Best(point.number, value, point.description, step))
    return found


SMALLEST = 1e-290
"""Below it a span of values is none: their powers of ten lose their digits near 5e-324."""


def axis(
    runs: Sequence[tuple[Point, float]], bests: Sequence[Best], direction: str, sigma: float | None, room: float = 0.04
) -> Axis:
    """The range around the interesting region: the best and the better three quarters; far outliers are left out.

    `room` is the share of the range that stays free beyond the best.

    The first kept run is shown too, as long as the region keeps a fifth of the height. A discarded run far better
    than the best kept one, mostly a broken measurement, is an outlier too.
    """
    sign = -1.0 if direction == "max" else 1.0
    losses = sorted(sign * value for _, value in runs)
    best = sign * bests[-1].value if bests else losses[len(losses) // 20]
    typical = max(losses[int(0.75 * (len(losses) - 1))] - best, 0.0)
    least = 4 * (sigma or 0.0)
    limit = best + max((1.6 if len(losses) >= FEW else 6.0) * typical, least)
    if len({*losses}) < 3:
        limit = max(losses)
    if bests and sign * bests[0].value - best <= 5 * typical:
        limit = max(limit, sign * bests[0].value)
    inside = [loss for loss in losses if loss <= limit]
    bottom = min(loss for loss in losses if loss >= best - max(limit - best, least))
    top = max(best, inside[-1] if inside else best)
    span = top - bottom
    pad, resolution = sigma or 0.0, max(1e-9 * abs(top), SMALLEST)
    if span <= resolution:
        pad = 4 * pad if 4 * pad > resolution else 5e-4 * abs(top) or 0.5
    low, high = sorted((sign * (bottom - max(room * span, pad)), sign * (top + max(0.04 * span, pad))))
    return Axis(low, high)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values between low and high, at most `most` of them."""
    step = tick_step(high - low, most)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, first + most + 1) if i * step <= high + 1e-9 * step]


def tick_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that cuts the span into at most `most` parts."""
    rough = span / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))


def tick_words(values: Sequence[float]) -> list[str]:
    """The ticks with as many decimals as their step needs."""
    if not values:
        return []
    shown = tick_digits(values[1] - values[0] if len(values) > 1 else abs(values[0]) or 1.0, max(map(abs, values)))
    told = [shown.value(v) for v in values]
    # A span of a billionth of the values is none that a noise explains; its ends have names all the same.
    return told if len({*told}) == len(told) else [f"{v:.17g}" for v in values]


def tick_digits(step: float, largest: float) -> Digits:
    """How values at an axis are written, up to the largest, if they are so far apart."""
    place = -math.floor(math.log10(step) + 1e-9)
    return Digits(place if largest >= LARGE else max(place, 0), step, place)


def counts(points: Sequence[Point]) -> dict[str, int]:
    """How many runs of each status there are."""
    found = {"keep": 0, "discard": 0, "crash": 0}
    for point in points:
        found[point.status] = found.get(point.status, 0) + 1
    return found
