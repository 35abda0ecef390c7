"""Whether what something is fitted to was a part of the data, and now is the whole, or reaches further."""

from __future__ import annotations

import ast

from memorylab.core.runs import expressions
from memorylab.core.runs.edits import Edit
from memorylab.core.runs.held_out import FITS, LOADS


def unsplit(tree: ast.stmt, edit: Edit) -> bool:
    """Whether what something is fitted to was a part, and now is the whole, or reaches further."""
    for target, value in expressions.assignments(tree):
        name = expressions.last(target)
        parts = [one for one in edit.earlier(target) if _parted(one)] if name else []
        if not parts or not (expressions.tokens(name) & expressions.TRAINED or edit.fitted(name)):
            continue
        for before in parts:
            if isinstance(before, ast.Subscript) and _whole_of(value, before):
                return True
            if not _parted(value) and expressions.names(value) < expressions.names(before):
                return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and expressions.last(node.func) in FITS | LOADS | {"train"}:
            new = {one for arg in node.args for one in expressions.names(arg)}
            if _said(node) & expressions.HELD_OUT:
                continue
            for before in edit.calls_before(expressions.last(node.func)):
                gone = {one for arg in before.args for one in expressions.names(arg)} - new
                part = [one for one in gone if expressions.tokens(one) & expressions.TRAINED]
                whole = [one for one in new if not expressions.tokens(one) & expressions.TRAINED]
                if any(edit.made_of(one, other) for one in part for other in whole) or any(
                    edit.part_of(one, other) for one in gone for other in whole
                ):
                    return True
    return False


def _parted(value: ast.expr) -> bool:
    subset = any(isinstance(one, ast.Call) and expressions.last(one.func) == "Subset" for one in ast.walk(value))
    return subset or any(isinstance(one, ast.Slice) for one in ast.walk(value))


def _whole_of(value: ast.expr, before: ast.Subscript) -> bool:
    base = before.value.value if isinstance(before.value, ast.Attribute) else before.value
    if isinstance(value, ast.Name):
        return isinstance(base, ast.Name) and base.id == value.id
    if (
        not isinstance(value, ast.Subscript)
        or not isinstance(value.slice, ast.Slice)
        or not isinstance(before.slice, ast.Slice)
    ):
        return False
    new, old = value.slice.upper, before.slice.upper
    if old is None or ast.dump(value.value) != ast.dump(before.value):
        return False
    return new is None or (
        isinstance(new, ast.BinOp) and isinstance(new.op, ast.Add) and ast.dump(new.left) == ast.dump(old)
    )


def _said(node: ast.AST) -> set[str]:
    return set[str]().union(*map(expressions.tokens, expressions.names(node)))
