"""The sidecar that training leaves under AUTORESEARCH_SUMMARY_PATH, and its reconciliation with the log."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab import files
from memorylab.core.runs.ends import agree
from memorylab.core.runs.lines import clean
from memorylab.errors import InputError
from memorylab.records import Metrics, finite
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.adapters.training_log import ParsedLog

MAX_BYTES = 1_000_000  # upstream's summary has 300
_HINT = "have train.py write one JSON object of finite numbers, or leave --summary away to read the log"


class Summary(NamedTuple):
    """A sidecar's numbers, and what else it says in words."""

    metrics: Metrics
    facts: dict[str, str]
    lost: frozenset[str] = frozenset()
    """Names of values that are NaN or infinite."""


class Merged(NamedTuple):
    """One run's measurements out of sidecar and log, and a line for each number on which the two differ."""

    metrics: Metrics
    facts: dict[str, str]
    disagreements: list[str]
    lost: frozenset[str] = frozenset()


def read_summary(path: Path, *, not_before: float | None = None) -> Summary:
    """Read a sidecar: numbers and nulls become metrics, texts and truth values facts; nested values are left out.

    `not_before` is the time (seconds since the epoch) at which the run can have begun: an older file belongs to a
    previous run. Raises `InputError` for that and for anything but a JSON object of finite numbers.
    """
    try:
        with files.open_regular(path, MAX_BYTES) as file:
            if not_before is not None and os.fstat(file.fileno()).st_mtime < not_before:
                when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(not_before))
                raise InputError(
                    f"the summary {path} is older than the commit, made at {when}: it may be an earlier run's",
                    "if it is this run's, give its log too (--log), which vouches for it",
                )
            data = files.read_stream(file, path, MAX_BYTES)
    except FileNotFoundError:
        raise InputError(
            f"there is no summary {path}", "a run that fails leaves none; log it with --status crash"
        ) from None
    except OSError as error:
        raise InputError(files.explain(error, "read the summary").message, _HINT) from error
    return _summary(_object(data, path))


def merge(summary: Summary | None, parsed: ParsedLog | None, metric: str) -> Merged:
    """The sidecar's values, the log's where it has none. `metric` leads the list of disagreements."""
    first = summary or Summary({}, {})
    if parsed is None:
        return Merged(dict(first.metrics), dict(first.facts), [], first.lost)
    metrics, disagreements = dict(first.metrics), []
    for key in sorted(parsed.metrics, key=lambda key: key != metric):
        ours, printed = metrics.get(key), parsed.metrics[key]
        if ours is None:
            metrics[key] = None if key in first.lost else printed
        elif printed is not None and not agree(ours, printed, parsed.decimals.get(key, 0)):
            disagreements.append(f"{key}: {ours} in the summary, {printed} in the log")
    lost = {key for key in first.lost | parsed.lost if metrics.get(key) is None}
    return Merged(metrics, {**parsed.facts, **first.facts}, disagreements, frozenset(lost))


def _object(data: bytes, path: Path) -> dict[str, Any]:
    if not data.strip():
        raise InputError(f"the summary {path} is empty", _HINT)
    try:
        parsed = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(f"the summary {path} is not JSON{where}", _HINT) from None
    if not isinstance(parsed, dict):
        raise InputError(f"the summary {path} is not a JSON object", _HINT)
    return parsed


def _summary(parsed: dict[str, Any]) -> Summary:
    metrics: Metrics = {}
    facts: dict[str, str] = {}
    lost: set[str] = set()
    for name, value in parsed.items():
        key = clean(name)[:64]
        if value is None:
            metrics[key] = None
        elif isinstance(value, bool):
            facts[key] = str(value).lower()
        elif isinstance(value, int | float):
            metrics[key] = value if finite(value) is not None else None
            if metrics[key] is None:
                lost.add(key)
        elif isinstance(value, str):
            facts[key] = " ".join(clean(value[:1000]).split())[:200]
    return Summary(metrics, facts, frozenset(lost))
