"""The knobs in the files that experiments change: assignments to names in capitals at the left margin.

Read by pattern and not by a parser, so that a kernel in C and a script that is half edited are read as well, and so
that reading costs nothing: 0.3 ms for 30 KB.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from memorylab import files
from memorylab.records import finite

MOST_BYTES = 200_000
"""Read of each file; knobs stand at the top of a file that people edit."""
MOST_FILES = 16
MOST_NAMES = 1_000
"""Each takes 0.2 ms to learn."""

_LINE = re.compile(
    r"^(?:#[ \t]*define[ \t]+([A-Z][A-Z0-9_]*)[ \t]+"
    r"|(?:(?:static|inline|constexpr|const|auto|int|unsigned|float|double|bool|size_t)[ \t]+)*"
    r"([A-Z][A-Z0-9_]*)(?:[ \t]*:[^=\n]*)?[ \t]*=(?!=)[ \t]*)([^\n;]{1,200})",
    re.MULTILINE | re.ASCII,
)
_NUM = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_VALUE = re.compile(
    rf"(?:({_NUM})(?:[ \t]*(\*\*|\*|//?|<<)[ \t]*({_NUM}))?f?"
    r"|(True|False|true|false)"
    r"|\"([^\"\\]{0,40})\"|'([^'\\]{0,40})')"
    r"[ \t]*(?:#.*|//.*|/\*.*)?$",
    re.ASCII,
)


def assignments(root: Path, mutable: Sequence[str]) -> dict[str, float | str]:
    """The names in capitals that these files set to a number, a switch ("on", "off") or a short text; the last counts.

    A file that can't be read has none: it may be missing, and nothing here is needed to go on.
    """
    found: dict[str, float | str] = {}
    for name in mutable[:MOST_FILES]:
        try:
            with files.open_regular(root / name) as file:
                text = file.read(MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        for line in _LINE.finditer(text):
            defined, assigned, written = line.groups()
            value = _value(written.rstrip())
            if value is not None and (len(found) < MOST_NAMES or (defined or assigned) in found):
                found[defined or assigned] = value
    return found


def _value(written: str) -> float | str | None:
    match = _VALUE.fullmatch(written)
    if match is None:
        return None
    first, sign, second, switch, double, single = match.groups()
    if switch:
        return "on" if switch.lower() == "true" else "off"
    if first is None:
        return double or single or None
    return finite(_number(float(first.replace("_", "")), sign, float((second or "1").replace("_", ""))))


def _number(a: float, sign: str | None, b: float) -> float | None:
    """The value of "2**19", "64 * 1024", "1 << 20" or a plain number."""
    if sign == "*":
        return a * b
    if sign in ("**", "<<"):
        base, times = (a, 1.0) if sign == "**" else (2.0, a)
        return times * base**b if 0 <= abs(b) <= 64 and 0 < abs(base) <= 1000 else None
    if sign:
        return None if b == 0 else a // b if sign == "//" else a / b
    return a
