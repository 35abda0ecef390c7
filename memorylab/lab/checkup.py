"""The use case `verify`: every line, id, archive and derived file held against the ledger; `repair` never deletes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from memorylab import files
from memorylab.adapters import git, results_tsv
from memorylab.errors import LedgerTooNew
from memorylab.index.acceptance import KIND as ACCEPT
from memorylab.index.derive import is_run
from memorylab.lab import derived, leftovers
from memorylab.lab.context import Context
from memorylab.ledger.jsonl import JsonlLedger
from memorylab.records import SCHEMA_VERSION, STATUSES, text

_LINKED = "it is a link, which is not followed"
_YOUNG = 3600.0
"""Seconds after which a log that was going on has ended or died."""


class Problem(NamedTuple):
    """Something that is wrong, where, and what mends it."""

    where: str
    what: str
    hint: str


class Checkup(NamedTuple):
    """What `verify` found."""

    runs: int
    problems: list[Problem]
    repaired: list[str]


def verify(context: Context, repair: bool = False) -> Checkup:
    """Check the whole workspace; with `repair`, mend what can be mended first and report what is left.

    Raises:
        LabError: the ledger can't be read.

    """
    repaired = _repair(context) if repair else []
    problems: list[Problem] = []
    known: set[str] = set()
    runs = 0
    for number, row, problem in _lines(context, problems):
        if row is None:
            problems.append(Problem(f"line {number}", problem, "verify --repair sets it aside"))
        elif is_run(row):
            runs += 1
            problems += [*_check_row(number, row, known), *_check_archive(context, row)]
        elif row.get("kind") == ACCEPT and text(row.get("run_id")) not in known:
            told = f"it accepts a run that is not above it: {text(row.get('run_id'))!r}"
            problems.append(Problem(f"line {number}", told, "it changes nothing; `memorylab accept` names runs"))
    if not any(p.what.startswith("written by a newer") for p in problems):
        problems += _check_index(context, runs)
        problems += _check_derived(context)
        problems += _unrecorded(context)
    problems += [
        Problem(f"runs/{path.name}", "an archive of a run that was never recorded", "verify --repair sets it aside")
        for path in _orphans(context, known)
    ]
    problems += _links(context)
    if git.tracked(context.place.memory_root, context.place.ledger):
        problems.append(
            Problem(
                context.place.ledger.name,
                "git tracks the ledger: a reset would turn it back",
                "git rm --cached results/memorylab/experiments.jsonl",
            )
        )
    return Checkup(runs, problems, repaired)


def _lines(context: Context, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any] | None, str]]:
    """The ledger's entries with their line numbers; a torn tail becomes a problem of its own."""
    number = position = 0
    lines = context.ledger if isinstance(context.ledger, JsonlLedger) else None
    for entry in context.ledger.read():
        # Blank lines are no entries, but an editor counts them.
        number += 1 + (lines.lines_between(position, entry.after) if lines and entry.after > position else 0)
        position = entry.position
        yield number, entry.row, entry.problem
    if lines and lines.has_torn_tail():
        problems.append(
            Problem(
                f"line {number + 1}",
                "an interrupted write left a part of a line, never acknowledged",
                "the next log sets it aside, or verify --repair now",
            )
        )


def _check_row(number: int, row: dict[str, Any], known: set[str]) -> Iterator[Problem]:
    where = f"line {number}"
    schema = row.get("schema")
    if isinstance(schema, int) and schema > SCHEMA_VERSION:
        yield Problem(where, f"written by a newer MemoryLab (schema {schema})", "update MemoryLab")
    run_id = text(row.get("run_id"))
    if not run_id:
        yield Problem(where, "the run has no run_id", "give it one, or ask for it by its commit")
    elif run_id in known:
        yield Problem(where, f"run_id {run_id} is used twice", "rename one of the two; both are counted")
    if row.get("status") not in STATUSES:
        yield Problem(where, f"unknown status {row.get('status')!r}", f"known are {', '.join(STATUSES)}")
    known.add(run_id)


def _check_index(context: Context, runs: int) -> Iterator[Problem]:
    try:
        context.catch_up()
        indexed = context.views().size()
    except LedgerTooNew:
        return
    broken = context.index.db.execute("PRAGMA quick_check").fetchone()[0]
    if indexed != runs or broken != "ok":
        what = f"it has {indexed} runs, the ledger {runs}" if indexed != runs else f"it is damaged ({broken})"
        yield Problem(context.place.index_file.name, what, "verify --repair builds it anew")


def _check_derived(context: Context) -> Iterator[Problem]:
    place = context.place
    if not context.views().size():
        return
    try:
        stored = json.loads(files.read_bounded(place.registry))
    except (OSError, ValueError, RecursionError) as error:
        yield Problem(place.registry.name, f"it can't be read: {error}", "verify --repair writes it anew")
    else:
        fresh = json.loads(derived.registry_text(context))
        if {**stored, "updated_utc": 0} != {**fresh, "updated_utc": 0}:
            yield Problem(place.registry.name, "it doesn't say what the ledger says", "verify --repair writes it anew")
    if not place.results_tsv.is_file():
        yield Problem(
            place.results_tsv.name,
            "it is gone, or no file",
            "verify --repair writes it anew, once its place is free",
        )
    elif lacking := len(results_tsv.missing(place.results_tsv, derived.table_rows(context, 0))):
        yield Problem(
            place.results_tsv.name, f"{lacking} runs of the ledger are not in it", "verify --repair adds them"
        )


def _check_archive(context: Context, row: dict[str, Any]) -> Iterator[Problem]:
    run_id, artifacts = text(row.get("run_id")), row.get("artifacts")
    directory = context.place.archive_of(run_id)
    if directory is None or not isinstance(artifacts, dict) or "directory" not in artifacts:
        return
    if files.linked(directory, context.place.memory):
        yield Problem(f"runs/{run_id}", _LINKED, "put the directory itself there")
        return
    for kind in ("log", "summary", "patch"):
        name = artifacts.get(kind)
        if isinstance(name, str) and not (directory / Path(name).name).is_file():
            yield Problem(f"runs/{run_id}", f"{name} is gone from the archive", "restore it from a backup")
    yield from _check_packet(directory, row)


def _check_packet(directory: Path, row: dict[str, Any]) -> Iterator[Problem]:
    path = directory / "decision_packet.json"
    try:
        same = json.loads(files.read_bounded(path)) == row.get("decision_packet")
    except (OSError, ValueError, RecursionError):
        same = False
    if not same:
        yield Problem(f"runs/{directory.name}", f"{path.name} is not the ledger's", "verify --repair writes it anew")


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
    own = (place.runs, place.reports, place.scratch, place.unrecorded, place.priors, place.memory / "quarantine")
    for path in (*own, place.results_tsv):
        if path.is_symlink():
            yield Problem(path.name, _LINKED, "put the file or directory itself there")


def _orphans(context: Context, known: set[str]) -> Iterator[Path]:
    """Archives of no recorded run. A young one may belong to a log that is being written at this moment."""
    if context.place.runs.is_dir() and not context.place.runs.is_symlink():
        for path in sorted(context.place.runs.iterdir()):
            if path.name not in known and path.is_dir() and path.stat().st_mtime < context.clock() - _YOUNG:
                yield path


def _repair(context: Context) -> list[str]:
    done: list[str] = []
    try:
        if isinstance(context.ledger, JsonlLedger):
            done += [f"set a broken line aside as {path.name}" for path in context.ledger.repair()]
        context.index.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{context.place.index_file}{suffix}").unlink(missing_ok=True)
        context.place.registry.unlink(missing_ok=True)
        context.catch_up()
        derived.refresh(context)
        done += _repair_archives(context)
        for words in leftovers.sweep(context):
            done += words
    except OSError as error:
        raise files.explain(error, "repair the workspace") from error
    return done


def _repair_archives(context: Context) -> Iterator[str]:
    known: set[str] = set()
    for entry in context.ledger.read():
        row = entry.row or {}
        run_id = text(row.get("run_id"))
        known.add(run_id)
        own = context.place.archive_of(run_id)
        if own is None or files.linked(own, context.place.memory) or not own.is_dir():
            continue
        if derived.has_archive(row) and any(_check_packet(own, row)):
            derived.store_packet(own, row)
            yield f"wrote the packet of {run_id} anew"
    for directory in _orphans(context, known):
        files.refuse_links(context.place.memory / "quarantine", context.place.memory)
        aside = files.unique_directory(context.place.memory / "quarantine", directory.name)
        shutil.move(directory, aside)
        yield f"set the archive {directory.name} aside"
