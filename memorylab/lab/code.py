"""The code as it is run: git's view of it, checksums, and whether it leaves its judge alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from memorylab import files
from memorylab.adapters import archive, git
from memorylab.adapters.git import Head
from memorylab.core.runs import integrity
from memorylab.core.runs.integrity import Reason
from memorylab.lab.context import Context
from memorylab.lab.judge import home_arena
from memorylab.lab.standing import current_arena, standing


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

    def refused(error: OSError) -> None:
        context.warn(files.explain(error, "take a checksum of the code").message)

    code, _ = archive.fingerprint(root, config.mutable, refused)
    protected, each = archive.fingerprint(root, config.protected, refused)
    head = git.head(root)
    if head.problem:
        context.warn(f"the run is recorded without a commit: {head.problem}")
    integrity, doubts = _judged(context, head, each)
    return Snapshot(head, code, protected, integrity, doubts)


def _judged(context: Context, head: Head, protected: Mapping[str, str]) -> tuple[str, tuple[Reason, ...]]:
    """What the pins say of the protected files, by their checksums, and what speaks against the code."""
    pins = context.config.pins
    differ = [name for name, checksum in pins.items() if protected.get(name) != checksum]
    state = integrity.UNPINNED if not pins else integrity.MODIFIED if differ else integrity.OK
    doubts = [integrity.protected_file(differ)] if differ else []
    return state, (*doubts, *_touched(context, head))


def _touched(context: Context, head: Head) -> list[Reason]:
    """How the code reaches for its judge where the champion's doesn't, or the parent's where nothing leads.

    An edit on top of a run in doubt is in doubt too, since no such run leads; what a person accepted is let be.
    """
    from memorylab.core.runs import judge_code

    if head.commit is None or context.views().last() is None:
        return []
    config = context.config
    new = {name: _read(context, name) for name in config.mutable}
    old = _sources(context, _champions_commit(context)) or _sources(context, head.parent)
    judges = [
        judge_code.judge_of(name, source, config.metric)
        for name in config.protected
        if (source := _read(context, name)) is not None
    ]
    try:
        return integrity.touched(judge_code.added(old, new, judges))
    except (RecursionError, MemoryError):  # nested beyond reason: a run is recorded all the same
        return []


def _sources(context: Context, commit: str | None) -> Mapping[str, str | None]:
    """The mutable files of a commit; nothing where it isn't in this repository."""
    if commit is None:
        return {}
    found = git.sources(context.place.code_root, commit, context.config.mutable)
    return found if any(found.values()) else {}


def _champions_commit(context: Context) -> str | None:
    views = context.views()
    leader = standing(views, current_arena(views, home_arena(context))).champion
    return leader.run.commit if leader else None


def _read(context: Context, name: str) -> str | None:
    try:
        return git.decoded(files.read_bounded(context.place.code_root / name))
    except OSError:
        return None
