"""What the machine gives a run and does beside it: processors, load, waiting, and who else uses its GPUs."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from memorylab.adapters import gpus, processes
from memorylab.tuples import NamedTuple

_STAT = Path("/proc/stat")
_PRESSURE = Path("/proc/pressure/cpu")
_EVENTS = Path("/proc/vmstat")


class Moment(NamedTuple):
    """The machine's counters at one moment, in seconds; None where the system doesn't tell."""

    clock: float
    busy: float | None
    """Of the processors that this process may use, added up, whoever used them."""
    idle: float | None
    pressure: float | None
    """For so long somebody was ready to run and had no processor."""
    load: float | None
    """Processes that ran or were ready to, on average over the last minute."""
    oom_kills: int | None
    """Processes that the kernel has ended for want of memory since it started."""


def moment() -> Moment:
    """The counters as of now."""
    busy, idle = _processors()
    load = None
    with suppress(OSError, AttributeError):
        load = os.getloadavg()[0]
    return Moment(time.monotonic(), busy, idle, _pressure(), load, _oom_kills())


def allowed() -> set[int] | None:
    """The processors that this process may use; None where the system doesn't tell."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None


def _processors() -> tuple[float | None, float | None]:
    try:
        lines = _STAT.read_text("ascii").splitlines()
        tick = os.sysconf("SC_CLK_TCK")
        mine, busy, idle = allowed(), 0, 0
        for line in lines:
            name, *counts = line.split()
            if name[:3] == "cpu" and name[3:].isdigit() and (mine is None or int(name[3:]) in mine):
                # proc_stat(5): user nice system idle iowait irq softirq steal; guests are counted in the first two.
                told = [int(count) for count in counts[:8]]
                idle += sum(told[3:5])
                busy += sum(told) - sum(told[3:5])
    except (OSError, ValueError, AttributeError):
        return None, None
    return (busy / tick, idle / tick) if busy + idle else (None, None)


def _pressure() -> float | None:
    """Linux 4.20, where it is switched on (Documentation/accounting/psi.rst): total microseconds of `some`."""
    with suppress(OSError, ValueError, IndexError):
        return int(_PRESSURE.read_text("ascii").splitlines()[0].rpartition("total=")[2]) / 1e6
    return None


def _oom_kills() -> int | None:
    """Linux 4.13; those within a memory limit of a container are counted too (mm/oom_kill.c)."""
    with suppress(OSError, ValueError):
        for line in _EVENTS.read_text("ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return None


class Meter:
    """Measures from its making on; made right before a run starts, since what a GPU does then is others' doing."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._gpus = gpus.visible(environment)
        self._before = gpus.utilization(self._gpus)
        self._began = moment()

    def so_far(self) -> tuple[float | None, float | None]:
        """The processors that all this process started has had since, and those that were idle, on average."""
        return self._spread(moment(), processes.cpu_seconds_below(os.getpid()))

    def read(self, wall_s: float, cpu_s: float | None) -> dict[str, Any]:
        """What a run that has ended had, as the ledger keeps it; nothing that wasn't measured is in it."""
        now = moment()
        own, idle = self._spread(now, cpu_s)
        elapsed = max(now.clock - self._began.clock, 1e-3)
        waited = (
            (now.pressure - self._began.pressure) / elapsed
            if now.pressure is not None and self._began.pressure is not None
            else None
        )
        others = None
        if now.busy is not None and self._began.busy is not None and cpu_s is not None:
            others = max(0.0, (now.busy - self._began.busy - cpu_s) / elapsed)
        told = {
            "wall_seconds": wall_s,
            "cpu_seconds": cpu_s,
            "cores": own,
            "cores_idle": idle,
            "cores_of_others": others,
            "processors": len(mine) if (mine := allowed()) else os.cpu_count(),
            "load": now.load,
            "load_before": self._began.load,
            "pressure": waited,
            "oom_kills": None if now.oom_kills is None else now.oom_kills - (self._began.oom_kills or 0),
        }
        found: dict[str, Any] = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in told.items()
            if value is not None
        }
        if not self._gpus and gpus.none_here():
            found["device"] = "cpu"
        if self._gpus and (seen := gpus.others(self._gpus, self._before)):
            found["gpu"] = seen
        return found

    def _spread(self, now: Moment, cpu_s: float | None) -> tuple[float | None, float | None]:
        elapsed = max(now.clock - self._began.clock, 1e-3)
        idle = (
            (now.idle - self._began.idle) / elapsed if now.idle is not None and self._began.idle is not None else None
        )
        return (cpu_s / elapsed if cpu_s is not None else None), idle
