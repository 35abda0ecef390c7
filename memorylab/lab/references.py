"""What a run is held against: its base, the champion, and the reruns that belong to it."""

from __future__ import annotations

from typing import NamedTuple

from memorylab.core.ideas import Idea
from memorylab.core.noise import Noise, estimate
from memorylab.core.situation import Reference
from memorylab.index import Views
from memorylab.lab.context import Standing
from memorylab.records import Contender, NoveltyGuard, RunView

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
    noise: Noise
    """The arena's noise with what this run adds to it, if it is a rerun."""
    before: Reference | None
    """The champion as it stood, which may be the very candidate that is run again."""
    leads: bool
    """The run repeats the champion: `champion` is then the next best candidate."""


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
) -> References:
    """Find what to hold a run against, as of the index's position."""
    base, champion = _base(views, where, parent_commit), champion_of(where)
    earlier = _earlier_run(views, where, idea, guard, code, mode)
    candidate, runs, mean, leads, noise = run_id, 1, value, False, where.noise
    if earlier is not None:
        candidate = earlier.candidate
        before = views.contender(earlier)
        if value is not None:
            runs, mean = before.runs + 1, (before.mean * before.runs + value) / (before.runs + 1)
            noise = _with_rerun(where, (value - before.mean) * (value - mean))
        leads = where.champion is not None and where.champion.run.candidate == candidate
        if leads:
            # A rerun of the champion can't stand against itself; its rival is the next best candidate.
            base = champion = _runner_up(views, where, candidate)
    return References(candidate, runs, mean, base, champion, noise, champion_of(where), leads)


def champion_of(where: Standing) -> Reference | None:
    """The champion with the mean over its reruns."""
    return _reference(where.champion) if where.champion else None


def _with_rerun(where: Standing, squares: float) -> Noise:
    if where.arena is None:
        return where.noise
    level = where.champion.mean if where.champion else 0.0
    return estimate(level, where.arena.squares + squares, where.arena.freedom + 1)


def _reference(contender: Contender) -> Reference:
    return Reference(contender.run.run_id, contender.run.commit, contender.mean, contender.runs)


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


def _base(views: Views, where: Standing, parent_commit: str | None) -> Reference | None:
    """What the idea was applied to: the measured run on the parent commit, else the champion of the arena."""
    parent = views.by_commit(parent_commit) if parent_commit else None
    if parent and parent.rank is not None and where.arena and parent.arena == where.arena.id:
        return _reference(views.contender(parent))
    return champion_of(where)


def _runner_up(views: Views, where: Standing, candidate: str) -> Reference | None:
    if where.arena is None:
        return None
    rivals = views.contenders(where.arena.id, 2, kept=True)
    return next((_reference(rival) for rival in rivals if rival.run.candidate != candidate), None)
