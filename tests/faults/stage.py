"""A workspace that is put back before every trial, and commands that run in it: forked, watched, and interruptible."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
LIMIT_S = 90
"""A command that takes longer hangs."""
_ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith(("AUTORESEARCH", "MEMORYLAB", "GIT_", "LD_PRELOAD"))},
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@localhost",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@localhost",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "NO_COLOR": "1",
    "COLUMNS": "100",
}
_PLACE = Path(tempfile.gettempdir()) / f"slots-{os.getpid()}"
KILL, TEAR, SHORT = -1, -2, -3
"""What the shim does besides failing with an errno: kill, kill in the middle of a write, write a part."""


class Fault(NamedTuple):
    """What happens at the n-th call below the workspace; n = 0 only lists the calls."""

    n: int = 0
    action: int = 0
    lasting: bool = False
    """Also at every later call that needs space, as on a full disk."""


class Done(NamedTuple):
    """How a command ended: its exit code, or minus the signal that ended it."""

    code: int
    out: str
    err: str
    cpu_s: float
    peak_mb: float
    calls: list[str]


class Stage:
    """One worker's workspace. Its path never changes, so that the index of a saved state stays valid."""

    def __init__(self) -> None:
        self.home = Path(os.path.realpath(tempfile.mkdtemp(prefix="faults-")))
        self.lab = self.home / "lab"
        self._saved: dict[str, Path] = {}

    @property
    def memory(self) -> Path:
        """The store."""
        return self.lab / "results" / "memorylab"

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.memory / "experiments.jsonl"

    def saved(self, name: str, make: Callable[[Stage], None]) -> None:
        """Put the workspace into a named state, which is made once."""
        if name not in self._saved:
            self.empty()
            make(self)
            place = self.home / "saved" / str(len(self._saved))
            shutil.copytree(self.lab, place, symlinks=True)
            self._saved[name] = place
            return
        self.empty()
        shutil.copytree(self._saved[name], self.lab, symlinks=True, dirs_exist_ok=True)

    def empty(self) -> None:
        """Take everything out of the workspace; the directory itself may be a mount point, and stays."""
        self.lab.mkdir(exist_ok=True)
        for entry in os.scandir(self.lab):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)

    def close(self) -> None:
        """Delete it all."""
        shutil.rmtree(self.home, ignore_errors=True)

    def git(self, *words: str) -> None:
        """A git command in the workspace."""
        subprocess.run(["git", *words], cwd=self.lab, env=_ENVIRONMENT, capture_output=True, check=True)

    def call(
        self,
        *words: str,
        fault: Fault | None = None,
        file_size: int | None = None,
        stdin: bytes = b"",
        space: int | None = None,
    ) -> Done:
        """`memorylab WORDS` in a process of its own, forked from this one: that saves what a start of Python costs.

        `file_size` is the size in bytes that no file may exceed, `space` the same for the process's memory.
        """
        paths = [self.home / name for name in ("stdin", "stdout", "stderr", "calls")]
        paths[0].write_bytes(stdin)
        pid = os.fork()
        if pid == 0:
            _become(self, paths, words, fault, file_size, space)
        _, status, used = os.wait4(pid, 0)
        with suppress(OSError):  # what a killed command left behind
            os.killpg(pid, signal.SIGKILL)
        out, err, calls = (path.read_text("utf-8", "replace") for path in paths[1:])
        code = os.waitstatus_to_exitcode(status)
        return Done(code, out, err, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, calls.splitlines())


def _become(
    stage: Stage,
    paths: Sequence[Path],
    words: Sequence[str],
    fault: Fault | None,
    file_size: int | None,
    space: int | None,
) -> None:
    """Be the command, and never return."""
    code = 70
    try:
        os.setpgid(0, 0)
        files = [os.open(paths[0], os.O_RDONLY)]
        files += [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600) for path in paths[1:]]
        for number, fd in enumerate(files[:3]):
            os.dup2(fd, number)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
            for number, mode in enumerate("rww")
        )
        os.environ.clear()
        os.environ.update(_ENVIRONMENT)
        os.chdir(stage.lab)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        signal.alarm(LIMIT_S)
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
        if space is not None:
            resource.setrlimit(resource.RLIMIT_AS, (space, space))
        if fault is not None:
            arm(stage.lab, fault, files[3])
        from memorylab.cli import main

        code = main(list(words))
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def arm(below: Path, fault: Fault, told: int) -> None:
    """Let the shim count the calls below a directory of this process, and act at the one that is meant."""
    arming = ctypes.CDLL(None).fault_arm
    arming.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.c_int, ctypes.c_int]
    arming(os.fsencode(below), fault.n, fault.action, fault.lasting, told if fault.n == 0 else -1)


def environment() -> dict[str, str]:
    """What commands find in their environment."""
    # Not the machine's, nor another worker's: what trains there is none of these trials' business.
    return {**_ENVIRONMENT, "MEMORYLAB_SLOTS": f"{_PLACE}-{multiprocessing.current_process().name}"}


def has_shim() -> bool:
    """Whether this process was started with the shim."""
    return hasattr(ctypes.CDLL(None), "fault_arm")


def build_shim(into: Path) -> Path | None:
    """Compile the shim; None where that can't be done."""
    compiler = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        return None
    shim = into / "shim.so"
    source = Path(__file__).with_name("shim.c")
    done = subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(shim), str(source), "-ldl"], check=False)
    return shim if done.returncode == 0 else None


def warm_up() -> None:
    """Import what commands import lazily, so that forked ones need not."""
    import importlib
    import pkgutil

    import memorylab

    for module in pkgutil.walk_packages(memorylab.__path__, "memorylab."):
        if module.name.split(".")[1] not in ("web", "notebook", "__main__") and "watchdog" not in module.name:
            with suppress(ImportError):
                importlib.import_module(module.name)
