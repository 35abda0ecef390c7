"""Finds out what a finished run measured: sidecar first, log as fallback."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memorylab import files
from memorylab.adapters import summary as sidecar
from memorylab.core.runs import ends, redact
from memorylab.core.runs.ends import End
from memorylab.errors import InputError, LabError
from memorylab.records import METRIC_FIELDS, Metrics, finite
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.adapters.summary import Summary
    from memorylab.adapters.supervise import Finished
    from memorylab.adapters.training_log import ParsedLog
    from memorylab.core.runs.block import Ending

STALE_SECONDS = 60.0
"""A sidecar is written at the end of training: one this much older than the end of the log is another run's."""
_MISSING = "print `name: number` at the end, or set metric or metric_pattern in {file}; then log it again"
COMMIT_SLACK = 2.0
"""Commit times are whole seconds and clocks of shared disks differ a little."""


class Measurement(NamedTuple):
    """What is known of a run from its files."""

    metrics: Metrics
    """Upstream's fields, None where not measured, and whatever else the run printed."""
    facts: dict[str, str]
    """What it printed that is no number: device, checksum of the data."""
    tail: str
    """The end of its log, without secrets."""
    log: Path | None
    summary: Path | None
    notes: list[str]
    """Doubts to be told: a missing sidecar, a sidecar that disagrees with the log."""
    disagreements: Sequence[str] = ()
    """The latter alone."""
    lost: frozenset[str] = frozenset()
    """Names of what was measured and is NaN or infinite."""
    ending: Ending | None = None
    """What stands around the number in the log."""
    by_sidecar: bool = False
    """The number stands in the sidecar; the log has none."""

    def value(self, metric: str) -> float | None:
        """The finite value of the metric, or None."""
        return finite(self.metrics.get(metric))


def measure(
    metric: str,
    summary: Path | None,
    log: Path | None,
    *,
    tolerant: bool,
    committed_at: float | None,
    pattern: str = "",
    own: bool = False,
) -> Measurement:
    """Read the files of a run. With `tolerant`, for a crash, what is wrong with them is only noted.

    `own` says that the files lie at paths that only this run could write: no clock can make them another's.

    Raises:
        InputError: without `tolerant`, a file is unusable or belongs to an earlier run.

    """
    notes: list[str] = []
    read_summary = read_log = None
    try:
        read_summary = _summary(summary, log, None if own else committed_at, notes, own)
    except LabError as error:
        if not tolerant:
            raise
        notes.append(f"summary left out: {error.message}")
        summary = None
    try:
        read_log = _log(log, metric, pattern, read_summary, notes) if log else None
    except LabError as error:
        if not tolerant:
            raise
        notes.append(f"log left out: {error.message}")
        log = None
    merged = sidecar.merge(read_summary, read_log, metric)
    written = read_summary is not None and read_summary.metrics.get(metric) is not None
    notes += merged.disagreements
    return Measurement(
        metrics={**dict.fromkeys(METRIC_FIELDS), **merged.metrics},
        facts=merged.facts,
        tail=redact.ending(read_log.tail, read_log.cut) if read_log else "",
        log=log,
        summary=summary if read_summary else None,
        notes=notes,
        disagreements=merged.disagreements,
        lost=merged.lost,
        ending=read_log.ending if read_log else None,
        by_sidecar=written,
    )


def _log(path: Path, metric: str, pattern: str, summary: Summary | None, notes: list[str]) -> ParsedLog:
    """The log; a name that is spelled otherwise is looked for only where the sidecar doesn't tell the metric."""
    from memorylab.adapters import training_log  # a run with a sidecar alone needs no reader of logs

    told = summary is not None and summary.metrics.get(metric) is not None
    found = training_log.parse_log(path, metric=metric, pattern=pattern, exact=told)
    if found.unread:
        read = f"{training_log.HEAD_READ >> 20} and last {training_log.TAIL_READ >> 20} MiB"
        notes.append(f"the log is {found.size / 1e9:,.1f} GB long: only its first {read} were read")
    return found


def _summary(
    path: Path | None, log: Path | None, committed_at: float | None, notes: list[str], own: bool
) -> Summary | None:
    if path is None:
        return None
    if not files.stands(path) and log is not None and files.stands(log):
        notes.append(f"there is no summary {path.name}; the log was read instead")
        return None
    older = _changed(log) - _changed(path) if log is not None else 0.0
    not_before = committed_at - COMMIT_SLACK if committed_at is not None else None
    if not_before is not None and log is not None and abs(older) <= STALE_SECONDS and 0 < _changed(path) < not_before:
        notes.append(f"{path.name} and {log.name} are older than the commit; they were taken for the run's own")
        not_before = None
    found = sidecar.read_summary(path, not_before=not_before)
    if log is not None and older > STALE_SECONDS and not own:
        raise InputError(
            f"{path.name} is {older:.0f} s older than {log.name}: it belongs to an earlier run",
            "set AUTORESEARCH_SUMMARY_PATH for this run too, or leave out --summary",
        )
    return found


def _changed(path: Path) -> float:
    """When a file was written; long ago where it isn't there or nobody may look, which is told when it is read."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def require(measurement: Measurement, metric: str, status: str) -> float:
    """The measured value, which keep and discard can't do without.

    Raises:
        InputError: there is no finite value.

    """
    value = measurement.value(metric)
    if value is None:
        if measurement.summary is None and measurement.log is None:
            what = f"status {status} needs a finite {metric}, and neither --summary nor --log was given"
        else:
            names = " and ".join(p.name for p in (measurement.summary, measurement.log) if p)
            what = f"status {status} needs a finite {metric}, and there is none in {names}"
        raise InputError(what, "log it as a crash, or give the file that the run wrote")
    return value


def missing(measurement: Measurement, metric: str, pattern: str, file: str) -> InputError:
    """There is no value of the metric, though nothing says that the run crashed: what came nearest, and what to do.

    `file` is that of the settings.
    """
    from memorylab.core.runs import metric_names

    hint = _MISSING.format(file=file)
    what = f"metric_pattern found no {metric}" if pattern else f"there is no {metric}"
    lines = measurement.tail.split("\n")
    if near := metric_names.nearest(lines, metric):
        told = f'{what}; the log has "{near.line}": {near.advice}'
        return InputError(f"{redact.line(told)}; nothing is recorded", hint)
    last = next((" ".join(line.split())[:120] for line in reversed(lines) if line.strip()), "")
    told = f'{what}; the log ends in "{last}"' if last else f"{what}: the log is empty"
    return InputError(f"{redact.line(told)}; nothing is recorded", hint)


def unheard(measurement: Measurement, status: str, finished: Finished | None, metric: str) -> bool:
    """Whether a run ended well, as far as anybody can see, and its number wasn't found: that is no crash of it.

    One that wrote a sidecar without the metric says itself that it measured nothing.
    """
    lost = metric in measurement.lost or measurement.summary is not None
    if status == "crash" or measurement.value(metric) is not None or lost or measurement.log is None:
        return False
    if finished is not None and went_wrong(finished):
        return False
    from memorylab.lab.diagnosis import diagnose

    return diagnose(measurement, None, finished, metric).get("kind") in ("no_result", "unknown")


def ended(measurement: Measurement, status: str, finished: Finished | None, metric: str) -> End:
    """What became of the run's number."""
    if status == "crash":
        return End(True)
    failed = None
    if finished is not None and went_wrong(finished):
        from memorylab.lab import diagnosis

        failed = diagnosis.cause(measurement, finished, metric)
    return ends.of_run(
        metric,
        measurement.value(metric),
        measurement.ending,
        failed=failed,
        by_sidecar=measurement.by_sidecar,
        decided=status != "auto",
    )


def went_wrong(finished: Finished) -> bool:
    """Whether a command ended as no good run does, whatever it printed."""
    return finished.exit_code != 0 or finished.timed_out or finished.stopped_for is not None
