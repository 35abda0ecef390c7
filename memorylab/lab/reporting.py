"""The use case `report`: gathers a night from the index and writes the morning report."""

from __future__ import annotations

import os
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab import files
from memorylab.core.guard.knob_table import numeric
from memorylab.core.report.lineage_tree import Step
from memorylab.core.report.morning import Morning, Point, Seen, Window, morning
from memorylab.core.report.waiting import HINTS
from memorylab.index import ArenaView, Views, blocked, clusters, costs
from memorylab.lab import ancestry, called, derived, details, knobs
from memorylab.lab.context import STAMP, Context
from memorylab.lab.failing import ALIKE
from memorylab.lab.judge import arena_in_use, home_arena
from memorylab.records import Arena, Contender, RunView
from memorylab.render import html, markdown_report, picture, progress
from memorylab.render.appendix import Appendix
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.decisions.registry import Board

_WINDOW_RUNS = 2_000
"""Newest runs that the queue and the recent ledger look at; more than a person reads after any night."""

POINTS = 20_000
"""Newest runs in the chart."""
_KNOBS = 8
"""Knobs that are drawn: the most tried ones with a number."""
_KNOBS_LOOKED_AT = 20
_HELD_BACK = 200
"""Newest runs that were held back which are told of, the same idea once."""
_LINES, _STEPS = 5, 12
"""Lineages in the tree, and steps back from each tip."""
_OTHERS = 5


class Report(NamedTuple):
    """A report and the files it was written to, by format."""

    morning: Morning
    paths: dict[str, Path]
    appendix: Appendix
    """The runs that it names."""


def gather(
    context: Context, since_hours: float | None = None, *, points: int = POINTS, draw_knobs: bool = True
) -> Morning:
    """The report as data, over all runs or those of the last hours; `points` is how many runs its chart shows.

    Without `draw_knobs` it has only those knobs that say what is untried: of a long campaign's, all cost 0.1 s.
    """
    context.catch_up()
    views = context.views()
    now = context.clock()
    since = time.strftime(STAMP, time.gmtime(now - since_hours * 3600)) if since_hours else None
    arena = arena_in_use(context)
    if arena is None:
        board, seen = derived.empty_board(Arena(**home_arena(context))), Seen({}, [])
    else:
        board = derived.board(views, arena, context.config.false_wins)
        board = board._replace(failures=called.failures(context, board.failures))
        seen = _seen(context, views, arena, board, points)
    seen = seen._replace(knobs=_knobs(context, draw_knobs))
    stamp = time.strftime(STAMP, time.gmtime(now))
    return morning(board, _window(context, views, arena, since), seen, now=stamp, since=since)


def _window(context: Context, views: Views, arena: ArenaView | None, since: str | None) -> Window:
    counts, spent = views.window(since)
    return Window(
        counts,
        spent,
        views.history(_WINDOW_RUNS, since=since),
        views.champion_at(arena.id, since) if since and arena else None,
        blocked.since(context.index.db, since, _HELD_BACK),
        blocked.count(context.index.db, since),
        costs.untimed(context.index.db, since),
        costs.ideas_kept(context.index.db, since),
    )


def _knobs(context: Context, drawn: bool) -> list[dict[str, Any]]:
    """The most tried knobs with a number, up to the last of those that the queue names unless all are drawn."""
    tried = islice(filter(numeric, knobs.rows(context, _KNOBS_LOOKED_AT)), _KNOBS)
    if drawn:
        return list(tried)
    found: list[dict[str, Any]] = []
    for knob in tried:
        found.append(knob)
        if sum(isinstance(one["suggestion"], float) for one in found) == HINTS:
            break
    return found


def _seen(context: Context, views: Views, arena: ArenaView, board: Board, points: int) -> Seen:
    lines = ancestry.lineage(context, _LINES, _STEPS).nodes
    return Seen(
        families=views.counts(arena.id, "family"),
        progress=[Point(*row) for row in views.progress(arena.id, points)],
        others=[derived.led(views, other) for other in views.arenas(_OTHERS + 1) if other.id != arena.id][:_OTHERS],
        tree=[_step(views, arena, node) for node in lines],
        failed=_failed(views, arena, board),
        first=_first(views, arena),
    )


def _step(views: Views, arena: ArenaView, node: ancestry.Node) -> Step:
    all_of_it = views.candidate(arena.id, node.run.candidate) or Contender(node.run, 1, node.run.value or 0.0)
    return Step(node.run, node.lane, node.parent, node.earlier, all_of_it.runs, all_of_it.mean, all_of_it.run)


def _first(views: Views, arena: ArenaView) -> Contender | None:
    """What the arena began with: all runs of the code that was measured first."""
    run = views.run(costs.first_measured(views.db, arena.id))
    return views.candidate(arena.id, run.candidate) if run else None


def _failed(views: Views, arena: ArenaView, board: Board) -> dict[tuple[str, str], list[RunView]]:
    return {
        (kind, cluster.label): clusters.members(views, arena.id, cluster, ALIKE)
        for kind in dict.fromkeys(item.kind for item in board.failures)
        for cluster in views.clusters(arena.id, kind, sum(item.kind == kind for item in board.failures))
    }


def report(context: Context, since_hours: float | None = None) -> Report:
    """Write `latest.md`, a timestamped copy, and the same as HTML with the chart beside them.

    Raises:
        LabError: the directory can't be written.

    """
    found = gather(context, since_hours)
    directory = context.place.reports
    stamp = found.generated_utc.replace("-", "").replace(":", "")
    named = details.appendix(context, found)
    at = _path_between(directory, context.place.runs)
    drawn = {"svg": progress.svg(found).encode(), "png": picture.png(found)}
    shown = {form: data for form, data in drawn.items() if data is not None}
    page = html.report(found, named, at)
    try:
        files.refuse_links(directory, context.place.memory)
        for name in (stamp, "latest"):
            for form, data in shown.items():
                files.write_atomic(directory / f"{name}.{form}", data)
            files.write_atomic(directory / f"{name}.html", page)
            chart_file = f"{name}.{'png' if 'png' in shown else 'svg'}"
            files.write_atomic(directory / f"{name}.md", markdown_report.report(found, chart_file, named, at))
        for form in drawn.keys() - shown.keys():
            (directory / f"latest.{form}").unlink(missing_ok=True)  # of an earlier report, with what it knew
    except OSError as error:
        raise files.explain(error, "write the report") from error
    paths = {form: directory / f"latest.{form}" for form in ("md", "html", *shown)}
    return Report(found, paths | {"copy": directory / f"{stamp}.md"}, named)


def runs_from(context: Context, page: Path) -> str | None:
    """The archives' directory as a link from a page that is written elsewhere; None where there is no way."""
    return _path_between(page.absolute().parent, context.place.runs)


def _path_between(start: Path, end: Path) -> str | None:
    try:
        return Path(os.path.relpath(end, start)).as_posix()
    except ValueError:  # another drive
        return None
