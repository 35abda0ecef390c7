"""Tables and paragraphs that fit the width of a terminal, whatever is in them."""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.tuples import NamedTuple

GAP = "  "
FLEX_LEAST = 14
"""Below this many characters a description says nothing; a column of lower priority goes first."""

_STYLES = {"bold": "1", "dim": "2", "red": "31;1", "yellow": "33;1", "green": "32;1", "blue": "34;1"}
TONES = {
    "block": "red", "caution": "yellow", "allow": "green",
    "keep": "green", "discard": "dim", "crash": "red", "starved": "yellow",
    "high": "red", "medium": "yellow", "low": "dim",
}  # fmt: skip
"""The colour of the words that carry a verdict."""


class Column(NamedTuple):
    """A column of a table; the one with `flex` takes what the others leave."""

    title: str
    right: bool = False
    flex: bool = False
    priority: int = 0
    """In a narrow terminal the column with the highest number goes first; 0 stays."""


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, color: bool = False, indent: str = "  "
) -> list[str]:
    """The rows under their headings, as lines of at most `width` characters. Columns without any value are left out."""
    room = max(width - len(indent), FLEX_LEAST)
    shown = [i for i, _ in enumerate(columns) if any(row[i].strip("–") for row in rows)]
    widths = {i: max(cells(columns[i].title), *(cells(row[i]) for row in rows)) for i in shown} if rows else {}
    while (spare := _spare(columns, shown, widths, room)) < 0:
        optional = [i for i in shown if columns[i].priority]
        if not optional:
            break
        shown.remove(max(optional, key=lambda i: columns[i].priority))
    for i in shown:
        if columns[i].flex:
            least = min(widths[i], FLEX_LEAST)
            wanted, widths[i] = widths[i], min(widths[i], max(least + spare, 4))
            spare = max(spare - (widths[i] - min(wanted, FLEX_LEAST)), 0)
    if not rows:
        return []
    head = _line(columns, shown, widths, [column.title for column in columns], False)
    return [paint(indent + head, "dim", color), *(indent + _line(columns, shown, widths, row, color) for row in rows)]


def wrap(text: str, width: int, indent: str = "", first: str | None = None) -> list[str]:
    """A paragraph as lines of at most `width` characters; `first` starts the first line instead of `indent`."""
    lead = indent if first is None else first
    room = max(width - len(indent), 8)
    lines: list[str] = []
    line = ""
    for word in text.split():
        while cells(word) > room:
            head = fit(word, room + 1)[:-1] if not line else ""
            if head:
                lines.append(head)
                word = word[len(head) :]
            else:
                lines.append(line)
                line = ""
        if line and cells(line) + 1 + cells(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines += [line] if line or not lines else []
    return [(lead if i == 0 else indent) + part for i, part in enumerate(lines)]


def paint(text: str, style: str | None, color: bool) -> str:
    """The text in a style of the terminal, or as it is."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color and style in _STYLES and text else text


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def fit(text: str, room: int) -> str:
    """The text cut to `room` columns, with an ellipsis where it was cut.

    >>> fit("value embeddings", 8), fit("ab", 8)
    ('value e…', 'ab')
    """
    if cells(text) <= room:
        return text
    used = 0
    for end, sign in enumerate(text):
        used += cells(sign)
        if used > room - 1:
            return text[:end] + "…"
    return text


def _spare(columns: Sequence[Column], shown: Sequence[int], widths: dict[int, int], room: int) -> int:
    """Columns left when the flexible column has its least width; negative when the others don't fit."""
    fixed = sum(min(widths[i], FLEX_LEAST) if columns[i].flex else widths[i] for i in shown)
    return room - fixed - len(GAP) * max(len(shown) - 1, 0)


def _line(
    columns: Sequence[Column], shown: Sequence[int], widths: dict[int, int], row: Sequence[str], color: bool
) -> str:
    parts = []
    for i in shown:
        text = fit(row[i], widths[i])
        pad = " " * (widths[i] - cells(text))
        text = paint(text, TONES.get(text.strip()), color)
        parts.append(pad + text if columns[i].right else text + pad)
    return GAP.join(parts).rstrip()


def fields(pairs: Sequence[tuple[str, str]], width: int, indent: str = "  ") -> list[str]:
    """Names with their values, one a line and wrapped; a field without a value is left out."""
    shown = [(name, value) for name, value in pairs if value]
    left = min(max((cells(name) for name, _ in shown), default=0), 20)
    lines = []
    for name, value in shown:
        head = indent + fit(name, left)
        lines += wrap(value, width, " " * (len(indent) + left + 2), head + " " * (len(indent) + left + 2 - cells(head)))
    return lines


def section(title: str, lines: Sequence[str], width: int, color: bool) -> list[str]:
    """The lines under a heading and after an empty line; nothing when there are none."""
    return ["", *(paint(line, "bold", color) for line in wrap(title, width)), *lines] if lines else []
