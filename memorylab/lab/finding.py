"""A finished run as its operator describes it, and the code as it was when it ran."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorylab.adapters import archive, git
from memorylab.adapters.git import Head
from memorylab.core.reading.ideas import Idea
from memorylab.core.runs.integrity import Reason
from memorylab.lab import trust
from memorylab.lab.context import Context
from memorylab.lab.measure import Measurement
from memorylab.records import Arena, NoveltyGuard

if TYPE_CHECKING:
    from memorylab.adapters.supervise import Finished


class Snapshot(NamedTuple):
    """The code that is run: git's view of it, and the checksums of the files that may and may not change."""

    head: Head
    code: str | None
    protected: str | None
    integrity: str
    """As the pinned files say: `ok`, `modified`, `unpinned`."""
    doubts: tuple[Reason, ...] = ()
    """What speaks against the code: protected files that differ, an edit that reaches for its judge."""


def snapshot(context: Context) -> Snapshot:
    """The code in the workspace now."""
    root, config = context.place.code_root, context.config
    code, _ = archive.fingerprint(root, config.mutable)
    protected, each = archive.fingerprint(root, config.protected)
    head = git.head(root)
    if head.problem:
        context.warn(f"the run is recorded without a commit: {head.problem}")
    integrity, doubts = trust.of_code(context, head, each)
    return Snapshot(head, code, protected, integrity, doubts)


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
