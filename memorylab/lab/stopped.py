"""Runs whose MemoryLab was killed before it could record them: whoever comes next writes that they were stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.adapters.git import Head
from memorylab.adapters.supervise import Finished
from memorylab.core.runs import integrity
from memorylab.errors import LabError
from memorylab.lab.code import Snapshot
from memorylab.lab.context import Context
from memorylab.lab.finding import Finding
from memorylab.lab.judge import clean_idea
from memorylab.records import MODES, finite, text, texts

MOST = 8
"""Runs that one sweep records: each costs a log of its own."""


def record(context: Context, key: str, told: Mapping[str, Any], log: Path | None) -> str | None:
    """Append a dead run as a crash that says nothing of its idea; its id, or None where that can't be done.

    What its code was is known by its commit alone, so no other run is held against it.
    """
    from memorylab.lab import record as recording

    description = text(told.get("description"))
    if not description:
        return None
    idea = clean_idea(description, texts(told.get("tags")), text(told.get("family")), text(told.get("hypothesis")))
    head = Head(commit=text(told.get("commit")) or None)
    mode = text(told.get("mode"))
    before = len(context.settled)
    try:
        done = recording.log(
            context,
            Finding(
                idea,
                "auto",
                notes=text(told.get("notes")),
                log=log,
                mode=mode if mode in MODES else None,
                key=key,
                finished=Finished(None, None, False, None, _seconds(told, log), False),
                snapshot=Snapshot(head, None, None, integrity.UNKNOWN),
                owner=text(told.get("owner")) or None,
            ),
        )
    except (LabError, OSError) as error:
        context.warn(f"a run that was stopped couldn't be recorded: {error}")
        return None
    finally:
        del context.settled[before:]  # it is no success of the command that came across it
    return done.row["run_id"]


def _seconds(told: Mapping[str, Any], log: Path | None) -> float:
    """For how long it ran, as far as its log tells."""
    started = finite(told.get("started"))
    if started is None or log is None or not files.stands(log):
        return 0.0
    try:
        return max(0.0, log.stat().st_mtime - started)
    except OSError:
        return 0.0
