"""The logical lines of a source or of a piece of one, each parsed by itself: a patch is read as a whole file is."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter

from memorylab.core.lazily import pattern
from memorylab.core.reading import blocks
from memorylab.tuples import NamedTuple

_QUOTED = pattern(
    r"#[^\n]*|('''|\"\"\")(?:\\.|(?!\1).)*+(?:\1|\Z)|\"(?:\\.|[^\"\\\n])*+(?:\"|$)|'(?:\\.|[^'\\\n])*+(?:'|$)",
    re.DOTALL | re.MULTILINE,
)
_MOST_LINES = 60
_MOST_PIECE = 20_000


UNKNOWN = "?"
"""Stands for the head of a block that begins before the text does."""


class Statement(NamedTuple):
    """A logical line as written, without what surrounds it."""

    text: str
    within: tuple[str, ...] = ()
    """The heads of the blocks that it stands in, as far as the text shows them: `class Net:`, `def score():`."""

    def tree(self) -> ast.stmt | None:
        """What it says; None where it is no statement by itself."""
        text = self.text
        if text.startswith("elif"):
            text = text[2:]
        for tail in ("", " pass"):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    body = ast.parse(text + tail).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            return body[0] if body else None
        return None


class Difference(NamedTuple):
    """What one text has and the other doesn't."""

    added: list[Statement]
    removed: list[Statement]


def difference(old: str, new: str) -> Difference:
    """The logical lines that aren't in the other text in the same words, in their order."""
    before, after = map(statements, blocks.differing(old, new))
    left, right = Counter(map(_words, before)), Counter(map(_words, after))
    return Difference(_without(after, left - Counter()), _without(before, right))


def _without(lines: list[Statement], others: Counter[str]) -> list[Statement]:
    rest = Counter(others)
    found = []
    for line in lines:
        words = _words(line)
        if rest[words] > 0:
            rest[words] -= 1
        else:
            found.append(line)
    return found


def _words(line: Statement) -> str:
    return re.sub(r"\s+", "", line.text)


def statements(source: str) -> list[Statement]:
    """The logical lines of a text, without comments and blank ones."""
    found, held = list[Statement](), list[str]()
    heads: list[tuple[int, str]] = []
    for line in source.split("\n"):
        held.append(line)
        if len(held) < _MOST_LINES and _goes_on("\n".join(held)):
            continue
        _flush(held, heads, found)
        held = []
    _flush(held, heads, found)
    return found


def _flush(held: list[str], heads: list[tuple[int, str]], found: list[Statement]) -> None:
    """Add what is held to what was found, below the heads that its indentation leaves open."""
    whole = "\n".join(held)
    bare = whole.strip()
    if "#" in bare:
        bare = _QUOTED.sub(lambda match: "" if match.group().startswith("#") else match.group(), bare).strip()
    if not bare:
        return
    indent = len(whole.lstrip("\n")) - len(whole.lstrip())
    while heads and heads[-1][0] >= indent:
        heads.pop()
    within = [head for _, head in heads]
    if heads[0][0] if heads else indent:
        within.insert(0, UNKNOWN)
    found.append(Statement(bare[:_MOST_PIECE], tuple(within)))
    if bare.endswith(":"):
        heads.append((indent, bare[:_MOST_PIECE]))


def _goes_on(text: str) -> bool:
    """Whether a bracket, a long string or a line is open at its end."""
    if text.rstrip().endswith("\\"):
        return True
    triple = text.count('"""') % 2 or text.count("'''") % 2
    bare = _QUOTED.sub(" ", text)
    return bool(triple) or sum(map(bare.count, "([{")) > sum(map(bare.count, ")]}"))
