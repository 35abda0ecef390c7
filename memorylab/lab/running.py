"""What is running now: `run` leaves a note beside its scratch files, and whoever looks reads it and the log's end."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from memorylab import files
from memorylab.adapters import processes, training_log, workspace
from memorylab.adapters.training_log import Progress
from memorylab.core.runs import redact
from memorylab.lab.context import STAMP, Context
from memorylab.lab.finding import Finding
from memorylab.records import finite, text, texts

NOTE = "running.json"
_LOG_NAME = r"run(-\d+)?\.log"
_MOST = 64
"""Notes read; more experiments than this don't run at once."""
_FORGOTTEN_S = 86_400.0
"""For so long a killed run is told of."""
_TAIL_CHARS = 16_000


class Running(NamedTuple):
    """An experiment that runs, or whose process is gone without having recorded it."""

    name: str
    description: str
    family: str
    tags: list[str]
    command: list[str]
    started_utc: str
    elapsed_s: float
    limit_s: float | None
    worktree: str
    alive: bool
    progress: Progress | None
    curve: list[tuple[int, float]]
    """Steps and losses, as far as the log's end tells them."""
    tail: str


def note(context: Context, scratch: Path, log: Path, finding: Finding, command: Sequence[str], limit_s: float) -> None:
    """Say in the scratch directory what runs; it goes with the directory when the run ends."""
    pid = os.getpid()
    told = {
        "pid": pid,
        "born": processes.birth(pid),
        "host": socket.gethostname(),
        "started": context.clock(),
        "limit_s": limit_s,
        "worktree": str(context.place.code_root),
        "log": log.name,
        "command": list(command),
        "description": finding.idea.description,
        "family": finding.idea.family,
        "tags": list(finding.idea.tags),
    }
    with suppress(OSError):  # nobody's run must fail because it can't be watched
        files.write_atomic(scratch / NOTE, json.dumps(redact.everywhere(told), ensure_ascii=False) + "\n")


def running(context: Context) -> list[Running]:
    """The experiments that run now in any worktree of this memory, the oldest first."""
    try:
        scratches = sorted(entry.path for entry in os.scandir(context.place.memory / "scratch") if entry.is_dir())
    except OSError:
        return []
    found = [told for path in scratches[:_MOST] if (told := _read(context, Path(path)))]
    return sorted(found, key=lambda told: told.started_utc)


def _read(context: Context, scratch: Path) -> Running | None:
    try:
        raw = json.loads((scratch / NOTE).read_bytes()[: 1 << 20])
    except (OSError, ValueError):
        return None
    started = finite(raw.get("started")) if isinstance(raw, dict) else None
    if started is None or not 0 <= started < 1e11:
        return None
    elapsed = max(0.0, context.clock() - started)
    alive = _alive(raw, elapsed)
    if not alive and elapsed > _FORGOTTEN_S:
        return None
    log = _log(context, raw)
    recent = training_log.read_recent(log) if log else None
    told = recent.progress[-1]._replace(elapsed_s=elapsed) if recent and recent.progress else None
    return Running(
        name=scratch.name,
        description=text(raw.get("description")),
        family=text(raw.get("family")),
        tags=texts(raw.get("tags")),
        command=texts(raw.get("command")),
        started_utc=time.strftime(STAMP, time.gmtime(started)),
        elapsed_s=elapsed,
        limit_s=finite(raw.get("limit_s")),
        worktree=text(raw.get("worktree")),
        alive=alive,
        progress=told,
        curve=_curve(recent.progress) if recent else [],
        tail=redact.ending(recent.text, recent.cut)[-_TAIL_CHARS:] if recent else "",
    )


def _alive(raw: dict[str, Any], elapsed: float) -> bool:
    """Of a process on another machine nothing is known, so that it counts as running until its time is up."""
    if text(raw.get("host")) != socket.gethostname():
        return elapsed < (finite(raw.get("limit_s")) or _FORGOTTEN_S)
    pid = raw.get("pid")
    return isinstance(pid, int) and processes.alive(pid, text(raw.get("born")) or None)


def _log(context: Context, raw: dict[str, Any]) -> Path | None:
    """The run's log if its name is one that `run` gives and its directory a worktree of this memory.

    The note lies where agents write, and must not make a page show another file.
    """
    name, worktree = text(raw.get("log")), text(raw.get("worktree"))
    if not re.fullmatch(_LOG_NAME, name) or not worktree or "\0" in worktree:
        return None
    place = Path(worktree)
    if not place.is_dir():
        return None
    home = workspace.find(worktree, {}, place).memory_root.resolve()
    return place / name if home == context.place.memory_root.resolve() else None


def _curve(progress: Sequence[Progress]) -> list[tuple[int, float]]:
    """The losses by step, the newest attempt only: a log that is appended to may begin again."""
    points: list[tuple[int, float]] = []
    for told in progress:
        if told.step is None or told.loss is None:
            continue
        if points and told.step < points[-1][0]:
            points = []
        points.append((told.step, told.loss))
    return points
