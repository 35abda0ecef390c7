"""A state of the code as it is kept and compared; `memorylab.core.reading.state` makes it of the files."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from memorylab.tuples import NamedTuple

_SEED = re.compile(r"(?:.*_)?seeds?(?:_.*)?|random_state|rng", re.IGNORECASE)
_COUNTED = re.compile(r"(?:n|num|no|count|number)_.*|.*_(?:count|num)", re.IGNORECASE)


class State(NamedTuple):
    """What the code is, as far as a run could notice."""

    key: str
    slots: Mapping[str, Any] = {}
    """One value each: constants, defaults, keyword arguments, entries, options, leaves of configuration files."""
    blocks: Mapping[str, str] = {}
    """A fingerprint for each function, method and class, for the file's other statements, and for unread files."""

    def record(self) -> dict[str, Any]:
        """The form in which a row keeps it."""
        return {"key": self.key, "slots": dict(self.slots), "blocks": dict(self.blocks)}

    @classmethod
    def from_record(cls, raw: Mapping[str, Any] | None) -> State | None:
        """The state that a row recorded; None where it has none that makes sense."""
        key = (raw.get("key") or raw.get("tree")) if raw else None
        if raw is None or not isinstance(key, str):
            return None
        slots, prints = raw.get("slots"), raw.get("blocks")
        return cls(key, slots if isinstance(slots, dict) else {}, prints if isinstance(prints, dict) else {})


def is_seed(name: str) -> bool:
    """Whether a name is that of a seed, which makes another run of the same experiment.

    >>> is_seed("SEED"), is_seed("random_state"), is_seed("data_seed"), is_seed("n_seeds")
    (True, True, True, False)
    """
    name = name.rpartition(".")[2].lstrip("-$").replace("-", "_")
    return _SEED.fullmatch(name) is not None and _COUNTED.fullmatch(name) is None


def with_slots(state: State, given: Mapping[str, Any], ignored: Collection[str] = ()) -> State:
    """The state with slots set from outside, as by arguments; one that is set to what it is changes nothing.

    `--batch-size 8` sets BATCH_SIZE or batch_size where the code has that and no option of this name.
    """
    given = {meant(name, state.slots): value for name, value in given.items()}
    changed = {
        name: value
        for name, value in given.items()
        if not (name in state.slots and state.slots[name] == value) and not left_out(name, ignored)
    }
    if not changed:
        return state._replace(slots={**state.slots, **given}) if given else state
    key = digest(json.dumps([state.key, sorted(changed.items())], sort_keys=True))
    return State(key, {**state.slots, **given}, state.blocks)


def meant(name: str, slots: Mapping[str, Any]) -> str:
    """The slot that an argument sets: `--batch-size` is the code's batch_size or BATCH_SIZE, where it has one."""
    bare = name.removeprefix("--").replace("-", "_")
    spellings = (bare, bare.upper()) if name.startswith("--") and name not in slots else ()
    return next((spelling for spelling in spellings if spelling in slots), name)


def difference(old: State, new: State) -> tuple[str, ...]:
    """The slots and blocks in which two states differ; nothing where they are one, seeds apart."""
    if old.key == new.key:
        return ()
    missing = object()
    slots = [
        name
        for name in dict.fromkeys((*new.slots, *old.slots))
        if old.slots.get(name, missing) != new.slots.get(name, missing) and not is_seed(name)
    ]
    marks = [name for name in dict.fromkeys((*new.blocks, *old.blocks)) if old.blocks.get(name) != new.blocks.get(name)]
    return (*slots, *marks)


def digest(text: str) -> str:
    """Sixteen digits that stand for a text."""
    import hashlib  # a plain `check` takes no checksums

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def left_out(name: str, ignored: Collection[str]) -> bool:
    """Whether a slot says nothing: a seed, or one that the settings ignore."""
    last = name.rpartition(".")[2].lstrip("-$").replace("-", "_").lower()
    return is_seed(name) or any(last == item.lstrip("-$").replace("-", "_").lower() for item in ignored)
