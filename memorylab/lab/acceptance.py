"""The use case `accept`: a person looked at a run that was marked, and vouches for its number."""

from __future__ import annotations

from memorylab.core.numerals import number
from memorylab.core.runs import redact
from memorylab.core.runs.integrity import ACCEPTED, barred
from memorylab.errors import InputError, LedgerMoved
from memorylab.index.acceptance import KIND
from memorylab.lab import claims, consent, derived
from memorylab.lab.context import Context
from memorylab.lab.looking import named
from memorylab.records import SCHEMA_VERSION, RunView
from memorylab.tuples import NamedTuple


class Accepted(NamedTuple):
    """An accepted run."""

    run: RunView
    reasons: str
    """What spoke against it."""
    leads: bool
    """Whether it is the champion of its arena now."""
    existing: bool
    """It was accepted before; nothing was appended."""


def accept(
    context: Context, name: str, note: str = "", owner: str | None = None, ask: consent.Ask | None = None
) -> Accepted:
    """Append that a run is accepted, by its id, its commit or the start of either; the registry follows.

    Raises:
        InputError: there is no such run, nothing speaks against it, it measured nothing, or no person agreed (see
            `memorylab.lab.consent`); nothing was written.

    """
    agreed = False
    while True:
        position = context.catch_up()
        run = named(context, name)
        if run.integrity == ACCEPTED:
            return _accepted(context, run.seq, existing=True)
        if not barred(run):
            raise InputError(f"{run.run_id} is not marked: its integrity is {run.integrity}", "there is nothing to do")
        if run.value is None:
            raise InputError(f"{run.run_id} measured nothing that could lead", "run the idea again")
        if not agreed:
            told = f"{run.run_id} measured {context.config.metric} {number(run.value)} and is {run.integrity}"
            consent.demand(context, f"{told}: {run.doubts or 'nobody says why.'} Let it lead?", ask)
            agreed = True
        row = {
            "schema": SCHEMA_VERSION,
            "kind": KIND,
            "run_id": run.run_id,
            "timestamp_utc": context.stamp(),
            "owner": claims.agent_of(context, owner).name,
            "note": redact.plain(note),
        }
        try:
            context.append([row], position, f"accepted {run.run_id}")
            break
        except LedgerMoved:
            continue
    derived.refresh(context)
    return _accepted(context, run.seq, existing=False)


def _accepted(context: Context, seq: int, *, existing: bool) -> Accepted:
    views = context.views()
    run = views.run(seq)
    assert run is not None
    arena = views.arena(run.arena)
    return Accepted(run, run.doubts or "", arena is not None and arena.champion == seq, existing)
