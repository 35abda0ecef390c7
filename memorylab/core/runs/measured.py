"""Whether an edit changes how, or on what, runs are measured, where the measuring stands in a file that may change."""

from __future__ import annotations

import ast
import re

from memorylab.core.lazily import pattern
from memorylab.core.runs import amounts, expressions, origins
from memorylab.core.runs.edits import Edit, calls, matches, number, said, spelled, words
from memorylab.core.runs.statements import Statement

_GAUGE = pattern(
    r"(?i)(?:_score|_error|accuracy\w*|^f1\w*|^fbeta\w*|auroc|auc|precision|recall|^map|jaccard|wer|cer|bleu|rouge|exact_match)$"
)
_OPTIONS = frozenset(
    [
        "average",
        "top_k",
        "k",
        "squared",
        "zero_division",
        "ignore_index",
        "sample_weight",
        "pos_label",
        "normalize",
        "threshold",
        "tolerance",
        "tol",
        "multioutput",
        "labels",
    ]
)
_TOLERANCE = pattern(r"(?i)^(?:rtol|atol|tol|tolerance|rel_tol|abs_tol|eps_check|max_diff|\w*_(?:r|a)?tol(?:erance)?)$")
_CHECKS = pattern(
    r"(?i)^(?:allclose|isclose|array_equal|assert_\w+|equal|verify\w*|check\w*|is_correct\w*|validate\w*)$"
)
_SPLITS = frozenset(
    [
        "train_test_split",
        "random_split",
        "KFold",
        "StratifiedKFold",
        "GroupKFold",
        "ShuffleSplit",
        "TimeSeriesSplit",
        "StratifiedShuffleSplit",
        "GroupShuffleSplit",
        "RepeatedKFold",
    ]
)
_SPLIT_BY = frozenset(["random_state", "seed", "generator", "stratify", "test_size"])
_REFERENCE = pattern(
    r"(?i)^_*(?:ref|reference|baseline|oracle|expected|golden|ground_truth|naive|solve_reference)(?:_\w+)?$"
)
_OUTCOME = frozenset(["success", "is_success", "solved", "win", "won", "score", "goal", "correct", "reached"])
_LESS = pattern(
    r"(?i)^(?:limit_(?:val|test|predict)_\w+|max_(?:eval|val|test|predict)_\w+|(?:eval|val|test|n_eval|num_eval)_(?:samples?|"
    r"steps|iters?|episodes?|batches|examples|size|items|questions|runs|repeats)|n_(?:eval|test)\w*|repeats?|n_repeats|"
    r"n_runs|trials|n_trials|eval_episodes|num_episodes)$"
)


def otherwise(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether a statement that was added measures less, something else, or by another measure."""
    at_measuring = origins.measures(line) and not origins.draws(line)
    return (
        _split_otherwise(tree, edit)
        or _gauged_otherwise(tree, edit)
        or _other_part(line, tree, edit)
        or _environment(line, tree, edit)
        or _fewer(tree, edit)
        or amounts.less_of_the_held_out(line, tree)
        or _eased(line, tree)
        or _reference(line)
        or (at_measuring and _within(line, tree, edit))
        or (origins.draws(line) and _answers_made(tree, edit))
    )


def unchecked(edit: Edit) -> str:
    """A check of the result that is gone, as it stood; "" where there is none."""
    kept = {expressions.last(one.func) for _, tree in edit.added for one in calls(tree)}
    kept |= {"assert"} if any(isinstance(tree, ast.Assert) for _, tree in edit.added) else set()
    for line, tree in edit.removed:
        if not isinstance(tree, ast.Assert | ast.If | ast.Expr):
            continue
        names = {expressions.last(one.func) for one in calls(tree) if one.args}
        held = [name for name in names if _CHECKS.match(name)]
        if held and not names & kept and not any(_CHECKS.match(name) for name in kept) and "assert" not in kept:
            return line.text
    return ""


def gauges(value: ast.expr) -> set[str]:
    """The measures by which a number is made."""
    names = {expressions.last(one.func) for one in calls(value)}
    return {one for one in names if _GAUGE.search(one) or one in expressions.REDUCES or one in ("sqrt", "exp", "log")}


def _keywords(call: ast.Call) -> dict[str, str]:
    return {word.arg: ast.unparse(word.value) for word in call.keywords if word.arg}


def _split_otherwise(tree: ast.stmt, edit: Edit) -> bool:
    """Whether the held-out part is another one: by another seed, or share."""
    for call in calls(tree):
        name = expressions.last(call.func)
        if name in _SPLITS:
            for before in edit.calls_before(name):
                new, old = _keywords(call), _keywords(before)
                if any(new.get(key) != old.get(key) for key in _SPLIT_BY):
                    return True
    return False


def _gauged_otherwise(tree: ast.stmt, edit: Edit) -> bool:
    """Whether a measure got other options, or a check more room."""
    for call in calls(tree):
        name, new = expressions.last(call.func), _keywords(call)
        gauge = _GAUGE.search(name) is not None
        for before in edit.calls_gone(name):
            old = _keywords(before)
            if gauge and any(new.get(key) != old.get(key) for key in _OPTIONS):
                return True
            if any(_TOLERANCE.match(key) and _looser(call, before, key) for key in new):
                return True
    return False


def _looser(call: ast.Call, before: ast.Call, key: str) -> bool:
    new, old = (next((number(word.value) for word in one.keywords if word.arg == key), None) for one in (call, before))
    return new is not None and (old is None or new > old)


def _other_part(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether what was held out is now taken from the training's, or not told apart from it any more."""
    measuring = origins.measures(line) or any(
        expressions.tokens(one) & expressions.HELD_OUT for one in origins.functions(line)
    )
    for before in edit.replaced(line, tree):
        loops = isinstance(tree, ast.For) and isinstance(before, ast.For)
        if loops and edit.origins.trains(tree.iter) and edit.origins.holds_out(before.iter):  # type: ignore[attr-defined]
            return True
        if isinstance(tree, ast.Return) and measuring and edit.origins.trains(tree) and edit.origins.holds_out(before):
            return True
    for target, value in expressions.assignments(tree):
        out = said(target) & expressions.HELD_OUT and not said(target) & expressions.TRAINED
        for earlier in edit.earlier(target):
            if (out or measuring) and edit.origins.trains(value) and not edit.origins.trains(earlier):
                return True
            both = {one for one in ast.walk(earlier) if isinstance(one, ast.IfExp)}
            if both and not any(isinstance(one, ast.IfExp) for one in ast.walk(value)):
                words_before = _all_words(earlier)
                if words_before & expressions.HELD_OUT and not _all_words(value) & expressions.HELD_OUT:
                    return True
    return False


def _all_words(node: ast.AST) -> set[str]:
    texts = [expressions.words(one) for one in ast.walk(node) if isinstance(one, ast.Constant)]
    return set[str]().union(said(node), *texts)


def _environment(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether the task itself is another: its name, its outcome, its seed."""
    if any(isinstance(to, ast.Subscript) and _is_outcome(to) for to, _ in expressions.assignments(tree)):
        return True
    made = [
        one
        for one in origins.functions(line)
        if re.match(r"(?i)_*(?:make|build|create|get)_\w*(?:env|task|problem)", one)
    ]
    for call in calls(tree):
        name = expressions.last(call.func)
        if made and re.search(r"(?i)transformreward|clipreward|normalizereward|rewardwrapper|scalereward", name):
            return True
        if not made and not (name == "make" and isinstance(call.func, ast.Attribute)):
            continue
        for before in edit.calls_before(name):
            if _keywords(call) != _keywords(before) or [*map(ast.unparse, call.args)] != [
                *map(ast.unparse, before.args)
            ]:
                return True
    for target, value in expressions.assignments(tree):
        if words(expressions.last(target)) & {"env", "task"} and words(expressions.last(target)) & {"id", "name"}:
            texts = [expressions.text(one) for one in edit.earlier(target)]
            if expressions.text(value) and texts and expressions.text(value) not in texts:
                return True
    return False


def _is_outcome(target: ast.Subscript) -> bool:
    return said(target.value) & {"info", "infos"} != set() and expressions.text(target.slice).lower() in _OUTCOME


def _fewer(tree: ast.stmt, edit: Edit) -> bool:
    """Whether a setting of how much is measured got smaller, or was newly set."""
    for target, value in expressions.assignments(tree):
        new = number(value) if isinstance(target, ast.Name) and _LESS.match(target.id) else None
        if new is not None and any(one is not None and new < one for one in map(number, edit.earlier(target))):
            return True
    for call in calls(tree):
        before = edit.calls_before(expressions.last(call.func))
        for word in call.keywords:
            if not before or not word.arg or not _LESS.match(word.arg) or (new := number(word.value)) is None:
                continue
            olds = [number(one.value) for old in before for one in old.keywords if one.arg == word.arg]
            limited = not olds and word.arg.startswith(("limit_", "max_"))
            if limited or any(one is not None and new < one for one in olds):
                return True
    return False


def _eased(line: Statement, tree: ast.stmt) -> bool:
    """Whether a loss is another one while nothing is trained."""
    for to, value in _assigned(tree):
        eased = said(to) & {"loss", "logits", "losses"} and any(map(_UNTRAINED.match, line.within))
        if eased and (_bounded(value) or not any(map(_MAY_SUM.match, line.within))):
            return True
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp) and matches(_TRAINING, node.test):
            other = node.body if isinstance(node.test, ast.UnaryOp) else node.orelse
            made = _bounded(other) or any(isinstance(one, ast.BinOp | ast.Compare) for one in ast.walk(other))
            if made and said(other) & {
                "loss",
                "losses",
                "tok",
                "ce",
                "nll",
            }:
                return True
    return False


_TRAINING = re.compile(r"^(?:training|is_grad_enabled)$")
_MAY_SUM = re.compile(r"(?:if|elif) +reduction")
"""A loss that isn't reduced yet may be computed otherwise, if it is the same loss."""
_UNTRAINED = re.compile(
    r"(?:if|elif) +(?:.*\bnot +(?:\w+\.training\b|torch\.is_grad_enabled)|.*\bis_inference_mode_enabled|reduction *==)"
)


def _bounded(value: ast.expr) -> bool:
    return any(expressions.last(one.func) in ("clamp", "clamp_", "clip", "minimum", "min") for one in calls(value)) or (
        isinstance(value, ast.BinOp) and any(number(one) is not None for one in (value.left, value.right))
    )


def _assigned(tree: ast.stmt) -> list[tuple[ast.expr, ast.expr]]:
    return [*expressions.assignments(tree), *([(tree.target, tree.value)] if isinstance(tree, ast.AugAssign) else [])]


def _reference(line: Statement) -> bool:
    return any(_REFERENCE.match(one) for one in origins.functions(line))


def _within(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether a function that measures learns, passes over some, or adds to what it counts."""
    names = {expressions.last(one.func) for one in calls(tree)}
    if names & {"backward", "manual_backward", "zero_grad", "partial_fit", "fit", "value_and_grad", "apply_gradients"}:
        return True
    if isinstance(tree, ast.Continue | ast.Break):
        return True
    if isinstance(tree, ast.AugAssign) and isinstance(tree.op, ast.Add):
        for _, before in edit.removed:
            if isinstance(before, ast.AugAssign) and spelled(before.target) == spelled(tree.target):
                return ast.dump(before.value) != ast.dump(tree.value)
    return isinstance(tree, ast.Return) and tree.value is not None and _judged_otherwise(line, tree, tree.value, edit)


def _judged_otherwise(line: Statement, tree: ast.Return, new: ast.expr, edit: Edit) -> bool:
    """Whether what counts as right is told by another comparison, or is everything."""
    olds = [one.value for one in edit.replaced(line, tree) if isinstance(one, ast.Return)]
    compared = [one for one in olds if isinstance(one, ast.Compare)]
    if isinstance(new, ast.Compare):
        return any([*map(type, one.ops)] != [*map(type, new.ops)] for one in compared)
    constant = isinstance(new, ast.Constant)
    return (bool(compared) and (constant or isinstance(new, ast.BoolOp))) or (
        isinstance(new, ast.Constant) and new.value is True
    )


def _answers_made(tree: ast.stmt, edit: Edit) -> bool:
    """Whether the answers that predictions are held against are made otherwise."""
    for target, value in expressions.assignments(tree):
        answers = expressions.last(target).lower() in ("y", "labels", "targets", "target", "answers", "yb")
        if answers and any(ast.dump(one) != ast.dump(value) for one in edit.earlier(target)):
            return True
    return False
