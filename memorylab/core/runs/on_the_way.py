"""Whether an edit changes what lies between a model's answers and the number that is reported."""

from __future__ import annotations

import ast

from memorylab.core.runs import expressions, origins, slices
from memorylab.core.runs.edits import Edit, number, words
from memorylab.core.runs.statements import UNKNOWN, Statement

_SPEED = frozenset(
    [
        "batch_size",
        "desc",
        "device",
        "disable",
        "dtype",
        "num_workers",
        "n_jobs",
        "persistent_workers",
        "pin_memory",
        "prefetch_factor",
        "backend",
        "verbose",
        "callbacks",
        "file",
        "flush",
    ]
)
"""Arguments that change how fast something is measured, and how it is told, and not what."""
_INNER = frozenset(
    ["backend", "batch", "batches", "bs", "device", "iters", "size", "steps", "tokenizer", "tokens", "workers"]
)
_LOOKS = frozenset(["Monitor", "RecordEpisodeStatistics", "RecordVideo", "tqdm", "enumerate", "list", "float"])
"""What leaves what it is given as it is."""
_HEADS = frozenset(
    [
        "budget",
        "epoch",
        "every",
        "interval",
        "it",
        "iter",
        "main",
        "master",
        "rank",
        "step",
        "time",
        "update",
        "verbose",
    ]
)


def changed(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether a statement that was added makes the number otherwise than the one it stands in place of."""
    if line.within[:1] == (UNKNOWN,):
        return False  # a piece of a function that isn't at hand
    scope = origins.functions(line)[-1] if origins.functions(line) else ""
    if isinstance(tree, ast.Continue | ast.Break):
        return _passes(line, edit)
    values = _values(tree)
    if not values:
        return False
    olds = [value for one in edit.replaced(line, tree) for _, value in _values(one)]
    return any(_otherwise(scope, target, value, olds, edit) for target, value in values)


def _otherwise(scope: str, target: str, value: ast.expr, olds: list[ast.expr], edit: Edit) -> bool:
    if target != "return" and (slices.is_model(target) or words(target) & _INNER):
        return False
    if (not olds and _same_rows(target, value, edit)) or (not scope and any(_same_table(one, value) for one in olds)):
        return False
    if isinstance(value, ast.Constant) and (not olds or not _fewer(value, olds)):
        return False
    if not edit.slice.has(scope, target) or (not olds and not edit.slice_before.has(scope, target)):
        return False
    if isinstance(value, ast.Constant):
        return target != "return" and not words(target) & expressions.TRAINED and edit.alone(target)
    if (target != "return" and any(isinstance(one, ast.Constant) for one in olds)) or (
        not olds and _again(value, edit)
    ):
        return False
    return not any(same(one, value, edit) for one in olds)


def _same_rows(target: str, value: ast.expr, edit: Edit) -> bool:
    """Whether a table has other columns than before, but for those of the answers."""
    if (
        not isinstance(value, ast.Call)
        or not isinstance(value.func, ast.Attribute)
        or _root(value.func.value) != target
    ):
        return False
    given = {word.arg for word in value.keywords}
    if value.func.attr == "drop":
        return given == {"columns"} and not value.args
    return value.func.attr == "assign" and not given & edit.answers and None not in given


def _same_table(old: ast.expr, new: ast.expr) -> bool:
    """Whether a table of settings has other settings in the same rows: who goes through it meets as many as before."""
    if not (isinstance(old, ast.Dict) and isinstance(new, ast.Dict)):
        return False
    before, after = _cells(old), _cells(new)
    return (
        bool(after)
        and before.keys() == after.keys()
        and all(
            isinstance(value, ast.Constant) and not expressions.tokens(column) & expressions.HELD_OUT
            for (row, column), value in after.items()
            if ast.dump(value) != ast.dump(before[row, column])
        )
    )


def _cells(table: ast.Dict) -> dict[tuple[str, str], ast.expr]:
    """The entries of a dictionary of dictionaries by row and column; nothing of what is none."""
    cells: dict[tuple[str, str], ast.expr] = {}
    for row, entries in zip(table.keys, table.values, strict=True):
        if not isinstance(row, ast.Constant) or not isinstance(entries, ast.Dict):
            return {}
        for column, value in zip(entries.keys, entries.values, strict=True):
            cells[repr(row.value), expressions.text(column) if column else ""] = value
    return cells


def _again(value: ast.expr, edit: Edit) -> bool:
    """Whether a value is what a model gives, or is measured once more as it was."""
    name = _dotted(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
    evaluates = expressions.EVALUATES.match(name) is not None
    known = bool(name) and any(f"{name}(" in text for text in edit.slice_before.texts)
    return evaluates or known or _shape(value, []) == "MODEL"


def _values(tree: ast.stmt) -> list[tuple[str, ast.expr]]:
    if isinstance(tree, ast.Return) and tree.value is not None:
        return [("return", tree.value)]
    if isinstance(tree, ast.AugAssign):
        return [(_root(tree.target), ast.BinOp(ast.Constant(None), tree.op, tree.value))]
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Call) and isinstance(tree.value.func, ast.Attribute):
        if tree.value.func.attr in ("append", "extend") and tree.value.args:
            return [(_root(tree.value.func.value), tree.value.args[0])]
        return []
    if isinstance(tree, ast.Assign | ast.AnnAssign):
        return [
            (root, value)
            for to, value in expressions.assignments(tree)
            if not (isinstance(to, ast.Tuple) and isinstance(value, ast.Tuple)) and not _column(to)
            for root in (map(_root, to.elts) if isinstance(to, ast.Tuple) else [_root(to)])
            if root
        ]
    return []


def _column(target: ast.expr) -> bool:
    """A column of a table is what a model is given, an entry of a dictionary is told for itself."""
    column = isinstance(target, ast.Subscript) and expressions.last(target.slice) in (
        "c",
        "col",
        "column",
        "feature",
        "name",
    )
    return column or (isinstance(target, ast.Subscript) and bool(expressions.text(target.slice)))


def _root(target: ast.expr) -> str:
    if isinstance(target, ast.Tuple | ast.List):
        return _root(target.elts[-1]) if target.elts else ""
    while isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            return target.attr
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _fewer(value: ast.Constant, olds: list[ast.expr]) -> bool:
    """Whether a setting is smaller than it was, or another text."""
    before = [one.value for one in olds if isinstance(one, ast.Constant)]
    new = number(value)
    if new is not None:
        return any(isinstance(one, int | float) and new < one for one in before)
    return bool(before) and isinstance(value.value, str) and value.value not in before


def _passes(line: Statement, edit: Edit) -> bool:
    """Whether some are passed over in a loop that measures."""
    looped = [head for head in line.within if head.startswith(("for ", "async for "))]
    if not looped or any(words(one) & _HEADS for one in _heads(line)):
        return False
    added = any(other.text == looped[-1] for other, _ in edit.added)
    return not added and looped[-1].partition(" in ")[2].rstrip(": ") in edit.slice.loops


def _heads(line: Statement) -> set[str]:
    head = line.within[-1] if line.within else ""
    return {one for one in head.replace("(", " ").replace(".", " ").split() if one.isidentifier()}


def same(old: ast.expr, new: ast.expr, edit: Edit) -> bool:
    """Whether two expressions make the same of what a model gives, or the new one makes it of more."""
    before, after = list[float](), list[float]()
    if _shape(old, before) == _shape(new, after):
        return len(before) == len(after) and all(a >= b for a, b in zip(after, before, strict=True))
    if isinstance(old, ast.Dict) and isinstance(new, ast.Dict):
        kept = {(_shape(k, []), _shape(v, [])) for k, v in zip(new.keys, new.values, strict=True) if k}
        return all((_shape(k, []), _shape(v, [])) in kept for k, v in zip(old.keys, old.values, strict=True) if k)
    if _measured_where_it_was(old, new, edit):
        return True
    return _shape(edit.written_out(old, now=False), []) == _shape(edit.written_out(new, now=True), [])


def _measured_where_it_was(old: ast.expr, new: ast.expr, edit: Edit) -> bool:
    """Whether an evaluation is given the part that it was made with, in so many words."""
    if not (isinstance(old, ast.Call) and isinstance(new, ast.Call)) or old.args or old.keywords:
        return False
    given = [*new.args, *(word.value for word in new.keywords)]
    if len(given) != 1 or ast.dump(old.func) != ast.dump(new.func):
        return False
    return edit.was_given("eval_dataset", given[0])


def _shape(node: ast.AST, numbers: list[float]) -> str:
    """An expression without what models are given; numbers of amounts are put aside, since more is no reach."""
    if isinstance(node, ast.Call):
        name = _dotted(node.func)
        if slices.is_model(name.replace(".", "_")):
            return "MODEL"
        last = name.rpartition(".")[2]
        if last in _LOOKS and node.args:
            return _shape(node.args[0], numbers)
        inner = [
            _amount(one, numbers) if last == "range" else _shape(one, numbers)
            for one in node.args
            if not _is_batch_size(one)
        ]
        if "MODEL" in inner:  # what a model is held against is told by its part
            inner = [
                "MODEL" if number(one) is not None else _part(one) if isinstance(one, ast.Name) else told
                for one, told in zip([one for one in node.args if not _is_batch_size(one)], inner, strict=True)
            ]
            inner = sorted({*inner, "MODEL"})
        for word in node.keywords:
            told = _amount(word.value, numbers) if word.arg not in _SPEED else "MODEL"
            if "MODEL" in inner and isinstance(word.value, ast.Name | ast.Attribute):
                told = _part(word.value)
            if told != "MODEL":
                inner.append(f"{word.arg}={told}")
        return f"{_shape(node.func, numbers)}({','.join(inner)})"
    if isinstance(node, ast.Name | ast.Attribute):
        name = _dotted(node)
        if name and slices.is_model(name.replace(".", "_")):
            return "MODEL"
        if isinstance(node, ast.Name):
            return node.id
    if isinstance(node, ast.BinOp):
        left, right = _shape(node.left, numbers), _shape(node.right, numbers)
        return "MODEL" if left == right == "MODEL" else f"({left}{type(node.op).__name__}{right})"
    if isinstance(node, ast.Constant):
        return repr(node.value)
    parts = [_shape(one, numbers) for one in ast.iter_child_nodes(node) if not isinstance(one, ast.expr_context)]
    extra = node.attr if isinstance(node, ast.Attribute) else ""
    return f"{type(node).__name__}{extra}({','.join(parts)})"


def _is_batch_size(node: ast.expr) -> bool:
    """Whether an argument is how much is measured at a time, which is not what is measured."""
    names = expressions.names(node)
    return bool(names) and all({"batch", "size"} <= words(name) for name in names)


def _part(node: ast.Name | ast.Attribute) -> str:
    said = expressions.tokens(expressions.last(node))
    part = "HELD" if said & expressions.HELD_OUT else "TRAINED" if said & expressions.TRAINED else ""
    return part if part and not said & _INNER else "MODEL"


def _amount(node: ast.expr, numbers: list[float]) -> str:
    value = number(node)
    if value is None:
        return _shape(node, numbers)
    numbers.append(value)
    return "#"


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    return _dotted(node.func) if isinstance(node, ast.Call) else ""
