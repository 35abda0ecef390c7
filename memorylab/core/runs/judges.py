"""What protected files define, as others see them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from memorylab.core.lazily import pattern
from memorylab.tuples import NamedTuple

_DEFINES = pattern(r"^(?:(?:async +)?def|class) +(\w+)|^(\w+) *(?::[^=\n]*)?=(?!=)", re.MULTILINE)
_DATA = pattern(r"([\"'])([^\"'\n{}*]{1,200}\.(?:jsonl?|csv|tsv|parquet|npy|npz|bin|pt|pkl|h5|feather|arrow|txt))\1")
_IMPORTS = pattern(r"^(?:from +[\w.]+ +)?import +(\([^)]*\)|[^\n]*)", re.MULTILINE)
_JUDGES = pattern(r"eval|judge|score|metric|backtest")


class Judge(NamedTuple):
    """A protected file as other files see it."""

    file: str
    modules: tuple[str, ...]
    """The names under which it is imported."""
    names: frozenset[str]
    """What it defines at its own level."""
    constants: frozenset[str]
    """Those in capitals."""
    evaluation: frozenset[str]
    """Functions that measure, by their names: "evaluate_bpb", or a word of the metric's name."""
    imports: frozenset[str] = frozenset()
    """What it has from other modules."""
    data: frozenset[str] = frozenset()
    """Files that it reads, by their names as written, but for the training's."""


def judge_of(file: str, source: str, metric: str) -> Judge:
    """What a protected file defines; a file that is no Python defines nothing."""
    path = file.removesuffix(".py").replace("/", ".") if file.endswith(".py") else ""
    found = [first or second for first, second in _DEFINES.findall(source)] if path else []
    parts = {part for part in metric.lower().split("_") if len(part) > 2}
    functions = {
        name
        for name in found
        if not name.isupper()
        and any(_JUDGES.match(word) or _of_metric(word, parts) for word in name.lower().split("_"))
    }
    constants = frozenset(name for name in found if name.isupper())
    modules = tuple(dict.fromkeys((path, path.rpartition(".")[2]))) if path else ()
    names = {text for _, text in _DATA.findall(source)} if path else set()
    data = frozenset(
        name for name in names if not re.search(r"(?i)train|trn", name) and posixpath.basename(name)[0] != "."
    )
    imports = frozenset(_imports(source)) - set(found) if path else frozenset[str]()
    return Judge(file, modules, frozenset(found), constants, frozenset(functions), imports, data)


def _imports(source: str) -> Iterator[str]:
    for line in _IMPORTS.findall(source):
        for part in re.sub(r"[()\\]|#.*", " ", line).split(","):
            words = part.split()
            if words:
                yield words[-1].partition(".")[0]


def _of_metric(word: str, parts: set[str]) -> bool:
    """Whether a word is one of the metric's, or what that is short for: "accuracy" for "acc"."""
    return word in parts or any(
        word.startswith(one) for one in parts - {"val", "test", "eval", "train", "mean", "best"}
    )
