"""The state of a piece of code: one value for each of its slots, and a fingerprint for each function and class.

Two versions with one key do the same: formatting, comments, docstrings, names of local variables, the order of
definitions and seeds don't count. What can't be read counts by its text alone. Nothing is ever executed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from memorylab.core.reading import blocks, literals
from memorylab.core.reading.blocks import MARK
from memorylab.core.reading.effort import MAX_SOURCE, MOST_PARSED
from memorylab.core.reading.leaves import leaves, number
from memorylab.core.reading.literals import Literal
from memorylab.core.reading.slots import State, digest, is_seed, left_out
from memorylab.tuples import NamedTuple

MOST_SLOTS = 400
"""Slots, and blocks, that are told of one state; its key is made of all."""
_LONGEST = 120
_SEEDING = frozenset(
    ("seed", "manual_seed", "manual_seed_all", "set_seed", "seed_all", "seed_everything", "set_random_seed",
     "default_rng", "RandomState", "PRNGKey", "Random", "Generator")
)  # fmt: skip
_LOCAL = re.compile(f"{MARK}\\w+")
_ADDING = frozenset(("add_argument", "option", "argument", "add_option"))
_SETTINGS = "settings"
_DEFINES = frozenset(("function", "class", "import"))


class _Unit(NamedTuple):
    """One block of a file: what it is called, its statements without their slots, and those."""

    name: str
    kind: str
    print: str
    slots: dict[str, Any]

    @property
    def movable(self) -> bool:
        """Whether it may stand anywhere in its file: it defines, or sets a name to a plain value."""
        return self.kind in _DEFINES or (self.kind == "constant" and self.print == f"0 {self.last} = _")

    @property
    def plain(self) -> bool:
        """Whether its slots say all of it, or it says nothing."""
        return (
            self.kind in ("import", _SETTINGS)
            or self.print == f"0 {self.last}"
            or (self.kind == "constant" and self.movable)
        )

    @property
    def last(self) -> str:
        """Its own name, without that of its class."""
        return self.name.rpartition(".")[2]


def state_of(
    files: Mapping[str, str | None],
    memo: MutableMapping[str, str] | None = None,
    ignored: Collection[str] = (),
) -> State | None:
    """The state of some files by name; None where none of them is there, or one is too large to be looked at.

    `memo` keeps what was read of a piece of text, by its checksum: most of a file is as it was before.
    """
    there = {name: text for name, text in files.items() if text is not None}
    if not there or any(len(text) > MAX_SOURCE for text in there.values()):
        return None
    read = {name: _read(name, text, {} if memo is None else memo) for name, text in sorted(there.items())}
    prints: list[Any] = []
    slots: dict[str, Any] = {}
    marks: dict[str, list[str]] = {}
    names = Counter(slot for units in read.values() for slot in {name for unit in units for name in unit.slots})
    for file, units in read.items():
        # A configuration is what it says: experiments have one each, under names of their own.
        whose = "" if units and units[0].kind == _SETTINGS else file
        prints.append([whose, *_ordered(units, ignored)])
        prefix = f"{file}:" if len(read) > 1 else ""
        for unit in units:
            for name, value in unit.slots.items():
                _put(slots, (f"{prefix}{name}" if names[name] > 1 else name).replace(MARK, ""), value)
            if not unit.plain:
                marks.setdefault(f"{prefix}{unit.name or 'module'}", []).append(unit.print)
    return State(
        digest(json.dumps(prints)),
        _first(slots),
        _first({name: digest("\n".join(told))[:8] for name, told in marks.items()}),
    )


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    """Note a value under a name of its own."""
    free = name
    count = 1
    while free in found:
        count += 1
        free = f"{name}#{count}"
    found[free] = value


def _first(found: dict[str, Any]) -> dict[str, Any]:
    return found if len(found) <= MOST_SLOTS else dict(list(found.items())[:MOST_SLOTS])


def _ordered(units: Sequence[_Unit], ignored: Collection[str]) -> list[Any]:
    """The units in an order that moving a definition doesn't change."""
    names = Counter(unit.name for unit in units)
    told = [(unit.movable and names[unit.name] == 1, _told(unit, ignored)) for unit in units]
    return [sorted(text for moves, text in told if moves), [text for moves, text in told if not moves]]


def _told(unit: _Unit, ignored: Collection[str]) -> str:
    """A unit as its key has it: values of local names by their order, which renaming leaves as it is."""
    kept = {name: value for name, value in unit.slots.items() if not left_out(name.replace(MARK, ""), ignored)}
    slots = sorted((name, value) for name, value in kept.items() if MARK not in name)
    return json.dumps([unit.kind, unit.name, unit.print, slots, [kept[name] for name in kept if MARK in name]])


# -- files


def _read(name: str, text: str, memo: MutableMapping[str, str]) -> list[_Unit]:
    """The units of one file."""
    if name.endswith(".ipynb"):
        text = _cells(text) or text
    if name.endswith((".py", ".ipynb")):
        found = _python(text, memo)
        if found is not None:
            return found
    settings = leaves(name, text)
    if settings is not None:
        return [_Unit("", _SETTINGS, "", {key: _short(value) for key, value in settings.items()})]
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return [_Unit(name, "text", digest(lines), {})]


def _cells(text: str) -> str:
    """The code of a notebook, whose outputs are none; "" where it can't be read."""
    try:
        cells = json.loads(text)["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    lines = "\n".join(code).splitlines()
    return "\n".join(f"_shell({line!r})" if line.startswith(("%", "!")) else line for line in lines) + "\n"


def _python(source: str, memo: MutableMapping[str, str]) -> list[_Unit] | None:
    """The units of a Python file; None where it can't be read."""
    if len(source) > MOST_PARSED:
        return None
    try:
        units = [unit for piece in blocks.chunks(source) for unit in _piece(piece, memo)]
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        try:  # a statement that the chunks tore apart
            units = list(_units(source))
        except (SyntaxError, RecursionError, MemoryError, ValueError):
            return None
    words = Counter(re.findall(r"\w+", source))
    return [unit for unit in units if unit.kind != "import" or not _unused(unit, words)]


def _unused(unit: _Unit, words: Counter[str]) -> bool:
    """Whether an import of the standard library is of no use, and so of no effect."""
    import sys

    found = re.match(r"0 (?:import|from) (\w+)", unit.print)
    if found is None or found[1] not in sys.stdlib_module_names:
        return False
    return words[unit.name.removeprefix("import ")] == 1


def _piece(text: str, memo: MutableMapping[str, str]) -> Iterator[_Unit]:
    """The units of one statement of a file, remembered by its text."""
    name = digest(text)
    if (kept := memo.get(name)) is not None:
        yield from (_Unit(*item) for item in json.loads(kept))
        return
    found = list(_units(text + "\n"))
    memo[name] = json.dumps(found)
    yield from found


def _units(source: str) -> Iterator[_Unit]:
    for name, block in blocks.blocks(source).items():
        lines = block.lines()
        reads = [literals.read(line.node, line.text) for line in lines]
        slots: dict[str, Any] = {}
        told: list[str] = []
        for line, read in zip(lines, reads, strict=True):
            rest = []
            for found in read.literals.values():
                if found.owner in _SEEDING or is_seed(found.label.replace(MARK, "")):
                    continue
                slot = slot_of(found, name)
                if slot:
                    _put(slots, slot, _short(found.value))
                else:
                    rest.append(_short(found.value))
            told.append(f"{line.depth} {read.shape}" + (f" {json.dumps(rest)}" if rest else ""))
        yield _Unit(name, block.kind, _numbered("\n".join(told)), slots)


def slot_of(found: Literal, block: str) -> str:
    """What a value is called that is the whole of a name's; "" for a part of an expression, and for one without."""
    if not found.exact or not found.label:
        return ""
    label = found.label
    if found.owner in _ADDING:
        return f"--{label.replace('_', '-')}"
    if block.rpartition(".")[2] == label:
        return block
    inside = found.inside or found.owner
    owner = f"{inside}." if inside not in ("", "dict", "field") else ""
    return f"{block}.{owner}{label}" if block else f"{owner}{label}"


def _numbered(text: str) -> str:
    """The text with its local names as numbers, in the order of their appearance."""
    numbers: dict[str, str] = {}
    return _LOCAL.sub(lambda match: numbers.setdefault(match.group(), f"${len(numbers)}"), text)


def _short(value: Any) -> Any:
    """A value as it is kept: a long text by its fingerprint."""
    if isinstance(value, tuple | list):
        items = [_short(item) for item in value]
        return items if len(json.dumps(items)) <= 2 * _LONGEST else f"#{digest(json.dumps(items))}"
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return number(float(value))
    return value if len(value) <= _LONGEST else f"#{digest(value)}"
