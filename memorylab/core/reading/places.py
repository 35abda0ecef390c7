"""Where in a file each value stands, so that it can be replaced as somebody would do it who edits the file.

The names are those of `memorylab.core.reading.state`. Nothing is ever executed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from memorylab.core.reading import blocks, literals, plain_lines
from memorylab.core.reading.blocks import MARK
from memorylab.core.reading.literals import Value
from memorylab.core.reading.state import slot_of
from memorylab.tuples import NamedTuple

Span = tuple[int, int]
"""Characters of a text, from and to."""


class SourcePlace(NamedTuple):
    """A value in a text: its slot, what it is, and where it stands."""

    slot: str
    value: Value
    span: Span
    whole: Span | None = None
    """What goes where the value is taken away; None where that leaves no sense."""
    item: bool = False
    """Whether a comma sets it off from others, which goes with it."""


def in_python(source: str) -> list[SourcePlace]:
    """The values of a Python source.

    Raises:
        SyntaxError: it is no Python, or more than is told apart.

    """
    at = _Offsets(source)
    return _numbered(place for name, block in blocks.blocks(source).items() for place in _of_block(name, block, at))


def in_lines(text: str) -> list[SourcePlace]:
    """The values of a file in another language, or a broken one: `NAME = value`, one a line."""
    return _numbered(
        SourcePlace(one.name, one.value, one.span, one.line)
        for one in plain_lines.located(text)
        if one.value is not None
    )


def _numbered(places: Iterator[SourcePlace]) -> list[SourcePlace]:
    """The places with names of their own: X, and X#2 where X is set again."""
    found: dict[str, SourcePlace] = {}
    for place in places:
        free, count = place.slot, 1
        while free in found:
            count += 1
            free = f"{place.slot}#{count}"
        found[free] = place._replace(slot=free)
    return list(found.values())


def _of_block(name: str, block: blocks.Block, at: _Offsets) -> Iterator[SourcePlace]:
    for line in block.lines():
        if line.node is None:
            continue
        value = line.node.value if isinstance(line.node, ast.Assign) else None
        statement = at.span(line.node) if value is not None else None
        for found, nodes in literals.located(line.node).values():
            slot = slot_of(found, name).replace(MARK, "")
            if not slot or not hasattr(nodes[0], "end_lineno"):
                continue
            span = at.span(nodes[0])
            if nodes[0] is value:
                yield SourcePlace(slot, found.value, span, statement)
            elif len(nodes) == 1:
                yield SourcePlace(slot, found.value, span, span if found.owner else None, item=True)
            elif isinstance(nodes[1], ast.arg):
                yield SourcePlace(slot, found.value, span, (at.span(nodes[1])[1], span[1]))
            else:
                yield SourcePlace(slot, found.value, span, (at.span(nodes[1])[0], span[1]), item=True)


class _Offsets:
    """Turns the lines and bytes by which `ast` counts into characters."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", source))]

    def span(self, node: ast.AST) -> Span:
        """Where a node stands."""
        ends = (("lineno", "col_offset"), ("end_lineno", "end_col_offset"))
        first, last = (self._at(getattr(node, line), getattr(node, column)) for line, column in ends)
        return first, last

    def _at(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        text = self._source[start : start + column]
        if text.isascii():
            return start + column
        return start + len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass"))


def without(text: str, place: SourcePlace) -> str:
    """The text without a value and what goes with it: a line that nothing is left of, a comma; the same if it can't."""
    if place.whole is None:
        return text
    start, end = place.whole
    if place.item:
        if behind := re.compile(r"\s*,[ \t]*").match(text, end):
            end = behind.end()
        elif before := re.search(r",\s*$", text[:start]):
            start = before.start()
    line = text.rfind("\n", 0, start) + 1
    rest = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|$)").match(text, end)
    if not text[line:start].strip() and rest:
        start, end = line, rest.end()
    return text[:start] + text[end:]


def label_of(slot: str) -> str:
    """The last part of a slot's name: `lr` of `make.AdamW.lr`, of `--lr` and of `optimizer.lr`.

    >>> label_of("make.AdamW.lr#2"), label_of("--matrix-lr")
    ('lr', 'matrix_lr')
    """
    return slot.partition("#")[0].rpartition(".")[2].lstrip("-$").replace("-", "_")
