"""Reads `memorylab.toml` and writes its first version: what is measured, by which command, which files may change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from memorylab import files
from memorylab.core.lazily import pattern
from memorylab.core.reading.own import Own
from memorylab.errors import ConfigError, shown
from memorylab.records import MODES, Direction, finite
from memorylab.tuples import NamedTuple

NAME = "memorylab.toml"
"""As messages call the settings, whatever their file's name is."""
LARGEST = 1 << 20
"""Bytes of settings that are read."""
LONGEST_BUDGET_S = 1e9
"""Thirty years; a system's timers overflow somewhere beyond."""
MOST_SLOTS = 256
_BUDGET = f"a number of seconds up to {LONGEST_BUDGET_S:.0e}"
_SHOWN = 120
_QUOTED = pattern(r""""[^"\n]*"|'[^'\n]*'""")
_WITHIN = pattern(r"(?P<file>[^\0]+\.py):(?P<inside>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_MOST_DOTS = 100
"""In names; Python reads one of 20,000 parts (40 kB) in 7 s. No setting has more than three."""


_PATTERN = "a regular expression with the number in its first group, or in one named value"

SANDBOX = ("auto", "off", "required")


class Config(NamedTuple):
    """The settings of a workspace; these defaults are autoresearch's."""

    metric: str = "val_bpb"
    direction: Direction = "min"
    command: tuple[str, ...] = ("python", "train.py")
    time_budget_s: float = 300.0
    mutable: tuple[str, ...] = ("train.py",)
    protected: tuple[str, ...] = ("prepare.py",)
    data: tuple[str, ...] = ("~/.cache/autoresearch",)
    sandbox: str = "auto"
    store: str = ""
    threshold: float = 0.62
    block_below: float | None = None
    mode: str = "exploit"
    pins: Mapping[str, str] = {}
    priors: bool = True
    vocabulary: Own = Own()
    false_wins: float = 0.2
    metric_pattern: str = ""
    arena_arguments: tuple[str, ...] = ()
    arena_environment: tuple[str, ...] = ()
    arena_ignore: tuple[str, ...] = ()
    environment_record: tuple[str, ...] = ()
    slots: int = 1
    guarded: tuple[str, ...] = ()
    """Protected functions of files that may change, as `protected` names them: `train.py:evaluate`."""


def load(path: Path, environment: Mapping[str, str], kept: Path | None = None) -> Config:
    """The configuration at `path`, else the copy of it that was `kept`, else the defaults.

    `AUTORESEARCH_TIME_BUDGET` (seconds), which the training script obeys, overrides the configured budget, and
    `AUTORESEARCH_DATA`, where prepare.py finds its data, the default folder.

    Raises:
        ConfigError: the file is no TOML or a value is of the wrong kind.

    """
    values = _values(path if kept is None or files.stands(path) else kept)
    try:
        config = checked(values)
    except ConfigError as error:  # each campaign has a file of its own
        raise ConfigError(error.message.replace(NAME, path.name, 1), error.hint) from error
    if "data" not in values and environment.get("AUTORESEARCH_DATA"):
        config = config._replace(data=(environment["AUTORESEARCH_DATA"],))
    budget = finite(environment.get("AUTORESEARCH_TIME_BUDGET"))
    return config._replace(time_budget_s=budget) if budget and 0 < budget <= LONGEST_BUDGET_S else config


def _values(path: Path) -> dict[str, Any]:
    """What the file says; nothing where there is none. A link to nothing is told of: somebody chose settings."""
    if not files.stands(path):
        return {}
    import tomllib

    try:
        # Line ends as a text file has them: TOML knows no lone carriage return.
        text = files.read_bounded(path, LARGEST).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        if any(line.count(".") > _MOST_DOTS for line in _QUOTED.sub("", text).split("\n")):
            raise ConfigError(f"{path.name} is nested too deeply", "mend or delete it")
        return tomllib.loads(text)
    except OSError as error:
        raise files.explain(error, f"read {path.name}") from error
    except RecursionError as error:
        raise ConfigError(f"{path.name} is nested too deeply", "mend or delete it") from error
    except ValueError as error:  # no TOML, no UTF-8, or a number of more digits than Python reads
        raise ConfigError(f"{path.name} is not valid TOML: {str(error)[:_SHOWN]}", "mend or delete it") from error


def checked(values: Mapping[str, Any]) -> Config:
    """The settings that a file's values are.

    Raises:
        ConfigError: one of them isn't what it can be.

    """
    settings: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("mutable", "protected", "data", "command"):
            settings[name] = _names(name, value)
            if name == "protected":
                settings[name], settings["guarded"] = apart(settings[name])
        elif name == "metric":
            good = isinstance(value, str) and value.isprintable() and 0 < len(value) <= _SHOWN
            settings[name] = _expect(name, value, good, "a short text on one line")
        elif name == "metric_pattern":
            settings[name] = _expect(name, value, _is_pattern(value), _PATTERN)
        elif name == "store":
            settings[name] = _expect(name, value, _file_name(value), "the path of a file, or empty")
        elif name == "direction":
            settings[name] = _expect(name, value, value in ("min", "max"), '"min" or "max"')
        elif name == "sandbox":
            settings[name] = _expect(name, value, value in SANDBOX, " or ".join(map(repr, SANDBOX)))
        elif name == "time_budget_s":
            settings[name] = float(_expect(name, value, _positive(value), _BUDGET))
        elif name == "false_wins":
            share = finite(value) if not isinstance(value, str) else None
            settings[name] = _expect(name, share, share is not None and 0 <= share <= 1, "a share from 0 to 1")
        elif name == "priors":
            settings[name] = _expect(name, value, isinstance(value, bool), "true or false")
        elif name == "guard":
            settings |= _guard(value)
        elif name == "run":
            settings |= _run(value)
        elif name == "vocabulary":
            from memorylab.adapters.vocabulary import own_terms  # few workspaces have words of their own

            settings[name] = own_terms(value)
        elif name in ("arena", "environment"):
            from memorylab.adapters import identity_settings  # few workspaces need them

            settings |= identity_settings.table(name, value)
        elif name == "pins":
            settings[name] = _pins(value)
        else:
            raise ConfigError(f"memorylab.toml: unknown setting {shown(name)}", f"known are {', '.join(_KNOWN)}")
    return Config(**settings)


def _is_pattern(text: object) -> bool:
    try:
        return isinstance(text, str) and len(text) <= 1_000 and bool(re.compile(text))
    except (re.error, RecursionError, OverflowError):
        return False


def apart(protected: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The protected files, and the functions (`train.py:evaluate`) among the names."""
    inside = tuple(name for name in protected if within(name))
    return tuple(name for name in protected if name not in inside), inside


def within(name: str) -> tuple[str, str] | None:
    """File and name inside of a protected function or constant; None where a file is meant.

    >>> within("train.py:Trainer.evaluate"), within("prepare.py")
    (('train.py', 'Trainer.evaluate'), None)
    """
    found = _WITHIN.fullmatch(name)
    return (found["file"], found["inside"]) if found else None


def _file_name(store: object) -> bool:
    if not isinstance(store, str) or "\0" in store:
        return False
    return not store or bool(Path(store.partition(":")[2] if ":" in store else store).name)


def _pins(value: object) -> dict[str, str]:
    pins = cast(dict[str, Any], _expect("pins", value, isinstance(value, dict), "a table of file = checksum"))
    for name, item in pins.items():  # a setting written below the last table is taken for one of its entries
        _expect(f"pins.{name}", item, isinstance(item, str), "a checksum (settings stand above the tables)")
    return pins


def _guard(value: object) -> dict[str, Any]:
    table = cast(dict[str, Any], _expect("guard", value, isinstance(value, dict), "a table"))
    settings: dict[str, Any] = {}
    for name, item in table.items():
        if name in ("threshold", "block_below"):
            number = finite(item)
            _expect(f"guard.{name}", item, number is not None and 0 <= number <= 1, "a number from 0 to 1")
            settings[name] = number
        elif name == "mode":
            settings[name] = _expect("guard.mode", item, item in MODES, " or ".join(MODES))
        else:
            raise ConfigError(
                f"memorylab.toml: unknown setting {shown(f'guard.{name}')}", "known are threshold, block_below, mode"
            )
    return settings


def _run(value: object) -> dict[str, Any]:
    table = cast(dict[str, Any], _expect("run", value, isinstance(value, dict), "a table"))
    settings: dict[str, Any] = {}
    for name, item in table.items():
        if name != "slots":
            raise ConfigError(f"memorylab.toml: unknown setting {shown(f'run.{name}')}", "known is slots")
        good = type(item) is int and 1 <= item <= MOST_SLOTS
        settings[name] = _expect("run.slots", item, good, f"a whole number from 1 to {MOST_SLOTS}")
    return settings


def _names(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return _split(value) if name == "command" else (value,)
    good = isinstance(value, list) and all(isinstance(item, str) and "\0" not in item for item in value)
    return tuple(_expect(name, value, good, "a list of texts"))


def _split(command: str) -> tuple[str, ...]:
    import shlex

    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        told = f"memorylab.toml: command {shown(command)} can't be read: {error}"
        raise ConfigError(told, "close the quote") from error


def _positive(value: object) -> bool:
    return not isinstance(value, str) and 0 < (finite(value) or 0.0) <= LONGEST_BUDGET_S


def _expect(name: str, value: Any, good: object, kind: str) -> Any:
    if not good:
        told = f"{name[:_SHOWN]} must be {kind}, not {shown(value)}"
        raise ConfigError(f"memorylab.toml: {told}", "mend the line, or delete it")
    return value


_KNOWN = (
    *(
        "metric",
        "metric_pattern",
        "direction",
        "command",
        "time_budget_s",
        "mutable",
        "protected",
        "data",
        "sandbox",
        "store",
        "false_wins",
        "priors",
        "guard",
        "run",
    ),
    *("vocabulary", "arena", "environment", "pins"),
)


def tables(path: Path, kept: Path | None = None) -> dict[str, Any]:
    """What stands in tables of the file at `path`, else of the copy that was `kept`, as it is written there.

    Raises:
        ConfigError: the file is no TOML.

    """
    values = _values(path if kept is None or files.stands(path) else kept)
    return {name: value for name, value in values.items() if isinstance(value, dict)}


def first_version(config: Config, tables: Mapping[str, Any] = MappingProxyType({}), campaign: str = "") -> str:
    """The file that `init` writes: every setting explained, those that differ from the defaults switched on.

    `tables` stand in it as they are, in place of their explanations.
    """
    from memorylab.adapters.identity_settings import FIRST

    default = Config()
    whose = f" for the campaign {campaign}" if campaign else ""

    def line(name: str, value: object, explanation: str) -> str:
        mark = "" if value != getattr(default, name) else "# "
        return f"# {explanation}\n{mark}{name} = {_toml(value)}\n"

    return "\n".join(
        [
            f"# MemoryLab's settings{whose}. Lines that begin with # show the defaults.\n",
            line("metric", config.metric, "The measurement that decides, by its name in the summary."),
            line(
                "metric_pattern", config.metric_pattern, "Finds its number in the log, if no usual shape does: a regex."
            ),
            line("direction", config.direction, "min: lower is better; max: higher is better."),
            line("command", config.command, "What `run` executes when no command is given after --."),
            line(
                "time_budget_s",
                config.time_budget_s,
                "Seconds that one training run takes; `run` stops it after twice that, on a busy machine later.",
            ),
            line("mutable", config.mutable, "Files that an experiment may change."),
            line(
                "protected",
                (*config.protected, *config.guarded),
                "Files, or functions in one of them (train.py:evaluate), that judge experiments and must not change.",
            ),
            line("data", config.data, "Files and folders that the judge reads; read-only while a run trains."),
            line(
                "sandbox",
                config.sandbox,
                "auto: `run` trains in a sandbox where the system has one; off: never; required: not without one.",
            ),
            line("store", config.store, "Where the ledger is, if not results/memorylab/experiments.jsonl."),
            line(
                "false_wins", config.false_wins, "Share of what `--status auto` keeps that may gain nothing in truth."
            ),
            line("priors", config.priors, "Whether ideas are judged with counts from other people's ledgers too."),
            _table("guard", tables)
            or "# [guard]\n# threshold = 0.62  # similarity from which an earlier run counts as a match\n"
            "# block_below, unset: a row of failed relatives blocks an idea when, going by them, P(keep) is below it.\n"
            "# `memorylab replay --tune` proposes both for your own ledger.\n"
            '# mode = "exploit"  # explore, exploit or replicate, when --mode is not given\n',
            _table("run", tables)
            or "# [run]\n# slots = 1  # runs that may train at once on one device, whoever starts them\n",
            "# Knobs of your own, with their other names; more in [vocabulary.families] and [vocabulary.interacts].\n"
            + (_table("vocabulary", tables) or '# [vocabulary]\n# MY_KNOB = ["my knob", "the knob"]\n'),
            FIRST,
            *(text for name in ("arena", "environment") if (text := _table(name, tables))),
            "# Checksums of the protected files as agreed on; `memorylab pin` renews them. A run with other ones\n"
            "# can't become champion.\n" + _pins_table(config.pins),
        ]
    )


def with_pins(path: Path, config: Config) -> str:
    """The file's text with the pins of `config`, all else as it is; its first version where there is none.

    Raises:
        ConfigError: its `[pins]` aren't written as a table of their own.

    """
    import re
    import tomllib

    if not path.is_file():
        return first_version(config)
    text = path.read_text("utf-8-sig")
    old = re.search(r"^[ \t]*\[[ \t]*pins[ \t]*\].*\n?(?:(?![ \t]*\[).*(?:\n|\Z))*?(?=[ \t]*\[|\Z)", text, re.MULTILINE)
    table = _pins_table(config.pins)
    new = f"{text[: old.start()]}{table}{text[old.end() :]}" if old else f"{text.rstrip()}\n\n{table}".lstrip()
    try:
        same = tomllib.loads(new) == {**tomllib.loads(text), "pins": dict(config.pins)}
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise ConfigError(
            f"{path.name}: [pins] can't be rewritten", "make it a table of its own at the end, or delete it"
        )
    return new


def _pins_table(pins: Mapping[str, str]) -> str:
    return "[pins]\n" + "".join(f'{_toml(name)} = "{checksum}"\n' for name, checksum in pins.items())


def _table(name: str, tables: Mapping[str, Any]) -> str:
    """A table with those in it; empty where there is none."""
    table = tables.get(name)
    if not isinstance(table, Mapping):
        return ""
    plain = "".join(
        f"{_key(entry)} = {_toml(value)}\n" for entry, value in table.items() if not isinstance(value, Mapping)
    )
    inner = {f"{name}.{_key(entry)}": value for entry, value in table.items() if isinstance(value, Mapping)}
    return "\n".join([f"[{name}]\n{plain}", *(_table(deeper, inner) for deeper in inner)])


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML has no halves of characters
    if isinstance(value, float):
        return text if float(text := f"{value:g}") == value else repr(value)
    return str(value)
