"""Whether an edit changes what runs are measured with: clocks, random sources, losses, results on the disk, amounts."""

from __future__ import annotations

import ast
import re

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions

_CLOCKS = frozenset(
    ["monotonic", "monotonic_ns", "now", "perf_counter", "perf_counter_ns", "process_time", "time", "time_ns", "utcnow"]
)
_RANDOM = frozenset(
    [
        "Generator",
        "Random",
        "RandomState",
        "choice",
        "choices",
        "default_rng",
        "manual_seed",
        "normal",
        "permutation",
        "rand",
        "randint",
        "randn",
        "random",
        "randperm",
        "randrange",
        "sample",
        "seed",
        "shuffle",
        "uniform",
    ]
)
_MEASURES = frozenset(
    [
        "Event",
        "accuracy_score",
        "allclose",
        "array_equal",
        "assert_allclose",
        "assert_close",
        "cross_entropy",
        "dump",
        "do_bench",
        "dumps",
        "elapsed_time",
        "exp",
        "f1_score",
        "float",
        "isclose",
        "len",
        "log",
        "log2",
        "mean_squared_error",
        "mse_loss",
        "nll_loss",
        "open",
        "print",
        "roc_auc_score",
        "round",
        "sqrt",
        "stdout",
        "sum",
        "synchronize",
        "timeit",
        "write",
    ]
)
_LIBRARIES = frozenset(
    [
        "F",
        "__builtins__",
        "builtins",
        "date",
        "datetime",
        "functional",
        "jax",
        "jnp",
        "json",
        "math",
        "metrics",
        "mx",
        "np",
        "numpy",
        "random",
        "secrets",
        "sklearn",
        "statistics",
        "sys",
        "testing",
        "tf",
        "time",
        "torch",
        "triton",
    ]
)
_FAKES = frozenset(["FakeClock", "freeze_time", "freezegun", "libfaketime", "time_machine"])
_KEPT = pattern(
    r"(?i)results?[/\\]memorylab|experiments\.jsonl|champion_challenger|agreed\.json|leaderboard|ground_?truth|gold(?:en)?[_.]|hidden_|private_"
    r"|(?:answers?|labels|expected|reference|solutions?)(?:_\w+)?\.(?:json|csv|npy|npz|pkl|txt|pt|parquet)"
    r"|(?:val|test|eval|holdout)_?(?:answers?|labels|targets|scores?|results?|metrics?|preds|predictions)\.\w+"
    r"|(?:best|last|prev|champion)_?(?:val_?)?(?:bpb|loss|score|metric|acc|auc|result|summary)\w*\.\w+"
    r"|(?:val|eval|test)_(?:bpb|loss|score|metric|acc|auc)\w*\.(?:json|txt|pkl|npy|csv)"
)
_LOGS = pattern(r"(?i)(?:^|[/\\])(?:results?\.tsv|run(?:-\d+)?\.log)$")
_READS = frozenset(
    [
        "copy",
        "copyfile",
        "exists",
        "fromfile",
        "genfromtxt",
        "glob",
        "listdir",
        "load",
        "loads",
        "loadtxt",
        "memmap",
        "open",
        "read",
        "read_bytes",
        "read_csv",
        "read_json",
        "read_parquet",
        "read_table",
        "read_text",
        "readlines",
    ]
)
_PICKS = frozenset(
    ["Subset", "drop", "dropna", "filter", "head", "islice", "query", "sample", "select", "shard", "take"]
)
_AMOUNT = pattern(
    r"(?i)^(?:(?:eval|val|valid|test|validation)_?(?:max_?)?(?:iters?|steps?|batches|tokens|size|samples?|num|n|examples|"
    r"frac|fraction|docs|seqs|len|limit|subset|bars|days)|(?:num|max|n)_(?:eval|val|test)_\w+)$"
)
_SPLIT = pattern(r"(?i)^(?:test|val|valid|validation|holdout)_(?:size|split|frac|fraction|ratio|pct|share)$")
_FEWER = pattern(
    r"(?i)^(?:max_\w+|limit|n_\w+|num_\w+|steps?|subset\w*|frac\w*|sample\w*|tokens|iters?|n|stride|every|skip\w*)$"
)


def patches(tree: ast.stmt) -> bool:
    """Whether a clock, a random source or a measure of a library is given another meaning."""
    if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        return tree.name in ("print", "float", "open") or any(
            expressions.last(one.func if isinstance(one, ast.Call) else one) in _FAKES for one in tree.decorator_list
        )
    if isinstance(tree, ast.Import | ast.ImportFrom):
        names = {getattr(tree, "module", None) or "", *(alias.name for alias in tree.names)}
        return bool(names & _FAKES)
    for target, _ in expressions.assignments(tree):
        if isinstance(target, ast.Attribute) and _is_library(target.value) and _measuring(target.attr):
            return True
        if isinstance(target, ast.Name) and target.id in ("print", "float", "open"):
            return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            last = expressions.last(node.func)
            given = [expressions.text(one) for one in node.args[:2]]
            named = last in ("setattr", "__setattr__", "object", "setitem") and len(node.args) > 1
            if named and _is_library(node.args[0]) and _measuring(given[1]):
                return True
            root, _, name = given[0].rpartition(".") if given else ("", "", "")
            if last in ("patch", "setattr") and root.partition(".")[0] in _LIBRARIES and _measuring(name):
                return True
            if last in _FAKES:
                return True
    return False


def _is_library(node: ast.expr) -> bool:
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and (root.id in _LIBRARIES or expressions.last(node) in _LIBRARIES)


def _measuring(name: str) -> bool:
    return name in _CLOCKS or name in _RANDOM or name in _MEASURES


def reads(tree: ast.stmt) -> bool:
    """Whether a file is opened whose name says that results, or the answers, are in it."""
    if not isinstance(
        tree, ast.Expr | ast.Assign | ast.AnnAssign | ast.With | ast.If | ast.For | ast.Return | ast.Assert
    ):
        return False
    texts = [
        one.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and len(one.value) < 300
    ]
    calls = {expressions.last(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    written = any(re.fullmatch(r"[wax]b?\+?t?", text) for text in texts)
    if calls & _READS and not written and any(_LOGS.search(text) for text in texts):
        return True
    if written or not any(_KEPT.search(text) for text in texts):
        return False
    paths = isinstance(tree, ast.Assign) and all(_KEPT.search(text) for text in texts if "/" in text or "." in text)
    return bool(calls & (_READS | {"Path", "join"})) or (paths and not calls)


def shrinks(tree: ast.stmt, removed: list[ast.stmt]) -> bool:
    """Whether less is measured: fewer steps of an evaluation, or a slice of its data."""
    for target, value in expressions.assignments(tree):
        if isinstance(target, ast.Name) and _AMOUNT.match(target.id) and isinstance(value, ast.Constant):
            for before in removed:
                for name, old in expressions.assignments(before):
                    if (
                        expressions.last(name) == target.id
                        and isinstance(old, ast.Constant)
                        and _less(value.value, old.value)
                    ):
                        return True
    parts = _parts(tree)  # a smaller part is held out
    if parts and any(_less(value, old.get(name)) for old in map(_parts, removed) for name, value in parts.items()):
        return True
    if _thinned(tree, removed):
        return True
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and expressions.EVALUATES.match(expressions.last(node.func))
    ]
    if not calls:
        return False
    earlier = [
        node
        for one in removed
        for node in ast.walk(one)
        if isinstance(node, ast.Call) and expressions.EVALUATES.match(expressions.last(node.func))
    ]
    return bool(earlier) and any(_narrowed(call, earlier) for call in calls)


def _thinned(tree: ast.stmt, removed: list[ast.stmt]) -> bool:
    """Whether what is held out is only a part of what it was: a slice, a subset, a sample."""
    for target, value in expressions.assignments(tree):
        name = expressions.last(target)
        if not expressions.tokens(name) & expressions.HELD_OUT or not _picks(value):
            continue
        earlier = [old for one in removed for to, old in expressions.assignments(one) if expressions.last(to) == name]
        itself = name in expressions.names(value)
        if (earlier or itself) and not any(map(_picks, earlier)) and not _train_named(value, name):
            return True
    return False


def _train_named(value: ast.expr, name: str) -> bool:
    """Whether a part of the training's is put aside, which is nobody's business."""
    said = [expressions.tokens(one) for one in expressions.names(value) if one != name]
    return any(one & expressions.TRAINED for one in said)


def _picks(value: ast.expr) -> bool:
    return any(
        isinstance(one, ast.Slice)
        or (isinstance(one, ast.Call) and expressions.last(one.func) in _PICKS)
        or (isinstance(one, ast.Subscript) and isinstance(one.slice, ast.Compare | ast.Name))
        for one in ast.walk(value)
    )


def _parts(tree: ast.stmt) -> dict[str, object]:
    """The shares that a statement holds out, by their names."""
    return {
        word.arg: word.value.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Call)
        for word in one.keywords
        if word.arg and _SPLIT.match(word.arg) and isinstance(word.value, ast.Constant)
    }


def _narrowed(call: ast.Call, earlier: list[ast.Call]) -> bool:
    same = [one for one in earlier if expressions.last(one.func) == expressions.last(call.func)]
    if not same:
        return False
    old = same[0]
    cut = any(isinstance(one, ast.Slice) for node in call.args for one in ast.walk(node))
    was = any(isinstance(one, ast.Slice) for node in old.args for one in ast.walk(node))
    if cut and not was:
        return True
    whole = {ast.dump(node) for node in old.args if isinstance(node, ast.Name)}
    if any(isinstance(node, ast.Subscript) and ast.dump(node.value) in whole for node in call.args):
        return True
    known = {word.arg: word.value for word in old.keywords}
    for word in call.keywords:  # a constant of the judge is left for a number
        named = isinstance(known.get(word.arg), ast.Name | ast.Attribute) and isinstance(word.value, ast.Constant)
        if named and not {"batch", "workers", "device", "seed", "verbose"} & expressions.tokens(word.arg or ""):
            return True
    for word in call.keywords:
        if word.arg and _FEWER.match(word.arg) and isinstance(word.value, ast.Constant):
            before = known.get(word.arg)
            if before is None or (isinstance(before, ast.Constant) and _less(word.value.value, before.value)):
                return True
    return False


def _less(new: object, old: object) -> bool:
    numbers = isinstance(new, int | float) and isinstance(old, int | float)
    return numbers and new < old  # type: ignore[operator]
