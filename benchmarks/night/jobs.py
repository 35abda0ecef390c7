"""Plays many nights under several policies, in as many processes as wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from benchmarks.night.ours import Ours
from benchmarks.night.play import Outcome, Policy, play
from benchmarks.night.policies import RIVALS
from benchmarks.night.world import World

OURS = "ours"
POLICIES: Mapping[str, Callable[[World], Policy]] = {
    **RIVALS,
    OURS: lambda world: Ours(),
    "ours-unguarded": lambda world: Ours(guard=False),
}


class Job(NamedTuple):
    """A night to be played under one policy; a process can be sent it."""

    seed: int
    night: int
    policy: str
    runs: int
    sigma: float | None
    drift: float
    trials: bool = False
    """Whether the single trials are wanted too."""

    def play(self) -> Outcome:
        """The same outcome whenever and wherever it is played."""
        world = World(self.seed, self.night, self.sigma, self.drift)
        outcome = play(world, POLICIES[self.policy](world), self.runs)
        return outcome if self.trials else outcome._replace(trials=[])


def outcomes(jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    """What became of each, in order."""
    if workers == 1:
        yield from map(Job.play, jobs)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(Job.play, jobs, chunksize=4)
