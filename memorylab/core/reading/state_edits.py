"""What turns one state of the code into another, as typed edits: by which a command's arguments are ideas too."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from memorylab.core.reading import naming
from memorylab.core.reading.diffs import Change
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.literals import Literal
from memorylab.core.reading.slots import State, difference, digest

MOST = 40
"""Slots that are named; an idea has at most eight edits."""


def change(old: State, new: State, only: Collection[str] | None = None) -> Change:
    """The edits between two states, of some slots alone if told so; without a fingerprint where there are none."""
    names = [name for name in difference(old, new) if only is None or name in only]
    edits: dict[tuple[str, str | None], Edit] = {}
    prints = []
    for name in names:
        slot = name in new.slots or name in old.slots
        before, after = (state.slots.get(name) if slot else state.blocks.get(name) for state in (old, new))
        prints.append([name, before, after])
        if len(edits) < MOST:
            made = _of_slot(name, before, after) if slot else _of_block(name, before, after)
            for edit in made:
                edits.setdefault((edit.target, edit.scope), edit)
    if not prints:
        return Change()
    ordered = sorted(edits.values(), key=lambda edit: (edit.opaque, not edit.target.isupper()))
    return Change(tuple(ordered), digest(json.dumps(sorted(prints, key=str))), tuple(names[:MOST]))


def joined(code: Change, arguments: Change) -> Change:
    """A change of the code and one of its arguments as one."""
    if not arguments.fingerprint:
        return code
    if not code.fingerprint:
        return arguments
    taken = {(edit.target, edit.scope) for edit in code.edits}
    edits = (*code.edits, *(edit for edit in arguments.edits if (edit.target, edit.scope) not in taken))
    ordered = sorted(edits, key=lambda edit: (edit.opaque, not edit.target.isupper()))
    return Change(tuple(ordered), digest(code.fingerprint + arguments.fingerprint), (*code.touched, *arguments.touched))


def _of_slot(name: str, before: Any, after: Any) -> list[Edit]:
    if name.startswith("argument "):
        return _of_block(name, digest(json.dumps(before))[:8], digest(json.dumps(after))[:8])
    plain = name.partition("#")[0].rpartition(":")[2]
    given = plain.startswith(("--", "$"))
    home, _, label = ("", "", plain.lstrip("-$").replace("-", "_")) if given else plain.rpartition(".")
    own = label
    if given:
        known = naming.knob(label)
        label = known or label.upper()
    block, _, owner = home.rpartition(".")
    owner, block = (owner, block) if block else ("", home or ("" if given else label))
    owner = f"[{owner}]" if naming.is_inside(home) else owner
    one, other = (
        None if value is None else Literal("", label, True, owner, "", _value(value)) for value in (before, after)
    )
    edits = naming.edits_of(one, other, block)
    renamed = given and own.lower() != label.lower()
    return [edit._replace(name=own) for edit in edits] if renamed and len(edits) == 1 else edits


def _of_block(name: str, before: str | None, after: str | None) -> list[Edit]:
    op = "add" if before is None else "remove" if after is None else "replace"
    return [Edit(name, op, before and f"#{before}", after and f"#{after}")]


def _value(value: Any) -> Any:
    """A value as literals have it: numbers as floats, lists as tuples."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    return tuple(_value(item) for item in value) if isinstance(value, list) else str(value)
