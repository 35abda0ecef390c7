"""The settings outlive their file: the store has a copy, since `git clean`, `stash -u` and `reset` take files along."""

from __future__ import annotations

from contextlib import suppress

from memorylab import files
from memorylab.adapters import config
from memorylab.adapters.config import Config
from memorylab.errors import InputError, LabError
from memorylab.lab.context import Context

_JUDGED_BY = ("metric", "direction", "time_budget_s", "mutable", "protected", "guarded", "data", "store")
"""Settings whose change makes other runs of the same words."""


def hold(context: Context) -> None:
    """Restore the settings file if it is gone, and keep a copy of it as it is; what changed is told.

    Raises:
        InputError: the file is gone, no copy was kept, and the ledger was about another metric than the default.

    """
    place = context.place
    if not place.exists():
        context.demand_one()
    if not files.stands(place.config):
        _restore(context)
        return
    if not place.home.is_dir():
        return
    with suppress(OSError):
        text, kept = files.read_bounded(place.config, config.LARGEST), _kept(context)
        if text != kept:
            if kept is not None:
                _tell(context)
            files.write_atomic(place.settings, text)


def _restore(context: Context) -> None:
    place = context.place
    kept = _kept(context)
    if kept is None:
        _demand_default(context)
        return
    try:
        files.write_atomic(place.config, kept)
    except OSError as error:
        raise files.explain(error, f"restore {place.config.name}") from error
    context.warn(
        f"{place.config.name} was gone, and was restored from the memory; to go on with the defaults, delete "
        f"{place.settings.relative_to(place.memory_root).as_posix()} as well"
    )


def _demand_default(context: Context) -> None:
    """Without settings or a copy of them, runs must not go on by another metric than the ledger's."""
    settings = context.config
    context.catch_up()
    mine = (settings.metric, settings.direction)
    for known in context.views().arenas(1):
        arena = known.arena
        if arena.get("source") is None and (arena["metric"], arena["direction"]) != mine:
            better = "higher" if arena["direction"] == "max" else "lower"
            name = context.place.campaign
            whose, of = (f"--campaign {name} ", f"the campaign {name}") if name else ("", "the ledger")
            raise InputError(
                f"{context.place.config.name} is gone; {of} was about {arena['metric']} ({better} is better)",
                f"`memorylab init {whose}--metric {arena['metric']} --direction {arena['direction']}` writes it anew",
            )


def _tell(context: Context) -> None:
    """Say which settings that runs are judged by aren't those of the last run."""
    try:
        before = config.load(context.place.settings, context.environment)
        now = config.load(context.place.config, context.environment)
    except LabError:
        return
    changed = [name for name in _JUDGED_BY if getattr(before, name) != getattr(now, name)]
    if changed:
        told = ", ".join(f"{name} {_shown(before, name)} → {_shown(now, name)}" for name in changed)
        context.warn(f"{context.place.config.name} isn't as the last run found it: {told}")


def _shown(settings: Config, name: str) -> str:
    value = getattr(settings, name)
    return ", ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)


def _kept(context: Context) -> bytes | None:
    place = context.place
    if files.linked(place.settings, place.memory):
        return None
    try:
        return files.read_bounded(place.settings, config.LARGEST)
    except OSError:
        return None
