"""A finished run as its operator describes it, and all that is known of it before it is judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab.core.reading.ideas import Idea
from memorylab.lab.code import Snapshot
from memorylab.lab.identity import Identity
from memorylab.lab.measure import Measurement
from memorylab.records import Arena, NoveltyGuard, RunView
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.adapters.supervise import Finished


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
    command: str | None = None
    """How it was called, where it was logged by hand and somebody says so."""
    identity: Identity | None = None
    """What ran, if that was found out when the run began; else it is now."""
    repeats: str | None = None
    """The run that it was known to repeat when it began."""
    crashed: RunView | None = None
    """The run that crashed with this very code and command, where none with it was measured."""
    owner: str | None = None
    """Who ran it, by the name under which the idea was claimed."""
    claim: str | None = None
    """The claim under which it ran, if that is known; else it is looked for."""
    accept: bool = False
    """Whether a person vouches for the run, whatever speaks against it."""


class Prepared(NamedTuple):
    """All of a run that doesn't depend on where the ledger ends."""

    finding: Finding
    code: Snapshot
    measurement: Measurement
    arena: Arena
    timestamp: str
    run_id: str
    artifacts: dict[str, Any]
