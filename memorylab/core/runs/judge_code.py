"""Whether an edit reaches for its own judge: code added to a file that may change, held against the protected ones.

Never executes anything. Most edits name nothing that the judge defines, and then neither file is parsed.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from memorylab.core.lazily import pattern
from memorylab.core.reading import blocks
from memorylab.core.reading.effort import MAX_SOURCE
from memorylab.core.runs import expressions
from memorylab.core.runs.judges import Judge as Judge
from memorylab.core.runs.judges import judge_of as judge_of
from memorylab.tuples import NamedTuple

_SETS = pattern(r"\.(\w+)(?:\.\w+)*\s*=(?!=)")
_LISTS = pattern(r"\b(?:glob|iglob|listdir|rglob|scandir|walk)\(")
_SETTERS = ("setattr", "delattr")
_METHODS = ("__setattr__", "__delattr__")
_CHANGING = ("update", "setdefault", "pop", "popitem", "clear", "__setitem__", "__delitem__", "__ior__")
"""Methods by which a dictionary is changed: that of a module, sys.modules, globals()."""
_ROUNDABOUT = {*_SETTERS, *_METHODS, *_CHANGING, "__dict__", "__import__", "import_module", "modules", "patch", "exec"}
_ROUNDABOUT |= {"f_globals", "globals", "vars", "spec_from_file_location", "builtins"}
"""Words without which no name is set that isn't written out."""
COMPUTED, ITSELF = "a computed name", "the module"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Touch(NamedTuple):
    """One way in which an edit touches the judge: `patched`, `redefined`, `unused` or `read`, and the name."""

    how: str
    name: str
    judge: str


def added(old: Mapping[str, str | None], new: Mapping[str, str | None], judges: Iterable[Judge]) -> list[Touch]:
    """How the new files touch the judges where the old ones did not; a file without an earlier version isn't judged."""
    found: list[Touch] = []
    for name, after in new.items():
        before = old.get(name)
        if not name.endswith(".py") or before is None or after is None or before == after:
            continue
        if max(len(before), len(after)) > MAX_SOURCE:
            continue
        others = [source for other, source in new.items() if source and other != name]
        for judge in judges:
            found += [Touch("read", one, judge.file) for one in sorted(judge.data) if _read_now(one, before, after)]
            if judge.names and _concerns(before, after, judge):
                found += [touch for touch in _in_file(before, after, judge) if not _elsewhere(touch, others)]
    return list(dict.fromkeys(found))


def _read_now(name: str, before: str, after: str) -> bool:
    """Whether a file of the judge's is named where none of that name was."""
    folder, base = posixpath.split(name)
    if base in after and base not in before:
        return True
    listed = re.compile(rf"[\"']{re.escape(folder)}/?[\"'*]") if "/" in name else None
    return (
        listed is not None
        and _LISTS.search(after) is not None
        and bool(listed.search(after))
        and not listed.search(before)
    )


def _elsewhere(touch: Touch, others: Iterable[str]) -> bool:
    """Whether a file no longer asks the judge because another one does."""
    return touch.how == "unused" and any(re.search(rf"\b{touch.name}\b", source) for source in others)


def _concerns(before: str, after: str, judge: Judge) -> bool:
    """Whether what differs names the judge, something of it, or a way to set a name that isn't written out."""
    a, b = Counter(before.splitlines()), Counter(after.splitlines())
    differing = "\n".join([*(a - b), *(b - a)])
    words = set(re.findall(r"\w+", differing))
    modules = {part for module in judge.modules for part in module.split(".")}
    if not judge.imports.isdisjoint(_SETS.findall(differing)):
        return True
    return bool(words & (judge.constants | judge.evaluation | judge.names | modules | _ROUNDABOUT))


def _in_file(before: str, after: str, judge: Judge) -> list[Touch]:
    try:
        old, new = _Reading(blocks.parse(before), judge), _Reading(blocks.parse(after), judge)
    except (SyntaxError, RecursionError):
        return []  # it doesn't run either
    found = [touch for touch in new.patches() if touch not in set(old.patches())]
    known = {*old.imported.values(), *new.imported.values()}
    earlier = set(old.bound())
    guarded = judge.constants | judge.evaluation
    found += [
        Touch("redefined", name, judge.file) for name in new.bound() if name in guarded & known and name not in earlier
    ]
    used = old.used() & judge.evaluation
    if used and not new.used() & judge.evaluation and not any(touch.how == "redefined" for touch in found):
        found += [Touch("unused", name, judge.file) for name in sorted(used)]
    return list(dict.fromkeys(found))


class _Reading:
    """One source: how it names the judge, and what it does to those names."""

    def __init__(self, tree: ast.Module, judge: Judge) -> None:
        self.judge = judge
        self.nodes = list(ast.walk(tree))
        loaded = (*judge.modules, "__main__")
        self.modules = {f"sys.modules{form.format(module)}" for module in loaded for form in ("[{!r}]", ".get({!r})")}
        for call in ("importlib.import_module", "import_module", "__import__", "builtins.__import__"):
            self.modules |= {f"{call}({module!r})" for module in judge.modules}
        self.setters = {*_SETTERS}
        self.imported: dict[str, str] = {}
        """Local name → name in the judge."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name in (*judge.modules, "__main__"):
                        self.modules.add(alias.asname or alias.name)
            elif isinstance(node, ast.ImportFrom):
                self._from(node)
        self.roots = {re.split(r"[.\[(]", module)[0] for module in self.modules}
        self._follow()

    def _follow(self) -> None:
        """Other names for the judge's module and for `setattr`."""
        for node in self.nodes:
            if not isinstance(node, ast.Assign | ast.NamedExpr):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            if expressions.last(node.value) in self.setters:
                self.setters |= names
            elif self._is_judge(node.value):
                self.modules |= names
                self.roots |= names

    def _from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            whole = f"{node.module}.{alias.name}" if node.module else alias.name
            if node.module in self.judge.modules:
                if alias.name == "*":
                    self.imported |= {name: name for name in self.judge.names}
                else:
                    self.imported[alias.asname or alias.name] = alias.name
            elif whole in self.judge.modules:
                self.modules.add(alias.asname or alias.name)

    def patches(self) -> list[Touch]:
        """Names of the judge that are set from outside: by assignment, deletion or `setattr`."""
        found = [self._patched(target) for target in self._targets() if not isinstance(target, ast.Name)]
        found += [self._patched_by(node) for node in self.nodes if isinstance(node, ast.Call)]
        return [Touch("patched", name, self.judge.file) for name in dict.fromkeys(found) if name]

    def bound(self) -> list[str]:
        """Names that this file gives a meaning of its own, in any of its functions too; parameters are no such."""
        found = [target.id for target in self._targets() if isinstance(target, ast.Name)]
        for node in self.nodes:
            if isinstance(node, _Function | ast.ClassDef):
                found.append(node.name)
            elif isinstance(node, ast.ImportFrom) and node.module not in self.judge.modules:
                found += [alias.asname or alias.name for alias in node.names]
        return list(dict.fromkeys(self.imported.get(name, name) for name in found))

    def used(self) -> set[str]:
        """What of the judge is read here."""
        found = set()
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self.imported:
                found.add(self.imported[node.id])
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and self._is_judge(node.value):
                found.add(node.attr)
        return found

    def _targets(self) -> Iterator[ast.expr]:
        for node in self.nodes:
            if isinstance(node, ast.Assign | ast.Delete):
                given = node.targets
            elif isinstance(node, ast.AugAssign | ast.NamedExpr | ast.For) or (
                isinstance(node, ast.AnnAssign) and node.value is not None
            ):
                given = [node.target]
            else:
                continue
            for target in given:
                yield from _flat(target)

    def _patched(self, target: ast.expr) -> str:
        """The judge's name that a target such as `prepare.Corpus.verify` is set through, "" where there is none."""
        while isinstance(target, ast.Attribute | ast.Subscript):
            inner = target.value
            if isinstance(target, ast.Subscript) and (
                named := self._in_dictionary(inner, expressions.text(target.slice))
            ):
                return named
            if isinstance(target, ast.Attribute) and self._is_judge(inner):
                known = self.judge.names | self.judge.imports | {"__dict__"}
                return target.attr if target.attr in known else ""
            if isinstance(inner, ast.Name) and self.imported.get(inner.id) in self.judge.names:
                return self.imported[inner.id]
            target = inner
        return ""

    def _in_dictionary(self, node: ast.expr, key: str) -> str:
        """What is set in a dictionary of names: the judge's own, that of all modules, or this file's."""
        if isinstance(node, ast.Attribute) and node.attr == "__dict__" and self._is_judge(node.value):
            return key or COMPUTED
        if isinstance(node, ast.Attribute) and node.attr == "f_globals":
            return key if key in self.judge.names | self.judge.imports else ""
        if isinstance(node, ast.Call) and expressions.last(node.func) in ("vars", "globals"):
            if node.args:
                return (key or COMPUTED) if self._is_judge(node.args[0]) else ""
            return key if self.imported.get(key) in self.judge.constants | self.judge.evaluation else ""
        return ITSELF if expressions.last(node) == "modules" and key in self.judge.modules else ""

    def _patched_by(self, call: ast.Call) -> str:
        """The same of a call: `setattr(prepare, "EVAL_TOKENS", 1)`, `patch.object(prepare, …)`, `exec(…)`."""
        last, given = expressions.last(call.func), call.args
        first = given[0] if given else None
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if last in _CHANGING and owner is not None:
            keys = [expressions.text(first), *(word.arg or "" for word in call.keywords)]
            keys += [expressions.text(key) for key in first.keys] if isinstance(first, ast.Dict) else []
            said = [key for key in keys if key] or [""]
            return next((named for key in said if (named := self._in_dictionary(owner, key))), "")
        if last in _METHODS and owner is not None and self._is_judge(owner):
            return expressions.text(first) or COMPUTED
        if first is None:
            return ""
        if last == "exec":
            return self._named_in(expressions.text(first))
        if last == "spec_from_file_location":
            return ITSELF if expressions.text(first) in self.judge.modules else ""
        if last not in (*self.setters, *_METHODS, "object", "patch", "dict"):
            return ""
        module, _, name = expressions.text(first).rpartition(".")
        if module in self.judge.modules or last == "dict":
            return name or self._in_dictionary(first, "")
        named = expressions.text(given[1]) if len(given) > 1 else ""
        if self._is_judge(first):
            return named if named in self.judge.names | self.judge.imports else "" if named else COMPUTED
        return self._patched(ast.Attribute(first, named)) if named else ""

    def _named_in(self, source: str) -> str:
        """A constant or evaluation of the judge that a text of code names."""
        guarded = self.judge.constants | self.judge.evaluation
        return next((word for word in re.findall(r"\w+", source) if word in guarded), "")

    def _is_judge(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.modules
        if isinstance(node, ast.BoolOp):
            return any(map(self._is_judge, node.values))
        root: ast.expr = node
        while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
            root = root.func if isinstance(root, ast.Call) else root.value
        # To write an expression out costs more than all the rest.
        return isinstance(root, ast.Name) and root.id in self.roots and ast.unparse(node) in self.modules


def _flat(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        for item in target.elts:
            yield from _flat(item)
    else:
        yield target.value if isinstance(target, ast.Starred) else target
