"""What a reported number is made of: the lines of a source that lead to it, but for what a model gives.

A backward slice by names, one scope a function. It ends where a model, a strategy or a prompt begins: what those do is
what experiments change; what is done with their answers is the measuring.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions
from memorylab.tuples import NamedTuple

MODELS = frozenset(
    ["act", "agent", "apply", "booster", "build", "chat", "classifier", "clf", "collect", "complete", "ema", "encoder",
     "extract", "feature", "features", "forward", "generate", "generator", "learner", "model", "models", "momentum",
     "net", "network", "opt", "optimizer", "params", "parse", "pipe", "policy", "predict", "predictor", "reg",
     "regressor", "respond", "retrieve", "search", "signal", "signals", "solve", "state", "strategy", "train",
     "trainer", "transform"]
)  # fmt: skip
"""Words of what experiments change."""
PRODUCED = frozenset(
    ["action", "actions", "answer", "forecast", "forecasts", "guess", "guesses", "logits", "oof", "pos", "position",
     "positions", "pred", "prediction", "predictions", "preds", "prob", "proba", "probs", "sql", "weight", "weights",
     "yhat"]
)  # fmt: skip
"""Words of what those give."""
_ASKS = pattern(r"(?i)\b\w*(?:ask|chat|complet|llm|prompt)\w*\b")
_SET = pattern(r"([\w.,\[\]\"' ()*:+-]+?)\s*(?::\s*[\w.\[\], |]+)?(?<![=!<>])([-+*/|&@]?)=(?!=)\s*(.+)", re.DOTALL)
_ADDED = pattern(r"([\w.]+)\.(?:append|extend|add|update|insert)\((.+)", re.DOTALL)
_OVER = pattern(r"(?:async +)?for +(.+?) +in +(.+)", re.DOTALL)
_HEAD = pattern(r"^([ \t]*)(?:async +)?(def|class) +(\w+)", re.MULTILINE)
_MODEL = pattern(r"(?i)(?:regressor|classifier|model|net|forest|boost|parser?)$")
_INPUTS = frozenset(["device", "images", "input", "inputs", "x", "xb", "xs"])
_NAME = pattern(r"(?<![\w\"'])[A-Za-z_]\w*(?!\w*[\"'])(?!\s*=[^=])")
_ROOT = pattern(r"\s*\*?\(?(?:self\.)?([A-Za-z_]\w*)")
_CALLED = pattern(r"[A-Za-z_][\w.]*\(")
_MOST = 400


class Flow(NamedTuple):
    """A line: which names it sets, and by what."""

    targets: tuple[str, ...]
    text: str
    loop: str
    """What the innermost loop about it goes over, "" for a count."""


class Slice(NamedTuple):
    """The names that lead to the number, each with its function ("" for the file's own level)."""

    names: frozenset[tuple[str, str]] = frozenset()
    texts: tuple[str, ...] = ()
    loops: frozenset[str] = frozenset()
    """What the loops about those lines go over."""

    def has(self, scope: str, name: str) -> bool:
        """Whether a name, in a function, leads to the number."""
        return (scope, name) in self.names

    def alone(self, name: str, source: str) -> bool:
        """Whether a name is used by lines of the slice only."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        return len(word.findall(source)) <= 1 + sum(len(word.findall(text)) for text in self.texts)


class _Source:
    """A source by its functions, each read when something asks for it."""

    def __init__(self, source: str) -> None:
        self.functions: dict[str, str] = {}
        rest, at = list[str](), 0
        for match in _HEAD.finditer(source):
            indent = len(match[1])
            end = _ends(indent).search(source, match.end())
            stop = end.start() if end else len(source)
            if match[2] == "def":
                self.functions[match[3]] = source[match.end() : stop]
            if indent == 0 and match.start() >= at:
                rest.append(source[at : match.start()])
                at = stop
        self.functions[""] = "".join([*rest, source[at:]])
        self._read: dict[str, dict[str, list[Flow]]] = {}

    def flows(self, scope: str) -> dict[str, list[Flow]]:
        """What a function sets, by the names."""
        if scope not in self._read:
            found = self._read[scope] = {}
            for flow in _flows(self.functions[scope]):
                for target in flow.targets:
                    found.setdefault(target, []).append(flow)
        return self._read[scope]


@lru_cache(maxsize=16)
def _ends(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n(?=[ \t]{{0,{indent}}}[^\s)#\]}}])")


def to_the_number(source: str, label: str, carriers: Iterable[str], measuring: Callable[[str], bool]) -> Slice:
    """Follow the names back from those that carry the number, and from what functions that measure give back."""
    read = _Source(source)
    queue = [(name, "return") for name in read.functions if measuring(name)]
    for scope, text in read.functions.items():
        if not scope or label in text:
            queue += [(scope, name) for name in carriers if name in text]
    queue += [(name, "return") for name in carriers if name in read.functions]
    found, texts, loops = set(queue), list[str](), set[str]()
    while queue and len(found) < _MOST:
        scope, target = queue.pop()
        for flow in read.flows(scope).get(target, []):
            texts.append(flow.text)
            loops.add(flow.loop)
            for name in _used(flow):
                owner = scope if name in read.flows(scope) else ""
                known = [(owner, name)] if owner or name in read.flows("") else []
                followed = name in read.functions and (measuring(name) or not _ASKS.search(read.functions[name]))
                for one in (*known, *([(name, "return")] if followed else [])):
                    if one not in found:
                        found.add(one)
                        queue.append(one)
    return Slice(frozenset(found), tuple(texts), frozenset(loops - {""}))


def _used(flow: Flow) -> set[str]:
    names = set(_NAME.findall(without_models(flow.text))) | set(_NAME.findall(without_models(flow.loop)))
    return {one for one in names if not is_model(one) and not expressions.tokens(one) & (expressions.TRAINED | _INPUTS)}


@lru_cache(maxsize=4096)
def is_model(name: str) -> bool:
    """Whether a name is one of what experiments change, or of what that gives."""
    words = expressions.tokens(name.lower() if name.isupper() else name)
    if expressions.EVALUATES.match(name.rpartition(".")[2]):
        return False
    return bool(words & (MODELS | PRODUCED)) or _MODEL.search(name) is not None


def without_models(text: str) -> str:
    """A text without what models are given."""
    at, kept = 0, []
    for call in _CALLED.finditer(text):
        if call.start() < at or not is_model(call.group()[:-1].replace(".", "_")):
            continue
        kept.append(text[at : call.start()])
        depth, at = 1, call.end()
        while at < len(text) and depth:
            depth += (text[at] == "(") - (text[at] == ")")
            at += 1
    return "".join([*kept, text[at:]])


def _flows(source: str) -> Iterator[Flow]:
    loops: list[tuple[int, str]] = []
    for indent, text in _logical(source):
        while loops and loops[-1][0] >= indent:
            loops.pop()
        loop = loops[-1][1] if loops else ""
        if text[0] in "fa" and (match := _OVER.match(text)):
            over = match[2].rstrip(": ")
            loops.append((indent, "" if over.startswith("range(") else over))
            yield Flow(_roots(match[1]), over, "")
        elif text.startswith("return"):
            yield Flow(("return",), text[6:], "")
        elif text.startswith(("if ", "while ", "assert ", "elif ", "print(")):
            continue
        elif "=" in text and (match := _SET.match(text)):
            yield Flow(_roots(match[1]), match[3] if not match[2] else text, loop)
        elif match := _ADDED.match(text):
            yield Flow(_roots(match[1]), match[2], loop)


def _roots(text: str) -> tuple[str, ...]:
    bare = re.sub(r"\[[^\]]*\]", "", text)
    return tuple(match[1] for part in bare.split(",") if (match := _ROOT.match(part)))


def _logical(source: str) -> Iterable[tuple[int, str]]:
    """The lines of a source with their indentation, those in brackets joined; comments of whole lines are left out."""
    held, depth, quoted = "", 0, False
    for line in source.split("\n"):
        if quoted or '"""' in line or "'''" in line:
            quoted ^= (line.count('"""') + line.count("'''")) % 2 == 1
            held = f"{held}\n{line}" if held else line
            if quoted:
                continue
        else:
            bare = line.lstrip()
            if not bare or bare[0] == "#":
                continue
            held = f"{held}\n{line}" if held else line
            depth += (
                line.count("(")
                + line.count("[")
                + line.count("{")
                - line.count(")")
                - line.count("]")
                - line.count("}")
            )
        if depth > 0 and len(held) < 4000:
            continue
        stripped = held.lstrip()
        yield len(held) - len(stripped), stripped
        held, depth = "", 0
