"""What the next run is best spent on, with the runs that it is about."""

from __future__ import annotations

from typing import Any

from memorylab.core.decisions import nextruns, registry
from memorylab.core.decisions.nextruns import Option, Tried
from memorylab.core.decisions.situation import good
from memorylab.core.reading.edits import plain
from memorylab.index import Views, recall
from memorylab.lab.outlook import Outlook
from memorylab.lab.standing import Standing, price
from memorylab.records import RunView


def options(views: Views, where: Standing, seen: Outlook, limit: int = 8) -> list[dict[str, Any]]:
    """Ways to spend the next run, the most valuable per minute first.

    Each has `action` (replicate, retry, control, branch_followup, new), the run it is about, `worth` (expected
    improvement of the metric), `minutes` (the run's price), `per_minute`, `chance` (that the idea gains anything) and
    `reruns` (to settle it).
    """
    if where.arena is None or where.champion is None:
        return []  # without a measurement there is nothing to gain on: what crashed, or a baseline, comes first
    arena, leader = where.arena.id, where.champion
    measured = views.measured(arena, seen.track.followed())
    bases = {one.candidate: one.base for one in seen.trials}
    tried = [Tried(name, -rank, runs, bases.get(name), leads) for name, (rank, runs, leads) in measured.items()]
    first = None
    if leader is not None:
        name = leader.run.candidate
        first = Tried(name, good(leader.mean, seen.direction), leader.runs, bases.get(name), True)
    found = nextruns.options(seen.track, first, tried, seen.due, _followed(views, arena, seen), limit)
    minutes = price(views, where)
    return [_told(option, views, arena, minutes) for option in found]


def _told(option: Option, views: Views, arena: int, minutes: float | None) -> dict[str, Any]:
    found = views.candidate(arena, option.candidate) if option.candidate else None
    return {
        "action": option.action,
        **(registry.brief_of(found.run) if found else {"run_id": None, "description": ""}),
        "mean": found.mean if found else None,
        "runs": found.runs if found else None,
        "worth": option.worth,
        "minutes": minutes,
        "per_minute": option.worth / minutes if minutes else None,
        "chance": round(option.chance, 4) if option.chance is not None else None,
        "reruns": option.reruns,
    }


def _followed(views: Views, arena: int, seen: Outlook) -> str | None:
    """The last measured candidate, if it may lead and changed one knob's value: a further step may follow it."""
    last: RunView | None = views.run(seen.trials[-1].seq) if seen.trials else None
    if last is None or last.status != "keep" or not views.measured(arena, [last.candidate])[last.candidate][2]:
        return None
    ((_, edits),) = recall.Recall(views.db).read([last.seq])
    steps = [edit for edit in plain(edits) if edit.direction in ("up", "down")]
    return last.candidate if len(steps) == 1 == len(edits) else None
