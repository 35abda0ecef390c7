"""An edit as its statements: what was added and removed, and what each stood in place of."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable
from functools import cached_property

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions, origins, slices
from memorylab.core.runs.origins import Origins, functions
from memorylab.core.runs.slices import Slice
from memorylab.core.runs.statements import Statement

Read = list[tuple[Statement, ast.stmt]]
_TIMED = pattern(
    r"(?i)(?:^|_)(?:ms|us|ns|sec|secs|seconds|latency|runtime|walltime|time|speed\w*|throughput|gflops|tflops|flops|cycles|"
    r"fps|qps|bandwidth|gbps)(?:_|$)|per_s(?:ec\w*)?$"
)
_ASKED = pattern(r"(\.fit\(|Dataset\(|DMatrix\()|_score\(|_error\(|text_target|labels?[\"']?\]?\s*=|^\s*y\w*\s*=")
_NO_ANSWERS = frozenset(["attention_mask", "eval", "input_ids", "test", "text", "train", "validation"])
_KEY = pattern(r"\[[\"']([\w ]+)[\"']\]")
_WRITTEN = pattern(r"\bto_\w+\(|save|write|dump|[\"'][wax]b?[\"']")
_TRADED = pattern(r"(?i)sharpe|sortino|calmar|pnl|profit|cagr|drawdown|equity|alpha|^(?:total_|ann\w*_)?returns?$")


class Edit:
    """The statements that an edit adds and removes, read once for all that look at them.

    `label` is how the run's number is called.
    """

    def __init__(
        self,
        added: Read,
        removed: Read,
        label: str,
        texts: tuple[str, str],
        carriers: tuple[frozenset[str], frozenset[str]],
    ) -> None:
        self.added, self.removed, self.label = added, removed, label
        self._texts, self._carriers = texts, carriers
        self.timed = _TIMED.search(label) is not None
        """Whether the number is a time, or a rate."""
        self.traded = _TRADED.search(label) is not None
        """Whether it is made of prices that come one after another."""
        self._set: dict[str, list[ast.expr]] = {}
        self._calls: dict[str, list[ast.Call]] = {}
        self._statements: dict[tuple[type[ast.stmt], str], list[ast.stmt]] = {}
        self._made: dict[Callable[[ast.Call, Statement, Edit], bool], frozenset[str]] = {}
        for line, tree in removed:
            for to, value in expressions.assignments(tree):
                self._set.setdefault(spelled(to), []).append(value)
            for call in calls(tree):
                self._calls.setdefault(expressions.last(call.func), []).append(call)
            for about in _about(line, tree):
                self._statements.setdefault((type(tree), about), []).append(tree)

    @cached_property
    def origins(self) -> Origins:
        """Where the names come from, which few edits ask for."""
        return origins.read(self._texts[1])

    @cached_property
    def slice(self) -> Slice:
        """What the number is made of."""
        return slices.to_the_number(self._texts[1], self.label, self._carriers[1], origins.is_measuring)

    @cached_property
    def slice_before(self) -> Slice:
        """What it was made of."""
        return slices.to_the_number(self._texts[0], self.label, self._carriers[0], origins.is_measuring)

    @cached_property
    def answers(self) -> frozenset[str]:
        """The columns and keys that predictions are held against, as the source says."""
        found = set[str]()
        for line in "\n".join(self._texts).split("\n"):
            if "[" in line and (match := _ASKED.search(line)):
                keys = _KEY.findall(line)
                found.update(keys[-1:] if match[1] else keys)
        return frozenset(found - _NO_ANSWERS)

    def fitted(self, name: str) -> bool:
        """Whether something is fitted to what a name holds."""
        return (
            re.search(rf"(?:\bfit|Dataset|DMatrix|\btrain\w*)\([^\n]*\b{re.escape(name)}\b", self._texts[0]) is not None
        )

    def part_of(self, name: str, other: str) -> bool:
        """Whether a name was made as some rows of another one."""
        rows = rf"\b{re.escape(other)}(?:\.\w+)?\[(?!\s*:\s*,)[^\n\]]*:"
        found = (
            rf"^[^\n=]*\b{re.escape(name)}\b[^\n=]*=[^=\n][^\n]*{rows}|^[^\n=]*\b{re.escape(name)}\b[^\n=]*=\s*{rows}"
        )
        return re.search(found, self._texts[0], re.MULTILINE) is not None

    def made_of(self, name: str, other: str) -> bool:
        """Whether a name was made of another one."""
        found = rf"^[^\n=]*\b{re.escape(name)}\b[^\n=]*=[^=\n][^\n]*\b{re.escape(other)}\b"
        return re.search(found, self._texts[0], re.MULTILINE) is not None

    def was_given(self, keyword: str, value: ast.expr) -> bool:
        """Whether a call had this argument."""
        written = re.escape(ast.unparse(value)).replace("'", "[\"']")
        return re.search(rf"\b{keyword}\s*=\s*{written}(?![\w.\[(])", self._texts[0]) is not None

    def reads_file(self, name: str, stem: str) -> bool:
        """Whether data were read from a file, whose name may be put together of its stem."""
        lines = [line for line in self._texts[0].split("\n") if name in line]
        if any(_WRITTEN.search(line) for line in lines):
            return False
        made = re.escape(name.removeprefix(stem))
        whole = expressions.tokens(stem) <= expressions.HELD_OUT | expressions.TRAINED
        return bool(lines) or (whole and re.search(rf"(?:\}}|[\"']){made}[\"']", self._texts[0]) is not None)

    def returns_under(self, head: str) -> bool:
        """Whether a function is left at once below a condition."""
        return re.search(rf"{re.escape(head)}[^\n]*\n\s+return\b", self._texts[1]) is not None

    def local(self, name: str) -> bool:
        """Whether a name is set anew within functions."""
        outer = re.search(rf"^\s+(?:global|nonlocal) .*\b{re.escape(name)}\b", self._texts[1], re.MULTILINE)
        within = rf"^[ \t]+(?:[\w, ]+, *)?{re.escape(name)}\b(?:, *[\w, ]+)? *(?::[^=\n]*)?=(?!=)"
        return outer is None and "." not in name and re.search(within, self._texts[1], re.MULTILINE) is not None

    def knew(self, name: str) -> bool:
        """Whether a name stood in the file before."""
        return re.search(rf"\b{re.escape(name)}\b", self._texts[0]) is not None

    def tells(self) -> bool:
        """Whether this file reports the number, and not another one that uses it."""
        return any(re.search(rf"(?<!\w){re.escape(self.label)}(?!\w)", text) for text in self._texts[:1])

    def added_function(self, name: str) -> bool:
        """Whether a function is one that wasn't there."""
        head = rf"^\s*(?:async +)?def +{re.escape(name)}\("
        return re.search(head, self._texts[0], re.MULTILINE) is None

    def alone(self, name: str) -> bool:
        """Whether a name is used for nothing but the number."""
        return self.slice.alone(name, self._texts[1])

    def written_out(self, node: ast.expr, *, now: bool) -> ast.expr:
        """An expression with the names that the edit itself sets, once, or has set before, replaced by their values."""
        written: ast.expr = _Written(self._given[not now]).visit(copy.deepcopy(node))
        return written

    @cached_property
    def _given(self) -> tuple[dict[str, ast.expr], dict[str, ast.expr]]:
        return _once(self.added), _once(self.removed)

    def carries(self, name: str) -> bool:
        """Whether a name holds the number."""
        return name in self._carriers[0] or name in self._carriers[1]

    @cached_property
    def evaluations(self) -> frozenset[str]:
        """The functions by which the names that hold the number are set."""
        held = "|".join(map(re.escape, self._carriers[0]))
        found = re.findall(rf"^\s*(?:{held})\b[^=\n]*=[^=\n]*?(\w+)\(", self._texts[0], re.MULTILINE)
        return frozenset(found) - expressions.REDUCES - {"float", "round", "sqrt", "exp", "int"}

    def set_by(self, makes: Callable[[ast.Call, Statement, Edit], bool]) -> frozenset[str]:
        """The names that the edit sets by, or appends, what a call of a kind gives."""
        if makes not in self._made:
            found = set[str]()
            for line, tree in self.added:
                for to, value in [*expressions.assignments(tree), *appended(tree)]:
                    if any(makes(call, line, self) for call in calls(value)):
                        root = to.value if isinstance(to, ast.Subscript) else to
                        found |= {one.id for one in ast.walk(root) if isinstance(one, ast.Name)}
            self._made[makes] = frozenset(found)
        return self._made[makes]

    def earlier(self, target: ast.expr) -> list[ast.expr]:
        """What was assigned to the same name."""
        return self._set.get(spelled(target), [])

    def replaced(self, line: Statement, tree: ast.stmt) -> list[ast.stmt]:
        """What stood in place of a statement: of its kind, and to the same names or of the same calls."""
        found = [one for about in _about(line, tree) for one in self._statements.get((type(tree), about), [])]
        return list({id(one): one for one in found}.values())

    def calls_gone(self, name: str) -> list[ast.Call]:
        """Those that were removed, but for what was added again as it was."""
        return [one for one in self.calls_before(name) if ast.dump(one) not in self._calls_added]

    @cached_property
    def _calls_added(self) -> frozenset[str]:
        return frozenset(ast.dump(one) for _, tree in self.added for one in calls(tree))

    def calls_before(self, name: str) -> list[ast.Call]:
        """The calls of a function that were removed."""
        return self._calls.get(name, [])


def appended(tree: ast.stmt) -> list[tuple[ast.expr, ast.expr]]:
    """What is appended to a name, and to which."""
    call = tree.value if isinstance(tree, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
        return [(call.func.value, call.args[0])] if call.func.attr in ("add", "append", "extend") else []
    return []


def _once(lines: Read) -> dict[str, ast.expr]:
    """What names are set to by these lines, but for those that are set more than once."""
    found, again = dict[str, ast.expr](), set[str]()
    for _, tree in lines:
        if isinstance(tree, ast.AugAssign):
            again.add(spelled(tree.target))
        for to, value in expressions.assignments(tree):
            if isinstance(to, ast.Name):
                again |= {to.id} & found.keys()
                found[to.id] = value
    return {name: value for name, value in found.items() if name not in again}


class _Written(ast.NodeTransformer):
    """Puts values in the place of names, and the entries of a dictionary that is written out in that of its items."""

    def __init__(self, given: dict[str, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._given.get(node.id)
        if value is None or node.id in expressions.names(value):
            return node
        left = {name: one for name, one in self._given.items() if name != node.id}
        written: ast.expr = _Written(left).visit(copy.deepcopy(value))
        return written

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Dict) and (key := expressions.text(node.slice)):
            for one, value in zip(node.value.keys, node.value.values, strict=True):
                if expressions.text(one) == key:
                    return value
        return node


def _about(line: Statement, tree: ast.stmt) -> set[str]:
    if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {tree.name}
    if isinstance(tree, ast.For | ast.AsyncFor):
        return {f"for {spelled(tree.target)}"}
    if isinstance(tree, ast.Return):
        return {f"return of {'.'.join(functions(line))}"}
    found = {spelled(to) for to, _ in expressions.assignments(tree)}
    if isinstance(tree, ast.AugAssign):
        found.add(spelled(tree.target))
    return found or {expressions.last(one.func) for one in calls(tree)}


def spelled(target: ast.expr) -> str:
    """A name as it is written; the parts of a target that aren't names are left out."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return f"{spelled(target.value)}.{target.attr}"
    if isinstance(target, ast.Subscript):
        return f"{spelled(target.value)}[{expressions.text(target.slice)}]"
    if isinstance(target, ast.Tuple | ast.List):
        return ", ".join(map(spelled, target.elts))
    return ""


def calls(tree: ast.AST) -> list[ast.Call]:
    """All the calls in a statement."""
    return [one for one in ast.walk(tree) if isinstance(one, ast.Call)]


def number(node: ast.AST | None) -> float | None:
    """A number that is written out."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    return None


def words(name: str) -> frozenset[str]:
    """The words of a name, those of one that is in capitals too."""
    return expressions.tokens(name.lower() if name.isupper() else name)


def said(node: ast.AST) -> set[str]:
    """All words of the names in an expression."""
    return set[str]().union(*map(words, expressions.names(node)))


def matches(expression: re.Pattern[str], node: ast.AST) -> bool:
    """Whether a name or text in an expression is of a kind."""
    for one in ast.walk(node):
        name = expressions.last(one) if isinstance(one, ast.Name | ast.Attribute) else ""
        name = name or (expressions.text(one) if isinstance(one, ast.Constant) else "")
        if name and expression.search(name):
            return True
    return False
