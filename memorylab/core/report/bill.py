"""What a period cost, and what was had for it; what the guard held back is a cost that was saved."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.numerals import Digits, percent, plural
from memorylab.core.runs.crash_kinds import STARVED
from memorylab.records import Blocked, finite
from memorylab.tuples import NamedTuple

HELD_BACK = 12
"""Ideas that the guard held back of which a report tells."""
_ENDED = {"keep": "kept", "discard": "discarded", "crash": "crashed", "starved": "starved"}
_UNITS = ((600.0, 1), (7200.0, 60))
"""Up to so many seconds a time is told in seconds, then in minutes; beyond in tenths of an hour."""
_TENTH_OF_AN_HOUR = 360
_BRIEF = 1.0
"""Seconds below which whole ones would say that nothing was spent: two digits are told."""
_SHORTEST = 1e-6


class Bought(NamedTuple):
    """The gain of a period, how likely it is real, over what it is, and where its true size lies with 90 %."""

    gained: float | None
    probability: float | None
    over: str
    truly: tuple[float, float] | None = None


class Paid(NamedTuple):
    """What was paid: runs and seconds by status, of how many runs the time isn't known, how many ideas were kept."""

    counts: Mapping[str, int]
    spent: Mapping[str, float]
    untimed: Mapping[str, int] = {}
    ideas: int | None = None
    elsewhere: int = 0
    """Runs in other arenas among them, as far as that is known."""
    stopped: int = 0
    """Of the crashes, those that were stopped from outside; and those that were taken out of evidence."""
    retracted: int = 0


def bill(paid: Paid, blocked: int, bought: Bought) -> dict[str, Any]:
    """Runs and hours, by how the runs ended; what the guard saved; the gain.

    A run that is held back is priced like the mean of those that were made and timed.
    """
    runs, seconds = sum(paid.counts.values()), sum(paid.spent.values())
    timed = runs - sum(paid.untimed.values())
    minutes = seconds / 60 / timed if timed > 0 and seconds else None
    return {
        "runs": runs,
        "hours": seconds / 3600,
        "minutes_per_run": minutes,
        "hours_by_status": {status: value / 3600 for status, value in paid.spent.items()},
        "runs_of_unknown_time": {status: count for status, count in paid.untimed.items() if count},
        "ideas_kept": paid.ideas,
        "runs_elsewhere": paid.elsewhere,
        "runs_stopped": paid.stopped,
        "runs_retracted": paid.retracted,
        "blocked": blocked,
        "minutes_saved": blocked * minutes if minutes and blocked else None,
        "gained": bought.gained,
        "gained_over": bought.over,
        "gained_truly": list(bought.truly) if bought.truly else None,
        "probability_gained": bought.probability,
    }


def sentences(found: Mapping[str, Any], counts: Mapping[str, int], shown: Digits) -> list[str]:
    """The bill in words: what was paid, what was bought, what was saved; gains are written as `shown` says."""
    runs = int(found["runs"])
    if not runs:
        return []
    seconds, each = 3600 * (finite(found.get("hours")) or 0.0), finite(found.get("minutes_per_run"))
    time = f" in {length(seconds)}" + (f" ({length(60 * each)} each)" if each and runs > 1 else "") if seconds else ""
    elsewhere = int(finite(found.get("runs_elsewhere")) or 0)
    where = f" ({elsewhere:,} in {'another arena' if elsewhere == 1 else 'other arenas'})" if elsewhere else ""
    kept, ideas = counts.get("keep", 0), int(finite(found.get("ideas_kept")) or 0)
    ended = [
        f"{counts.get(status, 0):,} {word}"
        for status, word in _ENDED.items()
        if status != STARVED or counts.get(status)
    ]
    if 0 < ideas < kept:
        ended[0] = f"{kept:,} kept runs of {plural(ideas, 'idea')}"
    if aside := _aside(found):
        ended[2] += f" ({aside})"
    told = [f"{plural(runs, 'run')}{where}{time}: {', '.join(ended)}.{_unknown(found)}"]
    gained = finite(found.get("gained"))
    if gained is not None and gained > 0:
        each_of = plural(ideas or kept, "kept idea")
        price = f"; {length(seconds / (ideas or kept))} for each of {each_of}" if seconds and (ideas or kept) else ""
        told.append(
            f"It bought a gain of {shown.size(gained)} over {found['gained_over']}{_belief(found, shown)}{price}."
        )
    elif gained is not None:
        told.append(f"It bought no gain over {found['gained_over']}.")
    if found.get("blocked"):
        saved = finite(found.get("minutes_saved"))
        more = f", about {length(60 * saved)} saved" if saved else ""
        told.append(f"The guard held back {plural(int(found['blocked']), 'run')}{more}.")
    return told


def _aside(found: Mapping[str, Any]) -> str:
    """Which of the crashes are no evidence of what crashed."""
    counts = {
        word: int(finite(found.get(name)) or 0)
        for name, word in (("runs_stopped", "stopped from outside"), ("runs_retracted", "taken out of evidence"))
    }
    return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def shares(found: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    """(status, its share of the time, its time in words): rounded so that the parts make up the whole that is told."""
    told = found.get("hours_by_status")
    hours = told if isinstance(told, Mapping) else {}
    seconds = {status: 3600 * (finite(hours.get(status)) or 0.0) for status in _ENDED}
    total = sum(seconds.values())
    if not total:
        return []
    unit = _unit(total)
    whole = {status: math.floor(value / unit) for status, value in seconds.items()}
    left = round(total / unit) - sum(whole.values())
    for status in sorted(seconds, key=lambda status: whole[status] - seconds[status] / unit)[: max(left, 0)]:
        whole[status] += 1
    return [(status, seconds[status] / total, f"{_in_units(count, unit)} {_ENDED[status]}")
            for status, count in whole.items() if seconds[status]]  # fmt: skip


def length(seconds: float) -> str:
    """A time in words, to the second below ten minutes.

    >>> length(0.0123), length(13.4), length(161), length(600), length(3599), length(27000), length(32510000)
    ('0.012 s', '13 s', '2 min 41 s', '10 min', '60 min', '7.5 h', '9,030.6 h')
    """
    unit = _unit(seconds)
    return _in_units(round(seconds / unit), unit)


def _unit(seconds: float) -> float:
    if 0 < seconds < _BRIEF:
        return max(10.0 ** (math.floor(math.log10(seconds)) - 1), _SHORTEST)
    return next((unit for upto, unit in _UNITS if seconds < upto), _TENTH_OF_AN_HOUR)


def _in_units(count: int, unit: float) -> str:
    if unit < 1:
        return f"{count * unit:.{-round(math.log10(unit))}f} s"
    if unit == _TENTH_OF_AN_HOUR:
        return f"{count / 10:,.1f} h"
    if unit > 1:
        return f"{count} min"
    minutes, seconds = divmod(count, 60)
    return (
        " ".join(part for part in (f"{minutes} min" if minutes else "", f"{seconds} s" if seconds else "") if part)
        or "0 s"
    )


def _unknown(found: Mapping[str, Any]) -> str:
    raw = found.get("runs_of_unknown_time")
    unknown = raw if isinstance(raw, Mapping) else {}
    runs = sum(unknown.values())
    if not runs:
        return ""
    if set(unknown) == {"crash"}:
        return f" The time of {plural(runs, 'crash', 'crashes')} is unknown and not in it."
    return f" The time of {plural(runs, 'run')} is unknown and not in it."


def _belief(found: Mapping[str, Any], shown: Digits) -> str:
    """How likely the gain is real, and what is left of it once luck is taken off."""
    sure, truly = finite(found.get("probability_gained")), found.get("gained_truly")
    told = f", {percent(sure)} that it is real" if sure is not None else ""
    ends = [finite(end) for end in truly] if isinstance(truly, list | tuple) else []
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
        gained = finite(found.get("gained")) or 0.0
        lucky = "luck was in it: truly more likely" if gained > ends[1] else "truly"
        low, high = (re.sub("^-", "−", end) for end in shown.span(ends[0], ends[1]))
        told += f" ({lucky} {low} to {high})"
    return told


def held_back(blocked: Sequence[Blocked]) -> list[dict[str, Any]]:
    """What the guard held back, newest first; an idea that was tried again and again is told once."""
    rows: dict[str, dict[str, Any]] = {}
    for one in blocked:
        row = rows.setdefault(one.description, {**one._asdict(), "evidence": list(one.evidence), "times": 0})
        row["times"] += 1
    return list(rows.values())[:HELD_BACK]
