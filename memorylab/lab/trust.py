"""What speaks for and against a run's number: asked of the pinned files, the code, the measurement and the index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from memorylab.adapters import git
from memorylab.adapters.git import Head
from memorylab.core.runs import integrity, throughput
from memorylab.core.runs.arenas import improvement
from memorylab.core.runs.integrity import Reason, Verdict
from memorylab.core.runs.throughput import Effort, Past, Work
from memorylab.index import outcomes
from memorylab.lab.context import Context, Standing, current_arena, standing
from memorylab.lab.judge import home_arena
from memorylab.records import RunView, Status, finite

if TYPE_CHECKING:
    from memorylab.lab.finding import Prepared
    from memorylab.lab.references import References


def of_code(context: Context, head: Head, protected: Mapping[str, str]) -> tuple[str, tuple[Reason, ...]]:
    """What the pins say of the protected files, by their checksums, and what speaks against the code."""
    pins = context.config.pins
    differ = [name for name, checksum in pins.items() if protected.get(name) != checksum]
    state = integrity.UNPINNED if not pins else integrity.MODIFIED if differ else integrity.OK
    doubts = [integrity.protected_file(differ)] if differ else []
    return state, (*doubts, *_touched(context, head))


def _touched(context: Context, head: Head) -> list[Reason]:
    """How the code reaches for its judge where the champion's doesn't, or the parent's where nothing leads.

    An edit on top of a run in doubt is in doubt too, since no such run leads; what a person accepted is let be.
    """
    from memorylab.core.runs import judge_code

    if head.commit is None or context.views().last() is None:
        return []
    config = context.config
    new = {name: _read(context, name) for name in config.mutable}
    old = _sources(context, _champions_commit(context)) or _sources(context, head.parent)
    judges = [
        judge_code.judge_of(name, source, config.metric)
        for name in config.protected
        if (source := _read(context, name)) is not None
    ]
    try:
        return integrity.touched(judge_code.added(old, new, judges))
    except (RecursionError, MemoryError):  # nested beyond reason: a run is recorded all the same
        return []


def _sources(context: Context, commit: str | None) -> Mapping[str, str | None]:
    """The mutable files of a commit; nothing where it isn't in this repository."""
    if commit is None:
        return {}
    found = git.sources(context.place.code_root, commit, context.config.mutable)
    return found if any(found.values()) else {}


def _champions_commit(context: Context) -> str | None:
    views = context.views()
    leader = standing(views, current_arena(views, home_arena(context))).champion
    return leader.run.commit if leader else None


def _read(context: Context, name: str) -> str | None:
    try:
        return git.decoded((context.place.code_root / name).read_bytes())
    except OSError:
        return None


def of_run(context: Context, p: Prepared, status: Status | None, where: Standing, found: References) -> Verdict:
    """The run's state in view of all that is known; a crash has no number that could be doubted."""
    reasons = list(p.code.doubts)
    config, measurement = context.config, p.measurement
    value = measurement.value(config.metric)
    if status != "crash" and value is not None:
        leader = where.champion.run if where.champion else None
        reasons += integrity.disagreement(measurement.disagreements, config.metric)
        reasons += integrity.training(
            measurement.metrics,
            config.time_budget_s,
            leader.train_seconds if leader else None,
            cpu=measurement.facts.get("device") == "cpu",
        )
        reasons += integrity.impossible(config.metric, value, config.direction)
        reasons += _against_history(context, p, value, where, found)
    return integrity.verdict(p.code.integrity, reasons, p.finding.accept)


def _against_history(context: Context, p: Prepared, value: float, where: Standing, found: References) -> list[Reason]:
    if where.arena is None:
        return []
    config = context.config
    past = outcomes.recent(context.index.db, where.arena.id, integrity.JUMP_HISTORY)
    gains = [improvement(o.value, o.base_value, config.direction) for o in past if o.base_value is not None]
    reasons = []
    if found.champion is not None and not found.leads:
        # What was discarded may have measured better than what leads, and then shows what is plausible.
        better = max if config.direction == "max" else min
        best = better(found.champion.value, *(o.value for o in past))
        reasons += integrity.jump(config.metric, value, best, gains, config.direction)
    last = past[0] if past else None
    if last is not None and p.code.code is not None and last.code not in (None, p.code.code):
        reasons += integrity.stale(config.metric, value, last.run_id, last.value)
    return reasons


def work(context: Context, p: Prepared, status: Status | None, where: Standing, found: References) -> Effort:
    """The run's work against its base's; a rerun's is the earlier run of the same code."""
    if status == "crash" or where.arena is None:
        return Effort()
    config, metrics = context.config, p.measurement.metrics
    views = context.views()
    repeated = found.runs > 1
    name = found.candidate if repeated else found.base.run_id if found.base else ""
    base = next((run for run in views.find(name) if run.run_id == name), None)
    gain = None
    if found.mean is not None and found.base is not None and not repeated:
        gain = improvement(found.mean, found.base.value, config.direction)
    past = outcomes.recent(context.index.db, where.arena.id, integrity.JUMP_HISTORY)
    return throughput.effort(
        Work(*(finite(metrics.get(name)) for name in ("total_tokens_M", "num_steps", "training_seconds"))),
        _work_of(base),
        gain,
        edits=p.finding.idea.edits,
        changed=not repeated,
        metric=config.metric,
        direction=config.direction,
        level=found.base.value if found.base else 0.0,
        past=[
            Past(improvement(o.value, o.base_value, config.direction), o.tokens_ratio)
            for o in past
            if o.tokens_ratio is not None and o.base_value is not None
        ],
    )


def _work_of(run: RunView | None) -> Work | None:
    return Work(run.tokens, run.steps, run.train_seconds) if run else None
