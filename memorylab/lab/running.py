"""What is running now: `run` leaves a note beside its scratch files, and whoever looks reads it and the log's end."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.adapters import processes, training_log, workspace
from memorylab.adapters.training_log import Progress
from memorylab.core.runs import redact
from memorylab.lab.context import STAMP, Context
from memorylab.lab.finding import Finding
from memorylab.records import finite, text, texts
from memorylab.tuples import NamedTuple

NOTE = "running.json"
_LOG_NAME = r"run(-\d+)?\.log"
_MOST = 64
"""Experiments told of; more than this don't run at once."""
_LOOKED_AT = 4_096
"""Notes read, those of processes that are there first: 0.1 s, however many killed runs have left theirs."""
_FORGOTTEN_S = 86_400.0
"""For so long a killed run is told of."""
_LATE_S = 3_600.0
"""What nothing is known of but its age counts as dead so long after its time was up."""
_TICK_S = 0.02
_ANCIENT_S = 30 * 86_400.0
"""The same, where a process runs that may be another with the same number."""
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


def note(
    context: Context, scratch: Path, log: Path, finding: Finding, command: Sequence[str], limit_s: float
) -> dict[str, Any]:
    """Say in the scratch directory what runs, and all that recording it takes; it goes when the run is recorded."""
    pid = os.getpid()
    commit = finding.snapshot.head.commit if finding.snapshot else None
    told = {
        "pid": pid,
        "born": processes.birth(pid),
        "host": socket.gethostname(),
        "pids": processes.namespace(),
        "started": context.clock(),
        "limit_s": limit_s,
        "worktree": str(context.place.code_root),
        "log": log.name,
        "command": list(command),
        "tags": list(finding.idea.tags),
        **{name: getattr(finding.idea, name) or "" for name in ("description", "family", "hypothesis")},
        **{name: getattr(finding, name) or "" for name in ("notes", "owner", "mode", "key", "status")},
        "commit": commit,
    }
    if context.place.campaign:
        told["campaign"] = context.place.campaign
    write_note(scratch, told)
    return told


def write_note(scratch: Path, told: dict[str, Any]) -> None:
    """Write the note, if that can be: nobody's run must fail because it can't be watched."""
    with suppress(OSError):
        files.write_atomic(scratch / NOTE, json.dumps(redact.everywhere(told), ensure_ascii=False) + "\n")


def read_note(scratch: Path) -> dict[str, Any] | None:
    """The note in a scratch directory; None where there is none that makes sense."""
    file = files.open_plain(scratch / NOTE)
    if file is None:
        return None
    try:
        with file:
            raw = json.loads(file.read(1 << 20))
    except (OSError, ValueError, RecursionError):
        return None
    started = finite(raw.get("started")) if isinstance(raw, dict) else None
    return raw if started is not None and 0 <= started < 1e11 else None


def _scratches(context: Context) -> list[Path]:
    """The scratch directories, those whose process may be there first, then the newest."""
    if files.linked(context.place.scratch, context.place.memory):
        return []
    try:
        with os.scandir(context.place.scratch) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    there = {pid: processes.alive(pid, None) for pid in {_numbers(name)[0] for name in names}}
    names.sort(key=lambda name: (there[_numbers(name)[0]], _numbers(name)[1]), reverse=True)
    return [context.place.scratch / name for name in names]


def _numbers(name: str) -> tuple[int, int]:
    """Process and time of a scratch directory's name; zeros where it is none of ours."""
    found = re.fullmatch(r"(\d{1,10})-(\d{1,20})(-\d+)?", name, re.ASCII)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def dead(context: Context, most: int | None = None) -> Iterator[tuple[Path, dict[str, Any], Path | None]]:
    """Scratch directories whose run is over, at most so many, each with its note and the log that is still its own."""
    taken: set[Path | None] = {None}
    for scratch in _scratches(context)[: _LOOKED_AT if most is not None else None]:
        told = read_note(scratch)
        log = _log(context, told) if told else None
        if not _over(context, scratch, told):
            taken.add(log)
        elif most is None or (most := most - 1) >= 0:
            yield scratch, told or {}, log if log not in taken and written_since(log, told) else None
            taken.add(log)


def _over(context: Context, scratch: Path, told: dict[str, Any] | None) -> bool:
    """Whether the run has ended for certain: what a living one leaves must not be taken from it."""
    if told is not None:
        return not _alive(told, context.clock() - told["started"] - _LATE_S)
    try:
        age = context.clock() - scratch.stat().st_mtime
    except OSError:  # it was removed meanwhile
        return False
    return age > (_ANCIENT_S if processes.alive(_numbers(scratch.name)[0], None) else _LATE_S)


def written_since(log: Path | None, told: Mapping[str, Any] | None) -> bool:
    """Whether a log was written by the run of this note, and not left by one before it."""
    try:
        if log is None or told is None:
            return False
        changed, started = log.stat().st_mtime, float(told["started"])
        # Some file systems count whole seconds; the others' clock may be a tick behind.
        return changed >= (int(started) if changed == int(changed) else started - _TICK_S)
    except OSError:
        return False


def running(context: Context) -> list[Running]:
    """The experiments that run now in any worktree of this memory, the oldest first."""
    found: list[Running] = []
    taken: set[Path | None] = {None}
    for scratch in _scratches(context)[:_LOOKED_AT]:
        if len(found) < _MOST and (told := _read(context, scratch, taken)):
            found.append(told)
    return sorted(found, key=lambda told: told.started_utc)


def _read(context: Context, scratch: Path, taken: set[Path | None]) -> Running | None:
    """What a note says; the logs in `taken` belong to runs after it."""
    raw = read_note(scratch)
    if raw is None:
        return None
    started = float(raw["started"])
    elapsed = max(0.0, context.clock() - started)
    alive = _alive(raw, elapsed)
    if not alive and elapsed > _FORGOTTEN_S:
        return None
    log = _log(context, raw)
    log = None if log in taken or not (alive or written_since(log, raw)) else log
    taken.add(log)
    if text(raw.get("campaign")) != context.place.campaign:
        return None
    if not alive:  # its time stands still, so that nobody is told of news
        elapsed = max(0.0, log.stat().st_mtime - started) if log else 0.0
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
    """Of a process elsewhere (another machine or container) nothing is known: it counts as running in its time."""
    elsewhere = text(raw.get("pids")) not in ("", processes.namespace())
    if elsewhere or text(raw.get("host")) != socket.gethostname():
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
