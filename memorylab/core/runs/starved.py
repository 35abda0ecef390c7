"""Whether a run was starved: it got markedly less of the machine than its peers, and lost training to that.

Measured, never assumed. Such a run is no evidence for its idea or against it, whatever number it brought.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.numerals import percent
from memorylab.core.reading.edits import Edit
from memorylab.core.runs.throughput import Work, explains_speed, quotient, speed_of
from memorylab.records import finite
from memorylab.tuples import NamedTuple

LESS = 0.85
"""Of its peers' share of the machine, from which on less is marked. Runs of the same code differ by 1 to 3 %."""
WHOLE = 0.98
"""A budget that was cut short by less was not: the last step may not have fitted in."""
BOUND = 0.9
"""A run that took so much of its budget was ended by the clock: what the machine withheld, it lost."""
HUNG = 0.1
"""A run that used less than this share of its peers' processors wanted none: it hung."""
USUAL = 1.0
"""Processors that a run can use at least, where no peer says how many."""
BUSY_GPU = 20.0
"""Percent of the time for which a GPU computes that count as somebody else's work."""


class Resources(NamedTuple):
    """What a run had of the machine; None where that wasn't measured."""

    wall: float | None = None
    cpu: float | None = None
    """Seconds that processors computed for it."""
    idle: float | None = None
    """Processors that nobody used meanwhile, on average."""
    gpu: float | None = None
    """Percent of the time for which others used its GPU: none where it was free, and None where nobody looked."""
    limit: float | None = None
    """The time limit that it was stopped for."""
    on_cpu: bool = False
    """It trained on processors, as far as is known, so that what these gave says all."""

    @property
    def cores(self) -> float | None:
        """Processors that computed for it, on average."""
        return self.cpu / self.wall if self.cpu is not None and self.wall else None

    @property
    def offered(self) -> float | None:
        """Processors that it had or could have had."""
        return self.cores + self.idle if self.cores is not None and self.idle is not None else None


def resources(told: Mapping[str, Any] | None) -> Resources:
    """What a row's `resources` say."""
    if not told:
        return Resources()
    raw = told.get("gpu")
    gpu = raw if isinstance(raw, Mapping) else {}
    used = [
        value for name in ("utilization_before", "utilization_after") if (value := finite(gpu.get(name))) is not None
    ]
    names = ("wall_seconds", "cpu_seconds", "cores_idle", "limit_seconds")
    wall, cpu, idle, limit = (finite(told.get(name)) for name in names)
    return Resources(wall, cpu, idle, max(used) if used else None, limit, told.get("device") == "cpu")


class Case(NamedTuple):
    """All that decides whether a run was starved."""

    had: Resources
    work: Work
    base: Work | None
    """What its base did, or an earlier run of the same code."""
    peers: Sequence[Resources]
    """The runs of its arena on the same device, the base first, then the newest."""
    edits: Sequence[Edit]
    changed: bool
    """Whether its code differs from the base's."""
    budget_s: float
    budget_share: float | None = None
    """What part of its budget of processor time it had when the clock ended it, as it says itself."""
    late: bool = False
    """It was stopped because its time was up."""


class Starved(NamedTuple):
    """Why a run is no evidence."""

    text: str
    measured: bool
    """Whether others were seen at work; else only its own speed tells."""


def judge(case: Case) -> Starved | None:
    """Why a run was starved, None if it wasn't, or if nobody can know."""
    usual = usual_cores(case.peers)
    offered = case.had.offered
    free = offered is not None and _covers(case) and offered >= LESS * (usual or USUAL)
    if not free and (told := _cut_short(case) or _few_processors(case, usual)):
        return Starved(told, True)
    if told := _shared_gpu(case):
        return Starved(told, True)
    slow = None if free and case.had.on_cpu else _slower(case)
    return Starved(slow, False) if slow else None


def usual_cores(peers: Sequence[Resources]) -> float | None:
    """The processors that a run here uses: as the base did, else the median of the others."""
    return _typical([peer.cores for peer in peers])


def _typical(values: Sequence[float | None]) -> float | None:
    if values and values[0] is not None:
        return values[0]
    known = sorted(value for value in values if value is not None)
    return known[(len(known) - 1) // 2] if known else None


def _cut_short(case: Case) -> str | None:
    """The run counts its budget in processor time, and the clock ended it before that was used up."""
    share = case.budget_share
    if share is None or not 0 <= share < WHOLE:
        return None
    return f"It had {percent(share)} of its budget of processor time when the clock ended it."


def _few_processors(case: Case, usual: float | None) -> str | None:
    had, wanted = case.had, usual or USUAL
    offered, cores = had.offered, had.cores
    if offered is None or cores is None or not _covers(case) or offered >= LESS * wanted:
        return None
    if case.late:
        worked, had_all = (
            cores >= HUNG * wanted,
            (had.wall or 0.0) * offered / wanted >= BOUND * (had.limit or math.inf),
        )
        return _told(offered, wanted, "when its time was up") if worked and not had_all else None
    if case.budget_share is not None or not _bound(case):
        return None  # what it says of its budget says whether it was cut short
    spent = _typical([peer.cpu for peer in case.peers])
    if spent and had.cpu is not None and had.cpu >= LESS * spent:
        return None  # it took longer, and had as much as the others
    return _told(offered, wanted, "and the clock ended it all the same")


def _told(offered: float, wanted: float, how: str) -> str:
    had, used = (f"{x:.2g}" if x < 100 else f"{x:.0f}" for x in (offered, wanted))
    return f"It could have {had} of the {used} processors that a run here uses, {how}."


def _covers(case: Case) -> bool:
    """Whether what was measured is about the training: a program may hand it to another machine."""
    seconds, wall = case.work.seconds, case.had.wall
    return wall is not None and (seconds is None or wall >= BOUND * seconds)


def _bound(case: Case) -> bool:
    """Whether the clock ended the training, so that less of the machine was less training."""
    if case.work.steps and case.base is not None and case.work.steps == case.base.steps:
        return False
    seconds = case.work.seconds or case.had.wall
    return seconds is not None and seconds >= BOUND * case.budget_s


def _shared_gpu(case: Case) -> str | None:
    """Somebody else computed on its GPU, and it did fewer steps a second than its base."""
    if case.had.gpu is None or case.had.gpu < BUSY_GPU:
        return None
    speed = speed_of(case.work, case.base)
    if speed is None or speed >= LESS:
        return None
    return (
        f"Something else used its GPU for {case.had.gpu:.0f} % of the time, "
        f"and it was {percent(1 - speed)} slower than its base."
    )


def _slower(case: Case) -> str | None:
    """Less done per second than the base did, by code that can't be why."""
    speed = speed_of(case.work, case.base)
    if speed is None or (case.changed and explains_speed(case.edits)):
        return None
    step = quotient(1.0, case.work.steps) if case.work.steps else None  # the last one may just not have fitted in
    if speed >= LESS - (step or 0.0):
        return None
    why = "something else may have used the machine"
    return f"It was {percent(1 - speed)} slower than its base, and no edit explains that: {why}."
