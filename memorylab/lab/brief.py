"""What an agent without context needs: the goal, who leads, where the code stands, what failed, what to run next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorylab.core.guard.claims import Claim
from memorylab.core.runs import integrity
from memorylab.core.runs.crash_kinds import UNTRIED
from memorylab.index import Views
from memorylab.lab import checkout, claims, ideas, looking
from memorylab.lab import knobs as known_knobs
from memorylab.lab.checkout import Whereabouts
from memorylab.lab.context import Context
from memorylab.lab.ideas import Proposal
from memorylab.lab.judge import arena_in_use
from memorylab.records import Direction, RunView
from memorylab.tuples import NamedTuple

MOST = 12
"""Rows of each kind: a page has room for no more."""
_LOOKED_AT = 50
"""Newest runs of a status of which the failures are told."""


class Brief(NamedTuple):
    """The state of a campaign on a page."""

    metric: str
    direction: Direction
    command: tuple[str, ...]
    mutable: tuple[str, ...]
    protected: tuple[str, ...]
    counts: Mapping[str, int]
    """Runs of the arena at hand by status."""
    champion: Mapping[str, Any] | None
    """As the registry has it."""
    noise: Mapping[str, Any]
    here: Whereabouts
    ideas: list[Proposal]
    """What to try next, the best first."""
    options: list[Mapping[str, Any]]
    """What the next run may be spent on otherwise, the best first; as `next_runs` of the registry."""
    failed: list[RunView]
    """What was tried last and is known to have failed, the newest first, one run a candidate."""
    knobs: list[dict[str, Any]]
    """What is known of the knobs that were tried most."""
    claims: list[Claim]
    """What others are at."""


def brief(context: Context) -> Brief:
    """The campaign at hand; the index must have caught up."""
    views, config = context.views(), context.config
    arena = arena_in_use(context)
    found = looking.best(context, 1)
    return Brief(
        metric=config.metric,
        direction=config.direction,
        command=config.command,
        mutable=config.mutable,
        protected=(*config.protected, *config.guarded),
        counts=views.counts(arena.id, "status") if arena is not None else {},
        champion=found["champion"],
        noise=found.get("noise") or {},
        here=checkout.whereabouts(context),
        ideas=ideas.propose(context, MOST).ideas,
        options=list(found.get("next_runs") or ()),
        failed=_failed(views, arena.id) if arena is not None else [],
        knobs=known_knobs.table(context, MOST),
        claims=claims.active(context),
    )


def _failed(views: Views, arena: int) -> list[RunView]:
    """A tie, a run in doubt, one that was stopped or starved and trouble of the machine are no evidence of failure."""
    newest = [run for status in ("discard", "crash") for run in views.history(_LOOKED_AT, status)]
    heard = {
        run.candidate: run
        for run in sorted(newest, key=lambda run: run.seq)
        if run.arena == arena
        and run.next_action not in ("retry", "replicate")
        and not (run.starved or run.error_kind in UNTRIED or integrity.barred(run))
    }
    return sorted(heard.values(), key=lambda run: -run.seq)[:MOST]
