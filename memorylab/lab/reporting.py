"""The use case `report`: gathers a night from the index and writes the morning report."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from memorylab import files
from memorylab.core.knob_table import numeric
from memorylab.core.morning import Morning, Point, Window, morning
from memorylab.lab import derived, knobs
from memorylab.lab.context import STAMP, Context, current_arena
from memorylab.lab.judge import home_arena
from memorylab.records import Arena
from memorylab.render import chart, html, markdown

_WINDOW_RUNS = 2_000
"""Newest runs that the queue and the recent ledger look at; more than a person reads after any night."""

POINTS = 20_000
"""Newest runs in the chart."""
_KNOBS = 8
"""Knobs that are drawn: the most tried ones with a number."""
_KNOBS_LOOKED_AT = 20


class Report(NamedTuple):
    """A report and the files it was written to, by format."""

    morning: Morning
    paths: dict[str, Path]


def gather(
    context: Context, since_hours: float | None = None, *, points: int = POINTS, draw_knobs: bool = True
) -> Morning:
    """The report as data, over all runs or those of the last hours; `points` is how many runs its chart shows."""
    context.catch_up()
    views = context.views()
    now = context.clock()
    since = time.strftime(STAMP, time.gmtime(now - since_hours * 3600)) if since_hours else None
    arena = current_arena(views, home_arena(context)) or next(iter(views.arenas(1)), None)
    counts, seconds = views.window(since)
    if arena is None:
        board, progress, families, before = derived.empty_board(Arena(**home_arena(context))), [], {}, None
    else:
        board = derived.board(views, arena)
        progress = [
            Point(number, run_id, status, value, description)
            for number, run_id, status, value, description in views.progress(arena.id, points)
        ]
        families = views.counts(arena.id, "family")
        before = views.champion_at(arena.id, since) if since else None
    window = Window(counts, seconds, views.history(_WINDOW_RUNS, since=since), before)
    tried = knobs.table(context, _KNOBS_LOOKED_AT) if draw_knobs else []
    drawn = [knob for knob in tried if numeric(knob)][:_KNOBS]
    stamp = time.strftime(STAMP, time.gmtime(now))
    return morning(board, window, families, progress, now=stamp, since=since, knobs=drawn)


def report(context: Context, since_hours: float | None = None) -> Report:
    """Write `latest.md`, a timestamped copy, and the same as HTML with the chart beside them.

    Raises:
        LabError: the directory can't be written.

    """
    found = gather(context, since_hours)
    directory = context.place.reports
    stamp = found.generated_utc.replace("-", "").replace(":", "")
    picture = chart.progress_svg(
        found.progress, metric=found.metric, direction=found.direction, sigma=found.noise.get("sigma")
    )
    page = html.report(found)
    try:
        for name in (stamp, "latest"):
            files.write_atomic(directory / f"{name}.svg", picture)
            files.write_atomic(directory / f"{name}.html", page)
            files.write_atomic(directory / f"{name}.md", markdown.report(found, f"{name}.svg"))
    except OSError as error:
        raise files.explain(error, "write the report") from error
    return Report(
        found,
        {
            "md": directory / "latest.md",
            "html": directory / "latest.html",
            "svg": directory / "latest.svg",
            "copy": directory / f"{stamp}.md",
        },
    )
