"""From matches to a verdict: which earlier runs speak against an idea, and how much of it is still true today."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import wording
from .edits import Edit, circumstances, number_text
from .lexicon import lexicon
from .policy import Verdict
from .similarity import Match, distance, text_similarity

if TYPE_CHECKING:
    from .novelty import Idea, Past

NOISE = 2.0  # sigmas a loss must exceed to count as one: the difference of two single runs has 1.4 sigma
TIGHT = 1.0  # octaves between two failed neighbours that leave no room for a better value
CLOSE = 0.7  # share of words from which a text without origin means the kept edit itself
LARGE = 5.0  # sigmas from which a loss survives changes of the base that do not touch the edit
INVALID = frozenset(("patch_failed", "import_error", "interrupted", "disk_full", "infrastructure", "timeout_host", "preempted"))

Found = Sequence[tuple[Match, "Past"]]


def touching(edits: Sequence[Edit], moved: Sequence[str]) -> tuple[str, ...]:
    """The targets changed in the base since that interact with one of the edits (their own included)."""
    interacting = lexicon().interacting
    out: list[str] = []
    for target in moved:
        for edit in edits:
            if target == edit.target or target in interacting.get(edit.target, ()):
                out.append(target)
                break
    return tuple(dict.fromkeys(out))


def present_values(edits: Sequence[Edit], past: Sequence[Past]) -> dict[str, float]:
    """The value that each numeric target of the idea has now: said by the idea, else by the last keep, else by a run's "from"."""
    out: dict[str, float] = {}
    for edit in edits:
        if isinstance(edit.frm, float):
            out[edit.target] = edit.frm
            continue
        newest = (-1, 0)
        for run in past:
            for theirs in run.edits:
                if theirs.target != edit.target or theirs.scope != edit.scope:
                    continue
                kept = run.status == "keep" and run.in_base
                value = theirs.to if kept else theirs.frm
                rank = (1 if kept else 0, run.seq)
                if isinstance(value, float) and theirs.op != "scale" and rank > newest:
                    newest = rank
                    out[edit.target] = value
        if edit.target not in out and edit.target.endswith(wording.FROM_ZERO):
            out[edit.target] = 0.0
    return out


def invalid(run: Past) -> bool:
    """Whether the run says nothing of its idea: the machine, the disk or the patch failed."""
    return run.status == "crash" and run.error_kind in INVALID


def within_noise(run: Past) -> bool:
    """Whether the failure could be chance; a crash never is, an unknown loss is taken for real."""
    return run.status == "discard" and run.gain is not None and run.gain > -NOISE


def outcome(run: Past) -> str:
    """The outcome in brackets, as reasons cite it: "discard, -2.1 sigma"."""
    if run.status == "crash":
        return f"crash, {run.error_kind}" if run.error_kind else "crash"
    return f"{run.status}, {run.gain:+.1f} sigma" if run.gain is not None else run.status


def named(edit: Edit | None) -> str:
    """An edit in a few words: "MATRIX_LR 0.05", "remove value embedding (top 3)"."""
    if edit is None:
        return "this"
    scope = f" ({edit.scope})" if edit.scope else ""
    if edit.op == "remove":
        return f"removing {edit.target}{scope}"
    if edit.to is None:
        return f"{edit.target} {edit.direction}{scope}" if edit.direction else f"{edit.target}{scope}"
    value = f"x{number_text(edit.to)}" if edit.op == "scale" else number_text(edit.to)
    return f"{edit.target} {value}{scope}"


def classify(idea: Idea, found: Found, base: Mapping[str, float], threshold: float) -> Verdict:
    """The class of the idea with its reason, from the strongest kind of evidence to the weakest."""
    same = sorted(((match, run) for match, run in found if match.relation == "same"), key=lambda pair: -pair[1].seq)
    if same:
        return _same(idea, [run for _, run in same], all(match.firm for match, _ in same))
    verdict = _line(idea, found, base)
    if verdict:
        return verdict
    return _other(idea, found, threshold)


def _same(idea: Idea, same: Sequence[Past], firm: bool) -> Verdict:
    last = same[0]
    if idea.edits[0].target in wording.CONTROLS:
        return Verdict("duplicate_run", f"it is a control run like {last.run_id}", (last.run_id,), soft="a control run measures the noise")
    what = named(idea.edits[0])
    if last.status == "keep":
        return _kept(idea, last, what)
    valid = [run for run in same if not invalid(run) and run.status != "keep"]
    if not valid:
        return Verdict(
            "duplicate_run", f"{what} was tried in {last.run_id} ({outcome(last)})", (last.run_id,),
            soft="that failure is no evidence against the idea",
        )  # fmt: skip
    run = valid[0]
    said = f"{what} was tried in {run.run_id} ({outcome(run)})"
    new = circumstances(idea.description) - circumstances(run.description)
    if new:
        soft = f"what is new this time ({', '.join(sorted(new)[:3])}) may change the outcome"
        return Verdict("repeat_failure", said, (run.run_id,), soft=soft)
    moved = touching(idea.edits, run.moved)
    if moved:
        soft = f"{', '.join(moved[:3])} changed in the base since, which interacts"
        return Verdict("repeat_failure", said, (run.run_id,), soft=soft)
    soft = _weak(run) or ("" if firm else "the match rests on few words")
    if _restores(idea):
        soft = soft or "the text says that something lost is put back"
    where = "on the same base" if not run.moved else f"and {', '.join(run.moved[:3])} changed since, which does not touch it"
    return Verdict("duplicate_run", f"{said} {where}", tuple(r.run_id for r in valid[:5]), soft=soft)


def _weak(run: Past) -> str:
    if within_noise(run):
        return "that loss was within the noise"
    if run.moved and run.status == "discard" and run.gain is not None and run.gain > -LARGE:
        return "the base has changed since and the loss was small"
    return ""


def _restores(idea: Idea) -> bool:
    text = idea.description.lower()
    return any(word in text for word in wording.RESTORE)


def _kept(idea: Idea, run: Past, what: str) -> Verdict:
    said = f"{what} was kept in {run.run_id}"
    edit = idea.edits[0]
    if edit.op == "scale" or (edit.to is None and edit.direction):
        return Verdict("incremental_followup", f"{said}; this is another step that way", (run.run_id,))
    if _restores(idea):
        return Verdict("known_success", f"{said}; the text says that the tree has lost it", (run.run_id,))
    if run.in_base and edit.frm is None and text_similarity(idea.words, run.words) >= CLOSE and not circumstances(idea.description) - circumstances(run.description):
        return Verdict("known_success", f"{said} and is still in the base", (run.run_id,), noop=True)
    return Verdict("known_success", f"{said}, but is no longer in the base" if not run.in_base else said, (run.run_id,))


def _line(idea: Idea, found: Found, base: Mapping[str, float]) -> Verdict | None:
    """The verdict of a knob's own history: its failures beyond, its bracket, its kept line."""
    on_line = [(match, run) for match, run in found if match.relation in ("further", "nearer", "opposite", "other_value", "same_line")]
    if not on_line:
        return None
    edit = next((e for e in idea.edits if any(m.target == e.target for m, _ in on_line)), idea.edits[0])
    failed = [(m, r) for m, r in on_line if r.status != "keep" and not invalid(r)]
    beyond = [r for m, r in failed if m.relation == "further"]
    around = _bracket(edit, failed, base)
    short = [r for m, r in failed if m.relation == "nearer"]
    kept = max((r for _, r in on_line if r.status == "keep"), key=lambda r: r.seq, default=None)
    if kept is not None and _restores(idea):
        return Verdict("known_success", f"{edit.target} was kept in {kept.run_id}; the text says that the tree has lost it", (kept.run_id,))
    if beyond:
        return _beyond(idea, edit, max(beyond, key=lambda r: r.seq), len(beyond))
    line = _kept_line(edit, kept, base.get(edit.target))
    if around and not line:
        low, high = around
        said = f"{named(edit)} lies between {low.run_id} ({outcome(low)}) and {high.run_id} ({outcome(high)}), which failed"
        return Verdict("repeat_failure", said, (low.run_id, high.run_id), soft=_excuse(idea, low) or _excuse(idea, high))
    if short and not line:
        return _shorter(idea, edit, short, base)
    if kept is not None and (line or kept.seq > max((r.seq for _, r in failed), default=-1)):
        return Verdict("incremental_followup", f"{edit.target} was kept in {kept.run_id}; this is a step along that line", (kept.run_id,))
    opposite = next((r for m, r in failed if m.relation == "opposite"), None)
    if opposite is not None:
        return Verdict("novel", f"the opposite direction failed in {opposite.run_id} ({outcome(opposite)}), this one is untried")
    return Verdict("novel", f"{edit.target} was tried at other values, not at this one")


def _bracket(edit: Edit, failed: Found, base: Mapping[str, float]) -> tuple[Past, Past] | None:
    """The failed neighbours on both sides of the edit's value, when they lie close and the present value is not between."""
    if not isinstance(edit.to, float) or edit.op == "scale":
        return None
    below: tuple[float, Past] | None = None
    above: tuple[float, Past] | None = None
    for _, run in failed:
        for theirs in run.edits:
            if theirs.target != edit.target or theirs.scope != edit.scope or not isinstance(theirs.to, float) or theirs.op == "scale":
                continue
            if theirs.to < edit.to and (below is None or theirs.to > below[0]):
                below = theirs.to, run
            if theirs.to > edit.to and (above is None or theirs.to < above[0]):
                above = theirs.to, run
    if below is None or above is None or below[0] <= base.get(edit.target, math.inf) <= above[0]:
        return None
    return (below[1], above[1]) if abs(distance(below[0], above[0])) <= TIGHT else None


def _kept_line(edit: Edit, kept: Past | None, origin: float | None) -> bool:
    """Whether the last keep on the target moved it the way this edit goes (or has no direction)."""
    if kept is None:
        return False
    theirs = next((e for e in kept.edits if e.target == edit.target), None)
    going = edit.direction
    if going is None and isinstance(edit.to, float) and origin is not None and edit.op != "scale":
        going = "up" if edit.to > origin else "down"
    return theirs is None or going is None or theirs.direction is None or theirs.direction == going


def _beyond(idea: Idea, edit: Edit, run: Past, count: int) -> Verdict:
    said = f"{named(edit)} goes further than {run.run_id}, which failed ({outcome(run)})"
    if count > 1:
        said += f" like {count - 1} more"
    return Verdict("repeat_failure", said, (run.run_id,), soft=_excuse(idea, run))


def _excuse(idea: Idea, run: Past) -> str:
    """Why a failure may not repeat itself: a fix, a base that moved where it matters, a loss within the noise."""
    new = circumstances(idea.description) - circumstances(run.description)
    if new:
        return f"what is new this time ({', '.join(sorted(new)[:3])}) may change the outcome"
    moved = [target for target in touching(idea.edits, run.moved) if all(target != e.target for e in idea.edits)]
    if moved:
        return f"{', '.join(moved[:3])} changed in the base since, which interacts"
    return _weak(run)


def _shorter(idea: Idea, edit: Edit, short: Sequence[Past], base: Mapping[str, float]) -> Verdict:
    """A smaller step than one that failed is waste only when its share of the loss is beyond the noise as well."""
    run = max(short, key=lambda r: r.seq)
    said = f"{named(edit)} is a smaller step the way {run.run_id} failed ({outcome(run)})"
    soft = _excuse(idea, run)
    share = _share(edit, run, base.get(edit.target))
    if not soft and (share is None or run.gain is None or run.gain * share > -LARGE):
        soft = "a smaller step may cost less than the noise"
    return Verdict("repeat_failure", said, (run.run_id,), soft=soft)


def _share(edit: Edit, run: Past, origin: float | None) -> float | None:
    theirs = next((e for e in run.edits if e.target == edit.target), None)
    if origin is None or theirs is None or not isinstance(edit.to, float) or not isinstance(theirs.to, float):
        return None
    whole = distance(origin, theirs.to)
    return abs(distance(origin, edit.to) / whole) if whole else None


def _other(idea: Idea, found: Found, threshold: float) -> Verdict:
    """What remains: ideas that share a concept, a part or words with earlier runs."""
    for match, run in found:
        if match.relation == "related" and run.status == "keep" and run.in_base and len(idea.edits) == len(run.edits) == 1:
            return Verdict("incremental_followup", f"it extends {run.run_id}, which was kept, to another part", (run.run_id,))
        if match.relation == "text" and match.similarity >= threshold and run.status == "keep":
            return Verdict("known_success", f"it reads like {run.run_id}, which was kept", (run.run_id,))
    if not found:
        return Verdict("novel", "nothing close was tried before")
    return Verdict("novel", f"the closest run, {found[0][1].run_id}, changes something else")


def knob_memory(edits: Sequence[Edit], past: Sequence[Past], base: Mapping[str, float]) -> list[dict[str, Any]]:
    """Per touched target: the values tried with their outcomes, and a note on the bracket."""
    out: list[dict[str, Any]] = []
    for target in dict.fromkeys(edit.target for edit in edits):
        tried = [
            {"to": theirs.to if theirs.to is not None else theirs.op, "status": run.status, "gain": run.gain, "run_id": run.run_id}
            for run in sorted(past, key=lambda run: run.seq)
            for theirs in run.edits
            if theirs.target == target
        ]
        if tried:
            out.append({"target": target, "tried": tried[-20:], "note": _note(tried, base.get(target))})
    return out


def _note(tried: Sequence[Mapping[str, Any]], now: float | None) -> str:
    said = []
    worse: list[float] = []
    for row in tried[-8:]:
        value = number_text(row["to"])
        said.append(f"{value} {'kept' if row['status'] == 'keep' else 'crashed' if row['status'] == 'crash' else 'worse'}")
        if row["status"] != "keep" and isinstance(row["to"], float):
            worse.append(row["to"])
    if now is not None and worse and min(worse) < now < max(worse):
        said.append(f"bracketed around {number_text(now)}")
    return ", ".join(said)
