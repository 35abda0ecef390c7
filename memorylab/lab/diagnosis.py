"""Why a run crashed: the user's word first, then how the process ended and what its log says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorylab.core.numerals import number
from memorylab.core.runs import crash, redact
from memorylab.core.runs.crash import Cause
from memorylab.core.runs.ends import End
from memorylab.lab.measure import Measurement
from memorylab.records import ErrorRecord

if TYPE_CHECKING:
    from memorylab.adapters.supervise import Finished


def cause(measurement: Measurement, finished: Finished, metric: str) -> Cause:
    """Why a command ended as no good run does."""
    found = diagnose(measurement, None, finished, metric)
    return Cause(found.get("kind", "unknown"), found["summary"], found["source"])


def crashed(
    measurement: Measurement, given: str | None, finished: Finished | None, metric: str, end: End
) -> ErrorRecord:
    """Why a run crashed, with the number that it had printed by then."""
    found = diagnose(measurement, given, finished, metric)
    if end.cause is not None and found.get("kind") in ("no_result", "unknown"):
        found = {**found, "kind": end.cause.kind, "summary": end.cause.summary, "source": end.cause.source}
    value = measurement.value(metric)
    if value is None or found["source"] == "given":
        return found
    told = f"; {metric} {number(value)} was printed before it"
    return {**found, "summary": found["summary"][: crash.SUMMARY_CHARS - len(told)] + told}


def diagnose(measurement: Measurement, given: str | None, finished: Finished | None, metric: str) -> ErrorRecord:
    """Why a run crashed: the user's word first, then how the process ended and what its log says."""
    tail = measurement.tail
    if finished is not None:
        found = crash.diagnose(
            tail,
            exit_code=finished.exit_code,
            signal=finished.signal,
            timed_out=finished.timed_out,
            stopped_for=finished.stopped_for,
            unwatched=finished.exit_code is None and finished.signal is None,
            oom_kills=(finished.resources or {}).get("oom_kills"),
        )
        if measurement.value(metric) is None and found.get("kind") in ("no_result", "unknown"):
            return _without(measurement, metric, found)
        return found
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
    if measurement.value(metric) is None and found.get("kind") in ("no_result", "unknown"):
        return _without(measurement, metric, found)
    return found


def _without(measurement: Measurement, metric: str, found: ErrorRecord) -> ErrorRecord:
    """A run that ended by itself without a number: it says that the metric left the numbers, or it doesn't say it."""
    if metric in measurement.lost:
        told = f"{metric} is NaN or infinite: training diverged, or its evaluation did"
        return {**found, "kind": "nan", "summary": told, "source": "log"}
    if measurement.summary is not None and found.get("kind") == "no_result":
        shown = [f"{key} {value}" for key, value in measurement.facts.items()]
        shown += [
            f"{key} {number(value)}"
            for key, value in measurement.metrics.items()
            if value is not None and key != "total_seconds"
        ]
        told = f"the summary has no number {metric}" + (f"; it has {', '.join(shown)}" if shown else "")
        return {**found, "summary": redact.line(told)[: crash.SUMMARY_CHARS]}
    return found
