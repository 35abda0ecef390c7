"""Which value of the code a name means that somebody types: MATRIX_LR, `lr` where there is one, `a.yaml:model.lr`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from memorylab.core.reading.places import label_of
from memorylab.core.reading.rewriting import Slot
from memorylab.core.reading.setting import shown
from memorylab.errors import InputError
from memorylab.tuples import NamedTuple

_SHOWN = 8
"""Names that a message lists."""
_LOOKED_AT = 2_000
"""Names among which the nearest is looked for: a tenth of a second."""
_LONGEST = 60
"""Characters of a name that a message repeats."""


class FoundSlot(NamedTuple):
    """A slot, and the file that has it."""

    file: str
    slot: Slot


def choose(name: str, there: Sequence[FoundSlot], files: Mapping[str, str | None]) -> FoundSlot:
    """The slot that is meant: by its full name, else by the end of it, else by either in other letters.

    `files` are the texts that have them, by name: they tell what is there and no plain value.

    Raises:
        InputError: there is none, or more than one.

    """
    for alike in (_exact, _ending, _loosely, _loosely_ending):
        if found := [one for one in there if alike(name, one)]:
            break
    else:
        raise _unknown(name, there, files)
    if len(found) > 1:
        listed = ", ".join(f"{_full(one, there)} ({shown(one.slot.value)})" for one in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise InputError(f"{_cut(name)} may be any of {listed}{more}", "give one of these names in full")
    return found[0]


def _exact(name: str, one: FoundSlot) -> bool:
    """Whether a name is the slot's own; X is also X#2, since both are called X in the code, and X#1 the first alone."""
    given = name.removeprefix(f"{one.file}:")
    return one.slot.name in (given, given.removesuffix("#1")) or one.slot.name.partition("#")[0] == given


def _ending(name: str, one: FoundSlot) -> bool:
    given = name.removeprefix(f"{one.file}:")
    full = one.slot.name if "#" in given else one.slot.name.partition("#")[0]
    return full.endswith(f".{given}") or full == f"--{given}"


def _loosely(name: str, one: FoundSlot) -> bool:
    return _plain(name.removeprefix(f"{one.file}:")) == _plain(one.slot.name.partition("#")[0])


def _loosely_ending(name: str, one: FoundSlot) -> bool:
    given = _plain(name.removeprefix(f"{one.file}:"))
    return bool(given) and _plain(one.slot.name.partition("#")[0]).endswith(f".{given}")


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_").lower()


def _full(one: FoundSlot, there: Sequence[FoundSlot]) -> str:
    """A slot's name with which it can be asked for, that of its file before it where another has it, too."""
    name = one.slot.name
    again = f"{name}#2"
    if "#" not in name and any(other.slot.name == again for other in there if other.file == one.file):
        name = f"{name}#1"
    return f"{one.file}:{name}" if any(o.slot.name == one.slot.name and o.file != one.file for o in there) else name


def _unknown(name: str, there: Sequence[FoundSlot], files: Mapping[str, str | None]) -> InputError:
    wanted = re.compile(rf"^[ \t]*{re.escape(name[:_LONGEST])}[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
    for file, text in files.items():
        if text is not None and wanted.search(text):
            return InputError(f"{_cut(name)} in {file} is no plain value", f"edit {file}: `check` judges the edit")
    near = _nearest(name, there)
    told = f"; nearest: {', '.join(near)}" if near else ""
    names = [name for name, text in files.items() if text is not None]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    hint = "give the name of a value in the files that experiments change, or edit them: `check` judges the edit"
    return InputError(f"no knob {_cut(name)} in {', '.join(names[:_SHOWN])}{more}{told}", hint)


def _nearest(name: str, there: Sequence[FoundSlot]) -> list[str]:
    """The names most like one, in full."""
    import difflib  # for a mistake alone

    found: dict[str, FoundSlot] = {}
    for one in there[:_LOOKED_AT]:
        found.setdefault(_plain(one.slot.name), one)
    for one in there[:_LOOKED_AT]:
        found.setdefault(label_of(one.slot.name).lower(), one)
    alike = difflib.get_close_matches(_plain(name.rpartition(":")[2])[:_LONGEST], found, n=4, cutoff=0.6)
    return list(dict.fromkeys(_full(found[key], there) for key in alike))[:3]


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
