"""The files that settings name by patterns: `src/*.py` is what it matches now, a name without one stands for itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import translate
from pathlib import Path

from memorylab.adapters.config import Config

MOST = 1_000
"""Files that patterns may name; one that matches more than that names a data set."""
_PATTERN = re.compile(r"[*?\[]")
_NO_CODE = {"__pycache__", "node_modules", "results", "site-packages", "wandb", "mlruns"}
_MOST_LOOKED = 50_000


def is_pattern(name: str) -> bool:
    """Whether a name has signs of a pattern."""
    return _PATTERN.search(name) is not None


def expanded(config: Config, root: Path) -> Config:
    """The settings with files in the place of patterns; what is protected can't be mutable, too."""
    if not any(map(is_pattern, (*config.mutable, *config.protected))):
        return config
    protected = files_of(root, config.protected)
    literal = {name for name in config.mutable if not is_pattern(name)}
    mutable = tuple(name for name in files_of(root, config.mutable) if name in literal or name not in protected)
    return config._replace(mutable=mutable, protected=protected)


def files_of(root: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """What the names mean; a name of a file stays, whether it is there or not."""
    found: dict[str, None] = {}
    for name in names:
        if not is_pattern(name) or (root / name).is_file():
            found[name] = None
        else:
            found |= dict.fromkeys(sorted(_matching(root, name)))
    return tuple(found)[: MOST + sum(not is_pattern(name) for name in names)]


def _matching(root: Path, pattern: str) -> Iterator[str]:
    """Files by a pattern: `*` stays in a folder, `**/` goes through all of them."""
    wanted = re.compile(_regular(pattern.removeprefix("./")))
    for path in walk(root):
        if wanted.fullmatch(path):
            yield path


def _regular(pattern: str) -> str:
    pieces = []
    for part in re.split(r"(\*\*/|\*\*|/)", pattern):
        if part == "**/":
            pieces.append("(?:.*/)?")
        elif part == "**":
            pieces.append(".*")
        elif part:
            inner = re.sub(r"\\[zZ]\Z", "", translate(part)).removeprefix("(?s:").removesuffix(")")
            pieces.append(inner.replace(".*", "[^/]*") if "*" in part else inner)
    return "".join(pieces)


def walk(root: Path) -> Iterator[str]:
    """The files of a workspace that may be code, by their names relative to it; hidden folders and results aren't."""
    looked = 0
    for directory, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and name not in _NO_CODE and not _environment(directory, name)
        )
        for name in sorted(names):
            looked += 1
            if looked > _MOST_LOOKED:
                return
            yield Path(directory, name).relative_to(root).as_posix()


def _environment(directory: str, name: str) -> bool:
    return Path(directory, name, "pyvenv.cfg").exists()
