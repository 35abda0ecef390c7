"""What metadata tell of writing to a file, also of an edit that was taken back; and what lies beside a judge."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from memorylab.tuples import NamedTuple

MOST = 20_000
"""Files looked at in folders: their metadata take 0.1 s. Beyond that only a sandbox, or a pin, protects them."""
_HOOKS = ("sitecustomize", "usercustomize")
"""What Python imports before any program (https://docs.python.org/3/library/site.html)."""
_BINARY = (".so", ".pyd", ".pyc", ".pth")
_UNCHECKED = 0b01
"""Flag of a compiled file that is never held against its source (PEP 552)."""


class Trace(NamedTuple):
    """A file's metadata. Nobody sets the time of change (`ctime_ns`): it shows an edit without other traces."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int


def trace(path: Path) -> Trace | None:
    """The trace of what a path leads to; None where there is nothing."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return Trace(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)


def traces(paths: Iterable[Path]) -> dict[Path, Trace | None]:
    """The traces of files, and of all files in folders, up to MOST of them."""
    found: dict[Path, Trace | None] = {}
    for path in paths:
        for file in _files(path) if path.is_dir() else (path,):
            if len(found) >= MOST:
                return found
            found[file] = trace(file)
    return found


def _files(folder: Path) -> Iterator[Path]:
    for directory, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(directory, name) for name in sorted(names))


def changed(before: Mapping[Path, Trace | None]) -> list[tuple[Path, float | None]]:
    """The files that aren't what they were, and when they were changed (seconds since the epoch) if they are there."""
    found = []
    for path, old in before.items():
        new = trace(path)
        if new != old:
            found.append((path, new.ctime_ns / 1e9 if new else None))
    return found


def shadows(root: Path, names: Iterable[str]) -> set[str]:
    """What Python would import in place of these protected files, or before them; relative to `root`."""
    found: set[Path] = set()
    for name in names:
        if not name.endswith(".py"):
            continue
        path = root / name
        found.update(_beside(path.parent, (path.stem, *_HOOKS)), _forged(path))
        found.discard(path)
    return {path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path) for path in found}


def _beside(folder: Path, modules: tuple[str, ...]) -> Iterator[Path]:
    try:
        entries = os.listdir(folder)  # noqa: PTH208 - a third of the time
    except OSError:
        return
    for entry in entries:
        module, _, ending = entry.partition(".")
        if module not in modules:
            continue
        path = folder / entry
        if (
            entry.endswith(_BINARY)
            or (module in _HOOKS and ending == "py")
            or (not ending and any(path.glob("__init__.*")))
        ):
            yield path


def _forged(path: Path) -> Iterator[Path]:
    """Compiled forms that are run whatever the source says."""
    for compiled in compiled_forms(path):
        try:
            with compiled.open("rb") as file:
                head = file.read(8)
        except OSError:
            continue
        if len(head) == 8 and head[4] & 0b11 == _UNCHECKED:
            yield compiled


def compiled_forms(path: Path) -> list[Path]:
    """What Python keeps of a source in its cache: taken for the source wherever size and time agree."""
    folder = path.parent / "__pycache__"
    return [*folder.glob(f"{path.stem}.*.pyc")] if folder.is_dir() else []
