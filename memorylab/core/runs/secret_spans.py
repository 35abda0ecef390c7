"""Where in a text credentials stand. Literals are looked for first; patterns are tried only where one was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from memorylab.core.runs.secret_assignments import Span, assigned, compiled, named
from memorylab.core.runs.secret_names import kind
from memorylab.core.runs.secret_patterns import CONTEXTS, INSIDE, NAMED, TOKENS

REACH = 1 << 16
"""Characters that a credential and its context may take; what is cut out of a text needs so much on both sides."""

_BEGIN, _END = "-----begin", "-----end"
_WORTH_COMPILING = 60_000
"""Characters from which on one compiled search (4 ms to build, some 90 ns a character) beats a hundred plain ones."""

# What an escape leaves before the first letter: `\n` in JSON, `%3D` in an address, a colour's `\x1b[32m`.
_START = (
    r"(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u00[0-9A-Fa-f]{2})|(?<=\\x[0-9A-Fa-f]{2})"
    r"|(?<=\x1b\[m)|(?<=\x1b\[\dm)|(?<=\x1b\[\d\dm)|(?<=\x1b\[\d;\d\dm)|(?<=\x1b\[\d\d;\d;\d\dm)|(?<=\x1b\[\d\d;\d;\d{3}m)"
)
_PRIVATE = r"-----begin[ a-z0-9_-]{0,60}private key(?: block)?-----"
_PRIVATE_END = r"-----end[ a-z0-9_-]{0,60}private key(?: block)?-----"
_GAP = r"(?:\s|\\n|\\r|[>|\"',+#])*"
_BODY = (
    rf"{_GAP}(?:(?:[A-Za-z-]{{2,20}}: [^\n\\]{{0,200}}|[A-Za-z0-9+/=]{{16,}}|[A-Za-z0-9+/]{{1,15}}={{0,2}}(?=\s|\\n|$))"
    rf"{_GAP})+"
)


def spans(text: str) -> list[Span]:
    """The places of what looks like a credential, in order, none within another."""
    low = _small(text)
    ends = _Ends(low)
    found: list[Span] = []
    end = 0
    for position, literal, cased in _hits(text, low):
        if position < end and literal != _BEGIN:
            continue
        span = _at(text, ends, position, literal, cased, begins=position == end)
        if span is None or span[1] <= end:
            continue
        if span[0] < end:  # a key that begins within what was taken out already
            span = (found.pop()[0], span[1])
        found.append(span)
        end = span[1]
    return found


def anything(text: str) -> bool:
    """Whether something stands in JSON text that may be a credential, or a name that may announce one."""
    low = _small(text)
    for position, literal, cased in _hits(text, low):
        if cased:
            if _token(text, position, literal) is not None:
                return True
        elif literal not in NAMED or kind(named(text, position, position + len(literal))[1].strip("-.")):
            return True
    return False


def _small(text: str) -> str:
    """In small letters, at the same places: one letter (U+0130) becomes two, and then only ASCII is lowered."""
    low = text.lower()
    return low if len(low) == len(text) else text.translate({code: code + 32 for code in range(65, 91)})


class _Ends:
    """Where blocks end, looked for once however many begin."""

    def __init__(self, low: str) -> None:
        self.low = low
        self._found = -1

    def behind(self, place: int) -> int:
        """The first end from this place on, which never goes back; the text's end where there is none."""
        if self._found < place:
            found = self.low.find(_END, place)
            self._found = found if found >= 0 else len(self.low)
        return self._found


class _Seen:
    """How much was searched word by word; a search is compiled once that has cost as much."""

    characters = 0


def _hits(text: str, low: str) -> Iterator[tuple[int, str, bool]]:
    """Where a literal stands: its place, itself, and whether it is a prefix written in this very case."""
    _Seen.characters += len(text)
    if _Seen.characters > _WORTH_COMPILING:
        yield from _merged(_search(_searcher(True), text), _search(_searcher(False), low))
        return
    known = {literal: (text, True) for literal in _tokens() if literal in text}
    small = {literal: (low, False) for literal in _contexts() if literal in low}
    hits = [
        (at, word, cased)
        for words in (known, small)
        for word, (where, cased) in words.items()
        for at in _all(where, word)
    ]
    yield from sorted(hits)


def _all(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _search(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    at = 0
    while found := pattern.search(text, at):
        at = found.start() + 1
        yield found.start(), found.group()


def _merged(cased: Iterator[tuple[int, str]], small: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str, bool]]:
    """Both in the order of their places."""
    one, other = next(cased, None), next(small, None)
    while one or other:
        if other is None or (one is not None and one[0] <= other[0]):
            assert one is not None
            yield *one, True
            one = next(cased, None)
        else:
            yield *other, False
            other = next(small, None)


@cache
def _tokens() -> dict[str, tuple[bool, str]]:
    return {prefix: (prefix in INSIDE, rest) for _, prefixes, rest in TOKENS for prefix in prefixes.split()}


@cache
def _contexts() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {literal: [] for literal in (*NAMED, _BEGIN, _END)}
    for _, literal, rest in CONTEXTS:
        found.setdefault(literal, []).append(rest)
    return found


@cache
def _searcher(cased: bool) -> re.Pattern[str]:
    """All literals as one search, by their common beginnings; of two, the longer is tried first."""
    tree: dict[str, Any] = {}
    for word in _tokens() if cased else _contexts():
        branch = tree
        for sign in word:
            branch = branch.setdefault(sign, {})
        branch[""] = {}
    return re.compile(_alternatives(tree))


def _alternatives(tree: dict[str, Any]) -> str:
    parts = [re.escape(sign) + _alternatives(branch) for sign, branch in sorted(tree.items(), reverse=True) if sign]
    text = parts[0] if len(parts) == 1 and "" not in tree else f"(?:{'|'.join(parts)})" if parts else ""
    return f"{text}?" if parts and "" in tree else text


def _at(text: str, ends: _Ends, position: int, literal: str, cased: bool, *, begins: bool) -> Span | None:
    """The credential that the literal at this place begins, if it does; `begins` where another one ends there."""
    if cased:
        return _token(text, position, literal, begins)
    if literal in (_BEGIN, _END):
        return _block(text, ends, position, literal)
    behind = position + len(literal)
    for rest in _contexts()[literal]:
        if (found := compiled(rest).match(text, behind)) and not _taken_out(found[found.lastgroup or "s"]):
            return found.span(found.lastgroup or "s")
    return assigned(text, position, behind) if literal in NAMED else None


def _token(text: str, position: int, literal: str, begins: bool = False) -> Span | None:
    inside, rest = _tokens()[literal]
    if not (inside or begins) and text[position - 1 : position].isalnum() and not _escaped(text, position):
        return None
    if literal == ":AA" and not text[max(position - 8, 0) : position].isdigit():
        return None
    found = compiled(rest).match(text, position + len(literal))
    if found is None:
        return None
    begin = position - 32 if literal == "-us" else position
    return begin, found.end()


def _escaped(text: str, position: int) -> bool:
    """Whether the letter before this place ends an escape."""
    before = text[max(position - 12, 0) : position]
    return ("\\" in before or "%" in before or "\x1b" in before) and bool(compiled(_START).match(text, position))


def _block(text: str, ends: _Ends, position: int, literal: str) -> Span | None:
    """A private key from its first line to its last; where one of them is out of reach, what looks like its body."""
    if literal == _BEGIN:
        begin = compiled(_PRIVATE).match(ends.low, position)
        if begin is None:
            return None
        last = ends.behind(begin.end())
        if last - begin.end() < REACH and (end := compiled(_PRIVATE_END).match(ends.low, last)):
            return position, end.end()
        body = compiled(_BODY).match(text, begin.end())
        return position, body.end() if body else begin.end()
    end = compiled(_PRIVATE_END).match(ends.low, position)
    if end is None:
        return None
    start = position
    while start > 0:
        line = text.rfind("\n", max(start - 200, 0), start - 1) + 1
        if start - line > 200 or not _is_body(text[line:start].strip()):
            break
        start = line
    return start, end.end()


def _is_body(line: str) -> bool:
    return bool(line) and bool(compiled(r"[A-Za-z0-9+/=]+$").match(line))


def _taken_out(value: str) -> bool:
    return "[redacted" in value or value.startswith(("$", "{", "<", "***"))


def literals() -> Iterable[str]:
    """All that is looked for, for tests and measurements."""
    return (*_tokens(), *_contexts())
