"""What a decision depends on: the run, what it is held against, and how it compares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from memorylab.core.decisions.effects import USUAL, Belief, Met, Weights, surely
from memorylab.core.decisions.noise import BETTER, CONFIDENT, TIE, WORSE, Noise, normal_cdf, probability_better
from memorylab.core.decisions.promotion import Budget
from memorylab.core.numerals import Digits, digits
from memorylab.core.runs.arenas import improvement
from memorylab.core.runs.integrity import Reason
from memorylab.core.runs.starved import Starved
from memorylab.core.runs.throughput import Effort
from memorylab.records import Direction, ErrorRecord, NoveltyGuard, Status
from memorylab.tuples import NamedTuple


class Reference(NamedTuple):
    """A run that the current one is held against, with the mean over its reruns."""

    run_id: str
    commit: str | None
    value: float
    runs: int = 1
    belief: Belief | None = None
    """What is known of its true value, higher is better; None where only its measurements are."""


class Situation(NamedTuple):
    """All that a decision depends on."""

    run_id: str
    commit: str | None
    status: Status | None
    """As the operator gives it; None leaves it to the decision."""
    description: str
    family: str
    hypothesis: str
    metric: str
    direction: Direction
    value: float | None
    runs: int
    """How many measured runs the candidate has, this one included; `value` is their mean."""
    leads: bool
    """The run repeats the champion; `champion` is then the next best kept candidate."""
    before: Reference | None
    """The champion before this run; with `leads` the candidate itself without it."""
    base: Reference | None
    champion: Reference | None
    noise: Noise
    guard: NoveltyGuard
    error: ErrorRecord | None
    same_failures: int
    integrity: str
    run_s: float
    weights: Weights = USUAL
    """What ideas are worth here, as far as the campaign has shown."""
    promotions: Budget = Budget(0, 0.0)
    """What the ideas kept so far risk."""
    confirmed: bool = False
    """The champion is confirmed: only a gain within the budgeted risk replaces it."""
    control: Mapping[str, Any] | None = None
    """The run was a control of the base, and what it showed."""
    control_due: str = ""
    """Why the base should be run again, if it should."""
    heard: tuple[float, float] | None = None
    """The candidate's mean (higher is better) and the runs that it is worth, with what runs built on it say."""
    doubt: Met | None = None
    """The champion's gain over what it was built on, with what this run says of it."""
    successor: Reference | None = None
    """Who would lead without it."""
    doubts: tuple[Reason, ...] = ()
    """What speaks against its number, grave or not."""
    effort: Effort = Effort()
    """Its work against its base's."""
    circumstances: tuple[str, ...] = ()
    """What a reader has to know before the number, such as another command than the base's."""
    starved: Starved | None = None
    """Why it is no evidence, if the machine withheld what its peers had."""
    starved_row: int = 0
    """How many runs in a row were starved with this one."""
    stood: bool = False
    """Its candidate was among those that may lead before this run; where nothing is ruled of that, it still is."""

    @property
    def again(self) -> bool:
        """The candidate was measured before."""
        return self.runs > 1

    @property
    def digits(self) -> Digits:
        """How its value and what it is held against are written, in every sentence alike.

        What the noise of a first run may be is assumed from its value alone, which then keeps the digits of its log.
        """
        against = [one.value for one in (self.base, self.champion, self.before) if one is not None]
        return digits(self.noise.sigma if against else None, self.value, *against)


class Comparison(NamedTuple):
    """A run against one reference: signed gain (positive is better) and how sure it is."""

    reference: Reference
    gain: float
    probability: float
    """That the true gain is above zero, with all that the campaign knows of what ideas are worth."""
    data: float
    """The same by the two measurements alone."""
    sigmas: float | None
    """The gain in standard deviations of the difference, at most `noise.FAR`; None without noise."""

    @property
    def verdict(self) -> str:
        """Better where the gain is probably real, worse where the measurements alone say so, else a tie."""
        if self.probability >= CONFIDENT:
            return BETTER
        return WORSE if self.data <= 1 - CONFIDENT else TIE


class Judged(NamedTuple):
    """A measured run against its base and the champion."""

    met: Met | None
    base: Comparison | None
    champion: Comparison | None


def judge(s: Situation) -> Judged:
    """Hold the run against what it was built on and what leads; nothing where either side is missing."""
    if s.value is None:
        return Judged(None, None, None)
    met = None
    if s.base is not None:
        mean, runs = s.heard or (good(s.value, s.direction), s.runs)
        met = surely(known(s.base, s.noise, s.direction), mean, runs, s.noise, s.weights)
    base = _compare(s, s.base, met.better if met else 0.5)
    if s.champion is None or base is None or s.champion.run_id == s.base.run_id:  # type: ignore[union-attr]
        return Judged(met, base, base if s.champion else None)
    own = met.own if met else known(Reference(s.run_id, None, s.value, s.runs), s.noise, s.direction)
    return Judged(met, base, _compare(s, s.champion, ahead(own, known(s.champion, s.noise, s.direction))))


def ahead(one: Belief, other: Belief) -> float:
    """Probability that one true value is better than another."""
    spread = math.hypot(one.sd, other.sd)
    if spread == 0.0:
        return 0.5 if one.mean == other.mean else float(one.mean > other.mean)
    return normal_cdf((one.mean - other.mean) / spread)


def known(reference: Reference, noise: Noise, direction: Direction) -> Belief:
    """What is known of a reference's true value, higher is better."""
    if reference.belief is not None:
        return reference.belief
    return Belief(good(reference.value, direction), noise.sigma / math.sqrt(reference.runs))


def good(value: float, direction: Direction) -> float:
    """The value with the sign that makes higher better; its own inverse."""
    return value if direction == "max" else -value


def _compare(s: Situation, reference: Reference | None, probability: float) -> Comparison | None:
    if s.value is None or reference is None:
        return None
    gain = improvement(s.value, reference.value, s.direction)
    alone = probability_better(gain, s.noise, s.runs, reference.runs)
    sigmas = s.noise.distance(gain, math.sqrt(1 / s.runs + 1 / reference.runs))
    return Comparison(reference, gain, probability, alone, sigmas)
