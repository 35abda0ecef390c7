"""The progress as a picture of pixels, for places that show no SVG; the only module that imports matplotlib (an extra).

The core draws its SVG itself: that costs 5 ms and no installation, matplotlib 150 MB and most of a second. But chat
programs, mail and many Markdown viewers show PNG alone, and a notebook wants a figure to go on with. So it is used
where it is installed, and for these two only.
"""

from __future__ import annotations

import importlib.util
import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memorylab.errors import MissingExtra
from memorylab.render import labels, plot, progress
from memorylab.render.escape import one_line, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from memorylab.core.report.morning import Morning

WIDTH, HEIGHT, DPI = 9.6, 4.4, 110
INK, SOFT, RULE = "#1f2328", "#59636e", "#e4e7eb"
KEPT, DISCARDED, CRASHED = "#0072b2", "#a3a9b1", "#c24e00"
NAMED = 8
"""Steps of the best whose names are written beside them, the largest first."""


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
    _draw(found.add_axes((_left(m), 0.11, 0.985 - _left(m), 0.78)), m)
    return found


def _left(m: Morning) -> float:
    """The share of the width that the values at the axis take; constrained layout would draw everything twice."""
    runs = plot.measured(m.progress)
    if not runs:
        return 0.05
    shown = plot.axis(runs, plot.records(runs, m.direction), m.direction, progress.sigma(m), 0.16)
    words = plot.tick_words(plot.ticks(shown.low, shown.high, 8))
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
    axes.set_title(f"{_plain(m.metric, 40)} · {better} is better", loc="left", color=INK, fontsize=10)
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
    axes.set_ylim(shown.low, shown.high)
    _line(axes, m, bests)
    _runs(axes, m, runs, shown)
    _names(axes, bests, m.direction)
    totals = plot.counts(m.progress)
    if totals["crash"] or bests:
        axes.legend(loc="upper right", bbox_to_anchor=(1, 1.1), ncols=6, frameon=False, fontsize=8, labelcolor=SOFT,
                    handletextpad=0.3, columnspacing=1.2, borderaxespad=0)  # fmt: skip


def _line(axes: Axes, m: Morning, bests: Sequence[plot.Best]) -> None:
    """The best so far, its noise band, and at its end the champion's true value."""
    if not bests:
        return
    last = m.progress[-1].number
    x = [*(best.number for best in bests), max(last, bests[-1].number + 1)]
    y = [*(best.value for best in bests), bests[-1].value]
    sigma = progress.sigma(m)
    if sigma:
        axes.fill_between(x, [v - sigma for v in y], [v + sigma for v in y], step="post", color=KEPT, alpha=0.13,
                          linewidth=0, label="noise of one run")  # fmt: skip
    axes.step(x, y, where="post", color=KEPT, linewidth=1.8, label="best so far")
    estimate = progress.estimate(m)
    if estimate:
        low, middle, high = estimate
        place, ends = [x[-1] + 0.012 * (x[-1] - x[0])], [[middle - low], [high - middle]]
        axes.errorbar(place, [middle], yerr=ends, fmt="o", color=INK, markersize=3, capsize=3, linewidth=1.3,
                      label="champion's true value, 90 %")  # fmt: skip


def _runs(axes: Axes, m: Morning, runs: Sequence[tuple[Any, float]], shown: plot.Axis) -> None:
    """Every run a dot; what is off the scale stands at the edge, a crash beyond it."""
    for status, color, size, name in (("discard", DISCARDED, 14, "discarded"), ("keep", KEPT, 22, "kept")):
        own = [(p.number, v) for p, v in runs if (p.status == "keep") == (status == "keep")]
        inside = [(n, v) for n, v in own if shown.low <= v <= shown.high]
        if inside:
            x, y = zip(*inside, strict=True)
            axes.scatter(list(x), list(y), s=size, color=color, zorder=3, label=f"{len(own)} {name}",
                         linewidths=0.4, edgecolors="white")  # fmt: skip
        for mark, edge, off in (("^", shown.high, [n for n, v in own if v > shown.high]),
                                ("v", shown.low, [n for n, v in own if v < shown.low])):  # fmt: skip
            axes.scatter(off, [edge] * len(off), s=18, color=color, marker=mark, clip_on=False)
    crashed = [point.number for point in m.progress if point.status == "crash"]
    if crashed:
        edge = shown.low if m.direction == "max" else shown.high
        axes.scatter(crashed, [edge] * len(crashed), s=22, color=CRASHED, marker="x", linewidths=1.2, clip_on=False,
                     label=f"{len(crashed)} crashed", zorder=4)  # fmt: skip


def _names(axes: Axes, bests: Sequence[plot.Best], direction: str) -> None:
    """The largest steps, the first and the last by name, each below its line where nothing is."""
    wanted = sorted(bests[1:-1], key=lambda best: -best.gain)[: NAMED - 2]
    down = -1 if direction == "min" else 1
    from matplotlib.patheffects import withStroke

    paper = [withStroke(linewidth=2.5, foreground="white")]
    left, right = axes.get_xlim()
    for best in {id(one): one for one in [*bests[:1], *wanted, *bests[-1:]]}.values():
        late = best.number - left > 0.25 * (right - left)  # there is room for a name before it
        axes.annotate(_plain(best.description, 30), (best.number, best.value), xytext=(-4 if late else 4, down * 9),
                      textcoords="offset points", fontsize=7, color=INK, va="center", path_effects=paper,
                      ha="right" if late else "left")  # fmt: skip


def _plain(value: object, limit: int) -> str:
    """A text without the signs that matplotlib takes for mathematics."""
    return shorten(one_line(value, 200), limit).replace("\\", "\\\\").replace("$", r"\$")
