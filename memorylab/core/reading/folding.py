"""Brings a syntax tree to a normal form: numbers worked out, nothing left that is written for readers alone.

What stands for something keeps its place in the source, so that a value can be replaced where it was read.
"""

from __future__ import annotations

import ast

_MOST = 1e15  # beyond it a float has no exact whole number


class Fold(ast.NodeTransformer):
    """Works out arithmetic on numbers and drops what a reader writes for readers: annotations and docstrings."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """2**19 and 64 * 1024 as the numbers they are."""
        self.generic_visit(node)
        left, right = _number(node.left), _number(node.right)
        found = None if left is None or right is None else _worked_out(node.op, left, right)
        return node if found is None else ast.copy_location(ast.Constant(_plain(found)), node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """-0.5 as one number."""
        self.generic_visit(node)
        number = _number(node.operand)
        if number is None or not isinstance(node.op, ast.USub | ast.UAdd):
            return node
        value = -number if isinstance(node.op, ast.USub) else number
        return ast.copy_location(ast.Constant(value), node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """1.0 as 1: they are one setting."""
        if not isinstance(node.value, float):
            return node
        return ast.copy_location(ast.Constant(_plain(node.value)), node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """A parameter without its annotation."""
        return ast.copy_location(ast.arg(node.arg), node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """A typed assignment as a plain one."""
        self.generic_visit(node)
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function without its result's annotation."""
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """The same for an asynchronous one."""
        self.generic_visit(node)
        node.returns = None
        return node


def _number(node: ast.AST) -> float | int | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _plain(value: float) -> float | int:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _MOST else value


def _worked_out(op: ast.operator, a: float, b: float) -> float | None:
    """The result of one operation, None where it has none or would be too large to be a setting."""
    if max(abs(a), abs(b)) > _MOST or (isinstance(op, ast.Pow | ast.LShift) and not -64 <= b <= 64):
        return None
    try:
        match op:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case ast.FloorDiv():
                return a // b
            case ast.LShift():
                return a * 2.0**b if b == int(b) >= 0 else None
            case ast.Pow():
                power = a**b
                return None if isinstance(power, complex) else float(power)
    except (ArithmeticError, ValueError):
        pass
    return None
