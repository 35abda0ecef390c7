"""The lineages as trees: each line straight down from its root, what branches off it right below its base."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from memorylab.core.decisions.registry import brief_of
from memorylab.core.runs.arenas import gain_of
from memorylab.records import RunView
from memorylab.tuples import NamedTuple


class Step(NamedTuple):
    """A kept run in its line; lane 0 is the best one."""

    run: RunView
    lane: int
    parent: int | None
    """The number of the run that it was made on, where that is in the tree."""
    earlier: int
    """Kept steps before it that are left out."""
    runs: int = 1
    """How often its code was run."""
    mean: float | None = None
    """The mean of these runs."""
    first: RunView | None = None
    """The first of them, by which its code is known; it may be outside of the tree."""


class _Place(NamedTuple):
    """Where a step stands: how far it is indented, and whether a branch or a tree begins with it."""

    step: Step
    depth: int
    begins: bool
    tip: bool


def rows(steps: Sequence[Step], champion: int | None) -> list[dict[str, Any]]:
    """The trees from their roots down, reruns of the same code as one row.

    A row is a run's brief with `depth` (its indentation), `begins` (a branch, or at depth 0 a tree of its own), `rails`
    (for each indentation left of it whether the line there goes on below), `gain` over its base as it was recorded,
    `runs` and `mean` of its code, `leads`, `tip` and `earlier`.
    """
    groups = _groups(steps)
    places = _places([group[0] for group in groups.values()])
    return [
        {
            **brief_of(place.step.first or place.step.run),
            "depth": place.depth,
            "begins": place.begins,
            "rails": _rails(places, number),
            "gain": gain_of(place.step.first or place.step.run),
            "runs": place.step.runs,
            "mean": place.step.mean,
            "leads": any(step.run.seq == champion for step in groups[place.step.run.candidate]),
            "tip": place.tip,
            "earlier": place.step.earlier,
        }
        for number, place in enumerate(places)
    ]


def _groups(steps: Sequence[Step]) -> dict[str, list[Step]]:
    """The steps by candidate; the first of each stands for it, made on what the first of another stands for."""
    groups: dict[str, list[Step]] = {}
    for step in sorted(steps, key=lambda step: step.run.seq):
        groups.setdefault(step.run.candidate, []).append(step)
    first = {step.run.seq: group[0] for group in groups.values() for step in group}
    for group in groups.values():
        own = group[0].run.seq
        made_on = (first[step.parent].run.seq for step in group if step.parent in first)
        parent = next((seq for seq in made_on if seq < own), None)
        group[0] = group[0]._replace(parent=parent, lane=min(step.lane for step in group))
    return groups


def _places(steps: Iterable[Step]) -> list[_Place]:
    children: dict[int | None, list[Step]] = {}
    for step in steps:
        children.setdefault(step.parent, []).append(step)
    for some in children.values():
        some.sort(key=lambda step: (step.lane, step.run.seq))
    found: list[_Place] = []
    waiting = [(step, 0, True) for step in reversed(children.get(None, []))]
    while waiting:
        step, depth, begins = waiting.pop()
        after = children.get(step.run.seq, [])
        own = next((child for child in after if child.lane == step.lane), after[0] if after else None)
        found.append(_Place(step, depth, begins, not after))
        if own is not None:
            waiting.append((own, depth, False))
        waiting += [(child, depth + 1, True) for child in reversed(after) if child is not own]
    return found


def _rails(places: Sequence[_Place], number: int) -> list[bool]:
    """For each line left of a step whether it goes on below it."""
    rails = [False] * places[number].depth
    least = len(rails)
    for later in places[number + 1 :]:
        hangs_on = later.depth - later.begins
        if 0 <= hangs_on < least:
            rails[hangs_on] = True
        least = min(least, hangs_on)
        if least <= 0:
            break
    return rails
