"""What somebody states of a knob without editing it: "MATRIX_LR=0.05", "DEPTH*=2", or that it is taken away.

Values are read as Python's literals; nothing is ever evaluated but arithmetic on numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from memorylab.core.reading import blocks, literals
from memorylab.core.reading.folding import Fold
from memorylab.core.reading.literals import Value
from memorylab.errors import UsageError
from memorylab.tuples import NamedTuple

MOST = 64
"""Knobs that one idea may set; more are a configuration."""
_LONGEST = 2_000
_SHOWN = 60
_SWITCHES: dict[str, Value] = {"true": True, "false": False, "null": None}
_DIGITS = 12  # 0.04 * 1.1 is 0.044 for whoever writes it down
_PARTS = re.compile(r"\s*(.*?)\s*(\*=|/=|\+=|-=|=)\s*(.*?)\s*", re.DOTALL)
_HINT = "write NAME=VALUE with a number, True, 'text' or (1, 2), or NAME*=2, /=, += or -="


class Setting(NamedTuple):
    """A knob as it is to be: by which operator (`del` takes it away), and the value, a bare word as `Word`."""

    name: str
    op: str
    value: Any = None

    @property
    def told(self) -> str:
        """The setting as somebody would type it."""
        return f"-{self.name}" if self.op == "del" else f"{self.name}{self.op}{shown(self.value)}"


class Word(str):
    """A value without quotes: a text where the knob holds one, else a switch or nothing as configurations write it."""

    __slots__ = ()


def read(told: str) -> Setting:
    """A setting as it is typed.

    >>> read("DEPTH*=2"), read("BATCH = 2**15").value, read("ACT=gelu").value
    (Setting(name='DEPTH', op='*=', value=2.0), 32768.0, 'gelu')

    Raises:
        UsageError: it is none.

    """
    found = _PARTS.fullmatch(told[:_LONGEST])
    if found is None or not found[1] or len(told) > _LONGEST:
        raise UsageError(f"{_cut(told)!r} sets nothing", _HINT)
    name, op, value = found.groups()
    if not value:
        raise UsageError(f"{_cut(told)!r} has no value", f"{_HINT}; --unset {name} takes it away")
    return Setting(name, op, _value(value))


def stated(told: object) -> list[Setting]:
    """Settings as JSON has them: {"MATRIX_LR": 0.05}, or ["MATRIX_LR=0.05", "DEPTH*=2"].

    Raises:
        UsageError: they are none.

    """
    if isinstance(told, Mapping):
        return [Setting(str(name).strip(), "=", _given(name, value)) for name, value in told.items()]
    if isinstance(told, list | tuple) and all(isinstance(item, str) for item in told):
        return [read(item) for item in told]
    raise UsageError("what is set is neither an object nor a list of texts", 'write {"NAME": 0.05} or ["NAME=0.05"]')


def removal(name: str) -> Setting:
    """That a knob is taken away.

    Raises:
        UsageError: there is no name.

    """
    if not name.strip():
        raise UsageError("what is to be unset has no name", "name a knob of the code")
    return Setting(name.strip(), "del")


def outcome(setting: Setting, present: Value) -> Value:
    """The value that a knob has then.

    Raises:
        UsageError: the operator takes numbers, the result is none, or a bare word stands where no text is.

    """
    told = setting.value
    if setting.op == "=":
        return _kept_kind(setting, present)
    if not _is_number(present) or not _is_number(told):
        wrong = f"{setting.name} is {shown(present)}" if not _is_number(present) else f"{shown(told)} is none"
        raise UsageError(f"{setting.op} takes numbers, but {wrong}", "write NAME=VALUE")
    try:
        match setting.op:
            case "*=":
                result = present * told
            case "/=":
                result = present / told
            case "+=":
                result = present + told
            case _:
                result = present - told
        result = float(f"{result:.{_DIGITS}g}")
    except ArithmeticError:
        result = math.nan
    if not math.isfinite(result):
        raise UsageError(f"{setting.told} leads to no number from {shown(present)}", "give another value")
    return result


def shown(value: Value) -> str:
    """A value as it is written in Python, cut where it is long."""
    return _cut(written(value))


def written(value: Value) -> str:
    """A value as Python code."""
    if isinstance(value, tuple):
        return f"({', '.join(map(written, value))}{',' * (len(value) == 1)})"
    if _is_number(value):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return repr(str(value)) if isinstance(value, str) else repr(value)


def _kept_kind(setting: Setting, present: Value) -> Value:
    """The value that is set; where a text is read as a number, as of a variable's default, it stays a text."""
    told: Value = setting.value
    if isinstance(told, Word):
        if isinstance(present, str):
            return str(told)
        if told in _SWITCHES:
            return _SWITCHES[told]
        if present is None:
            return str(told)
        raise UsageError(f"{shown(str(told))} is no value for {setting.name}, which is {shown(present)}", _HINT)
    if _is_number(told) and isinstance(present, str) and _is_numeral(present):
        return written(told)
    return told


def _is_number(value: Value) -> TypeGuard[float]:
    return isinstance(value, float) and not isinstance(value, bool)


def _is_numeral(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _value(text: str) -> Value:
    """What a text stands for: a literal, else a word."""
    try:
        (only,) = blocks.parse(text).body
        node = Fold().visit(only).value
        found = literals.literal(node)
    except (SyntaxError, ValueError, AttributeError, RecursionError, MemoryError):
        node, found = None, literals.NONE
    if not isinstance(found, literals.No):
        if _beyond(found, node):
            raise UsageError(f"{_cut(text)!r} is no number that a knob can have", _HINT)
        return found
    return Word(text)


def _beyond(value: object, node: Any) -> bool:
    """Whether a number was read as a text, since no float holds it."""
    if isinstance(value, tuple):
        return any(_beyond(item, part) for item, part in zip(value, node.elts, strict=True))
    return isinstance(value, str) and not isinstance(getattr(node, "value", None), str)


def _given(name: object, value: object) -> Value:
    """A value from JSON."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    if isinstance(value, list) and value and len(value) <= _LONGEST:
        return tuple(_given(name, item) for item in value)
    raise UsageError(f"{_cut(str(name))} is set to what no knob can hold", "give a number, a switch, a text or a list")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
