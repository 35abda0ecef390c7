"""What a period cost, and what was had for it; what the guard held back is a cost that was saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from memorylab.core.numerals import duration, number, percent, plural
from memorylab.records import Blocked, finite

HELD_BACK = 12
"""Ideas that the guard held back of which a report tells."""


class Bought(NamedTuple):
    """The gain of a period, how likely it is real, and over what it is."""

    gained: float | None
    probability: float | None
    over: str


def bill(counts: Mapping[str, int], spent: Mapping[str, float], blocked: int, bought: Bought) -> dict[str, Any]:
    """Runs and hours, by how the runs ended; what the guard saved; the gain.

    `spent` is in seconds by status. A run that is held back is priced like the mean of those that were made.
    """
    runs, seconds = sum(counts.values()), sum(spent.values())
    minutes = seconds / 60 / runs if runs and seconds else None
    return {
        "runs": runs,
        "hours": seconds / 3600,
        "minutes_per_run": minutes,
        "hours_by_status": {status: value / 3600 for status, value in spent.items()},
        "blocked": blocked,
        "minutes_saved": blocked * minutes if minutes and blocked else None,
        "gained": bought.gained,
        "gained_over": bought.over,
        "probability_gained": bought.probability,
    }


def sentences(found: Mapping[str, Any], counts: Mapping[str, int]) -> list[str]:
    """The bill in words: what was paid, what was bought, what was saved."""
    runs, each = int(found["runs"]), duration(found.get("minutes_per_run"))
    if not runs:
        return []
    hours = finite(found.get("hours"))
    time = f" in {duration(60 * hours)}" + (f" ({each} each)" if each else "") if hours else ""
    ended = f"{counts.get('keep', 0)} kept, {counts.get('discard', 0)} discarded, {counts.get('crash', 0)} crashed"
    told = [f"{plural(runs, 'run')}{time}: {ended}."]
    gained, sure = finite(found.get("gained")), finite(found.get("probability_gained"))
    if gained is not None and gained > 0:
        real = f", {percent(sure)} that it is real" if sure is not None else ""
        price = f"; {duration(60 * hours / counts['keep'])} for each kept run" if hours and counts.get("keep") else ""
        told.append(f"It bought a gain of {number(gained)} over {found['gained_over']}{real}{price}.")
    elif gained is not None:
        told.append("It bought no gain.")
    if found.get("blocked"):
        saved = duration(found.get("minutes_saved"))
        more = f", about {saved} saved" if saved else ""
        told.append(f"The guard held back {plural(int(found['blocked']), 'run')}{more}.")
    return told


def held_back(blocked: Sequence[Blocked]) -> list[dict[str, Any]]:
    """What the guard held back, newest first; an idea that was tried again and again is told once."""
    rows: dict[str, dict[str, Any]] = {}
    for one in blocked:
        row = rows.setdefault(one.description, {**one._asdict(), "evidence": list(one.evidence), "times": 0})
        row["times"] += 1
    return list(rows.values())[:HELD_BACK]
