"""Throughput or learning: whether a gain came from more training in the same time or from learning better per token.

Whether a run was slow because something else kept the machine busy is `starved`'s question.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from memorylab.core.numerals import bounded
from memorylab.core.reading.edits import Edit
from memorylab.core.runs.integrity import is_loss
from memorylab.records import Direction
from memorylab.tuples import NamedTuple

EXPONENT = 0.095
"""Loss falls as tokens^-0.095 (Kaplan et al. 2020, "Scaling Laws for Neural Language Models", 1.2): so much of the
metric's level is gained by e times as many tokens."""
PRIOR_WEIGHT = 0.25
"""What the prior counts for, in squared logarithms of the ratio: six runs with 20 % more or fewer tokens. Edits that
change the speed change the model too, so that a few runs say little about tokens alone."""
DIVERGED = 1e3
"""A run that lost so many times the metric's level diverged: tokens have nothing to do with it."""
STEEPEST = 3.0
"""A slope beyond so many times the prior isn't one of tokens."""

# What changes how far a step goes but not how long it takes, by a target's ending; anything else may explain a speed.
_COSTLESS = (
    *("LR", "WD", "WEIGHT_DECAY", "BETA1", "BETA2", "BETAS", "EPS", "MOMENTUM", "WARMUP_RATIO", "WARMDOWN_RATIO"),
    *("FINAL_LR_FRAC", "LR_SCHEDULE", "MOMENTUM_WARMUP", "MOMENTUM_START", "MOMENTUM_FINAL", "WD_FLOOR", "WD_SCHEDULE"),
    *("LR_MULT", "LR_REFERENCE", "SEED", "INIT", "SOFTCAP", "LOGIT_SCALE", "ATTN_SCALE", "QK_GAIN", "ROPE_BASE"),
    *("TEMPERATURE", "LABEL_SMOOTHING", "EMA_DECAY"),
)
_COSTLESS_WORDS = frozenset(
    ("baseline", "rerun", "schedule shape", "cosine", "linear decay", "sqrt decay", "exponential decay", "wsd")
)


class Work(NamedTuple):
    """What a run did: tokens (millions), steps, and the seconds that it trained for; None where it didn't say."""

    tokens: float | None = None
    steps: float | None = None
    seconds: float | None = None


class Past(NamedTuple):
    """An earlier run: its gain over its base, and how many times its base's tokens it saw."""

    gain: float
    ratio: float


class Effort(NamedTuple):
    """A run's work held against its base's; None where it can't be known."""

    ratio: float | None = None
    """Tokens (else steps) as a multiple of the base's."""
    speed: float | None = None
    """The same per second."""
    from_tokens: float | None = None
    """The part of the gain over the base that more tokens explain; negative for fewer."""
    from_learning: float | None = None
    """The rest: what it learnt better from each."""


def effort(
    work: Work,
    base: Work | None,
    gain: float | None,
    *,
    metric: str,
    direction: Direction,
    level: float,
    past: Iterable[Past],
) -> Effort:
    """Hold a run's work against its base's.

    Args:
        work: what the run did.
        base: what its base did; a rerun's is an earlier run of the same code.
        gain: the run's gain over its base.
        metric: the measurement that decides.
        direction: which way it is better.
        level: its usual value.
        past: earlier runs of the arena.

    """
    ratio = _ratio(work, base)
    if base is None or ratio is None:
        return Effort()
    speed = speed_of(work, base)
    if gain is None or not is_loss(metric, direction):
        return Effort(ratio, speed)
    explained = bounded(slope(metric, level, past) * math.log(ratio))
    return Effort(ratio, speed, explained, bounded(gain - explained))


def speed_of(work: Work, base: Work | None) -> float | None:
    """What a run did per second, as a multiple of its base's; None where either didn't say."""
    ratio = _ratio(work, base)
    if ratio is None or base is None or not work.seconds or not base.seconds:
        return None
    return quotient(ratio * base.seconds, work.seconds)


def _ratio(work: Work, base: Work | None) -> float | None:
    """Tokens against tokens, else steps against steps."""
    if base is None:
        return None
    for ours, theirs in ((work.tokens, base.tokens), (work.steps, base.steps)):
        if ours and theirs and ours > 0 and theirs > 0:
            return quotient(ours, theirs)
    return None


def quotient(one: float, other: float) -> float | None:
    """One as a multiple of the other; None where that is beyond what a float holds: then one of them isn't true."""
    found = one / other
    return found if 0.0 < abs(found) < math.inf else None


def prior_slope(metric: str, level: float) -> float:
    """What e times as many tokens gain, in the metric's unit. A perplexity is e to the power of a loss.

    >>> round(prior_slope("val_bpb", 1.0), 3), round(prior_slope("ppl", math.e), 3)
    (0.095, 0.258)
    """
    if metric.lower().split("_")[-1] in ("ppl", "perplexity"):
        return bounded(EXPONENT * level * max(0.0, math.log(level))) if level > 0 else 0.0
    return EXPONENT * abs(level)


def slope(metric: str, level: float, past: Iterable[Past]) -> float:
    """The gain from e times as many tokens: the prior, and what the arena's runs say (ridge regression).

    The line goes through the origin: the same tokens gain nothing.
    """
    prior = prior_slope(metric, level)
    above, below = PRIOR_WEIGHT * prior, PRIOR_WEIGHT
    for run in past:
        if run.ratio > 0 and abs(run.gain) / DIVERGED <= abs(level):
            x = math.log(run.ratio)
            above, below = bounded(above + x * run.gain), below + x * x
    return min(max(above / below, 0.0), STEEPEST * prior)


def explains_speed(edits: Iterable[Edit]) -> bool:
    """Whether an edit may make a step slower or faster: any that isn't known to leave that alone, as rates do."""
    return any(not _costless(edit) for edit in edits)


def _costless(edit: Edit) -> bool:
    name = edit.target
    ends = any(name == end or name.endswith(f"_{end}") for end in _COSTLESS)
    return name in _COSTLESS_WORDS or (ends and edit.op in ("set", "scale") and not edit.opaque)
