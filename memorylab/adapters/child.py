"""A started command as a stream of output, which can be ended at once with all that it started.

On POSIX it runs beneath `watchdog.py`. On Windows (untried) there is no watchdog: the command has a process group of
its own and ends with `taskkill /T`, but it survives a MemoryLab that is killed.
"""

from __future__ import annotations

import contextlib
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from memorylab.errors import InputError

_WATCHDOG = str(Path(__file__).with_name("watchdog.py"))
_READ = 1 << 16  # the capacity of a pipe on Linux
_DRAIN_S = 1.0  # how long output is read after the end: something that left the process tree can hold the pipe open
_LAST_S = 5.0  # how long the end of a killed process is waited for


class Child(Protocol):
    """A started command."""

    def read(self, timeout: float) -> bytes | None:
        """The next output; b"" where none came within `timeout` seconds, None after the end."""

    def send(self, number: int) -> None:
        """Send a signal to the command's process group."""

    def kill(self) -> None:
        """Kill everything that the command started, at once."""

    def close(self) -> int | None:
        """Kill what is left and release everything; the exit code, negative for a signal, None where unknown."""

    @property
    def cpu_seconds(self) -> float | None:
        """Once it is closed: the processor time of all that the command started; None where nobody counted."""


def start(command: Sequence[str], cwd: Path, env: Mapping[str, str], within: Sequence[str] = ()) -> Child:
    """Start `command` in `cwd` with `env` as its whole environment, no input, and stderr joined to stdout.

    `within` are the words before a command that put it into a sandbox, its watchdog included.
    Raises `InputError` when it can't be started.
    """
    if not command:
        raise InputError("there is no command to run", "put it behind --, as in: run -- python train.py")
    if not cwd.is_dir():
        raise InputError(f"can't start {command[0]!r}: there is no directory {cwd}")
    try:
        return Plain(command, cwd, env) if os.name == "nt" else Watched(command, cwd, env, within)
    except (OSError, ValueError) as error:  # ValueError: a NUL in an argument or in the environment
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        hint = "check its name, its mode and PATH; a script needs a first line like #!/bin/sh"
        raise InputError(f"can't start {command[0]!r}: {why[:1].lower()}{why[1:]}", hint) from error


class Watched:
    """A command beneath its watchdog (POSIX)."""

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str], within: Sequence[str] = ()) -> None:
        self._enclosed = bool(within)
        lifeline, self._lifeline = os.pipe()
        self._output, output = os.pipe()
        self._status, status = os.pipe()
        self._report = b""
        self._ended: float | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._selector = selectors.DefaultSelector()
        try:
            self._watchdog = subprocess.Popen(
                [*within, sys.executable, "-I", "-S", _WATCHDOG, str(status), *command],
                cwd=cwd,
                env=dict(env),
                stdin=lifeline,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=(status,),
            )
        finally:
            for fd in (lifeline, output, status):
                os.close(fd)
            if self._watchdog is None:
                self.close()
        try:
            self._await_start()
        except BaseException:
            self.close()
            raise
        self._selector.register(self._output, selectors.EVENT_READ)
        self._selector.register(self._status, selectors.EVENT_READ)

    def _await_start(self) -> None:
        while not self._report.endswith(b"\n") and (data := os.read(self._status, 64)):
            self._report += data
        if (number := self._said(b"E")) is not None:
            raise OSError(number, os.strerror(number))
        if not self._report:
            said = os.read(self._output, _READ).decode("utf-8", "replace").strip()
            raise OSError(0, f"its watchdog failed: {said.splitlines()[-1] if said else 'no reason given'}")

    def read(self, timeout: float) -> bytes | None:
        """See `Child`."""
        if self._ended is not None and time.monotonic() > self._ended + _DRAIN_S:
            return None
        for key, _ in self._selector.select(timeout):
            data = os.read(key.fd, _READ)
            if not data:
                self._selector.unregister(key.fd)
            if key.fd == self._output and data:
                return data
            if key.fd == self._status:
                self._report += data
                if not data:
                    self._ended = time.monotonic()
                    self._outlive_watchdog()
        return b"" if self._selector.get_map() else None

    def _outlive_watchdog(self) -> None:
        """Kill the command's group when the watchdog ended without saying how the command did: it was killed.

        A number from inside a sandbox names another process here, but all in a sandbox dies with what holds it.
        """
        if (started := self._said(b"P")) is not None and self._said(b"X") is None:
            with contextlib.suppress(OSError):
                if not self._enclosed:
                    os.killpg(started, signal.SIGKILL)
                elif self._watchdog is not None:
                    self._watchdog.kill()

    def _said(self, what: bytes) -> int | None:
        """A number that the watchdog has reported."""
        return next((int(line[1:]) for line in self._report.splitlines() if line.startswith(what)), None)

    def send(self, number: int) -> None:
        """See `Child`. Safe in a signal handler."""
        with contextlib.suppress(OSError):  # the watchdog is gone, and so is the command
            os.write(self._lifeline, bytes([number]))

    def kill(self) -> None:
        """See `Child`. Safe in a signal handler."""
        lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            os.close(lifeline)

    def close(self) -> int | None:
        """See `Child`."""
        self.kill()
        if self._watchdog is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._watchdog.wait(_LAST_S)
                while data := os.read(self._status, 64):
                    self._report += data
        self._selector.close()
        os.close(self._output)
        os.close(self._status)
        self._outlive_watchdog()
        ended = self._said(b"X")
        return None if ended is None else os.waitstatus_to_exitcode(ended)

    @property
    def cpu_seconds(self) -> float | None:
        """See `Child`."""
        taken = self._said(b"C")
        return None if taken is None else taken / 1000


class Plain:
    """A command without a watchdog (Windows, untried)."""

    cpu_seconds: float | None = None

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=16)  # pipes can't be waited for with a time limit
        self._reader = threading.Thread(target=self._pump, daemon=True)
        self._reader.start()
        self._ended: float | None = None

    def _pump(self) -> None:
        if output := self._process.stdout:
            with output:
                while data := output.read(_READ):
                    self._chunks.put(data)

    def read(self, timeout: float) -> bytes | None:
        """See `Child`."""
        with contextlib.suppress(queue.Empty):
            return self._chunks.get(timeout=timeout)
        if self._process.poll() is None:
            return b""
        self._ended = self._ended or time.monotonic()
        return b"" if self._reader.is_alive() and time.monotonic() < self._ended + _DRAIN_S else None

    def send(self, number: int) -> None:
        """See `Child`. Windows knows one signal for a group."""
        with contextlib.suppress(OSError):
            self._process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", number))

    def kill(self) -> None:
        """See `Child`."""
        if os.name == "nt":
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(self._process.pid)], capture_output=True, check=False)
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> int | None:
        """See `Child`."""
        if self._process.poll() is None:
            self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(_LAST_S)
        return None
