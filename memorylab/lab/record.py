"""The use case `log`: measure, archive, judge, append; then everything that is derived."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, cast

from memorylab import files
from memorylab.adapters import archive
from memorylab.adapters.git import Head
from memorylab.core.runs import arenas, command_line, redact
from memorylab.core.runs.command import Told
from memorylab.errors import LedgerMoved, LedgerUnsure, UsageError
from memorylab.lab import changes, derived, identity, settings
from memorylab.lab.code import snapshot
from memorylab.lab.context import STAMP, Context
from memorylab.lab.finding import Finding, Prepared
from memorylab.lab.judge import home_arena
from memorylab.lab.measure import Measurement, measure, missing, require, unheard
from memorylab.lab.row import make_row
from memorylab.lab.standing import current_arena
from memorylab.records import Arena, Run
from memorylab.tuples import NamedTuple

NO_COMMIT = "nocommit"
"""Stands where a run id has seven digits of the commit, for a workspace that is no git repository."""

_ARCHIVE_HINT = "mend that, or log with --skip-archive"


class Logged(NamedTuple):
    """What `log` did."""

    row: Run
    existing: bool
    """The run was recorded before, under the same key; nothing was appended."""
    notes: list[str]


def log(context: Context, finding: Finding) -> Logged:
    """Record a finished run.

    The row is acknowledged by the ledger's append; until then nothing refers to it, after it everything is derived.

    Raises:
        UsageError: an empty description.
        InputError: keep or discard without a finite metric, an unusable or stale file.
        LedgerError: nothing was recorded.

    """
    if not finding.idea.description:
        raise UsageError("the description is empty", "say in a few words what the run tried: --description TEXT")
    if finding.status == "auto" and finding.summary is None and finding.log is None and finding.finished is None:
        raise UsageError(
            "--status auto has nothing to decide from", "give --summary or --log, or say how the run ended"
        )
    if finding.command is not None and not command_line.split(finding.command):
        raise UsageError("--command can't be read", "give the whole command as one text, its quotes closed")
    if finding.finished is None:  # `run` has done so before it started
        settings.hold(context)
    position = context.catch_up()
    if finding.key and (known := recorded(context, finding.key)):
        _forget(context, finding)
        return known
    prepared, directory = _prepare(context, finding)
    before = len(context.settled)
    try:
        while True:
            row = make_row(context, prepared)
            try:
                context.append([row], position, f"recorded as {row['run_id']}")
                break
            except LedgerMoved:
                # Another writer was first: judge again with its run in view, so that no champion is overlooked.
                position = context.catch_up()
                if finding.key and (known := recorded(context, finding.key)):
                    _discard(directory)
                    return known
                if directory is not None and context.taken(prepared.run_id):
                    # A run without an archive took the name first.
                    prepared, directory = _renamed(context, prepared, directory)
    except BaseException as error:
        if len(context.settled) == before and not isinstance(error, LedgerUnsure):
            _discard(directory)
        raise
    row = _stored(context, position, row)
    derived.refresh(context)
    _forget(context, finding)
    return Logged(row, False, prepared.measurement.notes)


def _forget(context: Context, finding: Finding) -> None:
    """Remove what was kept of a run that couldn't be recorded, now that it is."""
    for path in (finding.summary, finding.log):
        if path is not None and path.parent.parent.name == context.place.unrecorded.name:
            from memorylab.lab import leftovers

            leftovers.forget(context, path.parent)


def _renamed(context: Context, prepared: Prepared, directory: Path) -> tuple[Prepared, Path]:
    """The same with its archive moved to a name that is free."""
    files.refuse_links(context.place.runs, context.place.memory)
    fresh = files.unique_directory(context.place.runs, prepared.run_id, context.taken)
    directory.replace(fresh)
    artifacts = prepared.artifacts | {"directory": fresh.relative_to(context.place.memory_root).as_posix()}
    return prepared._replace(run_id=fresh.name, artifacts=artifacts), fresh


def _prepare(context: Context, finding: Finding) -> tuple[Prepared, Path | None]:
    config, place = context.config, context.place
    code = finding.snapshot or snapshot(context)
    head = code.head
    if finding.snapshot is None:
        called = command_line.split(finding.command) if finding.command else None
        known = identity.identify(context, code, called)
        change = changes.of_run(context, head, known, finding.idea)
        finding = finding._replace(identity=known, idea=changes.with_change(finding.idea, change, known))
    # A supervised run has happened: it is recorded as what it was, whatever is wrong with its files.
    tolerant = finding.status == "crash" or finding.finished is not None
    measurement = measure(
        config.metric,
        finding.summary,
        finding.log,
        tolerant=tolerant,
        committed_at=head.committed_at,
        pattern=config.metric_pattern,
        own=finding.finished is not None,
    )
    if unheard(measurement, finding.status, finding.finished, config.metric):
        raise missing(measurement, config.metric, config.metric_pattern, place.config.name)
    if finding.finished is not None and measurement.metrics.get("total_seconds") is None:
        # One that crashed says nothing of its time, but took it: a night's bill counts it.
        measurement.metrics["total_seconds"] = round(finding.finished.seconds, 3)
    if not tolerant and finding.status != "auto":
        require(measurement, config.metric, finding.status)
    judged = code.protected if code.integrity != "modified" else None
    arena = _arena(context, measurement, judged, finding.identity.told if finding.identity else None)
    now = context.clock()
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    name = f"{stamp}-{(head.commit or NO_COMMIT)[: 7 if head.commit else None]}"
    directory = None
    run_id, artifacts = name, {}
    if finding.archive:
        try:
            files.refuse_links(place.runs, place.memory)
            directory = files.unique_directory(place.runs, name, context.taken)
            run_id = directory.name
            artifacts = _archive(context, directory, head, measurement)
        except BaseException as error:
            _discard(directory)
            if isinstance(error, OSError):
                raise files.explain(error, "archive the run", _ARCHIVE_HINT) from error
            raise
    timestamp = time.strftime(STAMP, time.gmtime(now))
    return Prepared(finding, code, measurement, arena, timestamp, run_id, artifacts), directory


def _arena(context: Context, measurement: Measurement, protected: str | None, told: Told | None) -> Arena:
    """The run's arena. What it didn't say (a crash has no sidecar) is taken from the last run that agrees otherwise."""
    wanted = home_arena(context, protected, told)
    for name, fact in (("data", "data_sha"), ("device", "device")):
        if fact in measurement.facts:
            wanted[name] = measurement.facts[fact]  # type: ignore[literal-required]
    known = current_arena(context.views(), wanted)
    if known is not None:
        for field in (*arenas.FIELDS, *arenas.SAID):
            if wanted.get(field) is None and known.arena.get(field) is not None:
                wanted[field] = known.arena[field]  # type: ignore[literal-required]
    return wanted


def _archive(context: Context, directory: Path, head: Head, measurement: Measurement) -> dict[str, Any]:
    artifacts: dict[str, Any] = {"directory": directory.relative_to(context.place.memory_root).as_posix()}
    if measurement.log is not None:
        artifacts["log"] = "run.log"
        artifacts["log_bytes"] = archive.store_log(directory, measurement.log)
    parsed = json.dumps(measurement.metrics | measurement.facts, indent=2).encode()
    given = files.read_bounded(measurement.summary) if measurement.summary else parsed
    archive.store_text(directory, "summary.json", given)
    artifacts["summary"] = "summary.json"
    if head.patch:
        artifacts["patch"] = "train.patch"
        archive.store_text(directory, "train.patch", head.patch)
    artifacts["decision_packet"] = "decision_packet.json"
    return artifacts


def _discard(directory: Path | None) -> None:
    if directory is not None:
        import shutil  # with its archives' formats 2 ms, and next to nobody needs it

        shutil.rmtree(directory, ignore_errors=True)


def _stored(context: Context, after: int, row: Run) -> Run:
    """The row as it stands in the ledger, with its place in the chain."""
    entry = next(iter(context.ledger.read(after)), None)
    found = entry.row if entry else None
    return cast(Run, found) if found and found.get("run_id") == row["run_id"] else row


def recorded(context: Context, key: str) -> Logged | None:
    """The run that was logged under this key, if there is one."""
    run = context.views().by_key(redact.name(key))
    row = next(iter(context.ledger.read(run.after))).row if run else None
    if row is None:
        return None
    context.settled.append(f"recorded before as {row.get('run_id')}")
    if context.derived_is_behind():  # whoever recorded it didn't come to that
        derived.refresh(context)
    return Logged(row, True, [])  # type: ignore[arg-type]
