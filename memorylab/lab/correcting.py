"""The use cases `amend` and `retract`: a correction is appended, and the run counts by it from then on."""

from __future__ import annotations

from typing import Any

from memorylab.adapters import results_tsv
from memorylab.core.runs import redact
from memorylab.core.runs.corrections import AMEND, RETRACT
from memorylab.errors import InputError, LedgerMoved, UsageError
from memorylab.lab import claims, derived
from memorylab.lab.context import Context
from memorylab.lab.looking import named
from memorylab.records import SCHEMA_VERSION, RunView, finite
from memorylab.tuples import NamedTuple


class Corrected(NamedTuple):
    """A run before and after its correction."""

    before: RunView
    after: RunView
    leads: bool
    """Whether it is the champion of its arena now."""


def amend(
    context: Context,
    name: str,
    *,
    status: str | None = None,
    value: float | None = None,
    note: str = "",
    owner: str | None = None,
) -> Corrected:
    """Append that a run ended otherwise, or measured something else, than was recorded.

    Raises:
        UsageError: nothing to amend.
        InputError: no such run, or one that would be kept or discarded without a value; nothing was written.

    """
    if status is None and value is None:
        raise UsageError("amend changes nothing so", "give --status, --value or both")
    if value is not None and (finite(value) is None or status == "crash"):
        raise UsageError("a crash has no value, and a value is a finite number", "give --status, --value or both")
    return _append(context, name, {"kind": AMEND, "status": status, "value": value, "note": note}, owner)


def retract(context: Context, name: str, *, note: str = "", owner: str | None = None) -> Corrected:
    """Append that a run is no evidence of anything.

    Raises:
        InputError: no such run; nothing was written.

    """
    return _append(context, name, {"kind": RETRACT, "note": note}, owner)


def _append(context: Context, name: str, told: dict[str, Any], owner: str | None) -> Corrected:
    while True:
        position = context.catch_up()
        run = named(context, name)
        _check(context, run, told)
        row = {
            "schema": SCHEMA_VERSION,
            "kind": told["kind"],
            "run_id": run.run_id,
            "timestamp_utc": context.stamp(),
            "owner": claims.agent_of(context, owner).name,
            **{name: told[name] for name in ("status", "value") if told.get(name) is not None},
            "note": redact.plain(told["note"]),
        }
        try:
            context.append([row], position, f"corrected {run.run_id}")
            break
        except LedgerMoved:
            continue
    context.catch_up()
    after = next(one for one in context.views().find(run.run_id) if one.run_id == run.run_id)
    _in_table(context, run, after)
    derived.refresh(context)
    arena = context.views().arena(after.arena)
    return Corrected(run, after, arena is not None and arena.champion == after.seq)


def _check(context: Context, run: RunView, told: dict[str, Any]) -> None:
    status = told.get("status") or run.status
    if told["kind"] != AMEND or status == "crash":
        if told.get("value") is not None:
            raise InputError(f"{run.run_id} is a crash, which has no value", "say what it is: --status keep or discard")
        return
    row = next(iter(context.ledger.read(run.after))).row or {}
    known = finite((row.get("metrics") or {}).get(context.config.metric))
    if told.get("value") is None and run.value is None and known is None:
        raise InputError(f"{run.run_id} measured no {context.config.metric}", "give it: --value NUMBER")


def _in_table(context: Context, before: RunView, after: RunView) -> None:
    """Put the run's new line in place of its old one; where that isn't found the table is left as it is."""
    path = context.place.results_tsv
    try:
        results_tsv.replace(path, before, after)
    except OSError as error:
        context.warn(f"{path.name} still has the line of before: {error.strerror or error}")
