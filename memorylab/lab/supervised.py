"""The use case `run`: ask the guard, run the command under supervision, record what came of it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab import files
from memorylab.adapters import git, supervise
from memorylab.adapters.training_log import Progress
from memorylab.core.guard import rerun
from memorylab.errors import InputError, LabError, UsageError
from memorylab.index.blocked import KIND
from memorylab.lab import changes, claims, consent, custody, fairness, identity, layout, leftovers, running, settings
from memorylab.lab.code import Snapshot, snapshot
from memorylab.lab.context import Context
from memorylab.lab.finding import Finding
from memorylab.lab.judge import Question, judge
from memorylab.lab.measure import went_wrong
from memorylab.lab.record import Logged, log, recorded
from memorylab.records import SCHEMA_VERSION, NoveltyGuard
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.adapters.supervise import Finished

TIMEOUT_BUDGETS = 2.0
"""A run may take this many time budgets: compilation and evaluation come on top of the training itself."""


class Outcome(NamedTuple):
    """What came of `run`: blocked without a run, or a recorded run."""

    guard: NoveltyGuard
    logged: Logged | None
    seconds: float
    log_path: Path | None

    @property
    def blocked(self) -> bool:
        """The guard forbade the run; nothing was executed."""
        return self.logged is None


def run(
    context: Context,
    finding: Finding,
    command: Sequence[str],
    *,
    timeout_s: float | None = None,
    check: bool = True,
    commit: bool = False,
    claim: bool = False,
    lease_s: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    wait: bool = True,
) -> Outcome:
    """Check, execute and log one idea, once the device has a slot for it.

    With `claim`, it is reserved before it starts, for as long as the run may take.

    With `commit`, what of the mutable files isn't committed is, under the description, once nothing holds the run back.

    `finding` says what is tried and how to record it; its files and outcome are filled in here.

    Raises:
        UsageError: no description, no command.
        InputError: the command can't be started, or not now and `wait` is false; nothing is recorded.

    """
    if not finding.idea.description:
        raise UsageError("the description is empty", "say in a few words what the run tries: --description TEXT")
    settings.hold(context)
    context.catch_up()
    if finding.key and (known := recorded(context, finding.key)):
        return Outcome(known.row.get("novelty_guard") or {}, known, 0.0, None)
    for gap in layout.gaps(context):
        context.warn(gap)
    limit = timeout_s or TIMEOUT_BUDGETS * context.config.time_budget_s
    words = command or context.config.command
    refused: list[NoveltyGuard] = []

    def allowed() -> bool:
        """Whether the run would start if the device were free: nobody waits an hour to be told that it may not."""
        now = _with_code(context, finding, snapshot(context), words)
        if now.repeats is not None:
            return True
        guard = claims.heed(context, now.idea, judge(context, now.idea, _question(now)), now.owner, working=True)
        if (check and guard["policy"]["decision"] == "block") or (claim and guard.get("claimed_by")):
            _note(context, now, guard)
            refused.append(guard)
        return not refused

    with fairness.Slots(context, wait).taken(allowed) as slot:
        if slot is None:
            return Outcome(refused[0], None, 0.0, None)
        # What was waited for has recorded its run, and the code may have changed: all of it is looked at now.
        context.catch_up()
        if finding.key and (known := recorded(context, finding.key)):
            return Outcome(known.row.get("novelty_guard") or {}, known, 0.0, None)
        terms = _Terms(words, limit, timeout_s, check, commit, claim, lease_s, slot)
        return _run(context, finding, terms, on_progress)


class _Terms(NamedTuple):
    """What is run, how it is entered and how long it may take."""

    words: Sequence[str]
    limit_s: float
    timeout_s: float | None
    """The limit, if an operator set it."""
    check: bool
    commit: bool
    claim: bool
    lease_s: float | None
    slot: Mapping[str, str]


def _run(
    context: Context,
    finding: Finding,
    terms: _Terms,
    on_progress: Callable[[Progress], None] | None,
) -> Outcome:
    check, claim, limit = terms.check, terms.claim, terms.limit_s
    custody.forget_compiled(context)
    before = snapshot(context)
    idea, words = finding.idea, terms.words
    finding = _with_code(context, finding, before, words, tell=True)
    guard, held = _entered(context, finding, check, claim, terms.lease_s or limit)
    if (claim and held is None and finding.repeats is None) or (check and guard["policy"]["decision"] == "block"):
        _note(context, finding, guard)
        return Outcome(guard, None, 0.0, None)
    if terms.commit and _committed(context, finding, held):
        before = snapshot(context)
        finding = _with_code(context, finding._replace(idea=idea), before, words)
    finding = finding._replace(guard=guard, claim=held)
    with _given_back(context, held), _scratch(context, finding, words, limit) as attempt:
        environment = {**_environment(context, attempt.summary), **terms.slot}
        kept = custody.take(context, before, attempt.scratch, environment)
        fair = fairness.Fair(context, environment)
        finished = attempt.finished = supervise.supervise(
            words,
            cwd=context.place.code_root,
            env=environment,
            log_path=attempt.log,
            timeout_s=limit,
            on_progress=on_progress,
            within=kept.within,
            more_time=fair.more_time(limit, extend=not terms.timeout_s),
        )
        finished = attempt.finished = fair.measured(finished)
        done = finding._replace(
            key=leftovers.key_of(attempt.scratch, attempt.told),
            snapshot=custody.settle(context, kept),
            summary=attempt.summary if attempt.summary.exists() else None,
            log=attempt.log,
            finished=finished,
        )
        return Outcome(guard, log(context, done), finished.seconds, attempt.log)


def _with_code(
    context: Context, finding: Finding, before: Snapshot, words: Sequence[str], *, tell: bool = False
) -> Finding:
    """The finding with the code as it is now, how it is called, and what that changes; `tell` says of a repetition."""
    known = identity.identify(context, before, words)
    idea = changes.with_change(finding.idea, changes.of_run(context, before.head, known, finding.idea), known)
    judged = before.protected if before.integrity != "modified" else None
    again = identity.earlier(context, known, judged)
    same = again or known.anew
    if tell and same is not None:
        context.warn(rerun.told(same.candidate, anew=again is None))
    repeats = again.candidate if again else None
    crashed = None if again else identity.crashed(context, known, judged)
    return finding._replace(snapshot=before, idea=idea, identity=known, repeats=repeats, crashed=crashed)


def _committed(context: Context, finding: Finding, claim: str | None) -> bool:
    """Commit the code that is about to run; returns whether there was anything to commit.

    Raises:
        InputError: git refuses; nothing is run.

    """
    root = context.place.code_root
    names = git.uncommitted(root, context.config.mutable)
    if not names:
        return False
    if problem := git.commit_files(root, names, finding.idea.description):
        with _given_back(context, claim):
            raise InputError(f"the code can't be committed: {problem}", "commit it yourself, and leave out --commit")
    return True


def _note(context: Context, finding: Finding, guard: NoveltyGuard) -> None:
    """Record that the run was held back, so that the morning report can say what and why; the verdict stands anyway."""
    idea, policy = finding.idea, guard["policy"]
    row: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "kind": KIND,
        "timestamp_utc": context.stamp(),
        "owner": claims.agent_of(context, finding.owner).name,
        "command": "run",
        "mode": guard["mode"],
        "description": idea.description,
        "hypothesis": idea.hypothesis,
        "tags": list(idea.tags),
        "family": idea.family,
        "edits": [edit.record() for edit in idea.edits],
        "decision": "block",
        "classification": guard["classification"],
        "reason": policy["reason"],
        "evidence": list(policy.get("evidence", ())),
    }
    if context.place.campaign:
        row["campaign"] = context.place.campaign
    try:
        context.ledger.append([row])
    except LabError as error:
        context.warn(f"the report won't tell of this: {error}")


def _environment(context: Context, summary: Path) -> dict[str, str]:
    given = {**os.environ, **context.environment}
    given.pop(consent.TOKEN, None)  # what is trained can't agree to anything
    return {
        **given,
        "AUTORESEARCH_SUMMARY_PATH": str(summary),
        "PYTHONUNBUFFERED": "1",  # else what a killed run printed last is lost in its buffer
    }


def _entered(
    context: Context, finding: Finding, check: bool, claim: bool, lease_s: float
) -> tuple[NoveltyGuard, str | None]:
    """The verdict that the run starts under, and its claim if it was to have one and got it."""
    question = _question(finding)
    if finding.repeats is not None:
        return _entered_again(context, finding, question), None
    if not claim:
        guard = judge(context, finding.idea, question)
        return claims.heed(context, finding.idea, guard, finding.owner, working=True) if check else guard, None
    agent = claims.agent_of(context, finding.owner)
    guard, taken = claims.take(context, finding.idea, question, agent, lease_s, command="run", heed=check)
    return guard, taken.claim_id if taken else None


def _question(finding: Finding) -> Question:
    return Question(mode=finding.mode, crashed=finding.crashed)


def _entered_again(context: Context, finding: Finding, question: Question) -> NoveltyGuard:
    """The verdict on a run that repeats another: no words hold it back, and there is no idea to be claimed."""
    idea = rerun.as_rerun(finding.idea)
    return rerun.guard(judge(context, idea, question), idea, finding.repeats or "")


@contextmanager
def _given_back(context: Context, claim: str | None) -> Iterator[None]:
    """Release the claim of a run that wasn't recorded; one that was has ended it."""
    try:
        yield
    finally:
        if claim is not None:
            with suppress(LabError):
                claims.release(context, claim)


class _Attempt:
    """One execution: where it writes, what is told of it, and how it ended."""

    def __init__(self, scratch: Path, log: Path, told: dict[str, Any]) -> None:
        self.scratch = scratch
        self.summary = scratch / leftovers.SUMMARY
        self.log = log
        self.told = told
        self.finished: Finished | None = None


@contextmanager
def _scratch(context: Context, finding: Finding, command: Sequence[str], limit_s: float) -> Iterator[_Attempt]:
    """A fresh path for the sidecar, and a log that no other run of this worktree writes to.

    They go when the run is recorded. What ended, or measured something, without being recorded is kept, and the error
    says how to record it.
    """
    scratch = _prepared(context, finding)
    before, kept = len(context.settled), None
    try:
        with _log_of_its_own(context) as log_path:
            told = running.note(context, scratch, log_path, finding, command, limit_s)
            attempt = _Attempt(scratch, log_path, told)
            try:
                yield attempt
            except BaseException as error:
                if len(context.settled) == before and (kept := _kept(context, attempt)):
                    leftovers.told_of(error, kept)
                raise
    finally:
        if kept is None:
            shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):  # another run's is still in it
            context.place.scratch.rmdir()


@contextmanager
def _log_of_its_own(context: Context) -> Iterator[Path]:
    with ExitStack() as stack:
        try:
            alone = stack.enter_context(files.try_exclusive(context.place.code_root / ".run.lock"))
        except OSError as error:
            raise files.explain(error, "prepare the run") from error
        if not alone:
            context.warn("another run is going on in this worktree; this one logs to run-PID.log")
        yield context.place.code_root / ("run.log" if alone else f"run-{os.getpid()}.log")


def _prepared(context: Context, finding: Finding) -> Path:
    """A scratch directory in a store that is fit to record what comes of the run; dead runs are swept out of it."""
    memory = context.place.memory
    try:
        for place in (context.place.scratch, *([context.place.runs] if finding.archive else [])):
            files.refuse_links(place, memory)
        memory.mkdir(parents=True, exist_ok=True)
        for kept in leftovers.sweep(context, leftovers.AT_ONCE).kept:
            context.warn(f"{kept}; hint: `memorylab verify` says how to record it")
        return files.unique_directory(context.place.scratch, f"{os.getpid()}-{time.time_ns()}")
    except OSError as error:
        raise files.explain(error, "prepare the run") from error


def _kept(context: Context, attempt: _Attempt) -> leftovers.Leftover | None:
    """What a run left that couldn't be recorded; None where it never ended and measured nothing."""
    finished = attempt.finished
    if finished is not None and went_wrong(finished):
        attempt.told["status"] = "crash"
        running.write_note(attempt.scratch, attempt.told)
    return leftovers.rescue(context, attempt.scratch, attempt.told, attempt.log, ended=finished is not None)
