"""What keeps failing in an arena: the largest groups of runs that failed alike, and what each has in common."""

from __future__ import annotations

from typing import Any

from memorylab.core.decisions import registry
from memorylab.core.decisions.registry import FailureCluster
from memorylab.core.report import failures
from memorylab.index import ArenaView, clusters
from memorylab.lab import called
from memorylab.lab.context import Context
from memorylab.lab.standing import standing

ALIKE = 20
"""Runs of a group whose common cause is looked for."""
_KINDS = ("crash", "discard")


def groups(context: Context, arena: ArenaView, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` groups of each kind, crashes first and the largest first, as the report tells of them.

    Beside that each has `first`, its oldest run, and `cluster`, its name in the index.
    """
    views = context.views()
    noise, direction = standing(views, arena).noise, arena.arena.get("direction", "min")
    found = []
    for kind in _KINDS:
        for cluster in views.clusters(arena.id, kind, limit):
            item = FailureCluster(kind, cluster.label, cluster.size, views.run(cluster.last))
            (item,) = called.failures(context, [item])
            told = failures.told(item, clusters.members(views, arena.id, cluster, ALIKE), noise, direction)
            found.append({**told, "first": registry.brief(views.run(cluster.first)), "cluster": cluster.label})
    return found
