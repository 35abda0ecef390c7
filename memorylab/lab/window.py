"""A window on a workspace for whoever only looks: the use cases that read, none of which writes more than the index.

`Lab` brings the derived files up to the ledger whenever it is asked something. Somebody who looks on for hours leaves
that to those who work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from memorylab.core.decisions.noise import real_gain
from memorylab.core.guard.claims import Claim
from memorylab.core.reading.ideas import Idea
from memorylab.core.report.morning import Morning
from memorylab.errors import UsageError
from memorylab.index.pages import Filter, Pages
from memorylab.index.views import value_of
from memorylab.lab import (
    ancestry,
    archived,
    browsing,
    called,
    claims,
    comparing,
    failing,
    knobs,
    looking,
    reporting,
    running,
    today,
)
from memorylab.lab.browsing import Around, Page, Sort
from memorylab.lab.context import Context
from memorylab.lab.judge import Question, clean_idea, judge
from memorylab.lab.standing import sigmas, standing
from memorylab.records import NoveltyGuard, Run, RunView

if TYPE_CHECKING:
    from memorylab.index import ArenaView

_REPEATED = 50
"""Repeated candidates that the noise page lists."""


class Window:
    """The reading side of a workspace. Not for several threads at once: an index belongs to the one that opened it."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def metric(self) -> str:
        """The measurement that decides."""
        return self.context.config.metric

    def version(self) -> int:
        """Where the ledger ends; another number means that there is news."""
        return self.context.catch_up()

    def size(self) -> int:
        """How many runs there are."""
        return self.context.views().size()

    def last(self) -> RunView | None:
        """The newest run."""
        return self.context.views().last()

    def morning(self, since_hours: float | None = None, points: int = reporting.POINTS) -> Morning:
        """The morning report as data, its chart over the newest runs and its knobs no more than its queue names."""
        return reporting.gather(self.context, since_hours, points=points, draw_knobs=False)

    def runs(self, wanted: Filter, sort: Sort = "newest", after: str = "", before: str = "", limit: int = 50) -> Page:
        """A page of the runs that match; see `memorylab.lab.browsing.browse`."""
        self.version()
        if wanted.knob:
            wanted = wanted._replace(knob=knobs.tried(self.context.views(), wanted.knob))
        return browsing.browse(self.context, wanted, sort=sort, after=after, before=before, limit=limit)

    def families(self) -> list[str]:
        """The families that any run has."""
        return Pages(self.context.index.db).families()

    def arenas(self) -> list[ArenaView]:
        """The arenas, the one used last first."""
        return self.context.views().arenas()

    def closest(self, words: str, limit: int = 20) -> list[RunView]:
        """Runs that share some words with a query, or change what it names."""
        return looking.search(self.context.views(), words, limit)

    def run(self, name: str) -> Run:
        """The ledger row of a run named by its id, its commit, or the start of either.

        Raises:
            InputError: no run, or more than one, has this name.

        """
        self.version()
        return looking.show(self.context, name)

    def sigmas(self, runs: Iterable[RunView]) -> dict[int, float]:
        """The noise of one run in each arena that the runs are of."""
        return sigmas(self.context.views(), runs)

    def around(self, run_id: str) -> Around | None:
        """What stands around a run."""
        return browsing.around(self.context, run_id)

    def archived(self, row: Run, log_bytes: int = 64 << 10) -> archived.Archived:
        """What a run left behind."""
        return archived.archived(self.context, row, log_bytes)

    def open_archived(self, row: Run, name: str) -> BinaryIO:
        """One file of a run's archive.

        Raises:
            InputError: it has none of this name.

        """
        return archived.open_file(self.context, row, name)

    def compare(self, first: str, second: str) -> comparing.Comparison:
        """Two runs against each other; see `memorylab.lab.comparing.compare`."""
        self.version()
        return comparing.compare(self.context, first, second)

    def lineage(self) -> ancestry.Graph:
        """The best lines of the arena in use."""
        self.version()
        return ancestry.lineage(self.context)

    def knobs(self, limit: int = 24) -> list[dict[str, Any]]:
        """The knobs that most runs changed."""
        self.version()
        return knobs.table(self.context, limit)

    def knob(self, name: str) -> dict[str, Any]:
        """One knob, by any of its names.

        Raises:
            InputError: nothing is known under this name.

        """
        self.version()
        return knobs.knob(self.context, name)

    def called(self, target: str) -> str:
        """What a knob is called here."""
        return called.name(self.context, target) or target

    def noise(self) -> dict[str, Any]:
        """How much one run varies in the arena in use, and the candidates that were run more than once."""
        self.version()
        views, here = self.context.views(), browsing.arena_here(self.context)
        where = standing(views, views.arena(here) if here is not None else None)
        repeated = Pages(views.db).repeated(here, _REPEATED) if here is not None else []
        rows = [
            {"run_id": run.run_id, "description": run.description, "runs": n, "mean": value_of(mean, run)}
            for run, n, mean in repeated
        ]
        real = real_gain(where.noise) if where.noise.sigma or where.noise.replicates else None
        return {"metric": self.metric, **where.noise._asdict(), "real_gain": real, "repeated": rows}

    def today(self, run: RunView) -> today.Today:
        """What holds of a run now."""
        return today.today(self.context, run)

    def champion(self) -> RunView | None:
        """The run that leads the arena in use."""
        views, here = self.context.views(), browsing.arena_here(self.context)
        arena = views.arena(here) if here is not None else None
        return views.run(arena.champion) if arena else None

    def failures(self, limit: int = 20) -> list[dict[str, Any]]:
        """The largest groups of runs that failed alike with what they have in common, crashes first."""
        self.version()
        views, here = self.context.views(), browsing.arena_here(self.context)
        arena = views.arena(here) if here is not None else None
        return failing.groups(self.context, arena, limit) if arena else []

    def check(self, idea: Idea, mode: str | None = None, limit: int = 8) -> NoveltyGuard:
        """What history, and the claims of others, say of an idea; nothing is reserved.

        Raises:
            UsageError: the description is empty.

        """
        if not idea.description:
            raise UsageError("the description is empty", "say in a few words what the run will try")
        self.version()
        guard = judge(self.context, idea, Question(mode=mode, limit=limit))
        return claims.heed(self.context, idea, guard, None)

    def idea(self, description: str, tags: Sequence[str], family: str, hypothesis: str, patch: str = "") -> Idea:
        """An idea as somebody words it, with the change that a patch makes where one is given.

        Raises:
            InputError: the patch is none, or leaves the files alone that experiments change.

        """
        self.version()
        idea = clean_idea(description, list(tags), family or None, hypothesis or None)
        if not patch:
            return idea
        from memorylab.lab import changes

        return changes.with_change(idea, changes.told(self.context, "-", patch).change)

    def claims(self) -> list[Claim]:
        """The claims that hold now."""
        return claims.active(self.context)

    def running(self) -> list[running.Running]:
        """The experiments that run now."""
        return running.running(self.context)
