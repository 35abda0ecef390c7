"""The live board of a terminal: what leads, what runs now, the chart, what is next and what came last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from memorylab.core.numerals import loss
from memorylab.records import finite
from memorylab.render import text_report, words
from memorylab.render.chart_text import progress_text
from memorylab.render.escape import one_line
from memorylab.render.table import Column, cells, fit, paint, section, table

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning

_STEPS = 3
_LAST = 12
_BAR = 20


class Experiment(Protocol):
    """A run that goes on, or whose process is gone without having recorded it; see `memorylab.lab.running`."""

    @property
    def description(self) -> str:
        """What it tries."""

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""

    @property
    def alive(self) -> bool:
        """Whether its process is there."""

    @property
    def progress(self) -> Any:
        """Its last step, if its log tells one."""


def board(m: Morning, running: Sequence[Experiment], width: int, color: bool = False, height: int | None = None) -> str:
    """The board in lines of at most `width` characters; of a low terminal the end is left out."""
    counts = words.endings(m.counts)
    title = f"{words.when(m.generated_utc, full=True)} UTC · {counts} · {one_line(m.arena, 100)}"
    lines = [paint(fit(title, width), "bold", color), "", *text_report.headline(m, width, color)]
    lines += section("Running", [line for told in running for line in _experiment(told, width, color)], width, color)
    if m.progress:
        rows = 14 if height is None or height >= 44 else 10 if height >= 32 else 8
        lines += [
            "",
            progress_text(
                m.progress, metric=m.metric, direction=m.direction, shown=words.digits_of(m), width=width, height=rows
            ),
        ]
    lines += section("Do next", text_report.queue(m.queue[:_STEPS], width, color), width, color)
    lines += section("Last runs", _last(m, width, color), width, color)
    shown = "\n".join(lines).split("\n")
    return "\n".join(shown if height is None else shown[:height])


def _experiment(told: Experiment, width: int, color: bool) -> list[str]:
    """A line for what it tries, and one for how far it is."""
    name = fit(f"  {one_line(told.description, 200) or 'a run without a description'}", width)
    if not told.alive:
        return [name, fit("  its process is gone, and it was never recorded", width)]
    p = told.progress
    if p is None:
        return [name, f"  {told.elapsed_s:.0f} s, no step yet"]
    share = finite(p.percent)
    parts = [f"step {p.step}" if p.step is not None else "", f"loss {loss(p.loss)}" if p.loss is not None else ""]
    parts += [f"{p.remaining_s:.0f} s left" if p.remaining_s is not None else f"{told.elapsed_s:.0f} s"]
    said = ", ".join(part for part in parts if part)
    if share is None:
        return [name, fit(f"  {said}", width)]
    full = round(_BAR * min(max(share, 0.0), 100.0) / 100)
    drawn = f"{'█' * full}{'░' * (_BAR - full)} {share:.0f} %"
    if cells(drawn) + cells(said) + 4 > width:
        return [name, fit(f"  {share:.0f} %, {said}", width)]
    return [name, f"  {paint(drawn, 'blue', color)}  {said}"]


def _last(m: Morning, width: int, color: bool) -> list[str]:
    shown = words.digits_of(m)
    rows = [
        (
            words.when(run.get("timestamp_utc"))[-5:],
            one_line(run.get("status"), 10),
            shown.value(run.get("value")),
            shown.signed(run.get("gain_over_base")),
            words.name_of(run, 200),
        )
        for run in m.recent[:_LAST]
    ]
    columns = (
        Column("UTC", priority=2),
        Column("status"),
        Column(one_line(m.metric, 16), right=True),
        Column("gain", right=True, priority=1),
        Column("idea", flex=True),
    )
    return table(columns, rows, width, color)
