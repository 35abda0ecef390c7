"""Places the names of the best runs beside the line of a chart so that no name covers another, a line or a dot."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

from memorylab.tuples import NamedTuple

SIZE = 11.0
"""Font size of a name in pixels of the chart."""

ADVANCE = 0.54
"""Mean width of a small letter or digit of a sans-serif type as a share of its size, on the wide side."""

TRIED = 60
"""Names for which a place is looked for; the rest of a long line would find none."""

LOOKS = 3000
"""Places that are looked at for all names together: a crowd of thousands of dots has none for most of them."""

CLOSE, APART, FAR = ((13.0, -10.0), (28.0, 43.0), (58.0, 76.0, 97.0, 122.0))
"""Pixels from its dot at which a name stands: beside it, apart with a lead, and farther off where all else is taken."""
ALL = (*CLOSE, *APART, *FAR)


_Spot = tuple[str, float, float, float]
"""A name, where its baseline starts, and its width."""


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
        left, top, right, bottom = area
        cells = self._cells
        for cell in self._reach(area):
            for box in cells.get(cell, ()):
                if left < box[2] and box[0] < right and top < box[3] and box[1] < bottom:
                    return True
        return False

    def _reach(self, box: Box) -> Iterable[tuple[int, int]]:
        wide, high = self.SIZE
        columns = range(int(box.left // wide), int(box.right // wide) + 1)
        rows = range(int(box.top // high), int(box.bottom // high) + 1)
        return itertools.product(columns, rows)


class Anchor(NamedTuple):
    """A point that wants a name; the names with the highest weight are placed first."""

    x: float
    y: float
    texts: tuple[str, ...]
    """The name, and shorter forms of it for where there is little room."""
    weight: float
    must: bool = False
    """It is named even where its name has to cover dots."""


class Label(NamedTuple):
    """A placed name: where its baseline starts, and the line from its point where it stands apart."""

    x: float
    y: float
    text: str
    width: float
    lead: tuple[float, float, float, float] | None


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is in pixels; capitals are wider, East-Asian signs double, combining ones take no room."""
    if not text.isascii():
        from unicodedata import combining

        text = "".join(sign for sign in text if not combining(sign))
    more = sum(0.85 if ord(sign) >= 0x1100 else 0.25 if sign.isupper() else 0.0 for sign in text)
    return (len(text) + more) * ADVANCE * size


def place(
    anchors: Sequence[Anchor], hard: Sequence[Box], dots: Sequence[Box], frame: Box, *, side: int, most: int
) -> list[Label]:
    """Greedy placing, heaviest first, so that no name or lead covers another, what is `hard`, or a dot.

    `side` is 1 where the free half is below the line, -1 where it is above.
    """
    lines, all_of_it = Cells(hard), Cells([*hard, *dots])
    placed: list[Label] = []
    looks = iter(range(LOOKS))
    for anchor in sorted(anchors, key=lambda a: (-a.weight, a.x))[:TRIED]:
        if len(placed) == most:
            break
        label = _first_free(anchor, (spot for spot in _spots(anchor, side, frame) if next(looks, -1) >= 0), all_of_it)
        if label is None and anchor.must:
            label = _first_free(anchor, _spots(anchor, side, frame), lines)
        if label:
            placed.append(label)
            for box in (_area(label.x, label.y, label.width), *_along(label)):
                lines.add(box)
                all_of_it.add(box)
    return placed


def _first_free(anchor: Anchor, spots: Iterable[_Spot], held: Cells) -> Label | None:
    for text, x, y, width in spots:
        if not held.meets(_area(x, y, width)):
            label = Label(x, y, text, width, _lead(anchor, x, y, width))
            if not any(map(held.meets, _along(label))):
                return label
    return None


def _area(x: float, y: float, width: float) -> Box:
    """What a name covers, with a little room around."""
    return Box(x - 2, y - SIZE, x + width + 2, y + 3)


def _spots(anchor: Anchor, side: int, frame: Box) -> Iterator[_Spot]:
    """The places for a name inside the frame, best first.

    Beside its dot on the free side, then on the other, among the discarded runs; then apart with a lead; then with less
    of its name, and farther off; the shortest form of the name is the last resort.
    """
    for offsets, texts in (((*CLOSE, *APART), anchor.texts[:2]), (FAR, anchor.texts[:2]), (ALL, anchor.texts[2:])):
        for text in texts:
            width = text_width(text)
            for offset in offsets:
                for below in (side * offset, -side * offset) if offset >= APART[0] else (side * offset,):
                    y = anchor.y + below + 4
                    if y - SIZE < frame.top or y + 3 > frame.bottom:
                        continue
                    for x in _lefts(anchor.x, width, offset):
                        if x - 2 >= frame.left and x + width + 2 <= frame.right:
                            yield text, x, y, width


def _lefts(x: float, width: float, offset: float) -> tuple[float, ...]:
    if offset < 0:
        return (x + 6, x - 6 - width)
    if offset < APART[0]:
        return (x - 6 - width, x + 6)
    return (x - 6 - width, x + 6, x - width / 2, x + 34, x - 34 - width)


def _lead(anchor: Anchor, x: float, y: float, width: float) -> tuple[float, float, float, float] | None:
    """The line from beside a dot to the nearest spot of its name; none where the name stands beside it."""
    offset = y - 4 - anchor.y
    if abs(offset) < APART[0]:
        return None
    end, stop = min(max(anchor.x, x), x + width), y - SIZE if offset > 0 else y + 3
    part = 6 / math.hypot(end - anchor.x, stop - anchor.y)
    return anchor.x + part * (end - anchor.x), anchor.y + part * (stop - anchor.y), end, stop


def _along(label: Label) -> list[Box]:
    """Small boxes along a name's lead, which a single large one around it would make wide."""
    if label.lead is None:
        return []
    x, y, end, stop = label.lead
    steps = max(int(math.hypot(end - x, stop - y) / 5), 2)
    spots = [(x + (end - x) * i / steps, y + (stop - y) * i / steps) for i in range(steps)]
    return [Box(u - 1.5, v - 1.5, u + 1.5, v + 1.5) for u, v in spots]
