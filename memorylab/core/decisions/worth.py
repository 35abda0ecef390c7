"""What the next run is worth: the improvement of the metric that it may be expected to bring, whatever it is spent on.

A rerun is worth what it may change in the decision (the knowledge gradient of Frazier, Powell and Dayanik 2008); a new
idea what ideas have brought here so far.
"""

from __future__ import annotations

import math

from memorylab.core.decisions.effects import SHAPES, Belief, Weights
from memorylab.core.decisions.noise import Noise, normal_cdf

FOLLOW_UP = 2.0
"""A step further on a knob whose last step was kept is kept twice as often as other ideas: 44 against 22 % of public
tries."""


def upside(gain: Belief) -> float:
    """The mean of the positive part of a gain known this well: what may be had by taking it only if it is one."""
    if gain.sd <= 0:
        return max(0.0, gain.mean)
    z = gain.mean / gain.sd
    return gain.mean * normal_cdf(z) + gain.sd * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def rerun(gain: Belief, noise: Noise, taken: bool) -> float:
    """What one more run brings, of something whose gain over the best alternative is known this well.

    Args:
        gain: what is known of it.
        noise: of the arena.
        taken: it is what one goes on from without that run.

    """
    if gain.sd <= 0:
        return 0.0
    told = gain.sd * (gain.sd / math.hypot(gain.sd, noise.sigma))
    after = upside(Belief(gain.mean, told))
    return max(0.0, after - max(0.0, gain.mean if taken else 0.0))


LINE = 1.5
"""A new idea that works opens a line: its follow-ups are worth about half as much again."""


def new_idea(noise: Noise, weights: Weights) -> float:
    """What a run of a new idea brings: each kind of effect by how often it is met here and noticed above the noise."""
    total, sum_ = sum(weights), 0.0
    for shape, weight in zip(SHAPES, weights, strict=True):
        if shape.mean > 0:
            seen = normal_cdf((shape.mean - 1.3) / math.sqrt(shape.variance + 1.5))
            sum_ += weight * upside(Belief(shape.mean, math.sqrt(shape.variance))) * seen
    return LINE * sum_ / total * noise.sigma


def reruns_wanted(gain: Belief, noise: Noise, risk: float, most: int = 8) -> int | None:
    """How many more runs would, as things stand, leave no more than `risk` that there is no gain; None if too many."""
    open_ = gain.sd / noise.sigma if noise.sigma else math.inf
    for runs in range(1, most + 1):
        left = gain.sd / math.sqrt(1 + runs * open_ * open_)
        if left == 0.0 or 1 - normal_cdf(abs(gain.mean) / left) <= risk:
            return runs
    return None
