"""Who may train on a device now: a lock per slot in a directory of the machine, which the kernel gives back.

It lies outside of any workspace, since worktrees, shells and users share a device without sharing a directory. A lock
ends with its holder, a kill -9 included. What is written in its file only tells whom one waits for.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from memorylab import files
from memorylab.adapters import gpus
from memorylab.records import finite, text
from memorylab.tuples import NamedTuple

PLACE = "MEMORYLAB_SLOTS"
"""Another directory for the locks, for machines whose /tmp isn't shared."""
HELD = "MEMORYLAB_SLOT"
"""Tells a command that runs within a run which locks that holds: it waits for none of them."""
_POLL_S = 0.2
_LARGEST = 4096


class Holder(NamedTuple):
    """Who trains on a device, as far as it says."""

    device: str
    pid: int | None
    user: str
    place: str
    since: float | None


class Taken(Exception):
    """A device has no free slot."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(holder.device)
        self.holder = holder


def devices(environment: Mapping[str, str]) -> list[str]:
    """The devices that a command with this environment trains on, by names that mean the same to everybody here."""
    return gpus.visible(environment) or ["cpu"]


def take(
    stack: contextlib.ExitStack,
    names: Sequence[str],
    slots: int,
    environment: Mapping[str, str],
    note: Mapping[str, object],
) -> list[str]:
    """Take a slot of each device, in an order that is the same for all, until `stack` closes; returns the locks' paths.

    Raises:
        Taken: a device has none; what was taken of others is given back.
        OSError: the directory of the locks can't be used.

    """
    place, within = _place(environment), environment.get(HELD, "").split(os.pathsep)
    held: list[str] = []
    with contextlib.ExitStack() as taking:
        for name in sorted(set(names)):
            paths = [place / f"{_file_name(name)}.{number}" for number in range(slots)]
            if any(str(path) in within and _locked(path) for path in paths):
                continue
            held.append(str(taking.enter_context(_one_of(paths, name, note))))
        stack.push(taking.pop_all())
    return held


@contextlib.contextmanager
def _one_of(paths: Sequence[Path], device: str, note: Mapping[str, object]) -> Iterator[Path]:
    for path in paths:
        fd = _open(path)
        try:
            if files.try_lock(fd):
                with contextlib.suppress(OSError):
                    os.ftruncate(fd, 0)
                    os.pwrite(fd, json.dumps({**note, "since": time.time()}).encode(), 0)
                yield path
                with contextlib.suppress(OSError):
                    os.ftruncate(fd, 0)
                return
        finally:
            files.close(fd)
    raise Taken(_holder(paths[0], device))


def _locked(path: Path) -> bool:
    try:
        fd = _open(path)
    except OSError:
        return False
    try:
        return not files.try_lock(fd)
    finally:
        files.close(fd)


def _holder(path: Path, device: str) -> Holder:
    """Who holds a lock. Another user may have written it: only text and numbers are taken, and bounded."""
    raw: object = None
    with contextlib.suppress(OSError, ValueError, RecursionError):
        file = files.open_plain(path)
        if file is not None:
            with file:
                raw = json.loads(file.read(_LARGEST))
    told = raw if isinstance(raw, dict) else {}
    pid = told.get("pid")
    return Holder(
        device,
        pid if type(pid) is int else None,
        text(told.get("user"))[:80],
        text(told.get("place"))[:200],
        finite(told.get("since")),
    )


def _open(path: Path) -> int:
    """The lock's file, for all users. Linux refuses to create over another's in such a directory, not to open it."""
    for _ in range(100):
        try:
            fd = os.open(path, os.O_RDWR | files.NO_FOLLOW | files.NONBLOCK)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):
                fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | files.NO_FOLLOW, 0o666)
                with contextlib.suppress(OSError, AttributeError):
                    os.fchmod(fd, 0o666)  # whatever this user's umask says
                return fd
            continue
        if stat.S_ISREG(os.fstat(fd).st_mode):
            return fd
        files.close(fd)
        raise files.Unsuitable(path, "is no regular file", "remove it")
    raise FileNotFoundError(path)


def _place(environment: Mapping[str, str]) -> Path:
    """The directory of the locks. Not by TMPDIR, which differs between the shells of one machine."""
    given = environment.get(PLACE)
    place = Path(given) if given else Path(tempfile.gettempdir() if os.name == "nt" else "/tmp") / "memorylab-slots"
    if not place.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            place.chmod(0o1777)
    return place


def _file_name(device: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", device)[:80]
