"""The lineages of an arena as a graph: its best lines back to their roots, sharing the runs that they share."""

from __future__ import annotations

from memorylab.index import Views
from memorylab.lab.browsing import arena_here
from memorylab.lab.context import Context
from memorylab.records import RunView
from memorylab.tuples import NamedTuple

LINES = 12
STEPS = 40
"""Steps back from each tip; what lies before is told as a number."""


class Node(NamedTuple):
    """A kept run in the graph, in the line to which it was drawn first."""

    run: RunView
    lane: int
    parent: int | None
    """The number of the kept run that it goes back to, where that is in the graph."""
    tip: bool
    earlier: int
    """Kept steps before it that are left out."""


class Graph(NamedTuple):
    """The best lines, the best of them in lane 0."""

    nodes: list[Node]
    champion: int | None
    metric: str


def lineage(context: Context, lines: int = LINES, steps: int = STEPS) -> Graph:
    """The graph of the arena in use; the index must have caught up."""
    views = context.views()
    here = arena_here(context)
    arena = views.arena(here) if here is not None else None
    if arena is None:
        return Graph([], None, context.config.metric)
    tips = {tip.candidate: tip for tip in reversed(views.tips(arena.id, 4 * lines))}
    best = list(tips.values())[::-1][:lines]
    found: dict[int, Node] = {}
    for lane, tip in enumerate(best):
        _walk(views, tip, lane, steps, found)
    return Graph(sorted(found.values(), key=lambda node: node.run.seq), arena.champion, context.config.metric)


def _walk(views: Views, tip: RunView, lane: int, steps: int, found: dict[int, Node]) -> None:
    """Follow a line back until it joins one that is drawn, begins, or has been long enough."""
    run: RunView | None = tip
    for left in range(steps, 0, -1):
        if run is None or run.seq in found:
            return
        parent = views.run(run.ancestor)
        shown = parent is not None and (left > 1 or parent.seq in found)
        earlier = run.depth if parent is not None and not shown else 0
        found[run.seq] = Node(run, lane, parent.seq if parent and shown else None, run.seq == tip.seq, earlier)
        run = parent
