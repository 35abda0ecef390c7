"""Reads a file from its end, or a stretch of it, in pieces: a ledger is larger than memory before it is too large."""

from __future__ import annotations

import os
from collections.abc import Iterator

from memorylab.errors import LedgerError
from memorylab.ledger import gate

LONGEST = 64 << 20
"""A line beyond `gate.MAX_LINE` is passed over; after so many bytes without a newline the file is no ledger, but a disk
image, or a hole as large as a number can say, and looking for the end of it would take for ever."""
_PIECE = 1 << 16
_READ = 1 << 20


def read(fd: int, start: int, end: int) -> bytes:
    """The bytes between two offsets."""
    return b"".join(parts(fd, start, end))


def parts(fd: int, start: int, end: int) -> Iterator[bytes]:
    """The same in pieces; what isn't there is left out."""
    while start < end:
        os.lseek(fd, start, os.SEEK_SET)
        part = os.read(fd, min(_READ, end - start))
        if not part:
            return
        start += len(part)
        yield part


def last_line(fd: int, end: int) -> int:
    """The offset behind the last newline before `end`, found by reading backwards.

    Raises:
        LedgerError: there is none for so long that this is no ledger.

    """
    last = end
    while end > 0:
        begin = max(0, end - _PIECE)
        if last - begin > LONGEST:
            raise endless()
        found = read(fd, begin, end).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def endless() -> LedgerError:
    """What to say of a file that goes on without a newline."""
    return LedgerError(
        f"the ledger goes on for more than {LONGEST >> 20} MiB without a newline",
        "that is no ledger; move it away, or cut it behind its last whole line",
    )


def lines(fd: int, end: int) -> Iterator[bytes]:
    """The complete lines before an offset behind a newline, the last first; blank and overlong ones are left out."""
    while end > 0:
        start = last_line(fd, end - 1)
        if end - start <= gate.MAX_LINE:
            line = read(fd, start, end)
            if not line.isspace():
                yield line
        end = start


def is_blank(fd: int, start: int, end: int) -> bool:
    """Whether only blank lines lie between two offsets: readers pass over them, so nobody is behind."""
    return start < end and all(part.isspace() for part in parts(fd, start, end))
