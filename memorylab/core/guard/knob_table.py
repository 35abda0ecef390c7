"""The knobs of an arena as rows: how often each was tried, what came of it, and which side is untried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.guard.knobs import ELSEWHERE, Try, memory, present_values, tries
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.ideas import Past

POINTS = 100
"""Newest tries of a knob that are listed or drawn."""


def row(
    target: str, counts: Mapping[str, int], past: Sequence[Past], tree: Mapping[str, float | str]
) -> dict[str, Any]:
    """One knob. `counts` holds all its runs by status, `past` the newest of them; `tree` the working tree's values.

    A knob that was tried on several parts of the model is told for the part that was tried most.
    """
    scopes = Counter(edit.scope for run in past for edit in run.edits if edit.target == target)
    scope = max(scopes, key=lambda name: (scopes[name], name is None, name or ""), default=None)
    probe = Edit(target, "set", scope=scope)
    base = present_values([probe], past, tree)
    known = next(iter(memory([probe], past, base)), {})
    tried = tries(probe, past, base.get(target))
    return {
        "knob": target,
        "scope": scope,
        "present": base.get(target, tree.get(target)),
        "runs": sum(counts.values()),
        "values": len({str(one.to) for one in tried}),
        "keep": counts.get("keep", 0),
        "discard": counts.get("discard", 0),
        "crash": counts.get("crash", 0),
        "best": _best(tried),
        "bracket": known.get("bracket", {"below": None, "above": None}),
        "bracketed": known.get("bracketed", False),
        "untried": known.get("untried"),
        "suggestion": known.get("suggestion"),
        "note": known.get("note", ""),
        "tries": [_told(one) for one in tried[-POINTS:]],
    }


def numeric(knob: Mapping[str, Any]) -> bool:
    """Whether there is something to draw: two measured values or more."""
    return len({one["to"] for one in knob["tries"] if isinstance(one["to"], float) and one["gain"] is not None}) > 1


def _best(tried: Sequence[Try]) -> dict[str, Any] | None:
    """The try that gained most over its base."""
    measured = [(one.run.gain, one.run.seq, one) for one in tried if one.run.gain is not None]
    if not measured:
        return None
    gain, _, one = max(measured, key=lambda item: item[:2])
    return {"to": one.to, "gain": gain, "run_id": one.run.run_id}


def _told(one: Try) -> dict[str, Any]:
    run = one.run
    return {
        "to": one.to,
        "outcome": one.outcome,
        "status": run.status,
        "gain": run.gain,
        "value": run.value,
        "run_id": run.run_id,
        "here": one.here,
        "alone": one.alone,
        "base": _base(one),
        "description": run.description,
    }


def _base(one: Try) -> str:
    """Which base a try was made on, in words."""
    if one.here:
        return "this one"
    if ELSEWHERE in one.run.moved:
        return "another arena"
    changed = [name for name in one.run.moved if name != ELSEWHERE]
    return f"older: {', '.join(changed[:2])} changed since"
