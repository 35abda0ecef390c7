"""What keeps failing: groups of runs that failed alike, with examples and what they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from memorylab.core.decisions import registry
from memorylab.core.decisions.drift import median
from memorylab.core.decisions.noise import Noise
from memorylab.core.decisions.registry import FailureCluster
from memorylab.core.numerals import number, plural
from memorylab.core.runs import crash_kinds
from memorylab.core.runs.arenas import improvement
from memorylab.records import Direction, RunView

EXAMPLES = 3
_TIE = 1.0
"""A median loss below so many sigmas is no loss to speak of."""


def told(cluster: FailureCluster, runs: Sequence[RunView], noise: Noise, direction: Direction) -> dict[str, Any]:
    """A group with its newest runs as examples and its common cause; `runs` are some of it, newest first."""
    found = registry.failure(cluster)
    runs = runs or [run for run in [cluster.last] if run is not None]
    cause = _crashes(runs) if cluster.kind == "crash" else _losses(runs, noise, direction)
    distinct = list({run.description: run for run in reversed(runs)}.values())[::-1]
    return found | {"examples": [registry.brief_of(run) for run in distinct[:EXAMPLES]], "cause": cause}


def _crashes(runs: Sequence[RunView]) -> str:
    """The message that most of them ended in, and what to do about it."""
    messages = Counter(run.error_summary.strip() for run in runs if run.error_summary)
    advice = crash_kinds.ADVICE.get(runs[0].error_kind or "unknown", "") if runs else ""
    if not messages:
        return advice
    message, times = messages.most_common(1)[0]
    often = "" if times == len(runs) or len(runs) == 1 else f" ({times} of {len(runs)})"
    return f"{message}{often}: {advice}" if advice else f"{message}{often}"


def _losses(runs: Sequence[RunView], noise: Noise, direction: Direction) -> str:
    """How much they lost against their bases, in the noise's unit too."""
    gains = [
        improvement(run.value, run.base_value, direction)
        for run in runs
        if run.value is not None and run.base_value is not None
    ]
    if not gains:
        return ""
    middle, tried = median(gains), plural(len(gains), "try" if len(gains) == 1 else "trie")
    if middle >= 0 or (noise.sigma and -middle < _TIE * noise.sigma):
        return f"no difference that the noise would show, over {tried}"
    size = f" ({-middle / noise.sigma:.1f} σ)" if noise.sigma else ""
    return f"{number(-middle)} worse than its base{size} in the median of {tried}"
