"""A file with one of its values replaced or taken away, as if it had been edited: what --set and --unset judge.

What comes out is read back before it is believed: nothing but the one value may differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from memorylab.core.reading import blocks, leaves, places
from memorylab.core.reading.effort import MAX_SOURCE
from memorylab.core.reading.literals import Value
from memorylab.core.reading.places import SourcePlace, Span
from memorylab.core.reading.setting import written
from memorylab.tuples import NamedTuple

_MOST_TRIED = 60
_LARGE = 100_000
"""Characters of a configuration beyond which only a few of the places that look right are tried."""


class Slot(NamedTuple):
    """A value that a file has: its name, what it is, and where it stands if that is known before it is looked for."""

    name: str
    value: Value
    place: SourcePlace | None = None


@lru_cache(maxsize=16)
def slots(name: str, text: str) -> Sequence[Slot]:
    """The values of a file by name, in order; nothing where it is too large, or a notebook.

    What was read last is kept: many ideas are asked of one tree.
    """
    if len(text) > MAX_SOURCE or name.endswith(".ipynb"):
        return []
    if name.endswith(".py"):
        try:
            return [Slot(place.slot, place.value, place) for place in places.in_python(text)]
        except (SyntaxError, RecursionError, MemoryError, ValueError):
            pass  # read line by line, as its change is
    settings = leaves.leaves(name, text)
    if settings is not None:
        return [Slot(path, _told(value)) for path, value in settings.items()]
    return [Slot(place.slot, place.value, place) for place in places.in_lines(text)]


def with_value(name: str, text: str, slot: Slot, value: Value) -> str | None:
    """The file with another value in a slot; None where nobody can tell how to write it there."""
    if slot.place is None:
        return _in_settings(name, text, slot, value)
    start, end = slot.place.span
    old = text[start:end]
    told = _in_style(old, value, bare=not name.endswith(".py"))
    changed = f"{text[:start]}{told}{text[end:]}"
    return changed if _reads(name, text, changed, slot, value) else None


def without(name: str, text: str, slot: Slot) -> str | None:
    """The file without a value and its name; None where it wouldn't be read any more, or is no thing that can go."""
    if slot.place is None:
        return _out_of_settings(name, text, slot)
    changed = places.without(text, slot.place)
    if changed == text:
        return None
    found = slots(name, changed)
    whole = not name.endswith(".py") or _is_python(changed) or not _is_python(text)
    return changed if whole and len(found) < len(slots(name, text)) else None


def _reads(name: str, text: str, changed: str, slot: Slot, value: Value) -> bool:
    """Whether the statements of a changed file that are other than before have the value under the slot's name."""
    own = slot.name.partition("#")[0]
    _, after = blocks.differing(text, changed) if name.endswith(".py") else (text, changed)
    return any(one.name.partition("#")[0] == own and one.value == value for one in slots(name, after))


def _is_python(text: str) -> bool:
    try:
        places.in_python(text)
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        return False
    return True


def _in_style(old: str, value: Value, *, bare: bool) -> str:
    """A value as it is written in the place of another: a list stays one, a word without quotes has none."""
    if isinstance(value, tuple) and old.startswith("["):
        return f"[{written(value)[1:-1].removesuffix(',')}]"
    if bare and isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if bare and isinstance(value, bool) and old[:1].islower():
        return str(value).lower()
    return written(value)


# -- configuration files


def _told(value: Any) -> Value:
    """A leaf as literals have it."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return float(value)
    return tuple(_told(item) for item in value) if isinstance(value, list) else str(value)


def _in_settings(name: str, text: str, slot: Slot, value: Value) -> str | None:
    wanted = {one.name: value if one.name == slot.name else one.value for one in slots(name, text)}
    for _, (start, end) in _places(text, slot.name):
        old = text[start:end]
        gap = "" if end > start or text[start - 1 : start].isspace() else " "
        for told in dict.fromkeys(_spellings(old, value)):
            changed = f"{text[:start]}{gap}{told}{text[end:]}"
            if _values(name, changed) == wanted:
                return changed
    return None


def _out_of_settings(name: str, text: str, slot: Slot) -> str | None:
    wanted = {one.name: one.value for one in slots(name, text) if one.name != slot.name}
    for start, (_, end) in _places(text, slot.name):
        for item in (False, True):
            place = SourcePlace(slot.name, slot.value, (start, end), (start, end), item)
            changed = places.without(text, place)
            if _values(name, changed) == wanted:
                return changed
    return None


def _values(name: str, text: str) -> dict[str, Value] | None:
    found = leaves.leaves(name, text)
    return None if found is None else {path: _told(value) for path, value in found.items()}


def _spellings(old: str, value: Value) -> Iterator[str]:
    """A value as configurations write it: as JSON does, or as a word where one stood."""
    if isinstance(value, str) and old[:1] not in ("", '"', "'", "[", "{"):
        yield value
    yield json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return leaves.number(value) if isinstance(value, float) else value


def _places(text: str, path: str) -> Sequence[tuple[int, Span]]:
    """Where a setting of this path may stand: the beginning of its key, and its value; the likeliest first."""
    key = re.escape(path.rpartition(".")[2])
    most = _MOST_TRIED if len(text) <= _LARGE else 4
    found: list[tuple[int, Span]] = []
    for match in re.finditer(rf"""(?<![\w-])["']?{key}["']?[ \t]*[:=][ \t]*""", text):
        found += [(match.start(), (match.end(), end)) for end in dict.fromkeys(_ends(text, match.end()))]
        if len(found) >= most:
            break
    return found


def _ends(text: str, start: int) -> Iterator[int]:
    """Where a value that begins at `start` may end."""
    if text[start : start + 1] in tuple("\"'[{"):
        with suppress(ValueError, RecursionError):
            yield json.JSONDecoder().raw_decode(text, start)[1]
        close = {"[": "]", "{": "}"}.get(text[start], text[start])
        last = text.find(close, start + 1)
        if last > 0:
            yield last + 1
    for pattern in (r"[^,\]}#\n]*", r"[^#\n]*"):
        found = re.compile(pattern).match(text, start)
        yield start + len(found.group().rstrip()) if found else start
