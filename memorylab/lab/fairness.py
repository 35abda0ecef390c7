"""A run's fair share of the machine: its slot of the device, the time that others took, and what it had in the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from memorylab import files
from memorylab.adapters import slots
from memorylab.adapters.machine import Meter
from memorylab.core.runs import starved
from memorylab.errors import InputError
from memorylab.index import outcomes
from memorylab.lab.context import Context
from memorylab.lab.judge import home_arena
from memorylab.lab.standing import current_arena

if TYPE_CHECKING:
    from memorylab.adapters.slots import Holder
    from memorylab.adapters.supervise import Finished

LONGEST = 6.0
"""How many times its limit a run may take by the clock, while others use the machine."""
_SOON = 0.97
_POLL_S = 0.2


class Slots:
    """The slots that a run takes before it starts, and holds until it is recorded."""

    def __init__(self, context: Context, wait: bool) -> None:
        self._context, self._wait = context, wait
        self.environment = {**os.environ, **context.environment}
        self._devices = slots.devices(self.environment)

    @contextmanager
    def taken(self, allowed: Callable[[], bool]) -> Iterator[Mapping[str, str] | None]:
        """Hold them within; yields what the command's environment says of that.

        Where they are taken and the run isn't allowed anyway, nothing is waited for: it yields None.

        Raises:
            InputError: they are taken, and it isn't waited.

        """
        with ExitStack() as stack:
            try:
                held = self._first(stack, allowed)
            except OSError as error:
                hint = f"set {slots.PLACE} to a directory that all who train on this machine share"
                raise files.explain(error, "take a slot of the device", hint) from error
            before = self.environment.get(slots.HELD, "")
            yield None if held is None else {slots.HELD: os.pathsep.join(part for part in (before, *held) if part)}

    def _first(self, stack: ExitStack, allowed: Callable[[], bool]) -> Sequence[str] | None:
        told: Holder | None = None
        began = time.monotonic()
        while True:
            try:
                return slots.take(stack, self._devices, self._context.config.slots, self.environment, self._note())
            except slots.Taken as taken:
                holder = taken.holder
            if told is None and not allowed():
                return None
            if not self._wait:
                raise InputError(
                    f"{_device(holder.device)} is taken by {_who(holder)}",
                    "leave out --no-wait to wait for it; slots under [run] in "
                    f"{self._context.place.config.name} lets more run at once",
                )
            if told is None or (told.pid, told.since) != (holder.pid, holder.since):
                again = "still " if told else ""
                self._context.warn(f"{again}waiting for {_device(holder.device)}, which is taken by {_who(holder)}")
                told = holder
            time.sleep(_POLL_S if time.monotonic() - began < 60 else 5 * _POLL_S)

    def _note(self) -> dict[str, object]:
        from memorylab.lab import claims

        # Every user of the machine can read it, so it says who and where, and not what is tried.
        return {"pid": os.getpid(), "user": claims.user(), "place": str(self._context.place.code_root)}


def _device(name: str) -> str:
    return "the processor (cpu)" if name == "cpu" else f"the device {name}"


def _who(holder: Holder) -> str:
    told = f"process {holder.pid}" if holder.pid else "another run"
    told += f" of {holder.user}" if holder.user else ""
    told += f" in {holder.place}" if holder.place else ""
    seconds = time.time() - holder.since if holder.since else None
    if seconds is None:
        return told
    return told + (f", for {seconds / 60:.0f} min by now" if seconds >= 90 else f", for {max(seconds, 0):.0f} s by now")


class Fair:
    """What is measured of one run while it trains."""

    def __init__(self, context: Context, environment: Mapping[str, str]) -> None:
        self._usual = _usual(context) or starved.USUAL
        self._limit_s: float | None = None
        self._meter = Meter(environment)

    def more_time(self, limit_s: float, extend: bool) -> Callable[[float], float]:
        """For a run's time limit: the seconds that others' work on the machine has taken of it.

        The limit counts the time for which the run could have what its peers use, so that a hang on a quiet machine
        ends after it, and on a busy one after a few times as much. What an operator set is by the clock.
        """

        self._limit_s = limit_s

        def more(elapsed: float) -> float:
            own, idle = self._meter.so_far()
            if not extend or own is None or idle is None or elapsed >= LONGEST * limit_s:
                return 0.0
            share = min(1.0, (own + idle) / self._usual)
            left = limit_s - share * elapsed
            if left <= (1 - _SOON) * limit_s:
                return 0.0
            return min(left / max(share, 0.1), LONGEST * limit_s - elapsed)

        return more

    def measured(self, finished: Finished) -> Finished:
        """The end of the run with what it had."""
        told = self._meter.read(finished.seconds, finished.cpu_seconds)
        if finished.timed_out and self._limit_s is not None:
            told["limit_seconds"] = self._limit_s
        return finished._replace(resources=told)


def _usual(context: Context) -> float | None:
    """The processors that runs here use."""
    views = context.views()
    arena = current_arena(views, home_arena(context))
    if arena is None:
        return None
    leader = views.run(arena.champion)
    shares = outcomes.peers(context.index.db, arena.id, leader.run_id if leader else "")
    return starved.usual_cores([starved.Resources(wall, cpu) for cpu, wall in shares])
