"""The code as it is run: git's view of it, checksums, and whether it leaves its judge alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memorylab import files
from memorylab.adapters import archive, git, traces
from memorylab.adapters.git import Head
from memorylab.core.runs import integrity, redact
from memorylab.core.runs.integrity import Reason
from memorylab.lab import pins
from memorylab.lab.context import Context
from memorylab.lab.judge import home_arena
from memorylab.lab.pins import Pins
from memorylab.lab.standing import current_arena, standing
from memorylab.tuples import NamedTuple


class Snapshot(NamedTuple):
    """The code that is run: git's view of it, and the checksums of the files that may and may not change."""

    head: Head
    code: str | None
    protected: str | None
    integrity: str
    """As the pinned files say: `ok`, `modified`, `unpinned`."""
    doubts: tuple[Reason, ...] = ()
    """What speaks against the code: protected files that differ, an edit that reaches for its judge."""
    checksums: Mapping[str, str] = {}
    """Those of the protected files."""
    differ: tuple[str, ...] = ()
    """Protected files that aren't as pinned."""
    sandbox: str | None = None
    """The kind of sandbox that it ran in."""


def snapshot(context: Context) -> Snapshot:
    """The code in the workspace now."""
    root, config = context.place.code_root, context.config

    def refused(error: OSError) -> None:
        context.warn(files.explain(error, "take a checksum of the code").message)

    agreed = pins.agreed(context)
    code, _ = archive.fingerprint(root, config.mutable, refused)
    protected, each = pins.checksums(context, (*config.protected, *config.guarded, *agreed.files), refused)
    pins.keep(context, agreed, each)
    head = git.head(root)
    if head.problem:
        context.warn(f"the run is recorded without a commit: {head.problem}")
    differ = tuple(name for name, checksum in agreed.files.items() if each.get(name) != checksum)
    state = integrity.OK if agreed.files else integrity.UNPINNED
    found = Snapshot(head, code, protected, state, (), each, differ)
    return with_doubts(found, [*_judged(context, agreed, found), *_touched(context, agreed, head)])


def with_doubts(known: Snapshot, doubts: Sequence[Reason]) -> Snapshot:
    """The snapshot with more that speaks against it."""
    modified = any(reason.kind in integrity.MODIFIES for reason in doubts)
    state = integrity.MODIFIED if modified else known.integrity
    return known._replace(integrity=state, doubts=(*known.doubts, *doubts))


def _judged(context: Context, agreed: Pins, found: Snapshot) -> list[Reason]:
    """What the agreement says of the protected files as they lie there."""
    doubts = [integrity.protected_file(found.differ)] if found.differ else []
    if agreed.altered:
        doubts.append(integrity.pins_changed(agreed.altered))
    names = {*context.config.protected, *agreed.files}
    if shadows := sorted(traces.shadows(context.place.code_root, names) - agreed.beside):
        doubts.append(integrity.judge_shadowed(shadows))
    return doubts


def _touched(context: Context, agreed: Pins, head: Head) -> list[Reason]:
    """How the code reaches for its judge where the champion's doesn't, or the parent's where nothing leads.

    An edit on top of a run in doubt is in doubt too, since no such run leads; what a person accepted is let be.
    """
    if head.commit is None or context.views().last() is None:
        return []
    config = context.config
    new = {name: _read(context, name) for name in config.mutable}
    old = _sources(context, _champions_commit(context)) or _sources(context, head.parent)
    if old == new:
        return []
    from memorylab.core.runs import gaming, judge_code  # an edit is read; a rerun spares 10 ms

    judges = [
        judge_code.judge_of(name, source, config.metric)
        for name in dict.fromkeys((*config.protected, *agreed.files))
        if (source := _judges_source(context, agreed, name)) is not None
    ]
    try:
        touches = integrity.touched(judge_code.added(old, new, judges))
        reasons = [*touches, *integrity.reached(gaming.found(old, new, config.metric))]
        return [Reason(one.kind, redact.line(one.text)) for one in reasons]
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


def _judges_source(context: Context, agreed: Pins, name: str) -> str | None:
    """The agreed source of a protected file; as it lies there where no copy was kept."""
    kept = pins.copy_of(context, agreed.files[name]) if name in agreed.files else None
    return _read(context, name) if kept is None else git.decoded(kept.read_bytes())


def _read(context: Context, name: str) -> str | None:
    try:
        return git.decoded(files.read_bounded(context.place.code_root / name))
    except OSError:
        return None
