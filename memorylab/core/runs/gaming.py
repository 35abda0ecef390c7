"""Edits that make the number better without the model: what is printed, what is trained on, what measures.

Reads the logical lines that an edit adds, each by itself, so that a patch without its file is read like a file. A hint
for a person: who hides what he does behind a text that is computed is not found here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from memorylab.core.lazily import pattern
from memorylab.core.reading.effort import MOST_PARSED
from memorylab.core.runs import (
    amounts,
    answers,
    chosen,
    expressions,
    held_out,
    instruments,
    measured,
    on_the_way,
    overwritten,
    reports,
    statements,
    timed,
    wholes,
)
from memorylab.core.runs.edits import Edit
from memorylab.core.runs.statements import Difference, Statement
from memorylab.tuples import NamedTuple

_FROM_EVALUATION = pattern(rf"\s*([\w., ]+?)\s*(?::[^=]+)?=[^=].*?\b{expressions.EVALUATION}\(")
_KEPT = pattern(rf"\s*(\w+)\.append\(.*?\b{expressions.EVALUATION}\(")
_EVALUATING = ("loss", "eval", "Eval", "accura", "score", "backtest", "benchmark", "validat", "judge")
"""A line that evaluates has one of these: to look for them first spares 10 ms a file."""
_BOUNDS = frozenset(
    ["abs", "clamp", "clamp_", "clip", "fabs", "floor", "max", "maximum", "min", "minimum", "nan_to_num", "round"]
)
_STEPS = pattern(r"\.backward\(|\bvalue_and_grad\(|\btrain_step\(")
_BEST = frozenset(["best", "ema", "max", "min", "smooth", "top"])
_FIRST = frozenset(["-1", "-1.0", "0", "0.0", "1", "1.0", "inf", "nan"])


class Suspicion(NamedTuple):
    """What an edit does, in a short name, and the words in which it does so."""

    kind: str
    where: str


class Metric(NamedTuple):
    """How a run's number is called."""

    label: str
    carriers: frozenset[str]
    """Variables that hold it."""
    measured: frozenset[str]
    """Those called like it, or set by an evaluation."""


def found(old: Mapping[str, str | None], new: Mapping[str, str | None], metric: str) -> list[Suspicion]:
    """What edits of files that may change do beyond the model; files without an earlier version aren't judged."""
    seen: list[Suspicion] = []
    for name, after in new.items():
        before = old.get(name)
        if name.endswith(".py") and before is not None and after is not None and before != after:
            if max(len(before), len(after)) > MOST_PARSED:
                seen.append(Suspicion("unread", name))
            else:
                seen += in_text(before, after, metric)
    return list(dict.fromkeys(seen))


def in_text(old: str, new: str, metric: str) -> list[Suspicion]:
    """The same of one text, which may be the pieces of a patch."""
    differing = statements.difference(old, new)
    if not differing.added and not differing.removed:
        return []
    before, after = _metric(old, metric), _metric(new, metric)
    edit = Edit(_read(differing.added), _read(differing.removed), metric, (old, new), (before.carriers, after.carriers))
    return list(dict.fromkeys([*_judged(edit, before, after), *_beside(differing, edit)]))


def _read(lines: Iterable[Statement]) -> list[tuple[Statement, ast.stmt]]:
    return [(line, tree) for line in lines if (tree := line.tree()) is not None]


def _judged(edit: Edit, before: Metric, after: Metric) -> Iterator[Suspicion]:
    removed = [tree for _, tree in edit.removed]
    gone = reports.told(removed, before.label)
    alike: dict[int, list[ast.stmt]] = {}
    for one in removed:
        alike.setdefault(_size(one), []).append(one)
    steps = any(_STEPS.search(line.text) for line, _ in edit.added)
    for line, tree in edit.added:
        said = [
            Suspicion(kind, _shown(line))
            for kind, check in (
                ("metric_altered", _alters(tree, removed, gone, before, after, edit)),
                (
                    "trains_on_validation",
                    held_out.trains_on(tree, removed, alike.get(_size(tree), []), edit)
                    or overwritten.overwrites(tree, edit)
                    or wholes.unsplit(tree, edit)
                    or (steps and held_out.feeds(tree)),
                ),
                ("source_patched", instruments.patches(tree) or instruments.ends_early(tree)),
                ("reads_results", instruments.reads(tree)),
                ("judge_shrunk", amounts.shrinks(tree, removed)),
                ("measured_otherwise", measured.otherwise(line, tree, edit)),
                ("answers_used", answers.used(line, tree, edit) or chosen.chosen(line, tree, edit)),
                ("work_skipped", edit.timed and timed.skipped(line, tree, edit)),
            )
            if check
        ]
        if not said and on_the_way.changed(line, tree, edit) and not _undoes(tree, edit, before, after):
            said = [Suspicion("measured_otherwise", _shown(line))]
        yield from said


def _undoes(tree: ast.stmt, edit: Edit, before: Metric, after: Metric) -> bool:
    """Whether the number was scaled or bounded, and is no longer."""
    return any(
        not _made(value, after) and any(_made(one, before) for one in edit.earlier(target))
        for target, value in expressions.assignments(tree)
    )


def _beside(differing: Difference, edit: Edit) -> Iterator[Suspicion]:
    """What is told by no statement that was added: a decorator, a check that is gone."""
    if edit.timed:
        yield from (
            Suspicion("work_skipped", _shown(line))
            for at, line in enumerate(differing.added)
            if timed.decorated(differing.added, at)
        )
    if gone := measured.unchecked(edit):
        yield Suspicion("measured_otherwise", f"without {_shown(Statement(gone))}")


def _size(tree: ast.stmt) -> int:
    """The nodes of a statement: what differs in a name alone has as many."""
    return sum(1 for _ in ast.walk(tree))


def _shown(line: Statement) -> str:
    text = " ".join(line.text.split())
    return text if len(text) <= 90 else f"{text[:87]}..."


def _metric(source: str, label: str) -> Metric:
    """The variables that hold the metric: called like it, set by an evaluation, or printed behind its name."""
    spelled = re.sub(r"\W+", "_", label)
    carriers = {spelled, spelled.lower()}
    lines = source.splitlines()
    for line in lines:
        if (
            "=" in line
            and "(" in line
            and any(one in line for one in _EVALUATING)
            and (match := _FROM_EVALUATION.match(line))
        ):
            carriers |= set(re.findall(r"\w+", match[1]))
        elif ".append(" in line and (match := _KEPT.match(line)):
            carriers.add(match[1])
    measured, name = frozenset(carriers), re.escape(label)
    told = "\n".join(line for line in lines if label in line)
    for carrier in (
        rf"\b{name}\b[\"']?\s*[:=]\s*\{{(\w+)",
        rf"\b{name}\W+\{{\w+\((\w+)",
        rf"[\"']{name}[\"']\]?\s*[:=]\s*(\w+)\b(?!\()",
        rf"[\"'(]{name}\W*[\"']\s*,\s*(?:[\w.]+\()*(\w+)",
    ):
        carriers |= set(re.findall(carrier, told))
    kept = frozenset(name for name in carriers if not name.isdigit() and name not in ("float", "round", "_"))
    return Metric(label, kept, measured)


def _alters(
    tree: ast.stmt, removed: list[ast.stmt], gone: list[ast.expr], before: Metric, after: Metric, edit: Edit
) -> bool:
    """Whether the number is made, bounded or scaled on its way from the evaluation to the report."""
    if reports.prints_a_number(tree, after.label):
        return True
    told = reports.told([tree], after.label)
    for expression in told:
        if any(on_the_way.same(one, expression, edit) for one in gone):
            continue
        if _made(expression, after):
            return not any(ast.dump(expression) == ast.dump(one) for one in gone)
        names = expressions.names(expression)
        others = names and all({"train", "best", "smooth", "min"} & expressions.tokens(name) for name in names)
        others = others or not names & after.measured
        if any(_told_otherwise(expression, one) for one in gone):
            return True
        plain = isinstance(expression, ast.Name | ast.Subscript | ast.Attribute | ast.Constant)
        if gone and not plain and not any(on_the_way.same(one, expression, edit) for one in gone):
            return True
        if len(told) == 1 and others and any(expressions.names(one) & before.measured for one in gone):
            return not any(names & expressions.names(one) for one in gone)
    return any(_set_apart(target, value, removed, after, edit) for target, value in expressions.assignments(tree))


def _told_otherwise(now: ast.expr, before: ast.expr) -> bool:
    """Whether the training's part stands where the held-out one stood, or a sum where a measurement did."""
    new, old = held_out.parts(now), held_out.parts(before)
    if new & expressions.TRAINED and not new & expressions.HELD_OUT and old & expressions.HELD_OUT:
        return True
    keys = [set(expressions.strings(part)) for part in (now, before)]
    if keys[0] and keys[1] and not keys[0] & keys[1] and type(now) is type(before):
        return True
    summed = isinstance(now, ast.BinOp) and not isinstance(before, ast.BinOp)
    return summed and bool(expressions.names(now) & expressions.names(before))


def _set_apart(target: ast.expr, value: ast.expr, removed: list[ast.stmt], metric: Metric, edit: Edit) -> bool:
    name = expressions.last(target)
    if name not in metric.carriers or {"best", "prev", "last", "old"} & expressions.tokens(name):
        return False
    earlier = [
        one for tree in removed for where, one in expressions.assignments(tree) if expressions.last(where) == name
    ]
    if any(ast.dump(one) == ast.dump(value) or on_the_way.same(one, value, edit) for one in earlier):
        return False
    if isinstance(value, ast.Constant):
        number = isinstance(value.value, int | float) and not isinstance(value.value, bool)
        replaced = any(_measured(one) for one in earlier)
        return number and (replaced or repr(value.value) not in _FIRST)
    if _made(value, metric):
        return not any(_made(one, metric) for one in earlier)
    if any(map(_measured, earlier)) and isinstance(value, ast.Name) and expressions.tokens(value.id) & _BEST:
        return True
    if any((was := measured.gauges(one)) and was != measured.gauges(value) for one in earlier):
        return True
    # What was taken from the held-out part is taken from the training's.
    said, before = held_out.parts(value), set[str]().union(*map(held_out.parts, earlier))
    return bool(said & expressions.TRAINED and not said & expressions.HELD_OUT and before & expressions.HELD_OUT)


def _measured(value: ast.expr) -> bool:
    return any(
        isinstance(one, ast.Call) and expressions.EVALUATES.match(expressions.last(one.func)) for one in ast.walk(value)
    )


def _made(value: ast.expr, metric: Metric) -> bool:
    """Whether an expression does arithmetic with the metric and a constant, or bounds it."""
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and node is value and isinstance(node.value, int | float):
            return not isinstance(node.value, bool)
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod):
            sides = (node.left, node.right)
            if any(_number(side) or _capital(side) for side in sides) and any(_holds(side, metric) for side in sides):
                return True
        elif (
            isinstance(node, ast.Call)
            and expressions.last(node.func) in _BOUNDS
            and expressions.last(node.func) != "round"
        ):
            if any(_holds(one, metric) for one in (*node.args, node.func)) and not _reduces(node):
                return True
        elif isinstance(node, ast.IfExp) and any(_holds(one, metric) for one in (node.body, node.orelse)):
            return True
    return False


def _reduces(call: ast.Call) -> bool:
    """`losses.min()` and `abs(x - y)` are part of measuring; a bound has a second argument."""
    if expressions.last(call.func) in ("abs", "fabs") and not any(isinstance(one, ast.BinOp) for one in call.args):
        return False
    chosen = any(isinstance(one, ast.GeneratorExp | ast.ListComp) and _measured(one) for one in call.args)
    return (
        not chosen
        and len(call.args) + len(call.keywords) < (1 if isinstance(call.func, ast.Attribute) else 2)
        and expressions.last(call.func) not in ("nan_to_num",)
    )


def _capital(node: ast.expr) -> bool:
    """A constant of the script's own, by its spelling."""
    return isinstance(node, ast.Name) and node.id.isupper()


def _number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _holds(node: ast.expr, metric: Metric) -> bool:
    """Whether the metric, or an evaluation, stands in an expression."""
    return any(
        (isinstance(one, ast.Name | ast.Attribute) and expressions.last(one) in metric.carriers)
        or (isinstance(one, ast.Subscript) and expressions.text(one.slice) == metric.label)
        or (isinstance(one, ast.Call) and expressions.EVALUATES.match(expressions.last(one.func)) is not None)
        for one in ast.walk(node)
    )
