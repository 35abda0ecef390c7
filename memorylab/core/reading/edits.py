"""Typed edits out of a text, because two descriptions are the same experiment when they reach the same target state.

"lower momentum to 0.93" and "raise momentum to 0.93" are one edit; "warmdown 0.5 to 0.7" and "0.7 to 0.5" are two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from memorylab.core.reading import clauses, wording
from memorylab.core.reading.labels import without_labels
from memorylab.core.reading.lexicon import content, generation, lexicon, longest, spelled
from memorylab.core.reading.proto import Proto
from memorylab.core.reading.relative import absolute
from memorylab.core.reading.tokens import tokens
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.records import EditRecord, finite
from memorylab.tuples import NamedTuple

MAX_TEXT = 4000  # characters of a description that are read; the longest in 12,141 public rows has 1,087
MAX_EDITS = 8  # a text that lists more is a configuration, not an edit


class _Fields(NamedTuple):
    target: str
    op: str
    frm: float | str | None = None
    to: float | str | None = None
    direction: str | None = None
    scope: str | None = None
    name: str | None = None


class Edit(_Fields):
    """One change: what is touched, how, and to which value. `frm` is None when the text does not say.

    Edits are compared by their `target`, for which many names stand; `name` is what the code at hand calls it, where
    that is another one. What is shown and stored is that name.

    What follows from the fields is kept: an edit of history is held against many ideas.
    """

    def record(self) -> EditRecord:
        """The JSON form, with the key "from"; under another name also what it is compared by, as "knob"."""
        told: EditRecord = {
            "target": self.shown,
            "op": self.op,
            "from": self.frm,
            "to": self.to,
            "direction": self.direction,
            "scope": self.scope,
        }
        if self.shown != self.target:
            told["knob"] = self.target
        return told

    @classmethod
    def from_record(cls, raw: Mapping[str, Any]) -> Edit:
        """The edit from its JSON form; missing keys are None, a value of the wrong kind is dropped."""
        text = {
            name: value
            for name in ("target", "op", "direction", "scope", "knob")
            if isinstance(value := raw.get(name), str)
        }
        return cls(
            text.get("knob") or text.get("target", ""),
            text.get("op", "set"),
            _value(raw.get("from")),
            _value(raw.get("to")),
            text.get("direction"),
            text.get("scope"),
            text.get("target") if text.get("knob") else None,
        )

    @property
    def shown(self) -> str:
        """The target as the code calls it."""
        return self.name or self.target

    @cached_property
    def opaque(self) -> bool:
        """Whether it is a block of code of which only fingerprints ("#1f0c…") are known, before and after."""
        return any(isinstance(value, str) and value.startswith("#") for value in (self.frm, self.to))

    @cached_property
    def in_code(self) -> bool:
        """Whether the target is a place in the code ("MLP.forward", "AdamW.eps") and no name of the vocabulary."""
        return self.opaque or ("." in self.target and " " not in self.target)

    @cached_property
    def key(self) -> str:
        """The target state as a string: the same experiment has the same key, however it was worded."""
        return f"{self.target}|{self.scope or ''}|{self.state}"

    @property
    def state(self) -> str:
        """What the target is set to, as it stands in the key: a value, "x0.5", "on", "off" or a direction."""
        if self.to is not None:
            if self.to in (0, "off"):
                return "off"
            return {"scale": "x", "remove": "off "}.get(self.op, "") + number_text(self.to)
        if self.op == "remove":
            return "off"
        return self.direction or "on"


def plain(edits: Sequence[Edit]) -> Sequence[Edit]:
    """The edits that the vocabulary has a name for, where there are any: places in the code are no knobs."""
    return edits if len(edits) < 2 else [edit for edit in edits if not edit.in_code] or edits


def _value(raw: object) -> float | str | None:
    return raw if isinstance(raw, str) else finite(raw)


def number_text(value: float | str) -> str:
    """A value as it stands in a key: six significant digits, so that 0.1 and 0.1000000001 are one."""
    return value if isinstance(value, str) else f"{value:.6g}"


def parse(description: str, tags: Sequence[str] = ()) -> tuple[Edit, ...]:
    """The edits that an idea makes, the most telling first; the context it is made in is not part of them.

    A text without any known word yields one edit on a target made of its own words, so only an empty text has none.
    """
    found = _edits(description)
    if not found and tags:
        found = _edits(" ".join(tags))
    if not found and description.strip():
        found = [Edit(" ".join(description.lower().split())[:80], "set")]
    return tuple(dict.fromkeys(found[:MAX_EDITS]))


def read(text: str) -> clauses.Reading:
    """What a text says, taken apart; the same object for the same text, so change nothing of it."""
    return _reading(text[:MAX_TEXT], generation())


def _edits(text: str) -> list[Edit]:
    reading = read(text)
    found = [edit for proto in reading.protos if (edit := _edit(proto)) is not None]
    return [_placed(edit, reading.place) for edit in found] if reading.place else found


def _placed(edit: Edit, place: str) -> Edit:
    """An edit of the component that the description begins with; a control run stays one."""
    if edit.target in CONTROLS:
        return edit
    return edit._replace(scope=" ".join(sorted({place, *(edit.scope or "").split()})))


@lru_cache(maxsize=256)
def _reading(text: str, words_in_force: int) -> clauses.Reading:
    """The reading of a text; kept for a moment, because edits, words and circumstances are asked for in turn."""
    place, edit = without_labels(text, _named)
    reading = clauses.read(tokens(absolute(edit), lexicon().singles))
    if place:
        reading.place = place
        reading.words |= set(map(content, place.split()))
        reading.said |= set(map(content, place.split()))
    return reading


def _named(label: str) -> bool:
    """Whether a label is the name of a thing to change, as in "dropout: …"."""
    found = tokens(label)
    return any(kind == "k" for kind, _ in found) or any(longest(found, at) for at in range(len(found)))


def _edit(proto: Proto) -> Edit | None:
    target = proto.target or " ".join(proto.words[:5])
    if not target:
        return None
    frm, to, direction = proto.frm, proto.to, proto.direction
    op = proto.op
    if proto.factor is not None and to is None and (proto.concept or target in ("EPOCHS", "PARTIAL_ROPE")):
        to = proto.factor
    if proto.factor is not None and to is None:
        direction = "up" if proto.factor > 1 else "down"
        if isinstance(frm, float):
            to, op = finite(frm * proto.factor), "set"
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
    text = f"{' '.join(tags)} ; {description}" if tags else description
    return frozenset(read(text).words)


def circumstances(description: str) -> frozenset[str]:
    """What a text says is different around its edit ("with chunked loss", "now that LR is lower"), as content words."""
    return frozenset(read(description).circumstances)


def said(description: str) -> frozenset[str]:
    """All that a text names, its context included: content words, and numbers as "#0.05"."""
    return frozenset(read(description).said)


def infer_family(edits: Sequence[Edit], description: str = "") -> str:
    """The family of the first edit whose target has one, else of the description's known words, else "other"."""
    families = lexicon().families
    for edit in edits:
        target = edit.target
        family = families.get(target) or families.get(target.rpartition("_")[2])
        if family:
            return family
    named = {spelled(name): family for name, family in families.items()} if description else {}
    for word in sorted(words(description)) if description else ():
        if word in named and word not in wording.GENERIC:
            return named[word]
    return "other"
