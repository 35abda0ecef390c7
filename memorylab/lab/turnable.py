"""The knobs of the code as it lies here, each with what history calls it; kept while code and words stay as they are.

To look all names up in the vocabulary takes as long as a bare start of Python.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from memorylab.adapters.config import within
from memorylab.core.guard import settable
from memorylab.core.guard.settable import Apart, CodeKnob
from memorylab.core.reading import naming
from memorylab.core.reading.diffs import Change
from memorylab.core.reading.leaves import SUFFIXES, leaves
from memorylab.core.reading.slots import State, digest, with_slots
from memorylab.index import pieces
from memorylab.lab import changes, identity
from memorylab.lab.context import Context
from memorylab.tuples import NamedTuple

_KEPT = "knobs of the code 2"
"""Names what is kept of them in the index; another number forgets it."""


class Turnable(NamedTuple):
    """A knob, and the target and the part under which history has its edits."""

    knob: CodeKnob
    target: str
    scope: str | None


def knobs(context: Context, names: Sequence[str], state: State) -> list[Turnable]:
    """The knobs among the slots of the code."""
    apart = _apart(context, names)
    asked = [state.slots, apart.ignore, apart.judging, sorted(apart.leaves)]
    words = [context.dialect.own.checksum, context.dialect.names()]
    place = digest(json.dumps([*asked, *words], default=repr))
    db = context.index.db
    with suppress(ValueError, TypeError, AttributeError):  # made by somebody else
        told = json.loads(pieces.kept(db, _KEPT) or "{}")
        if told.get("of") == place:
            return [Turnable(CodeKnob(*knob), target, scope) for knob, target, scope in told["knobs"]]
    found = [Turnable(knob, *_place(state, knob)) for knob in settable.knobs(state.slots, apart)]
    pieces.keep(db, _KEPT, json.dumps({"of": place, "knobs": found}))
    return found


def _apart(context: Context, names: Sequence[str]) -> Apart:
    """What the settings keep out of experiments, and what stands in configuration files."""
    ruled = identity.rules(context)
    inside = [part[1].rpartition(".")[2] for name in context.config.guarded if (part := within(name))]
    sources = identity.read_tree(context, [name for name in names if name.lower().endswith(SUFFIXES)])
    entries: set[str] = set()
    for name, source in sources.items():
        found = leaves(name, source) if source is not None else None
        entries.update(one for key in found or () for one in (key, f"{name}:{key}"))
    return Apart(ruled.ignore, (*ruled.arguments, *inside), frozenset(entries))


def _place(state: State, knob: CodeKnob) -> tuple[str, str | None]:
    """What history calls a knob, and the part that it belongs to."""
    other: bool | float = not knob.now if isinstance(knob.now, bool) else knob.now + 1
    (edit, *_) = change(State("", {knob.slot: state.slots[knob.slot]}), {knob.slot: other}).edits
    return naming.joined(edit).target, edit.scope


def change(state: State, given: Mapping[str, Any]) -> Change:
    """What the code becomes with some of its slots set otherwise."""
    return changes.between(state, with_slots(state, given))
