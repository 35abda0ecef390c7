"""What is known of true values: a campaign followed run by run, so that luck is taken back out of what it measured.

A kept run is the best of many, and the best of many noisy numbers is too good (the winner's curse). So every gain is
held against what ideas are worth as a rule: a mixture of normals over the size of true effects, in units of the noise,
whose weights follow the campaign (Stephens 2017, "False discovery rates: a new deal"; sequentially as in Titterington
1984). The base's own value is updated by each run on it: ten ideas in a row a little below a champion say that the
champion was lucky.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from memorylab.core.decisions.noise import Noise, normal_cdf


class Belief(NamedTuple):
    """A true value as far as it is known: a normal distribution, in the metric's unit; higher is better throughout."""

    mean: float
    variance: float

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.variance)


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
_FAR = 40.0
PRIOR_TRIES = 16.0
"""The shares above count as so many tries; after them a campaign speaks for itself."""
TAILS = 1.3
"""The variance of one run against sigma squared: noise has tails, which sigma, estimated to be robust, leaves out."""
HEARD = 0.5
"""What a run says of its base counts for so much: the mixture is a model, and its error is the same for all of them.
With both, stated probabilities come true in simulated nights to 3 %, without them to 5."""
MEMORY = 48.0
"""Tries that the weights remember: effects shrink in the course of a campaign (35 % of the first twenty runs are kept
in public loops, 11 % of those behind the sixtieth)."""
_NEGLIGIBLE = 1e-5
_NO_NOISE = 1e-12
_WORTH_HEARING = 0.001
"""A run far below its base says next to nothing of it."""

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
    """How likely each shape is for this idea; they sum to one."""


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
    if unit == 0.0:
        gain, known = value - base.mean, Belief(value, 0.0)
        return Met(float(gain > 0), float(gain < 0), Belief(gain, 0.0), known, base, weights)
    x, vb, vy = (value - base.mean) / unit, base.variance / (unit * unit), TAILS / runs
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
        own_._replace(mean=base.mean + own_.mean),
        base_._replace(mean=base.mean + base_.mean),
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
    found = [math.exp(one - most) if one > most - _FAR else 0.0 for one in logs]
    total = sum(found)
    return [one / total for one in found]


def _moments(mean: float, square: float, unit: float) -> Belief:
    return Belief(mean * unit, max(0.0, square - mean * mean) * unit * unit)


def surely(base: Belief, value: float, runs: float, noise: Noise, weights: Weights = USUAL) -> Met:
    """The same, averaged over what sigma may be; the less is known of the noise, the less sure is everything."""
    scales = list(noise.likely())
    if len(scales) == 1:
        return meet(base, value, runs, noise, weights)
    known = [(p, meet(base, value, runs, noise, weights, sigma)) for sigma, p in scales]
    plain = meet(base, value, runs, noise, weights)
    return plain._replace(better=sum(p * m.better for p, m in known), worse=sum(p * m.worse for p, m in known))


class Trial(NamedTuple):
    """A measured run of the campaign, oldest first."""

    candidate: str
    """What was run: reruns share it."""
    base: str | None
    """The candidate that it was built on."""
    value: float
    """Higher is better."""


class _Candidate:
    """What was measured of a candidate: its own runs, and what the runs that were built on it say of it."""

    def __init__(self, origin: Belief | None, base: str | None = None) -> None:
        self.origin = origin
        """What was known of its base before it was tried."""
        self.base = base
        self.precision = self.weighted = 0.0
        self.gave = (0.0, 0.0)
        """The precision and weight that its first run gave its base."""
        self.before: Belief | None = None
        """What is known of it to the next run on it, until it is measured or heard of again."""

    def add(self, value: float, precision: float) -> None:
        self.precision += precision
        self.weighted += precision * value
        self.before = None

    @property
    def mean(self) -> float:
        return self.weighted / self.precision


class Track:
    """The beliefs of a campaign after some runs."""

    def __init__(self, noise: Noise, known: Iterable[tuple[str, float, int]] = ()) -> None:
        """Start with candidates measured before the first run followed: (candidate, mean, runs)."""
        self.noise = noise
        self.weights: Weights = USUAL
        self._one = 1 / max(noise.sigma, _NO_NOISE) ** 2
        self._known: dict[str, _Candidate] = {}
        self._followed: dict[str, None] = {}
        self._asked: dict[str, Met | None] = {}
        """What was answered since the last run that was taken in: a board asks for a candidate several times."""
        for name, mean, runs in known:
            self._known[name] = _Candidate(None)
            self._known[name].add(mean, runs * self._one)

    def fresh(self, mean: float, runs: int) -> Belief:
        """A candidate of which nothing but its measurements is known."""
        return Belief(mean, self.noise.sigma**2 / runs)

    def belief(self, candidate: str | None) -> Belief | None:
        """What is known of a candidate's true value."""
        one = self._known.get(candidate) if candidate else None
        if one is None:
            return None
        met = self.met(candidate)
        return met.own if met else self._plain(one)

    def believed(self, candidate: str, mean: float, runs: int) -> Belief:
        """What is known of a candidate's true value; of one that wasn't followed its measurements."""
        return self.belief(candidate) or self.fresh(mean, runs)

    def origin(self, candidate: str | None) -> Belief | None:
        """What was known of the candidate's base before it was tried."""
        one = self._known.get(candidate) if candidate else None
        return one.origin if one else None

    def met(self, candidate: str | None) -> Met | None:
        """A candidate's gain over what it was built on, by all that was measured since; None where that isn't known."""
        if candidate is None or candidate not in self._known:
            return None
        if candidate not in self._asked:
            one = self._known[candidate]
            self._asked[candidate] = self._met(one, self._origin(one))
        return self._asked[candidate]

    def measured(self, candidate: str) -> tuple[float, float] | None:
        """A candidate's mean and how many runs it is worth, with what the runs built on it say."""
        one = self._known.get(candidate)
        return (one.mean, one.precision / self._one) if one else None

    def followed(self) -> list[str]:
        """The candidates of the runs that were taken in."""
        return list(self._followed)

    def follow(self, trials: Sequence[Trial]) -> Track:
        """Take in runs, oldest first."""
        self._asked.clear()
        for trial in trials:
            self._take(trial)
        return self

    def _met(self, one: _Candidate, origin: Belief | None) -> Met | None:
        if origin is None:
            return None
        return meet(origin, one.mean, one.precision / self._one, self.noise, self.weights)

    def _belief(self, one: _Candidate, origin: Belief | None) -> Belief:
        met = self._met(one, origin)
        return met.own if met else self._plain(one)

    def _plain(self, one: _Candidate) -> Belief:
        return Belief(one.mean, 1 / one.precision if self.noise.sigma else 0.0)

    def _origin(self, one: _Candidate) -> Belief | None:
        """What is known of a candidate's base by now, but for what the candidate itself said of it.

        A champion that was lucky comes down, and what was held against it then looks better than it did.
        """
        base = self._known.get(one.base) if one.base else None
        if base is None or one.origin is None:
            return one.origin
        precision, weighted = base.precision - one.gave[0], base.weighted - one.gave[1]
        if precision <= 0:
            return one.origin
        without = _Candidate(base.origin)
        without.add(weighted / precision, precision)
        return self._belief(without, base.origin)

    def _take(self, trial: Trial) -> None:
        self._followed[trial.candidate] = None
        one = self._known.get(trial.candidate)
        if one is not None:
            one.add(trial.value, self._one)
            return
        parent = self._known.get(trial.base) if trial.base else None
        if parent is not None and parent.before is None:
            parent.before = self._belief(parent, parent.origin)
        base = parent.before if parent else None
        one = self._known[trial.candidate] = _Candidate(base, trial.base)
        one.add(trial.value, self._one)
        met = self._met(one, base)
        if met is not None and base is not None and parent is not None:
            self._learn(met.shares)
            self._hear(parent, one, base, met.base)

    def _hear(self, base: _Candidate, one: _Candidate, before: Belief, after: Belief) -> None:
        """What a run says of its base, as if the base had been measured a little more."""
        more = 1 / after.variance - 1 / before.variance if after.variance > 0 else 0.0
        if more > _WORTH_HEARING * base.precision:
            told = after.mean / after.variance - before.mean / before.variance
            one.gave = (HEARD * more, HEARD * told)
            base.add(told / more, HEARD * more)

    def _learn(self, shares: Weights) -> None:
        fade = 1 - 1 / MEMORY
        self.weights = tuple(
            share + fade * weight + (1 - fade) * usual
            for share, weight, usual in zip(shares, self.weights, USUAL, strict=True)
        )
