"""A supervised run's judge, data and settings: held while it trains, and looked at again behind it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import memorylab
from memorylab import files
from memorylab.adapters import archive, campaigns, sandbox, traces
from memorylab.adapters.sandbox import Place, Sandbox, kept
from memorylab.adapters.traces import Trace
from memorylab.core.runs import integrity
from memorylab.core.runs.integrity import Reason, Written
from memorylab.errors import InputError, LabError
from memorylab.lab import pins
from memorylab.lab.code import Snapshot, with_doubts
from memorylab.lab.context import STAMP, Context
from memorylab.ledger import chain
from memorylab.tuples import NamedTuple

_TOLD = "told_no_sandbox"
_JUDGING = ("metric", "direction", "time_budget_s", "mutable", "protected", "guarded", "data", "sandbox", "pins",
            "arena_arguments", "arena_environment", "arena_ignore", "environment_record")  # fmt: skip
"""Settings that a run is judged by: as they were read before it."""


class Custody(NamedTuple):
    """What a run rests on, as it was when the run began."""

    snapshot: Snapshot
    """The code that runs: with the pinned copies in the place of files that were gone.

    One that differs is left out of the sandbox for the pinned copy, and the run is marked all the same: either somebody
    edited the judge, or it was meant to be another one, and then the number isn't what was asked for.
    """
    within: tuple[str, ...]
    """The words that put the command into the sandbox; none without one."""
    judge: Mapping[Path, Trace | None]
    data: Mapping[Path, Trace | None]
    position: int
    """Where the ledger ended."""


def forget_compiled(context: Context) -> None:
    """Drop what Python compiled of the judge before: it is taken for the source wherever size and time agree."""
    for name in {*context.config.protected, *pins.agreed(context).files}:
        for compiled in traces.compiled_forms(context.place.code_root / name):
            with suppress(OSError):
                compiled.unlink()


def take(context: Context, snapshot: Snapshot, scratch: Path, environment: Mapping[str, str]) -> Custody:
    """Restore the judge as far as that is possible here, and remember what everything was like.

    Raises:
        InputError: a sandbox is required, and none works here.

    """
    root, agreed = context.place.code_root, pins.agreed(context)
    copies = {name: path for name, sha in agreed.files.items() if (path := pins.copy_of(context, sha))}
    restored = _restore(context, copies)
    box = _sandbox(context, copies, scratch, environment)
    replaced = [name for name in snapshot.differ if box and name in copies and name not in restored]
    if replaced:
        context.warn(
            f"{', '.join(replaced)}: not as pinned. The pinned copy is what runs, and the run can't lead: put back the "
            "file, or let a person agree on it (memorylab pin)"
        )
    held = _cured(snapshot, agreed, set(restored))
    if replaced:
        told = integrity.protected_file(held.differ, replaced)
        held = held._replace(doubts=tuple(told if one.kind == told.kind else one for one in held.doubts))
    judge = {(root / name).absolute() for name in {*context.config.protected, *agreed.files}} | {*copies.values()}
    return Custody(
        held._replace(sandbox=box.kind if box else None),
        box.prefix if box else (),
        traces.traces(sorted(judge)),
        traces.traces(_data(context)),
        context.catch_up(),
    )


def settle(context: Context, custody: Custody) -> Snapshot:
    """The snapshot once the run has ended, with what was done meanwhile to what it rests on."""
    snapshot = custody.snapshot
    found = [
        *_written(context, custody.judge, integrity.judge_changed),
        *_written(context, custody.data, integrity.data_changed),
        *_settings(context),
        *([] if custody.within else _ledger(context, custody.position)),
    ]
    after = pins.agreed(context)
    names = {*context.config.protected, *after.files}
    if shadows := sorted(traces.shadows(context.place.code_root, names) - after.beside):
        found.append(integrity.judge_shadowed(shadows))
    return with_doubts(snapshot, [reason for reason in found if reason not in snapshot.doubts])


def _sandbox(
    context: Context, copies: Mapping[str, Path], scratch: Path, environment: Mapping[str, str]
) -> Sandbox | None:
    wanted = context.config.sandbox
    if wanted == "off":
        return None
    places = _places(context, copies, scratch)
    box = next(sandbox.working(places, context.place.code_root, environment), None)
    if box is None and wanted == "required":
        raise InputError(
            f"{context.place.config.name} requires a sandbox, and neither bubblewrap nor namespaces of the system "
            "work here",
            'install bubblewrap and allow user namespaces, or set sandbox = "auto"',
        )
    if box is None and not context.views().derived(_TOLD):
        context.warn(
            "there is no sandbox here (bubblewrap, or namespaces of the system): the judge and the memory are "
            "looked at before and after each run, but a run can write to them"
        )
        context.views().set_derived(**{_TOLD: 1})
    return box


def _places(context: Context, copies: Mapping[str, Path], scratch: Path) -> list[Place]:
    """What is read-only in the sandbox: the judge and its data, the memory, and what MemoryLab itself obeys."""
    place = context.place
    targets = {name: (place.code_root / name).resolve() for name in copies}
    roots = {place.code_root.resolve(), place.memory_root.resolve()}
    # A folder that is renamed takes what is mounted in it along, and leaves its name to another one.
    above = {
        folder
        for path in (*targets.values(), place.memory.resolve())
        for folder in path.parents
        if any(folder.is_relative_to(root) for root in roots)
    }
    package, ledger, git = Path(memorylab.__file__).parent, Path(context.ledger.url), place.memory_root / ".git"
    return [
        *kept(*sorted(roots | above), writable=True),
        *kept(*_data(context)),
        *kept(place.memory, ledger, ledger.with_name(".lock"), *campaigns.owned(place)),
        *kept(git / "config", git / "hooks", package, package.with_name("memorylab.py")),
        *kept(*(place.code_root / name for name in context.config.protected if name not in copies)),
        *(Place(copies[name], target) for name, target in targets.items()),
        *kept(scratch, writable=True),
    ]


def _data(context: Context) -> list[Path]:
    return [context.place.code_root / Path(name).expanduser() for name in context.config.data]


def _restore(context: Context, copies: Mapping[str, Path]) -> list[str]:
    """Put back protected files that are gone; returns their names."""
    done = []
    for name, copy in copies.items():
        path = context.place.code_root / name
        if not path.exists():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(copy, path)
            except OSError as error:
                raise files.explain(error, f"restore {name}") from error
            done.append(name)
    if done:
        context.warn(f"{', '.join(done)} was gone, and was restored from the pinned copy")
    return done


def _cured(snapshot: Snapshot, agreed: pins.Pins, names: set[str]) -> Snapshot:
    """The snapshot with the pinned content of these files."""
    if not names:
        return snapshot
    each = {**snapshot.checksums, **{name: agreed.files[name] for name in names}}
    left = [name for name in snapshot.differ if name not in names]
    doubts = [reason for reason in snapshot.doubts if reason.kind != integrity.PROTECTED_FILE]
    fresh = snapshot._replace(
        protected=archive.combined(each), checksums=each, differ=tuple(left), integrity=integrity.OK, doubts=()
    )
    return with_doubts(fresh, [*([integrity.protected_file(left)] if left else []), *doubts])


def _written(
    context: Context, before: Mapping[Path, Trace | None], reason: Callable[[Sequence[Written]], Reason]
) -> list[Reason]:
    found = traces.changed(before)
    told = [(_name(context, path), time.strftime(STAMP, time.gmtime(when)) if when else None) for path, when in found]
    return [reason(told)] if told else []


def _name(context: Context, path: Path) -> str:
    root = context.place.code_root.absolute()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _ledger(context: Context, position: int) -> list[Reason]:
    """Other writers' rows are sealed (see `memorylab.ledger.chain`): what is not came by another way."""
    links = [chain.read(entry.text) for entry in context.ledger.read(position) if entry.row is not None]
    foreign = sum(link is None or not link.whole for link in links)
    return [integrity.ledger_written(foreign)] if foreign else []


def _settings(context: Context) -> list[Reason]:
    """What of the settings was changed during the run, though it has no effect on how this run is judged."""
    file = context.place.config.name
    try:
        fresh = context.settings()
    except LabError:
        return [integrity.settings_changed("it can't be read any more", file)]
    names = [name for name in _JUDGING if getattr(fresh, name) != getattr(context.config, name)]
    return [integrity.settings_changed(", ".join(names), file)] if names else []
