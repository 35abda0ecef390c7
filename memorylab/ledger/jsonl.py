"""The default ledger: one JSON object a line in a file that is locked, written once a call, synced and only grows."""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.errors import LedgerError, LedgerMoved, LedgerUnsure
from memorylab.ledger import gate
from memorylab.ledger.base import Entry, Ledger

_CHUNK = 1 << 16
_MAX_LINE = 64 << 20
"""A longer line is no row of ours; reading it whole would let one bad file exhaust the memory."""


class JsonlLedger:
    """`experiments.jsonl`. A position is the byte offset behind a row's newline.

    Writers hold `.lock` beside the file (the file itself may be replaced by `verify --repair`). Each append is one
    `write` and one sync. A tail without newline is what an interrupted write left: it was never acknowledged, readers
    don't see it, and the next writer moves it to `quarantine/`, or completes it if only the newline was missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock_path = path.with_name(".lock")

    @property
    def url(self) -> str:
        """The file's path."""
        return str(self.path)

    def read(self, after: int = 0) -> Iterator[Entry]:
        """Yield the complete lines behind byte `after`; blank ones are passed over."""
        try:
            file = self.path.open("rb", buffering=1 << 20)
        except FileNotFoundError:
            return
        except OSError as error:
            raise files.explain(error, "read the ledger") from error
        with file:
            file.seek(after)
            position = after
            while line := file.readline(_MAX_LINE):
                start = position
                position += len(line)
                if not line.endswith(b"\n"):
                    if len(line) < _MAX_LINE:
                        return
                    position += _skip_line(file)
                    yield Entry(start, position, None, f"the line is longer than {_MAX_LINE >> 20} MiB", 0)
                elif not line.isspace():
                    row, problem = gate.decode(line)
                    yield Entry(start, position, row, problem, zlib.crc32(line))

    def append(self, rows: Sequence[Mapping[str, Any]], expect: int | None = None) -> int:
        """Write all rows as lines in one `write`, sync, and return the new size of the file in bytes."""
        payload = b"".join(gate.encode(row) for row in rows)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with files.exclusive(self.lock_path):
                return self._append_locked(payload, expect)
        except OSError as error:
            raise files.explain(error, "append to the ledger") from error

    def _append_locked(self, payload: bytes, expect: int | None) -> int:
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | files.NO_FOLLOW, 0o666)
        try:
            end = self._heal(fd)
            if expect is not None and expect != end and not _blank(fd, expect, end):
                raise LedgerMoved(f"the ledger ends at {end}, not at {expect}", "read on and try again")
            if end == 0:  # a new file: it must be there for good before the first row is
                files.sync_directory(self.path.parent)
            if payload:
                _write_or_undo(fd, payload, end)
            return end + len(payload)
        finally:
            files.close(fd)

    def _heal(self, fd: int) -> int:
        """Deal with a torn tail and return where the next row begins; bytes before it stay as they are."""
        size = os.fstat(fd).st_size
        start = _last_line_start(fd, size)
        if start == size:
            return size
        torn = _read_at(fd, start, size - start)
        if gate.decode(torn)[0] is not None:
            _write_or_undo(fd, b"\n", size)
            return size + 1
        self.quarantine(torn)
        os.ftruncate(fd, start)
        return start

    def lines_between(self, start: int, end: int) -> int:
        """How many lines, blank ones included, end between two positions."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start).count(b"\n")

    def has_torn_tail(self) -> bool:
        """Whether the file ends in a part of a line, which an interrupted write left."""
        if not self.path.exists() or not (size := self.path.stat().st_size):
            return False
        with self.path.open("rb") as file:
            file.seek(size - 1)
            return file.read(1) != b"\n"

    def repair(self) -> list[Path]:
        """Set broken lines and a torn tail aside, leave every readable byte as it is; returns the files kept."""
        aside: list[Path] = []
        if not self.path.exists():
            return aside
        with files.exclusive(self.lock_path):
            fd = os.open(self.path, os.O_RDWR | os.O_APPEND | files.NO_FOLLOW)
            try:
                self._heal(fd)
                broken = [entry for entry in self.read() if entry.row is None]
                if broken:
                    aside = self._rewrite_without(broken)
            finally:
                os.close(fd)
        return aside

    def _rewrite_without(self, broken: Sequence[Entry]) -> list[Path]:
        data = self.path.read_bytes()
        aside = [self.quarantine(data[entry.after : entry.position]) for entry in broken]
        good, start = [], 0
        for entry in broken:
            good.append(data[start : entry.after])
            start = entry.position
        files.write_durable(self.path, b"".join([*good, data[start:]]))
        return aside

    def quarantine(self, data: bytes) -> Path:
        """Keep bytes that are no row, named by their checksum, so that nothing that was ever written is deleted."""
        place = self.path.parent / "quarantine" / f"{zlib.crc32(data):08x}.txt"
        files.refuse_links(place.parent, self.path.parent)
        files.write_atomic(place, data)
        return place


def _last_line_start(fd: int, size: int) -> int:
    """The offset behind the last newline, found by reading backwards."""
    end = size
    while end > 0:
        begin = max(0, end - _CHUNK)
        found = _read_at(fd, begin, end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _blank(fd: int, start: int, end: int) -> bool:
    """Whether only blank lines lie between two offsets: readers pass over them, so nobody's position is behind them."""
    return start < end and _read_at(fd, start, end - start).isspace()


def _read_at(fd: int, offset: int, length: int) -> bytes:
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, length)


def _write_or_undo(fd: int, payload: bytes, end: int) -> None:
    """Write and sync, or take back what got through, so that a full disk leaves no half row behind."""
    try:
        written = os.write(fd, payload)
        if written != len(payload):
            raise LedgerError(
                f"only {written} of {len(payload)} bytes could be written to the ledger; none were kept",
                "free some disk space, then run the same command again",
            )
        files.sync(fd)
    except BaseException as error:
        try:
            os.ftruncate(fd, end)
        except OSError:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise LedgerUnsure(
                f"can't append to the ledger ({why}), nor take that back: it is unsure whether it is recorded",
                "once the disk is well, `memorylab history` tells what is recorded; the same command with the same "
                "--key adds what isn't",
            ) from error
        with contextlib.suppress(OSError):  # else a power cut could bring back what was refused
            files.sync(fd)
        raise


def _skip_line(file: Any) -> int:
    skipped = 0
    while part := file.readline(_MAX_LINE):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


_: type[Ledger] = JsonlLedger  # a static proof that it fits the protocol
