"""What is known about a knob: its present value, the values tried, and which other knobs a change of it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.edits import Edit, number_text
from memorylab.core.ideas import Past
from memorylab.core.lexicon import lexicon
from memorylab.core.vocabulary import FROM_ZERO

ELSEWHERE = "the arena"  # stands in `Past.moved` for a run that another arena judged: a hint, never a proof
NOISE = 2.0  # sigmas a loss must exceed to count as one: the difference of two single runs has 1.4 sigma
SHOWN = 20  # newest tries of a knob that are listed


def touching(edits: Sequence[Edit], moved: Sequence[str]) -> tuple[str, ...]:
    """The targets among `moved` that interact with the edits, other than the edits' own; ELSEWHERE always does."""
    interacting = lexicon().interacting
    own = {edit.target for edit in edits}
    near = {other for name in own for other in interacting.get(name, ())} - own
    return tuple(dict.fromkeys(target for target in moved if target in near or target == ELSEWHERE))


def present_values(edits: Sequence[Edit], past: Sequence[Past]) -> dict[str, float]:
    """The value that each numeric target has now: said by the idea, else by the last keep, else by a run's "from".

    What is off until somebody adds it (dropout, a decay on one part) counts as zero before its first keep.
    """
    out: dict[str, float] = {}
    for edit in edits:
        if isinstance(edit.frm, float):
            out[edit.target] = edit.frm
            continue
        newest = (False, -1)
        for run in past:
            for theirs in run.edits:
                if theirs.target != edit.target or theirs.scope != edit.scope or theirs.op == "scale":
                    continue
                kept = run.status == "keep" and run.in_base
                value = theirs.to if kept else theirs.frm
                if isinstance(value, float) and (kept, run.seq) > newest:
                    newest = (kept, run.seq)
                    out[edit.target] = value
        if edit.target not in out and edit.target.endswith(FROM_ZERO):
            out[edit.target] = 0.0
    return out


def memory(edits: Sequence[Edit], past: Sequence[Past], base: Mapping[str, float]) -> list[dict[str, Any]]:
    """Per touched target: the values tried with their outcomes, oldest first, and a note in words."""
    out: list[dict[str, Any]] = []
    for target in dict.fromkeys(edit.target for edit in edits if not edit.opaque):
        tried = [
            {
                "to": theirs.state if theirs.to is None else theirs.to,
                "status": run.status,
                "gain": run.gain,
                "run_id": run.run_id,
            }
            for run in sorted(past, key=lambda run: run.seq)
            for theirs in run.edits
            if theirs.target == target
        ]
        if tried:
            out.append({"target": target, "tried": tried[-SHOWN:], "note": _note(tried, base.get(target))})
    return out


def _said(row: Mapping[str, Any]) -> str:
    if row["status"] != "discard":
        return "kept" if row["status"] == "keep" else "crashed"
    return "tied" if row["gain"] is not None and abs(row["gain"]) <= NOISE else "worse"


def _note(tried: Sequence[Mapping[str, Any]], now: float | None) -> str:
    said = [f"{number_text(row['to'])} {_said(row)}" for row in tried[-8:]]
    worse = [row["to"] for row in tried if row["status"] != "keep" and isinstance(row["to"], float)]
    if now is not None and worse and min(worse) < now < max(worse):
        said.append(f"bracketed around {number_text(now)}")
    return ", ".join(said)
