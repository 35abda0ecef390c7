"""Whether an edit predicts with the answers, or with what comes later."""

from __future__ import annotations

import ast
import re

from memorylab.core.lazily import pattern
from memorylab.core.runs import ahead, expressions, origins
from memorylab.core.runs.edits import Edit, calls, said
from memorylab.core.runs.statements import Statement

_KEYS = frozenset(
    ["answer", "answers", "label", "labels", "target", "targets", "gold", "expected", "solution", "ground_truth"]
)
_MEASURES = pattern(r"(?i)acc|entropy|error|eval|loss|metric|score")
_COLUMNS = frozenset(["col", "column", "key"])
_SHOTS = frozenset(["shot", "shots", "demo", "demos", "fewshot", "example", "examples", "exemplars"])
_COMPARES = frozenset(
    ["__eq__", "__ne__", "__lt__", "__gt__", "__le__", "__ge__", "__float__", "__format__", "__bool__"]
)
_GAUGES = pattern(r"(?i)(?:_score|_error|accuracy\w*|^f1\w*|auc|evaluate\w*|score|metric\w*)$")


def used(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether a statement that was added knows what is asked for."""
    return (
        _into_features(tree, edit)
        or _kept(line, tree, edit)
        or _told(line, tree, edit)
        or _shown(tree, edit)
        or _corrected(line, tree, edit)
        or _equal(line, tree)
        or _looked_up(line, tree, edit)
        or _typed_in(tree, edit)
        or (edit.traded and ahead.ahead(line, tree, edit))
    )


def _is_column(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Subscript) and bool(expressions.text(target.slice)) and not expressions.is_answer(target)
    )


def _into_features(tree: ast.stmt, edit: Edit) -> bool:
    """Whether a column is made of the answers, those that are held out among them."""
    for target, value in expressions.assignments(tree):
        if not _is_column(target) or said(target) & (
            expressions.ANSWERS | {"result", "results", "metrics", "out", "submission", "pred"}
        ):
            continue
        for node in ast.walk(value):
            if isinstance(node, ast.Name) and node.id in (
                "y",
                "target",
                "targets",
                "labels",
                "TARGET",
                "y_test",
                "y_val",
                "y_all",
            ):
                return True
            key = expressions.text(node.slice) if isinstance(node, ast.Subscript) else ""
            if key and (key.lower() in ("target", "label") or key in edit.answers) and not _made_of_training(node):
                return True
    return False


_FEATURES = frozenset(
    [
        "cat",
        "categorical",
        "columns",
        "cols",
        "covariates",
        "features",
        "feats",
        "feature",
        "inputs",
        "numeric",
        "predictors",
        "x",
    ]
)


def _kept(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether the column of the answers has come among the features, or is no longer taken out of them."""
    for call in calls(tree):
        if expressions.last(call.func) == "drop":
            gone = set[str]().union(*map(_mentioned, edit.calls_before("drop"))) - _mentioned(call)
            if any(
                expressions.tokens(one.lower()) & {"target", "label", "labels", "y"} or one in edit.answers
                for one in gone
            ):
                return True
    for target, value in _set(tree):
        if not said(target) & _FEATURES:
            continue
        out = any(
            isinstance(one, ast.NotIn | ast.NotEq | ast.Sub) for one in ast.walk(value)
        ) or "drop" in expressions.names(value)
        old = set[str]().union(*map(_mentioned, edit.earlier(target)))
        differing = (old - _mentioned(value)) if out else (_mentioned(value) - old)
        if differing & edit.answers and not expressions.names(value) & {"groupby", *_made_of_training(value)}:
            return True
    return False


def _made_of_training(value: ast.AST) -> set[str]:
    return {one for one in expressions.names(value) if expressions.tokens(one) & expressions.TRAINED}


def _set(tree: ast.stmt) -> list[tuple[ast.expr, ast.expr]]:
    """Assignments, sums to a name, and what is appended to one."""
    found = list(expressions.assignments(tree))
    if isinstance(tree, ast.AugAssign):
        found.append((tree.target, tree.value))
    call = tree.value if isinstance(tree, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
        found += [(call.func.value, call.args[0])] if call.func.attr in ("append", "extend", "add") else []
    return found


def _mentioned(call: ast.AST) -> set[str]:
    found = {one.id for one in ast.walk(call) if isinstance(one, ast.Name)}
    return found | {one.value for one in ast.walk(call) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def _keyed(node: ast.AST, more: frozenset[str]) -> list[ast.Subscript]:
    return [
        one
        for one in ast.walk(node)
        if isinstance(one, ast.Subscript)
        and isinstance(one.ctx, ast.Load)
        and (
            ((key := expressions.text(one.slice)) and (key.lower() in _KEYS or key in more))
            or (expressions.is_answer(one.slice) and expressions.tokens(expressions.last(one.slice)) & _COLUMNS)
        )
    ]


def _told(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether the answer of what is asked stands in the question: in a prompt, or in what is encoded."""
    if origins.measures(line) or isinstance(tree, ast.Return | ast.Assert | ast.If | ast.While):
        return False
    asking = [
        one
        for one in origins.functions(line)
        if re.search(
            r"(?i)prompt|message|encode|tokeni[sz]e|preprocess|format|question|answer|solve|predict|featur|query", one
        )
    ]
    if not asking or any(re.search(r"(?i)shot|demo|example|train", one) for one in asking):
        return False
    if any(expressions.is_answer(to) or said(to) & _SHOTS for to, _ in expressions.assignments(tree)):
        return False
    over = {
        one.id
        for node in ast.walk(tree)
        if isinstance(node, ast.comprehension)
        for one in ast.walk(node.target)
        if isinstance(one, ast.Name)
    }
    found = [
        one
        for one in _keyed(tree, edit.answers)
        if expressions.last(one.value) not in over and not edit.origins.trains(one.value)
    ]
    before = {ast.unparse(one) for _, old in edit.removed for one in _keyed(old, edit.answers)}
    return any(ast.unparse(one) not in before for one in found)


def _shown(tree: ast.stmt, edit: Edit) -> bool:
    """Whether examples that a model is shown are of what it is asked."""
    for target, value in expressions.assignments(tree):
        if not said(target) & _SHOTS or said(target) & expressions.HELD_OUT:
            continue
        if isinstance(value, ast.BinOp | ast.List) and any(
            isinstance(one, ast.List)
            and any(
                isinstance(item, ast.Name)
                and item.id in ("item", "question", "example", "sample", "row", "ex", "problem")
                for item in one.elts
            )
            for one in ast.walk(value)
        ):
            return True
        if edit.origins.holds_out(value) and not isinstance(value, ast.Constant):
            return True
    return False


_TRUTHS = expressions.ANSWERS | {"actual", "actuals", "true"}
_PREDICTED = frozenset(
    [
        "forecast",
        "forecasts",
        "guess",
        "guesses",
        "logits",
        "oof",
        "pred",
        "prediction",
        "predictions",
        "preds",
        "prob",
        "proba",
        "probs",
        "yhat",
    ]
)


def _corrected(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether predictions are moved by the answers."""
    for target, value in _set(tree):
        if not said(target) & _PREDICTED or (
            isinstance(value, ast.Call) and _GAUGES.search(expressions.last(value.func))
        ):
            continue
        inside = origins.functions(line)[-1:]
        at_answers = isinstance(target, ast.Subscript) and said(target.slice) & (expressions.ANSWERS | {"yb"})
        if at_answers and any(origins.is_measuring(one) or edit.slice.has(one, "return") for one in inside):
            return True
        for node in ast.walk(value):
            if isinstance(node, ast.Subscript) and expressions.text(node.slice) in edit.answers:
                return True
            if isinstance(target, ast.Subscript) and isinstance(node, ast.Name) and _is_known(node, edit):
                return True
            name = expressions.tokens(expressions.last(node)) if isinstance(node, ast.Name) else frozenset()
            moved = isinstance(tree, ast.AugAssign) or not isinstance(value, ast.Call)
            if moved and name & _TRUTHS and not name & (expressions.TRAINED | _PREDICTED):
                return True
    return False


def _is_known(name: ast.Name, edit: Edit) -> bool:
    """Whether a name holds the column of the answers, as it was read."""
    value = edit.written_out(name, now=True)
    if not any(expressions.last(call.func).startswith("read") for call in calls(value)):
        return False
    columns = [one.slice for one in ast.walk(value) if isinstance(one, ast.Subscript)]
    return any(expressions.last(one) in ("LABEL", "TARGET") or expressions.text(one) in edit.answers for one in columns)


def _looked_up(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether held-out answers are picked by what the model is given, outside of what measures."""
    if not line.within or origins.measures(line):
        return False
    measured = {
        id(one) for call in calls(tree) if _MEASURES.search(expressions.last(call.func)) for one in ast.walk(call)
    }
    for node in ast.walk(tree):
        if id(node) in measured:
            continue
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
            name = node.value
            picked = not isinstance(node.slice, ast.Slice | ast.Constant) and not expressions.text(node.slice)
            if picked and expressions.is_answer(name) and _held(name, edit):
                return True
    return False


def _held(name: ast.Name, edit: Edit) -> bool:
    """Whether what the edit adds, or held-out data, are in a name."""
    return any(
        name.id in expressions.names(to) and edit.origins.holds_out(value)
        for _, tree in edit.added
        for to, value in expressions.assignments(tree)
    )


def _typed_in(tree: ast.stmt, edit: Edit) -> bool:
    """Whether answers of questions are written out, and given back."""
    if not isinstance(tree, ast.Return) or tree.value is None:
        return False
    used = expressions.names(tree.value)
    return any(
        expressions.last(to) in used and isinstance(value, ast.Dict) and len(list(filter(_is_question, value.keys))) > 1
        for _, one in edit.added
        for to, value in expressions.assignments(one)
    )


def _is_question(node: ast.expr | None) -> bool:
    return len(expressions.text(node).split()) > 3


def _equal(line: Statement, tree: ast.stmt) -> bool:
    """Whether an object calls itself equal to whatever it is held against."""
    return (
        isinstance(tree, ast.Return)
        and isinstance(tree.value, ast.Constant)
        and any(one in _COMPARES for one in origins.functions(line)[-1:])
    )
