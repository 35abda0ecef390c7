"""Mends a workspace for `verify --repair`: sets aside what is broken, writes anew what is derived, deletes nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.core.reading import lexicon
from memorylab.errors import LedgerTooNew
from memorylab.lab import campaigns, claims, derived, leftovers
from memorylab.lab.context import Context
from memorylab.ledger.chain import Chain
from memorylab.ledger.jsonl import JsonlLedger
from memorylab.ledger.shapes import MOST
from memorylab.records import SCHEMA_VERSION, text
from memorylab.tuples import NamedTuple

PACKET = "decision_packet.json"
_YOUNG = 3600.0
"""Seconds after which a log that was going on has ended or died."""


class Found(NamedTuple):
    """An archive as it was found."""

    path: Path
    old: bool
    """No log that goes on just now is writing it."""
    recorded: bool
    """It has the packet of its run, which is written once the run is in the ledger."""


def repair(context: Context) -> list[str]:
    """Mend what can be mended; returns what was done, in words."""
    done: list[str] = []
    try:
        aside = context.ledger.repair() if isinstance(context.ledger, JsonlLedger) else []
        done += [f"set a broken line aside as {path.name}" for path in aside]
        done += _take_note(context, [path.name for path in aside])
        _rebuild(context)
        for one in (other for other in campaigns.others(context) if other.views().size()):
            with lexicon.using(one.dialect):
                _rebuild(one)
        done += _repair_archives(context)
        for words in leftovers.sweep(context):
            done += words
    except LedgerTooNew:
        done.append("left everything else as it is: a newer MemoryLab wrote a row")
    except OSError as error:
        raise files.explain(error, "repair the workspace") from error
    return done


def _rebuild(context: Context) -> None:
    context.index.read_anew(context.progress)
    context.place.registry.unlink(missing_ok=True)
    context.catch_up()
    derived.refresh(context)


def archives(context: Context) -> list[Found]:
    """The archives that are there."""
    place = context.place.runs
    paths = sorted(place.iterdir()) if place.is_dir() and not place.is_symlink() else []
    return [
        Found(path, path.stat().st_mtime < context.clock() - _YOUNG, _is_recorded(path))
        for path in paths
        if path.is_dir()
    ]


def has_packet(directory: Path, row: dict[str, Any]) -> bool:
    """Whether the archive's packet is the one of the ledger's row."""
    return _packet(directory) == row.get("decision_packet")


def _is_recorded(directory: Path) -> bool:
    """Whether the archive has the packet of the run that its name says; a copy of another one has not."""
    packet = _packet(directory)
    run = packet.get("run") if isinstance(packet, dict) else None
    return isinstance(run, dict) and run.get("run_id") == directory.name


def _packet(directory: Path) -> object:
    file = files.open_plain(directory / PACKET)
    if file is None:
        return None
    with file:
        try:
            return json.loads(file.read())
        except (OSError, ValueError, RecursionError):
            return None


def _take_note(context: Context, aside: list[str]) -> Iterator[str]:
    """Append that the chain is broken where it is, so that it counts as known from now on."""
    chain = Chain()
    for number, entry in enumerate(context.ledger.read(), 1):
        chain.add(number, entry.row, entry.text)
    new = [broken.own for broken in chain.broken if broken.own not in chain.known]
    for start in range(0, len(new), MOST):
        row = {
            "schema": SCHEMA_VERSION,
            "kind": "repair",
            "timestamp_utc": context.stamp(),
            "owner": claims.agent_of(context, None).name,
            "gaps": new[start : start + MOST],
            "aside": aside[:MOST],
        }
        context.ledger.append([row])
    if new:
        yield f"took note of {len(new)} place{'s' * (len(new) > 1)} where lines were changed or removed"


def _repair_archives(context: Context) -> Iterator[str]:
    found = archives(context)  # before the ledger is read: the run of a complete one is in there by then
    known: set[str] = set()
    for entry in context.ledger.read():
        row = entry.row or {}
        run_id = text(row.get("run_id"))
        known.add(run_id)
        own = context.place.archive_of(run_id)
        if own is None or files.linked(own, context.place.memory):
            continue
        if own.is_dir() and derived.has_archive(row) and not has_packet(own, row):
            derived.store_packet(own, row)
            yield f"wrote the packet of {run_id} anew"
    for archive in found:
        if archive.path.name not in known and (archive.old or archive.recorded):
            files.refuse_links(context.place.memory / "quarantine", context.place.memory)
            aside = files.unique_directory(context.place.memory / "quarantine", archive.path.name)
            shutil.move(archive.path, aside)
            yield f"set the archive {archive.path.name} aside"
