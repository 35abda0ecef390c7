"""Whether an edit trains on what runs are measured by."""

from __future__ import annotations

import ast
import re

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions
from memorylab.core.runs.edits import Edit

_JOINS = frozenset(
    [
        "ConcatDataset",
        "append",
        "cat",
        "chain",
        "concat",
        "concatenate",
        "concatenate_datasets",
        "extend",
        "hstack",
        "interleave_datasets",
        "union",
        "stack",
        "vstack",
    ]
)
DATA = frozenset(
    ["x", "y", "loader", "data", "ds", "set", "dataset", "batches", "iter", "df", "dataloader", "dl", "tokens"]
)
FITS = frozenset(["fit", "fit_generator", "fit_transform", "partial_fit", "train_on_batch"])
LOADS = frozenset(["DMatrix", "DataLoader", "Dataset", "Pool", "TensorDataset"])
_WHOLE = frozenset(["all", "combined", "everything", "full", "whole"])
_QUANTITIES = frozenset(
    ["acc", "bpb", "count", "len", "loss", "n", "num", "score", "seconds", "size", "steps", "t", "time"]
)
_BOTH = pattern(r"^train(?:ing)?(?:\[[^\]]*\])? *\+ *(?:val|test|dev)\w*(?:\[[^\]]*\])?$")
"""A split of data sets that is made of both."""
_TELLS = frozenset(["append", "debug", "format", "info", "len", "log", "print", "warning", "write"])


def trains_on(tree: ast.stmt, removed: list[ast.stmt], alike: list[ast.stmt], edit: Edit) -> bool:
    """Whether data that are held out come to where the training's were; `alike` is what was removed of this size."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        last = expressions.last(node.func)
        if last in FITS and any(_held_out(one) for one in node.args) and not _is_scaler(node):
            return True
        if expressions.tokens(last) & {"train", "fit", "finetune"} and _given_only(node):
            return True
        if _unsplit(node, removed):
            return True
        if _of_both(node, edit) or _seeded(node):
            return True
        if last in FITS | LOADS and any(isinstance(one, ast.BinOp) and _joins(one) for one in node.args):
            return True
        if any(map(_BOTH.search, expressions.texts(ast.Expr(node)))) and not _tells_only(node):
            return True
        if last in _JOINS and _mixes(
            [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])], edit
        ):
            return True
    stacked = [
        one for one in ast.walk(tree) if isinstance(one, ast.Subscript) and expressions.last(one.value) in ("r_", "c_")
    ]
    if any(isinstance(one.slice, ast.Tuple) and _mixes(one.slice.elts, edit) for one in stacked):
        return True
    for target, value in expressions.assignments(tree):
        names = expressions.names(target)
        tokens = set[str]().union(*map(expressions.tokens, names)) if names else set[str]()
        if _replaces(target, value, removed):
            return True
        joined = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.BitOr)
        if joined and _joins(value):
            return True
        if tokens & expressions.TRAINED and not tokens & expressions.HELD_OUT and _only_held_out(value):
            return True
    if isinstance(tree, ast.AugAssign) and isinstance(tree.op, ast.Add) and _mixes([tree.target, tree.value]):
        return not _arithmetic(tree.value)
    return _answers(tree) or any(_swapped(tree, one) for one in alike)


def _of_both(call: ast.Call, edit: Edit) -> bool:
    """Whether a batch is now of the one part, now of the other: `get_batch("val" if step % 9 == 0 else "train")`."""
    if expressions.EVALUATES.match(expressions.last(call.func)):
        return False
    for one in call.args:
        if isinstance(one, ast.IfExp):
            sides = [_told(side, edit) for side in (one.body, one.orelse)]
            if any(a & expressions.HELD_OUT and b & expressions.TRAINED for a, b in (sides, sides[::-1])):
                return True
    return False


def _told(node: ast.expr, edit: Edit) -> set[str]:
    """The part that a text or a name is of."""
    said = expressions.words(node) | _parts_of(node)
    if said & (expressions.HELD_OUT | expressions.TRAINED) or not isinstance(node, ast.Name):
        return said
    return {"val"} if edit.origins.holds_out(node) else {"train"} if edit.origins.trains(node) else said


def _seeded(call: ast.Call) -> bool:
    """Whether something else than the evaluation is given its seeds."""
    if _parts_of(call.func) & (expressions.HELD_OUT | {"evaluate", "seed"}):
        return False
    return any(
        word.arg == "seed"
        and any(
            {"seed"} < (expressions.tokens(name.lower()) & (expressions.HELD_OUT | {"seed"}))
            for name in expressions.names(word.value)
        )
        for word in call.keywords
    )


def _replaces(target: ast.expr, value: ast.expr, removed: list[ast.stmt]) -> bool:
    """Whether what could be the training's part is now the held-out one, under a name that says neither."""
    if not isinstance(value, ast.Name) or not _only_held_out(value) or _parts_of(target) & expressions.HELD_OUT:
        return False
    return any(
        parts(old) & expressions.TRAINED
        for one in removed
        for to, old in expressions.assignments(one)
        if expressions.last(to) == expressions.last(target)
    )


def _unsplit(call: ast.Call, removed: list[ast.stmt]) -> bool:
    """Whether a model that was fitted to the training's part is fitted to what isn't called so."""
    last, said = expressions.last(call.func), _words_of(call.args)
    if not (last == "fit" or (last in LOADS and said & _WHOLE)) or not call.args or said & expressions.TRAINED:
        return False
    return any(
        isinstance(node, ast.Call)
        and ast.dump(node.func) == ast.dump(call.func)
        and bool(_words_of(node.args) & expressions.TRAINED)
        for one in removed
        for node in ast.walk(one)
    )


def _words_of(nodes: list[ast.expr]) -> set[str]:
    return set[str]().union(*map(_parts_of, nodes))


def feeds(tree: ast.stmt) -> bool:
    """Whether a loop, or the next batch, is over held-out data."""
    if isinstance(tree, ast.For):
        words = _parts_of(tree.iter)
        return _held_out(tree.iter) and bool(words & DATA) and not words & expressions.TRAINED
    return any(
        isinstance(value, ast.Call)
        and (
            (expressions.last(value.func) == "next" and any(map(_held_out, value.args)))
            or (
                {"batch"} < expressions.tokens(expressions.last(value.func))
                and any(expressions.words(one) & expressions.HELD_OUT for one in value.args)
            )
        )
        for _, value in expressions.assignments(tree)
    )


def _parts_of(node: ast.AST) -> set[str]:
    return set[str]().union(*map(expressions.tokens, expressions.names(node)))


def _given_only(call: ast.Call) -> bool:
    """Whether something that trains is given held-out data and none of the training's."""
    if expressions.EVALUATES.match(expressions.last(call.func)) or expressions.last(call.func) == "train_test_split":
        return False
    tokens = [expressions.tokens(name) for one in call.args for name in expressions.names(one)]
    data = any(one & expressions.HELD_OUT and one & DATA for one in tokens)
    return data and not any(one & expressions.TRAINED for one in tokens)


def _answers(tree: ast.stmt) -> bool:
    """Whether predictions are made of the answers that they are held against."""
    for target, value in expressions.assignments(tree):
        if {"pred", "preds", "prediction", "predictions", "yhat", "proba", "probs"} & _parts_of(target):
            for name in expressions.names(value):
                words = expressions.tokens(name)
                if words & expressions.HELD_OUT and words & {"y", "label", "labels", "target", "targets", "answers"}:
                    return True
    return False


def _tells_only(call: ast.Call) -> bool:
    return expressions.last(call.func) in _TELLS


def _joins(value: ast.expr) -> bool:
    """Whether a sum is one of data, of which one part is held out."""
    assert isinstance(value, ast.BinOp)
    return not isinstance(value.left, ast.BinOp) and _mixes([value.left, value.right]) and not _arithmetic(value)


def _arithmetic(node: ast.expr) -> bool:
    """Losses and counts are added up, data are joined."""
    words = set[str]().union(*map(expressions.tokens, expressions.names(node) or {""}))
    return bool(words & _QUANTITIES)


def _is_scaler(call: ast.Call) -> bool:
    return (
        bool({"tokenizer", "encoder"} & expressions.tokens(expressions.last(call.func.value)))
        if isinstance(call.func, ast.Attribute)
        else False
    )


def _held_out(node: ast.expr) -> bool:
    """Whether an argument is held-out data, and nothing else."""
    tokens = [expressions.tokens(name) for name in expressions.names(node)]
    return any(one & expressions.HELD_OUT and not one & expressions.TRAINED for one in tokens) and not isinstance(
        node, ast.Constant
    )


def _only_held_out(value: ast.expr) -> bool:
    """Whether a value is taken from what is held out: a name, a call with "val", a file of that name."""
    if isinstance(value, ast.Compare | ast.BoolOp | ast.Constant | ast.IfExp | ast.Lambda):
        return isinstance(value, ast.Constant) and bool(expressions.words(value) & expressions.HELD_OUT)
    tokens = [expressions.tokens(name) for name in expressions.names(value)] + [
        expressions.words(one) for one in ast.walk(value) if isinstance(one, ast.Constant)
    ]
    if any(one & expressions.TRAINED for one in tokens):
        return False
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    if any(expressions.last(call.func) in ("len", "train_test_split", "split", "random_split") for call in calls):
        return False
    return any(one & expressions.HELD_OUT for one in tokens)


def parts(value: ast.expr) -> set[str]:
    """The words of all names and texts in an expression."""
    texts = [expressions.words(one) for one in ast.walk(value) if isinstance(one, ast.Constant)]
    return set[str]().union(*texts, *map(expressions.tokens, expressions.names(value)))


def _mixes(nodes: list[ast.expr], edit: Edit | None = None) -> bool:
    """Whether data of the training and held-out data stand side by side; with `edit`, by what names hold as well."""
    given = [edit.written_out(node, now=True) for node in nodes] if edit else nodes
    names = {name for node in given for name in expressions.names(node)}
    # cross_val_score holds out by itself
    told = [one for one in map(expressions.tokens, names) if "cross" not in one]
    told += [frozenset(expressions.words(one)) for node in given for one in ast.walk(node)]
    trained = any(one & expressions.TRAINED and not one & expressions.HELD_OUT for one in told)
    out = any(one & expressions.HELD_OUT and not one & expressions.TRAINED for one in told)
    if edit and trained and not out and not any(map(_arithmetic, nodes)):
        out = not names.isdisjoint(edit.origins.held_out)
    return trained and out


def _swapped(tree: ast.stmt, before: ast.stmt) -> bool:
    """Whether only the name of the part differs: `get_batch("train")` was, `get_batch("val")` is."""
    old, new = expressions.texts(before), expressions.texts(tree)
    told = isinstance(tree, ast.Assign) and not any(text.isupper() for text in new)
    texts = (
        len(old) == len(new)
        and (told or new == [text.lower() for text in new if text.isalpha()])
        and any(
            _split(a) & expressions.TRAINED and _split(b) & expressions.HELD_OUT and _bare(a) == _bare(b)
            for a, b in zip(old, new, strict=True)
        )
    )
    if not texts and not _renamed(tree, before):
        return False
    measured = any(
        isinstance(one, ast.Call) and expressions.EVALUATES.match(expressions.last(one.func)) for one in ast.walk(tree)
    )
    return not measured and len(list(ast.walk(tree))) == len(list(ast.walk(before)))


def _bare(text: str) -> str:
    return re.sub("|".join(sorted(expressions.TRAINED | expressions.HELD_OUT, key=len, reverse=True)), "", text.lower())


def _split(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower())) if len(text) < 80 else set()


def _renamed(tree: ast.stmt, before: ast.stmt) -> bool:
    """Whether a call is given held-out data, or all of them, where it was given the training's."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if not calls or any(expressions.last(call.func) in _TELLS for call in calls):
        return False
    old, new = ([one.id for one in ast.walk(t) if isinstance(one, ast.Name)] for t in (before, tree))
    differing = [(a, b) for a, b in zip(old, new, strict=False) if a != b]
    if len(old) != len(new) or not differing or expressions.texts(before) != expressions.texts(tree):
        return False
    if [ast.dump(one) for one, _ in expressions.assignments(tree)] != [
        ast.dump(one) for one, _ in expressions.assignments(before)
    ]:
        return False
    return all(
        expressions.tokens(a) & expressions.TRAINED
        and not expressions.tokens(a) & _QUANTITIES
        and (
            expressions.tokens(b) & (expressions.HELD_OUT | _WHOLE) or re.sub(r"_?(?:train|trn)(?:ing)?_?", "", a) == b
        )
        for a, b in differing
    )
