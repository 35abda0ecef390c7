"""Keeps what a run left behind, under its run id: log, summary, patch and packet; redacted and of bounded size."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from memorylab import files
from memorylab.core.runs import redact
from memorylab.core.runs.secret_spans import REACH

LOG_HEAD = 2 << 20
LOG_TAIL = 6 << 20
"""Bytes kept of a log's beginning and end; a night of hundred runs stays under a gigabyte whatever they print."""

_BLOCK = 1 << 20
LARGEST_CODE = 1 << 30
"""Bytes of a mutable or protected file, which may be validation data; a checksum of more takes seconds."""
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
"""How a log begins that PowerShell's `>` wrote."""


def store_log(directory: Path, log: Path) -> int:
    """Copy a run's log as `run.log`, without secrets, and return its original size in bytes."""
    size = log.stat().st_size
    with files.open_regular(log) as source, (directory / "run.log").open("wb") as target:
        # One character a byte brings every byte through unchanged: a binary log is archived as it is.
        codec = _WIDE.get(source.read(2), "latin-1")
        if size <= LOG_HEAD + LOG_TAIL:
            _copy(source, target, codec, 0, size)
        else:
            tail = (size - LOG_TAIL) & ~1
            _copy(source, target, codec, 0, LOG_HEAD)
            target.write(f"\n[... {tail - LOG_HEAD} bytes left out ...]\n".encode(codec))
            _copy(source, target, codec, tail, size)
    return size


def _copy(source: BinaryIO, target: BinaryIO, codec: str, start: int, end: int) -> None:
    """Copy what lies between two places, without the secrets in it and those that reach into it."""

    def pieces(begin: int, until: int) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
        for at in range(begin, until, _BLOCK):
            source.seek(at)
            yield decoder.decode(source.read(min(_BLOCK, until - at)))

    ahead = "".join(pieces(max(start - REACH, 0), start))
    behind = "".join(pieces(end, end + REACH))
    for piece in redact.stream(pieces(start, end), ahead=ahead, behind=behind):
        target.write(piece.encode(codec, "surrogatepass"))


def store_text(directory: Path, name: str, data: bytes) -> None:
    """Write one file of the archive, without secrets; what is JSON stays JSON."""
    files.write_atomic(directory / name, _redacted(data))


def _redacted(data: bytes) -> bytes:
    if not redact.may_hold(data):
        return data
    with suppress(ValueError, RecursionError):
        return json.dumps(redact.everywhere(json.loads(data)), indent=2, ensure_ascii=False).encode("utf-8", "replace")
    return redact.secrets(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def store_packet(directory: Path, packet: dict[str, Any], markdown: str) -> None:
    """Write the decision packet for programs and for people."""
    files.write_atomic(directory / "decision_packet.json", json.dumps(packet, indent=2, ensure_ascii=False) + "\n")
    files.write_atomic(directory / "decision_packet.md", markdown)


def fingerprint(
    root: Path, names: tuple[str, ...], refused: Callable[[OSError], None] | None = None
) -> tuple[str | None, dict[str, str]]:
    """A checksum over the named files, and one for each that exists; None over all where there is none.

    One that can't be read is told to `refused`; then it has no checksum, and nothing is said of all together.

    Raises:
        OSError: a file can't be read, and nobody takes the refusal.

    """
    import hashlib

    each: dict[str, str] = {}
    whole = True
    for name in names:
        try:
            digest = hashlib.sha256()
            with files.open_regular(root / name, LARGEST_CODE) as file:
                for block in files.blocks(file, name, LARGEST_CODE):
                    digest.update(block)
            each[name] = digest.hexdigest()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
        except OSError as error:
            if refused is None:
                raise
            refused(error)
            whole = False
    return combined(each) if whole else None, each


def combined(each: Mapping[str, str]) -> str | None:
    """One checksum over those of several files; None for no files."""
    import hashlib

    return hashlib.sha256(json.dumps(each, sort_keys=True).encode()).hexdigest()[:16] if each else None
