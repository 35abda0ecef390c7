"""How much of a change is read, because a patch may be anything: what lies beyond is told as changed."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import Match, SequenceMatcher
from typing import Any

MAX_SOURCE = 2_000_000
"""Characters of a file that are looked at; a larger one is data, and its change is unknown."""
MOST_PARSED = 250_000
"""Characters of a source that are parsed at all: its tree takes up to half a kilobyte for each of them."""
MOST_CHANGED = 100_000
"""Characters of statements that differ, before or after, that are told apart; of a larger rewrite the settings are read
line by line."""
MOST_PIECE = 20_000
"""Characters of a statement in a patch that doesn't fit the tree."""
_MOST_PAIRS = 1_000_000  # of differing lines in one block; 1,000 against 1,000 are matched in a second at worst
_FAILED = 400
"""What a failed attempt to parse costs, in characters that are parsed."""


class Effort:
    """What may still be spent on one change."""

    def __init__(self) -> None:
        self.matching = 3_000_000
        """Steps of difflib: half a second. Ten thousand lines that differ from ten thousand others take a tenth."""
        self.parsing = 2_000_000
        """Characters of pieces of a patch that are parsed, each as often as it is tried."""
        self.names = 1_000
        """Values that are named: an idea has at most eight edits, and to look a new name up takes 0.2 ms."""

    def parse(self, text: str) -> bool:
        """Whether a piece may be parsed, which is then paid."""
        if len(text) > MOST_PIECE or self.parsing <= 0:
            return False
        self.parsing -= len(text) + _FAILED
        return True

    def name(self) -> bool:
        """Whether one more value may be named."""
        self.names -= 1
        return self.names >= 0


class _Matcher(SequenceMatcher[Any]):
    """Finds the longest runs in common for as long as it may; what is left then has none."""

    def __init__(self, old: Sequence[object], new: Sequence[object], effort: Effort) -> None:
        super().__init__(None, old, new, autojunk=False)
        self.effort, self._old = effort, old

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        if self.effort.matching <= 0:
            return Match(alo, blo, 0)
        there: dict[object, list[int]] = self.b2j  # type: ignore[attr-defined]
        self.effort.matching -= sum(1 + len(there.get(item, ())) for item in self._old[alo:ahi])
        if self.effort.matching <= 0:
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def opcodes(old: Sequence[object], new: Sequence[object], effort: Effort) -> list[tuple[str, int, int, int, int]]:
    """difflib's operations; where more differs than may be matched, all that differs is one replacement."""
    head = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - head
    tail = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    a, b, c, d = head, len(old) - tail, head, len(new) - tail
    pairs = (b - a) * (d - c)  # of one there is nothing to match: they differ
    if pairs <= 1 or pairs > _MOST_PAIRS or effort.matching <= 0:
        inner = [("replace", a, b, c, d)] if a < b or c < d else []
    else:
        matcher = _Matcher(old[a:b], new[c:d], effort)
        inner = [(tag, i + a, j + a, k + c, m + c) for tag, i, j, k, m in matcher.get_opcodes()]
    return [("equal", 0, a, 0, c), *inner, ("equal", b, len(old), d, len(new))]
