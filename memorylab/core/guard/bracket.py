"""Where the values of a knob stand around its present one: what failed on either side, and which neighbour is untried.

Distances are octaves for positive values; a value near one (a momentum, a decay) is measured by what it lacks to one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from memorylab.tuples import NamedTuple

TIGHT = 1.0
"""Octaves between two failed neighbours that leave no room for a better value between them."""
STEP = 2.0
"""A suggested neighbour is at most this factor away: further off, nothing that was tried here says anything."""
_NEAR_ONE = 0.8
_SHARES = ("RATIO", "FRAC", "DROPOUT", "SMOOTHING", "BETA1", "BETA2", "MOMENTUM", "DECAY", "ROPE")
_POWERS = ("BATCH", "SEQ", "DIM", "VOCAB", "BLOCK", "CHANNELS", "BUFFER", "RANK", "WINDOW")


class Point(NamedTuple):
    """A value that was tried on this base. `failed` is beyond the noise; `gain` in sigmas, None where not measured."""

    value: float
    failed: bool
    gain: float | None = None


class Bracket(NamedTuple):
    """The nearest failed values around the present one, the sides without a try on this base, and a neighbour that was
    tried on no base.
    """

    below: float | None
    above: float | None
    bracketed: bool
    untried: str | None
    suggestion: float | None


def bracket(
    name: str,
    now: float,
    points: Sequence[Point],
    closed: frozenset[str] = frozenset(),
    elsewhere: Sequence[float] = (),
) -> Bracket:
    """What the points say of the neighbourhood of `now`; `closed` sides failed without a value that is known.

    What was tried on another base, `elsewhere`, says nothing of this one, but is not suggested as untried.
    """
    scale = _Scale(name, now, [point.value for point in points], elsewhere)
    below = max((p.value for p in points if p.failed and p.value < now), default=None)
    above = min((p.value for p in points if p.failed and p.value > now), default=None)
    tried = {"below" if point.value < now else "above" for point in points if point.value != now} | closed
    ends = {side for side, end in (("below", scale.low), ("above", scale.high)) if now == end}
    failed = {side for side, value in (("below", below), ("above", above)) if value is not None} | closed
    free = [side for side in ("below", "above") if side not in tried | ends]
    untried = "both" if len(free) == 2 else free[0] if free else None
    suggestion = None
    if len(free) == 1 and points:
        suggestion = scale.across(free[0], points)
    elif not free:
        suggestion = scale.between(below, above, points)
    return Bracket(below, above, bool(failed) and failed | ends == {"below", "above"}, untried, suggestion)


class _Scale:
    """How the values of one knob are spaced: whole numbers, powers of two, shares of one, or plain positive numbers."""

    def __init__(self, name: str, now: float, values: Sequence[float], elsewhere: Sequence[float]) -> None:
        self.now = now
        self.seen = {round_to(value, 6) for value in (now, *values, *elsewhere)}
        known = [now, *values]
        self.whole = all(value == int(value) for value in known) and max(map(abs, known)) >= 2
        powers = self.whole and min(known) > 0 and all(math.log2(value).is_integer() for value in known)
        self.power = powers and (min(known) >= 16 or any(word in name for word in _POWERS))
        share = all(0 <= value <= 1 for value in known)
        self.near_one = share and _NEAR_ONE <= now < 1
        self.low = 0.0 if min(known) >= 0 else -math.inf
        self.high = 1.0 if share and (self.near_one or name.endswith(_SHARES)) else math.inf

    def apart(self, a: float, b: float) -> float:
        """Octaves between two values; endless where one of them is zero or below."""
        a, b = (1 - a, 1 - b) if self.near_one else (a, b)
        return abs(math.log2(a / b)) if a > 0 and b > 0 else math.inf

    def across(self, side: str, points: Sequence[Point]) -> float | None:
        """The step that was taken to one side, taken to the other."""
        nearest = min((p.value for p in points if p.value != self.now), key=self._from_now, default=None)
        if nearest is None:
            return None
        now, other = (1 - self.now, 1 - nearest) if self.near_one else (self.now, nearest)
        value = now * min(max(now / other, 1 / STEP), STEP) if now > 0 and other > 0 else 2 * now - other
        value = 1 - value if self.near_one else value
        if value <= self.low or value >= self.high:
            value = (self.now + (self.low if side == "below" else self.high)) / 2
        return self._fit(value, *((self.low, self.now) if side == "below" else (self.now, self.high)))

    def between(self, below: float | None, above: float | None, points: Sequence[Point]) -> float | None:
        """The middle of the wider gap to a failed neighbour, the one that lost less first; None in a tight bracket."""
        ends = [value for value in (below, above) if value is not None]
        if len(ends) == 2 and self.apart(ends[0], ends[1]) <= TIGHT:
            return None
        lost: dict[float, float] = {}
        for point in points:
            if point.failed:
                gain = -math.inf if point.gain is None else point.gain
                lost[point.value] = max(gain, lost.get(point.value, -math.inf))
        for end in sorted(ends, key=lambda value: -lost.get(value, -math.inf)):
            low, high = sorted((self.now, end))
            explored = any(low < point.value < high for point in points) or (self.now == 0 and len(lost) > 1)
            if explored or self.apart(self.now, end) <= TIGHT / 2:
                continue
            value = self._fit(self._middle(end), low, high)
            if value is not None:
                return value
        return None

    def _from_now(self, value: float) -> tuple[float, float]:
        return self.apart(self.now, value), abs(value - self.now)

    def _middle(self, end: float) -> float:
        now, other = (1 - self.now, 1 - end) if self.near_one else (self.now, end)
        value = math.sqrt(now * other) if now > 0 and other > 0 else (now + other) / 2
        return 1 - value if self.near_one else value

    def _fit(self, value: float, low: float, high: float) -> float | None:
        """The value as a person would write it, strictly between two others and never tried; else None."""
        if self.power and value > 0:
            value = 2.0 ** round(math.log2(value))
        elif self.whole:
            value = float(round(value))
        elif self.near_one:
            value = 1 - round_to(1 - value, 2)
        value = value if self.whole else round_to(value, 6 if self.near_one else 2)
        return value if low < value < high and round_to(value, 6) not in self.seen else None


def round_to(value: float, digits: int) -> float:
    """The value with so many significant digits."""
    return float(f"{value:.{digits}g}")
