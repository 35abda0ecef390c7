"""What an agent without context needs: the goal, who leads, where the code stands, what failed, what to run next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorylab.core.guard.claims import Claim
from memorylab.lab import checkout, claims, ideas, looking
from memorylab.lab import knobs as known_knobs
from memorylab.lab.checkout import Whereabouts
from memorylab.lab.context import Context
from memorylab.lab.ideas import Proposal
from memorylab.lab.judge import home_arena
from memorylab.lab.standing import current_arena
from memorylab.records import Direction, RunView
from memorylab.tuples import NamedTuple

MOST = 12
"""Rows of each kind: a page has room for no more."""


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
    """What was tried last and not kept, the newest first."""
    knobs: list[dict[str, Any]]
    """What is known of the knobs that were tried most."""
    claims: list[Claim]
    """What others are at."""


def brief(context: Context) -> Brief:
    """The campaign at hand; the index must have caught up."""
    views, config = context.views(), context.config
    arena = current_arena(views, home_arena(context))
    found = looking.best(context, 1)
    failed = [run for status in ("discard", "crash") for run in views.history(MOST, status, None)]
    inside = [run for run in failed if arena is not None and run.arena == arena.id]
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
        failed=sorted(inside, key=lambda run: -run.seq)[:MOST],
        knobs=known_knobs.table(context, MOST),
        claims=claims.active(context),
    )
