"""What the next run is best spent on: a rerun, a discarded idea on today's base, a control of the base, a new idea."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memorylab.core.decisions import worth
from memorylab.core.decisions.belief import Track
from memorylab.core.decisions.drift import RUNS_LOST, Due
from memorylab.core.decisions.effects import Belief
from memorylab.core.decisions.noise import CONFIDENT
from memorylab.core.numerals import bounded
from memorylab.tuples import NamedTuple

TRANSFER = 0.7
"""What is expected of an idea's gain on another base than the one it was tried on: knobs interact."""
SURE_LOSS = 2.5
"""Sigmas below its base from which no discarded idea is worth another look."""


class Tried(NamedTuple):
    """A candidate as it was measured."""

    candidate: str
    mean: float
    """Higher is better."""
    runs: int
    base: str | None
    """The candidate that it was built on."""
    kept: bool


class Option(NamedTuple):
    """One way to spend the next run."""

    action: str
    """replicate, retry (on today's base), control (of the base), branch_followup or new."""
    candidate: str | None
    worth: float
    """The improvement of the metric that the run is expected to bring."""
    chance: float | None
    """Probability that the idea truly gains something, where it is about one."""
    reruns: int | None
    """Runs that would settle it at 90 %."""


def options(
    track: Track, leader: Tried | None, tried: Sequence[Tried], due: Due, followed: str | None, limit: int = 8
) -> list[Option]:
    """Ways to spend the next run, the most valuable first; "new" is always among them.

    Args:
        track: the campaign's beliefs.
        leader: the champion.
        tried: other candidates, kept or not.
        due: whether the base should be run again.
        followed: the last promoted candidate that changed a knob's value, which a further step may follow.
        limit: how many.

    """
    fresh = worth.new_idea(track.noise, track.weights)
    found = [Option("new", None, fresh, None, None)]
    if followed is not None:
        found.append(Option("branch_followup", followed, worth.FOLLOW_UP * fresh, None, None))
    if leader is not None:
        found += _leader(track, leader, due, fresh)
        for one in tried:
            found += _other(track, leader, one)
    found.sort(key=lambda option: -option.worth)
    kept = found[:limit]
    return kept if any(option.action == "new" for option in kept) else [*kept[:-1], found_new(found)]


def found_new(found: Sequence[Option]) -> Option:
    """The option of a new idea."""
    return next(option for option in found if option.action == "new")


def _leader(track: Track, leader: Tried, due: Due, fresh: float) -> Iterator[Option]:
    if due.due:
        yield Option("control", leader.candidate, due.probability * RUNS_LOST * fresh, None, 1)
    met = track.met(leader.candidate)
    if met is None:
        return
    reruns = worth.reruns_wanted(met.gain, track.noise, 1 - CONFIDENT)
    if met.better < CONFIDENT:
        yield Option("replicate", leader.candidate, worth.rerun(met.gain, track.noise, True), met.better, reruns)


def _other(track: Track, leader: Tried, one: Tried) -> Iterator[Option]:
    """A candidate that doesn't lead: run it again as it was, or its idea on today's base."""
    if one.candidate == leader.candidate:
        return
    origin, sigma = track.origin(one.candidate), track.noise.sigma
    if origin is None or sigma == 0.0 or one.mean < origin.mean - SURE_LOSS * sigma:
        return
    met = track.met(one.candidate)
    assert met is not None  # it has an origin
    best = track.belief(leader.candidate) or track.fresh(leader.mean, leader.runs)
    if one.base == leader.candidate or one.kept:
        gap = Belief(bounded(met.own.mean - best.mean), met.own.sd)
        action = "replicate"
    else:
        gap = Belief(TRANSFER * met.gain.mean, met.gain.sd)
        action = "retry"
    value = worth.rerun(gap, track.noise, False) * (TRANSFER if action == "retry" else 1.0)
    reruns = worth.reruns_wanted(gap, track.noise, 1 - CONFIDENT)
    if value > 0:
        yield Option(action, one.candidate, value, met.better, reruns)
