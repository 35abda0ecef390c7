"""How far the base of an earlier run is from the present one: the difference of two states of the code.

What was changed and taken back has moved nothing, and neither has a run that only measured again.
"""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.reading import state_edits
from memorylab.core.reading.state import State, difference

MOST = 12
"""Differences that are named; two bases that differ in more are different code."""


def moved(then: State, now: State, kept: Sequence[str]) -> tuple[str, ...]:
    """The targets in which two bases differ; `kept` are those of the kept edits between them, the newest first.

    A kept edit counts while what it set is still another than before; one of a concept as long as any code differs.
    """
    names = difference(then, now)
    if not names:
        return ()
    changed = state_edits.change(then, now, names[:MOST])
    differ = {edit.target for edit in changed.edits} | {state_edits.joined_name(edit) for edit in changed.edits}
    settings = {_last(name) for state in (then, now) for name in state.slots}
    structural = any(name not in now.slots and name not in then.slots for name in names)
    left = [target for target in kept if target in differ or (structural and _last(target) not in settings)]
    return tuple(dict.fromkeys((*left, *(state_edits.joined_name(edit) for edit in changed.edits))))


def _last(name: str) -> str:
    return name.partition("#")[0].rpartition(".")[2].lstrip("-$").replace("-", "_").upper()
