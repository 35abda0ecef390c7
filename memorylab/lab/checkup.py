"""The use case `verify`: every line, id, archive and derived file held against the ledger, also while others write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.adapters import git
from memorylab.adapters.campaigns import is_name
from memorylab.core.reading import lexicon
from memorylab.core.runs import redact
from memorylab.core.runs.arenas import campaign_of
from memorylab.core.runs.corrections import KINDS as CORRECTIONS
from memorylab.errors import LedgerTooNew, shown
from memorylab.index import lost
from memorylab.index.acceptance import KIND as ACCEPT
from memorylab.index.derive import is_run
from memorylab.lab import campaigns, derived_check, leftovers, mending
from memorylab.lab.context import Context
from memorylab.lab.derived_check import Packet, Problem
from memorylab.ledger.base import Entry
from memorylab.ledger.chain import Chain
from memorylab.ledger.jsonl import JsonlLedger
from memorylab.records import ENDINGS, SCHEMA_VERSION, text
from memorylab.tuples import NamedTuple

_LINKED = "it is a link, which is not followed"
_NAMED = 5
"""Runs of many that are named."""


class Checkup(NamedTuple):
    """What `verify` found."""

    runs: int
    problems: list[Problem]
    notes: list[Problem]
    """What is odd and costs nothing: fields that were dropped, rows by others, what was repaired before."""
    repaired: list[str]


class _Found:
    """What is known of a workspace as its ledger is read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.runs = 0
        self.numbers: Counter[str] = Counter()
        """Runs by campaign."""
        self.ids: set[str] = set()
        self.accepted: set[str] = set()
        self.chain = Chain()
        self.packets: dict[str, list[Packet]] = {}
        """By campaign: packets that weren't the ledger's when they were looked at; who logs just now has yet to write
        its own."""


def verify(context: Context, repair: bool = False) -> Checkup:
    """Check the whole workspace; with `repair`, mend what can be mended first and report what is left.

    The view is fixed at the beginning: what others append meanwhile is not looked at, and what they have yet to write
    is not missed.

    Raises:
        LabError: the ledger can't be read.

    """
    repaired = mending.repair(context) if repair else []
    archives = mending.archives(context)  # before the ledger: an archive that is complete has its run in there
    found = _Found()
    try:
        end, readable = context.catch_up(), True
    except LedgerTooNew:
        end, readable = None, False
    _read(context, found, end)
    others = campaigns.others(context) if readable else []
    if readable and end is not None:
        for one in (context, *others):
            name = one.place.campaign
            found.problems += derived_check.index(one, found.numbers[name], end)
            found.problems += derived_check.files_of(one, found.packets.get(name, ()), found.notes)
        found.problems += _unrecorded(context)
    _check_campaigns(context, found, others)
    found.problems += _check_lost([context, *others], found, archives, readable)
    for one in (context, *others):
        found.problems += _links(one)
    lexicon.use(context.dialect)  # looking at another's index has read with that one's names
    if git.tracked(context.place.memory_root, context.place.ledger):
        found.problems.append(
            Problem(
                context.place.ledger.name,
                "git tracks the ledger: a reset would turn it back",
                "git rm --cached results/memorylab/experiments.jsonl",
            )
        )
    problems, notes = ([Problem(*map(redact.plain, one)) for one in them] for them in (found.problems, found.notes))
    return Checkup(found.runs, problems, notes, repaired)


# -- the ledger

_LISTED = 1_000
"""Lines without a row that are named one by one; a file that is no ledger has as many as it likes."""


def _read(context: Context, found: _Found, end: int | None) -> None:
    number = unread = 0
    for number, entry in _lines(context, end):
        where = f"line {number}"
        found.chain.add(number, entry.row, entry.text)
        if entry.row is None:
            unread += 1
            if unread <= _LISTED:
                found.problems.append(Problem(where, entry.problem, "verify --repair sets it aside"))
            continue
        if entry.dropped:
            told = f"passed over: {', '.join(entry.dropped[:_NAMED])}"
            found.notes.append(Problem(where, told, "the rest of the row counts"))
        if is_run(entry.row):
            found.runs += 1
            found.numbers[campaign_of(entry.row)] += 1
            _check_run(context, found, where, entry.row)
        elif entry.row.get("kind") == ACCEPT:
            _check_acceptance(found, where, entry.row["run_id"])
        elif entry.row.get("kind") in CORRECTIONS and entry.row["run_id"] not in found.ids:
            told = f"it corrects a run that is not above it: {entry.row['run_id']!r}"
            found.problems.append(Problem(where, told, "it changes nothing; `memorylab amend` names runs"))
    if unread > _LISTED:
        told = f"{unread - _LISTED:,} more such lines hold no row"
        found.problems.append(Problem("the ledger", told, "verify --repair sets them aside"))
    _check_chain(found)
    if isinstance(context.ledger, JsonlLedger) and context.ledger.has_torn_tail():
        found.problems.append(
            Problem(
                f"line {number + 1}",
                "an interrupted write left a part of a line, never acknowledged",
                "the next log sets it aside, or verify --repair now",
            )
        )


def _lines(context: Context, end: int | None) -> Iterator[tuple[int, Entry]]:
    """The ledger's entries up to a position, with their line numbers."""
    number = position = 0
    lines = context.ledger if isinstance(context.ledger, JsonlLedger) else None
    for entry in context.ledger.read():
        if end is not None and entry.position > end:
            return
        # Blank lines are no entries, but an editor counts them.
        number += 1 + (lines.lines_between(position, entry.after) if lines and entry.after > position else 0)
        position = entry.position
        yield number, entry


def _check_run(context: Context, found: _Found, where: str, row: dict[str, Any]) -> None:
    run_id = text(row.get("run_id"))
    found.problems += _check_row(where, row, found.ids)
    found.ids.add(run_id)
    directory = context.place.archive_of(run_id)
    artifacts = row.get("artifacts") or {}
    if directory is None or "directory" not in artifacts:
        return
    if files.linked(directory, context.place.memory):
        found.problems.append(Problem(f"runs/{run_id}", _LINKED, "put the directory itself there"))
        return
    for kind in ("log", "summary", "patch"):
        name = artifacts.get(kind)
        if name and not (directory / Path(name).name).is_file():
            told = f"{name} is gone from the archive"
            found.problems.append(Problem(f"runs/{run_id}", told, "restore it from a backup"))
    if not mending.has_packet(directory, row):
        name = campaign_of(row)
        found.packets.setdefault(name, []).append((found.numbers[name], directory, row))


def _check_row(where: str, row: dict[str, Any], known: set[str]) -> Iterator[Problem]:
    schema = row.get("schema")
    if schema is not None and schema > SCHEMA_VERSION:
        yield Problem(where, f"written by a newer MemoryLab (schema {schema})", "update MemoryLab")
    run_id = text(row.get("run_id"))
    if not run_id:
        yield Problem(where, "the run has no run_id", "give it one, or ask for it by its commit")
    elif run_id in known:
        yield Problem(where, f"run_id {run_id} is used twice", "rename one of the two; both are counted")
    if row.get("status") not in ENDINGS:
        yield Problem(where, f"unknown status {row.get('status')!r}", f"known are {', '.join(ENDINGS)}")


def _check_acceptance(found: _Found, where: str, run_id: str) -> None:
    found.accepted.add(run_id)
    if run_id not in found.ids:
        told = f"it accepts a run that is not above it: {run_id!r}"
        found.problems.append(Problem(where, told, "it changes nothing; `memorylab accept` names runs"))


def _check_chain(found: _Found) -> None:
    for broken in found.chain.broken:
        told = "it was changed since it was appended" if broken.changed else "a line before it was changed or removed"
        if broken.own in found.chain.known:
            found.notes.append(Problem(f"line {broken.line}", told, "a repair has taken note of that"))
        else:
            hint = "restore the ledger from a backup; verify --repair takes note of it and goes on"
            found.problems.append(Problem(f"line {broken.line}", told, hint))
    for line, run_id in found.chain.foreign:
        if run_id not in found.accepted:
            told = f"MemoryLab didn't append the run {run_id}: it is unknown and doesn't lead by itself"
            found.notes.append(Problem(f"line {line}", told, f"`memorylab accept {run_id}` lets it lead"))


# -- what is lost or left


def _check_campaigns(context: Context, found: _Found, others: list[Context]) -> None:
    """Runs of campaigns that can't be opened: nobody sees them."""
    opened = {context.place.campaign, *(one.place.campaign for one in others)}
    for name, runs in sorted(found.numbers.items()):
        if name not in opened and not is_name(name):
            told = f"{runs} run{'s' * (runs > 1)} of the campaign {shown(name)}, which can be no campaign's name"
            found.notes.append(Problem(context.place.ledger.name, told, "another tool wrote it; no campaign has them"))


def _check_lost(
    contexts: Sequence[Context], found: _Found, archives: list[mending.Found], readable: bool
) -> Iterator[Problem]:
    """Runs that were recorded and are gone, and archives of what never was."""
    gone = dict.fromkeys(
        name for one in contexts if readable for name in lost.find(one.index.db) if name not in found.ids
    )
    for archive in archives:
        if archive.path.name not in found.ids:
            if archive.recorded:
                gone[archive.path.name] = None
            elif archive.old:
                told = "an archive of a run that was never recorded"
                yield Problem(f"runs/{archive.path.name}", told, "verify --repair sets it aside")
    if gone:
        names = ", ".join(list(gone)[:_NAMED]) + (" …" if len(gone) > _NAMED else "")
        told = f"{len(gone)} run{'s' * (len(gone) > 1)} that it held before {'are' if len(gone) > 1 else 'is'} gone"
        hint = "restore it from a backup; verify --repair takes it as it is"
        yield Problem(contexts[0].place.ledger.name, f"{told} ({names}): it was cut back or replaced", hint)


def _unrecorded(context: Context) -> Iterator[Problem]:
    for left in leftovers.unrecorded(context):
        commit = f" on commit {left.commit[:7]}" if left.commit else ""
        yield Problem(
            f"{left.directory.parent.name}/{left.directory.name}",
            f"a run that was never recorded: {left.description}",
            f"record it{commit} with `{left.command}`, or delete it",
        )


def _links(context: Context) -> Iterator[Problem]:
    """Links where the store writes: none is followed."""
    place = context.place
    shared = (place.runs, place.scratch, place.unrecorded, place.priors, place.memory / "quarantine")
    own = (place.campaigns, place.home) if place.campaign else shared
    for path in (*own, place.reports, place.results_tsv):
        if path.is_symlink():
            yield Problem(path.name, _LINKED, "put the file or directory itself there")
