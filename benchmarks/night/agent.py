"""An agent that proposes one idea after another, keeps to what worked, and repeats itself more as the night goes on."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple

from benchmarks.night.words import FEATURES, KNOBS, MOVES
from benchmarks.night.world import SCALES, START, Config, World, place

REPEATS = (0.025, 0.06, 0.10, 0.118, 0.113, 0.167)
"""Share of ideas that were tried before, by twenties of runs, as in public ledgers."""

_KNOB = 0.5
"""Share of ideas that turn a knob."""
_ON = 0.4
"""Chance to go a step further on a knob whose last step was kept."""
_RIGHT = 0.6
"""Chance that an agent, who has read about knobs, first turns one towards its optimum."""
_TASTE = 1.0
"""How much better than chance it orders the structural ideas, in the spread of its ignorance."""
_SAME_WORDS = 0.45
_STEPS = {
    "rate": (0.8, 1.25, 0.5, 2.0, 0.9, 1.1),
    "share": (0.1, -0.1, 0.05, -0.05, 0.2, -0.2),
    "beta": (0.5, 2.0, 0.8, 1.25),
    "whole": (0.75, 1.25, 0.5, 1.5),
    "power": (0.5, 2.0, 0.25),
}


class Edit(NamedTuple):
    """A knob set to a value, or a structural idea put in (its value is 1)."""

    knob: int | None
    feature: int | None
    value: float

    def on(self, config: Config) -> Config:
        """The configuration with this edit."""
        if self.knob is None:
            return config._replace(features=config.features | {self.feature or 0})
        knobs = config.knobs
        return config._replace(knobs=(*knobs[: self.knob], self.value, *knobs[self.knob + 1 :]))


class Proposal(NamedTuple):
    """What the agent wants to try, in its words."""

    edit: Edit
    words: str


class Agent:
    """Its memory is what was run and kept; each of its proposals depends on nothing else but its number."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tried: dict[Edit, str] = {}
        self.declined = set[Edit]()
        """What was refused since the last keep."""
        self.last: tuple[Edit, Config] | None = None
        """The last step of a knob and what it was made on, if it was kept."""
        rng = Random(f"{world.name}/taste")
        self.order = sorted(range(len(FEATURES)), key=lambda feature: rng.gauss(0, 1) + _TASTE * self._sense(feature))
        self.fond = [math.sqrt(curve.weight) * math.exp(rng.gauss(0, 0.5)) for curve in world.curves]
        self.hunch = [rng.random() < _RIGHT for _ in KNOBS]

    def learn(self, proposal: Proposal, base: Config, kept: bool) -> None:
        """What became of a run."""
        self.tried.setdefault(proposal.edit, proposal.words)
        self.last = (proposal.edit, base) if kept and proposal.edit.knob is not None else None
        if kept:
            self.declined.clear()

    def decline(self, proposal: Proposal) -> None:
        """A proposal was refused: it isn't made again while nothing changes."""
        self.declined.add(proposal.edit)

    def propose(self, number: int, run: int, config: Config, further: bool = False) -> Proposal:
        """The idea number `number` of the night, for the run number `run`, on a configuration.

        `further`: the agent was told to go on with the knob whose last step was kept.
        """
        if further and (step := self._further(number, config, told=True)):
            return Proposal(step, _say(self._dice(number, "words"), step, config))
        known, again = self._known(config), self._dice(number, "again")
        if again.random() < REPEATS[min(run // 20, len(REPEATS) - 1)] and known:
            edit = again.choice(known)
            same = again.random() < _SAME_WORDS
            return Proposal(edit, self.tried[edit] if same else _say(again, edit, config))
        fresh = self._further(number, config) or self._fresh(number, config)
        return Proposal(fresh, _say(self._dice(number, "words"), fresh, config))

    def _dice(self, number: int, purpose: str) -> Random:
        """Luck of its own for each purpose, so that nights which differ in one thing differ in little else."""
        return Random(f"{self.world.name}/{number}/{purpose}")

    def _sense(self, feature: int) -> float:
        effect = self.world.effects[feature].alone / (self.world.size * SCALES.harm)
        return max(-1.0, min(1.0, effect))

    def _further(self, number: int, config: Config, told: bool = False) -> Edit | None:
        rng = self._dice(number, "further")
        if (rng.random() >= _ON and not told) or self.last is None:
            return None
        (knob, _, value), before = self.last
        return self._step(rng, config, knob, value > before.knobs[knob]) if knob is not None else None

    def _fresh(self, number: int, config: Config) -> Edit:
        for attempt in range(8):
            rng = self._dice(number, f"fresh {attempt}")
            edit = self._turn(rng, config) if rng.random() < _KNOB else self._put_in(rng, config)
            if edit is not None:
                return edit
        return self._dice(number, "none is left").choice(self._known(config) or list(self.tried))

    def _turn(self, rng: Random, config: Config) -> Edit | None:
        knob = rng.choices(range(len(KNOBS)), self.fond)[0]
        up = rng.random() < 0.5
        if all(edit.knob != knob for edit in self.tried):
            first = place(KNOBS[knob].kind, START.knobs[knob])
            up = (self.world.curves[knob].optimum > first) == self.hunch[knob]
        return self._step(rng, config, knob, up)

    def _put_in(self, rng: Random, config: Config) -> Edit | None:
        """A new structural idea, rather one that it thinks well of: to leave one out reshuffles no other."""
        luck = [(rank + 4 * math.log(rng.expovariate(1)), feature) for rank, feature in enumerate(self.order)]
        left = (Edit(None, feature, 1.0) for _, feature in sorted(luck) if feature not in config.features)
        return next((edit for edit in left if self._is_new(edit)), None)

    def _known(self, config: Config) -> list[Edit]:
        """What can be tried again."""
        return [edit for edit in self.tried if edit not in self.declined and edit.on(config) != config]

    def _is_new(self, edit: Edit) -> bool:
        return edit not in self.tried and edit not in self.declined

    def _step(self, rng: Random, config: Config, knob: int, up: bool) -> Edit | None:
        """A step that wasn't made before, if there is one among a few."""
        kind, value = KNOBS[knob].kind, config.knobs[knob]
        for _ in range(4):
            size = rng.choice([step for step in _STEPS[kind] if (step > (0 if kind == "share" else 1)) == up])
            new = _turned(kind, value, size)
            edit = Edit(knob, None, new)
            if new != value and self._is_new(edit):
                return edit
        return None


def _turned(kind: str, value: float, step: float) -> float:
    if kind == "share":
        return round(min(1.0, max(0.0, value + step)), 4)
    if kind == "beta":
        return float(f"{1 - min(0.5, (1 - value) / step):.4g}")
    new = value * step
    return float(max(2, round(new))) if kind in ("whole", "power") else float(f"{new:.3g}")


def _say(rng: Random, edit: Edit, config: Config) -> str:
    if edit.knob is None:
        return rng.choice(FEATURES[edit.feature or 0])
    knob, old = KNOBS[edit.knob], config.knobs[edit.knob]
    up = edit.value > old
    return rng.choice(MOVES).format(
        name=knob.name if rng.random() < 0.5 else rng.choice(knob.names),
        verb=rng.choice(("raise", "increase") if up else ("lower", "reduce")),
        old=f"{old:g}" if old < 1e5 else str(int(old)),
        new=f"{edit.value:g}" if edit.value < 1e5 else str(int(edit.value)),
    )
