"""What ran: the state of the code, the command with its arguments and variables, and the run that it stands on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from memorylab import files
from memorylab.adapters import git
from memorylab.adapters.config import within
from memorylab.adapters.git import Head
from memorylab.core.reading import slots, state
from memorylab.core.reading.slots import State
from memorylab.core.runs import command, command_line, integrity, redact
from memorylab.core.runs.command import Rules, Told
from memorylab.index.pieces import Pieces
from memorylab.lab import parentage, pins
from memorylab.lab.context import Context
from memorylab.lab.judge import home_arena
from memorylab.lab.standing import current_arena
from memorylab.records import Run, RunView
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.lab.code import Snapshot

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
    anew: RunView | None = None
    """The same, where nothing was measured yet in the arena that this run will be in: no code was changed."""
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
    agreed = pins.agreed(context).files
    inside = (within(name) for name in (*config.guarded, *agreed))
    judging = [found[1] for found in inside if found is not None]  # `--eval_iters 2` sets a constant that judges
    return Rules(
        config.mutable,
        tuple(dict.fromkeys((*config.protected, *agreed))),
        (*config.arena_arguments, *dict.fromkeys(judging)),
        config.arena_environment,
        config.arena_ignore,
        config.environment_record,
    )


def identify(context: Context, code: Snapshot, words: Sequence[str] | None) -> Identity:
    """The identity of what lies in the workspace, called by a command; None for one that nobody knows."""
    ruled, head = rules(context), code.head
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
    found = parentage.alike(context, found)
    arena = None
    if found.alike is not None and code.integrity != integrity.MODIFIED:
        arena = current_arena(context.views(), home_arena(context, code.protected, told))
    found = parentage.elsewhere(context, arena, found) or parentage.founded(context, head, arena, found, memo)
    memo.flush()
    return found


def present(context: Context) -> tuple[tuple[str, ...], State | None]:
    """The files that lie in the workspace, and the state that a run of the configured command would find now.

    What the command itself sets is left out of the state's slots: no edit of the code changes it.
    """
    ruled = rules(context)
    told = command.read(context.config.command, context.environment, ruled)
    names = (*context.config.mutable, *_configs(context, told, ruled))
    tree = code_state(context, read_tree(context, names))
    if tree is None:
        return names, None
    full = slots.with_slots(tree, _given(told, names), ruled.ignore)
    fixed = {slots.meant(name, tree.slots) for name in told.slots}
    return names, full._replace(slots={name: value for name, value in full.slots.items() if name not in fixed})


def under_trial(context: Context, row: Run | None = None) -> tuple[str, ...]:
    """The files that an experiment may change: the mutable ones, and the configurations that the command of a recorded
    run names, or without one the configured command."""
    ruled = rules(context)
    told = told_of(row, ruled) if row is not None else command.read(context.config.command, context.environment, ruled)
    return (*context.config.mutable, *(_configs(context, told, ruled) if told is not None else ()))


def code_state(context: Context, sources: Sources) -> State | None:
    """The state of some code, however it is called; None where none of it can be read."""
    memo = _pieces(context)
    found = state.state_of(sources, memo, context.config.arena_ignore)
    memo.flush()
    return found


def _given(told: Told, names: Sequence[str]) -> dict[str, Any]:
    """What the command sets, but for the names of configurations whose content is known."""
    read = {name for name in told.configs if name.removeprefix("./") in names}
    return {name: value for name, value in told.slots.items() if not (isinstance(value, str) and value in read)}


def earlier(context: Context, identity: Identity, protected: str | None) -> RunView | None:
    """The newest measured run in the arena at hand with this identity; None where there is none, or nobody knows."""
    return next((run for run in _here(context, identity, protected) if run.rank is not None), None)


def crashed(context: Context, identity: Identity, protected: str | None) -> RunView | None:
    """The newest run in the arena at hand with this identity, where it crashed and none with it was measured."""
    runs = _here(context, identity, protected)
    return runs[0] if runs and all(run.status == "crash" and run.value is None for run in runs) else None


def _here(context: Context, identity: Identity, protected: str | None) -> list[RunView]:
    """The runs with this identity in the arena at hand, newest first."""
    if identity.key is None:
        return []
    views = context.views()
    arena = current_arena(views, home_arena(context, protected, identity.told))
    return [] if arena is None else views.by_identity(arena.id, identity.key)


def same(context: Context, arena: int, identity: Identity) -> RunView | None:
    """The newest measured run of an arena with this identity."""
    if identity.key is None:
        return None
    return next((run for run in context.views().by_identity(arena, identity.key) if run.rank is not None), None)


def of_code(context: Context, sources: Sources) -> Identity:
    """The identity of some code, called as the settings say; without a state where nobody can tell it."""
    ruled = rules(context)
    told = command.read(context.config.command, context.environment, ruled)
    tree = code_state(context, sources)
    if tree is None or told.configs:
        return Identity()
    full = slots.with_slots(tree, _given(told, tuple(sources)), ruled.ignore)
    return Identity(full, tree.key, told, names=tuple(sources))


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


# -- how it was called


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
    theirs = told_of(parentage.row_of(context, run), ruled)
    mine = command.read(command_line.split(found.command or ""), found.environment, ruled)  # without secrets, as theirs
    return () if theirs is None else tuple(redact.secrets(text) for text in command.contrast(mine, theirs))
