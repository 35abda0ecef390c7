"""The agreed judge: which content the protected files must have, and copies of it, kept in the store.

`[pins]` in memorylab.toml names the checksums for whoever reads it, but anybody can edit it. What counts is the
agreement in the store, which is made once, at `init` or by the first run, and renewed by a person only (`pin`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memorylab import files
from memorylab.adapters import archive, config, traces
from memorylab.adapters.git import decoded
from memorylab.errors import ConfigError, InputError
from memorylab.lab.context import Context
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.lab import consent

AGREED = "agreed.json"
_ARENAS = 64
MAX_COPY = 64 << 20
"""Bytes; of a larger file, such as validation data, only the checksum is kept."""


class Pins(NamedTuple):
    """What was agreed on."""

    files: Mapping[str, str]
    """Name → SHA-256."""
    beside: frozenset[str] = frozenset()
    """What lay beside them then and shadows nothing."""
    altered: str = ""
    """What contradicts the agreement; empty where nothing does."""


def agreed(context: Context) -> Pins:
    """The agreement; made of `[pins]` where there is none yet."""
    place, named = context.place.pins / AGREED, context.config.pins
    try:
        stored = json.loads(place.read_bytes())
        known = {name: sha for name, sha in stored["files"].items() if isinstance(sha, str)}
        beside = frozenset(map(str, stored["beside"]))
    except FileNotFoundError:
        if named:
            with suppress(OSError):  # a store that can't be written to is told by whoever has to
                return _agree(context, named)
        return Pins(named)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Pins(named, altered=f"{AGREED}, by which the judge was agreed on, can't be read")
    if known != named:  # another process may have made both since the settings were read
        with suppress(ConfigError):
            named = config.load(context.place.config, context.environment).pins
    contrary = sorted(name for name in {*known, *named} if known.get(name) != named.get(name))
    file = context.place.config.name
    told = f"[pins] in {file} isn't what was agreed on ({', '.join(contrary)})" if contrary else ""
    return Pins(known, beside, told)


def checksums(
    context: Context, names: Iterable[str], refused: Callable[[OSError], None] | None = None
) -> tuple[str | None, dict[str, str]]:
    """What `archive.fingerprint` says of these names, functions within files (`train.py:evaluate`) among them."""
    root, told = context.place.code_root, tuple(dict.fromkeys(names))
    inside = {name: where for name in told if (where := config.within(name)) and not (root / name).exists()}
    whole, each = archive.fingerprint(root, tuple(name for name in told if name not in inside), refused)
    if not inside:
        return whole, each
    from memorylab.core.runs import guarded  # few workspaces protect functions

    for name, (file, function) in inside.items():
        with suppress(OSError):
            found = guarded.fingerprint(decoded(files.read_bounded(root / file)), function)
            each |= {name: found} if found else {}
    return archive.combined(each), each


def functions_unlike(agreed: Mapping[str, str], sources: Mapping[str, str | None]) -> list[str]:
    """The functions in some sources that aren't as agreed on."""
    from memorylab.core.runs import guarded

    inside = {name: where for name in agreed if (where := config.within(name))}
    return [
        name
        for name, (file, function) in inside.items()
        if (source := sources.get(file)) is not None and guarded.fingerprint(source, function) != agreed[name]
    ]


def keep(context: Context, pins: Pins, found: Mapping[str, str]) -> None:
    """Keep a copy of each file that is as agreed, unless there is one."""
    for name, checksum in pins.files.items():
        if found.get(name) == checksum and not config.within(name) and not _copy(context, checksum).exists():
            with suppress(OSError):
                _store(context, name)


def copy_of(context: Context, checksum: str) -> Path | None:
    """The kept copy with this content; None where there is none, or one that was tampered with."""
    path = _copy(context, checksum)
    try:
        return path if hashlib.sha256(path.read_bytes()).hexdigest() == checksum else None
    except OSError:
        return None


def first(context: Context) -> bool:
    """Whether a judge may be agreed on without a person: none ever was, and no run was judged by one."""
    if files.stands(context.place.pins / AGREED):
        return False
    context.catch_up()
    return context.views().last() is None or not any(
        known.arena.get("protected") and known.arena.get("source") is None for known in context.views().arenas(_ARENAS)
    )


class Renewed(NamedTuple):
    """What a person agreed on."""

    files: Mapping[str, str]
    changed: list[str]
    """Those whose content wasn't the agreed one before."""


def renew(context: Context, ask: consent.Ask | None) -> Renewed:
    """Agree on the protected files as they are now, if a person says so.

    Raises:
        InputError: nothing is protected, or nobody agreed; nothing was written.
        ConfigError: `memorylab.toml` has to be mended by hand first.

    """
    place, settings = context.place, context.config
    _, found = checksums(context, (*settings.protected, *settings.guarded))
    if not found:
        hint = f"name it under `protected` in {place.config.name}"
        raise InputError("no protected file is there to be pinned", hint)
    before = agreed(context)
    changed = sorted(name for name in {*found, *before.files} if found.get(name) != before.files.get(name))
    if not changed and not before.altered:
        return Renewed(found, [])
    settings = settings._replace(pins=found)
    text = config.with_pins(place.config, settings)
    names = ", ".join(changed) or before.altered
    from memorylab.lab import consent

    consent.demand(context, f"Judge all runs from now on by the files as they are ({names})?", ask)
    try:
        context.config = settings
        _agree(context, found)
        files.write_atomic(place.config, text)
    except OSError as error:
        raise files.explain(error, "renew the pins") from error
    return Renewed(found, changed)


def _agree(context: Context, named: Mapping[str, str]) -> Pins:
    root = context.place.code_root
    _, found = checksums(context, named)
    pins = Pins(dict(named), frozenset(traces.shadows(root, named)))
    keep(context, pins, found)
    told = {"files": pins.files, "beside": sorted(pins.beside), "timestamp_utc": context.stamp()}
    files.write_atomic(context.place.pins / AGREED, json.dumps(told, indent=2) + "\n")
    return pins


def _store(context: Context, name: str) -> None:
    source = context.place.code_root / name
    status = source.stat()
    if status.st_size > MAX_COPY:
        return
    data = source.read_bytes()
    path = _copy(context, hashlib.sha256(data).hexdigest())
    files.write_atomic(path, data)
    path.chmod(0o444 | (status.st_mode & 0o111))


def _copy(context: Context, checksum: str) -> Path:
    plain = checksum if checksum.isalnum() else "none"  # an agreement may be anybody's text
    return context.place.pins / plain
