"""What is known of true values: a campaign followed run by run, so that luck is taken back out of what it measured.

The weights of `effects` follow the campaign (sequentially as in Titterington 1984), and the base's own value is updated
by each run on it: ten ideas in a row a little below a champion say that the champion was lucky.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from memorylab.core.decisions.effects import USUAL, Belief, Met, Weights, meet
from memorylab.core.decisions.noise import Noise
from memorylab.core.numerals import bounded
from memorylab.core.runs.arenas import joined
from memorylab.tuples import NamedTuple

HEARD = 0.5
"""What a run says of its base counts for so much: the mixture is a model, and its error is the same for all of them.
With both, stated probabilities come true in simulated nights to 3 %, without them to 5."""
MEMORY = 48.0
"""Tries that the weights remember: effects shrink in the course of a campaign (35 % of the first twenty runs are kept
in public loops, 11 % of those behind the sixtieth)."""
_WORTH_HEARING = 0.001
"""A run far below its base says next to nothing of it."""


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
        self.runs = self.mean = 0.0
        """How many runs its mean is worth: precision in units of one run's, whatever the metric's scale."""
        self.gave = (0.0, 0.0)
        """The mean that its first run told of its base, and what runs that was worth."""
        self.before: Belief | None = None
        """What is known of it to the next run on it, until it is measured or heard of again."""

    def add(self, value: float, runs: float = 1.0) -> None:
        self.mean = joined(self.mean, self.runs, value, runs)
        self.runs += runs
        self.before = None


class Track:
    """The beliefs of a campaign after some runs."""

    def __init__(self, noise: Noise, known: Iterable[tuple[str, float, int]] = ()) -> None:
        """Start with candidates measured before the first run followed: (candidate, mean, runs)."""
        self.noise = noise
        self.weights: Weights = USUAL
        self._known: dict[str, _Candidate] = {}
        self._followed: dict[str, None] = {}
        self._asked: dict[str, Met | None] = {}
        """What was answered since the last run that was taken in: a board asks for a candidate several times."""
        for name, mean, runs in known:
            self._known[name] = _Candidate(None)
            self._known[name].add(mean, runs)

    def fresh(self, mean: float, runs: float) -> Belief:
        """A candidate of which nothing but its measurements is known."""
        return Belief(mean, self.noise.sigma / math.sqrt(runs))

    def belief(self, candidate: str | None) -> Belief | None:
        """What is known of a candidate's true value."""
        one = self._known.get(candidate) if candidate else None
        if one is None:
            return None
        met = self.met(candidate)
        return met.own if met else self.fresh(one.mean, one.runs)

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
        return (one.mean, one.runs) if one else None

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
        return meet(origin, one.mean, one.runs, self.noise, self.weights)

    def _belief(self, one: _Candidate, origin: Belief | None) -> Belief:
        met = self._met(one, origin)
        return met.own if met else self.fresh(one.mean, one.runs)

    def _origin(self, one: _Candidate) -> Belief | None:
        """What is known of a candidate's base by now, but for what the candidate itself said of it.

        A champion that was lucky comes down, and what was held against it then looks better than it did.
        """
        base = self._known.get(one.base) if one.base else None
        if base is None or one.origin is None:
            return one.origin
        told, worth = one.gave
        left = base.runs - worth
        if left <= 0:
            return one.origin
        without = _Candidate(base.origin)
        without.add(bounded(base.mean + bounded(base.mean - told) * (worth / left)), left)
        return self._belief(without, base.origin)

    def _take(self, trial: Trial) -> None:
        self._followed[trial.candidate] = None
        one = self._known.get(trial.candidate)
        if one is not None:
            one.add(trial.value)
            return
        parent = self._known.get(trial.base) if trial.base else None
        if parent is not None and parent.before is None:
            parent.before = self._belief(parent, parent.origin)
        base = parent.before if parent else None
        one = self._known[trial.candidate] = _Candidate(base, trial.base)
        one.add(trial.value)
        met = self._met(one, base)
        if met is not None and met.shares and base is not None and parent is not None:
            self._learn(met.shares)
            self._hear(parent, one, base, met.base)

    def _hear(self, base: _Candidate, one: _Candidate, before: Belief, after: Belief) -> None:
        """What a run says of its base, as if the base had been measured a little more."""
        if not 0.0 < after.sd < before.sd:
            return
        known = (self.noise.sigma / before.sd) ** 2  # in runs
        more = (self.noise.sigma / after.sd) ** 2 - known
        if more > _WORTH_HEARING * base.runs:
            one.gave = bounded(after.mean + (after.mean - before.mean) * (known / more)), HEARD * more
            base.add(*one.gave)

    def _learn(self, shares: Weights) -> None:
        fade = 1 - 1 / MEMORY
        self.weights = tuple(
            share + fade * weight + (1 - fade) * usual
            for share, weight, usual in zip(shares, self.weights, USUAL, strict=True)
        )
