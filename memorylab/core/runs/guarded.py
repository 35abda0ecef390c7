"""Functions that judge, where they share a file with what experiments may change: `train.py:evaluate` is one such name.

The text of the definition is what counts, wherever it stands: comments, blank lines and what else is in the file don't.
"""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterator
from contextlib import suppress

from memorylab.core.reading import blocks


def fingerprint(source: str, name: str) -> str | None:
    """SHA-256 of all that gives the name its meaning in a source; None where nothing does, or it can't be read."""
    try:
        tree = blocks.parse(source)
        nodes = list(_bound(tree.body, name.split(".")))
    except (SyntaxError, RecursionError, MemoryError):
        return None
    if not nodes:
        return None
    lines, comments = source.split("\n"), _comments(source)
    text = "\n".join(_text(lines, comments, node) for node in nodes)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _bound(body: list[ast.stmt], parts: list[str]) -> Iterator[ast.stmt]:
    """The statements that bind a dotted name, in whatever branch of the module or class they stand."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name == parts[0] and len(parts) == 1:
                yield node
            elif node.name == parts[0] and isinstance(node, ast.ClassDef):
                yield from _bound(node.body, parts[1:])
        elif _binds(node, parts):
            yield node
        else:
            for inner in ("body", "orelse", "finalbody"):
                yield from _bound(getattr(node, inner, []), parts)
            for handler in getattr(node, "handlers", []):
                yield from _bound(handler.body, parts)


def _binds(node: ast.stmt, parts: list[str]) -> bool:
    """Whether an assignment, an import or a deletion is about the name."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return any((alias.asname or alias.name) == parts[0] for alias in node.names)
    if isinstance(node, ast.Assign | ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    else:
        return False
    flat = [one for target in targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return any(isinstance(one, ast.Name | ast.Attribute) and ast.unparse(one) == ".".join(parts) for one in flat)


def _comments(source: str) -> dict[int, int]:
    """Line → column at which its comment begins."""
    found = {}
    with suppress(tokenize.TokenError, IndentationError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.start[1]
    return found


def _text(lines: list[str], comments: dict[int, int], node: ast.stmt) -> str:
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    last = node.end_lineno or node.lineno
    kept = [lines[number - 1][: comments.get(number)].rstrip() for number in range(first, last + 1)]
    return "\n".join(line for line in kept if line)
