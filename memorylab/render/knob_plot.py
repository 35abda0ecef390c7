"""What both pictures of a knob share: which tries have a place, the two scales, and the state in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from memorylab.core.guard.knobs import NOISE
from memorylab.core.numerals import in_sigmas
from memorylab.records import finite, text
from memorylab.render.escape import one_line
from memorylab.render.words import mapping, mappings, number
from memorylab.tuples import NamedTuple

FARTHEST = 12.0
"""Sigmas of a loss or gain beyond which a dot stands at the edge: a disaster must not flatten what is close."""
_LOGARITHMIC = 4.0


class Dot(NamedTuple):
    """One measured or crashed try at a value."""

    value: float
    gain: float | None
    kept: bool
    here: bool
    run_id: str


class Frame(NamedTuple):
    """The ranges that are shown; `log` spaces values by their ratio."""

    left: float
    right: float
    low: float
    high: float
    log: bool

    def x(self, value: float) -> float:
        """The place of a value between left (0) and right (1)."""
        ends = (self.left, self.right, value)
        low, high, at = map(math.log, ends) if self.log else ends
        return min(max((at - low) / (high - low), 0.0), 1.0) if high > low else 0.5

    def y(self, gain: float) -> float:
        """The place of a gain between the bottom (0) and the top (1), at the edge when it is off the scale."""
        return min(max((gain - self.low) / (self.high - self.low), 0.0), 1.0)


def dots(knob: Mapping[str, Any]) -> list[Dot]:
    """The tries with a number; a crash has no gain."""
    found = []
    for one in mappings(knob.get("tries")):
        value, gain = finite(one.get("to")), finite(one.get("gain"))
        crashed = one.get("outcome") == "crash"
        if isinstance(one.get("to"), str) or value is None or abs(value) > 1e100 or (gain is None and not crashed):
            continue
        kept = one.get("outcome") == "kept"
        found.append(Dot(value, None if crashed else gain, kept, one.get("here") is True, text(one.get("run_id"))))
    return found


def frame(shown: list[Dot], now: float | None) -> Frame:
    """The scales for these dots: the noise and the zero line are always in view."""
    values = [dot.value for dot in shown] + ([now] if now is not None else [])
    left, right = min(values), max(values)
    gains = [dot.gain for dot in shown if dot.gain is not None]
    low = min(-1.5 * NOISE, max(min(gains, default=0.0), -FARTHEST)) * 1.08
    high = max(1.5 * NOISE, min(max(gains, default=0.0), FARTHEST)) * 1.08
    return Frame(left, right, low, high, left > 0 and right / left >= _LOGARITHMIC)


def state(knob: Mapping[str, Any]) -> str:
    """Where the optimum stands: "bracketed by 0.03 and 0.05", "worse above 0.05"; nothing where it isn't known."""
    known = mapping(knob.get("bracket"))
    below, above = finite(known.get("below")), finite(known.get("above"))
    if knob.get("bracketed") is True:
        ends = [setting(end) for end in (below, above) if end is not None]
        return f"bracketed by {' and '.join(ends)}" if ends else "bracketed"
    if below is not None:
        return f"worse below, at {setting(below)}"
    return f"worse above, at {setting(above)}" if above is not None else ""


def open_side(knob: Mapping[str, Any]) -> str:
    """The side without a try, and a neighbour worth one: "below, e.g. 0.03"."""
    side, hint = text(knob.get("untried")), finite(knob.get("suggestion"))
    example = f"e.g. {setting(hint)}" if hint is not None else ""
    return ", ".join(part for part in (side, example) if part)


def untried_words(knob: Mapping[str, Any]) -> str:
    """The same as a phrase: "untried on this base: below, e.g. 0.03"."""
    told = open_side(knob)
    return f"untried on this base: {told}" if told else ""


def setting(value: object) -> str:
    """A knob's value: whole numbers in full, others to six digits."""
    if isinstance(value, str):
        return one_line(value, 40)
    x = finite(value)
    if x is None:
        return ""
    return f"{x:.0f}" if x == int(x) and abs(x) < 1e12 else number(x)


def sigmas(gain: object) -> str:
    """A gain in sigmas: "+1.2", "−3.0", "" where there is none."""
    x = finite(gain)
    return "" if x is None else in_sigmas(x, "+").replace("-", "−")
