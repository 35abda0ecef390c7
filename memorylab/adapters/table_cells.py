"""What single cells of a foreign table hold: numbers however they are written, commits, or nothing.

Nothing here knows the name of a column; the last functions look at all the cells under one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

# What stands for "no value", in metric columns and others.
MISSING: Final = frozenset(
    ("", "-", "--", "---", "—", "–", "?", "n/a", "na", "n.a.", "nan", "none", "null", "nil", "inf", "-inf", "tbd"),
)
_MOST: Final = 0.6
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_UNITS: Final = r"%{1,2}|gb|gib|mb|mib|ms|us|s|sec|x|tok/s|it/s|\*+|±.*|\(.*\)"
_LOOSE: Final = re.compile(rf"[~≈]?\s*([+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*(?:{_UNITS})?", re.IGNORECASE)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # as spreadsheets read them
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?", re.ASCII)
_HEX: Final = re.compile(r"[0-9a-f]{7,40}", re.IGNORECASE)


def number(cell: str) -> float | None:
    """The finite number that a cell holds ("1,234", "~0.98", "12.5%", "3.1GB" too), or None.

    >>> number("0.9979"), number("1,234.5"), number("-7.85%%"), number("nan"), number("12 runs of 3")
    (0.9979, 1234.5, -7.85, None, None)
    """
    try:
        value = float(cell)
    except ValueError:
        if not any(sign.isdigit() for sign in cell):
            return None
        match = _LOOSE.fullmatch(cell)
        if _THOUSANDS.fullmatch(cell):
            value = float(cell.replace(",", ""))
        elif match:
            value = float(match[1].replace(",", "."))
        else:
            return None
    return value if math.isfinite(value) else None


def guarded(cell: str) -> str:
    """The cell as a spreadsheet shows it and doesn't run it: an apostrophe before what would begin a formula.

    >>> guarded("=1+1"), guarded("-0.5"), guarded("- lower LR"), guarded("lower LR")
    ("'=1+1", '-0.5', "'- lower LR", 'lower LR')
    """
    begins = cell.lstrip("'")
    if len(begins) < 2 or not begins.startswith(_FORMULA) or (begins == cell and _NUMBER.fullmatch(cell)):
        return cell
    return f"'{cell}"


def unguarded(cell: str) -> str:
    """What such a cell held before it was guarded."""
    return cell[1:] if cell.startswith("'") and guarded(cell) != cell else cell


def is_commit(cell: str) -> bool:
    """Whether the cell looks like a git commit: 7 to 40 hexadecimal digits."""
    return _HEX.fullmatch(cell) is not None


def is_numeric(column: list[str], expected: bool = False) -> bool:
    """Whether most of the cells with a value are numbers: a "FAILED" among them makes no text of them.

    Where numbers are `expected`, by the column's name, one is enough, or no value at all.
    """
    numbers = share(column, lambda cell: number(cell) is not None)
    return numbers >= _MOST or (expected and (numbers > 0 or not _filled(column)))


def share(column: list[str], test: Callable[[str], bool]) -> float:
    """The share of the cells with a value that pass the test."""
    filled = _filled(column)
    return sum(map(test, filled)) / len(filled) if filled else 0.0


def _filled(column: list[str]) -> list[str]:
    return [cell for cell in column if cell.casefold() not in MISSING]


def counts(column: list[str]) -> bool:
    """Whether the column counts the rows: whole numbers, each one more than the one before."""
    pairs = pairwise(number(cell) for cell in column)
    return len(column) > 2 and all(a is not None and b is not None and b - a == 1 for a, b in pairs)
