"""How much a metric moves when nothing was changed, and what that says about a difference: is this gain real?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

from memorylab.tuples import NamedTuple

PRIOR_RELATIVE_SIGMA = 0.00066
"""Median standard deviation of one run relative to the metric: 447 seed groups of public 8xH100 ten-minute runs."""

PRIOR_RUNS = 1
"""Degrees of freedom that the relative prior counts for: one replicate weighs as much. The quartiles of those 447
groups (0.042 and 0.12 %) are those of an inverse chi-squared variance with 0.8, and other loops lie further out (to
70 %)."""

QUARTILE = 0.25
"""The lower quartile of the sizes of an arena's gains is about one sigma: in twelve public loops whose noise is known
(0.02 to 70 % of the metric) the ratio has a geometric mean of 1.0 and a spread of a factor of 1.9."""
QUARTILE_FREEDOM = 2
"""Degrees of freedom of a scale known to a factor of 1.9 (the spread of the logarithm of an inverse chi)."""
ENOUGH_GAINS = 12
"""From so many gains on their lower quartile tells more than the level of the metric does."""
QUARTILE_WEIGHT = 0.75
"""Its share in the prior, in logarithms: by the precision of the two, spreads of factors of 1.9 and 3."""

OUTLYING = 2.0
"""Differences of repeated runs count up to so many sigma: a rerun that failed to train, or a knob set on the command
line of unchanged code, must not be taken for noise (Huber's proposal 2)."""
_KEPT_SQUARE = 0.9205
"""What is left of a normal's variance when squares are cut at 2 sigma: the correction that keeps sigma unbiased."""

FAR = 1e4
"""A distance of so many sigmas is as good as any: the widest effects known have a standard deviation of 300, and a
normal density 33 of those away is e^-555. Beyond it a number diverged (or nothing here is noise): no model of noise or
of effects says more of it than its sign."""
LARGEST_SIGMA = 1e304
"""So that FAR of them are still a number."""
FEW_GAINS = 3

BETTER, TIE, WORSE = "better", "tie", "worse"
CONFIDENT = 0.9
"""Probability from which a difference counts as real; its complement, as real in the other direction."""


class Noise(NamedTuple):
    """The spread of one run of an arena around its true value."""

    sigma: float
    """Standard deviation of a single run, in the metric's unit."""
    freedom: int
    """Degrees of freedom behind it, the prior's included: few make every probability below more cautious."""
    replicates: int
    """How many repeated runs it was measured on; 0 means that it is the prior alone."""

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """Where sigma lies with this probability: quantiles of the scaled inverse chi-squared variance."""
        low, high = (chi_square_quantile(p, self.freedom) for p in ((1 + mass) / 2, (1 - mass) / 2))
        return self.sigma * math.sqrt(self.freedom / low), self.sigma * math.sqrt(self.freedom / high)

    def distance(self, difference: float, spread: float = 1.0) -> float | None:
        """A difference in standard deviations (`spread` runs' sigma), at most FAR of them; None without noise."""
        unit = self.sigma * spread
        return None if unit == 0.0 else min(max(difference / unit, -FAR), FAR)

    def likely(self) -> Iterator[tuple[float, float]]:
        """Some values of sigma with their probabilities, to average over: the middles of slices of its distribution."""
        if self.freedom >= _KNOWN or self.sigma == 0.0:
            yield self.sigma, 1.0
            return
        for place in _SLICES:
            yield self.sigma * math.sqrt(self.freedom / chi_square_quantile(place, self.freedom)), 1 / len(_SLICES)


_SMALL = 1.0
_KNOWN = 30
"""With so many degrees of freedom sigma is known to 13 %: averaging over it changes no probability by a percent."""
_SLICES = (0.1, 0.3, 0.5, 0.7, 0.9)


def estimate(level: float, contrasts: Sequence[float], gains: Sequence[float] = ()) -> Noise:
    """The noise of an arena from what was repeated in it, and from a prior.

    Args:
        level: a typical value of the metric, to scale the relative prior.
        contrasts: one number per repeated run: its difference to the mean of those before it times
            sqrt(n / (n + 1)), which makes them independent with the variance of one run (Helmert's contrasts).
        gains: the gains of the arena's recent runs over what they were held against, noise and effects together.

    The posterior mean of a scaled inverse chi-squared variance (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6),
    with the squares of outlying contrasts cut, and reruns that diverged left out. Two repeats or more that all agree to
    the last digit are a machine that repeats itself: there is no noise.

    """
    prior, weight = _prior(level, gains)
    sizes = _not_diverged([abs(contrast) for contrast in contrasts], prior, gains)
    if len(sizes) > 1 and not any(sizes):
        return Noise(0.0, len(sizes) + PRIOR_RUNS, len(sizes))
    unit = _unit(max(prior, *sizes)) if sizes else _unit(prior)
    squares = [(size / unit) ** 2 for size in sizes]
    before = weight * (prior / unit) ** 2
    variance = (before + sum(squares)) / (weight + len(squares))
    for _ in range(20 if squares else 0):
        cut = OUTLYING * OUTLYING * variance
        kept = sum(min(square, cut) for square in squares) / _KEPT_SQUARE
        variance = (before + kept) / (weight + len(squares))
    return Noise(min(math.sqrt(variance) * unit, LARGEST_SIGMA), weight + len(squares), len(squares))


def _unit(largest: float) -> float:
    """The power of two below the largest of some sizes: in it squares neither overflow nor vanish, and nothing is lost
    by the division."""
    return 2.0 ** (math.frexp(largest)[1] - 1) if largest else 1.0


def _not_diverged(sizes: Sequence[float], prior: float, gains: Sequence[float]) -> list[float]:
    """The contrasts but for those out of all proportion to the level, to what was gained and to each other."""
    typical = max(prior, sorted(sizes)[(len(sizes) - 1) // 2] if len(sizes) > 1 else 0.0)  # one is no measure of itself
    if len(gains) >= FEW_GAINS:
        typical = max(typical, sorted(map(abs, gains))[int(QUARTILE * (len(gains) - 1))])
    return [size for size in sizes if size <= FAR * typical or typical == 0.0]


def _prior(level: float, gains: Sequence[float]) -> tuple[float, int]:
    """Sigma before anything was repeated, and the degrees of freedom that it counts for."""
    by_level = PRIOR_RELATIVE_SIGMA * abs(level)
    sizes = sorted(abs(gain) for gain in gains if gain != 0)
    if len(sizes) < ENOUGH_GAINS or by_level == 0.0:
        return by_level, PRIOR_RUNS
    quartile = sizes[int(QUARTILE * (len(sizes) - 1))]
    return by_level ** (1 - QUARTILE_WEIGHT) * quartile**QUARTILE_WEIGHT, QUARTILE_FREEDOM


def probability_better(gain: float, noise: Noise, runs: int = 1, base_runs: int = 1) -> float:
    """Probability that a measured `gain` (positive is better) is a true one, from means of `runs` and `base_runs` runs.

    Student's t with the noise model's degrees of freedom, and a flat prior on the true difference.

    >>> round(probability_better(0.0, Noise(0.001, 3, 0)), 3)
    0.5
    """
    spread = noise.sigma * math.sqrt(1 / runs + 1 / base_runs)
    if spread == 0.0:
        return 0.5 if gain == 0 else float(gain > 0)
    return student_cdf(gain / spread, noise.freedom)


@lru_cache(maxsize=4096)
def certain_distance(distance: float, freedom: int) -> float:
    """A distance in sigmas, brought down to what is sure of it where sigma itself is hardly known.

    The sigmas that would be as unlikely if sigma were known: with one degree of freedom 280 sigma are no certainty, a
    Cauchy distribution reaches that far once in 600 times.

    >>> round(certain_distance(-280, 1), 1), certain_distance(-5, 60)
    (-4.2, -5)
    """
    if abs(distance) < _SMALL or freedom >= _KNOWN:
        return distance
    unlikely = max(1e-12, student_cdf(-abs(distance) / math.sqrt(2), freedom))
    return math.copysign(math.sqrt(2) * normal_quantile(unlikely), distance)


def real_gain(noise: Noise, probability: float = CONFIDENT) -> float:
    """The gain of one run over one other from which it counts as real with this probability."""
    low, high = 0.0, 40 * noise.sigma
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if probability_better(middle, noise) < probability else (low, middle)
    return high


def student_cdf(t: float, freedom: int) -> float:
    """Distribution function of Student's t for whole degrees of freedom, in closed form.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.

    >>> round(student_cdf(2.353, 3), 3), round(student_cdf(-1.372, 10), 3)
    (0.95, 0.1)
    """
    theta = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(theta), math.sin(theta)
    if freedom % 2:
        total = theta
        term = cosine * sine
        for k in range(1, freedom - 1, 2):
            total += term
            term *= cosine * cosine * (k + 1) / (k + 2)
        area = 2 / math.pi * total
    else:
        total, term = 0.0, sine
        for k in range(0, freedom - 1, 2):
            total += term
            term *= cosine * cosine * (k + 1) / (k + 2)
        area = total
    return min(1.0, max(0.0, 0.5 + area / 2))


def chi_square_quantile(probability: float, freedom: int) -> float:
    """Quantile of chi-squared by the cube root of Wilson and Hilferty (1931), good to a few percent from two on.

    >>> round(chi_square_quantile(0.95, 10), 1)
    18.3
    """
    if freedom == 1:
        return normal_quantile((1 + probability) / 2) ** 2
    if freedom == 2:
        return -2 * math.log1p(-probability)
    z = normal_quantile(probability)
    part = 2 / (9 * freedom)
    return freedom * max(1e-6, 1 - part + z * math.sqrt(part)) ** 3


def normal_cdf(z: float) -> float:
    """Distribution function of the standard normal."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def normal_quantile(probability: float) -> float:
    """Its inverse, from -8 to 8: `statistics` costs a tenth of a Python start to import.

    By bisection to within 0.04, from where Newton's steps double the digits; they cost a quarter of bisecting on.

    >>> [round(normal_quantile(p), 6) for p in (0.0, 1e-12, 0.025, 0.5, 0.975)]
    [-8.0, -7.034484, -1.959964, 0.0, 1.959964]
    """
    low, high = -8.0, 8.0
    if not normal_cdf(low) < probability < normal_cdf(high):
        return high if probability > 0.5 else low
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (middle, high) if normal_cdf(middle) < probability else (low, middle)
    z = (low + high) / 2
    for _ in range(5):
        z -= (normal_cdf(z) - probability) / (math.exp(-z * z / 2) / math.sqrt(2 * math.pi))
    return z
