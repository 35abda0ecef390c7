"""The progress of a report's arena: as SVG, and what the picture shows in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from memorylab.records import finite
from memorylab.render import chart, words

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning, Point


def svg(m: Morning, width: int = 960, height: int = 420, link: Callable[[Point], str | None] | None = None) -> str:
    """The chart as one SVG element; `link` gives a run's address, to which its mark leads."""
    return chart.progress_svg(
        m.progress,
        metric=m.metric,
        direction=m.direction,
        sigma=sigma(m),
        width=width,
        height=height,
        estimate=estimate(m),
        link=link,
        shown=words.digits_of(m),
    )


def in_words(m: Morning) -> str:
    """What it shows, for those who can't see it."""
    return chart.in_words(m.progress, metric=m.metric, direction=m.direction, sigma=sigma(m), shown=words.digits_of(m))


def sigma(m: Morning) -> float | None:
    """How much one run varies."""
    return finite(m.noise.get("sigma"))


def estimate(m: Morning) -> tuple[float, float, float] | None:
    """The champion's true value: its low end, middle and high end; None where that is no interval."""
    leader = m.champion or {}
    low, middle, high = (finite(leader.get(name)) for name in ("estimate_low", "estimate", "estimate_high"))
    if low is None or middle is None or high is None or low >= high:
        return None
    return low, middle, high
