"""Where the names of a source come from: from held-out data, from the training's, or from what is reported.

Lines are read by themselves, so a piece of a source tells what it can. A name that is both is neither.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions
from memorylab.core.runs.statements import Statement
from memorylab.tuples import NamedTuple

_SETS = pattern(r"\s*([\w., \[\]\"']+?)\s*(?::[^=]+)?=(?!=)\s*(.+)")
_GOES_OVER = pattern(r"\bfor\s+([\w, ()]+?)\s+in\s+([^:\]})]+)")
_WORD = pattern(r"[A-Za-z_]\w*")
_MEASURES = pattern(
    r"(?i)^_*(?:\w*(?:eval|scor|grad(?:e|er|ing)$|judg|metric|validat|bench|backtest|accura|measur|correct)\w*"
    r"|(?:val|test)_\w+|estimate_loss|verify\w*|check\w*)$"
)
_NOT = frozenset(
    ["batch", "build", "candidates", "config", "device", "dir", "every", "fit", "grad", "gradient", "interval", "path",
     "proxy", "quick", "should", "size", "sizes", "train", "training"]
)  # fmt: skip
_DRAWS = pattern(
    r"(?i)(?:get|load|make|next|sample|gen\w*)_?(?:batch|input|data|split|problem|case|env)\w*|__getitem__|collate"
)


class Origins(NamedTuple):
    """The names of a source by where they come from."""

    held_out: frozenset[str] = frozenset()
    trained: frozenset[str] = frozenset()

    def holds_out(self, node: ast.AST) -> bool:
        """Whether an expression has held-out data in it, and none of the training's."""
        names = expressions.names(node)
        said = _said(node, names)
        if said & expressions.TRAINED or names & self.trained:
            return False
        return bool(said & expressions.HELD_OUT or names & self.held_out)

    def trains(self, node: ast.AST) -> bool:
        """Whether it has the training's data in it, and none that are held out."""
        names = expressions.names(node)
        said = _said(node, names)
        if said & expressions.HELD_OUT or names & self.held_out:
            return False
        return bool(said & expressions.TRAINED or names & self.trained)


def _said(node: ast.AST, names: Iterable[str]) -> set[str]:
    texts = [expressions.words(one) for one in ast.walk(node) if isinstance(one, ast.Constant)]
    return set[str]().union(*texts, *map(expressions.tokens, names))


def read(source: str) -> Origins:
    """Follow the names of a source through its lines."""
    flows: list[tuple[list[str], list[str]]] = []
    for line in source.split("\n"):
        if "=" in line and (found := _SETS.match(line)):
            flows.append((_WORD.findall(found[1]), _WORD.findall(found[2])))
        if "for " in line and (found := _GOES_OVER.search(line)):
            flows.append((_WORD.findall(found[1]), _WORD.findall(found[2])))
    held, trained = set[str](), set[str]()
    for _ in range(2):
        for targets, values in flows:
            words = set[str]().union(*map(expressions.tokens, values)) if values else set[str]()
            out = bool(words & expressions.HELD_OUT) or not held.isdisjoint(values)
            own = bool(words & expressions.TRAINED) or not trained.isdisjoint(values)
            for target in targets:
                said = expressions.tokens(target)
                if target == "self" or target.isupper() or said & expressions.HELD_OUT or said & expressions.TRAINED:
                    continue  # its own words tell
                if out != own:
                    (held if out else trained).add(target)
    both = held & trained
    return Origins(frozenset(held - both), frozenset(trained - both))


def measures(line: Statement) -> bool:
    """Whether a line stands in a function that measures, by its name."""
    return any(map(is_measuring, functions(line)))


def draws(line: Statement) -> bool:
    """Whether it stands in a function that gives data to the training and to the measuring alike."""
    return any(_DRAWS.search(name) for name in functions(line))


def functions(line: Statement) -> list[str]:
    """The names of the functions that a line stands in, the outermost first."""
    return [found[1] for head in line.within if (found := re.match(r"(?:async +)?def +(\w+)", head))]


def is_measuring(name: str) -> bool:
    """Whether a function measures, by its name."""
    return _MEASURES.match(name) is not None and not expressions.tokens(name) & _NOT
