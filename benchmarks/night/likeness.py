"""How much simulated nights look like public ledgers: the figures that the world's constants were tuned by."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.night.play import Trial
from benchmarks.night.world import LEVEL


class Likeness(NamedTuple):
    """A figure of the simulation beside the same one of public ledgers."""

    what: str
    simulated: float
    real: float


_BINS = ((0, 20, 35.0, 2.5), (20, 40, 20.0, 6.0), (40, 60, 18.0, 10.0), (60, 100, 11.0, 11.5))
"""From and to which run; per cent of the runs that were kept, and that repeated an earlier one, in public ledgers."""
_BEHIND = ((0.066, 22.0), (0.13, 35.0), (0.3, 51.0), (1.0, 72.0))
"""Of the discarded runs that were not better, so many per cent were at most this many per cent behind the best one."""
_GAINS = (0.04, 0.14, 0.69)
"""Quartiles of the kept gains, in per cent."""
_CRASHES = 3.8
_AGAIN = {True: 6.0, False: 11.0}
"""Per cent of the edits that had failed which were kept when tried again, on an unchanged base and on another."""
_ONE = {
    "kept runs after the first": 22.0,
    "gained in all, %": 2.83,
    "kept gains below 0.0003, %": 41.0,
    "kept gains below 0.0007, %": 64.0,
    "discarded within 0.0003 of the best, %": 20.0,
    "discarded within 0.0007 of the best, %": 45.0,
}
"""One public ledger of 125 runs on a fast machine."""


def likeness(nights: Sequence[Sequence[Trial]]) -> Iterator[Likeness]:
    """The figures, from the trials of nights under keep-if-lower with noise as it varies between machines."""
    runs = [trial for night in nights for trial in night]
    for start, end, kept, again in _BINS:
        part = [trial for trial in runs if start <= trial.number < end]
        yield Likeness(f"kept, runs {start} to {end - 1}, %", _share(trial.kept for trial in part), kept)
        yield Likeness(
            f"tried before, runs {start} to {end - 1}, %", _share(trial.tried is not None for trial in part), again
        )
    yield Likeness("crashed, %", _share(trial.value is None for trial in runs), _CRASHES)
    repeats = [(trial, night[trial.tried]) for night in nights for trial in night if trial.tried is not None]
    failed = [(trial, trial.base == earlier.base) for trial, earlier in repeats if not earlier.kept]
    for same, what in ((True, "on the same base"), (False, "on a later base")):
        kept_again = _share(trial.kept for trial, on_same in failed if on_same == same)
        yield Likeness(f"failed before {what}, kept now, %", kept_again, _AGAIN[same])
    gains, losses = [], []
    for night in nights:
        night_gains, night_losses = _steps(night)
        gains += night_gains
        losses += night_losses
    for within, share in _BEHIND:
        yield Likeness(f"discarded within {within} % of the best, %", _share(loss <= within for loss in losses), share)
    for name, simulated, real in zip(
        ("lower quartile", "median", "upper quartile"), _quartiles(gains), _GAINS, strict=True
    ):
        yield Likeness(f"kept gain, {name}, %", simulated, real)


def likeness_of_one(nights: Sequence[Sequence[Trial]]) -> Iterator[Likeness]:
    """The same for nights of 125 runs on one machine: medians over nights beside a single ledger."""
    found = [list(_night(night)) for night in nights]
    for number, (what, real) in enumerate(_ONE.items()):
        yield Likeness(what, statistics.median(figures[number] for figures in found), real)


def _night(night: Sequence[Trial]) -> Iterator[float]:
    gains, losses = ([step * LEVEL / 100 for step in steps] for steps in _steps(night))
    yield len(gains)
    yield 100 * sum(gains) / LEVEL
    for steps in (gains, losses):
        for limit in (0.0003, 0.0007):
            yield _share(step < limit for step in steps)


def _steps(night: Sequence[Trial]) -> tuple[list[float], list[float]]:
    """Kept gains and discarded losses against the best kept value, in per cent."""
    best = night[0].value
    gains, losses = [], []
    for trial in night[1:]:
        if trial.value is None or best is None:
            continue
        ahead = 100 * (best - trial.value) / best
        if trial.kept:
            gains.append(ahead)
            best = trial.value
        else:
            losses.append(-ahead)
    return gains, losses


def _share(flags: Iterator[bool]) -> float:
    counted = list(flags)
    return 100 * statistics.fmean(counted) if counted else 0.0


def _quartiles(values: Sequence[float]) -> list[float]:
    return statistics.quantiles(values, n=4)
