"""How the metric answers to one knob, from what was measured of it: what a step may be expected to bring.

A gain over the present value is taken for a parabola in usual steps (`memorylab.core.guard.steps`), of which nothing is
known at first but that a step brings what a new idea does, and that two bring less: knobs have been set by somebody.
Each measurement bends it, as far as the noise lets it (Bayesian linear regression of two unknowns, in closed form).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from memorylab.core.decisions.effects import Belief
from memorylab.core.decisions.worth import upside
from memorylab.tuples import NamedTuple

LOSS = 0.5
"""What a usual step loses on average before anything is known, in units of the spread of what it may bring."""
OPEN = 0.8
"""How open that is: a large loss to one side says as much of a knob that must not be touched as of the other side."""
_UNIT_UPSIDE = upside(Belief(-LOSS, math.hypot(1.0, OPEN)))
ELSEWHERE = 0.5
"""Variance that another base adds to what was measured there, in units of the square of that spread."""


class MeasuredTry(NamedTuple):
    """A measured try of the knob."""

    steps: float
    """How far from the present value, in usual steps."""
    gain: float
    """Over the value that it was held against, in the metric's unit, positive for better."""
    here: bool
    """Whether it was measured on the present base."""
    origin: float = 0.0
    """How far from the present value that one was, which may have been another then."""


class Response:
    """What is known of the gain at a distance from the present value, in the metric's unit."""

    def __init__(self, seen: Sequence[MeasuredTry], usual: float, sigma: float) -> None:
        """Take in what was measured.

        `usual` is what a step of an untouched knob brings on average, taken only if it is a gain; `sigma` the standard
        deviation of one run.
        """
        usual = usual / _UNIT_UPSIDE
        self.spread = usual * _moves(seen, usual, sigma)
        mean, loss = 0.0, LOSS
        cov = [1.0, 0.0, OPEN * OPEN]  # of the slope, of both, of the loss; in units of the spread
        for one in seen:
            x, y = _features(one)
            noise = 2 * _in(self.spread, sigma) ** 2 + (0.0 if one.here else ELSEWHERE) + _SURE
            a, b = cov[0] * x + cov[1] * y, cov[1] * x + cov[2] * y
            variance = x * a + y * b + noise
            miss = max(-_FAR, min(_FAR, _in(self.spread, one.gain))) - (mean * x + loss * y)
            mean, loss = mean + a * miss / variance, loss + b * miss / variance
            cov = [cov[0] - a * a / variance, cov[1] - a * b / variance, cov[2] - b * b / variance]
        self._mean, self._loss, self._cov = mean, loss, cov

    def at(self, steps: float) -> Belief:
        """The gain of a value so many usual steps away."""
        x, y = steps, -steps * steps
        variance = x * x * self._cov[0] + 2 * x * y * self._cov[1] + y * y * self._cov[2]
        return Belief(self.spread * (self._mean * x + self._loss * y), self.spread * math.sqrt(max(0.0, variance)))

    def worth(self, steps: float) -> float:
        """What such a step may be expected to bring where it is taken only if it is a gain."""
        return upside(self.at(steps))


def _moves(seen: Sequence[MeasuredTry], usual: float, sigma: float) -> float:
    """How much of the usual a knob moves, 1 at most: one that has moved nothing so far is expected to move little."""
    told = _FIRM
    for one in seen:
        slope, loss = _features(one)
        expected = slope * slope + OPEN * OPEN * loss * loss + 2 * _in(usual, sigma) ** 2
        told += min(_in(usual, one.gain) ** 2 / expected, _FIRM) if expected else 1.0
    return math.sqrt(min(1.0, told / (_FIRM + len(seen))))


def _in(unit: float, value: float) -> float:
    """A value in a unit, as far as it says anything: what is a million of it away is far."""
    if value == 0:
        return 0.0
    if unit == 0 or abs(value) / _MOST >= unit:
        return math.copysign(_MOST, value)
    return value / unit


def _features(one: MeasuredTry) -> tuple[float, float]:
    """What a measurement is made of: so much of the slope, so much of the loss."""
    to, origin = _clip(one.steps), _clip(one.origin)
    return to - origin, origin * origin - to * to


_MOST = 1e6
_SURE = 1e-9
"""Variance that is left of what doesn't vary, so that two such measurements can be held against each other."""
_FIRM = 2.0
"""Runs' worth of weight that the usual has in how much a knob moves."""
_FAR = 3.0
"""What diverged is a loss, of whatever size: it says no more of the other side than a large one does."""
_MOST_STEPS = 4.0


def _clip(steps: float) -> float:
    """A far try bends the parabola as one four steps away would: no knob is a parabola that far out."""
    return max(-_MOST_STEPS, min(_MOST_STEPS, steps))


def together(parts: Sequence[Belief], transfer: float) -> float:
    """What several changes may be expected to bring together, of each of which so much holds beside the others."""
    mean = transfer * sum(one.mean for one in parts)
    return upside(Belief(mean, math.sqrt(sum(one.sd * one.sd for one in parts))))
