"""Where an arena stands: which one a run here would be in, who leads it, and how noisy it is."""

from __future__ import annotations

from collections.abc import Iterable

from memorylab.core.decisions import drift, noise
from memorylab.core.decisions.noise import Noise
from memorylab.core.runs import arenas
from memorylab.index import ArenaView, Views
from memorylab.records import Arena, Contender, RunView
from memorylab.tuples import NamedTuple


class Standing(NamedTuple):
    """Where an arena stands: who leads, and how noisy its measurements are."""

    arena: ArenaView | None
    champion: Contender | None
    noise: Noise


def standing(views: Views, arena: ArenaView | None) -> Standing:
    """The champion and the noise of an arena; nothing known of one that has no runs."""
    if arena is None:
        return Standing(None, None, noise.estimate(0.0, ()))
    leader = views.run(arena.champion)
    champion = views.contender(leader) if leader else None
    level = champion.mean if champion else 0.0
    return Standing(arena, champion, noise.estimate(level, *noise_of(views, arena)))


def price(views: Views, where: Standing) -> float | None:
    """What a run takes here, in minutes: the mean of the newest ones that say so, else the budget; None if unknown."""
    if where.arena is None:
        return None
    seconds = [run.seconds for run in views.history(20) if run.arena == where.arena.id and run.seconds]
    if seconds:
        return sum(seconds) / len(seconds) / 60
    budget = where.arena.arena.get("budget_s")
    return budget / 60 if budget else None


def sigmas(views: Views, runs: Iterable[RunView]) -> dict[int, float]:
    """The noise of one run in each arena that the runs are of, by its number; where one alone was measured, none."""
    measured = {arena: views.counts(arena, "status") for arena in {run.arena for run in runs}}
    compared = [arena for arena, count in measured.items() if count.get("keep", 0) + count.get("discard", 0) > 1]
    return {arena: standing(views, views.arena(arena)).noise.sigma for arena in compared}


def noise_of(views: Views, arena: ArenaView) -> tuple[list[float], list[float]]:
    """What the arena's repeated runs differed by, and what its newest runs gained."""
    direction = arena.arena.get("direction", "min")
    told = [trial for trial in views.trials(arena.id) if trial.base_value is not None]
    gains = [arenas.improvement(trial.value, trial.base_value or 0.0, direction) for trial in told]
    lost = drift.lost(gains, [trial.base_value or 0.0 for trial in told])
    return [contrast for contrast, _ in views.contrasts(arena.home)], gains[: len(gains) - lost]


def current_arena(views: Views, wanted: Arena) -> ArenaView | None:
    """The arena that a run here would be in: the newest one that agrees with `wanted` in all that both know."""
    for candidate in views.arenas():
        if agrees(candidate.arena, wanted):
            return candidate
    return None


def agrees(known: Arena, wanted: Arena) -> bool:
    """Whether two descriptions of an arena contradict each other nowhere; what nobody recorded contradicts nothing.

    But for what a command says, whose absence says that it was called without; and
    but for `source`: runs imported from another table are never mixed with runs made here.
    """
    if known.get("source") != wanted.get("source"):
        return False
    if arenas.campaign_of({"arena": known}) != arenas.campaign_of({"arena": wanted}):
        return False
    for field in arenas.FIELDS:
        a, b = known.get(field), wanted.get(field)
        if a is not None and b is not None and a != b:
            return False
    return not any(
        (said := wanted.get(field)) is not None and said != (known.get(field) or "") for field in arenas.SAID
    )
