"""Patches and Python in colours, as data: what is escaped and how it looks is the template's affair."""

from __future__ import annotations

import difflib
import keyword
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from memorylab.core.runs.redact import plain
from memorylab.render.escape import shorten
from memorylab.tuples import NamedTuple

LINES = 2_000
"""Lines shown of a patch; a longer one is offered as a file."""
WIDTH = 500
_MARKED, _ALL = 10_000, 300_000
"""Words times words that are compared between two lines, and in a whole patch: a time with their square, or worse."""
_TOKEN = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<string>[rbfuRBFU]{0,2}(?:\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*'))"
    r"|(?P<number>\b\d[\w.]*)"
    r"|(?P<word>[A-Za-z_]\w*)"
)
_WORDS = re.compile(r"\d[\w.]*|\w+|\s+|[^\w\s]")
_HEADS = ("diff ", "index ", "--- a/", "+++ b/", "--- /dev", "# not committed")
"""What begins a file in the middle of a patch."""
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


class Part(NamedTuple):
    """A piece of a line and what it is: a keyword, a number …; `changed` where it differs from the other side."""

    kind: str
    text: str
    changed: bool = False


class Line(NamedTuple):
    """A line of a patch with its number on either side."""

    kind: str
    """`add`, `del`, `same`, `hunk` or `file`."""
    old: int | None
    new: int | None
    parts: list[Part]


def patch(text: str) -> list[Line]:
    """The lines of a patch, at most `LINES` of them and a word about the rest."""
    reader = _Reader()
    rows = text.split("\n", LINES)
    for row in rows[:LINES]:
        reader.take(shorten(plain(row.rstrip("\r").replace("\r", " "), newlines=True).expandtabs(4), WIDTH))
    reader.pair()
    if rows[LINES:] not in ([], [""]):
        reader.lines.append(Line("file", None, None, [Part("", f"… only the first {LINES:,} lines are shown here")]))
    return reader.lines


class _Reader:
    """Reads a patch row by row and keeps what was removed and added until it is known what stands for what."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._old = self._new = 0
        self._removed: list[int] = []
        self._added: list[int] = []
        self._inside = False
        self._left = _ALL

    def take(self, row: str) -> None:
        """Read one row."""
        if found := _HUNK.match(row):
            self.pair()
            self._old, self._new, self._inside = int(found[1][:9]), int(found[2][:9]), True
            self.lines.append(Line("hunk", None, None, [Part("", row)]))
        elif not self._inside or row.startswith(_HEADS):
            self.pair()
            self._inside = self._inside and not row.startswith("diff ")
            if row:
                self.lines.append(Line("file", None, None, [Part("", row)]))
        elif row.startswith("-"):
            if self._added:
                self.pair()
            self._removed.append(len(self.lines))
            self._add("del", row)
        elif row.startswith("+"):
            self._added.append(len(self.lines))
            self._add("add", row)
        elif row:
            self.pair()
            self._add("same", row)

    def _add(self, kind: str, row: str) -> None:
        old, new = (self._old if kind != "add" else None), (self._new if kind != "del" else None)
        self.lines.append(Line(kind, old, new, list(_python(row[1:]))))
        self._old += kind != "add"
        self._new += kind != "del"

    def pair(self) -> None:
        """Mark what differs between lines that stand for each other: as many removed as added, in their order."""
        if len(self._removed) == len(self._added):
            for before, after in zip(self._removed, self._added, strict=True):
                old, new = self.lines[before], self.lines[after]
                was, now = self._differing(_text(old), _text(new))
                self.lines[before] = old._replace(parts=_mark(old.parts, was))
                self.lines[after] = new._replace(parts=_mark(new.parts, now))
        self._removed.clear()
        self._added.clear()

    def _differing(self, old: str, new: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """The places of the characters that differ, word by word; none where marks would only distract."""
        a, b = _WORDS.findall(old), _WORDS.findall(new)
        size = len(a) * len(b)
        if size > min(_MARKED, self._left):
            return [], []
        self._left -= size
        matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
        if matcher.quick_ratio() < 0.4 or matcher.ratio() < 0.4:
            return [], []
        codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
        return [_place(a, *code[1:3]) for code in codes], [_place(b, *code[3:5]) for code in codes]


def _text(line: Line) -> str:
    return "".join(part.text for part in line.parts)


def _place(words: list[str], start: int, end: int) -> tuple[int, int]:
    begin = sum(map(len, words[:start]))
    return begin, begin + sum(map(len, words[start:end]))


def _mark(parts: list[Part], places: list[tuple[int, int]]) -> list[Part]:
    """The parts, cut where a place begins or ends."""
    places = [place for place in places if place[0] < place[1]]
    if not places:
        return parts
    cuts = sorted({cut for place in places for cut in place})
    found: list[Part] = []
    position = 0
    for part in parts:
        text = part.text
        end = position + len(text)
        inner = cuts[bisect_right(cuts, position) : bisect_left(cuts, end)]
        for first, last in pairwise((position, *inner, end)):
            changed = any(start <= first < stop for start, stop in places)
            found.append(Part(part.kind, text[first - position : last - position], changed))
        position = end
    return found


def _python(text: str) -> Iterator[Part]:
    end = 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind == "word":
            kind = "keyword" if keyword.iskeyword(found[0]) else "constant" if found[0].isupper() else ""
        if not kind:
            continue
        if found.start() > end:
            yield Part("", text[end : found.start()])
        yield Part(kind, found[0])
        end = found.end()
    if end < len(text):
        yield Part("", text[end:])
