"""What each known field of a row may hold: a field of another shape is dropped, so that readers need not look again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from memorylab.records import METRIC_FIELDS, finite, texts

Said = list[str]
"""What was dropped, in words, as a check goes on."""
Shape = Callable[[Any, str, Said], Any]
"""Takes a value that is not None, where it stands, and whom to tell; returns the value as readers get it, or None."""

MOST = 256
"""Entries of a list that are read. MemoryLab writes a dozen; 50,000 edits in one row took 9 to 25 s a command."""
MOST_NAMES = 2_000
"""Measurements of one run that are read."""
_WIDE = 1 << 63


def _text(value: Any, _where: str, _said: Said) -> Any:
    return value if isinstance(value, str) else None


def _flag(value: Any, _where: str, _said: Said) -> Any:
    return value if isinstance(value, bool) else None


def _whole(value: Any, _where: str, _said: Said) -> Any:
    return value if type(value) is int and abs(value) < 1_000 else None


def _number(value: Any, _where: str, _said: Said) -> Any:
    """A number that SQLite and a double can hold; other tools write some as text."""
    if type(value) is float or (type(value) is int and -_WIDE <= value < _WIDE):
        return value
    return finite(value)


def _scalar(value: Any, where: str, said: Said) -> Any:
    return value if isinstance(value, str | bool) else _number(value, where, said)


def _either(value: Any, where: str, said: Said) -> Any:
    return value if isinstance(value, str) else _number(value, where, said)


def _mapping(value: Any, _where: str, _said: Said) -> Any:
    return value if isinstance(value, dict) else None


def _texts(value: Any, where: str, said: Said) -> Any:
    """Texts by name."""
    if not isinstance(value, dict):
        return None
    for name in [name for name, held in value.items() if not isinstance(held, str)]:
        said.append(f"{where}.{name[:40]} ({_kind(value.pop(name))})")
    return value


def record(**fields: Shape) -> Shape:
    """An object with these fields, each of which may be missing; others are kept as they are."""

    def shape(value: Any, where: str, said: Said) -> Any:
        if not isinstance(value, dict):
            return None
        prefix = where and f"{where}."
        for name, part in fields.items():
            if (held := value.get(name)) is not None:
                sound = part(held, prefix + name, said)
                if sound is None:
                    said.append(f"{prefix}{name} ({_kind(held)})")
                    del value[name]
                elif sound is not held:
                    value[name] = sound
        return value

    return shape


def many(part: Shape) -> Shape:
    """A list of such values, of which so many are read."""

    def shape(value: Any, where: str, said: Said) -> Any:
        if not isinstance(value, list):
            return None
        if len(value) > MOST:
            said.append(f"{where} beyond the first {MOST} of {len(value):,}")
            value = value[:MOST]
        found = [part(item, where, said) if item is not None else None for item in value]
        if None in found:
            said.append(f"{found.count(None)} of {len(found)} {where}")
            found = [item for item in found if item is not None]
        return found

    return shape


def _tags(value: Any, where: str, said: Said) -> Any:
    """Tags are a list, or one text with commas."""
    if isinstance(value, str):
        value = texts(value)
    return _names(value, where, said)


def _measures(value: Any, where: str, said: Said) -> Any:
    """Measurements by name: what MemoryLab reads is a number, what else a tool kept there a scalar."""
    if not isinstance(value, dict):
        return None
    if len(value) > MOST_NAMES:
        said.append(f"{where} beyond the first {MOST_NAMES} of {len(value):,}")
        value = dict(list(value.items())[:MOST_NAMES])
    for name, held in list(value.items()):
        if held is not None:
            sound = (_number if name in METRIC_FIELDS else _scalar)(held, where, said)
            if sound is None:
                said.append(f"{where}.{name[:40]} ({_kind(held)})")
            value[name] = sound
    return value


def _arena(value: Any, where: str, said: Said) -> Any:
    """What makes runs comparable: without a metric and its direction it compares with nothing."""
    arena = _ARENA(value, where, said)
    if arena is None or not arena.get("metric") or arena.get("direction") not in ("min", "max"):
        return None
    return arena


def _edit(value: Any, where: str, said: Said) -> Any:
    edit = _EDIT(value, where, said)
    return edit if edit is not None and edit.get("target") else None


def _kind(value: object) -> str:
    """A value in a word or two."""
    names = {str: "text", bool: "true or false", dict: "an object", list: "a list"}
    if type(value) is dict and len(value) < 4:
        return "an object" if value else "an empty object"
    return names.get(type(value), "a number")


_names = many(_text)
_ARENA = record(
    **dict.fromkeys(("metric", "direction", "protected", "data", "device", "source", "era"), _text),
    **dict.fromkeys(("arguments", "environment", "campaign"), _text),
    budget_s=_number,
)
_EDIT = record(
    **{"target": _text, "op": _text, "from": _either, "to": _either, "direction": _text, "scope": _text, "knob": _text}
)
_IDEA = {"description": _text, "hypothesis": _text, "tags": _tags, "family": _text, "edits": many(_edit)}
_POLICY = record(decision=_text, reason=_text, mode=_text, evidence=_names, odds=_number)
_GUARD = record(
    classification=_text,
    probe_text=_text,
    threshold=_number,
    match_count=_number,
    counts=_mapping,
    top_matches=many(_mapping),
    mode=_text,
    effective_threshold=_number,
    policy=_POLICY,
    edits=many(_edit),
    knobs=many(_mapping),
    field_prior=many(_mapping),
    p_keep=_number,
    suggestion=_text,
    change=_text,
    mismatch=_text,
    judged=_text,
    judged_note=_text,
    elsewhere=many(_mapping),
    claimed_by=_mapping,
    claim=_mapping,
)
_COMPARISON = record(
    tokens_ratio=_number,
    contended=_flag,
    excused=_flag,
    starved=_flag,
    probability_better_than_base=_number,
    verdict=_text,
)
_PACKET = record(next_action=_text, target=_text, summary=_text, priority=_text, comparison=_COMPARISON)

RUN = record(
    schema=_whole,
    run_id=_text,
    timestamp_utc=_text,
    branch=_text,
    commit=_text,
    parent_commit=_text,
    status=_text,
    **_IDEA,
    notes=_text,
    metrics=_measures,
    resources=record(
        cpu_seconds=_number,
        wall_seconds=_number,
        cores_idle=_number,
        limit_seconds=_number,
        oom_kills=_number,
        device=_text,
        gpu=_mapping,
    ),
    starved=_text,
    error=record(summary=_text, tail=_text, source=_text, kind=_text),
    artifacts=record(directory=_text, log=_text, summary=_text, patch=_text, decision_packet=_text, log_bytes=_number),
    novelty_guard=_GUARD,
    decision_packet=_PACKET,
    base=record(run_id=_text, commit=_text, value=_number),
    arena=_arena,
    key=_text,
    dirty=_flag,
    integrity=_text,
    integrity_reasons=many(record(kind=_text, text=_text)),
    code=_text,
    state=record(key=_text, tree=_text, slots=_mapping, blocks=_texts),
    command=_text,
    environment=_texts,
    parent_run=_text,
    candidate=_text,
    change=_text,
    claim=_text,
    promoted=_flag,
    demoted=_text,
    control=record(failed=_flag, since=_text, of=_text, expected=_number, measured=_number, sigmas=_number),
    source=record(file=_text, line=_number, status=_text),
)
_SAID_BY = {"schema": _whole, "timestamp_utc": _text, "owner": _text}
KINDS: Mapping[str, tuple[Shape, tuple[str, ...]]] = {
    "run": (RUN, ()),
    "claim": (
        record(
            **_SAID_BY,
            **_IDEA,
            claim_id=_text,
            expires_utc=_text,
            named=_flag,
            worktree=_text,
            branch=_text,
            command=_text,
            arena=_arena,
        ),
        ("claim_id", "expires_utc"),
    ),
    "release": (record(**_SAID_BY, claim_id=_text), ("claim_id",)),
    "accept": (record(**_SAID_BY, run_id=_text, note=_text), ("run_id",)),
    "amend": (record(**_SAID_BY, run_id=_text, status=_text, value=_number, note=_text), ("run_id",)),
    "retract": (record(**_SAID_BY, run_id=_text, note=_text), ("run_id",)),
    "check": (
        record(
            **_SAID_BY,
            **_IDEA,
            command=_text,
            mode=_text,
            decision=_text,
            classification=_text,
            reason=_text,
            evidence=_names,
            campaign=_text,
        ),
        (),
    ),
    "repair": (record(**_SAID_BY, gaps=_names, aside=_names), ()),
}
"""By kind: its fields, and those without which the row says nothing."""
OTHER = record(schema=_whole)
"""A row of a kind that this version doesn't know."""
