"""The use case `log`: measure, judge, decide, archive, append; then everything that is derived."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorylab import files
from memorylab.adapters import archive, git
from memorylab.adapters.git import Head
from memorylab.core import arenas, decision, redact
from memorylab.core.ideas import Idea
from memorylab.core.situation import Situation, compare
from memorylab.errors import LedgerMoved, UsageError
from memorylab.index import Views
from memorylab.lab import derived
from memorylab.lab.context import Context, Standing, current_arena, standing
from memorylab.lab.judge import Question, home_arena, judge
from memorylab.lab.measure import Measurement, diagnose, measure, require
from memorylab.lab.references import References, references
from memorylab.records import SCHEMA_VERSION, Arena, Direction, ErrorRecord, NoveltyGuard, Run, Status

if TYPE_CHECKING:
    from memorylab.adapters.supervise import Finished

NO_COMMIT = "nocommit"
"""Stands where a run id has seven digits of the commit, for a workspace that is no git repository."""


class Snapshot(NamedTuple):
    """The code that is run: git's view of it, and the checksums of the files that may and may not change."""

    head: Head
    code: str | None
    protected: str | None
    integrity: str


def snapshot(context: Context) -> Snapshot:
    """The code in the workspace now."""
    root, config = context.place.code_root, context.config
    code, _ = archive.fingerprint(root, config.mutable)
    protected, each = archive.fingerprint(root, config.protected)
    integrity = "unpinned"
    if config.pins:
        same = all(each.get(name) == checksum for name, checksum in config.pins.items())
        integrity = "ok" if same else "modified"
    head = git.head(root)
    if head.problem:
        context.warn(f"the run is recorded without a commit: {head.problem}")
    return Snapshot(head, code, protected, integrity)


class Finding(NamedTuple):
    """A finished run as its operator describes it."""

    idea: Idea
    status: str
    notes: str = ""
    summary: Path | None = None
    log: Path | None = None
    mode: str | None = None
    error: str | None = None
    key: str | None = None
    archive: bool = True
    finished: Finished | None = None
    guard: NoveltyGuard | None = None
    """The verdict of a check made before the run, if there was one; else the guard is asked now."""
    snapshot: Snapshot | None = None
    """The code as it was when the run began, if somebody looked; else it is looked at now."""


class Logged(NamedTuple):
    """What `log` did."""

    row: Run
    existing: bool
    """The run was recorded before, under the same key; nothing was appended."""
    notes: list[str]


class _Prepared(NamedTuple):
    """All of a run that doesn't depend on where the ledger ends."""

    finding: Finding
    code: Snapshot
    measurement: Measurement
    arena: Arena
    timestamp: str
    run_id: str
    artifacts: dict[str, Any]


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
    position = context.catch_up()
    if finding.key and (known := recorded(context, finding.key)):
        return known
    prepared, directory = _prepare(context, finding)
    try:
        while True:
            row = _row(context, prepared)
            try:
                context.ledger.append([row], expect=position)
                break
            except LedgerMoved:
                # Another writer was first: judge again with its run in view, so that no champion is overlooked.
                position = context.catch_up()
                if finding.key and (known := recorded(context, finding.key)):
                    _discard(directory)
                    return known
                if directory is not None and context.views().taken(prepared.run_id):
                    # A run without an archive took the name first.
                    prepared, directory = _renamed(context, prepared, directory)
    except BaseException:
        _discard(directory)
        raise
    derived.refresh(context)
    return Logged(row, False, prepared.measurement.notes)


def _renamed(context: Context, prepared: _Prepared, directory: Path) -> tuple[_Prepared, Path]:
    """The same with its archive moved to a name that is free."""
    fresh = files.unique_directory(context.place.runs, prepared.run_id, context.views().taken)
    directory.replace(fresh)
    artifacts = prepared.artifacts | {"directory": fresh.relative_to(context.place.memory_root).as_posix()}
    return prepared._replace(run_id=fresh.name, artifacts=artifacts), fresh


def _prepare(context: Context, finding: Finding) -> tuple[_Prepared, Path | None]:
    config, place = context.config, context.place
    code = finding.snapshot or snapshot(context)
    head = code.head
    # A supervised run has happened: it is recorded as what it was, whatever is wrong with its files.
    tolerant = finding.status == "crash" or finding.finished is not None
    measurement = measure(
        config.metric, finding.summary, finding.log, tolerant=tolerant, committed_at=head.committed_at
    )
    if not tolerant and finding.status != "auto":
        require(measurement, config.metric, finding.status)
    views = context.views()
    arena = _arena(context, measurement, code.protected if code.integrity != "modified" else None)
    now = context.clock()
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    name = f"{stamp}-{(head.commit or NO_COMMIT)[: 7 if head.commit else None]}"
    directory = None
    run_id, artifacts = name, {}
    if finding.archive:
        try:
            directory = files.unique_directory(place.runs, name, views.taken)
            run_id = directory.name
            artifacts = _archive(context, directory, head, measurement)
        except OSError as error:
            _discard(directory)
            raise files.explain(error, "archive the run", "mend that, or log with --skip-archive") from error
    timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    return _Prepared(finding, code, measurement, arena, timestamp, run_id, artifacts), directory


def _row(context: Context, p: _Prepared) -> Run:
    """The ledger row as of the index's position."""
    finding, idea, config = p.finding, p.finding.idea, context.config
    views = context.views()
    where = standing(views, current_arena(views, p.arena))
    guard = finding.guard or judge(context, idea, Question(mode=finding.mode))
    run_id = p.run_id if finding.archive else _free(p.run_id, views)
    value = p.measurement.value(config.metric) if finding.status != "crash" else None
    found = references(
        views,
        where,
        idea,
        guard,
        run_id=run_id,
        value=value,
        code=p.code.code,
        parent_commit=p.code.head.parent,
        mode=finding.mode or config.mode,
    )
    status = _status(finding, found, config.direction)
    error = diagnose(p.measurement, finding.error, finding.finished, config.metric) if status == "crash" else None
    packet = decision.decide(
        Situation(
            run_id=run_id,
            commit=p.code.head.commit,
            status=status,
            description=idea.description,
            family=idea.family,
            hypothesis=idea.hypothesis,
            metric=config.metric,
            direction=config.direction,
            value=None if status == "crash" else found.mean,
            runs=found.runs,
            leads=found.leads,
            before=found.before,
            base=found.base,
            champion=found.champion,
            noise=found.noise,
            guard=guard,
            error=error,
            same_failures=_same_failures(views, where, idea, error),
            integrity=p.code.integrity,
            budget_s=config.time_budget_s,
        )
    )
    base = found.base
    return Run(
        schema=SCHEMA_VERSION,
        run_id=run_id,
        timestamp_utc=p.timestamp,
        branch=p.code.head.branch,
        commit=p.code.head.commit,
        parent_commit=p.code.head.parent,
        family=idea.family,
        status=status,
        description=idea.description,
        hypothesis=idea.hypothesis,
        tags=list(idea.tags),
        notes=redact.secrets(finding.notes),
        metrics=p.measurement.metrics,
        error=error,
        artifacts=p.artifacts,
        novelty_guard=guard,
        decision_packet=packet,
        edits=[edit.record() for edit in idea.edits],
        base={"run_id": base.run_id, "commit": base.commit, "value": base.value} if base else None,
        arena=p.arena,
        key=finding.key,
        dirty=p.code.head.dirty,
        integrity=p.code.integrity,
        code=p.code.code,
        candidate=found.candidate,
    )


def _free(name: str, views: Views) -> str:
    """The run id, with a suffix where it is taken; with an archive the directory's creation decides that."""
    return next(free for n in range(1, 10**6) if not views.taken(free := name if n == 1 else f"{name}-{n}"))


def _same_failures(views: Views, where: Standing, idea: Idea, error: ErrorRecord | None) -> int:
    """How often this kind of crash has met this target, this time included."""
    if error is None or where.arena is None:
        return int(error is not None)
    target = idea.edits[0].target if idea.edits else idea.family
    return 1 + views.cluster_size(where.arena.id, "crash", f"{error.get('kind', 'unknown')}\t{target}")


def _status(finding: Finding, found: References, direction: Direction) -> Status:
    if finding.finished is not None and (_failed(finding.finished) or found.mean is None):
        return "crash"
    if finding.status != "auto":
        return finding.status  # type: ignore[return-value]
    comparison = compare(found.mean, found.runs, found.base, found.noise, direction)
    return decision.auto_status(found.mean, comparison, found.leads)


def _failed(finished: Finished) -> bool:
    return finished.exit_code != 0 or finished.timed_out or finished.stopped_for is not None


def _arena(context: Context, measurement: Measurement, protected: str | None) -> Arena:
    """The run's arena. What it didn't say (a crash has no sidecar) is taken from the last run that agrees otherwise."""
    wanted = home_arena(context, protected)
    for name, fact in (("data", "data_sha"), ("device", "device")):
        if fact in measurement.facts:
            wanted[name] = measurement.facts[fact]  # type: ignore[literal-required]
    known = current_arena(context.views(), wanted)
    if known is not None:
        for field in arenas.FIELDS:
            if wanted.get(field) is None and known.arena.get(field) is not None:
                wanted[field] = known.arena[field]  # type: ignore[literal-required]
    return wanted


def _archive(context: Context, directory: Path, head: Head, measurement: Measurement) -> dict[str, Any]:
    artifacts: dict[str, Any] = {"directory": directory.relative_to(context.place.memory_root).as_posix()}
    if measurement.log is not None:
        artifacts["log"] = "run.log"
        artifacts["log_bytes"] = archive.store_log(directory, measurement.log)
    if measurement.summary is not None:
        artifacts["summary"] = "summary.json"
        archive.store_text(directory, "summary.json", measurement.summary.read_bytes())
    else:
        artifacts["summary"] = "summary.json"
        text = json.dumps(measurement.metrics | measurement.facts, indent=2)
        archive.store_text(directory, "summary.json", text.encode())
    if head.patch:
        artifacts["patch"] = "train.patch"
        archive.store_text(directory, "train.patch", head.patch)
    artifacts["decision_packet"] = "decision_packet.json"
    return artifacts


def _discard(directory: Path | None) -> None:
    if directory is not None:
        shutil.rmtree(directory, ignore_errors=True)


def recorded(context: Context, key: str) -> Logged | None:
    """The run that was logged under this key, if there is one."""
    run = context.views().by_key(key)
    row = next(iter(context.ledger.read(run.after))).row if run else None
    return Logged(row, True, []) if row else None  # type: ignore[arg-type]
