"""How much a metric moves when nothing was changed, and what that says about a difference: is this gain real?"""

from __future__ import annotations

import math
from typing import NamedTuple

PRIOR_RELATIVE_SIGMA = 0.00066
"""Median standard deviation of one run relative to the metric: 447 seed groups of public 8xH100 ten-minute runs."""

PRIOR_RUNS = 1
"""Degrees of freedom that the prior counts for: one replicate weighs as much. The quartiles of those 447 groups (0.042
and 0.12 %) are those of an inverse chi-squared variance with 0.8, and other machines lie further out (to 1.5 %)."""

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


def estimate(level: float, squares: float, freedom: int) -> Noise:
    """Pool repeated runs of unchanged code with the prior.

    Args:
        level: a typical value of the metric, to scale the relative prior.
        squares: sum over groups of equal code of the squared deviations from the group's mean.
        freedom: number of runs in those groups minus the number of groups.

    The posterior mean of a scaled inverse chi-squared variance (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6).

    """
    prior = PRIOR_RELATIVE_SIGMA * abs(level)
    variance = (PRIOR_RUNS * prior * prior + squares) / (PRIOR_RUNS + freedom)
    return Noise(math.sqrt(variance), PRIOR_RUNS + freedom, freedom)


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


def verdict(probability: float) -> str:
    """The probability as one of better, tie, worse."""
    if probability >= CONFIDENT:
        return BETTER
    return WORSE if probability <= 1 - CONFIDENT else TIE


def reruns_to_settle(gain: float, noise: Noise, most: int = 16) -> int | None:
    """How many reruns of each side would make a true difference of `gain` count as real; None if more than `most`."""
    for runs in range(2, most + 2):
        freedom = noise.freedom + 2 * (runs - 1)
        spread = noise.sigma * math.sqrt(2 / runs)
        if spread == 0.0 or student_cdf(abs(gain) / spread, freedom) >= CONFIDENT:
            return runs - 1
    return None


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
