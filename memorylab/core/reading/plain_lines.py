"""Settings of a file that is no Python (or is broken): `NAME = value`, `name: value`, one a line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from memorylab.core.reading.literals import Value
from memorylab.tuples import NamedTuple

_SETTING = re.compile(
    r"\s*(?:export\s+|set\s+|(?:static\s+|inline\s+)?const(?:expr)?\s+(?:\w+\s+)?|#define\s+|let\s+)?[\"']?([A-Za-z_]\w*)[\"']?"
    r"(?:\s*+(?::[\s\w\[\],]++(?<=[\w\[\], ])=|:?=|:)|(?<=\w) )\s*+(.+)"
)
_COMMENT = re.compile(r"(?<!\s)\s++(?:#|//|--\s).*$|^\s*+(?:#(?!define)|//|--\s|;).*$")
_END = re.compile(r"(?<=.)(?:[,;]\s*+$|(?<!\s)\s++[,;]?\s*+$)")
_POWER = re.compile(r"(\d+)\s*\*\*\s*(\d+)$")


class PlainSetting(NamedTuple):
    """A line that sets a name: to what, None for an expression, and where the value and the line stand in the text."""

    name: str
    value: Value
    span: tuple[int, int]
    line: tuple[int, int]


def settings(text: str) -> dict[str, Any]:
    """Values by name, each as a list since a name may occur again; under "" the lines that set nothing."""
    out: dict[str, list[Any]] = {}
    for said, found, value in _read(text):
        if found is None or value is None:
            out.setdefault("", []).append(" ".join(said.split()))
        else:
            out.setdefault(found[1], []).append(value)
    return out


def located(text: str) -> Iterator[PlainSetting]:
    """The lines that set a name, in order, with where they stand."""
    at = 0
    lines = text.splitlines(keepends=True)
    for whole in lines:
        for _, found, value in _read(whole):
            if found is not None:
                start = at + found.start(2)
                yield PlainSetting(found[1], value, (start, start + len(_END.sub("", found[2]))), (at, at + len(whole)))
        at += len(whole)


def _read(text: str) -> Iterator[tuple[str, re.Match[str] | None, Value]]:
    """Each line that says something without its comment, as the setting that it is, with its value."""
    for line in text.splitlines():
        said = _COMMENT.sub("", line).rstrip()
        if said:
            found = _SETTING.match(said)
            yield said, found, _value(_END.sub("", found[2])) if found else None


def _value(text: str) -> Value:
    """A number, a switch or a quoted text; None for an expression."""
    low = text.lower()
    if low in ("true", "false", "yes", "no", "on", "off"):
        return low in ("true", "yes", "on")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    power = _POWER.match(text)
    try:
        if power and int(power[2]) <= 64:
            return float(int(power[1]) ** int(power[2]))
        number = float(text.replace("_", "").rstrip("fFuUlL"))
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else text
