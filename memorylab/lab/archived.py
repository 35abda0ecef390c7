"""What a run left in its archive, read in bounded pieces; no name and no link leads out of the run's own directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from memorylab import files
from memorylab.adapters.training_log import Progress, read_recent
from memorylab.core.runs import redact
from memorylab.errors import InputError
from memorylab.lab.context import Context
from memorylab.lab.derived import has_archive
from memorylab.tuples import NamedTuple

FILES = ("run.log", "train.patch", "summary.json", "decision_packet.json", "decision_packet.md")
"""What may be asked for by name; an archive holds nothing else that MemoryLab wrote."""
PATCH_BYTES = 1 << 20
"""A longer patch is cut: nobody reads it in a browser."""


class Archived(NamedTuple):
    """The archive of a run as a reader needs it."""

    sizes: dict[str, int]
    """Bytes by name, of the files that are there."""
    patch: str
    log: str
    """The end of the log."""
    progress: list[Progress]


def archived(context: Context, row: Mapping[str, Any], log_bytes: int = 64 << 10) -> Archived:
    """The files of a ledger row's run; all empty where it has no archive."""
    sizes: dict[str, int] = {}
    for name in FILES:
        file = _open(context, row, name)
        if file is not None:
            with file:
                sizes[name] = os.fstat(file.fileno()).st_size
    directory = _directory(context, row)
    recent = read_recent(directory / "run.log", log_bytes) if directory and "run.log" in sizes else None
    patch = ""
    if (file := _open(context, row, "train.patch")) is not None:
        with file:
            patch = redact.secrets(file.read(PATCH_BYTES).decode("utf-8", "replace"))
    log = redact.ending(recent.text, recent.cut) if recent else ""
    return Archived(sizes, patch, log, recent.progress if recent else [])


def open_file(context: Context, row: Mapping[str, Any], name: str) -> BinaryIO:
    """One file of a run's archive.

    Raises:
        InputError: it has none of this name.

    """
    file = _open(context, row, name) if name in FILES else None
    if file is None:
        raise InputError("the run has no such file in its archive", f"an archive holds {', '.join(FILES)}")
    return file


def _directory(context: Context, row: Mapping[str, Any]) -> Path | None:
    if not has_archive(row):
        return None
    directory = context.place.archive_of(str(row.get("run_id") or ""))
    outside = directory is None or files.linked(directory, context.place.memory)
    return directory if directory and not outside and directory.is_dir() else None


def _open(context: Context, row: Mapping[str, Any], name: str) -> BinaryIO | None:
    directory = _directory(context, row)
    return files.open_plain(directory / name) if directory else None
