"""The use case `init`: creates the store, explains the settings, pins the judge and keeps git off the memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from memorylab import files
from memorylab.adapters import config, git, results_tsv
from memorylab.errors import ConfigError, UsageError
from memorylab.lab import derived, layout, nights, pins, settings
from memorylab.lab.context import Context
from memorylab.ledger.open import open_ledger
from memorylab.records import Direction
from memorylab.tuples import NamedTuple

EXCLUDED = ["run.log", "run-*.log", ".run.lock"]
"""Written to git's own exclude file, with results/, the settings and the table: what an agent stashes, cleans or resets
must not take the memory or its settings along. Who tracks one of them has said otherwise, and git obeys."""


class Wanted(NamedTuple):
    """What `init` is asked for; None, or nothing, where it is not said."""

    metric: str | None = None
    direction: Direction | None = None
    command: str | None = None
    store: str | None = None
    mutable: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()


def init(context: Context, wanted: Wanted, like: Context | None = None) -> list[Path]:
    """Create what is missing and return it; a new campaign is set as `like` in all that isn't wanted otherwise.

    Raises:
        UsageError: an option contradicts the existing `memorylab.toml`, which is never overwritten, or matches nothing.
        LabError: the workspace can't be written.

    """
    place = context.place
    new = not files.stands(place.config)
    if new and files.stands(place.settings):
        settings.hold(context)
        new = False
    found = _settings(context, wanted, new, like)
    if new:
        _demand_sound(found)
    ledger = open_ledger(found.store or None, place.ledger)  # refuses an unknown store before anything is written
    created: list[Path] = []
    try:
        for directory in (place.reports, place.runs):
            if not directory.is_dir():
                directory.mkdir(parents=True, exist_ok=True)
                created.append(directory)
        if new:
            _, pinned = pins.checksums(context, (*_files(context, found), *found.guarded))
            found = found._replace(pins=pinned)
            files.write_atomic(place.config, config.first_version(found, _tables(like), place.campaign))
            created.append(place.config)
            context.config = context.settings()
        context.ledger = ledger
        _pin(context)
        if not place.ledger.exists() and not found.store:
            context.ledger.append([])
            created.append(place.ledger)
        if results_tsv.create(place.results_tsv, found.metric):
            created.append(place.results_tsv)
        if not place.registry.exists():
            context.index = context.new_index()
            derived.refresh(context)
            created.append(place.registry)
        own = "results/memorylab/" if git.tracks_any(place.memory_root, "results") else "results/"
        git.exclude(place.code_root, [own, place.results_tsv.name, *EXCLUDED, place.config.name])
        settings.hold(context)
    except OSError as error:
        raise files.explain(error, "create the store") from error
    for told in (*layout.gaps(context), *nights.found(context)):
        context.warn(told)
    return created


def _demand_sound(found: config.Config) -> None:
    """Refuse options that no settings file can say, before one is written that nobody could read.

    Raises:
        UsageError: there is such an option.

    """
    import tomllib

    try:
        config.checked(tomllib.loads(config.first_version(found)))
    except ConfigError as error:
        raise UsageError(error.message.partition(": ")[2] or error.message, "give init another value") from error


def _files(context: Context, found: config.Config) -> tuple[str, ...]:
    from memorylab.adapters import named

    return named.files_of(context.place.code_root, found.protected)


def _pin(context: Context) -> None:
    """Agree on the judge where nobody ever did, also when the settings were there before."""
    if pins.agreed(context).files or not pins.first(context):
        return
    place = context.place
    _, found = pins.checksums(context, (*context.config.protected, *context.config.guarded))
    if not found:
        return
    fresh = context.config._replace(pins=found)
    try:
        text = config.with_pins(place.config, fresh)
    except ConfigError as error:
        context.warn(f"the judge is not pinned: {error}")
        return
    files.write_atomic(place.config, text)
    context.config = fresh
    pins.agreed(context)


def _settings(context: Context, wanted: Wanted, new: bool, like: Context | None) -> config.Config:
    given = {
        "metric": wanted.metric,
        "direction": wanted.direction,
        "store": wanted.store,
        "command": _words(wanted.command) if wanted.command else None,
    }
    known = {name: value for name, value in given.items() if value is not None}
    if not new:
        _compare(context, wanted, known)
        return context.config
    base: config.Config = _base(context, wanted, like)._replace(**known)  # type: ignore[arg-type]
    infer = like is None or wanted.command is not None
    told = layout.chosen(context, base, wanted.mutable, wanted.protected, run=wanted.command is not None, infer=infer)
    for note in told.notes:
        context.warn(note)
    return told.settings


def _base(context: Context, wanted: Wanted, like: Context | None) -> config.Config:
    """What the settings begin with: the defaults, or those of another campaign but for its judge.

    Which way another metric is better, and how its number is found, can't be told from that campaign's.
    """
    if like is None:
        return context.config
    base = config.load(like.place.config, {}, like.place.settings)._replace(pins={})
    if wanted.metric is None or wanted.metric == base.metric:
        return base
    return base._replace(metric=wanted.metric, direction=config.Config().direction, metric_pattern="")


def _tables(like: Context | None) -> Mapping[str, object]:
    """The settings of another campaign that stand in tables, but for its judge's checksums."""
    found = {} if like is None else config.tables(like.place.config, like.place.settings)
    return {name: value for name, value in found.items() if name != "pins"}


def _compare(context: Context, wanted: Wanted, known: Mapping[str, object]) -> None:
    """Refuse options that contradict the settings file."""
    from memorylab.adapters import named

    if wanted.mutable:
        known = {**known, "mutable": named.files_of(context.place.code_root, wanted.mutable)}
    if wanted.protected:
        plain, inside = config.apart(wanted.protected)
        known = {**known, "protected": named.files_of(context.place.code_root, plain), "guarded": inside}
    for name, value in known.items():
        if getattr(context.config, name) != value:
            name = "protected" if name == "guarded" else name
            file = context.place.config.name
            raise UsageError(f"{file} exists and has another {name}", f"edit {name} in {file}")


def _words(command: str) -> tuple[str, ...]:
    import shlex

    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"the command {command!r} can't be read: {error}", "close the quote") from error
