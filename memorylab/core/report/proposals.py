"""What to try next with concrete values: of each knob of the code what its runs so far leave open, and why."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from memorylab.core.decisions import response
from memorylab.core.decisions.effects import Belief
from memorylab.core.decisions.nextruns import TRANSFER
from memorylab.core.decisions.response import MeasuredTry, Response
from memorylab.core.guard import steps, suggest
from memorylab.core.guard.bracket import Bracket
from memorylab.core.guard.knobs import NOISE, Try, around, spoken
from memorylab.core.guard.settable import CodeKnob
from memorylab.core.guard.steps import KnobScale
from memorylab.core.numerals import in_sigmas
from memorylab.core.runs.crash_kinds import UNHEARD_BEYOND, UNTRIED
from memorylab.tuples import NamedTuple

UNTOUCHED, FURTHER, BETWEEN, OTHER, MOVED, TOGETHER = (
    "untouched",
    "further",
    "between",
    "other_side",
    "new_base",
    "together",
)
"""Why something is proposed: no run has changed it, its last step was kept, between tries, the side that nobody tried,
tried on other bases only, and two that came close alone."""
_CLOSEST = 6
"""Near misses of which pairs are made."""
_ALIKE = 0.1
"""Usual steps between two values that are one for all that a run could tell."""
_PLACES = (1.0, -1.0, 0.5, -0.5, 0.25, -0.25)


class ProposedValue(NamedTuple):
    """A knob with the value that it would get."""

    knob: CodeKnob
    value: bool | float


class ProposedEdit(NamedTuple):
    """Something to try, before the guard was asked."""

    settings: tuple[ProposedValue, ...]
    kind: str
    reason: str
    worth: float
    """The gain that may be expected of it, in the metric's unit; where that is unknown, against other options alone."""

    @property
    def about(self) -> frozenset[str]:
        """The knobs that it turns."""
        return frozenset(one.knob.slot for one in self.settings)


class Scene(NamedTuple):
    """What an arena says of steps in general."""

    usual: float
    """The gain that is expected of a new idea; 1 where nobody knows."""
    sigma: float
    """The standard deviation of one run, in the same unit."""


def of_knob(
    knob: CodeKnob, target: str, tried: Sequence[Try], slots: Mapping[str, Any], scene: Scene
) -> list[ProposedEdit]:
    """The values of one knob that are worth a run, the best first.

    Args:
        knob: as the code has it.
        target: what history calls it.
        tried: its earlier runs, oldest first.
        slots: all values of the code, beside which a new one has to fit.
        scene: what steps bring here.

    """
    if isinstance(knob.now, bool):
        return _of_switch(knob, knob.now, tried, scene)
    scale = steps.scale_of(knob)
    if scale is None:
        return []
    known = around(target, knob.now, tried)
    known_gain = answer(scale, tried, scene)
    found: dict[float, ProposedEdit] = {}
    for value in _values(knob, scale, tried, known, slots):
        far = scale.steps(value)
        near = [scale.steps(float(one.to)) for one in tried if one.here and isinstance(one.to, float)]
        again = any(place is not None and far is not None and abs(place - far) < _ALIKE for place in near)
        if value not in found and far is not None and not again and _open(value, knob.now, tried, known):
            kind, reason = _why(knob.now, value, tried, known)
            found[value] = ProposedEdit((ProposedValue(knob, value),), kind, reason, known_gain.worth(far))
    return sorted(found.values(), key=lambda option: -option.worth)


def fair(tried: Sequence[Try]) -> list[Try]:
    """The tries that say something: where the machine or the patch failed nothing was tried."""
    return [one for one in tried if one.run.error_kind not in UNTRIED]


def answer(scale: KnobScale, tried: Sequence[Try], scene: Scene) -> Response:
    """How the metric answers to a knob, from its tries that changed nothing else."""
    return Response(list(_seen(scale, tried, scene.sigma)), scene.usual, scene.sigma)


def _seen(scale: KnobScale, tried: Sequence[Try], sigma: float) -> Iterator[MeasuredTry]:
    for one in tried:
        if not one.alone or one.run.gain is None or not isinstance(one.to, float):
            continue
        far = scale.steps(one.to)
        left = scale.steps(one.edit.frm) if isinstance(one.edit.frm, float) else 0.0
        if far is not None and left is not None and far != left:
            yield MeasuredTry(far, one.run.gain * sigma, one.here, left)


def _of_switch(knob: CodeKnob, now: bool, tried: Sequence[Try], scene: Scene) -> list[ProposedEdit]:
    if any(one.here for one in tried):
        return []
    kind, reason = (MOVED, _elsewhere(tried)) if tried else (UNTOUCHED, _NEVER)
    return [ProposedEdit((ProposedValue(knob, not now),), kind, reason, scene.usual)]


def _values(
    knob: CodeKnob, scale: KnobScale, tried: Sequence[Try], known: Bracket | None, slots: Mapping[str, Any]
) -> Iterator[float]:
    """Values that may be worth a run: usual steps, and where something was tried also parts of them."""
    fits = steps.fitting(knob, slots)
    if known is not None and known.suggestion is not None and known.untried is None:
        between = scale.value(scale.place(known.suggestion))
        if between != scale.now and fits(between):
            yield between
    for place in _PLACES if tried else _PLACES[:2]:
        value = next(steps.values(scale, place, abs(place), fits), None)
        if value is not None:
            yield value


def _open(value: float, now: float, tried: Sequence[Try], known: Bracket | None) -> bool:
    """Whether a value was not tried on this base, and lies before what failed there."""
    for one in tried:
        if not one.here:
            continue
        left = one.edit.frm
        if isinstance(left, float) and steps.spelled(left) == steps.spelled(value):
            return False  # it was the base, and was measured as such
        if isinstance(one.to, float):
            if steps.spelled(one.to) == steps.spelled(value):
                return False
            failed = one.run.gain is not None and one.run.gain < -NOISE
            failed = failed or (one.outcome == "crash" and one.run.error_kind not in UNHEARD_BEYOND)
            if failed and (one.to - now) * (value - now) > 0 and abs(value - now) > abs(one.to - now):
                return False
        elif one.outcome in ("worse", "crash") and one.edit.direction == ("up" if value > now else "down"):
            return False
    below, above = (known.below, known.above) if known else (None, None)
    return not ((below is not None and value <= below) or (above is not None and value >= above))


_NEVER = "untouched: no run has changed it"


def _why(now: float, value: float, tried: Sequence[Try], known: Bracket | None) -> tuple[str, str]:
    """What kind of idea a value is, and in words why it deserves a run."""
    if not tried:
        return UNTOUCHED, _NEVER
    kept = next((one for one in reversed(tried) if one.outcome == "kept" and one.to == now), None)
    way = 1 if value > now else -1
    if kept is not None and isinstance(kept.edit.frm, float) and (now - kept.edit.frm) * way > 0:
        return FURTHER, f"{spoken(kept.edit.frm)} to {spoken(now)} was kept{_by(kept.run.gain)}: a step further"
    here = [one for one in tried if one.here and isinstance(one.to, float) and one.to != now]
    low, high = (known.below, known.above) if known else (None, None)
    if low is not None and high is not None:
        beaten = " and ".join(_told(tried, end) for end in (low, high))
        return BETWEEN, f"the best lies between {spoken(low)} and {spoken(high)}, with {spoken(now)} so far: {beaten}"
    end = high if way > 0 else low
    if end is not None:
        return BETWEEN, f"between {spoken(now)} and {spoken(end)}: {_told(tried, end)}"
    left = kept.edit.frm if kept is not None else None
    if kept is not None and isinstance(left, float) and min(now, left) < value < max(now, left):
        said = f"{spoken(left)} to {spoken(now)} was kept{_by(kept.run.gain)}"
        return BETWEEN, f"{said}: whether a part of that step does better"
    if isinstance(left, float) and steps.spelled(left) == steps.spelled(value):
        return MOVED, f"left for {spoken(now)}{_by(kept.run.gain) if kept else ''}, and the base has changed since"
    if not here:
        return MOVED, _elsewhere(tried)
    same = [one for one in here if (float(one.to) - now) * way > 0]
    if same:
        return BETWEEN, f"{_of_try(min(same, key=lambda one: abs(float(one.to) - value)))}, which leaves that side open"
    return OTHER, f"{_of_try(here[-1])}; the other side of {spoken(now)} is untried"


def _elsewhere(tried: Sequence[Try]) -> str:
    """What is told of a knob that nobody has tried on this base."""
    best = max(tried, key=lambda one: (one.run.gain is not None, one.run.gain or 0.0, one.run.seq))
    return f"tried before the base changed, not since: {_of_try(best)} there"


def _told(here: Sequence[Try], value: float) -> str:
    """How a neighbour ended, whether it was a try or what a kept try began from."""
    for one in reversed(here):
        if one.to == value:
            return _of_try(one)
        if one.edit.frm == value and one.outcome == "kept":
            return f"{spoken(value)} was left{_by(one.run.gain)}"
    return f"{spoken(value)} failed"


def _of_try(one: Try) -> str:
    name, gain = spoken(one.to), one.run.gain
    if one.outcome == "crash":
        return f"{name} crashed"
    if gain is None:
        return f"{name} was {'kept' if one.outcome == 'kept' else 'discarded'}"
    if abs(gain) < NOISE:
        return f"{name} made no clear difference ({in_sigmas(gain, '+')} σ)"
    return f"{name} {'gained' if gain > 0 else 'lost'} {in_sigmas(abs(gain))} σ"


def _by(gain: float | None) -> str:
    if gain is None or gain <= 0:
        return ""
    return f" for a gain of {in_sigmas(gain)} σ" if gain >= NOISE else ", within the noise"


class Turned(NamedTuple):
    """A knob with what history has of it."""

    knob: CodeKnob
    target: str
    tried: Sequence[Try]


def near_miss(one: Turned) -> Try | None:
    """The best run that turned this knob alone, lost nothing beyond the noise, and is no part of the base."""
    close = [run for run in one.tried if run.here and isinstance(run.to, float) and suggest.close(run.run)]
    left = {run.edit.frm for run in one.tried if run.outcome == "kept"}  # what was gone on from is no miss
    close = [run for run in close if run.to not in (one.knob.now, *left) and run.run.gain is not None]
    return max(close, key=lambda run: (run.run.gain or 0.0, run.run.seq), default=None)


def combined(turned: Sequence[Turned], scene: Scene, most: int = 2) -> list[ProposedEdit]:
    """Two near misses that no run has made together, the most promising pairs first."""
    missed = [(one, miss) for one in turned if not isinstance(one.knob.now, bool) and (miss := near_miss(one))]
    missed.sort(key=lambda pair: -(pair[1].run.gain or 0.0))
    found = []
    for (one, mine), (other, theirs) in itertools.combinations(missed[:_CLOSEST], 2):
        if any(edit.target == other.target for run in one.tried for edit in run.run.edits):
            continue
        parts = [belief for who, miss in ((one, mine), (other, theirs)) if (belief := _belief(who, miss, scene))]
        if len(parts) == 2:
            said = " and ".join(f"{who.knob.label} {_of_try(miss)}" for who, miss in ((one, mine), (other, theirs)))
            settings = (ProposedValue(one.knob, float(mine.to)), ProposedValue(other.knob, float(theirs.to)))
            worth = response.together(parts, TRANSFER)
            found.append(ProposedEdit(settings, TOGETHER, f"near misses never tried together: {said}", worth))
    return sorted(found, key=lambda option: -option.worth)[:most]


def _belief(one: Turned, miss: Try, scene: Scene) -> Belief | None:
    scale = steps.scale_of(one.knob)
    far = scale.steps(float(miss.to)) if scale is not None else None
    return answer(scale, one.tried, scene).at(far) if scale is not None and far else None


def ordered(options: Sequence[ProposedEdit], rate: Callable[[ProposedEdit], float]) -> list[ProposedEdit]:
    """The options by what they are worth, where each knob has one before any has a second.

    `rate` says how much likelier than usual an option is kept.
    """
    best = sorted(options, key=lambda option: -option.worth * rate(option))
    first: list[ProposedEdit] = []
    rest: list[ProposedEdit] = []
    turned: set[str] = set()
    for option in best:
        (rest if option.about & turned else first).append(option)
        turned |= option.about
    return [*first, *rest]
