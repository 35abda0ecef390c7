"""Writes to where a user asked: `--output`, a chart, a pack; a file is replaced, anything else is written to."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from memorylab import files
from memorylab.files import Unsuitable

_READER_S = 5.0
"""Seconds in which a pipe's reader must have come: who starts both together starts one of them first."""
_MOST_LINKS = 40


def write(path: Path, pieces: Iterable[str | bytes]) -> None:
    """Write the pieces to a path. What stood in a regular file is still there, whole, if anything goes wrong.

    A link is kept, and what it leads to replaced. A device, a pipe, /dev/stdout or /proc/self/fd/N is written to.

    Raises:
        OSError: it can't be written; `Unsuitable` if it is a socket, or a pipe that nobody reads.

    """
    stream = _stream(path)
    if stream is None:
        files.write_pieces(Path(os.path.realpath(path)) if path.is_symlink() else path, pieces)
        return
    with stream:
        for piece in pieces:
            stream.write(files.encoded(piece))


def _stream(path: Path) -> BinaryIO | None:
    """What is written to instead of being replaced, opened; None for a regular file, and for nothing."""
    own = _descriptor(path)
    if own is not None:
        return os.fdopen(os.dup(own), "wb")
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISREG(kind):
        return None
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISSOCK(kind):
        raise Unsuitable(path, "is a socket, which can't be opened by its name", "name a file, or pipe what is printed")
    return os.fdopen(_opened(path), "wb")


def _descriptor(path: Path) -> int | None:
    """The number where the path names an open file of this process: what a shell redirected must not be replaced."""
    place = Path(os.path.normpath(path.absolute()))
    for _ in range(_MOST_LINKS):
        if named := re.fullmatch(rf"/(?:dev|proc/(?:self|thread-self|{os.getpid()}))/fd/(\d{{1,9}})", str(place)):
            return int(named[1])
        if not place.is_symlink():
            return None
        place = Path(os.path.normpath(place.parent / place.readlink()))
    return None


def _opened(path: Path) -> int:
    """A descriptor of a pipe or device that is there."""
    until = time.monotonic() + _READER_S
    while True:
        try:
            fd = os.open(path, os.O_WRONLY | files.NONBLOCK | getattr(os, "O_NOCTTY", 0))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > until:
                raise Unsuitable(path, "is a pipe that nobody reads", "start its reader first") from error
            time.sleep(0.02)
        else:
            os.set_blocking(fd, True)
            return fd
