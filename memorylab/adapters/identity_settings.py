"""The tables `[arena]` and `[environment]` of memorylab.toml: what of a command and its variables says what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorylab.errors import ConfigError, shown

_TABLES: Mapping[str, Mapping[str, str]] = {
    "arena": {"arguments": "arena_arguments", "environment": "arena_environment", "ignore": "arena_ignore"},
    "environment": {"record": "environment_record"},
}
"""By table: its entries, and the settings that they are."""
_MOST = 200


def table(name: str, value: object) -> dict[str, Any]:
    """The settings that one of the tables makes.

    Raises:
        ConfigError: it is no table, or an entry is unknown or no list of names.

    """
    if not isinstance(value, dict):
        raise ConfigError(f"memorylab.toml: {name} must be a table, not {shown(value)}", "mend the line, or delete it")
    known = _TABLES[name]
    found: dict[str, Any] = {}
    for entry, names in value.items():
        if entry not in known:
            raise ConfigError(
                f"memorylab.toml: unknown setting {shown(f'{name}.{entry}')}", f"known are {', '.join(known)}"
            )
        names = [names] if isinstance(names, str) else names
        good = isinstance(names, list) and len(names) <= _MOST and all(_is_name(one) for one in names)
        if not good:
            told = f"{name}.{entry} must be a list of names, not {shown(names)}"
            raise ConfigError(f"memorylab.toml: {told}", "mend the line, or delete it")
        found[known[entry]] = tuple(names)
    return found


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= 120


FIRST = (
    "# What of a command is what. An argument of the judge, a budget or a number of steps makes another arena; one of\n"
    "# the code under trial is an idea; seeds and names of outputs say nothing. These lists settle the rest.\n"
    '# [arena]\n# arguments = []  # e.g. "--assets"\n# environment = []  # variables, e.g. "EVAL_SPLIT"\n'
    "# ignore = []  # arguments, variables and constants, beside seeds\n\n"
    "# Variables that steer a run, beside AUTORESEARCH_*: each is recorded, and another value is another experiment.\n"
    "# [environment]\n# record = []\n"
)
"""How `memorylab.toml` begins to tell of them."""
