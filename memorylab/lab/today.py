"""What holds of a run now: its packet says what held when it was logged."""

from __future__ import annotations

from memorylab.core.decisions.situation import ahead
from memorylab.lab.browsing import arena_here
from memorylab.lab.context import Context
from memorylab.lab.outlook import outlook
from memorylab.lab.standing import standing
from memorylab.records import RunView
from memorylab.tuples import NamedTuple


class Today(NamedTuple):
    """The place of a run's code among all that was measured."""

    here: bool
    """Whether it belongs to the arena in use."""
    leads: bool
    chance: float | None
    """The chance that it is truly better than the champion; None where nobody can tell, and for the champion itself."""
    runs: int
    """How often its code was measured."""
    mean: float | None


def today(context: Context, run: RunView) -> Today:
    """A run as it stands now; the index must have caught up."""
    views = context.views()
    arena = views.arena(run.arena)
    here = arena is not None and arena.id == arena_here(context)
    if run.rank is None:
        return Today(here, False, None, 0, None)
    where, own = standing(views, arena), views.contender(run)
    if not here or where.champion is None:
        return Today(here, False, None, own.runs, own.mean)
    if run.candidate == where.champion.run.candidate:
        return Today(here, True, None, own.runs, own.mean)
    seen = outlook(views, where)
    return Today(here, False, ahead(seen.belief(own), seen.belief(where.champion)), own.runs, own.mean)
