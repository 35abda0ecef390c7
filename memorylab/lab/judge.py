"""Asks history about an idea: collects what the guard needs from the index and hands it to the pure judgement."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from memorylab.core import ideas, knobs, novelty, redact
from memorylab.core.arenas import improvement
from memorylab.core.edits import Edit, plain
from memorylab.core.ideas import Idea, Past
from memorylab.core.knobs import ELSEWHERE
from memorylab.core.odds import Kin, Session
from memorylab.index import Views
from memorylab.lab.context import Context, Standing, current_arena, standing
from memorylab.records import Arena, NoveltyGuard, RunView

NEAR = 16
"""Runs close to the champion that a combination is suggested from."""


class Question(NamedTuple):
    """What `check` is asked, beside the idea."""

    mode: str | None = None
    threshold: float | None = None
    limit: int = 5
    strict: bool = False


def home_arena(context: Context, protected: str | None = None) -> Arena:
    """The arena of a run made here, as far as it is known before the run."""
    c = context.config
    return Arena(metric=c.metric, direction=c.direction, budget_s=c.time_budget_s, protected=protected)


def judge(context: Context, idea: Idea, question: Question) -> NoveltyGuard:
    """The guard's verdict on an idea; the index must have caught up."""
    views = context.views()
    where = standing(views, current_arena(views, home_arena(context)))
    history, tree = known(views, idea, where), context.present()
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
    )
    held_back = guard["policy"]["decision"] != "allow"
    if held_back and guard["classification"] in ("repeat_failure", "duplicate_run"):
        from memorylab.core import suggest  # most ideas are not held back

        past = history["past"]
        base = knobs.present_values(idea.edits, past, tree)
        guard["suggestion"] = suggest.suggest(idea.edits, past, base, _near(views, where))
    return guard


def _near(views: Views, where: Standing) -> list[Past]:
    """The runs of the arena that came closest to its champion."""
    if where.arena is None:
        return []
    return past_runs(views, [contender.run for contender in views.contenders(where.arena.id, NEAR)], where)


def known(views: Views, idea: Idea, where: Standing) -> dict[str, Any]:
    """What history has on an idea, as the arguments of `novelty.judge` that hold it."""
    candidates = views.candidates(idea.edits, idea.words | idea.said, idea.change)
    past = past_runs(views, candidates, where)
    if where.arena is None:
        return {"past": past}
    arena = where.arena.id
    counts = views.counts(arena, "status")
    failed = views.failed_since_keep(arena, idea.family)
    return {
        "past": past,
        "kin": Kin(tuple(failed)),
        "session": Session(sum(counts.values()), counts.get("keep", 0), tuple(views.recent(arena)), len(failed)),
    }


def past_runs(views: Views, runs: Sequence[RunView], where: Standing) -> list[Past]:
    """Runs as the guard sees them: outcome against their base in units of the noise, and what changed since."""
    here = where.arena
    edits = views.edits([run.seq for run in runs])
    kept = views.kept_targets(here.id) if here else []
    state_now: dict[str, str] = {}
    for _, target, state in kept:
        state_now.setdefault(target, state)
    targets, ages = [target for _, target, _ in kept], [-seq for seq, _, _ in kept]
    return [_past(run, edits[run.seq], targets[: bisect_left(ages, -run.seq)], state_now, where) for run in runs]


def _past(
    run: RunView,
    edits: tuple[Edit, ...],
    since: Sequence[str],
    state_now: dict[str, str],
    where: Standing,
) -> Past:
    moved = dict.fromkeys(since)
    elsewhere = where.arena is not None and run.arena != where.arena.id
    if elsewhere:
        moved = {ELSEWHERE: None, **moved}
    gain = None
    if run.value is not None and run.base_value is not None and where.noise.sigma > 0:
        direction = where.arena.arena.get("direction", "min") if where.arena else "min"
        gain = improvement(run.value, run.base_value, direction) / where.noise.sigma
    return Past(
        run_id=run.run_id,
        commit=run.commit,
        status=run.status,
        description=run.description,
        family=run.family,
        timestamp_utc=run.timestamp_utc,
        edits=edits,
        words=frozenset(run.words.split()),
        said=frozenset(f"{run.words} {run.said}".split()),
        value=run.value,
        gain=gain,
        error_kind=run.error_kind,
        moved=tuple(moved),
        in_base=run.status == "keep"
        and not elsewhere
        and any(state_now.get(edit.target) == edit.key for edit in plain(edits)),
        seq=run.seq,
        change=run.change,
    )


def clean_idea(description: str, tags: list[str], family: str | None, hypothesis: str | None) -> Idea:
    """An idea from an agent's words, as one line without secrets or terminal escapes."""
    return ideas.make_idea(
        redact.secrets(redact.plain(description)),
        tuple(redact.secrets(redact.plain(tag)) for tag in tags),
        redact.plain(family or ""),
        redact.secrets(redact.plain(hypothesis or "")),
    )
