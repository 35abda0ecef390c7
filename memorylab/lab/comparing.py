"""The use case of holding two runs against each other: their measurements, their ideas and their code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorylab.adapters import git
from memorylab.core.decisions.situation import ahead
from memorylab.core.reading import differences
from memorylab.core.runs import arenas
from memorylab.index import Views
from memorylab.lab import archived, looking
from memorylab.lab.context import Context
from memorylab.lab.outlook import outlook
from memorylab.lab.standing import standing
from memorylab.records import Run, RunView, finite, text
from memorylab.tuples import NamedTuple

_LONGEST_CODE = 1 << 20
"""Characters of a file that are compared."""


class Measure(NamedTuple):
    """One measurement of both runs; None where it was not taken."""

    name: str
    a: float | None
    b: float | None


class Comparison(NamedTuple):
    """Two runs side by side; `gain` is how much better the second one is."""

    a: Run
    b: Run
    measures: list[Measure]
    comparable: bool
    """Whether both are of one arena; else their values say nothing about each other."""
    gain: float | None
    probability: float | None
    """The chance that the second's candidate is truly better, without the luck of selection; None for `again`."""
    runs: tuple[int, int]
    """How many runs the two candidates have."""
    again: bool
    """Both are runs of one candidate: by what they differ is noise."""
    diff: str
    """A patch from the first one's code to the second's."""
    source: str
    """What the patch was made from: `commits`, `patches` where only those are known, or nothing."""


def compare(context: Context, first: str, second: str) -> Comparison:
    """Hold two runs, by any of their names, against each other; the index must have caught up.

    Raises:
        InputError: no run, or more than one, has such a name.

    """
    a, b = looking.show(context, first), looking.show(context, second)
    views = context.views()
    one, two = (next(iter(views.find(text(row.get("run_id")))), None) for row in (a, b))
    comparable = one is not None and two is not None and one.arena == two.arena
    gain, sure, runs = _gain(views, one, two) if one and two and comparable else (None, None, (1, 1))
    again = one is not None and two is not None and comparable and one.candidate == two.candidate
    diff, source = _code(context, a, b)
    return Comparison(a, b, _measures(context, a, b), comparable, gain, sure, runs, again, diff, source)


def _gain(views: Views, one: RunView, two: RunView) -> tuple[float | None, float | None, tuple[int, int]]:
    """How much better the second run was, what that says of their candidates, and the runs of these."""
    if one.value is None or two.value is None or one.rank is None or two.rank is None:
        return None, None, (1, 1)
    where = standing(views, views.arena(one.arena))
    seen = outlook(views, where)
    first, second = views.contender(one), views.contender(two)
    gain = arenas.improvement(two.value, one.value, seen.direction)
    sure = None if one.candidate == two.candidate else ahead(seen.belief(second), seen.belief(first))
    return gain, sure, (first.runs, second.runs)


def _measures(context: Context, a: Run, b: Run) -> list[Measure]:
    """All that either measured, the deciding one first."""
    both = [row.get("metrics") if isinstance(row.get("metrics"), dict) else {} for row in (a, b)]
    names = dict.fromkeys([context.config.metric, *(name for metrics in both for name in metrics or {})])
    found = [Measure(str(name), *(finite((metrics or {}).get(name)) for metrics in both)) for name in names]
    return [measure for measure in found if measure.a is not None or measure.b is not None]


def _code(context: Context, a: Run, b: Run) -> tuple[str, str]:
    """The difference between the commits; where one is unknown to git, or was not all, that of the archived patches."""
    commits = [text(row.get("commit")) for row in (a, b)]
    if all(_plain(commit) for commit in commits) and not (a.get("dirty") or b.get("dirty")):
        names = context.config.mutable
        old, new = (git.sources(context.place.code_root, commit, names) for commit in commits)
        if any(value is not None for value in old.values()) and any(value is not None for value in new.values()):
            return _diff(old, new), "commits"
    patches = [archived.archived(context, row, 0).patch for row in (a, b)]
    if any(patches):
        before, after = (patch.splitlines() for patch in patches)
        lines = differences.unified(before, after, text(a.get("run_id")), text(b.get("run_id")))
        return "\n".join(lines), "patches"
    return "", ""


def _plain(commit: str) -> bool:
    """Whether it is a commit's id: a row may hold anything, and git reads much into a name."""
    return 7 <= len(commit) <= 64 and not set(commit) - set("0123456789abcdef")


def _diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    parts: list[str] = []
    for name in old:
        before, after = ((sources.get(name) or "")[:_LONGEST_CODE].splitlines() for sources in (old, new))
        parts += differences.unified(before, after, f"a/{name}", f"b/{name}")
    return "\n".join(parts)
