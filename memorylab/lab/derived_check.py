"""Holds what is derived of a campaign against the ledger: its index, registry, table and packets."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.adapters import results_tsv
from memorylab.lab import derived, mending
from memorylab.lab.context import Context
from memorylab.tuples import NamedTuple

Packet = tuple[int, Path, dict[str, Any]]
"""The number of a run in its campaign, its archive and its row, where the packet wasn't the ledger's."""


class Problem(NamedTuple):
    """Something that is wrong, or odd, where, and what mends it."""

    where: str
    what: str
    hint: str


def index(context: Context, runs: int, end: int) -> Iterator[Problem]:
    """Whether the index holds the campaign's runs up to a position."""
    db = context.index.db
    indexed = int(db.execute("SELECT count(*) FROM runs WHERE after < ?", (end,)).fetchone()[0])
    broken = db.execute("PRAGMA quick_check").fetchone()[0]
    if indexed != runs or broken != "ok":
        what = f"it has {indexed} runs, the ledger {runs}" if indexed != runs else f"it is damaged ({broken})"
        yield Problem(_within(context, context.place.index_file), what, "verify --repair builds it anew")


def _within(context: Context, path: Path) -> str:
    return path.relative_to(context.place.memory).as_posix()


def files_of(context: Context, packets: Sequence[Packet], notes: list[Problem]) -> list[Problem]:
    """Hold the derived files against the index while nobody writes them, as far as they were brought.

    What they lack since then is no fault: who appended it is about to write it, and if it died the next command will.
    """
    if not context.views().size():
        return []
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):  # a memory that may only be read
            held.enter_context(files.exclusive(context.place.memory / derived.LOCK))
        context.catch_up()
        db = context.index.db
        db.execute("BEGIN")  # one state of the index for all that follows
        try:
            problems = [*_check_registry(context), *_check_table(context, notes), *_check_packets(context, packets)]
        finally:
            db.execute("COMMIT")
    return problems


def _check_registry(context: Context) -> Iterator[Problem]:
    place, views = context.place, context.views()
    name = _within(context, place.registry)
    try:
        stored = json.loads(files.read_bounded(place.registry))
    except (OSError, ValueError, RecursionError) as error:
        yield Problem(name, f"it can't be read: {error}", "verify --repair writes it anew")
        return
    current = views.derived("registry_seq") == views.size()
    if (current and views.derived("registry_accepted") == views.derived("accepted")) or context.index.in_memory:
        fresh = json.loads(derived.registry_text(context))
        if not isinstance(stored, dict) or {**stored, "updated_utc": 0} != {**fresh, "updated_utc": 0}:
            yield Problem(name, "it doesn't say what the ledger says", "verify --repair writes it anew")


def _check_table(context: Context, notes: list[Problem]) -> Iterator[Problem]:
    path, views = derived.table(context), context.views()
    if not path.is_file():
        yield Problem(path.name, "it is gone, or no file", "verify --repair writes it anew, once its place is free")
        return
    last = None if context.index.in_memory else views.derived("results_seq")
    if lacking := len(results_tsv.missing(path, derived.table_rows(context, 0, last))):
        yield Problem(path.name, f"{lacking} runs of the ledger are not in it", "verify --repair adds them")
    if more := results_tsv.foreign(path, views.after(0)):
        told = f"{more} of its lines are no runs of the ledger"
        hint = "written by hand? `memorylab import results.tsv` takes them over; else the ledger was cut back"
        notes.append(Problem(path.name, told, hint))


def _check_packets(context: Context, packets: Sequence[Packet]) -> Iterator[Problem]:
    views = context.views()
    done = max(views.derived("packets_seq"), views.size() - derived.PACKETS)
    for number, directory, row in packets:
        if (number <= done or context.index.in_memory) and not mending.has_packet(directory, row):
            told = f"{mending.PACKET} is not the ledger's"
            yield Problem(f"runs/{directory.name}", told, "verify --repair writes it anew")
