"""The use case `run`: ask the guard, run the command under supervision, record what came of it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorylab import files
from memorylab.adapters import supervise
from memorylab.adapters.training_log import Progress
from memorylab.errors import LabError, UsageError
from memorylab.index.blocked import KIND
from memorylab.lab import changes, claims, consent, custody, layout, leftovers, running, settings
from memorylab.lab.code import Snapshot, snapshot
from memorylab.lab.context import Context
from memorylab.lab.finding import Finding
from memorylab.lab.judge import Question, judge
from memorylab.lab.record import Logged, log, recorded
from memorylab.lab.row import failed
from memorylab.records import SCHEMA_VERSION, NoveltyGuard

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
    claim: bool = False,
    lease_s: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Check, execute and log one idea; with `claim`, reserve it first, for as long as the run may take.

    `finding` says what is tried and how to record it; its files and outcome are filled in here.

    Raises:
        UsageError: no description, no command.
        InputError: the command can't be started; nothing is recorded.

    """
    if not finding.idea.description:
        raise UsageError("the description is empty", "say in a few words what the run tries: --description TEXT")
    settings.hold(context)
    context.catch_up()
    if finding.key and (known := recorded(context, finding.key)):
        return Outcome(known.row.get("novelty_guard") or {}, known, 0.0, None)
    for gap in layout.gaps(context):
        context.warn(gap)
    custody.forget_compiled(context)
    before = snapshot(context)
    finding = _with_code(context, finding, before)
    limit = timeout_s or TIMEOUT_BUDGETS * context.config.time_budget_s
    guard, held = _entered(context, finding, check, claim, lease_s or limit)
    if (claim and held is None) or (check and guard["policy"]["decision"] == "block"):
        _note(context, finding, guard)
        return Outcome(guard, None, 0.0, None)
    finding = finding._replace(guard=guard, claim=held)
    words = command or context.config.command
    with _given_back(context, held), _scratch(context, finding, words, limit) as attempt:
        environment = _environment(context, attempt.summary)
        kept = custody.take(context, before, attempt.scratch, environment)
        finished = attempt.finished = supervise.supervise(
            words,
            cwd=context.place.code_root,
            env=environment,
            log_path=attempt.log,
            timeout_s=limit,
            on_progress=on_progress,
            within=kept.within,
        )
        done = finding._replace(
            key=leftovers.key_of(attempt.scratch, attempt.told),
            snapshot=custody.settle(context, kept),
            summary=attempt.summary if attempt.summary.exists() else None,
            log=attempt.log,
            finished=finished,
        )
        return Outcome(guard, log(context, done), finished.seconds, attempt.log)


def _with_code(context: Context, finding: Finding, before: Snapshot) -> Finding:
    """The finding with the code as it is now, and what that changes."""
    idea = changes.with_change(finding.idea, changes.of_tree(context, before.head, finding.idea))
    return finding._replace(snapshot=before, idea=idea)


def _note(context: Context, finding: Finding, guard: NoveltyGuard) -> None:
    """Record that the run was held back, so that the morning report can say what and why; the verdict stands anyway."""
    idea, policy = finding.idea, guard["policy"]
    row = {
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
    question = Question(mode=finding.mode)
    if not claim:
        guard = judge(context, finding.idea, question)
        return claims.heed(context, finding.idea, guard, finding.owner, working=True) if check else guard, None
    agent = claims.agent_of(context, finding.owner)
    guard, taken = claims.take(context, finding.idea, question, agent, lease_s, command="run", heed=check)
    return guard, taken.claim_id if taken else None


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
    if finished is not None and failed(finished):
        attempt.told["status"] = "crash"
        running.write_note(attempt.scratch, attempt.told)
    return leftovers.rescue(context, attempt.scratch, attempt.told, attempt.log, ended=finished is not None)
