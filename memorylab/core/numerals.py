"""Numbers as people read them, so that a sentence and a table say the same.

A measured number gets the digits that its noise deserves: the standard deviation of one run at two significant digits,
and values and differences to the same decimal place, so that their last digit is a tenth to a hundredth of it.

Source: JCGM 100:2008 (Guide to the Expression of Uncertainty in Measurement), 7.2.6.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator

from memorylab.records import finite
from memorylab.tuples import NamedTuple

NONE = "–"
"""What stands for a value that nobody measured."""
_LARGEST = sys.float_info.max
_SMALL, LARGE = 1e-4, 1e7
"""Numbers outside are written in powers of ten: digits in a row hide how large they are."""
_ROUNDED = 1e5
"""The same for a number whose last digits are rounded away: zeros in a row would pass for measured."""
_FEW = 6
"""So many decimals are still read at a glance, whatever the number; significant digits where no noise is known."""
_FAITHFUL = 15
"""Significant digits that a float holds for sure: further ones are its arithmetic."""
_DIVERGED = 12
"""A number that would need more digits than this to reach the last one of its neighbours is none of their kind."""


class Digits(NamedTuple):
    """How the numbers of one sentence or table are written: all to the same decimal place."""

    place: int
    """Decimals; below zero the digits before the point that are rounded away."""
    sigma: float
    """The noise of one run that they deserve it by; 0 where none is known, or where there is none."""
    own: int
    """Decimals that the recorded values have."""

    def value(self, value: object) -> str:
        """A value of the metric, a dash where nothing was measured.

        >>> digits(0.0012, 0.99791234).value(0.99791234), digits(0.0012, 0.5).value(None), digits(13, 12840).value(-0.0)
        ('0.9979', '–', '0')
        """
        x = finite(value)
        return NONE if x is None else self._told(x, _FEW)

    def size(self, difference: float) -> str:
        """How large a difference is, in a sentence: one that the noise drowns is less than the last digit.

        >>> digits(0.01, 0.971, 0.9713).size(0.0003), digits(0.01, 0.971, 0.95).size(-0.021)
        ('less than 0.001', '0.021')
        """
        told = self._told(abs(difference), 2)
        return (
            f"less than {_written(float(f'1e{-self.place}'), self.place)}" if difference and not _shows(told) else told
        )

    def signed(self, gain: object) -> str:
        """An improvement with its sign, positive for better whatever the metric's direction.

        >>> digits(0.01, 0.97, 0.9713).signed(0.0213), digits(0.01, 0.97, 0.9713).signed(-0.0001)
        ('+0.021', '±0.000')
        """
        x = finite(gain)
        if x is None:
            return NONE
        told = self._told(abs(x), 2)
        return f"{'±' if not _shows(told) else '+' if x > 0 else '−'}{told}"

    def span(self, low: float, high: float) -> tuple[str, ...]:
        """The ends of an interval, told apart even where the values alone would not be; one where it is a point.

        >>> digits(0.3, 97, 98).span(97.1, 97.4)
        ('97.10', '97.40')
        """
        ends = self.value(low), self.value(high)
        if low == high:
            return ends[:1]
        if ends[0] != ends[1]:
            return ends
        place = min(1 - _exponent(bounded(high - low), 1), _FAITHFUL - 1 - _exponent(max(abs(low), abs(high))))
        return _written(low, place), _written(high, place)

    def _told(self, x: float, significant: int) -> str:
        told = _written(x, self.place)
        if self.sigma or not x or _shows(told):
            return told
        return _written(x, min(significant - 1 - _exponent(x), self.own))  # no noise drowns it


def digits(sigma: object, *values: object) -> Digits:
    """The digits that values of one metric deserve by the noise of one run, and no more decimals than they have.

    Without a known noise (None) six significant ones, as loops print them; without any noise (0) so many that the
    values are told apart. Whole numbers below ten million keep all their digits: a count that was rounded is looked
    for in vain.

    >>> digits(0.0012, 0.99791234, 0.5).place, digits(12.0, 12847, 12790).place, digits(None, 0.9979, None).place
    (4, 0, 6)
    >>> digits(8.3e5, 830123456.0).place, digits(0.01, 61.3).place, digits(3.1e-11, 3.0123e-8).place
    (-4, 1, 12)
    """
    noise, found = abs(finite(sigma) or 0.0), [x for value in values if (x := finite(value)) is not None]
    sizes = sorted({abs(x) for x in found if x})  # however often somebody names one of them
    level = sizes[(len(sizes) - 1) // 2] if sizes else 0.0
    place = 1 - _exponent(noise, 1) if noise else _FEW - 1 - _exponent(level) if level else _FEW
    own = max((_decimals(x) for x in found), default=place)
    if finite(sigma) == 0.0:
        place = max([place, *_apart(found)])
    if finite(sigma) is not None or own <= 0:
        place = min(place, own)
    return Digits(place if level >= LARGE else max(place, 0), noise, own)


def _apart(values: list[float]) -> Iterator[int]:
    """Decimals in which neighbours among some values differ, unless they do so by what arithmetic leaves behind."""
    for low, high in itertools.pairwise(sorted(set(values))):
        half = high / 2 - low / 2  # which never overflows
        if half > max(abs(low), abs(high)) / 1e12:
            yield 1 - _exponent(half, 1)


def number(value: object) -> str:
    """A number of which nothing else is known: the digits that it has, at most six significant.

    >>> number(0.9697), number(12345.678), number(None), number(0.00000042), number(0.00012345678), number(8.3e8)
    ('0.9697', '12345.7', '–', '4.2e-07', '0.000123457', '8.3e+08')
    """
    shown = digits(None, value)
    return shown._replace(place=min(shown.place, max(shown.own, 0))).value(value)


def recorded(x: float) -> str:
    """A measurement with all the digits that it was recorded with, for who looks for it in a log.

    >>> recorded(2.1851312), recorded(0.1 + 0.2), recorded(3.0123e-08), recorded(840000123.5), recorded(-0.0)
    ('2.1851312', '0.3', '3.0123e-08', '8.400001235e+08', '0')
    """
    place = _decimals(x)
    if x == 0 or (abs(x) < LARGE and (place <= _FEW or abs(x) >= _SMALL)):
        return _plain(x, max(place, 0))
    return _stripped(_powers(x, _FAITHFUL - 1))


def rough(x: float) -> str:
    """A noise, or what is expected of a run: two significant digits, since nobody knows a third.

    >>> rough(0.00827922), rough(8.27922e-06), rough(132.4), rough(612345.6), rough(0.0996), rough(0.0)
    ('0.0083', '8.3e-06', '130', '6.1e+05', '0.10', '0')
    """
    return _written(x, 1 - _exponent(x, 1)) if x else "0"


def bounded(x: float) -> float:
    """The number, or the largest that a float holds where a difference or a sum ran beyond it.

    >>> bounded(1.5), bounded(1e308 + 1e308)
    (1.5, 1.7976931348623157e+308)
    """
    return min(max(x, -_LARGEST), _LARGEST)


def loss(x: float) -> str:
    """A loss on a line that is drawn anew each second: four decimals, powers of ten where those say nothing.

    >>> loss(3.456789), loss(0.00001234), loss(8e13), loss(0.0)
    ('3.4568', '1.234e-05', '8e+13', '0.0000')
    """
    return f"{x:.4f}" if x == 0 or 1e-2 <= abs(x) < LARGE else _stripped(_powers(x, 3))


def times(x: float) -> str:
    """How many times one thing is another.

    >>> times(1.53), times(129.3), times(8e13)
    ('1.5', '130', '8e+13')
    """
    return f"{x:.1f}" if abs(x) < 10 else _stripped(rough(bounded(x)))


def in_sigmas(x: float, sign: str = "") -> str:
    """A distance in standard deviations, in which nobody needs three digits; with its sign where that is "+".

    >>> in_sigmas(-1.24), in_sigmas(129.3, "+"), in_sigmas(-0.01, "+")
    ('-1.2', '+130', '+0.0')
    """
    told = rough(x) if abs(x) >= 10 else _plain(x, 1)
    return told if told.startswith("-") else f"{sign}{told}"


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

    >>> duration(5.3), duration(0.4), duration(0.0002), duration(150), duration(541_928), duration(None)
    ('5 min', '24 s', '0.012 s', '2.5 h', '9,032.1 h', '')
    """
    x = finite(minutes)
    if x is None:
        return ""
    if x >= 120:
        return f"{x / 60:,.1f} h"
    return f"{x:.0f} min" if x >= 1 else f"{rough(60 * x)} s"


def _written(x: float, place: int) -> str:
    """A number to a decimal place, in powers of ten where it is very large or small."""
    if x == 0:
        return _plain(x, place if place <= _FEW else 0)
    power, large = _exponent(x), LARGE if place >= 0 else _ROUNDED
    if power + place >= _DIVERGED:
        return _stripped(_powers(x, _FEW - 1))
    if abs(x) < large and (place <= _FEW or abs(x) >= _SMALL):
        return _plain(x, place)
    if power + place >= 0:
        next_power = _exponent(x, power + place)
        if next_power > power:  # 9.9996e-05 to the eighth place is 1.0000e-04
            x = float(f"{'-' if x < 0 else ''}1e{next_power}")
        return _powers(x, next_power + place)
    return _unit(x, place) if power + place == -1 and abs(x) >= float(f"5e{power}") else "0"


def _shows(told: str) -> bool:
    """Whether anything is left of a number in what is written of it."""
    return bool(told.partition("e")[0].strip("-0."))


def _plain(x: float, place: int) -> str:
    told = f"{round(x, place):.0f}" if place < 0 else f"{x:.{place}f}"
    return told if _shows(told) else told.lstrip("-")


def _unit(x: float, place: int) -> str:
    """One of the last digit, with the number's sign."""
    return _powers(float(f"{'-' if x < 0 else ''}1e{-place}"), 0)


def _powers(x: float, decimals: int) -> str:
    """In powers of ten, as logs write them: who looks for a number finds it."""
    return f"{x:.{decimals}e}"


def _stripped(told: str) -> str:
    mantissa, _, power = told.partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{power}" if "." in mantissa else told


def _exponent(x: float, decimals: int = 16) -> int:
    """The power of ten of a number, as it is when it is rounded to so many decimals of its mantissa."""
    return int(f"{x:.{decimals}e}".rpartition("e")[2])


def _decimals(x: float) -> int:
    """Decimals that a number has; below zero the zeros at its end."""
    mantissa, _, power = f"{x:.{_FAITHFUL - 1}e}".partition("e")
    return len(mantissa.partition(".")[2].rstrip("0")) - int(power) if x else 0
