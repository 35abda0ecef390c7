"""Judges a run against history as it stands and makes the ledger row of it; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator

from memorylab.core.decisions import decision
from memorylab.core.decisions.decision import Decision
from memorylab.core.decisions.situation import Situation
from memorylab.core.guard import rerun
from memorylab.core.numerals import percent
from memorylab.core.reading.ideas import Idea
from memorylab.core.runs import arenas, integrity, redact
from memorylab.core.runs.ends import End
from memorylab.core.runs.integrity import Verdict
from memorylab.core.runs.starved import Starved
from memorylab.core.runs.throughput import Effort
from memorylab.index import Views, outcomes
from memorylab.lab import called, claims, identity, trust
from memorylab.lab.context import Context
from memorylab.lab.finding import Finding, Prepared
from memorylab.lab.identity import Identity
from memorylab.lab.judge import Question, judge
from memorylab.lab.measure import ended
from memorylab.lab.references import References, references, restarted, unmeasured
from memorylab.lab.standing import Standing, current_arena, standing
from memorylab.records import SCHEMA_VERSION, Arena, ErrorRecord, NoveltyGuard, Run, RunView, Status
from memorylab.tuples import NamedTuple


class _Judged(NamedTuple):
    """What history says of a run."""

    idea: Idea
    run_id: str
    status: Status | None
    """As it was given, or as the process ended; None leaves it to the decision."""
    guard: NoveltyGuard
    error: ErrorRecord | None
    found: References
    same_failures: int
    claim: str | None
    trust: Verdict
    effort: Effort
    starved: Starved | None
    starved_row: int


def make_row(context: Context, p: Prepared) -> Run:
    """The ledger row as of the index's position."""
    judged = _judge(context, p)
    return _assemble(p, judged, decision.decide(_situation(context, p, judged)))


def _judge(context: Context, p: Prepared) -> _Judged:
    finding, config = p.finding, context.config
    views = context.views()
    where = standing(views, current_arena(views, p.arena))
    end = ended(p.measurement, finding.status, finding.finished, config.metric)
    modified = p.code.integrity == integrity.MODIFIED
    again = _again(context, p, where) if not modified else None
    idea = rerun.as_rerun(finding.idea) if again else called.named(context, finding.idea)
    guard = _guard(context, finding, idea, again)
    run_id = p.run_id if finding.archive else _free(context, p.run_id)
    found = references(
        views,
        where,
        idea,
        guard,
        run_id=run_id,
        value=None if end.crashed else p.measurement.value(config.metric),
        code=p.code.code if not modified else None,  # another judge makes another experiment
        again=again,
        known=finding.identity is not None and finding.identity.key is not None,
        plain=not (finding.identity and finding.identity.told and finding.identity.told.own),
        parent=finding.identity.parent if finding.identity else None,
        mode=finding.mode or config.mode,
    )
    p = p._replace(run_id=run_id)
    withheld, row, found = _starving(context, p, where, found, end)
    status = _status(finding, found, end, withheld)
    error = None
    if status == "crash" or _late(finding):
        from memorylab.lab.diagnosis import crashed

        error = crashed(p.measurement, finding.error, finding.finished, config.metric, end)
    claim = finding.claim or claims.fulfilled(context, idea, finding.owner)
    doubts, done = trust.of_run(context, p, status, where, found, end), trust.work(context, p, status, where, found)
    same = _same_failures(views, where, idea, error)
    return _Judged(idea, run_id, status, guard, error, found, same, claim, doubts, done, withheld, row)


def _again(context: Context, p: Prepared, where: Standing) -> RunView | None:
    """The run that this one repeats, by what it was and not by what was said of it."""
    known = p.finding.identity
    return identity.same(context, where.arena.id, known) if known is not None and where.arena is not None else None


def _guard(context: Context, finding: Finding, idea: Idea, again: RunView | None) -> NoveltyGuard:
    """The verdict that the run started under; asked anew where it turned out to be another experiment."""
    fits = finding.guard if (finding.repeats is None) == (again is None) else None
    guard = fits or judge(context, idea, Question(mode=finding.mode))
    return guard if again is None else rerun.guard(guard, idea, again.candidate)


def _starving(
    context: Context, p: Prepared, where: Standing, found: References, end: End
) -> tuple[Starved | None, int, References]:
    """Why the run is no evidence, if it isn't; how many in a row aren't; and what it is held against then."""
    by_itself = end.crashed and not _late(p.finding)  # it failed whatever the machine did
    withheld = None if by_itself else trust.starving(context, p, where, found)
    if withheld is None or p.finding.status == "keep":  # who keeps it has decided
        return withheld, 0, found
    row, unseen = outcomes.starved_row(context.index.db, where.arena.id) if where.arena else (0, 0)
    if not withheld.measured and found.mean is not None and row == unseen:
        again = restarted(where, found, found.mean, row)
        if again is not None:
            return None, 0, again._replace(candidate=p.run_id)
    return (
        withheld,
        row + 1,
        unmeasured(where, found, p.run_id)._replace(mean=p.measurement.value(context.config.metric)),
    )


def _late(finding: Finding) -> bool:
    return finding.finished is not None and finding.finished.timed_out


def _situation(context: Context, p: Prepared, judged: _Judged) -> Situation:
    idea, config, found = judged.idea, context.config, judged.found
    known = p.finding.identity
    return Situation(
        run_id=judged.run_id,
        commit=p.code.head.commit,
        status=judged.status,
        description=idea.description,
        family=idea.family,
        hypothesis=idea.hypothesis,
        metric=config.metric,
        direction=config.direction,
        value=None if judged.status == "crash" else found.mean,
        runs=found.runs,
        leads=found.leads,
        before=found.before,
        base=found.base,
        champion=found.champion,
        noise=found.noise,
        guard=judged.guard,
        error=judged.error,
        same_failures=judged.same_failures,
        integrity=judged.trust.state,
        run_s=p.measurement.metrics.get("total_seconds") or config.time_budget_s,
        weights=found.seen.track.weights,
        promotions=found.seen.promotions._replace(share=config.false_wins),
        confirmed=found.seen.confirmed,
        control=found.control,
        heard=found.heard,
        doubt=found.doubt,
        successor=found.successor,
        control_due=_due(found) if judged.status != "crash" else "",
        doubts=judged.trust.reasons,
        effort=judged.effort,
        circumstances=tuple(_circumstances(context, p.arena, known, found)) if known else (),
        starved=judged.starved,
        starved_row=judged.starved_row,
        stood=found.stood,
    )


def _circumstances(context: Context, arena: Arena, known: Identity, found: References) -> Iterator[str]:
    """What a reader has to know before the number: another command than the base's, code that isn't committed."""
    differs = identity.contrast(context, known, found.base.run_id if found.base else None)
    if differs:
        yield f"other command: {'; '.join(differs)}"
    if known.anew is not None and (there := context.views().arena(known.anew.arena)) is not None:
        others = arenas.contrast(arena, there.arena)
        if others:
            yield f"another arena: {', '.join(others)}"
    if known.uncommitted:
        yield "uncommitted changes"


def _due(found: References) -> str:
    due = found.seen.due
    if not due.due or found.control is not None:  # this very run was the control
        return ""
    return (
        f"Run the base again before the next idea: {due.row} runs in a row came nowhere near it, "
        f"{percent(due.probability)} that it no longer holds."
    )


def _assemble(p: Prepared, judged: _Judged, decided: Decision) -> Run:
    idea, head, base, found = judged.idea, p.code.head, judged.found.base, judged.found
    control = found.control
    arena = Arena(**{name: said for name, said in p.arena.items() if said or name not in arenas.SAID})  # type: ignore[typeddict-item]
    if control is not None and control["failed"]:
        arena["era"] = judged.run_id
    row = Run(
        schema=SCHEMA_VERSION,
        run_id=judged.run_id,
        timestamp_utc=p.timestamp,
        branch=head.branch,
        commit=head.commit,
        parent_commit=head.parent,
        family=idea.family,
        status=decided.ruling.status,
        description=idea.description,
        hypothesis=idea.hypothesis,
        tags=list(idea.tags),
        notes=redact.secrets(p.finding.notes),
        metrics=p.measurement.metrics,
        error=judged.error,
        artifacts=p.artifacts,
        novelty_guard=judged.guard,
        decision_packet=decided.packet,
        edits=[edit.record() for edit in idea.edits],
        base={"run_id": base.run_id, "commit": base.commit, "value": base.value} if base else None,
        arena=arena,
        key=redact.name(p.finding.key) if p.finding.key else p.finding.key,
        dirty=head.dirty,
        integrity=judged.trust.state,
        integrity_reasons=judged.trust.record(),
        code=p.code.code,
        candidate=judged.found.candidate,
        change=idea.change,
        claim=judged.claim,
    )
    _tell(row, p.finding.identity)
    if p.finding.finished is not None:
        row["sandbox"] = p.code.sandbox
        if p.finding.finished.resources:
            row["resources"] = dict(p.finding.finished.resources)
    if judged.starved is not None:
        row["starved"] = "measured" if judged.starved.measured else "slow"
    if decided.ruling.promoted is not None:
        row["promoted"] = decided.ruling.promoted
    if decided.ruling.demoted and found.champion is not None:
        row["demoted"] = found.champion.run_id
    if control is not None:
        row["control"] = control
    return row


def _tell(row: Run, known: Identity | None) -> None:
    """Note in the row what ran."""
    known = known or identity.Identity()
    row["state"] = known.record()
    row["command"] = known.command
    row["environment"] = dict(known.environment) if known.told is not None else None
    row["parent_run"] = known.parent.run_id if known.parent else None


def _free(context: Context, name: str) -> str:
    """The run id, with a suffix where it is taken; with an archive the directory's creation decides that."""
    return next(free for n in range(1, 10**6) if not context.taken(free := name if n == 1 else f"{name}-{n}"))


def _same_failures(views: Views, where: Standing, idea: Idea, error: ErrorRecord | None) -> int:
    """How often this kind of crash has met this target, this time included."""
    if error is None or where.arena is None:
        return int(error is not None)
    target = idea.edits[0].target if idea.edits else idea.family
    return 1 + views.cluster_size(where.arena.id, "crash", f"{error.get('kind', 'unknown')}\t{target}")


def _status(finding: Finding, found: References, end: End, withheld: Starved | None) -> Status | None:
    if withheld is not None and finding.status != "keep" and (finding.finished or finding.status == "auto"):
        return None
    if end.crashed or (finding.finished is not None and found.mean is None):
        return "crash"
    if finding.status != "auto":
        return finding.status  # type: ignore[return-value]
    return "crash" if found.mean is None else None
