"""What a decision depends on: the run, what it is held against, and how it compares."""

from __future__ import annotations

from typing import NamedTuple

from memorylab.core.arenas import improvement
from memorylab.core.integrity import Reason
from memorylab.core.noise import Noise, probability_better, verdict
from memorylab.core.throughput import Effort
from memorylab.records import Direction, ErrorRecord, NoveltyGuard, Status


class Reference(NamedTuple):
    """A run that the current one is held against, with the mean over its reruns."""

    run_id: str
    commit: str | None
    value: float
    runs: int = 1


class Situation(NamedTuple):
    """All that a decision depends on."""

    run_id: str
    commit: str | None
    status: Status
    description: str
    family: str
    hypothesis: str
    metric: str
    direction: Direction
    value: float | None
    runs: int
    """How many measured runs the candidate has, this one included; `value` is their mean."""
    leads: bool
    """The run repeats the champion; `base` and `champion` are then the next best kept candidate."""
    before: Reference | None
    """The champion before this run; with `leads` the candidate itself without it."""
    base: Reference | None
    champion: Reference | None
    noise: Noise
    guard: NoveltyGuard
    error: ErrorRecord | None
    same_failures: int
    integrity: str
    budget_s: float
    doubts: tuple[Reason, ...] = ()
    """What speaks against its number, grave or not."""
    effort: Effort = Effort()
    """Its work against its base's."""


class Comparison(NamedTuple):
    """A run against one reference: signed gain (positive is better) and how sure it is."""

    reference: Reference
    gain: float
    probability: float

    @property
    def verdict(self) -> str:
        """Better, tie or worse."""
        return verdict(self.probability)


def compare(
    value: float | None, runs: int, reference: Reference | None, noise: Noise, direction: Direction
) -> Comparison | None:
    """Hold a measured value against a reference; None where either is missing."""
    if value is None or reference is None:
        return None
    gain = improvement(value, reference.value, direction)
    return Comparison(reference, gain, probability_better(gain, noise, runs, reference.runs))
