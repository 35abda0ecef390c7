"""The use cases that look one thing up: runs by their words, one run in full, the best of an arena."""

from __future__ import annotations

from typing import Any

from memorylab.core.reading.edits import parse
from memorylab.core.runs import integrity
from memorylab.errors import InputError, shown
from memorylab.index import Views, corrections
from memorylab.index import acceptance as accepted
from memorylab.index.derive import disowned
from memorylab.lab import called
from memorylab.lab.context import Context
from memorylab.lab.judge import arena_in_use, home_arena
from memorylab.records import Run, RunView


def search(views: Views, words: str, limit: int) -> list[RunView]:
    """Runs whose texts share words with a query, the closest first; then those that change what it names."""
    found = {run.seq: run for run in views.search(words, limit)}
    for edit in parse(words):
        found |= {seq: run for seq in views.tried(edit.target, limit) if seq not in found and (run := views.run(seq))}
    return list(found.values())[:limit]


def show(context: Context, name: str) -> Run:
    """The ledger row of a run named by its id, its commit, or the start of either; who accepted it since is added.

    A run of another campaign is found where this one has none of this name: the guard tells of those.

    Raises:
        InputError: no run, or more than one, has this name.

    """
    context = _holding(context, name)
    found = named(context, name)
    row = next(iter(context.ledger.read(found.after))).row or {}
    row = corrections.applied(context.index.db, row, context.config.metric)
    if found.integrity == integrity.UNKNOWN and integrity.barred(found):
        row = disowned(row)
    since = accepted.find(context.index.db, found.seq)
    if since is not None:
        row = {**row, "integrity": found.integrity, "accepted": since._asdict()}
    return called.record(context, row)  # type: ignore[arg-type]


def _holding(context: Context, name: str) -> Context:
    """The campaign that has a run of this name, the one at hand first."""
    if not context.has_others() or context.views().find(name):
        return context
    from memorylab.lab import campaigns

    return next((one for one in campaigns.others(context) if one.views().find(name)), context)


def named(context: Context, name: str) -> RunView:
    """The run of the campaign at hand that a name means.

    Raises:
        InputError: no run, or more than one, has this name.

    """
    found = context.views().find(name)
    if not found:
        hint = "`memorylab history` lists runs, `search` finds them by words"
        if (other := _holding(context, name)) is not context:
            from memorylab.adapters import campaigns as named_campaigns

            hint = f"the campaign {named_campaigns.called(other.place.campaign)} has one: name that with --campaign"
        raise InputError(f"there is no run {shown(name)}", hint)
    if len(found) > 1 and name != found[0].run_id:
        names = ", ".join(run.run_id for run in found[:5])
        raise InputError(f"{name!r} can mean {len(found)} runs: {names}", "give more of the run id")
    return found[0]


def best(context: Context, limit: int) -> dict[str, Any]:
    """The champion of the arena in use, the runs closest to it, and what the next run is worth."""
    from memorylab.core.decisions import registry
    from memorylab.lab import derived

    views = context.views()
    arena = arena_in_use(context)
    if arena is None:
        return {"arena": dict(home_arena(context)), "champion": None, "challengers": []}
    board = derived.board(views, arena, context.config.false_wins)
    return {
        "arena": dict(arena.arena),
        "champion": registry.champion(board),
        "challengers": registry.challengers(board)[:limit],
        "noise": board.noise._asdict(),
        "next_runs": list(board.options),
    }
