"""The difference of two texts as a unified diff, in a time that no text can draw out.

`difflib` alone takes a time with the square of the lines, and where lines repeat with their cube: two patches of 20,000
lines, each second one alike, a minute. So lines that either text has once settle first what stands for what, and only
what is left between them, if it is short, is compared in every way.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterator, Sequence

CONTEXT = 3
_SMALL, _ALL = 2_500, 250_000
"""Lines times lines that are compared in every way, at one place and in all; more are told as taken out and put in."""
_Span = tuple[int, int, int, int]


def unified(before: Sequence[str], after: Sequence[str], old_name: str = "", new_name: str = "") -> list[str]:
    """The lines of a diff without their ends; none where the texts are the same.

    >>> unified(["a", "b"], ["a", "c"], "x", "y")
    ['--- x', '+++ y', '@@ -1,2 +1,2 @@', ' a', '-b', '+c']
    """
    found: list[str] = []
    for group in _grouped(changes(before, after)):
        lead, trail = min(CONTEXT, group[0][0]), min(CONTEXT, len(before) - group[-1][1])
        start = group[0][0] - lead
        old, new = _range(start, group[-1][1] + trail), _range(group[0][2] - lead, group[-1][3] + trail)
        found.append(f"@@ -{old} +{new} @@")
        for i, end, j, last in group:
            found += [f" {line}" for line in before[start:i]]
            found += [f"-{line}" for line in before[i:end]]
            found += [f"+{line}" for line in after[j:last]]
            start = end
        found += [f" {line}" for line in before[start : start + trail]]
    return [f"--- {old_name}", f"+++ {new_name}", *found] if found else []


def changes(before: Sequence[str], after: Sequence[str]) -> list[_Span]:
    """What differs, in order: lines of the one, from and to, in whose place stand lines of the other."""
    found: list[_Span] = []
    left = _ALL
    for i, end, j, last in _gaps(before, after, _anchors(before, after)):
        size = (end - i) * (last - j)
        if 0 < size <= min(_SMALL, left):
            left -= size
            matcher = difflib.SequenceMatcher(None, before[i:end], after[j:last], autojunk=False)
            codes = (code[1:] for code in matcher.get_opcodes() if code[0] != "equal")
            found += [(i + a, i + b, j + c, j + d) for a, b, c, d in codes]
        elif end > i or last > j:
            found.append((i, end, j, last))
    return found


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that either text has once, as many as stand in the same order in both."""
    there = _once(after)
    pairs = [(i, there[line]) for line, i in _once(before).items() if line in there]
    ends: list[int] = []
    chain: list[int] = []  # of the pair that ends a run of each length, its number
    earlier: list[int] = []
    for number, (_, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        ends[at : at + 1], chain[at : at + 1] = [j], [number]
        earlier.append(chain[at - 1] if at else -1)
    found, number = [], chain[-1] if chain else -1
    while number >= 0:
        found.append(pairs[number])
        number = earlier[number]
    return found[::-1]


def _once(lines: Sequence[str]) -> dict[str, int]:
    """Where the lines are that a text has once, in order."""
    found: dict[str, int] = {}
    more = set()
    for number, line in enumerate(lines):
        if line in found:
            more.add(line)
        found[line] = number
    return {line: number for line, number in found.items() if line not in more}


def _gaps(before: Sequence[str], after: Sequence[str], anchors: Sequence[tuple[int, int]]) -> Iterator[_Span]:
    """What is left between the anchors, without the lines that are alike at either end of it."""
    i = j = 0
    for end, last in (*anchors, (len(before), len(after))):
        below, right = end, last
        while i < below and j < right and before[i] == after[j]:
            i, j = i + 1, j + 1
        while i < below and j < right and before[below - 1] == after[right - 1]:
            below, right = below - 1, right - 1
        yield i, below, j, right
        i, j = end, last


def _grouped(spans: Sequence[_Span]) -> Iterator[list[_Span]]:
    """Spans so close that their surroundings meet."""
    group: list[_Span] = []
    for span in spans:
        if group and span[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _range(start: int, end: int) -> str:
    """Lines as a hunk's head counts them: from one, but from the line before where there are none."""
    return f"{start + 1}" if end - start == 1 else f"{start + (end > start)},{end - start}"
