"""Foreign experiment tables are written by hand, by `echo` and by scripts; here their bytes become headers and rows.

Streams: what is held is one line, but for the first ones (in which the header is looked for) and a quoted cell that
spans lines. Which column means what is not decided here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final, TypeAlias

from memorylab import files
from memorylab.adapters.table_cells import number
from memorylab.adapters.table_columns import infer_names, is_header, is_known_name, unique
from memorylab.core.runs.verdicts import verdict
from memorylab.errors import InputError
from memorylab.tuples import NamedTuple

LARGEST: Final = 256 << 20  # bytes; two million runs
_LONGEST_LINE: Final = 1 << 20  # characters; a longer line is no row of a table
_MOST_COLUMNS: Final = 5_000  # a line with more is no row of a table either
_HEAD_LINES: Final = 200  # lines in which the header is looked for
_LONGEST_QUOTE: Final = 50  # lines that one quoted cell may span
_SPACES: Final = "  "  # columns set apart by two spaces or more
_JOINTS: Final = {"\t": " ", "|": " | ", ",": ", ", ";": "; ", _SPACES: " "}
_DELIMITERS: Final = tuple(_JOINTS)
_QUOTING: Final = ("\t", ",", ";")
_RULER: Final = frozenset("-=_*~+|: \t#")


class Problem(NamedTuple):
    """Something in a table that was skipped, or read with doubt."""

    line: int
    what: str


class Header(NamedTuple):
    """Column names: at the start, or where the table changes its columns."""

    line: int
    names: tuple[str, ...]
    joint: str  # what stood between two cells, where one text was cut into them


class Cells(NamedTuple):
    """One row, stripped; as many cells as were found."""

    line: int
    cells: list[str]


class Remark(NamedTuple):
    """A comment line, without its sign."""

    line: int
    text: str


Piece: TypeAlias = Header | Cells | Remark | Problem
Line: TypeAlias = tuple[int, str]


def read_pieces(path: Path) -> Iterator[Piece]:
    """The table's headers, rows, comments and problems in the file's order.

    Raises:
        InputError: the file is missing, a directory, or can't be read.
    """
    with _open(path) as stream:
        notes: list[Problem] = []
        lines = _lines(stream, notes)
        head = [line for _, line in zip(range(_HEAD_LINES), lines, strict=False)]
        found = _find_header(head)
        source = _Pushback(chain(head, lines))
        if found is None:
            delimiter, names, start = _without_header(head)
            if names:
                yield Header(start, names, _JOINTS[delimiter])
                yield Problem(start, f"no header line; columns told from their cells: {', '.join(names)}")
        else:
            start, delimiter, names = found
            yield from _preamble(source, start)
            yield Header(start, names, _JOINTS[delimiter])
        for piece in _rows(source, delimiter, names):
            yield from notes
            notes.clear()
            yield piece
        yield from notes


class _Pushback:
    """Lines, of which some can be put back: a quote that never closes was no quote."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._returned: list[Line] = []

    def __iter__(self) -> _Pushback:
        return self

    def __next__(self) -> Line:
        return self._returned.pop() if self._returned else next(self._lines)

    def put_back(self, lines: Sequence[Line]) -> None:
        """The lines come again, in their order."""
        self._returned.extend(reversed(lines))


def _open(path: Path) -> io.TextIOWrapper:
    try:
        file = files.open_regular(path, LARGEST)
        head = file.peek()  # type: ignore[attr-defined]
    except FileNotFoundError:
        raise InputError(f"no such file: {path}", "name an existing results.tsv") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a directory, not a table", "name the file, such as results.tsv") from None
    except OSError as error:
        refused = files.explain(error, "read the table")
        raise InputError(refused.message, refused.hint) from None
    zeros = (head[::2].count(0), head[1::2].count(0))
    encoding = "utf-8-sig"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif zeros[1] > len(head) / 4 > 4 * zeros[0]:
        encoding = "utf-16-le"
    elif zeros[0] > len(head) / 4 > 4 * zeros[1]:
        encoding = "utf-16-be"
    # A lone carriage return ends a line only where nothing else does: elsewhere it is a progress bar inside a cell.
    newline = "\r" if b"\r" in head and b"\n" not in head else "\n"
    return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=newline)


def _lines(stream: io.TextIOWrapper, notes: list[Problem]) -> Iterator[Line]:
    """Numbered lines without their ends; blank ones and rulers are left out."""
    line = 0
    while text := stream.readline(_LONGEST_LINE):
        line += 1
        if len(text) == _LONGEST_LINE and text[-1] not in "\r\n":
            while (more := stream.readline(_LONGEST_LINE)) and more[-1] not in "\r\n":
                pass
            notes.append(Problem(line, f"skipped: longer than {_LONGEST_LINE} characters"))
            continue
        if len(text) > _MOST_COLUMNS and any(text.count(sign) > _MOST_COLUMNS for sign in _DELIMITERS):
            notes.append(Problem(line, f"skipped: more than {_MOST_COLUMNS:,} columns"))
            continue
        if "\0" in text:
            text = text.replace("\0", "")
            notes.append(Problem(line, "NUL bytes taken out"))
        if "\ufffd" in text:
            notes.append(Problem(line, "bytes that are not UTF-8 were replaced"))
        text = text.rstrip("\r\n")
        if not _RULER.issuperset(text):
            yield line, text


def _find_header(head: list[Line]) -> tuple[int, str, tuple[str, ...]] | None:
    """Line, delimiter and names of the first header line; None where rows come before it, or there is none."""
    for position, (line, text) in enumerate(head):
        if found := _as_header(text):
            return None if _without_header(head[:position])[1] else (line, *found)
    first, *below = [line for line in head if not line[1].startswith("#")][:2] or [(0, "")]
    return _as_unknown_header(first, below[0][1]) if below else None


def _as_unknown_header(first: Line, below: str) -> tuple[int, str, tuple[str, ...]] | None:
    """Names that no table is known to have: a first line of short words above a line with numbers."""
    for delimiter in _DELIMITERS:
        names, cells = _split(first[1], delimiter), _split(below, delimiter)
        words = all(0 < len(name) <= 32 and number(name) is None and verdict(name) is None for name in names)
        if words and len(names) == len(cells) > 1 and any(number(cell) is not None for cell in cells):
            return first[0], delimiter, unique(names)
    return None


def _as_header(text: str) -> tuple[str, tuple[str, ...]] | None:
    for delimiter in _DELIMITERS:
        cells = _split(text.lstrip("# "), delimiter)
        if is_header(cells):
            return delimiter, unique(cells)
    return None


def _without_header(head: list[Line]) -> tuple[str, tuple[str, ...], int]:
    """Delimiter, inferred names and first line of a table that starts with its rows; no names if it is no table."""
    for delimiter in _DELIMITERS:
        rows = [(line, _split(text, delimiter, 3)) for line, text in head if not text.startswith("#")]
        tabular = [row for row in rows if len(row[1]) > 2 and any(number(cell) is not None for cell in row[1])]
        if len(tabular) * 2 > len(rows):
            return delimiter, infer_names([cells for _, cells in tabular]), tabular[0][0]
    return "\t", (), 0


def _preamble(source: _Pushback, start: int) -> Iterator[Piece]:
    """What stands before the header; takes the header line out of the source."""
    for line, text in source:
        if line == start:
            return
        yield _remark(line, text) or _prose(line, text)


def _rows(source: _Pushback, delimiter: str, names: tuple[str, ...]) -> Iterator[Piece]:
    width = len(names)
    for line, text in source:
        cells = _split(text, delimiter, width)
        if '"' in text and delimiter in _QUOTING and text.count('"') % 2 and _opens_quote(cells):
            cells = _over_lines(text, delimiter, width, source)
        if len(cells) == width and not text.startswith("#") and not is_known_name(cells[0]):
            yield Cells(line, cells)
        elif changed := _as_header(text) if not text.startswith("#") or len(cells) == width else None:
            if changed != (delimiter, names):
                delimiter, names = changed
                width = len(names)
                yield Problem(line, f"the columns change here to {', '.join(names)}")
                yield Header(line, names, _JOINTS[delimiter])
        elif len(cells) != width and (remark := _remark(line, text)):
            yield remark
        elif not names:
            yield _prose(line, text)
        elif len(cells) < 2 and len(cells) < width:
            other = next((alt for d in _DELIMITERS if len(alt := _split(text, d)) >= max(width, 3)), None)
            yield Cells(line, other) if other else _prose(line, text)
        else:
            yield Cells(line, cells)


def _split(text: str, delimiter: str, width: int = 0) -> list[str]:
    """The stripped cells of one line. A row that is too short may hold the two characters `\\t` for a tab."""
    if delimiter == "|":
        inner = text.strip().removeprefix("|").removesuffix("|")
        return [cell.replace("\\|", "|").strip().strip("`*").strip() for cell in re.split(r"(?<!\\)\|", inner)]
    if delimiter == _SPACES:
        return re.split(r"\s{2,}", text.strip())
    cells = text.split(delimiter)
    if '"' in text and _opens_quote(cells):
        # Whole CSV quoting is undone; other quotes are signs like all others.
        with suppress(csv.Error):
            cells = next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True))
    elif delimiter == "\t" and (len(cells) < width or not width) and "\\t" in text:
        spelled_out = text.replace("\\t", "\t").split("\t")
        if not width or abs(len(spelled_out) - width) < width - len(cells):
            cells = spelled_out
    return [cell.strip() for cell in cells]


def _opens_quote(cells: list[str]) -> bool:
    return any(cell.lstrip().startswith('"') for cell in cells)


def _over_lines(text: str, delimiter: str, width: int, source: _Pushback) -> list[str]:
    """The cells of a line in which a quote is left open: it goes on below, up to a line that is a row by itself."""
    taken: list[Line] = []
    joined = text
    while joined.count('"') % 2 and len(taken) < _LONGEST_QUOTE:
        following = next(source, None)
        if following is None:
            break
        taken.append(following)
        if len(_split(following[1], delimiter)) == width:
            break
        joined = f"{joined} {following[1].strip()}"
    cells = _split(joined, delimiter, width)
    if joined.count('"') % 2 or len(cells) != width:
        source.put_back(taken)
        return _split(text, delimiter, width)
    return cells


def _remark(line: int, text: str) -> Remark | None:
    return Remark(line, text.lstrip("# ").strip()) if text.startswith("#") else None


def _prose(line: int, text: str) -> Problem:
    excerpt = " ".join(text.split())
    return Problem(line, f"not a table row: {excerpt[:60]}{'...' if len(excerpt) > 60 else ''}")
