"""The lineages as one tree: each line straight down from its root, what branches off it indented beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from memorylab.core.decisions.registry import brief_of
from memorylab.core.runs.arenas import improvement
from memorylab.records import Direction, RunView


class Step(NamedTuple):
    """A kept run in its line; lane 0 is the best one."""

    run: RunView
    lane: int
    parent: int | None
    """The number of the run that it was made on, where that is in the tree."""
    earlier: int
    """Kept steps before it that are left out."""


def rows(steps: Sequence[Step], champion: int | None, direction: Direction) -> list[dict[str, Any]]:
    """The tree from its roots down: a run's brief with `depth` (its indentation), `gain` over its parent, `leads`,
    `tip` and `earlier`."""
    known = {step.run.seq: step for step in steps}
    children: dict[int | None, list[Step]] = {}
    for step in steps:
        children.setdefault(step.parent if step.parent in known else None, []).append(step)
    for some in children.values():
        some.sort(key=lambda step: (step.lane, step.run.seq))
    found: list[dict[str, Any]] = []
    waiting = [(step, 0) for step in reversed(children.get(None, []))]
    while waiting:
        step, depth = waiting.pop()
        after = children.get(step.run.seq, [])
        own = next((child for child in after if child.lane == step.lane), after[0] if after else None)
        parent = known.get(step.parent) if step.parent is not None else None
        found.append(
            {
                **brief_of(step.run),
                "depth": depth,
                "gain": _gain(step.run, parent.run if parent else None, direction),
                "leads": step.run.seq == champion,
                "tip": not after,
                "earlier": step.earlier,
            }
        )
        if own is not None:
            waiting.append((own, depth))
        waiting += [(child, depth + 1) for child in reversed(after) if child is not own]
    return found


def _gain(run: RunView, parent: RunView | None, direction: Direction) -> float | None:
    if parent is None or run.value is None or parent.value is None:
        return None
    return improvement(run.value, parent.value, direction)
