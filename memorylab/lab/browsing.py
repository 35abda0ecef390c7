"""The use cases of somebody who looks around: pages of runs under a filter, and what stands around one run."""

from __future__ import annotations

from typing import Literal

from memorylab.errors import UsageError
from memorylab.index import Views
from memorylab.index.pages import COUNTED, Filter, Pages, Place
from memorylab.lab.context import Context
from memorylab.lab.judge import arena_in_use
from memorylab.records import RunView
from memorylab.tuples import NamedTuple

Sort = Literal["newest", "oldest", "best", "worst"]
SORTS: tuple[Sort, ...] = ("newest", "oldest", "best", "worst")
MOST = 500
"""Runs on one page at most."""


class Page(NamedTuple):
    """One page of runs, and the names of its neighbours."""

    runs: list[RunView]
    total: int
    """How many match; where `exact` is false there are more than this."""
    exact: bool
    before: str | None
    """Names the page before this one; None on the first."""
    after: str | None
    arena: int | None
    """The arena that was looked at: a sorting by value is about one."""


def browse(
    context: Context, wanted: Filter, *, sort: Sort = "newest", after: str = "", before: str = "", limit: int = 50
) -> Page:
    """The runs that match, from one of a page's own names on; the index must have caught up.

    Raises:
        UsageError: `after` or `before` was not made by a page.

    """
    pages, limit = Pages(context.index.db), min(max(limit, 1), MOST)
    ranked = sort in ("best", "worst")
    if ranked and wanted.arena is None:
        arena = arena_here(context)
        if arena is None:
            return Page([], 0, True, None, None, None)
        wanted = wanted._replace(arena=arena)
    total = pages.count(wanted)
    place = _place(before or after, ranked)
    turned = (sort in ("oldest", "worst")) != bool(before)
    if ranked:
        runs = pages.best(wanted, limit + 1, place, worst=turned, few=total <= COUNTED)
    else:
        runs = pages.newest(wanted, limit + 1, place, oldest=turned)
    more, runs = len(runs) > limit, runs[:limit]
    runs = runs[::-1] if before else runs
    names = [_name(run, ranked) for run in (runs[:1] + runs[-1:])]
    first, last = (names[0], names[-1]) if names else (None, None)
    return Page(
        runs,
        min(total, COUNTED) if _guessed(wanted, total) else total,
        not _guessed(wanted, total),
        first if (more if before else place is not None) else None,
        last if (before or more) else None,
        wanted.arena,
    )


def arena_here(context: Context) -> int | None:
    """The arena in use, the one used last where none is; None in an empty workspace."""
    arena = arena_in_use(context)
    return arena.id if arena else None


class Around(NamedTuple):
    """What stands around a run."""

    view: RunView
    earlier: RunView | None
    later: RunView | None
    parent: RunView | None
    children: list[RunView]
    reruns: list[RunView]
    """Other runs of the same code, newest first."""


def around(context: Context, run_id: str) -> Around | None:
    """The run as the index knows it with its neighbours in time and in the lineage; None where there is no such run."""
    views = context.views()
    view = next(iter(views.find(run_id)), None)
    if view is None:
        return None
    parent = views.by_commit(view.parent_commit) if view.parent_commit else None
    alike = views.same_code(view.arena, view.code) if view.code else []
    return Around(
        view,
        views.run(view.seq - 1),
        views.run(view.seq + 1),
        parent if parent and parent.seq != view.seq else None,
        children(views, view),
        [run for run in alike if run.seq != view.seq],
    )


def children(views: Views, run: RunView, limit: int = 10) -> list[RunView]:
    """Runs that were made on a run's commit, the newest first."""
    return Pages(views.db).children(run, limit) if run.commit else []


def _guessed(wanted: Filter, total: int) -> bool:
    counted = wanted == Filter(status=wanted.status, family=wanted.family, arena=wanted.arena)
    return total > COUNTED and not counted


def _name(run: RunView, ranked: bool) -> str:
    return f"{run.rank!r}_{run.seq}" if ranked else str(run.seq)


def _place(name: str, ranked: bool) -> Place | None:
    if not name:
        return None
    rank, _, seq = name.rpartition("_")
    try:
        if len(name) <= 60 and seq.isascii() and seq.isdigit() and bool(rank) == ranked:
            return Place(int(seq[:18]), float(rank) if ranked else 0.0)
    except ValueError:
        pass
    raise UsageError("there is no such page", "take the links of a page, or leave out `after` and `before`")
