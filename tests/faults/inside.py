"""Commands in this very process, with what they print caught: ten times as many an hour as in ones of their own."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tests.faults.stage import Done, Stage, environment

HANGS_S = 30
"""Wall-clock seconds after which a command is interrupted; the machine may be busy."""
_DERIVED = ("index.sqlite", ".index.lock", ".derived.lock", ".lock", ".run.lock", "reports", "scratch")


class Hang(BaseException):
    """A command was interrupted. No handler of errors must catch it."""


class _Caught(io.TextIOWrapper):
    """Standard output as a pipe would take it: bytes in the end."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", errors="surrogateescape", write_through=True)

    def text(self) -> str:
        """All that was written."""
        held = self.detach()
        assert isinstance(held, io.BytesIO)
        return held.getvalue().decode("utf-8", "replace")


def call(stage: Stage, *words: str, stdin: bytes = b"") -> Done:
    """`memorylab WORDS` in the workspace."""
    from memorylab.cli import main

    os.environ.clear()
    os.environ.update(environment())
    os.chdir(stage.lab)
    out, err = _Caught(), _Caught()
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = _Caught(stdin), out, err
    began = time.process_time()
    code = 70
    try:
        with watched():
            code = main(list(words))
    except Hang:
        code = -14
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException as error:
        err.write(f"Traceback: {type(error).__name__}: {error}\n")
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
    return Done(code, out.text(), err.text(), time.process_time() - began, 0.0, [])


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Interrupt what takes far too long."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise Hang

    signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(HANGS_S)
    try:
        yield
    finally:
        signal.alarm(0)


def tree(stage: Stage) -> dict[str, tuple[int, int]]:
    """Every file but git's own and what any command may refresh, with its size and time."""
    found = {}
    for place, directories, names in os.walk(stage.lab):
        directories[:] = [name for name in directories if name != ".git" and name not in _DERIVED]
        for name in names:
            if not name.startswith(_DERIVED):
                told = os.lstat(Path(place, name))
                found[os.path.relpath(Path(place, name), stage.lab)] = (told.st_size, told.st_mtime_ns)
    return found
