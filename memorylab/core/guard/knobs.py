"""What is known about a knob: its present value, the values tried, and which other knobs a change of it touches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from memorylab.core.guard.bracket import Bracket, Point, bracket
from memorylab.core.reading.edits import Edit, number_text
from memorylab.core.reading.ideas import Past
from memorylab.core.reading.lexicon import lexicon
from memorylab.core.reading.vocabulary import FROM_ZERO
from memorylab.core.runs.crash_kinds import STARVED, UNHEARD_BEYOND
from memorylab.tuples import NamedTuple

ELSEWHERE = "the arena"  # stands in `Past.moved` for a run that another arena judged: a hint, never a proof
NOISE = 2.0  # sigmas a loss must exceed to count as one: the difference of two single runs has 1.4 sigma
SHOWN = 20  # newest tries of a knob that are listed
NOTED = 8  # values in a note, those nearest to the present one


T = TypeVar("T")


class Try(NamedTuple):
    """One earlier run of a knob. `to` is its value, "x0.5", "on", "off" or a direction."""

    to: float | str
    edit: Edit
    run: Past
    outcome: str
    """kept, better, tie, worse or crash, against the base of its time; a loss that nobody measured is worse."""
    here: bool
    """Nothing that interacts with the knob has changed in the base since."""
    alone: bool
    """The run changed nothing else."""


def touching(edits: Sequence[Edit], moved: Sequence[str]) -> tuple[str, ...]:
    """The targets among `moved` that interact with the edits, other than the edits' own; ELSEWHERE always does."""
    own = {edit.target for edit in edits}
    near = _near(own) - own
    return tuple(dict.fromkeys(target for target in moved if target in near or target == ELSEWHERE))


def _near(targets: Iterable[str]) -> frozenset[str]:
    """All that interacts with some of the targets."""
    interacting = lexicon().interacting
    return frozenset().union(*(interacting.get(name, ()) for name in targets))


def present_values(
    edits: Sequence[Edit], past: Sequence[Past], tree: Mapping[str, float | str] | None = None
) -> dict[str, float]:
    """The value that each numeric target has now.

    Said by the idea, else by the working `tree`, else by the last keep, else by a run's "from". What is off until
    somebody adds it (dropout, a decay on one part) counts as zero before its first keep.
    """
    out: dict[str, float] = {}
    for edit in edits:
        known = edit.frm
        if not isinstance(known, float):
            known = _from_history(edit, past)
            written = tree.get(edit.target) if tree and edit.scope is None else None
            if isinstance(written, float) and not _misleads(written, edit, past, known):
                known = written
        if known is None and edit.target.endswith(FROM_ZERO):
            known = 0.0
        if known is not None:
            out[edit.target] = known
    return out


def _misleads(written: float, edit: Edit, past: Sequence[Past], known: float | None) -> bool:
    """Whether the tree doesn't show the base: it has the idea's edit already, or is behind what was kept since."""
    goal: float | str | None = edit.to
    if edit.op == "scale" and isinstance(goal, float):
        goal = None if known is None else goal * known
    goal = 0.0 if goal == "off" else goal
    left = [
        theirs.frm
        for run in past
        if run.status == "keep" and run.in_base
        for theirs in run.edits
        if (theirs.target, theirs.scope) == (edit.target, edit.scope)
    ]
    return any(isinstance(value, float) and number_text(value) == number_text(written) for value in (goal, *left))


def _from_history(edit: Edit, past: Sequence[Past]) -> float | None:
    found: float | None = None
    newest = (False, -1)
    for run in past:
        for theirs in run.edits:
            if theirs.target != edit.target or theirs.scope != edit.scope or theirs.op == "scale":
                continue
            kept = run.status == "keep" and run.in_base
            value = theirs.to if kept else theirs.frm
            if isinstance(value, float) and (kept, run.seq) > newest:
                newest, found = (kept, run.seq), value
    return found


def tries(edit: Edit, past: Sequence[Past], now: float | None, beside: bool = False) -> list[Try]:
    """The earlier runs that changed the edit's target in its part of the model, oldest first.

    A run was made on the present base if nothing that interacts has changed since; with `beside` the target itself may
    have, for whoever looks at values and not at steps.
    """
    target, scope = edit.target, edit.scope
    near = _near({target}) | {target, ELSEWHERE}
    near = near - {target} if beside else near
    fair = [run for run in past if run.error_kind != STARVED]
    same = [(run, theirs) for run in fair for theirs in run.edits if theirs.target == target and theirs.scope == scope]
    same.sort(key=lambda pair: (pair[0].seq, pair[0].run_id))
    return [
        Try(_to(theirs, here, now), theirs, run, outcome(run), here, len(run.edits) == 1)
        for run, theirs in same
        for here in (near.isdisjoint(run.moved),)
    ]


def outcome(run: Past) -> str:
    """How a run ended against its base: kept, better, tie, worse or crash."""
    if run.status != "discard":
        return "kept" if run.status == "keep" else "crash"
    if run.gain is None or run.gain < -NOISE:
        return "worse"
    return "better" if run.gain > NOISE else "tie"


def _to(edit: Edit, here: bool, now: float | None) -> float | str:
    if edit.op == "scale" and isinstance(edit.to, float) and here and now is not None:
        return edit.to * now  # "halve it" on this very base
    return edit.to if isinstance(edit.to, float) and edit.op != "scale" else edit.state


def around(target: str, now: float | None, tried: Sequence[Try]) -> Bracket | None:
    """The bracket around the present value, from the fair tries on this base that changed nothing else."""
    if now is None:
        return None
    points: list[Point] = []
    closed: set[str] = set()
    for one in tried:
        if not (one.here and one.alone) or one.run.error_kind in UNHEARD_BEYOND:
            continue
        failed = one.outcome in ("worse", "crash")
        if isinstance(one.to, float) and one.to != now:
            points.append(Point(one.to, failed, one.run.gain))
        elif failed and one.edit.direction:
            closed.add("above" if one.edit.direction == "up" else "below")
        left = one.edit.frm  # what a kept value was better than is a failed neighbour, too
        if one.outcome == "kept" and one.to == now and isinstance(left, float) and left != now and _clear(one.run):
            points.append(Point(left, True, None if one.run.gain is None else -one.run.gain))
    here = {point.value for point in points}
    known = (value for one in tried for value in (one.to, one.edit.frm) if isinstance(value, float))
    return bracket(target, now, points, frozenset(closed), [value for value in known if value not in here])


def _clear(run: Past) -> bool:
    return run.gain is None or run.gain > NOISE


def memory(edits: Sequence[Edit], past: Sequence[Past], base: Mapping[str, float]) -> list[dict[str, Any]]:
    """Per touched target: the values tried with their outcomes, the present value, the bracket, and a note in words."""
    out: list[dict[str, Any]] = []
    plain = [edit for edit in reversed(edits) if not edit.opaque]
    for (target, scope), edit in {(edit.target, edit.scope): edit for edit in plain}.items():
        now = base.get(target)
        tried = tries(edit, past, now)
        if not tried:
            continue
        known = around(target, now, tried)
        values = by_value(tried, now)
        out.append(
            {
                "target": target,
                "scope": scope,
                "present": now,
                "tried": [_record(one) for one in tried[-SHOWN:]],
                "values": values,
                "bracket": {"below": known.below if known else None, "above": known.above if known else None},
                "bracketed": bool(known and known.bracketed),
                "untried": known.untried if known else None,
                "suggestion": known.suggestion if known else None,
                "note": _note(values, now, known),
            }
        )
    return out[::-1]


def _record(one: Try) -> dict[str, Any]:
    return {
        "to": one.to,
        "status": one.run.status,
        "gain": one.run.gain,
        "run_id": one.run.run_id,
        "outcome": one.outcome,
        "here": one.here,
        "alone": one.alone,
    }


def by_value(tried: Iterable[Try], now: float | None) -> list[dict[str, Any]]:
    """The distinct values nearest to the present one in their order, each with its number of tries and their outcome.

    Tries on this base stand apart from those on others.
    """
    groups: dict[tuple[bool, str], list[Try]] = {}
    for one in tried:
        groups.setdefault((one.here, number_text(one.to)), []).append(one)
    ordered = sorted(groups.values(), key=lambda group: (isinstance(group[0].to, str), group[0].to, not group[0].here))
    return [_common(group) for group in _nearest(ordered, now, SHOWN, lambda group: group[0].to)]


def _common(group: Sequence[Try]) -> dict[str, Any]:
    gains = [one.run.gain for one in group if one.run.gain is not None]
    lost = any(one.outcome == "worse" and one.run.gain is None for one in group)  # nobody knows by how much
    gain = sum(gains) / len(gains) if gains and not lost else None
    said = {one.outcome for one in group}
    if len(said) > 1 and "kept" not in said:  # several runs of one value: their mean is nearer to the truth
        said = {outcome(group[0].run._replace(status="discard", gain=gain))}
    return {
        "to": group[0].to,
        "n": len(group),
        "kept": sum(one.outcome == "kept" for one in group),
        "outcome": "kept" if "kept" in said else said.pop(),
        "gain": gain,
        "here": group[0].here,
    }


def _note(values: Sequence[Mapping[str, Any]], now: float | None, known: Bracket | None) -> str:
    """ "0.03 worse, 0.05 worse on this base; bracketed; untried: none nearby"."""
    shown = _nearest(values, now, NOTED, lambda row: row["to"])
    parts = []
    for here, where in ((True, "on this base"), (False, "on an older base")):
        said = [_said(row) for row in shown if row["here"] is here]
        parts += [f"{', '.join(said)} {where}"] if said else []
    if known is not None:
        parts += ["bracketed"] if known.bracketed else []
        whose = "" if all(row["here"] for row in values) else " here"
        parts.append(f"untried{whose}: {untried(known, now) or 'none nearby'}")
    return "; ".join(parts)


def _nearest(values: Sequence[T], now: float | None, most: int, to: Callable[[T], float | str]) -> list[T]:
    """Those nearest to the present value, in their order; the last ones where it isn't known."""
    if now is None or len(values) <= most:
        return list(values[-most:])
    gaps = sorted(
        (abs(value - now) if isinstance(value, float) else math.inf, n) for n, value in enumerate(map(to, values))
    )
    return [values[n] for n in sorted(n for _, n in gaps[:most])]


def _said(row: Mapping[str, Any]) -> str:
    told = {"tie": "no different", "crash": "crashed"}.get(row["outcome"], row["outcome"])
    often = f"{row['kept']} of {row['n']}" if 0 < row["kept"] < row["n"] else f"{row['n']}"
    return f"{spoken(row['to'])} {told}" + (f" ({often} times)" if row["n"] > 1 else "")


def spoken(value: float | str) -> str:
    """A value as people write it: six significant digits, whole numbers in full."""
    return (
        f"{value:.0f}" if isinstance(value, float) and value.is_integer() and abs(value) < 1e12 else number_text(value)
    )


def untried(known: Bracket, now: float | None) -> str:
    """Which neighbour nobody tried, in words: "below 0.04, e.g. 0.03"; "" where there is none nearby."""
    if now is None or (known.untried is None and known.suggestion is None):
        return ""
    example = "" if known.suggestion is None else f", e.g. {spoken(known.suggestion)}"
    if known.untried == "both":
        return f"both sides of {spoken(now)}"
    if known.untried:
        return f"{known.untried} {spoken(now)}{example}"
    end = known.below if known.suggestion is not None and known.suggestion < now else known.above
    low, high = sorted((now, end if end is not None else now))
    return f"between {spoken(low)} and {spoken(high)}{example}"
