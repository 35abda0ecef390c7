"""What a run is held against: its base, the champion, and the reruns that belong to it."""

from __future__ import annotations

from typing import NamedTuple

from memorylab.core.ideas import Idea
from memorylab.core.situation import Reference
from memorylab.index import Views
from memorylab.lab.context import Standing
from memorylab.records import Direction, NoveltyGuard, RunView

RERUN_FAMILIES = ("baseline", "replication")
"""An idea of these families changes nothing: on unchanged code it is one more run of the same candidate."""


class References(NamedTuple):
    """Everything a decision compares a run with."""

    candidate: str
    """Names the group of reruns that the run belongs to: the id of the first of them."""
    runs: int
    """Measured runs of the candidate with this one, if it has a value."""
    mean: float | None
    """Their mean."""
    base: Reference | None
    champion: Reference | None


def references(
    views: Views,
    where: Standing,
    idea: Idea,
    guard: NoveltyGuard,
    *,
    run_id: str,
    value: float | None,
    code: str | None,
    parent_commit: str | None,
    mode: str,
    direction: Direction,
) -> References:
    """Find what to hold a run against, as of the index's position."""
    base = _base(views, where, parent_commit, direction)
    champion = champion_of(where)
    earlier = _earlier_run(views, where, idea, guard, code, mode)
    candidate = (earlier.candidate if earlier else None) or run_id
    runs, mean = 1, value
    if earlier is not None and value is not None:
        before, rank = views.candidate(earlier.arena, candidate)
        if before and rank is not None:
            runs, mean = before + 1, (_value(rank, direction) * before + value) / (before + 1)
    if where.champion is not None and where.champion.candidate == candidate:
        # A rerun of the champion can't stand against itself; its rival is the next best candidate.
        base = champion = _runner_up(views, where, candidate, direction)
    return References(candidate, runs, mean, base, champion)


def champion_of(where: Standing) -> Reference | None:
    """The champion with the mean over its reruns."""
    if where.champion is None or where.champion_mean is None:
        return None
    return Reference(where.champion.run_id, where.champion.commit, where.champion_mean, where.champion_runs)


def _earlier_run(
    views: Views, where: Standing, idea: Idea, guard: NoveltyGuard, code: str | None, mode: str
) -> RunView | None:
    """The newest run that this one repeats: unchanged code alone isn't enough, the idea must be no other one.

    Knobs may be passed on the command line or live in a file that `mutable` doesn't name.
    """
    if where.arena is None or code is None:
        return None
    for run in views.same_code(where.arena.id, code):
        matched = guard.get("classification") == "duplicate_run" and run.run_id in (
            guard["policy"].get("evidence") or ()
        )
        if mode == "replicate" or idea.family in RERUN_FAMILIES or run.description == idea.description or matched:
            return run
    return None


def _base(views: Views, where: Standing, parent_commit: str | None, direction: Direction) -> Reference | None:
    """What the idea was applied to: the measured run on the parent commit, else the champion of the arena."""
    parent = views.by_commit(parent_commit) if parent_commit else None
    if parent and parent.value is not None and where.arena and parent.arena == where.arena.id:
        return _mean(views, parent, direction)
    return champion_of(where)


def _runner_up(views: Views, where: Standing, candidate: str, direction: Direction) -> Reference | None:
    if where.arena is None:
        return None
    ranked = views.ranked(where.arena.id, 20, "keep")
    return next((_mean(views, run, direction) for run in ranked if run.candidate != candidate), None)


def _mean(views: Views, run: RunView, direction: Direction) -> Reference:
    runs, rank = views.candidate(run.arena, run.candidate)
    value = _value(rank, direction) if rank is not None else run.value
    return Reference(run.run_id, run.commit, value or 0.0, max(1, runs))


def _value(rank: float, direction: Direction) -> float:
    return -rank if direction == "max" else rank
