"""The default ledger: one JSON object a line in a file that is locked, written once a call, synced and only grows."""

from __future__ import annotations

import contextlib
import os
import stat
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from memorylab import files
from memorylab.errors import LedgerError, LedgerMoved, LedgerUnsure
from memorylab.ledger import chain, gate, tail
from memorylab.ledger.base import Entry, Ledger


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
            file = self._open()
        except FileNotFoundError:
            return
        except OSError as error:
            raise files.explain(error, "read the ledger") from error
        with file:
            file.seek(after)
            position = after
            while line := file.readline(gate.MAX_LINE):
                start = position
                position += len(line)
                if line.endswith(b"\n"):
                    if not line.isspace():
                        row, problem, dropped = gate.reread(line) if start == after else gate.decode(line)
                        yield Entry(start, position, row, problem, zlib.crc32(line), dropped, line)
                elif len(line) < gate.MAX_LINE or not (rest := self._skip_line(file)):
                    return
                else:
                    position += rest
                    told = f"the line is longer than {gate.MAX_LINE >> 20} MiB"
                    yield Entry(start, position, None, told, zlib.crc32(line))

    def append(self, rows: Sequence[Mapping[str, Any]], expect: int | None = None) -> int:
        """Write all rows as lines in one `write`, sync, and return the new size of the file in bytes."""
        lines = [gate.encode(row) for row in rows]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with files.exclusive(self.lock_path):
                return self._append_locked(lines, expect)
        except OSError as error:
            raise files.explain(error, "append to the ledger") from error

    def lines_between(self, start: int, end: int) -> int:
        """How many lines, blank ones included, end between two positions."""
        with self._open() as file:
            return sum(part.count(b"\n") for part in tail.parts(file.fileno(), start, end))

    def has_torn_tail(self) -> bool:
        """Whether the file ends in a part of a line, which an interrupted write left."""
        if not self.path.exists():
            return False
        try:
            with files.exclusive(self.lock_path):  # what is being written just now looks torn
                return self._is_torn()
        except OSError:  # a memory that may only be read: nobody writes to it either
            return self._is_torn()

    def repair(self) -> list[Path]:
        """Set broken lines and a torn tail aside, leave every readable byte as it is; returns the files kept."""
        if not self.path.exists():
            return []
        try:
            with files.exclusive(self.lock_path):
                return self._repair_locked()
        except OSError as error:
            raise files.explain(error, "repair the ledger") from error

    # -- the file

    def _open(self) -> BinaryIO:
        """The file for reading.

        Raises:
            LedgerError: it is no file that ends: a pipe, a device.

        """
        fd = os.open(self.path, os.O_RDONLY | files.NONBLOCK)
        try:
            self._demand_file(fd)
        except BaseException:
            os.close(fd)
            raise
        return os.fdopen(fd, "rb", buffering=1 << 20)

    def _demand_file(self, fd: int) -> None:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            what = "a directory" if stat.S_ISDIR(mode) else "no regular file"
            raise LedgerError(f"can't use {self.path} as a ledger: it is {what}", "move it away")

    def _skip_line(self, file: BinaryIO) -> int:
        """Go on behind the newline; returns how far that was, 0 where the file ends first."""
        skipped = 0
        while part := file.readline(gate.MAX_LINE):
            skipped += len(part)
            if part.endswith(b"\n"):
                return skipped
            if skipped > tail.LONGEST:
                raise tail.endless()
        return 0

    def _is_torn(self) -> bool:
        with self._open() as file:
            size = os.fstat(file.fileno()).st_size
            return tail.read(file.fileno(), max(0, size - 1), size) not in (b"", b"\n")

    # -- under the lock

    def _append_locked(self, lines: Sequence[bytes], expect: int | None) -> int:
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | files.NO_FOLLOW | files.NONBLOCK, 0o666)
        try:
            self._demand_file(fd)
            end = self._heal(fd)
            if expect is not None and expect != end and not tail.is_blank(fd, expect, end):
                raise LedgerMoved(f"the ledger ends at {end}, not at {expect}", "read on and try again")
            if end == 0:  # a new file: it must be there for good before the first row is
                files.sync_directory(self.path.parent)
            payload = _chained(fd, end, lines)
            if payload:
                _write_or_undo(fd, payload, end)
            return end + len(payload)
        finally:
            files.close(fd)

    def _heal(self, fd: int) -> int:
        """Deal with a torn tail and return where the next row begins; bytes before it stay as they are."""
        size = os.fstat(fd).st_size
        start = tail.last_line(fd, size)
        if start == size:
            return size
        if size - start < gate.MAX_LINE and gate.decode(tail.read(fd, start, size)).row is not None:
            _write_or_undo(fd, b"\n", size)
            return size + 1
        self._quarantine(fd, start, size)
        os.ftruncate(fd, start)
        return start

    def _repair_locked(self) -> list[Path]:
        fd = os.open(self.path, os.O_RDWR | os.O_APPEND | files.NO_FOLLOW | files.NONBLOCK)
        try:
            self._demand_file(fd)
            self._heal(fd)
            broken = [(entry.after, entry.position) for entry in self.read() if entry.row is None]
            aside = [self._quarantine(fd, *span) for span in broken]
            if broken:
                self._rewrite_without(fd, broken)
        finally:
            os.close(fd)
        return aside

    def _rewrite_without(self, fd: int, broken: Sequence[tuple[int, int]]) -> None:
        """Put a file without these spans in the place of the ledger, in one step."""
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        starts = [0, *(end for _, end in broken)]
        ends = [*(start for start, _ in broken), os.fstat(fd).st_size]
        with temporary.open("wb") as file:
            for start, end in zip(starts, ends, strict=True):
                file.writelines(tail.parts(fd, start, end))
            file.flush()
            files.sync(file.fileno())
        temporary.replace(self.path)
        files.sync_directory(self.path.parent)

    def _quarantine(self, fd: int, start: int, end: int) -> Path:
        """Keep bytes that are no row, named by their checksum, so that nothing that was ever written is deleted."""
        checksum = 0
        for part in tail.parts(fd, start, end):
            checksum = zlib.crc32(part, checksum)
        place = self.path.parent / "quarantine" / f"{checksum:08x}.txt"
        files.refuse_links(place.parent, self.path.parent)
        place.parent.mkdir(exist_ok=True)
        files.write_pieces(place, tail.parts(fd, start, end))
        return place


def _chained(fd: int, end: int, lines: Sequence[bytes]) -> bytes:
    """The lines as they are written behind `end`: each sealed behind the last row before it."""
    if not lines:
        return b""
    before = next((line for line in tail.lines(fd, end) if gate.decode(line).row is not None), b"")
    sealed = []
    for line in lines:
        before = chain.seal(line, chain.name_of(before))
        sealed.append(before)
    return b"".join(sealed)


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


_: type[Ledger] = JsonlLedger  # a static proof that it fits the protocol
