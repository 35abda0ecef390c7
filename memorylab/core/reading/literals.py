"""Literals of a statement with the names they go by, so that 0.04 → 0.05 is MATRIX_LR and not a changed line.

A literal is *exact* when it is the whole value of a name (a constant, an argument, a default, a dictionary entry) and
not a part of an expression. What is left of a statement without its literals is its *shape*: two statements of one
shape differ in values alone.
"""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from memorylab.tuples import NamedTuple

Value = float | str | bool | None | tuple[Any, ...]

_HOLE = "_"
_CASTS = frozenset(("int", "float", "str", "bool", "field", "tuple", "list", "tensor"))
_INSIDE = re.compile(r"\[(.*)\]")
_OPTION = re.compile(r"-{0,2}([A-Za-z_][\w-]*)$")


class Literal(NamedTuple):
    """A value in a statement: where it stands, what it is called, by whom it is taken, beside which part."""

    path: str
    label: str
    exact: bool
    owner: str
    part: str
    value: Value

    @property
    def inside(self) -> str:
        """The key of the dictionary that it is an entry of, where one beside that has an entry of its name."""
        found = _INSIDE.fullmatch(self.owner)
        return found[1] if found else ""

    @property
    def in_dictionary(self) -> bool:
        """Whether it is an entry of a dictionary."""
        return self.owner == "dict" or bool(self.inside)


class Read(NamedTuple):
    """A statement taken apart: its text without literals, and the literals by their place."""

    shape: str
    literals: dict[str, Literal]


class No:
    """Stands for "no literal", since None is one."""


NONE = No()


def literal(node: ast.AST | None) -> Value | No:
    """The value of a folded expression that is a literal, else `NONE`."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool | str) or value is None:
            return value
        return _float(value) if isinstance(value, int | float) else NONE
    if isinstance(node, ast.Tuple | ast.List) and node.elts:
        values = [literal(item) for item in node.elts]
        return NONE if any(isinstance(value, No) for value in values) else tuple(values)
    return NONE


def _float(value: float) -> float | str:
    try:
        number = float(value)
    except OverflowError:
        return str(value)[:40]
    return number if math.isfinite(number) else str(number)


def read(node: ast.stmt | None, text: str) -> Read:
    """Take a folded statement apart; the node is used up."""
    if node is None:
        return Read(text, {})
    reader = _Reader()
    reader.walk(node, "", False)
    return Read(ast.unparse(node), reader.found)


def located(node: ast.stmt) -> dict[str, tuple[Literal, tuple[ast.AST, ...]]]:
    """The literals of a folded statement with the node of each, and behind it the parameter, keyword or key before it.

    The node of the statement is used up.
    """
    reader = _Reader()
    reader.walk(node, "", False)
    return {path: (found, reader.nodes[path]) for path, found in reader.found.items()}


class _Reader:
    """Walks a statement, replaces its literals by holes and notes what they are called."""

    def __init__(self) -> None:
        self.found: dict[str, Literal] = {}
        self.nodes: dict[str, tuple[ast.AST, ...]] = {}
        self._calls = 0
        self._places = 0
        self._shared: frozenset[str] = frozenset()

    def walk(self, node: Any, label: str, exact: bool, owner: str = "", part: str = "") -> Any:
        """The node without its literals."""
        value = literal(node)
        if not isinstance(value, No):
            self._places += 1
            self._note(Literal(f"at {self._places}", label, exact, owner, part, value), node)
            return ast.Name(_HOLE)
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            return method(node, label, exact, owner, part)
        return self._children(node, label)

    def _note(self, found: Literal, *nodes: ast.AST) -> None:
        self.found[found.path] = found
        self.nodes[found.path] = nodes

    def _children(self, node: ast.AST, label: str) -> ast.AST:
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(node, name, [self.walk(item, label, False) if _is_node(item) else item for item in value])
            elif _is_node(value):
                setattr(node, name, self.walk(value, label, False))
        return node

    def _assign(self, node: ast.Assign, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        name = _name_of(node.targets[0]) if len(node.targets) == 1 else ""
        node.value = self.walk(node.value, name or label, bool(name))
        return node

    def _annassign(self, node: ast.AnnAssign, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        node.annotation = ast.Name(_HOLE)
        return node

    def _augassign(self, node: ast.AugAssign, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        node.value = self.walk(node.value, _name_of(node.target), False)
        return node

    def _ifexp(self, node: ast.IfExp, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        node.test = self.walk(node.test, label, False)
        node.body = self.walk(node.body, label, exact, owner, part)
        node.orelse = self.walk(node.orelse, label, exact, owner, part)
        return node

    def _boolop(self, node: ast.BoolOp, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        node.values = [self.walk(value, label, exact, owner, part) for value in node.values]
        return node

    def _joinedstr(self, node: ast.JoinedStr, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        return node

    def _arguments(self, node: ast.arguments, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        """Parameters; one with a literal default leaves the shape, so that adding it is a change of values too."""
        plain = [*node.posonlyargs, *node.args]
        pairs = list(zip(plain[len(plain) - len(node.defaults) :], node.defaults, strict=True))
        pairs += [(arg, value) for arg, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value]
        gone = set()
        for arg, default in pairs:
            value = literal(default)
            if not isinstance(value, No):
                gone.add(arg)
                self._note(Literal(f"parameter {arg.arg}", arg.arg, True, "", "", value), default, arg)
        left = [(a, d) for a, d in zip(node.kwonlyargs, node.kw_defaults, strict=True) if a not in gone]
        node.defaults = [default for arg, default in pairs[: len(node.defaults)] if arg not in gone]
        node.posonlyargs = [arg for arg in node.posonlyargs if arg not in gone]
        node.args = [arg for arg in node.args if arg not in gone]
        node.kwonlyargs, node.kw_defaults = [a for a, _ in left], [d for _, d in left]
        return node

    def _call(self, node: ast.Call, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        self._calls += 1
        number, called = self._calls, _name_of(node.func)
        node.func = self.walk(node.func, label, False)
        if called in _CASTS:
            node.args = [self.walk(arg, label, exact, owner, part) for arg in node.args]
        else:
            node.args = self._positional(node.args, label, called)
        option = next((name for arg in node.args if (name := _option(arg))), "")
        beside = _words(
            next((k.value for k in node.keywords if k.arg == "params"), None) or next(iter(node.args), None)
        )
        keywords = []
        for keyword in node.keywords:
            name = keyword.arg or ""
            if name in ("default", "default_factory") and (option or called == "field"):
                name = option or label
            value = literal(keyword.value)
            if isinstance(value, No) or not name:
                keyword.value = self.walk(keyword.value, name or label, bool(name), called, beside)
                keywords.append(keyword)
            else:
                self._note(Literal(f"{number}.{name}", name, True, called, beside, value), keyword.value, keyword)
        node.keywords = keywords
        return node

    def _positional(self, args: Sequence[ast.expr], label: str, called: str) -> list[ast.expr]:
        """Arguments in order: what follows a name in quotes, as in get("LR", 0.04), is that name's value."""
        out: list[ast.expr] = []
        named = ""
        for arg in args:
            option = _option(arg)
            if option and not named:
                named = option
                out.append(arg)
            else:
                out.append(self.walk(arg, named or label, bool(named), called))
        return out

    def _dict(self, node: ast.Dict, label: str, exact: bool, owner: str, part: str) -> ast.AST:
        self._calls += 1
        number = self._calls
        entries = list(zip(node.keys, node.values, strict=True))
        beside = _words(next((value for key, value in entries if _option(key) == "params"), None))
        shared, self._shared = self._shared, _shared(node.values)
        left = []
        for key, item in entries:
            name = _option(key)
            value = literal(item)
            if name and key is not None and not isinstance(value, No):
                home = f"[{label}]" if owner == "dict" and label and name in shared else "dict"
                self._note(Literal(f"{number}.{name}", name, True, home, beside, value), item, key)
            else:
                left.append((key, self.walk(item, name or label, bool(name), "dict", beside)))
        self._shared = shared
        node.keys, node.values = [key for key, _ in left], [value for _, value in left]
        return node


def _shared(values: Sequence[ast.AST]) -> frozenset[str]:
    """The keys that several of the dictionaries among some values have."""
    keys = Counter(name for one in values if isinstance(one, ast.Dict) for name in set(map(_option, one.keys)))
    return frozenset(name for name, count in keys.items() if name and count > 1)


def _is_node(value: object) -> bool:
    return isinstance(value, ast.AST) and not isinstance(value, ast.expr_context | ast.operator | ast.cmpop)


def _option(node: ast.AST | None) -> str:
    """The name in a string such as "--matrix-lr" or "lr"; "" for any other node."""
    value = node.value if isinstance(node, ast.Constant) else None
    found = _OPTION.match(value) if isinstance(value, str) else None
    return found.group(1).replace("-", "_") if found else ""


def _name_of(node: ast.AST) -> str:
    """The last name of a target or function: `self.softcap` is softcap, `group["lr"]` is lr."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return _option(node.slice) if isinstance(node, ast.Subscript) else ""


def _words(node: ast.AST | None) -> str:
    """The identifiers of an expression as words, by which a part of the model may be known: "embedding params"."""
    if node is None:
        return ""
    names = [_name_of(item) for item in ast.walk(node) if isinstance(item, ast.Attribute | ast.Name)]
    return " ".join(names[:4])
