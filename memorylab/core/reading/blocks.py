"""A source taken apart into named blocks of normal lines, which formatting, comments and docstrings don't change.

Never executes anything. A block is a constant, a function, a method, a class without its methods, or "" for the other
statements of the file; only what differs between two texts is parsed at all.
"""

from __future__ import annotations

import ast
import copy
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from memorylab.core.reading.effort import MOST_CHANGED, MOST_PARSED, Effort
from memorylab.core.reading.folding import Fold
from memorylab.tuples import NamedTuple

MARK = "\ue000"
"""Stands before each local name, so that renaming one can be told from another change."""

_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")
_STRINGS = re.compile(
    r"#[^\n]*|('''|\"\"\")(?:\\.|(?!\1).)*+(?:\1|\Z)|\"(?:\\.|[^\"\\\n])*+(?:\"|$)|'(?:\\.|[^'\\\n])*+(?:'|$)",
    re.DOTALL | re.MULTILINE,
)
"""Comments and strings; one that doesn't end goes on to its line's end, or the text's: so each sign is read once."""
_GOES_ON = re.compile(r"[\s)\]}#]|(?:else|elif|except|finally)\b|$")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Line(NamedTuple):
    """One statement, or the head of one that holds others, as `ast` would write it."""

    depth: int
    text: str
    node: ast.stmt | None = None


class Block(NamedTuple):
    """A named piece of a source: its statements, and its text as written."""

    name: str
    kind: str
    nodes: list[ast.stmt]
    source: str

    def lines(self) -> list[Line]:
        """The block's normal lines, its local names marked."""
        nodes = [Fold().visit(node) for node in self.nodes]
        if self.kind == "function":
            _mark_locals(nodes[0])
        return list(_flat(nodes, 0))


def changed(old: str, new: str) -> tuple[dict[str, Block], dict[str, Block]]:
    """The blocks of each source that the other doesn't have in the same words.

    Raises:
        SyntaxError: one of them is not Python that this Python reads.

    """
    before, after = differing(old, new)
    try:
        return blocks(before), blocks(after)
    except SyntaxError:  # a statement that the chunks tore apart
        return blocks(old), blocks(new)


def differing(old: str, new: str) -> tuple[str, str]:
    """What each source has that the other hasn't, in whole statements of the file."""
    before, after = chunks(old), chunks(new)
    shared = Counter(before) & Counter(after)
    return _left(before, shared), _left(after, shared)


@lru_cache(maxsize=8)
def chunks(source: str) -> tuple[str, ...]:
    """The source cut before each line that begins a statement of the file; decorators stay with what they decorate.

    A `log` asks for those of a file three times: for its state, its change, and what the edit reaches for.
    """
    lines = source.splitlines(keepends=True)
    inside = _lines_in_strings(source)
    out: list[list[str]] = [[]]
    decorated = False
    for number, line in enumerate(lines):
        if number not in inside and not _GOES_ON.match(line):
            if not decorated:
                out.append([])
            decorated = line.startswith("@")
        out[-1].append(line)
    return tuple(text for part in out if (text := "".join(part).rstrip()) and not text.startswith("#"))


def _lines_in_strings(source: str) -> set[int]:
    """Numbers of lines that begin within a string of several lines."""
    found: set[int] = set()
    for match in _STRINGS.finditer(source):
        if match.group(1) and "\n" in match.group():
            first = source.count("\n", 0, match.start())
            found.update(range(first + 1, first + 1 + match.group().count("\n")))
    return found


def _left(parts: Sequence[str], shared: Counter[str]) -> str:
    shared = Counter(shared)
    out = []
    for part in parts:
        if shared[part]:
            shared[part] -= 1
        else:
            out.append(part)
    return "\n".join(out) + "\n"


def parse(source: str) -> ast.Module:
    """The tree of a source.

    Raises:
        SyntaxError: it is not Python, or too large or nested too deeply to be read.

    """
    if len(source) > MOST_PARSED:
        raise SyntaxError("too large to be read")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in somebody's string is no message of ours
        try:
            return ast.parse(source)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error)) from error


def blocks(source: str) -> dict[str, Block]:
    """The blocks of a source by name.

    Raises:
        SyntaxError: it is not Python, or more than is told apart.

    """
    if len(source) > MOST_CHANGED:
        raise SyntaxError("too large to be told apart")
    lines = source.splitlines()
    out: dict[str, Block] = {}
    spans: dict[str, list[tuple[int, int]]] = {}
    for node in parse(source).body:
        if isinstance(node, ast.ClassDef):
            _add(out, spans, node.name, "class", _head(node))
            for item in node.body:
                _sort(out, spans, item, f"{node.name}.", node.name)
        else:
            _sort(out, spans, node, "", "")
    return {
        name: block._replace(source="\n".join(text for a, b in spans.get(name, ()) for text in lines[a:b]))
        for name, block in out.items()
    }


def _sort(
    out: dict[str, Block], spans: dict[str, list[tuple[int, int]]], node: ast.stmt, prefix: str, home: str
) -> None:
    """Put a statement into the block that it belongs to: one of its own, or that of its home."""
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
    span = (first - 1, node.end_lineno or first)
    if isinstance(node, _Function):
        _add(out, spans, prefix + node.name, "function", node, span)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            one = copy.copy(node)
            one.names = [alias]
            _add(out, spans, f"import {alias.asname or alias.name.partition('.')[0]}", "import", one)
    elif name := assigned(node):
        _add(out, spans, prefix + name, "constant", node, span)
    elif not _is_filler(node):
        _add(out, spans, home, "class" if home else "file", node, span)


def _add(
    out: dict[str, Block],
    spans: dict[str, list[tuple[int, int]]],
    name: str,
    kind: str,
    node: ast.stmt,
    span: tuple[int, int] | None = None,
) -> None:
    """Put a statement and its lines into a block; lines that it shares with the one before stand there once."""
    out.setdefault(name, Block(name, kind, [], "")).nodes.append(node)
    known = spans.setdefault(name, [])
    if span is not None and known[-1:] != [span]:
        known.append(span)


def assigned(node: ast.stmt) -> str:
    """The one name that a statement assigns a value to, "" where it does something else."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


def _head(node: ast.ClassDef) -> ast.ClassDef:
    head = copy.copy(node)
    head.body = []
    return head


def _is_filler(node: ast.stmt) -> bool:
    """Whether a statement does nothing: a docstring, a pass."""
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _flat(nodes: Sequence[ast.AST], depth: int) -> Iterator[Line]:
    for node in nodes:
        if isinstance(node, ast.stmt) and _is_filler(node):
            continue
        inner = [(name, part) for name in _BODIES if isinstance(part := getattr(node, name, None), list)]
        head = copy.copy(node)
        for name, _ in inner:
            setattr(head, name, [])
        yield Line(depth, ast.unparse(head), head)  # type: ignore[arg-type]
        for name, part in inner:
            if part and name in ("orelse", "finalbody"):
                yield Line(depth, name)
            yield from _flat(part, depth + 1)


def _mark_locals(function: ast.AST) -> None:
    """Mark the names that a function assigns; its parameters are known to callers, and so no local names."""
    nodes = list(ast.walk(function))
    fixed = {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            fixed.update(node.names)
    names = [node for node in nodes if isinstance(node, ast.Name)]
    local = {node.id for node in names if isinstance(node.ctx, ast.Store)} - fixed
    for node in names:
        if node.id in local:
            node.id = MARK + node.id


def read_fragment(lines: Sequence[str], effort: Effort) -> Iterator[Line]:
    """Lines of a patch as statements where they are whole ones, else as they stand; depth 0 is the file's own level.

    What is beyond all effort is one text.
    """
    at = 0
    while at < len(lines):
        if effort.parsing <= 0:
            yield Line(1, "\n".join(filter(None, map(str.strip, lines[at:]))))
            return
        text = lines[at]
        if not text.strip() or text.lstrip().startswith("#"):
            at += 1
            continue
        depth = int(text[0] in " \t")
        size, found = _statement(lines, at, depth, effort)
        at += size
        yield from [Line(depth, " ".join(text.partition("#")[0].split()))] if found is None else found


def _statement(lines: Sequence[str], at: int, depth: int, effort: Effort) -> tuple[int, list[Line] | None]:
    """How many lines from there on are a statement, and what it says; one line and None where none is."""
    part = depth and lines[at].partition("#")[0].rstrip().endswith(",")
    if part and (found := _try_part(lines[at], depth, effort)) is not None:
        return 1, found
    for size in range(1, min(20, len(lines) - at) + 1):
        if (found := _try("\n".join(lines[at : at + size]), depth, effort)) is not None:
            return size, found
    return 1, _try_part(lines[at], depth, effort)


def _try(text: str, depth: int, effort: Effort) -> list[Line] | None:
    """The statements of a piece of text, the head of one included; None where it is none."""
    from textwrap import dedent

    text = dedent(text)
    for end in ("", " pass") if text.rstrip().endswith(":") or "#" in text else ("",):
        if (found := _piece(text + end, depth, effort)) is not None:
            return found
    return None


def _try_part(text: str, depth: int, effort: Effort) -> list[Line] | None:
    """A line of a call, of a dictionary or of a list of parameters, put into one that is whole."""
    text = text.strip()
    code = text.partition("#")[0].rstrip().rstrip(")]}:").rstrip()
    for start, end in (("_(", ")"), ("_({", "})"), ("", ")"), ("", "))"), ("", "): pass")):
        if (found := _piece(f"{start}{code}{end}", depth, effort)) is not None:
            return found
    return None


def _piece(text: str, depth: int, effort: Effort) -> list[Line] | None:
    """A piece as normal lines; None where it is no Python, or more than is read."""
    if not effort.parse(text):
        return None
    try:
        return list(_flat([Fold().visit(node) for node in parse(text).body], depth))
    except (SyntaxError, RecursionError, MemoryError):
        return None
