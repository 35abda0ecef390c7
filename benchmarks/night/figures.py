"""What many nights say together: means and shares with 95 % intervals, paired differences, calibration."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.night.play import Stated

Z = 1.96
"""Of a 95 % interval by the normal law; nights are many."""


class Estimate(NamedTuple):
    """A figure with its 95 % interval; all None where there was nothing to count."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Bin(NamedTuple):
    """Statements of about one probability, and the share that came true with its Wilson interval."""

    start: float
    end: float
    runs: int
    said: float
    true: Estimate


def mean(values: Sequence[float]) -> Estimate:
    """The mean over nights."""
    if not values:
        return Estimate(None)
    middle = statistics.fmean(values)
    return _around(middle, statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None)


def ratio(parts: Sequence[float], wholes: Sequence[float]) -> Estimate:
    """A share of what all nights have together; nights, not single events, are independent (Cochran 1977, 6.4)."""
    total, nights = sum(wholes), len(wholes)
    if not total:
        return Estimate(None)
    share = sum(parts) / total
    if nights < 2:
        return _around(share, None)
    rest = sum((part - share * whole) ** 2 for part, whole in zip(parts, wholes, strict=True))
    return _around(share, math.sqrt(rest / (nights * (nights - 1))) / (total / nights))


def wilson(hits: int, count: int) -> Estimate:
    """A share of independent events, with Wilson's interval."""
    if not count:
        return Estimate(None)
    share, weight = hits / count, Z * Z / count
    middle = (share + weight / 2) / (1 + weight)
    half = Z / (1 + weight) * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    return Estimate(share, middle - half, middle + half)


def reliability(stated: Sequence[Stated], edges: Sequence[float]) -> list[Bin]:
    """The statements by their probability; the last bin includes its end."""
    bins = []
    for start, end in itertools.pairwise(edges):
        inside = [s for s in stated if start <= s.probability < end or (s.probability == end == edges[-1])]
        said = statistics.fmean(s.probability for s in inside) if inside else (start + end) / 2
        bins.append(Bin(start, end, len(inside), said, wilson(sum(s.better for s in inside), len(inside))))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Mean distance of what was said from what was true, over all statements."""
    count = sum(each.runs for each in bins)
    if not count:
        return None
    return sum(each.runs * abs(each.said - each.true.value) for each in bins if each.true.value is not None) / count


def sure(stated: Sequence[Stated], start: float = 0.85, end: float = 0.95) -> Estimate:
    """How often it was right where it said about 90 %, for better or for worse."""
    better = [s.better for s in stated if start <= s.probability <= end]
    worse = [not s.better for s in stated if start <= 1 - s.probability <= end]
    return wilson(sum(better) + sum(worse), len(better) + len(worse))


def _around(middle: float, error: float | None) -> Estimate:
    return Estimate(middle) if error is None else Estimate(middle, middle - Z * error, middle + Z * error)
