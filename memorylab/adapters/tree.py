"""Whether files are as the commit has them, asked so cheaply that every `check` can ask: one git, without subprocess.

Importing `subprocess` alone costs a check 6 % of its time, and starting git by it as much again.
"""

from __future__ import annotations

import hashlib
import os
import select
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from memorylab import files

_PATIENCE_S = 20.0
"""Seconds for an answer, as `memorylab.adapters.git` waits."""
_MOST = 4 << 20
_FILE = (b"100644", b"100755")


def uncommitted(root: Path, names: tuple[str, ...]) -> bool:
    """Whether one of the files isn't as it is in the commit, byte by byte.

    False where nothing can be held against it: no repository, no commit, no git, or none of the files in the commit.
    """
    there = {name: _read(root / name) for name in names}
    if not _in_repository(root):
        return False
    committed = _committed(root, tuple(name.removeprefix("./") for name in names))
    if not committed:
        return False
    return any(_differs(committed.get(name.removeprefix("./")), data) for name, data in there.items())


def _differs(entry: tuple[bytes, str] | None, data: bytes | None) -> bool:
    if entry is None:
        return data is not None
    mode, name = entry
    if mode not in _FILE:  # a link counts by where it leads, which is no edit of the code
        return False
    return data is None or _blob(data, len(name)) != name


def _blob(data: bytes, digits: int) -> str:
    """The name that git gives to some content."""
    algorithm = "sha1" if digits == 40 else "sha256"
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _in_repository(root: Path) -> bool:
    if "GIT_DIR" in os.environ:
        return True
    place = os.path.abspath(root)  # noqa: PTH100 - a tenth of what Path takes
    while not os.path.exists(f"{place}/.git"):  # noqa: PTH110
        place, before = os.path.dirname(place), place  # noqa: PTH120
        if place == before:
            return False
    return True


def _read(path: Path) -> bytes | None:
    try:
        return files.read_bounded(path)
    except OSError:
        return None


def _committed(root: Path, names: tuple[str, ...]) -> Mapping[str, tuple[bytes, str]]:
    """Mode and content's name of the files that the commit has."""
    found = {}
    for entry in _ask(root, "--literal-pathspecs", "ls-tree", "-z", "HEAD", "--", *names).split(b"\0"):
        about, _, name = entry.partition(b"\t")
        told = about.split()
        if len(told) == 3:
            found[os.fsdecode(name)] = told[0], told[2].decode("ascii", "replace")
    return found


def _ask(root: Path, *words: str) -> bytes:
    """What git prints; nothing where it can't be started, refuses or doesn't answer."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    if not hasattr(os, "posix_spawnp"):
        from memorylab.adapters import git

        return git.asked(root, *words) or b""
    ours, theirs = os.pipe()
    try:
        silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 2)]
        answer = (os.POSIX_SPAWN_DUP2, theirs, 1)
        pid = os.posix_spawnp("git", ["git", "-C", str(root), *words], environment, file_actions=[*silent, answer])
    except (OSError, ValueError):
        os.close(ours)
        return b""
    finally:
        os.close(theirs)
    try:
        return _answer(ours, pid)
    finally:
        os.close(ours)


def _answer(pipe: int, pid: int) -> bytes:
    out = b""
    until = time.monotonic() + _PATIENCE_S
    ended = False
    while not ended and len(out) <= _MOST and (left := until - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            piece = os.read(pipe, 1 << 16)
            out, ended = out + piece, not piece
    if not ended:
        import signal

        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return out if ended and os.waitstatus_to_exitcode(status) == 0 else b""
