"""Whether work whose time is measured is skipped, or kept from an earlier call, or done where no clock runs."""

from __future__ import annotations

import ast
import re

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions, origins
from memorylab.core.runs.edits import Edit, appended, calls, number, spelled, words
from memorylab.core.runs.statements import Statement

_KEEPS = frozenset(["cache", "cached", "caches", "last", "memo", "prev", "previous", "saved", "seen", "stored"])
_PLANS = frozenset(
    ["autotune", "block", "cfg", "compiled", "config", "configs", "device", "kernel", "kernels", "plan", "warps"]
)
"""What may well be kept by the shape of the input."""
_DECORATED = pattern(r"@(?:\w+\.)*(?:lru_cache|cache|memoi[sz]e\w*)\b")
_SIZES = frozenset(
    [
        "arch",
        "block",
        "cols",
        "config",
        "d",
        "device",
        "dim",
        "dtype",
        "k",
        "length",
        "m",
        "n",
        "name",
        "num",
        "path",
        "rows",
        "shape",
        "size",
        "warps",
    ]
)
_AMOUNT = pattern(
    r"(?i)^(?:n|m|size|sizes|shapes?|repeats?|reps|runs|trials|rounds|warmup|n_\w+|num_\w+|iters?|length|count|\w+_(?:size|count|len))$"
)
_INSIDE = pattern(r"(?i)block|warp|tile|stage|thread|chunk|unroll|group|worker|batch")


def skipped(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether a line that was added returns what an earlier call has made, or gets out of the clock's way."""
    streams = any(
        expressions.last(call.func) in ("Stream", "Thread")
        or (expressions.last(call.func) == "stream" and isinstance(call.func, ast.Attribute))
        for call in calls(tree)
    )
    return (
        streams
        or _after_the_first(line, tree, edit)
        or _returns_kept(line, tree, edit)
        or _known_by(tree)
        or _beside_the_clock(line, tree, edit)
        or _smaller(tree, edit)
    )


def decorated(lines: list[Statement], at: int) -> bool:
    """Whether a line makes the function after it keep its results, and that function is given data."""
    if not _DECORATED.match(lines[at].text):
        return False
    following = lines[at + 1].tree() if at + 1 < len(lines) else None
    if not isinstance(following, ast.FunctionDef):
        return True  # a function that stood there before
    given = [one.arg for one in (*following.args.posonlyargs, *following.args.args)]
    return not all(expressions.tokens(one.lower()) & _SIZES for one in given)


def _returns_kept(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether a function gives back what outlives its call."""
    inside = origins.functions(line)
    if not isinstance(tree, ast.Return) or tree.value is None or not inside:
        return False
    if any(words(one) & _PLANS for one in inside[-1:]):
        return False
    if isinstance(tree.value, ast.Name):
        made = [
            value
            for other, one in edit.added
            if other.within[:1] == line.within[:1]
            for to, value in expressions.assignments(one)
            if expressions.last(to) == tree.value.id
        ]
        return any(map(_outlives, made)) or (not made and _outlives(tree.value))
    return _outlives(tree.value)


def _after_the_first(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether a function returns at once when it was called before, as it keeps in what outlives its calls."""
    if not isinstance(tree, ast.If) or not origins.functions(line) or not edit.returns_under(line.text):
        return False
    counted = set[str]()
    for _, one in edit.added:
        if isinstance(one, ast.AugAssign):
            counted.add(spelled(one.target))
        counted |= {spelled(to) for to, _ in expressions.assignments(one) if isinstance(to, ast.Attribute)}
        counted |= {spelled(to) for to, _ in appended(one)}
    asked = {spelled(one) for one in ast.walk(tree.test) if isinstance(one, ast.Name | ast.Attribute)}
    asked |= {
        f"{spelled(one.args[0])}.{expressions.text(one.args[1])}"
        for one in calls(tree.test)
        if expressions.last(one.func) == "getattr" and len(one.args) > 1
    }
    return any(not words(name) & _PLANS and not edit.local(name) for name in asked & counted if name)


def _outlives(value: ast.expr) -> bool:
    if (
        isinstance(value, ast.Call)
        and expressions.last(value.func) in ("get", "setdefault", "pop")
        and isinstance(value.func, ast.Attribute)
    ):
        value = ast.Subscript(value.func.value, ast.Constant(0))
    name = expressions.last(value.value if isinstance(value, ast.Subscript) else value)
    if words(name) & _PLANS:
        return False
    if isinstance(value, ast.Subscript):
        return bool(words(name) & _KEEPS) or name.isupper() or name.startswith("_")
    return isinstance(value, ast.Name | ast.Attribute) and bool(words(name) & _KEEPS)


def _known_by(tree: ast.stmt) -> bool:
    """Whether an input is told by where it lies in memory."""
    places = [one.slice for one in ast.walk(tree) if isinstance(one, ast.Subscript)]
    places += [one for one in ast.walk(tree) if isinstance(one, ast.Compare)]
    places += [
        value
        for to, value in expressions.assignments(tree)
        if words(expressions.last(to)) & {"key", "tag", "sig", "ptr", "ident"}
    ]
    return any(expressions.last(call.func) in ("data_ptr", "id") for place in places for call in calls(place))


def _beside_the_clock(line: Statement, tree: ast.stmt, edit: Edit) -> bool:
    """Whether the function that reads the clock is another one."""
    named = [
        one
        for one in origins.functions(line)
        if re.search(r"(?i)(?:^|_)(?:bench\w*|time|timeit|timed|measure|latency|profile)(?:_|$)", one)
    ]
    if not edit.tells():  # a profile by hand, which nobody is judged by
        named = [one for one in named if not edit.added_function(one)]
    if not named or any(re.search(r"(?i)train|fit|step", one) for one in named):
        return False
    return not (
        isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Call) and expressions.last(tree.value.func) == "print"
    )


def _smaller(tree: ast.stmt, edit: Edit) -> bool:
    """Whether what is timed is less: a constant of how much."""
    for target, value in expressions.assignments(tree):
        if (
            isinstance(target, ast.Name)
            and target.id.isupper()
            and _AMOUNT.match(target.id)
            and not _INSIDE.search(target.id)
        ):
            new = number(value)
            if new is not None and any(one is not None and new < one for one in map(number, edit.earlier(target))):
                return True
    return False
