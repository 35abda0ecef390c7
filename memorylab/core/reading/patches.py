"""A unified diff as data: its files and hunks, put onto a text in either direction where they fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from memorylab.tuples import NamedTuple

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)")
_MISSING = "/dev/null"
_MOST_LOOKED = 5_000_000
"""Lines that are looked at for the places of a patch's hunks: half a second. One that asks for more doesn't fit."""


class Hunk(NamedTuple):
    """One place of a file: where it was, the old lines and the new ones, and what git says that they are in."""

    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    section: str


class FilePatch(NamedTuple):
    """What a patch does to one file; a name is "" where the file is made or deleted."""

    old_name: str
    new_name: str
    hunks: tuple[Hunk, ...]


def read_patch(text: str) -> list[FilePatch]:
    """The files of a unified diff, with or without git's headers; [] where there is none in the text."""
    lines = text.splitlines()
    out: list[FilePatch] = []
    names = ["", ""]
    hunks: list[Hunk] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("--- ") and at + 2 < len(lines) and lines[at + 1].startswith("+++ "):
            _close(out, names, hunks)
            names = [_name(line), _name(lines[at + 1])]
            hunks = []
            at += 2
        elif found := _HUNK.match(line):
            hunk, at = _hunk(lines, at + 1, found)
            hunks.append(hunk)
        else:
            at += 1
    _close(out, names, hunks)
    return out


def _close(out: list[FilePatch], names: Sequence[str], hunks: Sequence[Hunk]) -> None:
    if hunks and any(names):
        out.append(FilePatch(names[0], names[1], tuple(hunks)))


def _name(line: str) -> str:
    name = line[4:].partition("\t")[0].strip().strip('"')
    return "" if name == _MISSING else name[2:] if name[:2] in ("a/", "b/") else name


def _hunk(lines: Sequence[str], at: int, found: re.Match[str]) -> tuple[Hunk, int]:
    """The hunk whose body begins at a line, and the line behind it; one that was cut short is taken as it is."""
    left, right = int(found[2] or 1), int(found[4] or 1)
    old: list[str] = []
    new: list[str] = []
    while at < len(lines) and (len(old) < left or len(new) < right):
        mark, text = lines[at][:1], lines[at][1:]
        if mark in ("-", " ", ""):
            old.append(text)
        if mark in ("+", " ", ""):
            new.append(text)
        if mark not in ("-", "+", " ", "", "\\"):
            break
        at += 1
    return Hunk(int(found[1]), tuple(old), tuple(new), found[5]), at


def apply(patch: FilePatch, text: str, *, back: bool = False) -> str | None:
    """The text with the patch put onto it, or taken `back`; None where a hunk's lines aren't found."""
    lines = text.splitlines()
    moved, looked = 0, 0
    for hunk in patch.hunks:
        have, want = (hunk.new, hunk.old) if back else (hunk.old, hunk.new)
        at, cost = _find(lines, have, max(hunk.start - 1 + (0 if back else moved), 0), _MOST_LOOKED - looked)
        looked += cost
        if at is None:
            return None
        lines[at : at + len(have)] = want
        moved += len(hunk.new) - len(hunk.old)
    return "\n".join(lines) + "\n"


def _find(lines: Sequence[str], wanted: Sequence[str], near: int, most: int) -> tuple[int | None, int]:
    """The place of some lines that is nearest to where they should be, and how many lines were looked at for it."""
    if not wanted:
        return min(near, len(lines)), 0
    size, last, looked = len(wanted), len(lines) - len(wanted), 0
    for at in _outwards(min(near, last), last):
        looked += 1
        if lines[at] == wanted[0]:
            looked += size
            if lines[at : at + size] == list(wanted):
                return at, looked
        if looked > most:
            break
    return None, looked


def _outwards(near: int, last: int) -> Iterator[int]:
    """All places up to the last one, the nearest first."""
    for off in range(last + 1):
        if near - off >= 0:
            yield near - off
        if off and near + off <= last:
            yield near + off
