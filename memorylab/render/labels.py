"""Places the names of the best runs beside the line of a chart so that no name covers another, a line or a dot."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SIZE = 11.0
"""Font size of a name in pixels of the chart."""

ADVANCE = 0.54
"""Mean width of a small letter or digit of a sans-serif type as a share of its size, on the wide side."""

TRIED = 60
"""Names for which a place is looked for; the rest of a long line would find none."""

FARTHER = (28.0, 43.0)
"""Pixels from the line at which a name stands apart and needs a lead."""


class Box(NamedTuple):
    """A rectangle, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two share any area."""
        return (self.left < other.right and other.left < self.right
                and self.top < other.bottom and other.top < self.bottom)  # fmt: skip


class Cells:
    """Boxes by the cells of a grid that they reach into, so that a name is compared with few of thousands."""

    SIZE = (32.0, 16.0)
    """Width and height in pixels. Sixty names among two thousand dots: 8 ms this way, 125 ms compared one by one."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = {}
        for box in boxes:
            self.add(box)

    def add(self, box: Box) -> None:
        """Put one more box among the others."""
        for cell in self._reach(box):
            self._cells.setdefault(cell, []).append(box)

    def meets(self, area: Box) -> bool:
        """Whether any box shares some of an area."""
        return any(area.meets(box) for cell in self._reach(area) for box in self._cells.get(cell, ()))

    def _reach(self, box: Box) -> Iterable[tuple[int, int]]:
        wide, high = self.SIZE
        columns = range(int(box.left // wide), int(box.right // wide) + 1)
        rows = range(int(box.top // high), int(box.bottom // high) + 1)
        return itertools.product(columns, rows)


class Anchor(NamedTuple):
    """A point that wants a name; the names with the highest weight are placed first."""

    x: float
    y: float
    text: str
    weight: float


class Label(NamedTuple):
    """A placed name: where its baseline starts, and the line from its point where it stands apart."""

    x: float
    y: float
    text: str
    lead: tuple[float, float, float, float] | None


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is in pixels; capitals are wider, East-Asian signs double."""
    more = sum(0.85 if ord(sign) >= 0x1100 else 0.25 if sign.isupper() else 0.0 for sign in text)
    return (len(text) + more) * ADVANCE * size


def place(
    anchors: Sequence[Anchor], hard: Sequence[Box], soft: Sequence[Box], frame: Box, *, side: int, most: int
) -> list[Label]:
    """Greedy placing, heaviest first; what is `soft` is covered rather than leaving a name out.

    `side` is 1 where the free half is below the line, -1 where it is above.
    """
    taken, covered = Cells(hard), Cells(soft)
    placed: list[Label] = []
    for anchor in sorted(anchors, key=lambda a: (-a.weight, a.x))[:TRIED]:
        if len(placed) == most:
            break
        spots = [(label, boxes) for label, boxes in _places(anchor, side)
                 if _within(boxes[0], frame) and not any(map(taken.meets, boxes))]  # fmt: skip
        clear = (spot for spot in spots if not any(map(covered.meets, spot[1])))
        spot = next(clear, spots[0] if spots else None)
        if spot:
            placed.append(spot[0])
            for box in spot[1]:
                taken.add(box)
    return placed


def _within(box: Box, frame: Box) -> bool:
    return (box.left >= frame.left and box.right <= frame.right
            and box.top >= frame.top and box.bottom <= frame.bottom)  # fmt: skip


def _places(anchor: Anchor, side: int) -> list[tuple[Label, list[Box]]]:
    """The places for a name with what each covers, best first.

    Close by on the free side; close by on the other side, among the discarded runs; then farther off with a lead.
    """
    width = text_width(anchor.text)
    near = (anchor.x - 6 - width, anchor.x + 6)
    spots = [(left, side * 13.0) for left in near] + [(near[1], side * -10.0)]
    spots += [(left, side * offset) for offset in FARTHER for left in (*near, anchor.x - width / 2)]
    found = []
    for left, offset in spots:
        baseline = anchor.y + offset + 4
        boxes = [Box(left - 2, baseline - SIZE, left + width + 2, baseline + 3)]
        lead = None
        if abs(offset) >= FARTHER[0]:
            end = min(max(anchor.x, left), left + width)
            stop = baseline - SIZE + 1 if side > 0 else baseline + 3
            lead = (anchor.x, anchor.y + side * 5, end, stop)
            top, bottom = sorted((anchor.y + side * 7, stop - side * 2))
            boxes.append(Box(min(anchor.x, end) - 1, top, max(anchor.x, end) + 1, bottom))
        found.append((Label(left, baseline, anchor.text, lead), boxes))
    return found
