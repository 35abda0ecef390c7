"""One night: an agent proposes, a policy refuses, keeps and repeats, and the world says what was true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from benchmarks.night.agent import Agent, Edit, Proposal
from benchmarks.night.world import START, Config, World

REFUSALS = 10
"""After so many refusals in a row an agent runs the next idea whatever is said."""


@dataclass
class Trial:
    """A run of the night, and what was made of it."""

    number: int
    config: Config
    words: str
    value: float | None
    """What it measured; None after a crash."""
    error: str | None
    base: int | None
    """The trial that the edit was applied to; None for the first one."""
    first: int
    """The trial that this one was meant to repeat; itself where it is a new idea."""
    tried: int | None = None
    """The last trial before that tried the same edit."""
    repeated: bool = False
    """It measured once more what was known already, without being asked to."""
    useless: bool = False
    """It tried again what had been tried, where that is truly no gain."""
    kept: bool = False
    probability: float | None = None
    """That it is truly better than what it was held against, as stated when it was decided."""
    against: int | None = None


class Said(NamedTuple):
    """What a policy makes of a trial."""

    kept: bool
    current: int
    """The trial whose configuration the agent goes on from."""
    rerun: int | None = None
    """A trial to run again now."""
    retry: int | None = None
    """A trial whose edit to try now on the present configuration."""
    further: bool = False
    """To go a step further on the knob whose last step was kept."""
    probability: float | None = None
    against: int | None = None


class Policy(Protocol):
    """Decides about ideas before they run, and about runs."""

    def refuses(self, words: str, base: Config) -> bool:
        """Whether an idea for this configuration must not be run."""

    def decide(self, trial: Trial, current: Config) -> Said:
        """What a run means; `current` is what the agent had gone on from."""

    def close(self) -> None:
        """The night is over."""


class Stated(NamedTuple):
    """A probability that was stated, and whether it came true."""

    probability: float
    better: bool


class Outcome(NamedTuple):
    """What became of a night."""

    final: float
    """True val_bpb of the champion in the end."""
    keeps: int
    false_keeps: int
    """Of all decisions to keep: those without a true gain over their base."""
    standing: int
    false_standing: int
    """The same of the edits that are in the final champion."""
    reruns: int
    refused: int
    refused_gains: int
    """Refusals of what would have been a true gain."""
    wasted: int
    crashes: int
    stated: list[Stated]
    trials: list[Trial]


def play(world: World, policy: Policy, runs: int) -> Outcome:
    """A night of so many runs, reruns and the first one included."""
    night = _Night(world, policy)
    try:
        while len(night.trials) < runs:
            night.step()
    finally:
        policy.close()
    return night.outcome()


class _Night:
    def __init__(self, world: World, policy: Policy) -> None:
        self.world, self.policy, self.agent = world, policy, Agent(world)
        self.trials: list[Trial] = []
        self.current = 0
        self.rerun: int | None = None
        self.retry: int | None = None
        self.further = False
        self.ideas: dict[int, Proposal] = {}
        """What each trial that was no rerun tried."""
        self.latest: dict[Edit, int] = {}
        self.proposals = self.refused = self.refused_gains = 0
        self.measured: dict[Config, int] = {}

    def step(self) -> None:
        """One run."""
        if not self.trials:
            self._run(Trial(0, START, "baseline", None, None, None, 0))
        elif self.rerun is not None:
            first = self.trials[self.rerun]
            self._run(Trial(len(self.trials), first.config, first.words, None, None, first.base, first.number))
        else:
            asked = self.ideas.get(self.retry) if self.retry is not None else None
            self._try(asked or self._agreed(self._base()), asked is not None)

    def _try(self, idea: Proposal, asked: bool) -> None:
        base, number = self._base(), len(self.trials)
        config = idea.edit.on(base)
        trial = Trial(number, config, idea.words, None, None, self.current, number)
        trial.tried = self.latest.get(idea.edit)
        trial.repeated = config in self.measured and not asked
        trial.useless = trial.tried is not None and not (trial.repeated or asked) and self.world.gain(config, base) <= 0
        self.ideas[number], self.latest[idea.edit] = idea, number
        self._run(trial)
        self.agent.learn(idea, base, trial.kept)

    def _base(self) -> Config:
        return self.trials[self.current].config if self.trials else START

    def _agreed(self, base: Config) -> Proposal:
        """The first idea that isn't refused, or the last one that the agent has patience for."""
        for patience in range(REFUSALS, -1, -1):
            idea = self.agent.propose(self.proposals, len(self.trials), base, self.further and patience == REFUSALS)
            self.proposals += 1
            if not patience or not self.policy.refuses(idea.words, base):
                break
            self.refused += 1
            self.agent.decline(idea)
            config = idea.edit.on(base)
            self.refused_gains += self.world.crash(config) is None and self.world.gain(config, base) > 0
        return idea

    def _run(self, trial: Trial) -> None:
        repetition = self.measured[trial.config] = self.measured.get(trial.config, -1) + 1
        trial.error = self.world.crash(trial.config)
        if trial.error is None:
            trial.value = self.world.measure(trial.config, repetition, trial.number)
        said = self.policy.decide(trial, self._base())
        self.trials.append(trial)
        trial.kept, trial.probability, trial.against = said.kept, said.probability, said.against
        self.current, self.rerun, self.retry, self.further = said.current, said.rerun, said.retry, said.further

    def outcome(self) -> Outcome:
        """The night in numbers."""
        ideas = [trial for trial in self.trials if trial.base is not None and trial.first == trial.number]
        kept = [trial for trial in ideas if trial.kept]
        standing = list(self._line())
        return Outcome(
            final=self.world.truth(self._base()),
            keeps=len(kept),
            false_keeps=sum(map(self._is_false, kept)),
            standing=len(standing),
            false_standing=sum(map(self._is_false, standing)),
            reruns=sum(trial.first != trial.number for trial in self.trials),
            refused=self.refused,
            refused_gains=self.refused_gains,
            wasted=sum(trial.repeated or trial.useless for trial in ideas),
            crashes=sum(trial.value is None for trial in self.trials),
            stated=list(self._stated()),
            trials=self.trials,
        )

    def _is_false(self, trial: Trial) -> bool:
        return trial.base is not None and self.world.gain(trial.config, self.trials[trial.base].config) <= 0

    def _line(self) -> Iterator[Trial]:
        """The keeps whose edits are still in the champion, from the last one back; a knob turned again counts once."""
        trial, turned = self.trials[self.current], set[int]()
        final = trial.config
        while trial.base is not None:
            base = self.trials[trial.base]
            knob = next(
                (
                    n
                    for n, pair in enumerate(zip(trial.config.knobs, base.config.knobs, strict=True))
                    if len(set(pair)) > 1
                ),
                None,
            )
            if knob is None or (knob not in turned and final.knobs[knob] == trial.config.knobs[knob]):
                yield trial
            if knob is not None:
                turned.add(knob)
            trial = base

    def _stated(self) -> Iterator[Stated]:
        for trial in self.trials:
            if trial.probability is not None and trial.against is not None:
                better = self.world.gain(trial.config, self.trials[trial.against].config) > 0
                yield Stated(trial.probability, better)
