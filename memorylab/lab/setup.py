"""The use case `init`: creates the store, explains the settings, pins the judge and keeps git off the memory."""

from __future__ import annotations

from pathlib import Path

from memorylab import files
from memorylab.adapters import archive, config, git, results_tsv
from memorylab.errors import UsageError
from memorylab.lab import derived, pins
from memorylab.lab.context import Context
from memorylab.ledger.open import open_ledger
from memorylab.records import Direction

EXCLUDED = ["results/memorylab/", "results.tsv", "run.log", "run-*.log", ".run.lock"]
"""Written to git's own exclude file: an agent's `git add -A` or `git reset --hard` must not take the memory along."""


def init(
    context: Context, *, metric: str | None, direction: Direction | None, command: str | None, store: str | None
) -> list[Path]:
    """Create what is missing and return it.

    Raises:
        UsageError: an option contradicts the existing `memorylab.toml`, which is never overwritten.
        LabError: the workspace can't be written.

    """
    place = context.place
    settings = _settings(context, metric, direction, command, store)
    ledger = open_ledger(settings.store or None, place.ledger)  # refuses an unknown store before anything is written
    created: list[Path] = []
    try:
        for directory in (place.reports, place.runs):
            if not directory.is_dir():
                directory.mkdir(parents=True, exist_ok=True)
                created.append(directory)
        if not place.config.exists():
            _, found = archive.fingerprint(place.code_root, settings.protected)
            settings = settings._replace(pins=found)
            files.write_atomic(place.config, config.first_version(settings))
            created.append(place.config)
        context.config = settings
        context.ledger = ledger
        pins.agreed(context)
        if not place.ledger.exists() and not settings.store:
            context.ledger.append([])
            created.append(place.ledger)
        if results_tsv.create(place.results_tsv, settings.metric):
            created.append(place.results_tsv)
        if not place.registry.exists():
            context.index = type(context.index)(
                place.index_file, context.ledger, settings.metric, settings.direction, context.dialect
            )
            derived.refresh(context)
            created.append(place.registry)
        git.exclude(place.memory_root, EXCLUDED)
    except OSError as error:
        raise files.explain(error, "create the store") from error
    return created


def _settings(
    context: Context, metric: str | None, direction: Direction | None, command: str | None, store: str | None
) -> config.Config:
    wanted = {
        "metric": metric,
        "direction": direction,
        "store": store,
        "command": _words(command) if command else None,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    if context.place.config.exists():
        for name, value in given.items():
            if getattr(context.config, name) != value:
                raise UsageError(f"memorylab.toml exists and has another {name}", f"edit {name} in memorylab.toml")
        return context.config
    return context.config._replace(**given)  # type: ignore[arg-type]


def _words(command: str) -> tuple[str, ...]:
    import shlex

    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"the command {command!r} can't be read: {error}", "close the quote") from error
