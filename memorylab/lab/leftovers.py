"""What a run leaves that ended without being recorded: swept where it measured nothing, else kept and named."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.adapters.campaigns import called
from memorylab.core.reading import lexicon
from memorylab.core.runs import redact
from memorylab.errors import LabError, LedgerUnsure
from memorylab.lab import campaigns, running
from memorylab.lab.context import Context
from memorylab.lab.measure import measure
from memorylab.records import MODES, text, texts
from memorylab.tuples import NamedTuple

SUMMARY, LOG = "summary.json", "run.log"
AT_ONCE = 1_000
"""Scratch directories that a `run` sweeps before it starts, in a fraction of a second; the next one goes on."""
_STATUSES = ("keep", "discard", "crash", "auto")


class Leftover(NamedTuple):
    """A run that was never recorded, though it measured something."""

    directory: Path
    description: str
    commit: str
    command: str
    """What records it."""


def keep(context: Context, scratch: Path, told: Mapping[str, Any], log: Path | None) -> Leftover:
    """Put what a run left where no other run writes, as far as the disk lets us; its log is moved there too."""
    home = scratch
    with suppress(OSError):
        files.refuse_links(context.place.unrecorded, context.place.memory)
        context.place.unrecorded.mkdir(exist_ok=True)
        home = scratch.rename(context.place.unrecorded / scratch.name)
    if log is not None:
        with suppress(OSError):
            shutil.move(log, home / LOG)  # a linked worktree may lie on another disk
            log = home / LOG
    return _leftover(context, home, told, log)


def rescue(context: Context, scratch: Path, told: Mapping[str, Any], log: Path, *, ended: bool) -> Leftover | None:
    """Keep a run that couldn't be recorded; None where it had not ended and measured nothing."""
    own = log if ended or running.written_since(log, told) else None
    return keep(context, scratch, told, own) if ended or _measured(context, scratch, own) else None


def unrecorded(context: Context) -> Iterator[Leftover]:
    """The runs that were kept, and those of killed processes that are still where they were; the index is caught up."""
    for home in _directories(context.place.unrecorded, context):
        told = running.read_note(home) or {}
        whose = _whose(context, told)
        if whose is None or not recorded(whose, home, told):
            yield _leftover(context, home, told, home / LOG)
    for scratch, told, log in running.dead(context):
        whose = _whose(context, told)
        if whose is not None and not recorded(whose, scratch, told) and _measured(whose, scratch, log):
            yield _leftover(context, scratch, told, log)


class Swept(NamedTuple):
    """What a sweep did, in words."""

    kept: list[str]
    removed: list[str]


def sweep(context: Context, most: int | None = None) -> Swept:
    """Remove what dead runs left, at most so many, or keep it where it holds a measurement that nobody recorded."""
    from memorylab.lab import stopped  # a run that finds nothing to sweep doesn't need it

    done, told_of_stopped = Swept([], []), 0
    for scratch, told, log in running.dead(context, most):
        whose = _whose(context, told)
        if whose is None:
            continue
        known = recorded(whose, scratch, told)
        if not known and _measured(whose, scratch, log):
            keep(context, scratch, told, log)
            done.kept.append(f"kept a run that was killed before it was recorded: {scratch.name}")
        else:
            run_id = None
            if told_of_stopped < stopped.MOST and told and not known:
                told_of_stopped += 1
                # Under a key of its own: who repeats the command with its key wants the run that it never had.
                with lexicon.using(whose.dialect):
                    run_id = stopped.record(whose, f"run:{scratch.name}", told, log)
            shutil.rmtree(scratch, ignore_errors=True)
            as_what = f", recorded as stopped: {run_id}" if run_id else ""
            done.removed.append(f"removed what the dead run {scratch.name} left{as_what}")
    for home in _directories(context.place.unrecorded, context):
        told = running.read_note(home) or {}
        whose = _whose(context, told)
        if whose is not None and recorded(whose, home, told):
            shutil.rmtree(home, ignore_errors=True)
            done.removed.append(f"removed what the run {home.name} left, which is recorded by now")
    for parent in (context.place.scratch, context.place.unrecorded):
        with suppress(OSError):  # it is gone, or something is still in it
            parent.rmdir()
    return done


def forget(context: Context, home: Path) -> None:
    """Remove what was kept of a run that has been recorded from a file in this directory."""
    place = context.place.unrecorded
    if home.resolve().parent == place.resolve() and not files.linked(place, context.place.memory):
        shutil.rmtree(home, ignore_errors=True)
        with suppress(OSError):
            place.rmdir()


def key_of(scratch: Path, told: Mapping[str, Any]) -> str:
    """The key under which a run is recorded: the user's own, else one that names the attempt."""
    return text(told.get("key")) or f"run:{scratch.name}"


def recorded(context: Context, scratch: Path, told: Mapping[str, Any]) -> bool:
    """Whether the ledger has the run."""
    return context.views().by_key(key_of(scratch, told)) is not None


def _whose(context: Context, told: Mapping[str, Any]) -> Context | None:
    """The workspace on the campaign that a run began in, whichever is in use now; None where that can't be opened."""
    name = text(told.get("campaign"))
    if not told or name == context.place.campaign:
        return context
    return next((one for one in campaigns.others(context) if one.place.campaign == name), None)


def _measured(context: Context, scratch: Path, log: Path | None) -> bool:
    summary = scratch / SUMMARY
    found = measure(
        context.config.metric,
        summary if _plain(summary) else None,
        log if log is not None and _plain(log) else None,
        tolerant=True,
        committed_at=None,
        pattern=context.config.metric_pattern,
    )
    return found.value(context.config.metric) is not None


def _leftover(context: Context, home: Path, told: Mapping[str, Any], log: Path | None) -> Leftover:
    words = ["memorylab", "log", "--root", text(told.get("worktree")) or str(context.place.code_root)]
    if context.place.has_others():  # another may be in use by then
        words += ["--campaign", called(_clean(told.get("campaign")))]
    description = _clean(told.get("description")) or f"the run {home.name}, which was killed"
    status = text(told.get("status"))
    options = {
        "description": description,
        "status": status if status in _STATUSES else "auto",
        "tags": ",".join(_clean(tag) for tag in texts(told.get("tags"))),
        **{name: _clean(told.get(name)) for name in ("family", "hypothesis", "notes", "error")},
        "mode": mode if (mode := text(told.get("mode"))) in MODES else "",
        "as": _clean(told.get("owner")),
        "key": key_of(home, told),
        "summary": str(home / SUMMARY) if _plain(home / SUMMARY) else "",
        "log": str(log) if log is not None and _plain(log) else "",
    }
    for name, value in options.items():
        if value:
            words += [f"--{name}={value}"] if value.startswith("-") else [f"--{name}", value]
    return Leftover(home, description, _clean(told.get("commit")), shlex.join(_clean(word) for word in words))


def _clean(value: object) -> str:
    return redact.plain(text(value))


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _directories(parent: Path, context: Context) -> list[Path]:
    if files.linked(parent, context.place.memory):
        return []
    try:
        with os.scandir(parent) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def told_of(error: BaseException, kept: Leftover) -> None:
    """Add to an error where the run is that it kept from being recorded."""
    where = f"the run is kept in {kept.directory}; once that is mended, record it with `{kept.command}`"
    if not isinstance(error, LabError):
        error.add_note(where)
    else:  # "run the same command again" would train again
        error.hint = f"{error.hint}; {where}" if isinstance(error, LedgerUnsure) else where
