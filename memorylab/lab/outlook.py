"""What a campaign has taught so far: true values as far as they are known, what is risked, whether the base holds."""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.decisions import promotion
from memorylab.core.decisions.belief import Track, Trial
from memorylab.core.decisions.drift import Due, control_due
from memorylab.core.decisions.effects import Belief
from memorylab.core.decisions.noise import CONFIDENT
from memorylab.core.decisions.promotion import Budget
from memorylab.core.decisions.situation import good
from memorylab.core.numerals import bounded
from memorylab.core.runs.arenas import improvement
from memorylab.index import TrialView, Views
from memorylab.lab.standing import Standing
from memorylab.records import Contender, Direction
from memorylab.tuples import NamedTuple

WINDOW = 48
"""Newest measured runs that a decision looks back on: 3 ms, and effects are remembered no longer (`belief.MEMORY`)."""


class Outlook(NamedTuple):
    """Everything that a decision knows of the campaign."""

    track: Track
    trials: Sequence[TrialView]
    """The runs that were followed, oldest first."""
    direction: Direction
    promotions: Budget
    confirmed: bool
    """The champion's gain over what it replaced is real with 90 %, or it was run again without one."""
    due: Due
    held: str | None
    """The run at which the base was last seen to hold."""
    stretch: tuple[float, ...]
    """How much worse than the champion the runs since were."""

    def belief(self, contender: Contender) -> Belief:
        """What is known of a candidate's true value, higher is better."""
        return self.track.believed(contender.run.candidate, good(contender.mean, self.direction), contender.runs)


def outlook(views: Views, where: Standing, window: int = WINDOW) -> Outlook:
    """Follow the newest runs of an arena."""
    if where.arena is None:
        return Outlook(Track(where.noise), (), "min", Budget(0, 0.0), False, Due(False, 0.0, 0), None, ())
    direction: Direction = where.arena.arena.get("direction", "min")
    trials = views.trials(where.arena.id, window)
    track = Track(where.noise, _before(views, where.arena.id, trials, direction))
    track.follow([Trial(one.candidate, one.base, good(one.value, direction)) for one in trials])
    kept = views.measured(where.arena.id, {one.candidate for one in trials if one.status == "keep"})
    chances = {name: met.better if (met := track.met(name)) else None for name, (_, _, leads) in kept.items() if leads}
    due, held, stretch = _holding(views, where, trials, direction)
    return Outlook(
        track,
        trials,
        direction,
        promotion.budget(chance for chance in chances.values() if chance is not None),
        _confirmed(where, chances),
        due,
        held,
        stretch,
    )


def _before(
    views: Views, arena: int, trials: Sequence[TrialView], direction: Direction
) -> list[tuple[str, float, int]]:
    """The candidates that were measured before the runs in view: (candidate, mean, runs), without what is in view."""
    seen: dict[str, list[float]] = {}
    for one in trials:
        seen.setdefault(one.candidate, []).append(good(one.value, direction))
    names = dict.fromkeys(name for one in trials for name in (one.base, one.candidate) if name)
    known = []
    for name, (rank, runs, _) in views.measured(arena, names).items():
        inside = seen.get(name, [])
        if runs > len(inside):
            left = runs - len(inside)
            sum_ = bounded(sum(value / left for value in inside))
            known.append((name, bounded(bounded(-rank * (runs / left)) - sum_), left))
    return known


def _confirmed(where: Standing, chances: dict[str, float | None]) -> bool:
    if where.champion is None:
        return False
    chance = chances.get(where.champion.run.candidate)
    return chance >= CONFIDENT if chance is not None else where.champion.runs > 1


def _holding(
    views: Views, where: Standing, trials: Sequence[TrialView], direction: Direction
) -> tuple[Due, str | None, tuple[float, ...]]:
    """Whether the base was seen to hold lately: a run no worse than a tie with it, or itself run again."""
    if where.champion is None:
        return Due(False, 0.0, 0), None, ()
    leader, sigma = where.champion, where.noise.sigma
    falls: list[float] = []
    for place in range(len(trials) - 1, -1, -1):
        one = trials[place]
        fall = improvement(leader.mean, one.value, direction)
        if one.candidate == leader.run.candidate or fall <= 2.8 * sigma or one.status == "keep":
            break
        falls.append(fall)
    else:
        place = -1
    held = trials[place] if place >= 0 else None
    near = [_near(one, sigma, direction) for one in trials[: place + 1]]
    share = (sum(near) + 1) / (len(near) + 3)
    gap = min(falls) / abs(leader.mean) if falls and leader.mean else None
    run = views.run(held.seq if held else leader.run.seq)
    return control_due(len(falls), share, gap), run.run_id if run else None, tuple(falls)


def _near(one: TrialView, sigma: float, direction: Direction) -> bool:
    if one.base_value is None:
        return True
    return good(one.value, direction) >= good(one.base_value, direction) - 2.8 * sigma
