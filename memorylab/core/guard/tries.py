"""From ledgers to counts: which of their runs are tries, and of what."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from memorylab.core.guard.priors import Counts, Pack, levels
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.core.runs.crash_kinds import UNTRIED
from memorylab.tuples import NamedTuple


class Tried(NamedTuple):
    """One run of a ledger that counts are made of. `same` is equal for a run that was copied into another ledger."""

    edits: tuple[Edit, ...]
    family: str
    status: str | None
    error_kind: str | None = None
    same: Hashable = None


def tally(ledgers: Iterable[Iterable[Tried]], name: str = "", without: Iterable[Iterable[Tried]] = ()) -> Pack:
    """Count the tries of ledgers. A run that stands in several of them counts once, one in `without` never.

    Controls are no tries, nor is what a ledger keeps first, which was compared with nothing, nor a crash of the
    machine. Of a combination the first edit counts.
    """
    seen = {run.same for ledger in without for run in ledger if run.same is not None}
    pack = Pack(name, 0, 0, {})
    for ledger in ledgers:
        pack = pack.plus(_one(ledger, seen))
    return pack


def _one(ledger: Iterable[Tried], seen: set[Hashable]) -> Pack:
    cells: dict[str, list[int]] = {}
    runs = 0
    for run, now in _tries(ledger):
        if run.same is not None:
            if run.same in seen:
                continue
            seen.add(run.same)
        runs += 1
        for cell in levels(run.edits[0], run.family, now):
            counts = cells.setdefault(cell, [0, 1, 0, 0])
            counts[0] += 1
            counts[2] += run.status == "keep"
            counts[3] += run.status == "crash"
    return Pack("", 1 if runs else 0, runs, {cell: Counts(*counts) for cell, counts in cells.items()})


def _tries(ledger: Iterable[Tried]) -> Iterator[tuple[Tried, float | None]]:
    """The runs that are tries, each with the present value of what it changes first."""
    values: dict[tuple[str, str | None], float] = {}
    based = False
    for run in ledger:
        control = not run.edits or run.edits[0].target in CONTROLS
        lost = run.error_kind in UNTRIED
        if run.status is not None and not control and not lost and (based or run.status != "keep"):
            yield run, values.get((run.edits[0].target, run.edits[0].scope))
        based = based or run.status == "keep"
        for edit in run.edits:
            value = edit.to if run.status == "keep" else edit.frm
            if isinstance(value, float) and edit.op != "scale":
                values[edit.target, edit.scope] = value
