"""Whether an edit trades on prices that come later."""

from __future__ import annotations

import ast
import copy

from memorylab.core.runs import expressions
from memorylab.core.runs.edits import Edit, calls, number, said
from memorylab.core.runs.statements import Statement

_LATER = frozenset(["target", "targets", "label", "labels", "y", "future", "fwd", "forward", "next", "ahead"])


def ahead(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether a signal is made of prices that come later."""
    targets = [to for to, _ in expressions.assignments(tree)]
    if targets and any(said(to) & _LATER or expressions.is_answer(to) for to in targets):
        return False
    olds = [one for _, old in edit.removed for one in calls(old)]
    for call in calls(tree):
        name = expressions.last(call.func)
        steps = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("periods", "shift"))]
        if name in ("shift", "pct_change", "diff", "lag") and any(map(_negative, steps)):
            return True
        if name in ("roll",) and any(map(_negative, call.args[1:2])):
            return True
        if name == "rolling" and any(
            word.arg == "center" and isinstance(word.value, ast.Constant) and word.value.value for word in call.keywords
        ):
            return True
        if name in ("bfill", "backfill") and not any(expressions.last(one.func) == name for one in olds):
            return True
    for before in edit.replaced(line, tree):
        shifted = [
            one
            for one in calls(before)
            if expressions.last(one.func) == "shift" and one.args and (number(one.args[0]) or 0) > 0
        ]
        profits = said(tree) & {"rets", "returns", "ret", "pnl"} and said(tree) & {
            "weights",
            "positions",
            "position",
            "signal",
            "pos",
            "w",
        }
        if shifted and ast.dump(_not_shifted(before)) == ast.dump(tree):
            return True
        if shifted and profits and not any(expressions.last(one.func) == "shift" for one in calls(tree)):
            return True
    return False


def _negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


class _Unshifted(ast.NodeTransformer):
    """Leaves out every `.shift(…)`."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "shift" else node


def _not_shifted(tree: ast.stmt) -> ast.stmt:
    bare: ast.stmt = _Unshifted().visit(copy.deepcopy(tree))
    return bare
