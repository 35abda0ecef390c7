"""What ran: the state of the code, the command with its arguments and variables, and the run that it stands on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from memorylab import files
from memorylab.adapters import git
from memorylab.adapters.git import Head
from memorylab.core.reading import slots, state
from memorylab.core.reading.slots import State
from memorylab.core.runs import command, command_line, redact
from memorylab.core.runs.command import Rules, Told
from memorylab.index.pieces import Pieces
from memorylab.lab import pins
from memorylab.lab.context import Context
from memorylab.lab.judge import home_arena
from memorylab.lab.standing import current_arena
from memorylab.records import Run, RunView

LOOKED_BACK = 12
"""Commits that changed the code whose states are looked at for the run that it was built on."""
NEAR = 8
"""Runs on top of one commit that are looked at for the one that a tree was built on."""
_LARGEST_CONFIG = 1 << 20
Sources = Mapping[str, str | None]


class Identity(NamedTuple):
    """What makes a run the experiment that it is, as far as this machine knows it."""

    state: State | None = None
    """That of the code with what the command sets; None where no file of it can be read."""
    tree: str | None = None
    """The key of the code's state alone."""
    told: Told | None = None
    """What the command says; None where nobody knows it, as of a run that was logged by hand."""
    command: str | None = None
    environment: Mapping[str, str] = {}
    names: tuple[str, ...] = ()
    """The files that were read."""
    uncommitted: bool = False
    """These files aren't as they are in the commit."""
    parent: RunView | None = None
    """The run that the code stands on."""
    alike: RunView | None = None
    """A run of this very code, however it was called."""
    origin: str | None = None
    """The commit that its change is held against: "" where the code is the parent's own, None where none has it."""

    @property
    def key(self) -> str | None:
        """By which the same experiment is known again, within one arena; None where the command isn't known."""
        return self.state.key if self.state is not None and self.told is not None else None

    def record(self) -> dict[str, Any] | None:
        """What a row keeps of the state."""
        if self.state is None:
            return None
        return {**self.state.record(), "key": self.key, "tree": self.tree}


def rules(context: Context) -> Rules:
    """What the settings say of commands."""
    config = context.config
    return Rules(
        config.mutable,
        tuple(dict.fromkeys((*config.protected, *pins.agreed(context).files))),
        config.arena_arguments,
        config.arena_environment,
        config.arena_ignore,
        config.environment_record,
    )


def identify(context: Context, head: Head, words: Sequence[str] | None) -> Identity:
    """The identity of what lies in the workspace, called by a command; None for one that nobody knows."""
    ruled = rules(context)
    told = None if words is None else command.read(words, context.environment, ruled)
    names = (*context.config.mutable, *(_configs(context, told, ruled) if told else ()))
    sources = read_tree(context, names)
    memo = _pieces(context)
    tree = state.state_of(sources, memo, ruled.ignore)
    full = None if tree is None else slots.with_slots(tree, _given(told, names), ruled.ignore) if told else tree
    found = Identity(
        state=full,
        tree=tree.key if tree else None,
        told=told,
        command=None if words is None else redact.secrets(command.spoken(redact.everywhere(list(words)))),
        environment=command.recorded(context.environment, ruled) if words is not None else {},
        names=names,
        uncommitted=_uncommitted(context, head, names, sources),
    )
    found = _founded(context, head, found, memo)
    memo.flush()
    return found


def _given(told: Told, names: Sequence[str]) -> dict[str, Any]:
    """What the command sets, but for the names of configurations whose content is known."""
    read = {name for name in told.configs if name.removeprefix("./") in names}
    return {name: value for name, value in told.slots.items() if not (isinstance(value, str) and value in read)}


def earlier(context: Context, identity: Identity, protected: str | None) -> RunView | None:
    """The newest measured run in the arena at hand with this identity; None where there is none, or nobody knows."""
    if identity.key is None:
        return None
    views = context.views()
    arena = current_arena(views, home_arena(context, protected, identity.told))
    return None if arena is None else same(context, arena.id, identity)


def crashed(context: Context, identity: Identity, protected: str | None) -> RunView | None:
    """The newest run in the arena at hand with this identity, where it crashed and none with it was measured."""
    views = context.views()
    arena = current_arena(views, home_arena(context, protected, identity.told)) if identity.key else None
    runs = views.by_identity(arena.id, identity.key) if arena is not None and identity.key is not None else []
    return runs[0] if runs and all(run.status == "crash" and run.value is None for run in runs) else None


def same(context: Context, arena: int, identity: Identity) -> RunView | None:
    """The newest measured run of an arena with this identity."""
    if identity.key is None:
        return None
    return next((run for run in context.views().by_identity(arena, identity.key) if run.rank is not None), None)


def read_tree(context: Context, names: Sequence[str]) -> dict[str, str | None]:
    """The files as they lie there."""
    found: dict[str, str | None] = {}
    for name in names:
        found[name] = None
        with suppress(OSError):
            found[name] = git.decoded(files.read_bounded(context.place.code_root / name))
    return found


def _configs(context: Context, told: Told, ruled: Rules) -> list[str]:
    """Configuration files that the command names, where they belong to the code under trial."""
    root = context.place.code_root.resolve()
    found = []
    for name in told.configs[:8]:
        path = root / name
        with suppress(OSError, ValueError):
            inside = path.resolve().relative_to(root).as_posix()
            good = path.is_file() and path.stat().st_size <= _LARGEST_CONFIG
            if good and inside not in ruled.mutable and not command_line.owns(ruled.protected, inside):
                found.append(inside)
    return found


def _pieces(context: Context) -> Pieces:
    def secret(told: str) -> bool:
        read = json.loads(told)
        return bool(redact.everywhere(read) != read)

    return Pieces(context.index.db, secret)


def _uncommitted(context: Context, head: Head, names: tuple[str, ...], sources: Sources) -> bool:
    if not head.dirty or head.commit is None:
        return False
    return dict(git.sources(context.place.code_root, head.commit, names)) != dict(sources)


# -- what it stands on


def _founded(context: Context, head: Head, found: Identity, memo: Pieces) -> Identity:
    """The identity with the run that its code was built on, and the commit that its change is held against."""
    views = context.views()
    if views.last() is None:
        return found
    alike = views.by_tree(found.tree) if found.tree else []
    named = (run for run in alike if run.identity == found.key)
    found = found._replace(alike=next(named, next(iter(alike), None)))
    if (here := _called_otherwise(context, head, found)) is not None:
        return found._replace(parent=_first(context, here), origin="")
    if head.commit is None:
        near = _nearest(context, None, found, None)
        return found._replace(parent=None if near is None else _first(context, near))
    if found.told is not None and found.told.configs and (here := views.committed(head.commit)) is not None:
        return found._replace(parent=_first(context, here), origin=head.commit)  # the same code, configured otherwise
    start = head.commit if found.uncommitted else head.parent
    if start is None:
        return found._replace(origin=head.commit)
    known = views.committed(start)
    near = _nearest(context, start, found, known)
    if near is not None and near is not known:
        return found._replace(parent=_first(context, near), origin=None)
    if known is not None and (known.tree is None or known.tree != found.tree):
        aside = found.uncommitted and known.status != "keep" and head.parent is not None
        return found._replace(parent=_first(context, known), origin=head.parent if aside else start)
    return _walked(context, start, found, memo)


def _called_otherwise(context: Context, head: Head, found: Identity) -> RunView | None:
    """The run of this very code under another command, or one that nobody knows, where there is none under this one."""
    if found.tree is None or found.key is None:
        return None
    runs = context.views().by_tree(found.tree)
    alike = [run for run in runs if run.identity is not None or (run.commit is not None and run.commit == head.commit)]
    if not alike or any(run.identity == found.key for run in alike):
        return None
    return alike[0]


def _nearest(context: Context, commit: str | None, found: Identity, known: RunView | None) -> RunView | None:
    """Of the kept runs of trees on top of a commit, and that of the commit itself, the one whose code is closest.

    Who commits nothing all night builds each edit on the one before.
    """
    if found.state is None:
        return known
    runs = [run for run in context.views().uncommitted(commit, NEAR) if run.rank is not None and run.tree != found.tree]
    if not runs:
        return known
    best: tuple[int, int, RunView] | None = None
    for run in [*runs, *([known] if known is not None and known.status == "keep" else [])]:
        there = State.from_record((row_of(context, run) or {}).get("state"))
        if there is not None:
            far = (len(slots.difference(there, found.state)), -run.seq, run)
            best = far if best is None or far[:2] < best[:2] else best
    return best[2] if best is not None else known


def _walked(context: Context, start: str, found: Identity, memo: Pieces) -> Identity:
    """Look back through history for the state of a run: commits change their names, the code in them doesn't."""
    root, views = context.place.code_root, context.views()
    origin = None
    for commit in dict.fromkeys((start, *git.history(root, start, found.names, LOOKED_BACK))):
        known = views.committed(commit)
        key = known.tree if known is not None else None
        if known is None:
            before = state.state_of(git.sources(root, commit, found.names), memo, context.config.arena_ignore)
            key = before.key if before else None
            known = next(iter(views.by_tree(key)), None) if key is not None and key != found.tree else None
        if key is not None and key == found.tree:
            continue
        origin = origin or commit
        if known is not None:
            return found._replace(parent=_first(context, known), origin=commit)
    return found._replace(origin=origin or start)


def _first(context: Context, run: RunView) -> RunView:
    """The run that others of the same candidate repeat, where it was kept; reruns are no steps of their own."""
    if run.candidate == run.run_id:
        return run
    views = context.views()
    first = next((one for one in views.find(run.candidate) if one.run_id == run.candidate), None)
    return first if first is not None and (first.status == "keep" or run.status != "keep") else run


# -- how it was called


def row_of(context: Context, run: RunView | None) -> Run | None:
    """The ledger's row of a run."""
    entry = next(iter(context.ledger.read(run.after)), None) if run is not None else None
    row = entry.row if entry else None
    return row if row is not None and run is not None and row.get("run_id") == run.run_id else None  # type: ignore[return-value]


def told_of(row: Run | None, ruled: Rules) -> Told | None:
    """What the command of a row says; None where it recorded none."""
    spoken = row.get("command") if row else None
    if row is None or not spoken:
        return None
    return command.read(command_line.split(spoken), row.get("environment") or {}, ruled)


def contrast(context: Context, found: Identity, base: str | None) -> tuple[str, ...]:
    """In what the command differs from that of the base, or of the run that the code stands on where there is none."""
    views = context.views()
    run = next((one for one in views.find(base) if one.run_id == base), None) if base else found.alike or found.parent
    if found.told is None or run is None:
        return ()
    ruled = rules(context)
    theirs = told_of(row_of(context, run), ruled)
    mine = command.read(command_line.split(found.command or ""), found.environment, ruled)  # without secrets, as theirs
    return () if theirs is None else tuple(redact.secrets(text) for text in command.contrast(mine, theirs))
