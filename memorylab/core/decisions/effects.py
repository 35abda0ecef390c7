"""What ideas are worth as a rule, and what one measurement says against that: a mixture over true effects.

The best of many noisy numbers is too good (the winner's curse). So every gain is held against a mixture of normals over
the size of true effects, in units of the noise (Stephens 2017, "False discovery rates: a new deal").
"""

from __future__ import annotations

import math

from memorylab.core.decisions.noise import FAR, Noise, normal_cdf
from memorylab.core.numerals import bounded
from memorylab.tuples import NamedTuple


class Belief(NamedTuple):
    """A true value as far as it is known: a normal distribution, in the metric's unit; higher is better throughout."""

    mean: float
    sd: float
    """Standard deviation; a variance would overflow where the metric is beyond 1e154."""


class Shape(NamedTuple):
    """One kind of effect: a normal over the true gain, in units of sigma, and how often it is met as a rule."""

    mean: float
    variance: float
    share: float


_SIZES = {
    # size in sigma: (share of all ideas, share of gains among them)
    0.25: (0.10, 0.38),
    0.5: (0.17, 0.36),
    1.0: (0.17, 0.37),
    2.0: (0.10, 0.28),
    4.0: (0.15, 0.18),
    8.0: (0.10, 0.20),
    16.0: (0.09, 0.12),
    32.0: (0.03, 0.15),
    64.0: (0.01, 0.20),
}
"""True effects in public language-model loops: 4,623 measured tries of 62 ledgers, deconvolved by expectation
maximization with this module's own update of the bases, and smoothed. The smaller an effect, the more its sign is open.
Without that update small gains seem not to exist, since the lucky champion stands above them."""


def _shapes() -> tuple[Shape, ...]:
    shapes = [Shape(0.0, 0.0, 0.06), Shape(0.0, 300.0**2, 0.02)]
    for size, (share, good) in _SIZES.items():
        shapes.append(Shape(-size, size * size / 4, share * (1 - good)))
        shapes.append(Shape(size, size * size / 4, share * good))
    return tuple(shapes)


SHAPES = _shapes()
_FORMS = tuple((shape.mean, shape.variance) for shape in SHAPES)
_NEVER = 40.0
PRIOR_TRIES = 16.0
"""The shares above count as so many tries; after them a campaign speaks for itself."""
TAILS = 1.3
"""The variance of one run against sigma squared: noise has tails, which sigma, estimated to be robust, leaves out."""
_NEGLIGIBLE = 1e-5

Weights = tuple[float, ...]
"""One weight for each of `SHAPES`."""

USUAL: Weights = tuple(shape.share * PRIOR_TRIES for shape in SHAPES)


class Met(NamedTuple):
    """What a measurement says of an idea, of its base, and of what ideas are worth here."""

    better: float
    """Probability that the true gain over the base is above zero."""
    worse: float
    """Probability that it is below."""
    gain: Belief
    """The true gain."""
    own: Belief
    """The true value of what was measured."""
    base: Belief
    """That of its base, with what this measurement adds."""
    shares: Weights
    """How likely each shape is for this idea; they sum to one. Empty where the measurement says nothing of that."""


def meet(base: Belief, value: float, runs: float, noise: Noise, weights: Weights = USUAL, sigma: float = 0.0) -> Met:
    """Hold a measured mean of `runs` runs against its base.

    Args:
        base: what is known of the base.
        value: the mean, higher is better.
        runs: how many runs it is the mean of; what others say of it may count as a part of one.
        noise: of the arena.
        weights: of the shapes of effects.
        sigma: to be used for that of the noise; 0 means the noise's own.

    """
    unit = sigma or noise.sigma
    moved = bounded(value - base.mean)
    if unit == 0.0:
        return Met(float(moved > 0), float(moved < 0), Belief(moved, 0.0), Belief(value, 0.0), base, ())
    x, vb, vy = moved / unit, min(base.sd / unit, FAR) ** 2, TAILS / runs
    if abs(x) > FAR:
        gain_, own_ = Belief(moved, math.sqrt(vb + vy) * unit), Belief(value, math.sqrt(vy) * unit)
        return Met(float(moved > 0), float(moved < 0), gain_, own_, base, ())
    likely = _likelihoods(x, vb + vy, weights)
    better = worse = g1 = g2 = o1 = o2 = b1 = b2 = 0.0
    for (m, t), w in zip(_FORMS, likely, strict=True):
        if w < _NEGLIGIBLE:
            continue
        r, v = x - m, t + vb + vy
        step = r / v
        gain, spread = m + t * step, t * (1 - t / v)
        own, lift = m + (t + vb) * step, vb * step
        if spread > 0:
            up = normal_cdf(gain / math.sqrt(spread))
            better += w * up
            worse += w * (1 - up)
        g1 += w * gain
        g2 += w * (gain * gain + spread)
        o1 += w * own
        o2 += w * (own * own + (t + vb) * (1 - (t + vb) / v))
        b1 += w * lift
        b2 += w * (lift * lift + vb * (1 - vb / v))
    gain_, own_, base_ = (_moments(first, second, unit) for first, second in ((g1, g2), (o1, o2), (b1, b2)))
    return Met(
        better,
        worse,
        gain_,
        own_._replace(mean=bounded(base.mean + own_.mean)),
        base_._replace(mean=bounded(base.mean + base_.mean)),
        tuple(likely),
    )


def _likelihoods(x: float, variance: float, weights: Weights) -> list[float]:
    """How likely each shape is behind a gain of `x` sigma measured with this variance; they sum to one."""
    log = math.log
    logs = [
        log(weight) - 0.5 * log(t + variance) - (x - m) * (x - m) / (2 * (t + variance))
        for (m, t), weight in zip(_FORMS, weights, strict=True)
    ]
    most = max(logs)
    found = [math.exp(one - most) if one > most - _NEVER else 0.0 for one in logs]
    total = sum(found)
    return [one / total for one in found]


def _moments(mean: float, square: float, unit: float) -> Belief:
    return Belief(mean * unit, math.sqrt(max(0.0, square - mean * mean)) * unit)


def surely(base: Belief, value: float, runs: float, noise: Noise, weights: Weights = USUAL) -> Met:
    """The same, averaged over what sigma may be; the less is known of the noise, the less sure is everything."""
    scales = list(noise.likely())
    if len(scales) == 1:
        return meet(base, value, runs, noise, weights)
    known = [(p, meet(base, value, runs, noise, weights, sigma)) for sigma, p in scales]
    plain = meet(base, value, runs, noise, weights)
    return plain._replace(better=sum(p * m.better for p, m in known), worse=sum(p * m.worse for p, m in known))
