"""The pictures of the pages as SVG without styles of their own: the page's policy allows none but its style sheet's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from memorylab.core import numerals
from memorylab.core.report.morning import Morning
from memorylab.lab.ancestry import Graph
from memorylab.render import knob_chart, plot
from memorylab.render import progress as report_chart
from memorylab.render.escape import html
from memorylab.tuples import NamedTuple

ROW, LANE = 36, 16
"""Pixels of a run's row in the lineage, and between two of its lines."""


def bare(svg: str) -> Markup:
    """A drawing without its style element. It is ours: what agents wrote is escaped in it and can't begin one."""
    return Markup(re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL))


def progress(m: Morning, width: int, height: int) -> Markup:
    """The progress chart, whose marks lead to their runs."""
    return bare(report_chart.svg(m, width, height, lambda point: f"/run?id={quote(point.run_id, safe='')}"))


def knob(row: Mapping[str, Any]) -> Markup:
    """A knob's tries, without its name: that is the heading above."""
    drawn = re.sub(r'<text class="name".*?</text>', "", knob_chart.knob_svg(row))
    top, width, height = 22, knob_chart.WIDTH, knob_chart.HEIGHT
    return bare(drawn.replace(f'viewBox="0 0 {width} {height}"', f'viewBox="0 {top} {width} {height - top}"', 1))


def share(*parts: tuple[str, float]) -> Markup:
    """A bar whose parts are shares of its width; what it shows is said beside it."""
    drawn, x = [], 0.0
    for kind, part in parts:
        wide = min(max(100 * part, 0.0), 100.0 - x)
        drawn.append(f'<rect class="{kind}" x="{x:.1f}" width="{wide:.1f}" height="8"/>')
        x += wide
    return Markup(
        f'<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100" height="8"/>{"".join(drawn)}</svg>'
    )


class _Plot(NamedTuple):
    """A rectangle for steps and losses."""

    first: int
    last: int
    low: float
    high: float
    width: int
    height: int

    def x(self, step: float) -> float:
        """Pixels of a step."""
        return round(56 + (self.width - 66) * (step - self.first) / (self.last - self.first), 1)

    def y(self, loss: float) -> float:
        """Pixels of a loss, at the edge when it is off the scale."""
        part = min(max((loss - self.low) / (self.high - self.low), 0.0), 1.0)
        return round(self.height - 30 - (self.height - 42) * part, 1)


def curve(points: Sequence[tuple[int, float]], width: int = 1120, height: int = 240) -> Markup:
    """A loss by step; nothing with fewer than two points."""
    shown = [(step, loss) for step, loss in points if abs(loss) < plot.LARGEST]
    if len(shown) < 2 or shown[0][0] >= shown[-1][0]:
        return Markup("")
    shown = shown[:: max(1, len(shown) // width)] + shown[-1:]
    ordered = sorted(loss for _, loss in shown)
    low, high = ordered[0], ordered[int(0.98 * (len(ordered) - 1))]  # the first steps' losses would flatten the rest
    room = (high - low) * 0.06 or abs(high) * 0.01 or 1.0
    frame = _Plot(shown[0][0], shown[-1][0], low - room, high + room, width, height)
    marks = plot.ticks(frame.low, frame.high, 5)
    parts = [f'<rect class="paper" width="{width}" height="{height}"/>']
    for value, word in zip(marks, plot.tick_words(marks), strict=True):
        y = frame.y(value)
        parts.append(f'<path class="rule" d="M56 {y}H{width - 10}"/>')
        parts.append(f'<text x="48" y="{y + 4}" text-anchor="end">{word}</text>')
    parts += [
        f'<text x="{frame.x(step)}" y="{height - 8}" text-anchor="middle">{int(step):,}</text>'
        for step in plot.ticks(frame.first, frame.last, 7 if width > 600 else 4)
    ]
    parts.append(f'<path class="best" d="M{"L".join(f"{frame.x(step)} {frame.y(loss)}" for step, loss in shown)}"/>')
    first, last = (numerals.loss(loss) for _, loss in (shown[0], shown[-1]))
    told = f"Loss from {first} at step {frame.first:,} to {last} at step {frame.last:,}."
    head = f'<svg class="ml-chart" viewBox="0 0 {width} {height}" role="img" aria-label="{html(told)}">'
    return Markup(f"{head}{''.join(parts)}</svg>")


def lines(graph: Graph) -> Markup:
    """The lines beside the list of the lineage's runs, the newest at the top; the list says the same in words."""
    nodes = graph.nodes[::-1]
    rows = {node.run.seq: row for row, node in enumerate(nodes)}
    lanes = {node.run.seq: node.lane for node in nodes}
    x = {seq: LANE // 2 + lane * LANE for seq, lane in lanes.items()}
    y = {seq: ROW // 2 + row * ROW for seq, row in rows.items()}
    parts = []
    for node in nodes:
        seq, parent = node.run.seq, node.parent
        if parent is None:
            if node.earlier:
                parts.append(f'<path class="lane lane{node.lane % 6} cut" d="M{x[seq]} {y[seq]}v{ROW // 2}"/>')
            continue
        bend = "" if x[seq] == x[parent] else f"C{x[seq]} {y[parent] - 2} {x[seq]} {y[parent]} {x[parent]} {y[parent]}"
        straight = f"V{y[parent] - (ROW if bend else 0)}"
        parts.append(f'<path class="lane lane{node.lane % 6}" d="M{x[seq]} {y[seq]}{straight}{bend}"/>')
    for node in nodes:
        seq, leads = node.run.seq, node.run.seq == graph.champion
        size = 6 if leads else 4
        kind = "champion" if leads else f"node lane{node.lane % 6}"
        parts.append(f'<circle class="{kind}" cx="{x[seq]}" cy="{y[seq]}" r="{size}"/>')
    width, height = LANE * (1 + max(lanes.values(), default=0)), ROW * len(nodes)
    return Markup(
        f'<svg class="lanes" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )
