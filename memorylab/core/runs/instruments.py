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
        "run",
        "check_output",
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
        "pandas",
        "pd",
        "scipy",
        "numpy",
        "random",
        "secrets",
        "sklearn",
        "statistics",
        "subprocess",
        "sys",
        "testing",
        "tf",
        "time",
        "torch",
        "triton",
    ]
)
_STATISTICS = expressions.REDUCES | {"argmax", "argmin", "array", "asarray", "nanstd", "pstdev", "std", "stdev", "var"}
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
    return name in _CLOCKS or name in _RANDOM or name in _MEASURES or name in _STATISTICS


def ends_early(tree: ast.stmt) -> bool:
    """Whether code that is written out ends the program as if all were well."""
    return any(re.search(r"(?:_exit|\bexit)\(0?\)", text) for text in expressions.texts(tree))


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
