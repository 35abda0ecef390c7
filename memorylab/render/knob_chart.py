"""A knob's tries as a small picture: value against gain, so that the shape around the optimum is seen at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from memorylab.core.guard.knobs import NOISE
from memorylab.records import finite
from memorylab.render import knob_plot, labels, plot
from memorylab.render.escape import html, one_line
from memorylab.render.knob_plot import Dot, Frame, setting, sigmas

WIDTH, HEIGHT = 300, 180
LEGEND = (
    "Gain of each run over its base by the value that it tried, in σ of one run; up is better. The band is the noise, "
    "the dashed line the present value. Blue dots were kept, hollow ones tried on an older base, crosses crashed."
)
_LEFT, _RIGHT, _TOP, _BOTTOM = 36.0, 12.0, 32.0, 26.0
_TICKS = 5


def knob_svg(knob: Mapping[str, Any]) -> str:
    """The picture as SVG; an empty text where no value was measured."""
    shown = knob_plot.dots(knob)
    if not shown:
        return ""
    now = finite(knob.get("present"))
    frame = knob_plot.frame(shown, now)
    name = html(one_line(knob.get("knob"), 40)) + (
        f" ({html(one_line(knob.get('scope'), 20))})" if knob.get("scope") else ""
    )
    told = f'<tspan font-weight="400"> · now {setting(now)}</tspan>' if now is not None else ""
    style = Path(__file__).with_name("chart.css").read_text(encoding="utf-8")
    parts = [
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/><text class="name" x="10" y="18">{name}{told}</text>',
        *_axes(frame, now, [dot.value for dot in shown]),
        *(_dot(dot, frame) for dot in sorted(shown, key=lambda dot: (dot.kept, dot.here))),
    ]
    words = html(f"{one_line(knob.get('knob'), 40)}: {one_line(knob.get('note'), 300)}")
    return (
        f'<svg class="ml-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{words}"><style>{style}</style>{"".join(parts)}</svg>'
    )


def _x(frame: Frame, value: float) -> float:
    return _LEFT + 8 + (WIDTH - _LEFT - _RIGHT - 16) * frame.x(value)


def _y(frame: Frame, gain: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * frame.y(gain)


def _axes(frame: Frame, now: float | None, values: Sequence[float]) -> list[str]:
    left, right = _LEFT, WIDTH - _RIGHT
    top, bottom = _y(frame, NOISE), _y(frame, -NOISE)
    parts = [f'<rect class="band" x="{left}" y="{top:.1f}" width="{right - left}" height="{bottom - top:.1f}"/>']
    for gain in plot.ticks(frame.low, frame.high, _TICKS):
        y = _y(frame, gain)
        word = "0" if gain == 0 else f"{gain:+g}".replace("-", "−")
        kind = "zero" if gain == 0 else "rule"
        parts.append(
            f'<path class="{kind}" d="M{left} {y:.1f}H{right}"/>'
            f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{word}</text>'
        )
    if now is not None:
        x = _x(frame, now)
        parts.append(f'<path class="now" d="M{x:.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>')
    return parts + _values(frame, now, values)


def _values(frame: Frame, now: float | None, values: Sequence[float]) -> list[str]:
    """The values below the plot: the present one, the ends, then whatever has room."""
    taken: list[tuple[float, float]] = []
    parts = []
    for value in dict.fromkeys([*([] if now is None else [now]), frame.left, frame.right, *sorted(values)]):
        word = setting(value)
        half = 0.6 * labels.text_width(word, 12)  # digits are wider than letters
        middle = min(max(_x(frame, value), half + 2), WIDTH - half - 2)
        if all(middle + half + 6 < low or middle - half - 6 > high for low, high in taken):
            taken.append((middle - half, middle + half))
            parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - 9}" text-anchor="middle">{word}</text>')
    return parts


def _dot(dot: Dot, frame: Frame) -> str:
    x = _x(frame, dot.value)
    if dot.gain is None:
        y = HEIGHT - _BOTTOM - 5
        told = f"{setting(dot.value)} · crashed · {html(dot.run_id, 60)}"
        return f'<path class="crash" d="M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0 -7l-7 7"><title>{told}</title></path>'
    y = _y(frame, dot.gain)
    told = f"<title>{setting(dot.value)} · {sigmas(dot.gain)} σ · {html(dot.run_id, 60)}</title>"
    kind = "keep" if dot.kept else "discard"
    if not frame.low <= dot.gain <= frame.high:
        size = 6 if dot.gain > frame.high else -6
        return f'<path class="off {kind}" d="M{x:.1f} {y:.1f}l4 {size}h-8z">{told}</path>'
    older = "" if dot.here else " older"
    return f'<circle class="{kind}{older}" cx="{x:.1f}" cy="{y:.1f}" r="{4.5 if dot.kept else 3.5}">{told}</circle>'
