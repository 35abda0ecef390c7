"""Whether what is scored is chosen by its score: the best of several evaluations, a threshold fitted to the answers."""

from __future__ import annotations

import ast
import re

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions, origins, slices
from memorylab.core.runs.edits import Edit, calls, spelled
from memorylab.core.runs.held_out import DATA
from memorylab.core.runs.statements import Statement

_GAUGES = pattern(r"(?i)(?:_score|_error|accuracy\w*|^f1\w*|auc|evaluate\w*|score|metric\w*)$")
_CHOOSES = frozenset(
    ["max", "min", "argmax", "argmin", "sorted", "minimize", "minimize_scalar", "fmin", "differential_evolution"]
)
_OF_TWO = pattern(r"(?i)(?:_score|_error)$|^f1")
"""Measures of answers held against predictions."""
_EVALUATES = pattern(r"(?i)^_*(?:estimate_loss|eval_\w+|run_eval\w*|\w*(?:evaluat|backtest|validat)\w*)$")
"""Scores are often those by which a model sorts what it has found."""
_OF_MANY = frozenset(["argmax", "argmin", "argsort", "idxmax", "idxmin", "nanargmax", "nanargmin"])
_RESTORES = pattern(r"load_state_dict\(|load_model\(|\bload\(|restore\w*\(|from_pretrained\(")
_COUNTS = pattern(r"for +(?:epoch|step|it|i|update|ep)\b")


def chosen(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether something is chosen by the answers that the number is made of: a threshold, a blend, a seed."""
    measuring = origins.measures(line)
    return _at_once(tree, measuring) or _gauged(line, tree, measuring) or _by_results(line, tree, edit)


def _at_once(tree: ast.stmt, measuring: bool) -> bool:
    """Whether the choice and the measure stand in one statement."""
    return any(
        gauge is not call
        and _GAUGES.search(expressions.last(gauge.func)) is not None
        and any(_answers_of(one, measuring) for one in gauge.args)
        for call in calls(tree)
        if expressions.last(call.func) in _CHOOSES and _among_many(call)
        for gauge in calls(call)
    )


def _among_many(call: ast.Call) -> bool:
    """Whether there is something to choose from: `min(f1(c) for c in cuts)`, and not the least of an array."""
    return len(call.args) > 1 or any(
        isinstance(one, ast.GeneratorExp | ast.ListComp | ast.Lambda) for one in ast.walk(call)
    )


def _gauged(line: Statement, tree: ast.stmt, measuring: bool) -> bool:
    """Whether a loop that isn't one of the training measures by the answers that are held out."""
    looped = [head for head in line.within if head.startswith("for ")]
    if not looped or measuring or any(map(_COUNTS.match, looped)):
        return False
    return any(
        expressions.tokens(name) & {"test", "holdout"} and expressions.tokens(name) & expressions.ANSWERS
        for _, value in expressions.assignments(tree)
        for gauge in calls(value)
        if _GAUGES.search(expressions.last(gauge.func))
        for one in gauge.args
        for name in expressions.names(one)
    )


def _answers_of(node: ast.AST, measuring: bool) -> bool:
    names = [expressions.tokens(one) for one in expressions.names(node)]
    return any(one & expressions.ANSWERS and (measuring or one & {"test", "holdout"}) for one in names)


def _by_results(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether results of evaluations that the edit added tell which one stays."""
    if isinstance(tree, ast.If):
        compared = [one for one in ast.walk(tree.test) if isinstance(one, ast.Compare) and _ordered(one)]
        return any(expressions.names(one) & _results(edit) for one in compared) and _stays(line, edit)
    for target, value in expressions.assignments(tree):
        for call in calls(value):
            name = expressions.last(call.func)
            keyed = name in ("max", "min", "sorted") and any(word.arg == "key" for word in call.keywords)
            if (keyed or name in _OF_MANY) and expressions.names(call) & _results(edit):
                return True
            best = name in ("max", "min") and edit.carries(expressions.last(target))
            if best and any(isinstance(one, ast.Name) and one.id in _results(edit) for one in call.args[:1]):
                return len(call.args) == 1
    return False


def _ordered(compared: ast.Compare) -> bool:
    return any(isinstance(one, ast.Lt | ast.Gt | ast.LtE | ast.GtE) for one in compared.ops)


def _results(edit: Edit) -> frozenset[str]:
    """Names that the edit sets to what an evaluation gives."""
    return edit.set_by(_evaluates)


def _evaluates(call: ast.Call, line: Statement, edit: Edit) -> bool:
    name = expressions.last(call.func)
    if _OF_TWO.search(name) and len(call.args) > 1:
        return any(_answers_of(one, origins.measures(line)) for one in call.args)
    called = any(map(_EVALUATES.match, expressions.names(call.func)))
    if name not in edit.evaluations and not (called and (isinstance(call.func, ast.Attribute) or edit.knew(name))):
        return False
    data = [one for one in call.args if isinstance(one, ast.Name | ast.Attribute | ast.Subscript)]
    return not any(edit.origins.trains(one) and _are_data(one) for one in data)


def _are_data(node: ast.expr) -> bool:
    return all(expressions.tokens(one) & DATA or not slices.is_model(one) for one in expressions.names(node))


def _stays(line: Statement, edit: Edit) -> bool:
    """Whether what is set below a condition is what is measured or told in the end."""
    inner = [tree for one, tree in edit.added if one.within and one.within[-1] == line.text]
    outer = [one.text for one, _ in edit.added if line.text not in one.within and one.text != line.text]
    kept = {part for tree in inner for to, _ in expressions.assignments(tree) for part in spelled(to).split(", ")}
    kept.discard("")
    if any(map(edit.carries, kept)):
        return True
    saved = any("save" in expressions.last(call.func) for tree in inner for call in calls(tree))
    if saved and any(map(_RESTORES.search, outer)):
        return True
    back = "|".join(map(re.escape, kept))
    return bool(kept) and any(re.search(rf"(?:=\s*|load\w*\()(?:[\w.]+\()?(?:{back})\)*$", text) for text in outer)
