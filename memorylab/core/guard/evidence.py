"""From matches to a verdict: which earlier runs speak against an idea, and how much of that is still true today."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from memorylab.core.guard.citing import ended, in_words, named, outcome, subject
from memorylab.core.guard.knobs import NOISE, touching
from memorylab.core.guard.policy import Verdict
from memorylab.core.reading import wording
from memorylab.core.reading.edits import Edit, circumstances, number_text
from memorylab.core.reading.ideas import Idea, Past
from memorylab.core.reading.lexicon import lexicon
from memorylab.core.reading.similarity import Match, distance, steps
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.core.runs.crash_kinds import UNHEARD_BEYOND, UNTRIED

LARGE = 5.0  # sigmas from which a loss survives changes of the base that do not touch the edit
TIGHT = 1.0  # octaves between two failed neighbours that leave no room for a better value
_LINE = frozenset(("further", "nearer", "opposite", "other_value", "same_line"))

Found = Sequence[tuple[Match, "Past"]]


def classify(idea: Idea, found: Found, base: Mapping[str, float], threshold: float) -> Verdict:
    """The class of the idea with its reason, from the strongest kind of evidence to the weakest."""
    if not idea.edits:
        return Verdict("novel", "the description says nothing")
    same = [(match, run) for match, run in found if match.relation == "same" and match.similarity >= threshold]
    same.sort(key=lambda pair: -pair[1].seq)
    if same:
        return _same(idea, same, found)
    if idea.edits[0].target in CONTROLS:
        return Verdict("novel", "a control run measures the noise", control=True)
    line = [(match, run) for match, run in found if match.relation in _LINE]
    return _line(idea, line, base) if line else _other(idea, found, threshold)


def invalid(run: Past) -> bool:
    """Whether the run says nothing of its idea: the machine, the disk, the patch or the base failed."""
    return run.error_kind in UNTRIED


def mended(idea: Idea, run: Past) -> bool:
    """Whether a run crashed with other code than the idea has: its crash is evidence about that code alone."""
    return run.status == "crash" and bool(idea.change and run.change) and idea.change != run.change


def _same(idea: Idea, same: Found, found: Found) -> Verdict:
    edit = idea.edits[0]
    last = same[0][1]
    if edit.target in CONTROLS:
        said = f"it is a control run like {last.run_id}"
        return Verdict("duplicate_run", said, (last.run_id,), soft="a control run measures the noise", control=True)
    near = found if _restores(idea) else same
    kept = next((run for match, run in near if run.status == "keep" and match.target == edit.target), None)
    if kept is not None and (kept.in_base or kept is last):
        doubt = next(match.doubt for match, run in near if run is kept)
        return _kept(idea, edit, kept, doubt)
    valid = [(match, run) for match, run in same if run.status != "keep" and not invalid(run) and not mended(idea, run)]
    if not valid:
        said = f"{named(edit, idea)} was tried in {last.run_id} ({outcome(last)})"
        soft = (
            "the code isn't the one that crashed"
            if mended(idea, last)
            else "that failure is no evidence against the idea"
        )
        return Verdict("duplicate_run", said, (last.run_id,), soft=soft)
    match, run = valid[0]
    said = f"{named(edit, idea)} was tried in {run.run_id} ({outcome(run)})"
    changed = _changed(idea, run)
    if changed:
        return Verdict("repeat_failure", said, (run.run_id,), soft=changed)
    soft = _weak(run) or match.doubt
    if _restores(idea):
        soft = "the text says that something lost is put back"
    where = f"and {_listed(run.moved)} changed since, which does not touch it" if run.moved else "on the same base"
    ids = tuple(run.run_id for _, run in valid[:5])
    return Verdict("duplicate_run", f"{said} {where}", ids, soft=soft, proven=not run.moved)


def _kept(idea: Idea, edit: Edit, run: Past, doubt: str) -> Verdict:
    """The verdict on a kept edit said again: a no-op while it is in the base, a next step when it has no value."""
    said = f"{named(edit, idea)} was kept in {run.run_id}"
    if edit.op == "scale" or (edit.to is None and edit.direction):
        return Verdict("incremental_followup", f"{said}; this is another step that way", (run.run_id,))
    if _restores(idea):
        return Verdict("known_success", f"{said}; the text says that the tree has lost it", (run.run_id,))
    if not run.in_base:
        return Verdict("known_success", f"{said}, but is no longer in the base", (run.run_id,))
    if not doubt and edit.frm is None and len(idea.edits) == 1:
        return Verdict("known_success", f"{said} and is still in the base", (run.run_id,), noop=True)
    return Verdict("known_success", said, (run.run_id,))


def _changed(idea: Idea, run: Past) -> str:
    """What is new since `run` and may change its outcome: circumstances that the text names, a base that interacts."""
    new = circumstances(idea.description)
    new = new and new - circumstances(run.description)  # most ideas name none, and reading a run's text takes long
    if new:
        return f"what is new this time ({_listed(in_words(new, idea))}) may change the outcome"
    moved = touching(idea.edits, run.moved)
    relative = [edit.target for edit in idea.edits if edit.op == "scale" or (edit.to is None and edit.direction)]
    moved += tuple(target for target in relative if target in run.moved)
    if run.error_kind == "oom":
        moved = tuple(target for target in moved if not _weightless(target))
    return f"{_listed(moved)} changed in the base since, which interacts" if moved else ""


def _weightless(target: str) -> bool:
    """Whether a knob can't change how much memory is needed: a rate, a schedule, a start."""
    families = lexicon().families
    family = families.get(target) or families.get(target.rpartition("_")[2])
    return target.isupper() and family in ("optimizer", "schedule", "init", "regularization")


def _weak(run: Past) -> str:
    """Why a loss may be chance; a crash never is, and an unknown loss is taken for real."""
    if run.status != "discard" or run.gain is None:
        return ""
    if run.gain > NOISE:
        return "it was better than its base"
    if run.gain > -NOISE:
        return f"that {'loss' if run.gain < 0 else 'difference'} was within the noise"
    return "the base has changed since and the loss was small" if run.moved and run.gain > -LARGE else ""


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:3])


def _restores(idea: Idea) -> bool:
    text = idea.description.lower()
    return any(word in text for word in wording.RESTORE)


def _line(idea: Idea, line: Found, base: Mapping[str, float]) -> Verdict:
    """The verdict of a knob's own history: its failures beyond, its bracket, its kept line."""
    edit = next((edit for edit in idea.edits if edit.target == line[0][0].target), idea.edits[0])
    origin = base.get(edit.target)
    failed = [(match, run) for match, run in line if run.status != "keep" and run.error_kind not in UNHEARD_BEYOND]
    kept = max((run for _, run in line if run.status == "keep"), key=lambda run: run.seq, default=None)
    if kept is not None and _restores(idea):
        said = f"{subject(edit, kept)} was kept in {kept.run_id}; the text says that the tree has lost it"
        return Verdict("known_success", said, (kept.run_id,))
    beyond = [(match, run) for match, run in failed if match.relation == "further"]
    if beyond:
        return _beyond(idea, edit, beyond, _farthest(edit, line, origin))
    if kept is None or not _along(edit, kept, origin):
        around = _bracket(edit, failed, origin)
        short = [(match, run) for match, run in failed if match.relation == "nearer"]
        if around:
            return _between(idea, edit, *around)
        if short:
            return _shorter(idea, edit, max(short, key=lambda pair: pair[1].seq), origin)
    newest = max((run.seq for _, run in failed), default=-1)
    if kept is not None and _along(edit, kept, origin):
        said = f"{subject(edit, kept)} was kept in {kept.run_id}; this is a step along that line"
        return Verdict("incremental_followup", said, (kept.run_id,))
    if kept is not None and (kept.seq > newest or (kept.in_base and _takes_back(edit, kept))):
        return _back(idea, edit, kept)
    for match, run in failed:
        if match.relation == "opposite":
            return Verdict("novel", f"the opposite direction {ended(run, 'in')}, this one is untried")
    said = f"{subject(edit, max(line, key=lambda pair: pair[1].seq)[1])} was tried"
    return Verdict("novel", f"{said}, but not this value" if edit.to is not None else f"{said}, but with other details")


def _back(idea: Idea, edit: Edit, kept: Past) -> Verdict:
    """The verdict on a step back from what was kept last: into its step, which refines it, or out of it."""
    theirs = next((theirs for theirs in kept.edits if theirs.target == edit.target), edit)
    frm, to = theirs.frm, theirs.to
    said = f"{subject(edit, kept)} was kept in {kept.run_id}; this is a step back the other way"
    if isinstance(edit.to, float) and edit.op != "scale" and isinstance(frm, float) and isinstance(to, float):
        step = f"the step of {kept.run_id}, which was kept, from {number_text(frm)} to {number_text(to)}"
        if min(frm, to) < edit.to < max(frm, to):
            said = f"{named(edit, idea)} lies within {step}"
        elif edit.to == frm:
            return Verdict("novel", f"{named(edit, idea)} takes back {step}", (kept.run_id,))
        elif (edit.to < frm) == (frm < to):
            return Verdict("novel", f"{named(edit, idea)} goes back behind {step}", (kept.run_id,))
    return Verdict("incremental_followup", said, (kept.run_id,))


def _takes_back(edit: Edit, kept: Past) -> bool:
    """Whether the edit sets the very value that the kept run's step began at."""
    return edit.op != "scale" and any(
        isinstance(theirs.frm, float)
        and isinstance(theirs.to, float)
        and (theirs.target, theirs.scope, theirs.frm) == (edit.target, edit.scope, edit.to)
        for theirs in kept.edits
    )


def _along(edit: Edit, kept: Past, origin: float | None) -> bool:
    """Whether the last keep on the target moved it the way this edit goes, or nothing says otherwise."""
    theirs = next((theirs.direction for theirs in kept.edits if theirs.target == edit.target), None)
    mine = edit.direction
    if mine is None and isinstance(edit.to, float) and origin is not None and edit.op != "scale":
        mine = "up" if edit.to > origin else "down"
    return mine is None or theirs is None or mine == theirs


def _excuse(idea: Idea, match: Match, run: Past) -> str:
    """Why a failure may not repeat itself: a fix, a base that moved where it matters, a loss within the noise; or why
    it may not be a failure of this idea at all."""
    return _changed(idea, run) or _weak(run) or match.doubt


def _farthest(edit: Edit, line: Found, origin: float | None) -> tuple[float, Past] | None:
    """The kept run that went farthest the way that the edit goes, with its value."""
    start = edit.frm if isinstance(edit.frm, float) else origin
    kept = [
        (theirs.to, run)
        for match, run in line
        if run.status == "keep" and match.relation in ("further", "nearer")
        for theirs in run.edits
        if (theirs.target, theirs.scope) == (edit.target, edit.scope) and isinstance(theirs.to, float)
    ]
    if start is None or edit.op == "scale":
        return None
    return max(kept, key=lambda pair: (abs(pair[0] - start), pair[1].seq), default=None)


def _beyond(idea: Idea, edit: Edit, found: Found, kept: tuple[float, Past] | None) -> Verdict:
    found = sorted(found, key=lambda pair: -pair[1].seq)
    match, run = next((pair for pair in found if not _excuse(idea, *pair)), found[0])
    runs = [run for _, run in found]
    said = f"{named(edit, idea)} goes further than {run.run_id}, which {ended(run)}"
    if len(runs) > 1:
        said += f" like {len(runs) - 1} more"
    evidence = (run.run_id, *(other.run_id for other in runs if other is not run))
    soft = _excuse(idea, match, run)
    theirs = next((theirs.to for theirs in run.edits if theirs.target == edit.target), None)
    if not soft and kept is not None and isinstance(theirs, float) and isinstance(edit.to, float):
        low, high = sorted((theirs, edit.to))
        if low <= kept[0] <= high or (kept[0] > high) == (theirs < edit.to):
            soft = f"{number_text(kept[0])} was kept in {kept[1].run_id}"
    return Verdict("repeat_failure", said, evidence[:5], soft=soft)


def _between(idea: Idea, edit: Edit, below: tuple[Match, Past], above: tuple[Match, Past]) -> Verdict:
    low, high = below[1], above[1]
    said = f"{named(edit, idea)} lies between {low.run_id}, which {ended(low)}, and {high.run_id}, which {ended(high)}"
    soft = _excuse(idea, *below) or _excuse(idea, *above)
    return Verdict("repeat_failure", said, (low.run_id, high.run_id), soft=soft)


def _shorter(idea: Idea, edit: Edit, found: tuple[Match, Past], origin: float | None) -> Verdict:
    """A smaller step than one that failed is waste only when its share of the loss is beyond the noise as well."""
    run = found[1]
    said = f"{named(edit, idea)} is a smaller step the way of {run.run_id}, which {ended(run)}"
    soft = _excuse(idea, *found)
    theirs = next((theirs.to for theirs in run.edits if theirs.target == edit.target), None)
    share = None
    if origin is not None and isinstance(edit.to, float) and isinstance(theirs, float) and theirs != origin:
        mine, past = steps(origin, edit.to, theirs)
        share = abs(mine / past)
    sure = run.gain if run.sure is None else run.sure
    if not soft and (share is None or sure is None or sure * share > -LARGE):
        soft = "a smaller step may cost less than the noise"
    return Verdict("repeat_failure", said, (run.run_id,), soft=soft)


def _bracket(edit: Edit, failed: Found, origin: float | None) -> tuple[tuple[Match, Past], tuple[Match, Past]] | None:
    """The failed neighbours on both sides of the edit's value, when they lie close and the base is not between them."""
    if not isinstance(edit.to, float) or edit.op == "scale":
        return None
    tried: list[tuple[float, int, tuple[Match, Past]]] = []
    for match, run in failed:
        for theirs in run.edits:
            if (theirs.target, theirs.scope) == (edit.target, edit.scope) and theirs.op != "scale":
                tried.extend([(theirs.to, run.seq, (match, run))] if isinstance(theirs.to, float) else ())
    tried.sort(key=lambda row: row[:2])
    below = [(value, pair) for value, _, pair in tried if value < edit.to]
    above = [(value, pair) for value, _, pair in tried if value > edit.to]
    if not below or not above or below[-1][0] <= (math.inf if origin is None else origin) <= above[0][0]:
        return None
    return (below[-1][1], above[0][1]) if abs(distance(below[-1][0], above[0][0])) <= TIGHT else None


def _other(idea: Idea, found: Found, threshold: float) -> Verdict:
    """What remains: ideas that share a part, a combination or words with earlier runs."""
    for match, run in found:
        if run.status != "keep":
            continue
        if match.relation == "related" and run.in_base and len(idea.edits) == len(run.edits) == 1:
            return Verdict(
                "incremental_followup", f"it extends {run.run_id}, which was kept, to another part", (run.run_id,)
            )
        if match.relation == "text" and match.similarity >= threshold:
            return Verdict("known_success", f"it reads like {run.run_id}, which was kept", (run.run_id,))
    if not found:
        return Verdict("novel", "nothing close was tried before")
    match, run = found[0]
    if match.relation == "related":
        return Verdict("novel", f"the closest run, {run.run_id}, is not the same: {match.why}")
    return Verdict("novel", f"the closest run, {run.run_id}, changes something else")
