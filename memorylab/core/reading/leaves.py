"""The leaves of a configuration file: each setting under its path ("optimizer.lr"), however the file is formatted.

JSON and TOML are read by Python's own readers. Of YAML plain mappings, lists and scalars are read here; a file with
anything else (anchors, tags, text over several lines) isn't guessed at, and counts by its text alone.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from memorylab.core.lazily import pattern
from memorylab.tuples import NamedTuple

MOST_TEXT = 1 << 20
"""Characters of a configuration that is taken apart."""
_MOST_DEPTH = 40
SUFFIXES = (".json", ".toml", ".yaml", ".yml")

_NUMBER = pattern(r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_WORDS = {"null": None, "~": None, "": None, "true": True, "yes": True, "on": True, "false": False, "no": False,
          "off": False}  # fmt: skip
_KEY = pattern(r"""(?:"([^"\\]*)"|'([^']*)'|([^\s"'#&*!|>%@`\[\]{},?:-][^:#]*?|-[^\s:#][^:#]*?))\s*:(?:\s+|$)""")


class _Unread(Exception):
    """Something that this reader doesn't know."""


def leaves(name: str, text: str) -> dict[str, Any] | None:
    """The settings of a configuration file by path; None where the file is none, or can't be read."""
    low = name.lower()
    if not low.endswith(SUFFIXES) or len(text) > MOST_TEXT:
        return None
    try:
        if low.endswith(".json"):
            tree = json.loads(text, parse_int=_whole)
        elif low.endswith(".toml"):
            tree = _toml(text)
        else:
            tree = _yaml(text)
        return dict(_flat(tree, "", 0))
    except (_Unread, ValueError, RecursionError, MemoryError):
        return None


def scalar(word: str) -> Any:
    """A word as the value that it stands for: a number, a switch, nothing, or itself.

    >>> scalar("1e-3"), scalar("true"), scalar("adam"), scalar("0x1f")
    (0.001, True, 'adam', '0x1f')
    """
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if _NUMBER.fullmatch(word):
        return number(float(word.replace("_", "")))
    return word


def number(value: float) -> Any:
    """A number as one value, however it was written; what is beyond all numbers is a text."""
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _whole(digits: str) -> Any:
    return int(digits) if len(digits) < 16 else digits


def _toml(text: str) -> Any:
    import tomllib

    return tomllib.loads(text)


def _flat(tree: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _MOST_DEPTH:
        raise _Unread
    if isinstance(tree, dict) and tree:
        for key, item in tree.items():
            yield from _flat(item, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(tree, list) and any(isinstance(item, dict | list) for item in tree):
        for at, item in enumerate(tree):
            yield from _flat(item, f"{path}.{at}" if path else str(at), depth + 1)
    else:
        yield path or "value", _leaf(tree)


def _leaf(value: Any) -> Any:
    if isinstance(value, list):
        return [_leaf(item) for item in value]
    if isinstance(value, dict):
        return {}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return number(float(value)) if isinstance(value, int | float) else str(value)


# -- YAML


class _Row(NamedTuple):
    """A line that says something: how far it is indented, and what it says."""

    indent: int
    text: str


def _yaml(text: str) -> Any:
    rows = list(_rows(text))
    if not rows:
        return {}
    tree, at = _node(rows, 0, rows[0].indent, 0)
    if at != len(rows):
        raise _Unread
    return tree


def _rows(text: str) -> Iterator[_Row]:
    for number_, line in enumerate(text.removeprefix("\ufeff").splitlines()):
        said = _uncommented(line).rstrip()
        if not said.strip() or (number_ == 0 and said == "---"):
            continue
        bare = said.lstrip(" ")
        if bare.startswith(("\t", "%", "---", "...")):
            raise _Unread
        yield _Row(len(said) - len(bare), bare)


def _uncommented(line: str) -> str:
    """The line without its comment, which begins with a "#" behind white space and outside quotes."""
    quote = ""
    for at, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'" and (at == 0 or line[at - 1] in " [{,:"):
            quote = sign
        elif sign == "#" and (at == 0 or line[at - 1] in " \t"):
            return line[:at]
    if quote:
        raise _Unread
    return line


def _node(rows: list[_Row], at: int, indent: int, depth: int) -> tuple[Any, int]:
    """The mapping or list that begins at a row, and the row behind it."""
    if depth > _MOST_DEPTH:
        raise _Unread
    if rows[at].text == "-" or rows[at].text.startswith("- "):
        return _list(rows, at, indent, depth)
    return _mapping(rows, at, indent, depth)


def _list(rows: list[_Row], at: int, indent: int, depth: int) -> tuple[list[Any], int]:
    out: list[Any] = []
    while at < len(rows) and rows[at].indent == indent and (rows[at].text == "-" or rows[at].text.startswith("- ")):
        rest = rows[at].text[1:].lstrip()
        inner = indent + len(rows[at].text) - len(rest)
        if not rest:
            if at + 1 < len(rows) and rows[at + 1].indent > indent:
                item, at = _node(rows, at + 1, rows[at + 1].indent, depth + 1)
            else:
                item, at = None, at + 1
        elif _KEY.match(rest) or rest.startswith("- "):
            rows[at] = _Row(inner, rest)
            item, at = _node(rows, at, inner, depth + 1)
        else:
            item, at = _value(rest), at + 1
        out.append(item)
    return out, at


def _mapping(rows: list[_Row], at: int, indent: int, depth: int) -> tuple[dict[str, Any], int]:
    out: dict[str, Any] = {}
    while at < len(rows) and rows[at].indent == indent:
        found = _KEY.match(rows[at].text)
        if found is None:
            break
        key = next(part for part in found.groups() if part is not None)
        rest = rows[at].text[found.end() :]
        if key == "<<" or key in out:
            raise _Unread
        below = rows[at + 1] if at + 1 < len(rows) else _Row(-1, "")
        listed = below.indent == indent and (below.text == "-" or below.text.startswith("- "))
        if rest:
            out[key], at = _value(rest), at + 1
        elif below.indent > indent or listed:
            out[key], at = _node(rows, at + 1, below.indent, depth + 1)
        else:
            out[key], at = None, at + 1
    if at < len(rows) and rows[at].indent > indent:
        raise _Unread  # a text that goes on, or a line that stands askew
    return out, at


def _value(text: str) -> Any:
    if text[0] in "[{":
        value, rest = _flow(text, 0)
        if rest.strip():
            raise _Unread
        return value
    return _scalar(text)


def _scalar(text: str) -> Any:
    if text[0] in "&*!|>%@`" or ": " in text:
        raise _Unread
    if text[0] in "\"'":
        if len(text) < 2 or text[-1] != text[0] or text[0] in text[1:-1] or "\\" in text:
            raise _Unread
        return text[1:-1]
    return scalar(text)


def _flow(text: str, depth: int) -> tuple[Any, str]:
    """What stands in brackets or braces on one line, and what stands behind it."""
    if depth > _MOST_DEPTH:
        raise _Unread
    close, mapping = ("}", True) if text[0] == "{" else ("]", False)
    items: list[Any] = []
    pairs: dict[str, Any] = {}
    rest = text[1:].lstrip()
    while rest and rest[0] != close:
        key = None
        if mapping:
            found = _KEY.match(rest)
            if found is None:
                raise _Unread
            key, rest = next(part for part in found.groups() if part is not None), rest[found.end() :].lstrip()
        if rest and rest[0] in "[{":
            item, rest = _flow(rest, depth + 1)
        else:
            word = re.match(r"""\s*("[^"\\]*"|'[^']*'|[^,\[\]{}"']+)""", rest)
            if word is None:
                raise _Unread
            item, rest = _scalar(word[1].strip() or "~"), rest[word.end() :]
        items.append(item)
        if key is not None:
            pairs[key] = item
        rest = rest.lstrip()
        if rest.startswith(","):
            rest = rest[1:].lstrip()
        elif not rest.startswith(close):
            raise _Unread
    if not rest:
        raise _Unread
    return pairs if mapping else items, rest[1:]
