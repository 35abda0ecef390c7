"""How far the base of an earlier run is from the present one: the difference of two states of the code.

What was changed and taken back has moved nothing, and neither has a run that only measured again.
"""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.reading import naming
from memorylab.core.reading.slots import State, difference

MOST = 12
"""Differences that are named; two bases that differ in more are different code."""


def moved(then: State, now: State, kept: Sequence[str]) -> tuple[str, ...]:
    """The targets in which two bases differ; `kept` are those of the kept edits between them, the newest first.

    A kept edit counts while what it set is still another than before; one of a concept as long as any code differs.
    """
    names = difference(then, now)
    differ = [naming.of_slot(name) for name in names[:MOST]]
    structural = any(name not in now.slots and name not in then.slots for name in names)
    settings = {naming.of_slot(name) for state in (then, now) for name in state.slots} if structural else set()
    left = [target for target in kept if target in differ or (structural and target not in settings)]
    return tuple(dict.fromkeys((*left, *differ)))
