"""What a statement tells under the metric's name: printed, logged, or set in a dictionary."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from memorylab.core.runs import expressions


def told(trees: Iterable[ast.stmt], label: str) -> list[ast.expr]:
    """The expressions that are told under the metric's name: printed, or set in a dictionary."""
    found: list[ast.expr] = []
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                found += _formatted(node, label)
            elif isinstance(node, ast.Dict):
                found += [
                    value for key, value in zip(node.keys, node.values, strict=True) if expressions.text(key) == label
                ]
            elif isinstance(node, ast.Call):
                found += [word.value for word in node.keywords if word.arg == label and _tells(node)]
                if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                    found += _filled(expressions.text(node.func.value), node.args, label)
                first = expressions.text(node.args[0]) if len(node.args) > 1 else ""
                if expressions.last(node.func) in ("print", "write", "info", "log", "echo") and first.rstrip(
                    " :="
                ).endswith(label):
                    found.append(node.args[1])
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
                many = isinstance(node.right, ast.Tuple) and node.right.elts
                if re.search(rf"\b{re.escape(label)}\b\W*%", expressions.text(node.left)):
                    found.append(many[0] if many else node.right)
        for target, value in expressions.assignments(tree):
            if isinstance(target, ast.Subscript) and expressions.text(target.slice) == label:
                found.append(value)
    return found


def _filled(template: str, arguments: list[ast.expr], label: str) -> list[ast.expr]:
    """What `"val_bpb: {:.6f}".format(...)` puts behind the name."""
    found = re.search(rf"(?:^|[^\w]){re.escape(label)}[^\w{{]*\{{[:}}!]", template)
    at = template.count("{", 0, found.end()) - 1 if found else -1
    return [arguments[at]] if 0 <= at < len(arguments) else []


def _tells(call: ast.Call) -> bool:
    return expressions.last(call.func) in (
        "dict",
        "print",
        "log",
        "info",
        "update",
        "report",
        "summary",
        "write",
        "write_summary",
    )


def _formatted(node: ast.JoinedStr, label: str) -> Iterator[ast.expr]:
    before = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            if re.search(rf"(?:^|[^\w]){re.escape(label)}\W*$", before):
                yield part.value
            before = ""
        elif isinstance(part, ast.Constant):
            before = str(part.value)


def prints_a_number(tree: ast.stmt, label: str) -> bool:
    """Whether a text that is printed or written has the metric with a number already in it."""
    said = re.compile(rf"(?:^|[^\w]){re.escape(label)}[\"']?\s*[:=]\s*[-+]?\d*\.?\d")
    if not isinstance(tree, ast.Expr | ast.Assign | ast.With | ast.If):
        return False
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and expressions.last(node.func) in ("print", "write", "write_text", "info", "system", "echo")
    ]
    return any(
        isinstance(one, ast.Constant) and isinstance(one.value, str) and said.search(one.value) is not None
        for call in calls
        for argument in call.args
        for one in ast.walk(argument)
    )
