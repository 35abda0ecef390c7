"""A pack of counts as a file that people share: what may stand in it, and what is believed of one that was handed in.

One cell a line, sorted, so that two versions can be compared line by line.
"""

from __future__ import annotations

import json
import re
from typing import Any

from memorylab.core.guard.priors import ALL, ANY, Counts, Pack
from memorylab.core.reading import concepts, terms
from memorylab.core.reading.lexicon import compose, lexicon
from memorylab.core.reading.lines import table
from memorylab.errors import InputError

FORMAT, VERSION = "memorylab-priors", 1
PUBLIC = "public"
"""The name of the pack that is shipped: "in 25 public ledgers"."""
LARGEST = 1_000_000
"""Characters that a pack may have; the shipped one has 20,000."""
MOST_CELLS = 20_000
_MOST = 10**9  # tries that anybody can have made
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
_WORD = r"[A-Za-z0-9][A-Za-z0-9 _.+-]{0,47}"
_CELL = re.compile(rf"(\*|[a-z]{{1,24}}/\*|{_WORD})\|(\*|up|down|off|on|set|to|to:{_WORD})")
_KNOB = re.compile(r"[A-Z][A-Z0-9_]{0,39}")  # an identifier as it is read; anything else is made of free words
_HINT = "`memorylab priors build` makes packs"


def name_of(name: str) -> str:
    """The name if a pack may have it: it is shown, and it names a file.

    Raises:
        InputError: it is too long, has other signs, or is that of the shipped pack.

    """
    if not _NAME.fullmatch(name):
        raise InputError(f"a pack can't be named {name[:60]!r}", "use up to 40 letters, digits, spaces and . _ -")
    if name.lower() == PUBLIC:
        raise InputError(f"{PUBLIC!r} is the pack that is shipped", "give the pack another name")
    return name


def shared(pack: Pack, *, own_knobs: bool = False, least_ledgers: int = 1) -> Pack:
    """The pack without what would tell more than counts.

    Targets made of somebody's own words go, and knobs that only one code has, unless `own_knobs`; cells of fewer than
    `least_ledgers` too. What goes is still counted in the levels above.
    """
    families = {*table(concepts.FAMILIES), "other"}
    known = _targets()

    def stays(cell: str, counts: Counts) -> bool:
        target = cell.rpartition("|")[0]
        if target.endswith(f"/{ANY}"):
            return target.removesuffix(f"/{ANY}") in families
        if cell == ALL:
            return True
        own = own_knobs and _KNOB.fullmatch(target)
        return bool(target in known or own) and counts.ledgers >= least_ledgers

    return pack._replace(cells={cell: counts for cell, counts in pack.cells.items() if stays(cell, counts)})


def _targets() -> frozenset[str]:
    """Every target that the vocabulary can name."""
    composable, parts = table(terms.COMPOSABLE), table(terms.PARTS)
    composed = {compose(part, knob) for part in ("", *parts) for knob in composable}
    plain = {*composable, *table(terms.KNOBS), *table(terms.CONCEPTS), *table(concepts.SLOTS)}
    return frozenset(composed | plain | set(lexicon().families) | {part.lower() for part in parts})


def dump(pack: Pack) -> str:
    """The pack as a file's text."""
    made = {"ledgers": pack.ledgers, "runs": pack.runs}
    head = {"format": FORMAT, "version": VERSION, "name": pack.name, "made_from": made, "counts": Counts._fields}
    lines = ",\n".join(f"    {json.dumps(cell)}: {list(counts)}" for cell, counts in sorted(pack.cells.items()))
    cells = f"{{\n{lines}\n  }}" if lines else "{}"
    fields = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    return "{\n" + ",\n".join([*fields, f'  "cells": {cells}']) + "\n}\n"


def parse(text: str) -> Pack:
    """The pack in a file's text, which may come from anybody.

    Raises:
        InputError: it isn't a pack, a newer version wrote it, or its counts contradict themselves.

    """
    if len(text) > LARGEST:
        raise InputError(f"it has {len(text):,} characters, a pack has at most {LARGEST:,}", _HINT)
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("it is not JSON", _HINT) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise InputError(f'it does not say "format": "{FORMAT}"', _HINT)
    if raw.get("version") != VERSION or isinstance(raw["version"], bool):
        raise InputError(f"it has version {str(raw.get('version'))[:20]}, this one knows {VERSION}", "update MemoryLab")
    name, made, cells = raw.get("name"), raw.get("made_from"), raw.get("cells")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError("its name is missing or no plain name", "use up to 40 letters, digits, spaces and . _ -")
    if not isinstance(made, dict) or not (_count(made.get("ledgers")) and _count(made.get("runs"))):
        raise InputError('"made_from" does not count its ledgers and runs', _HINT)
    if not isinstance(cells, dict) or len(cells) > MOST_CELLS:
        raise InputError(f'"cells" is no object of at most {MOST_CELLS:,} cells', _HINT)
    pack = Pack(name, made["ledgers"], made["runs"], {cell: _counts(cell, value) for cell, value in cells.items()})
    _check(pack)
    return pack


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def _counts(cell: str, value: Any) -> Counts:
    if not _CELL.fullmatch(cell):
        raise InputError(f"{cell[:60]!r} is no cell", 'a cell is named like "MATRIX_LR|up"')
    if not isinstance(value, list) or len(value) != len(Counts._fields) or not all(map(_count, value)):
        raise InputError(f"{cell!r} is not [{', '.join(Counts._fields)}]", "each is a whole number from 0 on")
    return Counts(*value)


def _check(pack: Pack) -> None:
    """Refuse counts that no ledgers can have led to.

    Raises:
        InputError: which cell can't be true, and why.

    """
    for cell, (tries, ledgers, kept, crashed) in pack.cells.items():
        if kept + crashed > tries:
            raise InputError(f"{cell!r} has {kept} kept and {crashed} crashed of {tries} tries", _HINT)
        if not ledgers <= tries <= pack.runs or ledgers > pack.ledgers:
            told = f"{cell!r} has {tries} tries in {ledgers} ledgers"
            raise InputError(f"{told}, the pack {pack.runs} in {pack.ledgers}", _HINT)
