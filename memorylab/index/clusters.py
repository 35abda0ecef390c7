"""The runs behind a group of failures, found along the index of what they changed."""

from __future__ import annotations

from memorylab.index.views import Cluster, Views
from memorylab.records import RunView

LOOKED_AT = 60
"""Newest failures on a target among which a group's own are looked for."""


def members(views: Views, arena: int, cluster: Cluster, limit: int) -> list[RunView]:
    """The newest runs of a group, newest first; of a long campaign those that are easily found."""
    what, _, side = cluster.label.partition("\t")
    target = side if cluster.kind == "crash" else what
    numbers = _on_target(views, target, cluster) or _of_family(views, arena, target, cluster)
    found: list[RunView] = []
    for seq in numbers:
        run = views.run(seq)
        if run is None or run.arena != arena:
            continue
        if run.error_kind == what if cluster.kind == "crash" else _first_edit(views, seq) == (what, side):
            found.append(run)
        if len(found) == limit:
            break
    return found


def _on_target(views: Views, target: str, cluster: Cluster) -> list[int]:
    rows = views.db.execute(
        "SELECT DISTINCT seq FROM edits WHERE target = ? AND status = ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
        (target, cluster.kind, cluster.last, LOOKED_AT),
    )
    return [seq for (seq,) in rows]


def _of_family(views: Views, arena: int, family: str, cluster: Cluster) -> list[int]:
    rows = views.db.execute(
        "SELECT seq FROM runs WHERE arena = ? AND family = ? AND status = ? ORDER BY seq DESC LIMIT ?",
        (arena, family, cluster.kind, LOOKED_AT),
    )
    return [seq for (seq,) in rows]


def _first_edit(views: Views, seq: int) -> tuple[str, str]:
    row = views.db.execute(
        "SELECT target, direction FROM edits WHERE seq = ? ORDER BY rowid LIMIT 1", (seq,)
    ).fetchone()
    return (row[0], row[1] or "") if row else ((run.family, "") if (run := views.run(seq)) else ("", ""))
