"""The use case `ideas`: what to try next with concrete values, knobs that nobody has touched included.

The code says which knobs there are, the index what became of each, the guard whether it would let an idea run and how
likely it is to be kept. The ledger is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memorylab import files
from memorylab.core.decisions import worth
from memorylab.core.decisions.effects import USUAL
from memorylab.core.decisions.noise import Noise
from memorylab.core.guard import claims as claimed
from memorylab.core.guard import knobs as memory
from memorylab.core.guard import settable, steps
from memorylab.core.guard.priors import Prior
from memorylab.core.reading.edits import Edit, infer_family
from memorylab.core.reading.ideas import Idea
from memorylab.core.reading.leaves import number
from memorylab.core.reading.slots import State
from memorylab.core.report import proposals
from memorylab.core.report.proposals import ProposedEdit, Scene, Turned
from memorylab.lab import called, changes, identity, turnable
from memorylab.lab.context import Context
from memorylab.lab.judge import Question, clean_idea, judge, recalled, state_of
from memorylab.lab.outlook import outlook
from memorylab.lab.recall import Recall
from memorylab.lab.standing import Standing, price
from memorylab.lab.turnable import Turnable
from memorylab.records import NoveltyGuard
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.guard.claims import Claim

TRIES = 24
"""Newest runs of a knob that are looked at."""
SPARE = 2
"""Ideas that the guard is asked about beyond those that are wanted, so that its P(keep) may settle their order."""
_LEAST, _MOST = 0.5, 2.0
"""A guess of how likely an idea is kept changes what it is worth by no more than that."""


class Proposal(NamedTuple):
    """An idea to try next."""

    set: list[str]
    """What states it to `check --set`: "MATRIX_LR=0.05"."""
    description: str
    """The same in words, for `run` and `log`: "MATRIX_LR from 0.04 to 0.05"."""
    kind: str
    """untouched, further, between, other_side, new_base, or together."""
    reason: str
    p_keep: float | None
    """As `check` says it; None where nothing is known."""
    expected: float | None
    """The gain that may be expected of it, in the metric's unit; None where nobody knows what a gain is here."""
    sigmas: float | None
    """The same in standard deviations of one run."""
    minutes: float | None
    """What the run costs, as runs here have cost."""
    per_minute: float | None
    decision: str
    """The guard's: allow or caution; what it would block is not proposed."""
    field: list[dict[str, Any]]
    """What became of such tries in other ledgers, where this is their field."""


class Proposed(NamedTuple):
    """What there is to try, and what it was chosen from."""

    ideas: list[Proposal]
    knobs: int
    """Knobs that the code has."""
    untouched: int
    """Those of them that no run has changed."""
    note: str
    """What has to be known first, or why there is nothing to try."""


def propose(context: Context, limit: int = 5) -> Proposed:
    """The ideas most worth a run, the best first; the index must have caught up."""
    names, state = identity.present(context)
    found = turnable.knobs(context, names, state) if state is not None else []
    if state is None or not found:
        return Proposed([], 0, 0, _unread(context, names, state))
    recall = recalled(context)
    turned = list(_turned(context, recall.where, state, found))
    scene, measured = _scene(context, recall)
    options = [option for one in turned for option in proposals.of_knob(*one, state.slots, scene)]
    options += proposals.combined(turned, scene)
    asked = _Asked(context, recall, state, turned)
    fit = asked.fit(proposals.ordered(options, asked.guess), limit)
    chosen = proposals.ordered([one.option for one in fit], asked.rate)
    minutes = price(context.views(), recall.where)
    told = [asked.told(option, scene if measured else None, minutes) for option in chosen[:limit]]
    note = "" if measured else _unmeasured(recall.where)
    return Proposed(told, len(turned), sum(not one.tried for one in turned), note if told else _NOTHING)


def _unmeasured(where: Standing) -> str:
    """Why nobody can say what a gain would be."""
    if where.champion is None:
        return _FIRST
    return _STEADY if where.noise.replicates else _STILL


_FIRST = "nothing was measured here yet: run the code as it is first, so that what follows is held against something"
_STILL = "how much one run varies isn't known here, so nobody can say what a gain would be"
_STEADY = "no run that was repeated here has varied: any gain counts, and nothing says how large one would be"
_NOTHING = "every value nearby was tried on this base, is claimed, or is one that the guard would block"


def _unread(context: Context, names: Sequence[str], state: State | None) -> str:
    """Why there is no knob."""
    file = context.place.config.name
    if state is None:
        told = ", ".join(names) or "no file"
        return f"there is no code to read ({told}): name the files that experiments change under mutable in {file}"
    return f"no knob can be read in {', '.join(names)}: nothing there is set to a number or a switch under a name"


def _turned(context: Context, where: Standing, state: State, found: Sequence[Turnable]) -> Iterator[Turned]:
    """The knobs with their runs, held against the code as it lies here; what several of them share is read once."""
    views = context.views()
    recall = Recall(views, where, lambda name: state_of(context, name), state)
    places = [(one.target, one.scope) for one in found]
    seqs = {target: views.tried(target, TRIES) for target, _ in places}
    recall.past(sorted({seq for several in seqs.values() for seq in several}, reverse=True))
    for knob, target, scope in found:
        now = knob.now if isinstance(knob.now, float) else None
        tried = memory.tries(Edit(target, "set", scope=scope), recall.past(seqs[target]), now, beside=True)
        if places.count((target, scope)) > 1:  # the vocabulary has one name for both
            tried = [one for one in tried if _is_of(one, knob)]
        yield Turned(knob, target, proposals.fair(tried))


def _is_of(one: memory.Try, knob: settable.CodeKnob) -> bool:
    """Whether a run turned this knob and no other of the same name in the vocabulary: by its code, else its words."""
    if one.edit.name:
        return one.edit.name == knob.label
    return knob.label.lower() in one.run.description.lower()


def _scene(context: Context, recall: Recall) -> tuple[Scene, bool]:
    """What steps bring here, and whether that is known in the metric's unit."""
    where = recall.where
    if where.champion is None or where.noise.sigma == 0:
        one = Noise(1.0, 1, 0)
        return Scene(worth.new_idea(one, USUAL), 1.0), False
    seen = outlook(context.views(), where)
    return Scene(worth.new_idea(where.noise, seen.track.weights), where.noise.sigma), True


class _Fit(NamedTuple):
    """An option that may be run, as the guard read it."""

    option: ProposedEdit
    idea: Idea
    guard: NoveltyGuard


class _Asked:
    """What the guard says of options, each asked about once."""

    def __init__(self, context: Context, recall: Recall, state: State, turned: Sequence[Turned]) -> None:
        self._context, self._recall, self._state = context, recall, state
        self._targets = {one.knob.slot: one.target for one in turned}
        prior = context.prior()
        self._prior = prior.in_domain(context.config.metric) if prior is not None else Prior(())
        self._usual = self._share_kept()
        self._known: dict[ProposedEdit, _Fit] = {}

    def _share_kept(self) -> float:
        """The share of the arena's runs that was kept, as `odds` has it; that of the field before the first."""
        arena = self._recall.where.arena
        counts = self._context.views().counts(arena.id, "status") if arena is not None else {}
        runs = sum(counts.values())
        return (counts.get("keep", 0) + 1) / (runs + 4) if runs else self._prior.overall()

    def guess(self, option: ProposedEdit) -> float:
        """How much likelier than usual an option is kept, by the field alone: the guard costs a millisecond."""
        knob, value = option.settings[0]
        edit = Edit(self._targets[knob.slot], "set" if isinstance(value, float) else "add" if value else "remove")
        if isinstance(value, float) and isinstance(knob.now, float):
            edit = edit._replace(frm=knob.now, to=value, direction="up" if value > knob.now else "down")
        if not self._prior.knows(edit):
            return 1.0 if knob.known else _UNNAMED
        now = knob.now if isinstance(knob.now, float) else None
        return _bounded(self._prior.rate(edit, infer_family((edit,)), now) / max(self._prior.overall(), _TINY))

    def rate(self, option: ProposedEdit) -> float:
        """The same as the guard says it."""
        chance = self._known[option].guard["p_keep"]
        return self.guess(option) if chance is None else _bounded(chance / max(self._usual, _TINY))

    def fit(self, options: Sequence[ProposedEdit], limit: int) -> list[_Fit]:
        """The first of the options that the guard lets run and nobody has in hand, and a few more than are wanted."""
        held, going = self._held(), self._going()
        found: list[_Fit] = []
        for option in options:
            idea = self._idea(option)
            taken = going.intersection(edit.key for edit in idea.edits)
            if taken or claimed.alike(idea, held, self._context.config.threshold):
                continue
            guard = judge(self._context, idea, Question())
            if guard["policy"]["decision"] != "block" and guard["classification"] != "duplicate_run":
                found.append(_Fit(option, idea, guard))
                self._known[option] = found[-1]
            if len(found) >= limit + SPARE:
                break
        return found

    def _held(self) -> list[Claim]:
        """The claims that hold, whoever made them."""
        if not self._context.views().claimed(self._context.clock()):
            return []
        from memorylab.lab import claims

        return claims.active(self._context)

    def _going(self) -> set[str]:
        """The states that runs which are going on reach, as far as their words tell."""
        if not files.stands(self._context.place.scratch):
            return set()
        from memorylab.lab import running  # it reads their logs

        there = (one for one in running.running(self._context) if one.alive)
        return {edit.key for one in there for edit in clean_idea(one.description, [], None, None).edits}

    def _idea(self, option: ProposedEdit) -> Idea:
        """The idea as `check` reads it: what it changes in the code, and that in words."""
        change = turnable.change(self._state, _given(option))
        return changes.with_change(clean_idea(called.described(change), [], None, None), change)

    def told(self, option: ProposedEdit, scene: Scene | None, price: float | None) -> Proposal:
        """An option as it is shown; without a scene nobody knows what a gain is here."""
        fit = self._known[option]
        expected = None
        if scene is not None:
            expected = option.worth * self.rate(option)
        field = fit.guard["field_prior"] if self._prior.packs else []
        return Proposal(
            [_word(one.knob.slot, one.value, self._state.slots) for one in option.settings],
            fit.idea.description,
            option.kind,
            option.reason,
            fit.guard["p_keep"],
            expected,
            expected / scene.sigma if scene is not None and expected is not None else None,
            price,
            expected / price if expected is not None and price else None,
            fit.guard["policy"]["decision"],
            field,
        )


_TINY = 1e-3
_UNNAMED = 0.7
"""What a knob counts that the vocabulary has no name for, against one that it knows."""


def _bounded(rate: float) -> float:
    return min(max(rate, _LEAST), _MOST)


def _given(option: ProposedEdit) -> dict[str, Any]:
    return {one.knob.slot: number(one.value) if isinstance(one.value, float) else one.value for one in option.settings}


def _word(slot: str, value: bool | float, slots: Mapping[str, Any]) -> str:
    """What states a value: by the slot's own name, which is the first of two where the code sets it twice."""
    name = f"{slot}#1" if f"{slot}#2" in slots else slot
    return f"{name.removeprefix('--')}={steps.spelled(value)}"
