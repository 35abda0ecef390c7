"""Whether less is measured: fewer steps of an evaluation, a smaller part that is held out, a slice of it."""

from __future__ import annotations

import ast

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions
from memorylab.core.runs.statements import Statement

_PICKS = frozenset(
    ["Subset", "drop", "dropna", "filter", "head", "islice", "query", "sample", "select", "shard", "take"]
)
_AMOUNT = pattern(
    r"(?i)^(?:(?:eval|val|valid|test|validation)_?(?:max_?)?(?:iters?|steps?|batches|tokens|size|samples?|num|n|examples|"
    r"frac|fraction|docs|seqs|len|limit|subset|bars|days)|(?:num|max|n)_(?:eval|val|test)_\w+)$"
)
_OF_HELD_OUT = pattern(r"if +[\w.]+ *(?:== *[\"'](?:val|test|valid|validation|eval|dev)|!= *[\"']train)")
_OF_TRAINING = pattern(r"if +[\w.]+ *(?:!= *[\"'](?:val|test|valid|validation|eval|dev)|== *[\"']train)")
_SPLIT = pattern(r"(?i)^(?:test|val|valid|validation|holdout)_(?:size|split|frac|fraction|ratio|pct|share)$")
_FEWER = pattern(
    r"(?i)^(?:max_\w+|limit|n_\w+|num_\w+|steps?|subset\w*|frac\w*|sample\w*|tokens|iters?|n|stride|every|skip\w*)$"
)


def shrinks(tree: ast.stmt, removed: list[ast.stmt]) -> bool:
    """Whether less is measured: fewer steps of an evaluation, or a slice of its data."""
    for target, value in expressions.assignments(tree):
        if isinstance(target, ast.Name) and _AMOUNT.match(target.id) and isinstance(value, ast.Constant):
            for before in removed:
                for name, old in expressions.assignments(before):
                    if (
                        expressions.last(name) == target.id
                        and isinstance(old, ast.Constant)
                        and _less(value.value, old.value)
                    ):
                        return True
    if _part_given(tree, removed):
        return True
    parts = _parts(tree)  # a smaller part is held out
    if parts and any(_less(value, old.get(name)) for old in map(_parts, removed) for name, value in parts.items()):
        return True
    if _thinned(tree, removed):
        return True
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and expressions.EVALUATES.match(expressions.last(node.func))
    ]
    if not calls:
        return False
    earlier = [
        node
        for one in removed
        for node in ast.walk(one)
        if isinstance(node, ast.Call) and expressions.EVALUATES.match(expressions.last(node.func))
    ]
    return bool(earlier) and any(_narrowed(call, earlier) for call in calls)


def less_of_the_held_out(line: Statement, tree: ast.stmt) -> bool:
    """Whether data are bounded where the part isn't the training's: `len(data) if split == "train" else 2048`."""
    for _, value in expressions.assignments(tree):
        if any(map(_OF_HELD_OUT.match, line.within)) and _bounds(value):
            return True
        for one in ast.walk(value):
            if isinstance(one, ast.IfExp) and (told := f"if {ast.unparse(one.test)}:"):
                held, other = (one.body, one.orelse) if _OF_HELD_OUT.match(told) else (one.orelse, one.body)
                if (_OF_HELD_OUT.match(told) or _OF_TRAINING.match(told)) and _bounds(held) and not _bounds(other):
                    return True
    return False


def _bounds(value: ast.expr) -> bool:
    return any(
        isinstance(one, ast.Slice) or (isinstance(one, ast.Call) and expressions.last(one.func) == "min")
        for one in ast.walk(value)
    )


def _part_given(tree: ast.stmt, removed: list[ast.stmt]) -> bool:
    """Whether a part of what is held out is given where all of it was: `eval_dataset=held[:50]`."""
    new = _given(tree)
    if not any(map(_picks, new.values())):
        return False
    return any(
        name in new and _picks(new[name]) and not _picks(value)
        for one in removed
        for name, value in _given(one).items()
    )


def _given(tree: ast.stmt) -> dict[str, ast.expr]:
    return {
        word.arg: word.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Call)
        for word in one.keywords
        if word.arg and expressions.tokens(word.arg) & (expressions.HELD_OUT | {"evaluation"})
    }


def _thinned(tree: ast.stmt, removed: list[ast.stmt]) -> bool:
    """Whether what is held out is only a part of what it was: a slice, a subset, a sample."""
    for target, value in expressions.assignments(tree):
        name = expressions.last(target)
        if not expressions.tokens(name) & expressions.HELD_OUT or not _picks(value):
            continue
        earlier = [old for one in removed for to, old in expressions.assignments(one) if expressions.last(to) == name]
        itself = name in expressions.names(value)
        if (earlier or itself) and not any(map(_picks, earlier)) and not _train_named(value, name):
            return True
    return False


def _train_named(value: ast.expr, name: str) -> bool:
    """Whether a part of the training's is put aside, which is nobody's business."""
    said = [expressions.tokens(one) for one in expressions.names(value) if one != name]
    return any(one & expressions.TRAINED for one in said)


def _picks(value: ast.expr) -> bool:
    return any(
        isinstance(one, ast.Slice)
        or (isinstance(one, ast.Call) and expressions.last(one.func) in _PICKS)
        or (isinstance(one, ast.Subscript) and isinstance(one.slice, ast.Compare | ast.Name))
        for one in ast.walk(value)
    )


def _parts(tree: ast.stmt) -> dict[str, object]:
    """The shares that a statement holds out, by their names."""
    return {
        word.arg: word.value.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Call)
        for word in one.keywords
        if word.arg and _SPLIT.match(word.arg) and isinstance(word.value, ast.Constant)
    }


def _narrowed(call: ast.Call, earlier: list[ast.Call]) -> bool:
    same = [one for one in earlier if expressions.last(one.func) == expressions.last(call.func)]
    if not same:
        return False
    old = same[0]
    cut = any(isinstance(one, ast.Slice) for node in call.args for one in ast.walk(node))
    was = any(isinstance(one, ast.Slice) for node in old.args for one in ast.walk(node))
    if cut and not was:
        return True
    whole = {ast.dump(node) for node in old.args if isinstance(node, ast.Name)}
    if any(isinstance(node, ast.Subscript) and ast.dump(node.value) in whole for node in call.args):
        return True
    known = {word.arg: word.value for word in old.keywords}
    for word in call.keywords:  # a constant of the judge is left for a number
        named = isinstance(known.get(word.arg), ast.Name | ast.Attribute) and isinstance(word.value, ast.Constant)
        if named and not {"batch", "workers", "device", "seed", "verbose"} & expressions.tokens(word.arg or ""):
            return True
    for word in call.keywords:
        if word.arg and _FEWER.match(word.arg) and isinstance(word.value, ast.Constant):
            before = known.get(word.arg)
            if before is None or (isinstance(before, ast.Constant) and _less(word.value.value, before.value)):
                return True
    return False


def _less(new: object, old: object) -> bool:
    numbers = isinstance(new, int | float) and isinstance(old, int | float)
    return numbers and new < old  # type: ignore[operator]
