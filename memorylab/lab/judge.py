"""Asks history about an idea: collects what the guard needs from the index and hands it to the pure judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorylab.core.guard import knobs, novelty
from memorylab.core.reading import ideas, naming
from memorylab.core.reading.ideas import Idea
from memorylab.core.runs import redact
from memorylab.core.runs.arenas import SAID
from memorylab.lab import called
from memorylab.lab.context import Context
from memorylab.lab.recall import Recall
from memorylab.lab.standing import agrees, current_arena, standing
from memorylab.records import Arena, NoveltyGuard, RunView
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.reading.slots import State
    from memorylab.core.runs.command import Told
    from memorylab.index import ArenaView


class Question(NamedTuple):
    """What `check` is asked, beside the idea."""

    mode: str | None = None
    threshold: float | None = None
    limit: int = 5
    strict: bool = False
    crashed: RunView | None = None
    """The run that crashed with the very code that is asked about, where none with it was measured."""


def home_arena(context: Context, protected: str | None = None, told: Told | None = None) -> Arena:
    """The arena of a run made here, as far as it is known before the run; `told` is what its command says."""
    c = context.config
    arena = Arena(metric=c.metric, direction=c.direction, budget_s=c.time_budget_s, protected=protected)
    if context.place.campaign:
        arena["campaign"] = context.place.campaign
    told = _usual(context, arena) if told is None else told
    if told is not None:
        arena["arguments"], arena["environment"] = told.arguments, told.environment
    return arena


def arena_in_use(context: Context) -> ArenaView | None:
    """The arena that a run here would be in, the one used last where it would be the first; None without any run.

    Every surface that tells who leads asks here, so that no two speak of different arenas.
    """
    views = context.views()
    return current_arena(views, home_arena(context)) or next(iter(views.arenas(1)), None)


def _usual(context: Context, arena: Arena) -> Told | None:
    """What the configured command says, where runs were made so: a short run on the side is not what is asked about."""
    known = [one.arena for one in context.views().arenas()]
    if not any(one.get(field) for one in known for field in SAID):
        return None
    from memorylab.core.runs.command import read
    from memorylab.lab import identity  # where every run was called alike, nothing of it is needed

    usual = read(context.config.command, context.environment, identity.rules(context))
    wanted = Arena(**{**arena, "arguments": usual.arguments, "environment": usual.environment})
    return usual if any(agrees(one, wanted) for one in known) else None


def judge(context: Context, idea: Idea, question: Question) -> NoveltyGuard:
    """The guard's verdict on an idea, and what of it was judged where somebody asked; the index must have caught up."""
    idea = called.named(context, idea)
    guard = called.shown(context, idea, _judged(context, idea, question))
    if idea.judged is None:
        return guard
    guard = {**guard, "judged": idea.judged.by}
    if idea.judged.note and not idea.judged.unchanged:  # else it is the reason
        guard["judged_note"] = idea.judged.note
    return guard


def _judged(context: Context, idea: Idea, question: Question) -> NoveltyGuard:
    recall = recalled(context)
    idea = idea._replace(edits=tuple(map(naming.joined, idea.edits)))  # as the index has those of history
    history, tree = recall.known(idea), context.present()
    guard = novelty.judge(
        idea,
        **history,
        mode=question.mode or context.config.mode,
        threshold=context.config.threshold if question.threshold is None else question.threshold,
        limit=question.limit,
        strict=question.strict,
        prior=context.prior(),
        block_below=context.config.block_below,
        tree=tree,
        metric=context.config.metric,
    )
    if idea.repeats is not None:
        from memorylab.core.guard import rerun  # most ideas change something

        return rerun.guard(guard, idea, idea.repeats)
    if idea.judged is not None and idea.judged.unchanged:
        from memorylab.core.guard import rerun

        return rerun.unchanged(guard, idea, idea.judged.note)
    held_back = guard["policy"]["decision"] != "allow"
    if held_back and guard["classification"] in ("repeat_failure", "duplicate_run"):
        from memorylab.core.guard import suggest  # most ideas are not held back

        past = history["past"]
        base = knobs.present_values(idea.edits, past, tree)
        guard["suggestion"] = suggest.suggest(idea.edits, past, base, recall.near)
    if context.has_others():
        from memorylab.lab import elsewhere  # most workspaces have one campaign

        guard = elsewhere.heard(context, idea, guard, knobs.present_values(idea.edits, history["past"], tree))
    if (run := question.crashed) is not None:
        from memorylab.core.guard import rerun

        return rerun.after_crash(guard, run.run_id, run.error_kind or "unknown", run.error_summary or "")
    return guard


def recalled(context: Context) -> Recall:
    """What is remembered of history; asked anew once the index has other runs, or is another file."""
    views = context.views()
    asof = (views.db, views.size())
    if context.recalled is None or context.recalled[0] != asof:
        where = standing(views, current_arena(views, home_arena(context)))
        context.recalled = asof, Recall(views, where, lambda name: state_of(context, name))
    return context.recalled[1]


def state_of(context: Context, name: str) -> State | None:
    """The state of the code of a candidate, as its first run recorded it, where that is not long ago."""
    run = next((one for one in context.views().find(name) if one.run_id == name), None)
    key = (run.identity or run.tree) if run is not None else None
    from memorylab.core.reading.slots import State

    return State.from_record(context.views().state(key)) if key is not None else None


def clean_idea(description: str, tags: list[str], family: str | None, hypothesis: str | None) -> Idea:
    """An idea from an agent's words, as one line without secrets or terminal escapes: it is judged as it is kept."""
    return ideas.make_idea(
        redact.line(description),
        tuple(map(redact.line, tags)),
        redact.line(family or ""),
        redact.line(hypothesis or ""),
    )
