"""The progress as a picture of pixels, for places that show no SVG; the only module that imports matplotlib (an extra).

The core draws its SVG itself: that costs 5 ms and no installation, matplotlib 150 MB and most of a second. But chat
programs, mail and many Markdown viewers show PNG alone, and a notebook wants a figure to go on with. So it is used
where it is installed, and for these two only.
"""

from __future__ import annotations

import importlib.util
import io
import itertools
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memorylab.errors import MissingExtra
from memorylab.render import labels, naming, plot, progress
from memorylab.render.escape import one_line, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from memorylab.core.report.morning import Morning

WIDTH, HEIGHT, DPI = 9.6, 4.4, 110
INK, SOFT, RULE = "#1f2328", "#59636e", "#e4e7eb"
KEPT, DISCARDED, CRASHED = "#0072b2", "#a3a9b1", "#c24e00"
UNIT = 1.12
"""Pixels here of one in which names are placed: letters of seven points are so much wider than the SVG's."""
LANE = 0.06
"""Share of the height beyond the worse end in which crashed runs stand."""


def png(m: Morning) -> bytes | None:
    """The chart as PNG; None where matplotlib isn't installed or there is nothing to draw."""
    if not m.progress or importlib.util.find_spec("matplotlib") is None:
        return None
    text = {"Title": f"Progress of {one_line(m.metric, 40)}", "Description": progress.in_words(m)}
    return _shown(figure(m), metadata=text)


def figure(m: Morning) -> Figure:
    """The chart as a matplotlib figure that a notebook shows by itself, without pyplot and its windows.

    Raises:
        MissingExtra: matplotlib isn't installed.

    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingExtra("a figure", "matplotlib", "plots") from error

    kind = type("Picture", (Figure,), {"_repr_png_": _shown})
    found: Figure = kind(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor="white")
    FigureCanvasAgg(found)
    _draw(found.add_axes((_left(m), 0.11, 0.985 - _left(m), 0.75)), m)
    return found


def _left(m: Morning) -> float:
    """The share of the width that the values at the axis take; constrained layout would draw everything twice."""
    runs = plot.measured(m.progress)
    if not runs:
        return 0.05
    shown = plot.axis(runs, plot.records(runs, m.direction), m.direction, progress.sigma(m), 0.16)
    words = ["crash", *plot.tick_words(plot.ticks(shown.low, shown.high, 8))]
    return (28 + 1.1 * max((labels.text_width(word, 12) for word in words), default=0.0)) / (WIDTH * DPI)


def _shown(figure: Figure, **options: Any) -> bytes:
    """The picture as a notebook asks for it."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name in an alphabet that no font here has is drawn as boxes
        figure.savefig(out, format="png", **options)
    return out.getvalue()


def _draw(axes: Axes, m: Morning) -> None:
    runs = plot.measured(m.progress)
    bests = plot.records(runs, m.direction)
    better = "higher" if m.direction == "max" else "lower"
    axes.set_title(f"{_plain(m.metric, 40)} · {better} is better", loc="left", color=INK, fontsize=10, pad=24)
    axes.set_xlabel("run", color=SOFT, fontsize=9)
    axes.tick_params(colors=SOFT, labelsize=8, length=0)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    if not runs:
        axes.text(0.5, 0.5, "No run has been measured yet.", ha="center", transform=axes.transAxes, color=SOFT)
        return
    shown = plot.axis(runs, bests, m.direction, progress.sigma(m), 0.16)
    lane = LANE * (shown.high - shown.low) if plot.counts(m.progress)["crash"] else 0.0
    axes.set_ylim(shown.low - lane * (m.direction == "max"), shown.high + lane * (m.direction == "min"))
    ticks = plot.ticks(shown.low, shown.high, 8)
    axes.set_yticks(ticks, plot.tick_words(ticks))
    _line(axes, m, bests)
    _runs(axes, m, runs, shown)
    _crashes(axes, m, shown.low - lane if m.direction == "max" else shown.high + lane)
    axes.set_xlim(*axes.get_xlim())  # what is drawn from here on moves nothing
    _names(axes, m, runs, shown)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.015), ncols=8, frameon=False, fontsize=8, labelcolor=SOFT,
                handletextpad=0.3, columnspacing=1.1, borderaxespad=0)  # fmt: skip


def _line(axes: Axes, m: Morning, bests: Sequence[plot.Best]) -> None:
    """The best so far, its noise band, and at its end the champion's true value."""
    if not bests:
        return
    x, y = _steps(m, bests)
    sigma = progress.sigma(m)
    if sigma:
        axes.fill_between(x, [v - sigma for v in y], [v + sigma for v in y], step="post", color=KEPT, alpha=0.13,
                          linewidth=0, label="noise of one run")  # fmt: skip
    axes.step(x, y, where="post", color=KEPT, linewidth=1.8, label="best single run so far")
    estimate = progress.estimate(m)
    if estimate:
        low, middle, high = estimate
        place, ends = [x[-1] + 0.012 * (x[-1] - x[0])], [[middle - low], [high - middle]]
        axes.errorbar(place, [middle], yerr=ends, fmt="o", color=INK, markersize=3, capsize=3, linewidth=1.3,
                      label="champion's true value, 90 %")  # fmt: skip


def _steps(m: Morning, bests: Sequence[plot.Best]) -> tuple[list[float], list[float]]:
    """Where the line of the best begins each of its steps, and where it ends."""
    x = [*(float(best.number) for best in bests), float(max(m.progress[-1].number, bests[-1].number + 1))]
    return x, [*(best.value for best in bests), bests[-1].value]


def _runs(axes: Axes, m: Morning, runs: Sequence[tuple[Any, float]], shown: plot.Axis) -> None:
    """Every run a dot; what is off the scale stands at the edge."""
    off = sum(not shown.low <= value <= shown.high for _, value in runs)
    off_words: str | None = f"of them {off:,} off the scale"
    kinds = (("discarded", DISCARDED, 14, DISCARDED), ("run again", KEPT, 18, "white"), ("kept", KEPT, 22, KEPT))
    for name, color, size, filled in kinds:
        own = [(p.number, v) for p, v in runs if _kind(p) == name]
        inside = [(n, v) for n, v in own if shown.low <= v <= shown.high]
        if inside:
            x, y = zip(*inside, strict=True)
            axes.scatter(list(x), list(y), s=size, color=filled, zorder=3, label=f"{len(own):,} {name}",
                         linewidths=0.4 if filled == color else 1.2,
                         edgecolors="white" if filled == color else color)  # fmt: skip
        for mark, edge, outside in (("^", shown.high, [n for n, v in own if v > shown.high]),
                                ("v", shown.low, [n for n, v in own if v < shown.low])):  # fmt: skip
            if outside:
                axes.scatter(outside, [edge] * len(outside), s=18, color=color, marker=mark, clip_on=False,
                             label=off_words)  # fmt: skip
                off_words = None  # one entry of the legend for all of them


def _kind(point: Any) -> str:
    return "discarded" if point.status != "keep" else "run again" if point.again else "kept"


def _crashes(axes: Axes, m: Morning, edge: float) -> None:
    """The crashed runs in a row of their own, which says what it is."""
    crashed = [point.number for point in m.progress if point.status == "crash"]
    if crashed:
        axes.scatter(crashed, [edge] * len(crashed), s=22, color=CRASHED, marker="x", linewidths=1.2, clip_on=False,
                     label=f"{len(crashed):,} crashed", zorder=4)  # fmt: skip
        axes.annotate("crash", (0, edge), xycoords=("axes fraction", "data"), xytext=(-4, 0), fontsize=8, color=SOFT,
                      textcoords="offset points", ha="right", va="center")  # fmt: skip


def _names(axes: Axes, m: Morning, runs: Sequence[tuple[Any, float]], shown: plot.Axis) -> None:
    """The kept runs by name, placed as in the SVG: in its measure, in which a letter here is as wide as one there."""
    bests = plot.records(runs, m.direction)
    if not bests:
        return
    to_pixels, high = axes.transData, HEIGHT * DPI

    def at(number: float, value: float) -> tuple[float, float]:
        x, y = to_pixels.transform((number, min(max(value, shown.low), shown.high)))
        return x / UNIT, (high - y) / UNIT

    def back(x: float, y: float) -> tuple[float, float]:
        number, value = to_pixels.inverted().transform((x * UNIT, high - y * UNIT))
        return number, value

    x, y = _steps(m, bests)
    corners = [at(*spot) for (a, b), (c, _) in itertools.pairwise(zip(x, y, strict=True)) for spot in ((a, b), (c, b))]
    (left, right), (bottom, top) = axes.get_xlim(), sorted((shown.low, shown.high))
    box = labels.Box(*at(left, top), *at(right, bottom))
    place = naming.Place(box, shown, lambda number: at(number, shown.low)[0], lambda value: at(left, value)[1], corners)
    for label in naming.names(place, runs, bests, m.direction):
        if label.lead:
            start, end = back(*label.lead[:2]), back(*label.lead[2:])
            axes.plot([start[0], end[0]], [start[1], end[1]], color=SOFT, linewidth=0.5, zorder=2)
        axes.text(*back(label.x, label.y), _plain(label.text, 60), fontsize=7, color=INK, va="baseline", zorder=5)


def _plain(value: object, limit: int) -> str:
    """A text without the signs that matplotlib takes for mathematics."""
    return shorten(one_line(value, 200), limit).replace("\\", "\\\\").replace("$", r"\$")
