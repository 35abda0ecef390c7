"""What keeps failing: groups of runs that failed alike, with examples and what they have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from memorylab.core.decisions import registry
from memorylab.core.decisions.drift import median
from memorylab.core.decisions.noise import Noise
from memorylab.core.decisions.registry import FailureCluster
from memorylab.core.numerals import digits, in_sigmas, plural
from memorylab.core.runs import crash_kinds
from memorylab.core.runs.arenas import improvement
from memorylab.records import Direction, RunView

EXAMPLES = 3
MESSAGES = 4
"""Messages in which several runs crashed of which a report tells."""
LOOSE = ("exception", "unknown")
"""Kinds of crashes that say nothing of the cause: there the message does."""
_PARTICULAR = (
    r"0x[0-9a-fA-F]+|'[^']*'|\"[^\"]*\"|`[^`]*`|(?:[\w.~-]*/)+[\w.-]+|(?<![A-Za-z_])[-+]?\d[\d.,_]*(?:e[-+]?\d+)?"
)
"""What differs between messages of the same cause: addresses, quoted names, paths, numbers."""
_TIE = 1.0
"""A median loss below so many sigmas is no loss to speak of."""


def told(cluster: FailureCluster, runs: Sequence[RunView], noise: Noise, direction: Direction) -> dict[str, Any]:
    """A group with its newest runs as examples and its common cause; `runs` are some of it, newest first."""
    found = registry.failure(cluster)
    runs = runs or [run for run in [cluster.last] if run is not None]
    cause = _crashes(runs) if cluster.kind == "crash" else _losses(runs, noise, direction)
    distinct = list({run.description: run for run in reversed(runs)}.values())[::-1]
    return found | {"examples": [registry.brief_of(run) for run in distinct[:EXAMPLES]], "cause": cause}


def by_message(runs: Sequence[RunView]) -> list[dict[str, Any]]:
    """Crashes that ended in the same message, whatever was tried: often one line of the code is behind all of them.

    Args:
        runs: newest first.

    """
    alike: dict[str, list[RunView]] = {}
    for run in runs:
        if run.status == "crash" and run.error_summary and run.error_kind in LOOSE:
            alike.setdefault(shape(run.error_summary), []).append(run)
    rows = []
    for crashed in sorted((group for group in alike.values() if len(group) > 1), key=lambda group: -len(group)):
        cluster = FailureCluster("crash", f"{crashed[0].error_kind}\t", len(crashed), crashed[0])
        rows.append(told(cluster, crashed, Noise(0.0, 1, 0), "min"))
    return rows[:MESSAGES]


def _crashes(runs: Sequence[RunView]) -> str:
    """The message that most of them ended in, and what to do about it."""
    messages = Counter(run.error_summary.strip() for run in runs if run.error_summary)
    advice = crash_kinds.ADVICE.get(runs[0].error_kind or "unknown", "") if runs else ""
    if not messages:
        return advice
    alike = Counter(shape(run.error_summary) for run in runs if run.error_summary)
    common, times = alike.most_common(1)[0]
    message, same = next(found for found in messages.most_common() if shape(found[0]) == common)
    often = "" if times == len(runs) else f"{times} of {len(runs)}"
    often += "" if same == times else ", with other numbers or names" if often else "with other numbers or names each"
    told = f"{message} ({often})" if often else message
    return f"{told}: {advice}" if advice else told


def shape(message: str) -> str:
    """A message without what is particular to one run, so that messages of the same cause are equal.

    >>> shape("HEAD_DIM 64 does not divide the width 32"), shape("no 'a' at 0x7f in /tmp/x.py:3")
    ('HEAD_DIM … does not divide the width …', 'no … at … in …:…')
    """
    return re.sub(_PARTICULAR, "…", message).strip()


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
    sigmas = noise.distance(-middle)
    size = f" ({in_sigmas(sigmas)} σ)" if sigmas is not None else ""
    shown = digits(noise.sigma, *(run.value for run in runs), *(run.base_value for run in runs))
    return f"{shown.size(middle)} worse than its base{size} in the median of {tried}"
