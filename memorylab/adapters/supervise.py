"""Runs the training command so that it can't outlive its time limit, its user's patience or MemoryLab itself."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from memorylab import files
from memorylab.adapters.child import Child, start
from memorylab.adapters.live import ProgressReader
from memorylab.adapters.thinning import Thinning
from memorylab.adapters.training_log import Progress
from memorylab.errors import InputError
from memorylab.tuples import NamedTuple

LOG_LIMIT = 1 << 30
GRACE_S = 5.0
_TICK_S = 0.2  # how often progress is told and the clock looked at
_TAIL = 4 << 20


class Finished(NamedTuple):
    """How a command ended. `exit_code` is None when a signal ended it; both are None when its watchdog was killed.

    `stopped_for` is `nan` or `interrupt` where MemoryLab ended it for that; a time-out has its own field.
    """

    exit_code: int | None
    signal: int | None
    timed_out: bool
    stopped_for: str | None
    seconds: float
    log_truncated: bool
    cpu_seconds: float | None = None
    """Processor time of the command and all that it started; None where nobody counted."""
    resources: Mapping[str, Any] | None = None
    """What the machine gave it and did beside it (`machine.Meter`), where somebody measured."""


def supervise(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log_path: Path,
    timeout_s: float | None,
    on_progress: Callable[[Progress], None] | None = None,
    stop_on_nan: bool = True,
    max_log_bytes: int = LOG_LIMIT,
    grace_s: float = GRACE_S,
    within: Sequence[str] = (),
    more_time: Callable[[float], float] | None = None,
) -> Finished:
    """Run `command` with `env` as its whole environment and no input; stdout and stderr go to `log_path`.

    `within` are the words that put it into a sandbox, see `sandbox.py`.

    After `timeout_s` seconds (`more_time` is asked then how many more there are, with those since the start), or on a
    loss that is NaN, or on SIGINT, SIGTERM or SIGHUP to this process (a second one kills at once), the command's
    process group gets a signal, and `grace_s` seconds later all it started is killed.
    Raises `InputError`, and leaves an older log as it was, when the command can't be started or the log not written.
    """
    log = _Log(log_path, max_log_bytes)
    try:
        child = start(command, cwd, env, within)
    except BaseException:
        log.discard()
        raise
    began, why, code, truncated = time.monotonic(), None, None, False
    try:
        log.begin()
        with _Forwarding(child) as interrupts:
            stop = _Stop(child, interrupts, began, timeout_s, grace_s, stop_on_nan, more_time)
            why = _follow(child, log, stop, on_progress)
    finally:
        seconds = time.monotonic() - began
        code = child.close()
        truncated = log.close()
    number = -code if code is not None and code < 0 else None
    return Finished(
        exit_code=code if number is None else None,
        signal=number,
        timed_out=why == "timeout",
        stopped_for=None if why == "timeout" else why,
        seconds=seconds,
        log_truncated=truncated,
        cpu_seconds=child.cpu_seconds,
    )


def _follow(child: Child, log: _Log, stop: _Stop, on_progress: Callable[[Progress], None] | None) -> str | None:
    """Drain the output to its end; returns what the command was ended for, if it was."""
    reader, told, fresh, lines = ProgressReader(), 0.0, False, Thinning(log.write)
    while (chunk := child.read(_TICK_S)) is not None:
        now = time.monotonic()
        if chunk:
            lines.feed(chunk, now)
            reader.feed(chunk)
            fresh = True
        lines.tick(now)
        stop.consider(now, reader.nan)
        if on_progress and fresh and now - told >= _TICK_S:
            told, fresh = now, False
            if progress := reader.newest(now - stop.began):
                on_progress(progress)
    lines.close()
    if on_progress and fresh and (progress := reader.newest(time.monotonic() - stop.began)):
        on_progress(progress)
    return stop.reason()


_ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


class _Forwarding:
    """While entered, signals that would end this process end the command instead; the second one kills it.

    A closed terminal (SIGHUP) too: the run is stopped, and recorded as interrupted, instead of being lost.
    """

    def __init__(self, child: Child) -> None:
        self.count = 0
        self._child = child
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> _Forwarding:
        if threading.current_thread() is threading.main_thread():  # Python allows handlers nowhere else
            for number in _ENDING:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):  # ignored on purpose, as under nohup
                    self._previous[number] = signal.signal(number, self._forward)
        return self

    def _forward(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 1:
            self._child.send(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
        else:
            self._child.kill()

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)


class _Stop:
    """Decides when the command has to end, asks it to, and kills it when it doesn't."""

    def __init__(
        self,
        child: Child,
        interrupts: _Forwarding,
        began: float,
        timeout_s: float | None,
        grace_s: float,
        on_nan: bool,
        more_time: Callable[[float], float] | None = None,
    ) -> None:
        self.began = began
        self._more_time = more_time
        self._child, self._interrupts, self._timeout_s = child, interrupts, timeout_s
        self._grace_s, self._on_nan = grace_s, on_nan
        self._why: str | None = None
        self._kill_at: float | None = None

    def consider(self, now: float, nan: bool) -> None:
        """Look at the clock and at what has happened; `now` is monotonic."""
        if self._why is None:
            if self._interrupts.count:
                self._why = "interrupt"  # the handler has sent the signal
            elif (nan and self._on_nan) or self._late(now - self.began):
                self._why = "nan" if nan and self._on_nan else "timeout"
                self._child.send(signal.SIGTERM)
            self._kill_at = now + self._grace_s if self._why else None
        elif self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            self._child.kill()

    def _late(self, elapsed: float) -> bool:
        """Whether the time is up: a machine that was busy with something else may have taken some of it."""
        if self._timeout_s is None or elapsed < self._timeout_s:
            return False
        more = self._more_time(elapsed) if self._more_time else 0.0
        self._timeout_s = elapsed + more
        return more <= 0

    def reason(self) -> str | None:
        """What it was ended for: nan, timeout, interrupt or nothing."""
        return self._why or ("interrupt" if self._interrupts.count else None)


class _Log:
    """The log as it grows. Past `limit` bytes, or on a full disk, it holds its head and, at the end, its last part."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path, self._existed = path, files.stands(path)
        self._limit = limit
        self._tail_limit = min(_TAIL, limit // 2)
        self._room = limit - self._tail_limit
        self._tail = bytearray()
        self._dropped = 0
        try:
            # Through a link that the last run's code left, any file would be overwritten. Not waiting: a pipe without a
            # reader would hold the run before it began.
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | files.NO_FOLLOW | files.NONBLOCK
            self._file = os.fdopen(os.open(path, flags, 0o666), "ab", buffering=0)
            os.set_blocking(self._file.fileno(), True)
        except OSError as error:
            why = files.explain(error, f"write the log {path}")
            raise InputError(why.message, why.hint) from error

    def begin(self) -> None:
        """Forget what the file held before."""
        if self._path.is_file():  # not so for /dev/null
            self._file.truncate(0)

    def discard(self) -> None:
        """Leave the file as it was."""
        self._file.close()
        if not self._existed:
            self._path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Store a chunk, or keep it for the end."""
        self._tail += self._store(chunk)
        if len(self._tail) > 2 * self._tail_limit:
            self._trim()

    def close(self) -> bool:
        """Write what was kept; True when a part of the output is missing."""
        self._trim()
        note = f"\n[memorylab: {self._dropped} bytes left out here, the log is limited to {self._limit}]\n"
        self._room = self._limit
        left = self._store((note.encode() if self._dropped else b"") + self._tail)
        self._file.close()
        return bool(self._dropped or left)

    def _trim(self) -> None:
        excess = max(0, len(self._tail) - self._tail_limit)
        self._dropped += excess
        del self._tail[:excess]

    def _store(self, data: bytes) -> bytes:
        """Write as much as there is room for; returns the rest."""
        while data and self._room > 0:
            try:
                written = self._file.write(data[: self._room])
            except OSError:  # a full disk must not cost the run: training goes on, the log's end may still fit
                self._room = 0
                break
            self._room -= written
            data = data[written:]
        return data
