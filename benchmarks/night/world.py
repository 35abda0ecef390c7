"""A training script whose every configuration has a known true val_bpb, and runs of it that are noisy.

No effect is drawn from a normal distribution or from anything that the judgement under test assumes: knobs have
response curves (flat near their optimum, steeper on one side, a cliff), structural ideas a Laplace and Pareto mixture.
The constants were tuned until a night under keep-if-lower looks as public ledgers do: `night_sim.py --check-world`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from benchmarks.night.words import FEATURES, GROUPS, KNOBS

LEVEL = 0.98
"""True val_bpb of the configuration that a night begins with."""

REAL_SIGMA = (0.00066, 0.78)
"""Median and log-spread of one run's relative noise in public seed groups: their quartiles are 0.042 and 0.12 %."""

_TAILS = (0.02, 4.0)
"""Share of the runs whose noise is larger, and how much."""

_COUPLED = (
    ("MATRIX_LR", "TOTAL_BATCH_SIZE", 0.5),
    ("EMBEDDING_LR", "TOTAL_BATCH_SIZE", 0.3),
    ("MATRIX_LR", "ASPECT_RATIO", -0.5),
    ("WEIGHT_DECAY", "MATRIX_LR", -0.6),
    ("WARMDOWN_RATIO", "MATRIX_LR", 0.5),
    ("FINAL_LR_FRAC", "WARMDOWN_RATIO", 0.4),
    ("DEPTH", "ASPECT_RATIO", -0.7),
    ("DEPTH", "TOTAL_BATCH_SIZE", -0.3),
    ("ADAM_BETA2", "TOTAL_BATCH_SIZE", -0.5),
    ("ADAM_BETA1", "EMBEDDING_LR", 0.3),
    ("MUON_MOMENTUM", "MATRIX_LR", -0.4),
)
"""The optimum of the first moves with the second by about this much."""


class Scales(NamedTuple):
    """The constants that decide how a night looks; effects are differences of the logarithm of val_bpb."""

    many: tuple[float, float] = (1.6, 2.0)
    """Median and log-spread over nights of the size of all effects, where machines and models differ."""
    one: tuple[float, float] = (0.6, 0.5)
    """The same where all nights are on a machine like that of the public ledger with 125 runs."""
    largest: float = 6.0
    """What the first is cut at: beyond it a night would end at a third of what it began with."""
    knob: tuple[float, float] = (0.0006, 3.2)
    """Median cost of a knob one unit (mostly a doubling) off its optimum, and its log-spread over knobs."""
    knob_most: float = 0.02
    """What turning one knob to its optimum gains at most: scripts that people run aren't worse."""
    knob_steepest: float = 0.1
    offset: float = 0.55
    """Mean distance of a knob's optimum from its start."""
    noop: float = 0.36
    crash: float = 0.045
    """Shares of the structural ideas that change nothing, and that crash; of the others:"""
    disaster: float = 0.58
    helpful: float = 0.065
    flips: float = 0.12
    """Shares that harm much, that help, and whose sign turns with another idea in; the rest hardly matters."""
    disaster_size: float = 0.006
    gain: float = 0.003
    harm: float = 0.0003


SCALES = Scales()


class Config(NamedTuple):
    """What a training script is set to."""

    knobs: tuple[float, ...]
    features: frozenset[int]

    @property
    def key(self) -> str:
        """Names it, the same in every process."""
        return f"{self.knobs} {sorted(self.features)}"


START = Config(tuple(float(knob.start) for knob in KNOBS), frozenset())


def place(kind: str, value: float) -> float:
    """Where a value lies on the scale on which its knob is turned: mostly in doublings."""
    if kind == "share":
        return value / 0.15
    return -math.log2(1 - value) if kind == "beta" else math.log2(value)


class _Curve(NamedTuple):
    """How the loss answers to one knob."""

    optimum: float
    weight: float
    below: float
    above: float
    flat: float
    cliff: float

    def cost(self, at: float, shift: float) -> float:
        off = at - self.optimum - shift
        beyond = max(0.0, abs(off) - self.flat)
        return self.weight * (self.above if off > 0 else self.below) * beyond * beyond / (1 + 0.6 * beyond)


class _Effect(NamedTuple):
    """What a structural idea does: adds this to the logarithm, another one with its partner in."""

    alone: float
    partner: int
    together: float
    crashes: bool


class World:
    """One night's hidden truth, from a seed."""

    def __init__(self, seed: int, night: int, sigma: float | None = 5e-4, drift: float = 0.0) -> None:
        """A run varies by `sigma`, None: as machines differ; `drift`: chance that the machine changes at a run."""
        self.name = f"{seed}/{night}"
        rng = Random(f"{self.name}/world")
        median, spread = SCALES.many if sigma is None else SCALES.one
        self.size = min(median * math.exp(rng.gauss(0, spread)), SCALES.largest)
        self.curves = tuple(self._curve(rng, number) for number in range(len(KNOBS)))
        self.shifts = [(_AT[a], _AT[b], c * rng.uniform(0, 2)) for a, b, c in _COUPLED]
        self.effects = tuple(self._effect(rng, number) for number in range(len(FEATURES)))
        self.memory = rng.uniform(0.9, 2.5)
        drawn = LEVEL * REAL_SIGMA[0] * math.exp(rng.gauss(0, REAL_SIGMA[1]))
        self.sigma = drawn if sigma is None else sigma
        self._levels = self._drifting(Random(f"{self.name}/drift"), drift)
        self._drifted: list[float] = []
        self._known: dict[Config, float] = {}
        self._floor = LEVEL / math.exp(self._cost(START))

    def truth(self, config: Config) -> float:
        """The val_bpb that a run without noise, on the machine as it was at first, would measure."""
        if config not in self._known:
            self._known[config] = self._floor * math.exp(self._cost(config))
        return self._known[config]

    def gain(self, config: Config, base: Config) -> float:
        """How much better than the base it truly is; exactly 0 where nothing that matters differs."""
        return round(self.truth(base) - self.truth(config), 12)

    def crash(self, config: Config) -> str | None:
        """Why a run of it dies, if it does."""
        if any(self.effects[feature].crashes for feature in config.features):
            return "RuntimeError: the size of tensor a must match the size of tensor b"
        at = _places(config)
        if at[_DEPTH] - _START[_DEPTH] + 1.5 * (at[_WIDTH] - _START[_WIDTH]) > self.memory:
            return "torch.OutOfMemoryError: CUDA out of memory"
        if any(here - first > curve.cliff for here, first, curve in zip(at, _START, self.curves, strict=True)):
            return "the loss is nan"
        return None

    def measure(self, config: Config, repetition: int, run: int) -> float:
        """What the run number `run`, the given repetition of this configuration, prints."""
        rng = Random(f"{self.name}/{config.key}/{repetition}")
        noise = rng.gauss(0, self.sigma) * (_TAILS[1] if rng.random() < _TAILS[0] else 1.0)
        while len(self._drifted) <= run:
            self._drifted.append(next(self._levels))
        return round(self.truth(config) * self._drifted[run] + noise, 6)

    def _cost(self, config: Config) -> float:
        at = _places(config)
        shift = [0.0] * len(at)
        for knob, other, factor in self.shifts:
            shift[knob] += factor * (at[other] - _START[other])
        total = sum(curve.cost(*where) for curve, *where in zip(self.curves, at, shift, strict=True))
        crowd: dict[int, int] = {}
        for feature in sorted(config.features):
            effect, group = self.effects[feature], GROUPS[feature]
            does = effect.together if effect.partner in config.features else effect.alone
            total += does * (0.5 ** crowd.get(group, 0) if does < 0 else 1.0)
            crowd[group] = crowd.get(group, 0) + 1
        return total

    def _curve(self, rng: Random, number: int) -> _Curve:
        optimum = _START[number] + rng.choice((-1, 1)) * rng.expovariate(1 / SCALES.offset)
        weight = SCALES.knob[0] * math.exp(rng.gauss(0, SCALES.knob[1]))
        below, above = (math.exp(rng.uniform(-0.8, 0.8)) for _ in range(2))
        cliff = rng.uniform(1.5, 4.0) if KNOBS[number].name.endswith("_LR") else math.inf
        curve = _Curve(optimum, weight, below, above, rng.uniform(0, 0.25), cliff)
        most = SCALES.knob_most / max(SCALES.knob_most, curve.cost(_START[number], 0.0))
        return curve._replace(weight=self.size * min(weight * most, SCALES.knob_steepest))

    def _effect(self, rng: Random, number: int) -> _Effect:
        kind, partner = rng.random(), rng.randrange(len(FEATURES))
        if kind < SCALES.noop:
            return _Effect(0.0, partner, 0.0, False)
        if kind < SCALES.noop + SCALES.crash:
            return _Effect(0.0, partner, 0.0, True)
        kind = rng.random()
        if kind < SCALES.disaster:
            alone = self.size * SCALES.disaster_size * rng.paretovariate(1.0)
        elif kind < SCALES.disaster + SCALES.helpful:
            alone = -self.size * SCALES.gain * min(rng.paretovariate(1.1) - 0.8, 6.0)
        else:
            alone = self.size * SCALES.harm * (0.35 + rng.expovariate(1.0) - rng.expovariate(1.0))
        alone = min(alone, 0.6)
        turned = -max(-1.0, min(1.0, alone / (self.size * SCALES.gain))) * self.size * SCALES.gain
        return _Effect(alone, partner, turned if rng.random() < SCALES.flips else alone, False)

    def _drifting(self, rng: Random, chance: float) -> Iterator[float]:
        level = 1.0
        while True:
            yield level
            if rng.random() < chance:
                level *= 1 + 0.005 * 10 ** rng.random()


def _places(config: Config) -> list[float]:
    return [place(knob.kind, value) for knob, value in zip(KNOBS, config.knobs, strict=True)]


_AT = {knob.name: number for number, knob in enumerate(KNOBS)}
_START = _places(START)
_DEPTH, _WIDTH = _AT["DEPTH"], _AT["ASPECT_RATIO"]
