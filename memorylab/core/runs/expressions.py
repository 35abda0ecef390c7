"""What edits are read by: names, their words, texts and assignments in a syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

EVALUATION = (
    r"(?:estimate_loss|eval_\w+|score\w*|\w+_score|\w*(?:evaluat|backtest|benchmark|validat|judge|accuracy)\w*"
    r"|run_eval\w*)"
)
EVALUATES = re.compile(rf"^_*{EVALUATION}$", re.IGNORECASE)
HELD_OUT = frozenset(
    ["dev", "eval", "heldout", "holdout", "test", "testing", "val", "valid", "validation", "dval", "dvalid", "dtest"]
)
ANSWERS = frozenset(
    ["y", "label", "labels", "target", "targets", "answer", "answers", "gold", "truth", "expected", "references"]
)
REDUCES = frozenset(
    [
        "mean",
        "median",
        "nanmean",
        "sum",
        "min",
        "max",
        "amin",
        "amax",
        "nanmin",
        "nanmax",
        "quantile",
        "percentile",
        "nanmedian",
        "fmean",
        "average",
        "trim_mean",
        "topk",
        "mode",
        "sorted",
        "any",
        "all",
    ]
)
TRAINED = frozenset(["fit", "train", "training", "trn", "tr", "dtrain"])


def assignments(tree: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each target with what it is set to; of `x *= 2` that is `x * 2`."""
    if isinstance(tree, ast.Assign):
        for target in tree.targets:
            if (
                isinstance(target, ast.Tuple)
                and isinstance(tree.value, ast.Tuple)
                and len(target.elts) == len(tree.value.elts)
            ):
                yield from zip(target.elts, tree.value.elts, strict=True)
            yield target, tree.value
    elif isinstance(tree, ast.AnnAssign) and tree.value is not None:
        yield tree.target, tree.value
    elif isinstance(tree, ast.AugAssign) and not isinstance(tree.op, ast.Add):
        yield tree.target, ast.BinOp(tree.target, tree.op, tree.value)


def names(node: ast.AST) -> set[str]:
    """The names and attributes in an expression, but for those that pick items: `x[valid]` is no held-out data."""
    masks = {id(one) for part in ast.walk(node) if isinstance(part, ast.Subscript) for one in ast.walk(part.slice)}
    seen = [one for one in ast.walk(node) if id(one) not in masks]
    found = {one.id for one in seen if isinstance(one, ast.Name)}
    return found | {one.attr for one in seen if isinstance(one, ast.Attribute)}


@lru_cache(maxsize=4096)
def tokens(name: str) -> frozenset[str]:
    """The words of a name, without numbers: "valLoader2" is "val" and "loader"."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    return frozenset(token.rstrip("0123456789") for token in spaced.lower().split("_") if token)


def last(node: ast.expr | None) -> str:
    """The last name of an expression: `np.random.seed` is "seed"."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def text(node: ast.expr | None) -> str:
    """A text that is written out, "" for everything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def strings(node: ast.AST) -> list[str]:
    """The keys by which items are picked in an expression."""
    return [found for one in ast.walk(node) if isinstance(one, ast.Subscript) and (found := text(one.slice))]


def is_answer(target: ast.expr) -> bool:
    """Whether a name, or the column of a table, is called like the answers."""
    spelled = text(target.slice) if isinstance(target, ast.Subscript) else last(target)
    return bool(tokens(spelled.lower()) & ANSWERS)


def texts(tree: ast.stmt) -> list[str]:
    """All the texts in a statement, in the order of its tree."""
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def words(node: ast.AST) -> set[str]:
    """The words of a short text, such as the name of a file."""
    said = text(node) if isinstance(node, ast.expr) else ""
    return set(re.findall(r"[a-z]+", said.lower())) if len(said) < 80 else set()
