"""Typed edits out of a text, because two descriptions are the same experiment when they reach the same target state.

"lower momentum to 0.93" and "raise momentum to 0.93" are one edit; "warmdown 0.5 to 0.7" and "0.7 to 0.5" are two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..records import EditRecord, finite
from . import clauses, wording
from .lexicon import lexicon
from .tokens import tokens

MAX_TEXT = 4000  # characters of a description that are read; the longest in 12,141 public rows has 1,087


class Edit(NamedTuple):
    """One change: what is touched, how, and to which value. `frm` is None when the text does not say."""

    target: str
    op: str
    frm: float | str | None = None
    to: float | str | None = None
    direction: str | None = None
    scope: str | None = None

    def record(self) -> EditRecord:
        """The JSON form, with the key "from"."""
        return {
            "target": self.target,
            "op": self.op,
            "from": self.frm,
            "to": self.to,
            "direction": self.direction,
            "scope": self.scope,
        }

    @classmethod
    def from_record(cls, raw: Mapping[str, Any]) -> Edit:
        """The edit from its JSON form; missing keys are None, a value of the wrong kind is dropped."""
        text = {name: value for name in ("target", "op", "direction", "scope") if isinstance(value := raw.get(name), str)}
        return cls(
            text.get("target", ""),
            text.get("op", "set"),
            _value(raw.get("from")),
            _value(raw.get("to")),
            text.get("direction"),
            text.get("scope"),
        )

    @property
    def key(self) -> str:
        """The target state as a string: the same experiment has the same key, however it was worded."""
        return f"{self.target}|{self.scope or ''}|{self._state()}"

    def _state(self) -> str:
        if self.to is not None:
            if self.op == "scale":
                return f"x{number_text(self.to)}"
            return "off" if self.to in (0, "off") else number_text(self.to)
        if self.op == "remove":
            return "off"
        return self.direction or "on"


def _value(raw: object) -> float | str | None:
    return raw if isinstance(raw, str) else finite(raw)


def number_text(value: float | str) -> str:
    """A value as it stands in a key: six significant digits, so that 0.1 and 0.1000000001 are one."""
    return value if isinstance(value, str) else f"{value:.6g}"


def parse(description: str, tags: Sequence[str] = ()) -> tuple[Edit, ...]:
    """The edits that an idea makes, the most telling first; the context it is made in is not part of them.

    A text without any known word yields one edit on a target made of its own words, so only an empty text has none.
    """
    reading = clauses.read(tokens(description[:MAX_TEXT]))
    found = [edit for proto in reading.protos if (edit := _edit(proto)) is not None]
    if not found and tags:
        found = [edit for proto in clauses.read(tokens(" ".join(tags)[:MAX_TEXT])).protos if (edit := _edit(proto))]
    return tuple(dict.fromkeys(found[:8]))


def _edit(proto: clauses.Proto) -> Edit | None:
    target = proto.target or " ".join(proto.words[:5])
    if not target:
        return None
    frm, to, direction = proto.frm, proto.to, proto.direction
    op = proto.op
    if proto.factor is not None and to is None and (proto.concept or target == "EPOCHS"):
        to = proto.factor
    if proto.factor is not None and to is None:
        direction = "up" if proto.factor > 1 else "down"
        if isinstance(frm, float):
            to, op = frm * proto.factor, "set"
        else:
            to, op = proto.factor, "scale"
    elif op == "remove":
        to = "off" if to == 0 else to
    elif to is not None and op != "replace":
        op = "set"
    elif to is None and direction and op in ("add", ""):
        op = "scale"
    if isinstance(frm, float) and isinstance(to, float) and op != "scale" and frm != to:
        direction = "up" if to > frm else "down"
    return Edit(target, op or ("set" if to is not None else "add"), frm, to, direction, proto.scope or None)


def words(description: str, tags: Sequence[str] = ()) -> frozenset[str]:
    """The content words of an idea: names of known terms and stems of unknown words; no outcome words, no numbers."""
    text = description[:MAX_TEXT]
    found = clauses.read(tokens(f"{text} {' '.join(tags)}" if tags else text))
    return frozenset(found.words)


def circumstances(description: str) -> frozenset[str]:
    """The words with which a text says what is different around its edit ("with chunked loss", "now that LR is lower")."""
    return frozenset(clauses.read(tokens(description[:MAX_TEXT])).circumstances)


def infer_family(edits: Sequence[Edit], description: str = "") -> str:
    """The family of the first edit whose target has one, else of the description's known words, else "other"."""
    families = lexicon().families
    for edit in edits:
        target = edit.target
        family = families.get(target) or families.get(target.rpartition("_")[2])
        if family:
            return family
    for word in sorted(words(description)) if description else ():
        if word in families and word not in wording.GENERIC:
            return families[word]
    return "other"
