"""Numbers as people read them, so that a sentence and a table say the same."""

from __future__ import annotations

import math
import sys

from memorylab.records import finite

NONE = "–"
"""What stands for a value that nobody measured."""
_LARGEST = sys.float_info.max
_SMALL, _LARGE = 1e-5, 1e12
"""Numbers outside are written in powers of ten: digits in a row hide how large they are."""
_FEW, _FAITHFUL = 1e-3, 1e-6
"""Below the first, six decimals are too few for a number unless they change it by no more than this share."""


def bounded(x: float) -> float:
    """The number, or the largest that a float holds where a difference or a sum ran beyond it.

    >>> bounded(1.5), bounded(1e308 + 1e308)
    (1.5, 1.7976931348623157e+308)
    """
    return min(max(x, -_LARGEST), _LARGEST)


def number(value: object) -> str:
    """A metric: 6 decimals, from 1000 on 6 significant digits, a dash for what was not measured.

    >>> number(0.9697), number(12345.678), number(None), number(0.00000042), number(0.00012345678)
    ('0.969700', '12345.7', '–', '4.2e-07', '0.000123457')
    """
    x = finite(value)
    if x is None:
        return NONE
    if 0 < abs(x) < _SMALL or abs(x) >= _LARGE:
        return f"{x:.6g}"
    if abs(x) >= 1000:
        return f"{x:.{max(0, 5 - math.floor(math.log10(abs(x))))}f}"
    return _small(x)


def _small(x: float) -> str:
    """Six decimals, or six digits where those would round a small number away."""
    told = f"{x:.6f}"
    return told if abs(x) >= _FEW or abs(float(told) - x) <= _FAITHFUL * abs(x) else f"{x:.6g}"


def loss(x: float) -> str:
    """A loss on a line that is drawn anew each second: four decimals, powers of ten where those say nothing.

    >>> loss(3.456789), loss(0.00001234), loss(8e13), loss(0.0)
    ('3.4568', '1.234e-05', '8e+13', '0.0000')
    """
    return f"{x:.4f}" if x == 0 or 1e-2 <= abs(x) < 1e7 else f"{x:.4g}"


def plain(x: float) -> str:
    """A metric within a sentence: 6 decimals, and what those would hide or drown as `number` has it.

    >>> plain(0.9697), plain(12345.678), plain(8e13), plain(-4.2e-7)
    ('0.969700', '12345.678000', '8e+13', '-4.2e-07')
    """
    return _small(x) if x == 0 or _SMALL <= abs(x) < 1e6 else number(x)


def times(x: float) -> str:
    """How many times one thing is another.

    >>> times(1.53), times(8e13)
    ('1.5', '8e+13')
    """
    return f"{x:.1f}" if abs(x) < 1e6 else f"{bounded(x):.3g}"


def percent(probability: object) -> str:
    """A probability in whole percent; never 0 or 100, which nobody can know.

    >>> percent(0.914), percent(0.9999), percent(None)
    ('91 %', '99 %', '–')
    """
    p = finite(probability)
    return NONE if p is None else f"{min(99, max(1, round(100 * p)))} %"


def plural(count: int, noun: str, many: str = "") -> str:
    """A count with its noun, thousands apart.

    >>> plural(1, "run"), plural(3, "rerun"), plural(15099, "crash", "crashes")
    ('1 run', '3 reruns', '15,099 crashes')
    """
    return f"{count:,} {noun if count == 1 else many or f'{noun}s'}"


def duration(minutes: object) -> str:
    """A price in time: minutes, from two hours on hours; nothing where it isn't known.

    >>> duration(5.3), duration(0.4), duration(150), duration(541_928), duration(None)
    ('5 min', '0.4 min', '2.5 h', '9,032.1 h', '')
    """
    x = finite(minutes)
    if x is None:
        return ""
    if x >= 120:
        return f"{x / 60:,.1f} h"
    return f"{x:.0f} min" if x >= 1 else f"{x:.1g} min"
