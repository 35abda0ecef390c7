"""Keeps what a run left behind, under its run id: log, summary, patch and packet; redacted and of bounded size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.core.runs import redact

LOG_HEAD = 2 << 20
LOG_TAIL = 6 << 20
"""Bytes kept of a log's beginning and end; a night of hundred runs stays under a gigabyte whatever they print."""

_BLOCK = 1 << 20


def store_log(directory: Path, log: Path) -> int:
    """Copy a run's log as `run.log`, without secrets, and return its original size in bytes."""
    size = log.stat().st_size
    with log.open("rb") as source, (directory / "run.log").open("wb") as target:
        if size <= LOG_HEAD + LOG_TAIL:
            _copy_redacted(source, target, size)
        else:
            _copy_redacted(source, target, LOG_HEAD)
            target.write(f"\n[... {size - LOG_HEAD - LOG_TAIL} bytes left out ...]\n".encode())
            source.seek(size - LOG_TAIL)
            _copy_redacted(source, target, LOG_TAIL)
    return size


def _copy_redacted(source: Any, target: Any, length: int) -> None:
    """Copy in blocks that end at a line's end where there is one, so that no secret is cut in two."""
    rest = b""
    while length > 0 and (block := source.read(min(_BLOCK, length))):
        length -= len(block)
        block = rest + block
        cut = block.rfind(b"\n") + 1 if length > 0 else len(block)
        cut = cut or len(block)
        rest = block[cut:]
        target.write(_redacted(block[:cut]))
    target.write(_redacted(rest))


def _redacted(data: bytes) -> bytes:
    # surrogateescape brings bytes that are no UTF-8 through unchanged: a binary log is archived as it is.
    return redact.secrets(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def store_text(directory: Path, name: str, data: bytes) -> None:
    """Write one file of the archive, without secrets."""
    files.write_atomic(directory / name, _redacted(data))


def store_packet(directory: Path, packet: dict[str, Any], markdown: str) -> None:
    """Write the decision packet for programs and for people."""
    files.write_atomic(directory / "decision_packet.json", json.dumps(packet, indent=2, ensure_ascii=False) + "\n")
    files.write_atomic(directory / "decision_packet.md", markdown)


def fingerprint(root: Path, names: tuple[str, ...]) -> tuple[str | None, dict[str, str]]:
    """A checksum over the named files, and one for each; None where none of them exists."""
    import hashlib

    each: dict[str, str] = {}
    for name in names:
        path = root / name
        if path.is_file():
            each[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return combined(each), each


def combined(each: Mapping[str, str]) -> str | None:
    """One checksum over those of several files; None for no files."""
    import hashlib

    return hashlib.sha256(json.dumps(each, sort_keys=True).encode()).hexdigest()[:16] if each else None
