"""How far a knob is turned at a time, and which values it may have: steps as a person would take them.

A rate is doubled or halved, a share stays a share, a batch a power of two, a count of heads divides the width. Places
on a knob are told in such steps: 0 is the present value, 1 a usual step up, -1 a usual step down.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from memorylab.core.guard.bracket import round_to
from memorylab.core.guard.settable import CodeKnob, words
from memorylab.core.reading.leaves import number
from memorylab.tuples import NamedTuple

_SHARE = 0.2
"""Of a whole number a usual step is this share, in round numbers; small ones go by one."""
_SMALL = 5
_NEAR_ONE = 0.8
_POWERS_WORDS: Final = """
    batch seq dim vocab block channels buffer rank width hidden embd embed model head heads nhead
"""
_POWERS = frozenset(_POWERS_WORDS.split())
_REAL_WORDS: Final = """
    lr rate decay wd momentum beta betas beta1 beta2 eps clip scale gain ratio frac fraction weight alpha lambda
    gamma temperature temp coef coefficient factor mult std noise dropout drop smoothing subsample colsample share
    percent penalty reg l1 l2 risk loss profit threshold strength init
"""
_REAL = frozenset(_REAL_WORDS.split())
"""Words of quantities that are measured; 1 is no count of these."""
_SHARES_WORDS: Final = """
    ratio frac fraction share subsample colsample features bagging dropout drop smoothing momentum percent keep
"""
_SHARES = frozenset(_SHARES_WORDS.split())
_WRITTEN = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
"""What people write, but for the power of ten."""
_FIRST = {
    "dropout": 0.1,
    "drop": 0.1,
    "smoothing": 0.1,
    "warmup": 0.05,
    "frac": 0.1,
    "fraction": 0.1,
    "decay": 0.01,
    "wd": 0.01,
    "penalty": 0.01,
    "l1": 0.01,
    "l2": 0.01,
    "momentum": 0.9,
    "clip": 1.0,
    "noise": 0.01,
    "zloss": 1e-4,
    "alpha": 0.1,
    "gamma": 0.1,
    "lambda": 0.1,
}
"""What is tried first of something that is off, by a word of its name; anything else has no usual first value."""
_TINY = frozenset(("eps", "epsilon", "tol", "tolerance"))
"""Of these only the power of ten matters."""
_HEADS = frozenset(("n_head", "n_heads", "num_heads", "num_attention_heads", "heads", "nhead", "n_attention_heads"))
_KV = frozenset(("n_kv_head", "n_kv_heads", "num_kv_heads", "num_key_value_heads", "kv_heads"))
_WIDTHS = frozenset(
    ("n_embd", "n_embed", "d_model", "model_dim", "embed_dim", "emb_dim", "hidden_size", "hidden_dim", "width", "dim")
)
_ORDERED = (("fast", "slow"), ("short", "long"), ("min", "max"), ("low", "high"), ("lower", "upper"), ("buy", "sell"))
"""Names that differ in such a pair alone belong together, and keep their order."""


class KnobScale(NamedTuple):
    """How the values of one knob are spaced around its present one."""

    now: float
    up: float | None
    """The value of a usual step up; None where there is none."""
    down: float | None
    place: Callable[[float], float]
    """From a value to a place on a line along which steps are alike."""
    value: Callable[[float], float]
    """Back, to a value as a person would write it."""
    high: float = math.inf
    """The largest value that means anything: 1 of a share."""

    def at(self, steps: float) -> float | None:
        """The value so many usual steps away, up where positive; None where there is none."""
        end = self.up if steps > 0 else self.down
        if end is None:
            return None
        if abs(steps) == 1:
            return end
        start = self.place(self.now)
        value = self.value(start + abs(steps) * (self.place(end) - start))
        return value if value <= self.high else None

    def steps(self, value: float) -> float | None:
        """How many usual steps away a value is; None where it lies where no step leads."""
        try:
            far = self.place(value) - self.place(self.now)
        except ValueError:  # what is nothing has no logarithm
            return None
        end = self.up if far > 0 else self.down
        if end is None:
            end = self.down if far > 0 else self.up
        if end is None:
            return None
        unit = abs(self.place(end) - self.place(self.now))
        return far / unit if unit else None


def scale_of(knob: CodeKnob) -> KnobScale | None:
    """How a number is turned; None for a switch, and for what is off and has no usual first value."""
    now, name = knob.now, words(knob.label)
    if isinstance(now, bool):
        return None
    if now < 0:
        mirrored = scale_of(knob._replace(now=-now))
        return mirrored and _mirrored(mirrored)
    if now == 0:
        first = next((_FIRST[word] for word in reversed(name) if word in _FIRST), None)
        whole = name[-1] in ("steps", "epochs", "iters")
        if first is None or whole:
            return None
        return KnobScale(0.0, first, None, lambda value: value, lambda place: _written(place), 1.0)
    if now == int(now) and not (now == 1 and _REAL.intersection(name)):
        return _whole(now, name)
    return _real(now, name)


def _mirrored(scale: KnobScale) -> KnobScale:
    down, up = scale.up, scale.down
    return KnobScale(
        -scale.now,
        None if up is None else -up,
        None if down is None else -down,
        lambda value: -scale.place(-value),
        lambda place: -scale.value(-place),
    )


def _whole(now: float, name: list[str]) -> KnobScale:
    power = math.log2(now).is_integer() and (now >= 64 or (now >= 2 and _POWERS.intersection(name)))
    if power:
        return KnobScale(now, 2 * now, now / 2, math.log2, lambda place: 2.0 ** round(place))
    up = down = 1.0
    grain = 1.0
    if now > _SMALL:
        grain = max(one for one in _grains(now) if one <= _SHARE * now + 1e-9)
        up = down = max(1, round(_SHARE * now / grain)) * grain
        if now <= 12:  # few of something: one more is much already
            up, grain = 1.0, 1.0
    lowest = 1.0 if now >= 1 else 0.0
    lower = now - down

    def fit(place: float) -> float:
        return float(max(lowest, round(place / grain) * grain)) if grain > 1 else float(max(lowest, round(place)))

    return KnobScale(now, now + up, lower if lower >= lowest else None, lambda value: value, fit)


def _grains(now: float) -> Iterator[float]:
    """Round numbers that a whole number is a multiple of, so that 768 goes by 128 and 30 by 5."""
    for scale in (1, 10, 100, 1000, 10_000):
        yield from (float(one * scale) for one in _ROUND if now % (one * scale) == 0)


_ROUND = (1, 2, 4, 5, 8, 16, 32, 64, 128)


def _real(now: float, name: list[str]) -> KnobScale:
    if _NEAR_ONE <= now < 1:
        return KnobScale(
            now,
            1 - round_to((1 - now) / 2, 2),
            1 - round_to((1 - now) * 2, 2),
            lambda value: -math.log2(1 - value),
            lambda place: round_to(1 - _written(2.0**-place), 6),
            1.0,
        )
    share = bool(_SHARES.intersection(name)) and now <= 1
    factor = 10 if name[-1] in _TINY else 2
    up: float | None = round_to(factor * now, 2)
    if share and now >= 0.5:
        up = round_to((1 + now) / 2, 2) if now < 1 else None
    down = round_to(now / factor, 2) if not (share and now == 1) else 0.8
    return KnobScale(now, up, down, math.log2, lambda place: _written(2.0**place), 1.0 if share else math.inf)


def _written(value: float) -> float:
    """The nearest number that somebody would write down.

    >>> _written(0.0566), _written(0.0283), _written(1.41)
    (0.06, 0.03, 1.5)
    """
    power = 10.0 ** math.floor(math.log10(value))
    return round_to(min(_WRITTEN, key=lambda one: abs(math.log(one * power / value))) * power, 6)


def values(scale: KnobScale, wanted: float, step: float, fits: Callable[[float], bool]) -> Iterator[float]:
    """Values from the one that is wanted on outwards, as many steps as it takes until one fits beside the others."""
    for more in (0.0, 0.25, 0.5, 0.75, 1.0):
        value = scale.at(wanted + math.copysign(more * step, wanted))
        if value is not None and value != scale.now and fits(value):
            yield value
    if (aim := scale.at(wanted)) is not None and aim == int(aim) and scale.now == int(scale.now):
        yield from _near(scale.now, aim, fits)


def _near(now: float, aim: float, fits: Callable[[float], bool]) -> Iterator[float]:
    """Whole numbers around the one that is aimed at, on its side of the present one, round ones first."""
    room = abs(aim - now)
    for grain in (16, 8, 1):
        for away in range(grain, min(int(room), 64 * grain), grain):
            yield from (one for one in (aim + away, aim - away) if one > 0 and fits(one))


def fitting(knob: CodeKnob, slots: Mapping[str, Any]) -> Callable[[float], bool]:
    """Whether a value of a knob goes with what the code has beside it.

    What holds of the present values is kept: that heads divide the width, a device's batch the whole, that a fast
    window is shorter than a slow one.
    """
    near = _beside(knob, slots)
    tests = [*_dividing(knob, near), *_in_order(knob, near)]
    return lambda value: all(test(value) for test in tests)


def _beside(knob: CodeKnob, slots: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that stand where the knob does, by their names in lower case."""
    home = _home(knob.slot)
    found = {}
    for slot, value in slots.items():
        if not isinstance(value, bool) and isinstance(value, int | float) and _home(slot) == home and "#" not in slot:
            found[_bare(slot)] = float(value)
    return found


def _home(slot: str) -> str:
    return "" if slot.startswith("--") else slot.rpartition(".")[0]


def _bare(slot: str) -> str:
    return slot.rpartition(":")[2].rpartition(".")[2].lstrip("-").replace("-", "_").lower()


def _dividing(knob: CodeKnob, near: Mapping[str, float]) -> Iterator[Callable[[float], bool]]:
    name, now = _bare(knob.slot), float(knob.now)
    for other, value in near.items():
        if _is_part_of(name, other) and _divides(now, value):
            yield partial(_divides, whole=value)
        elif _is_part_of(other, name) and _divides(value, now):
            yield partial(_divides, value)


def _divides(part: float, whole: float) -> bool:
    return part > 0 and whole % part == 0


def _is_part_of(name: str, other: str) -> bool:
    """Whether one knob divides another: heads a width, heads of keys the heads, a device's batch the whole."""
    return (
        (name in _HEADS and other in _WIDTHS)
        or (name in _KV and other in _HEADS)
        or (name in ("device_batch_size", "micro_batch_size") and other in ("total_batch_size", "batch_size"))
    )


def _in_order(knob: CodeKnob, near: Mapping[str, float]) -> Iterator[Callable[[float], bool]]:
    name, now = _bare(knob.slot).split("_"), float(knob.now)
    for low, high in _ORDERED:
        for mine, theirs in ((low, high), (high, low)):
            if mine not in name:
                continue
            other = near.get("_".join(theirs if word == mine else word for word in name))
            if other is not None and now != other:
                yield partial(operator.gt if now < other else operator.lt, other)


def spelled(value: bool | float) -> str:
    """A value as it is set: 0.05, 262144, true."""
    if isinstance(value, bool):
        return "true" if value else "false"
    whole = number(value)
    return str(whole) if isinstance(whole, int) else f"{value:.6g}"
