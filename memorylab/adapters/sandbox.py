"""What keeps a training command from writing to its judge and to the memory: bubblewrap, or namespaces made here.

Everything else is as it was: the whole file system, devices, network, environment, limits. The command has its own view
of processes, since whoever sees those outside reaches their files through /proc/PID/root.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from memorylab.tuples import NamedTuple

BUBBLEWRAP, UNSHARE = "bubblewrap", "unshare"
DROPPED = (
    "CAP_DAC_READ_SEARCH",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_ADMIN",
    "CAP_MKNOD",
)
"""Capabilities that root must do without: to mount, to trace, to load into the kernel, to open files by handle."""
_ENCLOSE = str(Path(__file__).with_name("enclose.py"))
_PATIENCE_S = 20.0


class Place(NamedTuple):
    """A path where the command sees another one, or itself; it can neither rename nor remove it.

    A later place goes over an earlier one, so that a folder can be writable within one that is not.
    """

    source: Path
    target: Path
    writable: bool = False


class Sandbox(NamedTuple):
    """A kind that works here: what stands before a command to start it inside."""

    kind: str
    prefix: tuple[str, ...]


def kept(*paths: Path, writable: bool = False) -> list[Place]:
    """Paths, those that exist, as they are."""
    found = dict.fromkeys(path.resolve() for path in paths if path.exists())
    return [Place(path, path, writable) for path in found]


def working(places: Sequence[Place], cwd: Path, environment: Mapping[str, str]) -> Iterator[Sandbox]:
    """The kinds in which a command starts with these places, the best first.

    In containers bubblewrap is often installed and not allowed to, so that only a try tells.
    """
    for sandbox in _candidates(places, environment) if sys.platform == "linux" else ():
        with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
            tried = subprocess.run(
                [*sandbox.prefix, "true"],
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_S,
                check=False,
            )
            if tried.returncode == 0:
                yield sandbox


def _candidates(places: Sequence[Place], environment: Mapping[str, str]) -> list[Sandbox]:
    found = []
    if program := shutil.which("bwrap", path=environment.get("PATH")):
        words = [program, "--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--proc", "/proc"]
        for place in places:
            words += ["--dev-bind" if place.writable else "--ro-bind", str(place.source), str(place.target)]
        for name in DROPPED:
            words += ["--cap-drop", name]
        found.append(Sandbox(BUBBLEWRAP, (*words, "--")))
    words = [sys.executable, "-I", "-S", _ENCLOSE]
    for place in places:
        words += ["as" if place.writable else "ro", str(place.source), str(place.target)]
    found.append(Sandbox(UNSHARE, (*words, "--")))
    return found
