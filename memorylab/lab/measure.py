"""Finds out what a finished run measured, or why it didn't: sidecar first, log as fallback, a diagnosis for a crash."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorylab import files
from memorylab.adapters import summary as sidecar
from memorylab.adapters import training_log
from memorylab.adapters.summary import Summary
from memorylab.core.runs import crash, redact
from memorylab.errors import InputError, LabError
from memorylab.records import METRIC_FIELDS, ErrorRecord, Metrics, finite

if TYPE_CHECKING:
    from memorylab.adapters.supervise import Finished

STALE_SECONDS = 60.0
"""A sidecar is written at the end of training: one this much older than the end of the log is another run's."""
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

    def value(self, metric: str) -> float | None:
        """The finite value of the metric, or None."""
        return finite(self.metrics.get(metric))


def measure(
    metric: str, summary: Path | None, log: Path | None, *, tolerant: bool, committed_at: float | None
) -> Measurement:
    """Read the files of a run. With `tolerant`, for a crash, what is wrong with them is only noted.

    Raises:
        InputError: without `tolerant`, a file is unusable or belongs to an earlier run.

    """
    notes: list[str] = []
    read_summary = read_log = None
    try:
        read_summary = _summary(summary, log, committed_at, notes)
    except LabError as error:
        if not tolerant:
            raise
        notes.append(f"summary left out: {error.message}")
        summary = None
    try:
        read_log = training_log.parse_log(log, metric=metric) if log else None
        if read_log and read_log.unread:
            read = f"{training_log.HEAD_READ >> 20} and last {training_log.TAIL_READ >> 20} MiB"
            notes.append(f"the log is {read_log.size / 1e9:,.1f} GB long: only its first {read} were read")
    except LabError as error:
        if not tolerant:
            raise
        notes.append(f"log left out: {error.message}")
        log = None
    merged = sidecar.merge(read_summary, read_log, metric)
    notes += merged.disagreements
    return Measurement(
        metrics={**dict.fromkeys(METRIC_FIELDS), **merged.metrics},
        facts=merged.facts,
        tail=redact.ending(read_log.tail, read_log.size > training_log.TAIL_BYTES) if read_log else "",
        log=log,
        summary=summary if read_summary else None,
        notes=notes,
        disagreements=merged.disagreements,
    )


def _summary(path: Path | None, log: Path | None, committed_at: float | None, notes: list[str]) -> Summary | None:
    if path is None:
        return None
    if not files.stands(path) and log is not None and files.stands(log):
        notes.append(f"there is no summary {path.name}; the log was read instead")
        return None
    not_before = committed_at - COMMIT_SLACK if committed_at is not None else None
    found = sidecar.read_summary(path, not_before=not_before)
    older = _changed(log) - _changed(path) if log is not None else 0.0
    if log is not None and older > STALE_SECONDS:
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


def diagnose(measurement: Measurement, given: str | None, finished: Finished | None, metric: str) -> ErrorRecord:
    """Why a run crashed: the user's word first, then how the process ended and what its log says."""
    tail = measurement.tail
    if finished is not None:
        return crash.diagnose(
            tail,
            exit_code=finished.exit_code,
            signal=finished.signal,
            timed_out=finished.timed_out,
            stopped_for=finished.stopped_for,
        )
    words = redact.line(given or "")
    found = crash.diagnose(
        "\n".join(part for part in (tail, words) if part),
        exit_code=None,
        signal=None,
        timed_out=False,
        stopped_for=None,
    )
    if words:
        return {**found, "summary": words[: crash.SUMMARY_CHARS], "source": "given"}
    if not measurement.tail:
        return {**found, "summary": "no log and no reason were given", "source": "none"}
    if found.get("kind") == "no_result":
        return {**found, "summary": f"the run ended without a {metric}"}
    return found
