"""What makes two runs comparable: metric, direction, time budget, judge, data and device. One champion per arena."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from memorylab.core.numerals import bounded, number
from memorylab.records import Arena, Direction, Run, RunView, finite, text

FIELDS = ("metric", "direction", "budget_s", "protected", "data", "device", "source", "era")
DEFAULT = "default"
"""What the campaign is called that every workspace begins with; its rows don't say so."""
SAID = ("arguments", "environment")
"""What a command and its variables add: a row without them says that there were none."""


_DIFFERS = {
    "metric": "{} instead of {}",
    "direction": "{} instead of {}",
    "budget_s": "{} s budget instead of {} s",
    "protected": "another judge",
    "data": "other data",
    "device": "{} instead of {}",
}


def campaign_of(row: Mapping[str, Any]) -> str:
    """The campaign that a row of any kind belongs to; empty for the first one, as where none is named.

    >>> campaign_of({"arena": {"metric": "score", "campaign": "speed"}}), campaign_of({"kind": "check"})
    ('speed', '')
    """
    arena = row.get("arena")
    name = text(arena.get("campaign")) if isinstance(arena, Mapping) else text(row.get("campaign"))
    return "" if name == DEFAULT else name


def arena_of(run: Run, metric: str, direction: Direction) -> tuple[Arena, bool]:
    """The run's arena, and whether it was recorded: a row by another tool has none and gets the workspace's metric."""
    raw = run.get("arena")
    if raw:
        return raw, True
    return Arena(metric=metric, direction=direction), False


def key(arena: Arena) -> str:
    """A stable text of what the arena is; equal keys mean comparable runs.

    >>> key(Arena(metric="val_bpb", direction="min", budget_s=300.0))
    'val_bpb|min|300|-|-|-|-|-'
    """
    values = cast(dict[str, Any], arena)
    said = [f"{field}={values[field]}" for field in SAID if values.get(field)]
    campaign = [f"campaign={name}"] if (name := campaign_of({"arena": arena})) else []
    return "|".join([*(_text(values.get(field)) for field in FIELDS), *said, *campaign])


def describe(arena: Arena) -> str:
    """The arena in words, for people: only what was recorded."""
    words = [f"{arena.get('metric', '?')} ({'higher' if arena.get('direction') == 'max' else 'lower'} is better)"]
    values = cast(dict[str, Any], arena)
    budget = finite(arena.get("budget_s"))
    if budget is not None:
        words.append(f"{number(budget)} s budget")
    if arena.get("device"):
        words.append(str(arena["device"]))
    words += [str(values[field]) for field in SAID if values.get(field)]
    if name := campaign_of({"arena": arena}):
        words.append(f"campaign {name}")
    if arena.get("source"):
        words.append(f"imported from {arena['source']}")
    if arena.get("era"):
        words.append(f"since the control {arena['era']}")
    return ", ".join(words)


def contrast(mine: Arena, theirs: Arena) -> list[str]:
    """In what an arena differs from another, in words, but for what commands say.

    >>> contrast(Arena(metric="auc", budget_s=5.0), Arena(metric="auc", budget_s=300.0))
    ['5 s budget instead of 300 s']
    """
    told = []
    for name, words in _DIFFERS.items():
        a, b = (cast(dict[str, Any], arena).get(name) for arena in (mine, theirs))
        if a is not None and b is not None and a != b:
            told.append(words.format(*(_text(value) for value in (a, b))))
    return told


def improvement(value: float, base: float, direction: Direction) -> float:
    """How much better `value` is than `base`, positive for better whatever the direction."""
    return bounded(value - base if direction == "max" else base - value)


def joined(mean: float, runs: float, value: float, more: float = 1.0) -> float:
    """The mean of `runs` values and of `more` others with the mean `value`, without a sum that may overflow."""
    step, whole = value - mean, runs + more
    if not runs:
        return value
    return mean + step * more / whole if math.isfinite(step) else mean * (runs / whole) + value * (more / whole)


def gain_of(run: RunView) -> float | None:
    """A run's gain over its base as it was recorded, positive for better; a run that can't be ranked has none."""
    if run.value is None or run.base_value is None or run.rank is None:
        return None
    return improvement(run.value, run.base_value, "min" if run.rank == run.value else "max")


def _text(value: object) -> str:
    x = finite(value) if isinstance(value, float | int) else None
    return f"{x:g}" if x is not None else str(value or "-")
