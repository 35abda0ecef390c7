"""A workspace for notebooks: its runs as a data frame, its progress as a figure.

The only module that imports pandas or polars (extras): whichever is there is used, pandas first.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab.core.runs.arenas import describe
from memorylab.errors import MissingExtra
from memorylab.index import Views, columns
from memorylab.lab import Lab
from memorylab.lab.context import Context, located, warn_on_stderr
from memorylab.records import RunView
from memorylab.render import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEXTS = ("run_id", "status", "description", "family", "commit", "next_action", "integrity", "classification",
         "hypothesis", "branch", "error", "arena", "parent_commit")  # fmt: skip
NUMBERS = ("value", "gain", "probability", "memory_gb", "seconds", "base_value", "steps", "tokens_m")
"""The columns of texts and of numbers; the others are `timestamp` (UTC), `tags` and `edits` (lists of texts)."""


def open(
    root: str | Path | None = None, campaign: str | None = None, *, environment: Mapping[str, str] | None = None
) -> Notebook:
    """Open the workspace at `root`, or the one around the current directory, to look at it in a notebook.

    Raises:
        InputError: there is no such directory, or no such `campaign`; without one it is about the one in use.

    """
    known = os.environ if environment is None else environment
    return Notebook(Context(located(root, campaign, known), known, time.time, warn_on_stderr))


class Notebook(Lab):
    """A workspace whose answers are what a notebook goes on with."""

    def __repr__(self) -> str:
        """Where it is, how many runs it has and what decides; it reads and writes nothing that isn't there."""
        place = self.context.place
        if not place.exists():
            return f"<MemoryLab at {place.memory_root}: no memory, see init()>"
        self.context.catch_up()
        runs = self.context.views().size()
        better = "higher" if self.context.config.direction == "max" else "lower"
        told = f"{runs:,} run{'' if runs == 1 else 's'}, {self.metric} ({better} is better)"
        told += f", campaign {place.campaign}" if place.campaign else ""
        return f"<MemoryLab at {place.memory_root}: {told}>"

    def runs(self) -> Any:
        """All runs as a pandas or polars DataFrame, the oldest first; see `TEXTS` and `NUMBERS` for its columns.

        `gain` is over the base (`base_value`), positive where better; `probability` is that of a real gain, as judged
        at the time. Only values of one `arena` compare: `runs.groupby("arena")`. What was not measured is missing,
        never 0.

        Raises:
            MissingExtra: neither pandas nor polars is installed.

        """
        make = _pandas() or _polars()
        if make is None:
            raise MissingExtra("a data frame", "pandas or polars", "notebook")
        self._look()
        found: dict[str, list[Any]] = {
            name: [] for name in ("run_id", "timestamp", *TEXTS[1:], *NUMBERS, "tags", "edits")
        }
        arenas = _arenas(self.context.views())
        for run, edits in columns.runs_with_edits(self.context.index.db):
            for name, value in _row(run, arenas.get(run.arena), [words.edit(edit) for edit in edits]).items():
                found[name].append(value)
        return make(found)

    def progress(self, since_hours: float | None = None) -> Figure:
        """The progress chart of the report as a matplotlib figure.

        Raises:
            MissingExtra: matplotlib isn't installed.

        """
        from memorylab.render import picture

        return picture.figure(self.morning(since_hours))


def _arenas(views: Views) -> dict[int, str]:
    """The arenas in words by their numbers; those that the words don't tell apart have their number behind them."""
    told = {arena.id: describe(arena.arena) for arena in views.arenas(1_000_000)}
    alike = Counter(told.values())
    return {number: f"{said} #{number}" if alike[said] > 1 else said for number, said in told.items()}


def _row(run: RunView, arena: str | None, edits: list[str]) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "timestamp": _moment(run.timestamp_utc),
        "status": run.status,
        "description": run.description,
        "family": run.family,
        "commit": run.commit,
        "next_action": run.next_action,
        "integrity": run.integrity,
        "classification": run.classification,
        "hypothesis": run.hypothesis or None,
        "branch": run.branch,
        "error": run.error_summary,
        "arena": arena,
        "parent_commit": run.parent_commit,
        "value": run.value,
        "gain": words.gain_of(run),
        "probability": run.sure,
        "memory_gb": run.memory_gb,
        "seconds": run.seconds,
        "base_value": run.base_value,
        "steps": run.steps,
        "tokens_m": run.tokens,
        "tags": [tag for tag in run.tags.split(",") if tag],
        "edits": edits,
    }


def _moment(stamp: str) -> datetime | None:
    """A timestamp of the ledger; what is none is missing, since rows come from anywhere."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _pandas() -> Any:
    """What makes a frame of columns with pandas; None where it isn't installed."""
    try:
        import pandas as pd
    except ModuleNotFoundError:
        return None

    def make(found: dict[str, list[Any]]) -> Any:
        frame = pd.DataFrame(found)
        frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True)
        return frame.astype(dict.fromkeys(NUMBERS, "float64"))

    return make


def _polars() -> Any:
    """The same with polars."""
    try:
        import polars as pl
    except ModuleNotFoundError:
        return None

    def make(found: dict[str, list[Any]]) -> Any:
        kinds: dict[str, Any] = dict.fromkeys(TEXTS, pl.String) | dict.fromkeys(NUMBERS, pl.Float64)
        kinds |= {"timestamp": pl.Datetime("us", "UTC"), "tags": pl.List(pl.String), "edits": pl.List(pl.String)}
        return pl.DataFrame(found, schema={name: kinds[name] for name in found})

    return make
