"""What a run is held against: its base, the champion, and the reruns that belong to it."""

from __future__ import annotations

import math
from typing import Any

from memorylab.core.decisions import drift
from memorylab.core.decisions.belief import Trial
from memorylab.core.decisions.effects import Met
from memorylab.core.decisions.noise import Noise, estimate
from memorylab.core.decisions.situation import Reference, good
from memorylab.core.numerals import bounded
from memorylab.core.reading.ideas import Idea
from memorylab.core.runs.arenas import improvement, joined
from memorylab.index import Views
from memorylab.lab.outlook import Outlook, outlook
from memorylab.lab.standing import Standing, noise_of
from memorylab.records import Contender, NoveltyGuard, RunView
from memorylab.tuples import NamedTuple

FEW = 3
"""Starved runs in a row after which a rerun of the champion that was as slow shows another machine."""
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
    seen: Outlook
    control: dict[str, Any] | None = None
    """What it showed, if it is a rerun of the champion with other runs since."""
    heard: tuple[float, float] | None = None
    doubt: Met | None = None
    successor: Reference | None = None
    stood: bool = False
    """As `core.situation.Situation` has them."""


def references(
    views: Views,
    where: Standing,
    idea: Idea,
    guard: NoveltyGuard,
    *,
    run_id: str,
    value: float | None,
    code: str | None,
    again: RunView | None,
    known: bool,
    plain: bool,
    parent: RunView | None,
    mode: str,
) -> References:
    """Find what to hold a run against, as of the index's position.

    `known` says that its identity is: then it repeats `again`, whatever its words, or a run by hand whose command
    nobody knows, if its own is `plain`. `parent` is what its code stands on.
    """
    seen = outlook(views, where)
    champion = _champion(where, seen)
    earlier = again
    if earlier is None and (plain or not known):
        earlier = _earlier_run(views, where, idea, guard, code, mode, by_hand=known)
    if earlier is None or value is None:
        candidate = earlier.candidate if earlier else run_id
        base = _base(views, where, seen, parent)
        found = References(candidate, 1, value, base, champion, where.noise, champion, False, seen)
        return _with_doubt(views, where, found) if value is not None else found
    before = views.contender(earlier)
    control = _control(where, seen, before, value)
    if control is not None and control["failed"]:
        return References(run_id, 1, value, None, None, where.noise, champion, False, seen, control)
    heard = _heard(seen, earlier.candidate, value)
    runs, mean = before.runs + 1, joined(before.mean, before.runs, value)
    noise = _with_rerun(views, where, bounded(value - before.mean) * math.sqrt(before.runs / runs))
    leads = where.champion is not None and where.champion.run.candidate == earlier.candidate
    base = _origin(views, where, seen, earlier)
    if leads:
        # A rerun of the champion can't stand against itself; its rival is the next best candidate.
        rival = _runner_up(views, where, seen, earlier.candidate)
        return References(
            earlier.candidate, runs, mean, base or rival, rival, noise, champion, True, seen, control, heard
        )
    measured = views.measured(where.arena.id, [earlier.candidate]) if where.arena else {}
    stood = earlier.candidate in measured and measured[earlier.candidate][2]
    return References(
        earlier.candidate, runs, mean, base or champion, champion, noise, champion, False, seen, control, stood=stood
    )


def _heard(seen: Outlook, candidate: str, value: float) -> tuple[float, float] | None:
    known = seen.track.measured(candidate)
    if known is None:
        return None
    mean, runs = known
    return joined(mean, runs, good(value, seen.direction)), runs + 1


def _with_doubt(views: Views, where: Standing, found: References) -> References:
    """What a new idea's run says of the champion that it was built on."""
    if where.champion is None or found.base is None or found.base != found.champion or found.mean is None:
        return found
    name, seen = where.champion.run.candidate, found.seen
    seen.track.follow([Trial(found.candidate, name, good(found.mean, seen.direction))])
    return found._replace(doubt=seen.track.met(name), successor=_runner_up(views, where, seen, name))


def _champion(where: Standing, seen: Outlook) -> Reference | None:
    """The champion with the mean over its reruns."""
    return _reference(where.champion, seen) if where.champion else None


def _with_rerun(views: Views, where: Standing, contrast: float) -> Noise:
    if where.arena is None:
        return where.noise
    contrasts, gains = noise_of(views, where.arena)
    return estimate(where.champion.mean if where.champion else 0.0, [contrast, *contrasts], gains)


def _reference(contender: Contender, seen: Outlook) -> Reference:
    return Reference(contender.run.run_id, contender.run.commit, contender.mean, contender.runs, seen.belief(contender))


def _origin(views: Views, where: Standing, seen: Outlook, run: RunView) -> Reference | None:
    """What a candidate was built on, as it was known when the candidate was first tried."""
    found = views.candidate(where.arena.id, run.base) if where.arena and run.base else None
    if found is None or run.base == run.candidate:
        return None
    return _reference(found, seen)._replace(belief=seen.track.origin(run.candidate) or seen.belief(found))


def _control(where: Standing, seen: Outlook, before: Contender, value: float) -> dict[str, Any] | None:
    """What a rerun of the champion says of the runs since it was last seen to hold."""
    if where.champion is None or before.run.candidate != where.champion.run.candidate or not seen.stretch:
        return None
    fall = improvement(before.mean, value, seen.direction)
    sigmas = where.noise.distance(fall, math.sqrt(1 + 1 / before.runs))
    return {
        "failed": drift.failed(fall, where.noise, before.runs, seen.stretch),
        "of": before.run.run_id,
        "expected": before.mean,
        "measured": value,
        "sigmas": round(sigmas, 3) if sigmas is not None else None,
        "since": seen.held,
        "untested": len(seen.stretch),
    }


def unmeasured(where: Standing, found: References, run_id: str) -> References:
    """The same for a run whose value is no evidence: it joins no mean and no noise, and is no control."""
    again = found.candidate != run_id or found.control is not None
    name = where.champion.run.candidate if found.control and where.champion else found.candidate
    base = found.before if again else found.base
    return found._replace(
        candidate=name, runs=1, base=base, champion=found.before, leads=False, control=None, heard=None, doubt=None
    )


def restarted(where: Standing, found: References, value: float, row: int) -> References | None:
    """What a rerun of the champion is after `row` runs that were all as slow, on a machine where nothing else was seen.

    The machine is another one by now, and nothing will reach the base: the rerun is the new base.
    """
    if where.champion is None or row < FEW:
        return None
    if found.control is None and found.candidate != where.champion.run.candidate:
        return None
    before, seen = where.champion, found.seen
    sigmas = where.noise.distance(improvement(before.mean, value, seen.direction), math.sqrt(1 + 1 / before.runs))
    control = {
        "failed": True,
        "of": before.run.run_id,
        "expected": before.mean,
        "measured": value,
        "sigmas": round(sigmas, 3) if sigmas is not None else None,
        "since": seen.held,
        "untested": len(seen.stretch) + row,
    }
    return References("", 1, value, None, None, where.noise, found.before, False, seen, control)


def _earlier_run(
    views: Views, where: Standing, idea: Idea, guard: NoveltyGuard, code: str | None, mode: str, by_hand: bool
) -> RunView | None:
    """The newest run that one repeats that was logged by hand: the code must be the same, and the idea no other one.

    Nobody knows how it was called: knobs may be passed on the command line.
    """
    if where.arena is None or code is None:
        return None
    for run in views.same_code(where.arena.id, code):
        if by_hand and run.identity is not None:
            continue
        matched = guard.get("classification") == "duplicate_run" and run.run_id in (
            guard["policy"].get("evidence") or ()
        )
        if mode == "replicate" or idea.family in RERUN_FAMILIES or run.description == idea.description or matched:
            return run
    return None


def _base(views: Views, where: Standing, seen: Outlook, parent: RunView | None) -> Reference | None:
    """What the idea has to beat: the run that its code stands on if that was kept, else the champion of the arena.

    An agent that doesn't take a discarded edit back builds on it all the same; to beat that proves nothing.
    """
    if parent is None or parent.rank is None or where.arena is None or parent.arena != where.arena.id:
        return _champion(where, seen)
    if parent.status != "keep" and where.champion is not None:
        return _champion(where, seen)
    if where.champion is not None and parent.candidate == where.champion.run.candidate:
        return _champion(where, seen)  # reruns of one candidate are one reference
    return _reference(views.contender(parent), seen)


def _runner_up(views: Views, where: Standing, seen: Outlook, candidate: str) -> Reference | None:
    if where.arena is None:
        return None
    rivals = views.contenders(where.arena.id, 2, kept=True)
    return next((_reference(rival, seen) for rival in rivals if rival.run.candidate != candidate), None)
