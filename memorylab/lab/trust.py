"""What speaks for and against a run's number: asked of the pinned files, the code, the measurement and the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorylab.core.runs import integrity, starved, throughput
from memorylab.core.runs.arenas import improvement
from memorylab.core.runs.ends import End
from memorylab.core.runs.integrity import Reason, Verdict
from memorylab.core.runs.starved import Starved
from memorylab.core.runs.throughput import Effort, Past, Work
from memorylab.index import outcomes
from memorylab.lab.context import Context
from memorylab.lab.standing import Standing
from memorylab.records import Metrics, RunView, Status, finite

if TYPE_CHECKING:
    from memorylab.lab.finding import Prepared
    from memorylab.lab.references import References


def of_run(
    context: Context, p: Prepared, status: Status | None, where: Standing, found: References, end: End
) -> Verdict:
    """The run's state in view of all that is known; a crash has no number that could be doubted."""
    reasons = [*p.code.doubts, *(end.reasons if status != "crash" else ())]
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
            file=context.place.config.name,
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
        best = better((found.champion.value, *(o.value for o in past)))
        reasons += integrity.jump(config.metric, value, best, gains, config.direction)
    last = past[0] if past else None
    if last is not None and p.code.code is not None and last.code not in (None, p.code.code):
        reasons += integrity.stale(config.metric, value, last.run_id, last.value)
    return reasons


def work(context: Context, p: Prepared, status: Status | None, where: Standing, found: References) -> Effort:
    """The run's work against its base's; a rerun's is the earlier run of the same code."""
    if status == "crash" or where.arena is None:
        return Effort()
    config, repeated = context.config, found.runs > 1
    base = _held_against(context, p, found)
    gain = None
    if found.mean is not None and found.base is not None and not repeated:
        gain = improvement(found.mean, found.base.value, config.direction)
    past = outcomes.recent(context.index.db, where.arena.id, integrity.JUMP_HISTORY)
    return throughput.effort(
        done(p.measurement.metrics),
        _work_of(base),
        gain,
        metric=config.metric,
        direction=config.direction,
        level=found.base.value if found.base else 0.0,
        past=[
            Past(improvement(o.value, o.base_value, config.direction), o.tokens_ratio)
            for o in past
            if o.tokens_ratio is not None and o.base_value is not None
        ],
    )


def _held_against(context: Context, p: Prepared, found: References) -> RunView | None:
    """The run whose work a run's is held against: an earlier one of the same code, else the base."""
    name = found.candidate if found.candidate != p.run_id else found.base.run_id if found.base else ""
    if found.control is not None:
        name = found.control["of"]
    return next((run for run in context.views().find(name) if run.run_id == name), None)


def starving(context: Context, p: Prepared, where: Standing, found: References) -> Starved | None:
    """Whether the machine withheld from the run what its peers had, so that it is no evidence."""
    finished, config, metrics = p.finding.finished, context.config, p.measurement.metrics
    base = _held_against(context, p, found)
    shares = outcomes.peers(context.index.db, where.arena.id, base.run_id if base else "") if where.arena else []
    had = starved.resources(finished.resources if finished else None)
    return starved.judge(
        starved.Case(
            had=had._replace(on_cpu=had.on_cpu or p.measurement.facts.get("device") == "cpu"),
            work=done(metrics),
            base=_work_of(base),
            peers=[starved.Resources(wall, cpu) for cpu, wall in shares],
            edits=p.finding.idea.edits,
            changed=found.candidate == p.run_id and found.control is None,
            budget_s=config.time_budget_s,
            budget_share=finite(metrics.get("budget_share")),
            late=finished is not None and finished.timed_out,
        )
    )


def done(metrics: Metrics) -> Work:
    """What a run did, as far as it says."""
    return Work(*(finite(metrics.get(name)) for name in ("total_tokens_M", "num_steps", "training_seconds")))


def _work_of(run: RunView | None) -> Work | None:
    return Work(run.tokens, run.steps, run.train_seconds) if run else None
