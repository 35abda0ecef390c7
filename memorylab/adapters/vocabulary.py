"""Reads the table `[vocabulary]` of `memorylab.toml`: a user's own knobs, their other names, families, interactions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from memorylab.core.reading.dialect import alias_key
from memorylab.core.reading.own import Own
from memorylab.errors import ConfigError, shown

_KNOB = re.compile(r"[A-Z][A-Z0-9_]{0,59}", re.ASCII)
_HINT = 'write MY_KNOB = ["my knob", "another name"] under [vocabulary]'
MOST = 1000
"""Names of one knob, or knobs of one table; more is no vocabulary but a mistake."""


def own_terms(raw: object) -> Own:
    """The terms that the table declares.

    Raises:
        ConfigError: a name or a value is of the wrong kind.

    """
    table = _table("vocabulary", raw)
    families = _table("vocabulary.families", table.get("families", {}))
    interacts = _table("vocabulary.interacts", table.get("interacts", {}))
    return Own(
        tuple(
            (_knob(f"vocabulary.{name}", name), _names(f"vocabulary.{name}", value))
            for name, value in table.items()
            if name not in ("families", "interacts")
        ),
        tuple((name.strip(), _text(f"vocabulary.families.{name}", value)) for name, value in families.items()),
        tuple((name.strip(), _texts(f"vocabulary.interacts.{name}", value)) for name, value in interacts.items()),
    )


def _table(where: str, raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, dict) or len(raw) > MOST:
        raise ConfigError(f"memorylab.toml: {where} must be a table, not {shown(raw)}", _HINT)
    return raw


def _knob(where: str, name: str) -> str:
    if not _KNOB.fullmatch(name):
        raise ConfigError(f"memorylab.toml: {where}: a knob's name is capitals, digits and underscores", _HINT)
    return name


def _names(where: str, value: object) -> tuple[str, ...]:
    names = _texts(where, value)
    for name in names:
        if not alias_key(name):
            raise ConfigError(f"memorylab.toml: {where}: {name!r} names nothing", "give it a word of its own")
    return names


def _text(where: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 80 or not value.isprintable():
        raise ConfigError(f"memorylab.toml: {where} must be a short text, not {shown(value)}", _HINT)
    return value.strip()


def _texts(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST:
        raise ConfigError(f"memorylab.toml: {where} must be a list of texts, not {shown(value)}", _HINT)
    return tuple(_text(where, item) for item in value)
