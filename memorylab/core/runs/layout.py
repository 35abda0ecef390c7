"""Which files an experiment changes and which ones judge it, told from the script that is run and what it imports.

Sources in, names out. What can't be told is named, so that somebody can be asked.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from memorylab.core.reading import blocks
from memorylab.core.reading.effort import MOST_PARSED
from memorylab.tuples import NamedTuple

_JUDGING = r"prepare|eval\w*|judge|judging|scor(?:e|er|ing)|metrics?|backtest\w*|bench\w*|grad(?:er?|ing)|validat\w*"
_JUDGE_FILE = re.compile(rf"(?:^|_)(?:{_JUDGING})(?:_|$)|^test_", re.IGNORECASE)
_DATA_FILE = re.compile(
    r"(?:^|_)(?:\w*data|data\w*|dataset\w*|dataload\w*|loaders?|splits?|corpus|tokeni[sz]er\w*)(?:_|$)"
)
_EVALUATES = re.compile(
    r"^_*(?:eval(?:uate|uation)?|judge|score|metrics?|backtest|benchmark|validate|estimate)(?:_|\d|$)"
)
_TRAINS = re.compile(r"(?:^|_)(?:train|trainer|training|fit|loss_fn|step)(?:_|$)")
_MOST = 200


class Layout(NamedTuple):
    """What was found."""

    mutable: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    """Files, and functions of files that experiments change (`train.py:evaluate`)."""
    unknown: tuple[str, ...] = ()
    """Files that take part and may be either."""
    shared: str = ""
    """The file in which training and evaluation stand together."""


def infer(scripts: Sequence[str], sources: Mapping[str, str], beside: Iterable[str], metric: str) -> Layout:
    """Tell the parts of files apart.

    Args:
        scripts: what the command runs, in its order.
        sources: every file of the workspace that Python may import, by its name.
        beside: other files next to the scripts, whose names may say that they judge.
        metric: the measurement that decides, whose name may be in that of an evaluation.

    """
    judges = [name for name in scripts if _is_judge(name, sources, metric, run=True)]
    trained = _reached([name for name in scripts if name not in judges], sources, metric)
    measured = _reached(judges, sources, metric)
    mutable = [name for name in (*trained.own, *measured.own) if name not in judges]
    found = list(dict.fromkeys((*judges, *trained.judges, *measured.judges, *measured.data)))
    found += [name for name in beside if _is_named_judge(name) and name not in (*found, *mutable)]
    # What only judges import belongs to them.
    closure = _reached(found, sources, metric, across=True)
    found += [name for name in closure.own if name not in (*found, *mutable)]
    unknown = tuple(name for name in trained.data if name not in found and name not in mutable)
    if not mutable and judges:  # a judge that imports nothing is a loop of its own
        mutable, found = judges, [name for name in found if name not in judges]
    shared = "" if found else next((name for name in mutable if evaluations(sources.get(name, ""), metric)), "")
    inside = tuple(f"{shared}:{name}" for name in evaluations(sources[shared], metric)) if shared else ()
    return Layout(tuple(dict.fromkeys(mutable)), (*found, *inside), unknown, shared)


def evaluations(source: str, metric: str) -> list[str]:
    """Functions of a source that measure, and its settings of how much is measured, by their names."""
    tree = _tree(source)
    if tree is None:
        return []
    words = {word for word in re.split(r"[^a-z0-9]+", metric.lower()) if len(word) > 2}
    words -= {"val", "loss", "train", "test"}
    functions, settings = [], []
    for node in _statements(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _TRAINS.search(node.name):
            if _EVALUATES.match(node.name) or words & set(node.name.lower().split("_")):
                functions.append(node.name)
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            settings += [name for name in names if re.match(r"(?i)(?:eval|val|test)_", name) and "every" not in name]
    constants = [name for name in settings if not name.endswith("_interval")]
    return list(dict.fromkeys([*functions, *(constants if functions else [])]))


def _statements(tree: ast.Module) -> list[ast.stmt]:
    """The statements of a module's own level, those under an `if` or `try` among them."""
    found: list[ast.stmt] = []
    for node in tree.body:
        found.append(node)
        if isinstance(node, ast.Try):
            found += node.body
    return found


class _Reached(NamedTuple):
    own: list[str]
    judges: list[str]
    data: list[str]


def _reached(starts: Sequence[str], sources: Mapping[str, str], metric: str, across: bool = False) -> _Reached:
    """The files that are imported from some, in three kinds; judges are not gone through but when `across`."""
    own, judges, data = dict.fromkeys(starts), dict[str, None](), dict[str, None]()
    queue = list(starts)
    while queue and len(own) < _MOST:
        for name in imported(queue.pop(0), sources):
            if name in own or name in judges or name in data or not sources[name].strip():
                continue
            if not across and _is_judge(name, sources, metric):
                judges[name] = None
            elif not across and _DATA_FILE.search(_stem(name).lower()):
                data[name] = None
            else:
                own[name] = None
                queue.append(name)
    return _Reached(list(own), list(judges), list(data))


def _is_named_judge(name: str) -> bool:
    return _JUDGE_FILE.search(_stem(name)) is not None


def _is_judge(name: str, sources: Mapping[str, str], metric: str, run: bool = False) -> bool:
    """Whether a file judges: by its name, or, where it is not what is run, by the functions that it defines."""
    stem = _stem(name)
    if re.search(r"(?:^|_)(?:train|training|trainer|models?)(?:_|$)", stem.lower()):
        return False
    if _is_named_judge(name):
        return True
    return not run and any(not one.isupper() for one in evaluations(sources.get(name, ""), metric))


def imported(name: str, sources: Mapping[str, str]) -> list[str]:
    """The files of the workspace that a source imports, or names as a script to run, in its order."""
    tree = _tree(sources.get(name, ""))
    if tree is None:
        return []
    folder = posixpath.dirname(name)
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        wanted: list[str] = []
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = folder.split("/")[: -(node.level - 1) or None]
                base = ".".join(part for part in (*above, base) if part)
            wanted = [base, *(f"{base}.{alias.name}" if base else alias.name for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".py"):
            path = node.value.removeprefix("./")
            found |= dict.fromkeys(one for one in (path, posixpath.join(folder, path)) if one in sources)
        for module in wanted:
            if file := _file_of(module, folder, sources):
                found[file] = None
    found.pop(name, None)
    return list(found)


def _file_of(module: str, folder: str, sources: Mapping[str, str]) -> str:
    """The file of a module: beside the script, from the top of the workspace, or from `src`."""
    path = module.replace(".", "/")
    for root in (folder, "", "src"):
        for tail in (f"{path}.py", f"{path}/__init__.py"):
            if path and (whole := posixpath.join(root, tail)) in sources:
                return whole
    return ""


def _stem(name: str) -> str:
    return posixpath.splitext(posixpath.basename(name))[0]


def _tree(source: str) -> ast.Module | None:
    if not source or len(source) > MOST_PARSED:
        return None
    try:
        return blocks.parse(source)
    except (SyntaxError, RecursionError):
        return None
