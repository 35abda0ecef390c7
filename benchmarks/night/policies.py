"""Other tools' rules, as policies of a night: which ideas they refuse, which runs they keep."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from benchmarks.night.play import Policy, Said, Trial
from benchmarks.night.world import Config, World
from memorylab.core.guard import rivals
from memorylab.core.guard.replay import Row

CONFIDENT = 2.0
"""Multiple of the deviation from which a gain is taken for real."""


class KeepIfLower:
    """Upstream's rule: a run that measures less than the champion measured is kept."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.best: float | None = None
        self.champion = 0

    def refuses(self, words: str, base: Config) -> bool:
        """Nothing is refused."""
        return False

    def decide(self, trial: Trial, current: Config) -> Said:
        """Keep what is lower, if it is believed."""
        kept = False
        if trial.value is not None:
            self.values.append(trial.value)
            kept = self.best is None or (trial.value < self.best and self.believes(trial.value, self.best))
            if kept:
                self.best, self.champion = trial.value, trial.number
        return Said(kept, self.champion)

    def believes(self, value: float, best: float) -> bool:
        """Whether a lower value is taken for a gain."""
        return True

    def close(self) -> None:
        """Nothing is left behind."""


class Guarded(KeepIfLower):
    """The same behind the guard of the MemoryLab that this one's interface comes from; see `core.guard.rivals`."""

    def __init__(self) -> None:
        super().__init__()
        self.past: list[rivals.Told] = []

    def refuses(self, words: str, base: Config) -> bool:
        """What resembles a failure is refused."""
        return rivals.reference(_told(len(self.past), None, words), self.past, "exploit").decision == "block"

    def decide(self, trial: Trial, current: Config) -> Said:
        """Keep what is lower, and remember it."""
        said = super().decide(trial, current)
        status = "crash" if trial.value is None else "keep" if said.kept else "discard"
        self.past.append(_told(trial.number, status, trial.words))
        return said


class Session(KeepIfLower):
    """The MAD confidence as it is published (pi-autoresearch, codex-autoresearch), from its description.

    The best value's distance from the first one, over the median absolute deviation of all values: once a session has
    made progress, every lower value is believed.
    """

    def believes(self, value: float, best: float) -> bool:
        """Confidence in the session with this value as its best."""
        return _confident(self.values[0] - value, self.values)


class Mad(KeepIfLower):
    """The same asked of the gain that is to be kept, as a stricter reading of it."""

    def believes(self, value: float, best: float) -> bool:
        """Confidence in this gain."""
        return _confident(best - value, self.values)


class Oracle(KeepIfLower):
    """Keeps by the truth: no policy without reruns can end better but by luck."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def decide(self, trial: Trial, current: Config) -> Said:
        """Keep what is truly better."""
        kept = trial.value is not None and (trial.base is None or self.world.gain(trial.config, current) > 0)
        if kept:
            self.champion = trial.number
        return Said(kept, self.champion)


RIVALS: dict[str, Callable[[World], Policy]] = {
    "keep-if-lower": lambda world: KeepIfLower(),
    "reference": lambda world: Guarded(),
    "mad-session": lambda world: Session(),
    "mad-gain": lambda world: Mad(),
    "oracle": Oracle,
}


def _confident(gain: float, values: list[float]) -> bool:
    if len(values) < 3:
        return True
    middle = statistics.median(values)
    deviation = statistics.median(abs(value - middle) for value in values)
    return deviation == 0 or gain / deviation >= CONFIDENT


def _told(number: int, status: str | None, words: str) -> rivals.Told:
    return rivals.tell(number, Row(status, None, words, [], "", None, None))
