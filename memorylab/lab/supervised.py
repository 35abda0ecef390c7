"""The use case `run`: ask the guard, run the command under supervision, record what came of it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from memorylab import files
from memorylab.adapters import supervise
from memorylab.adapters.training_log import Progress
from memorylab.errors import LabError, UsageError
from memorylab.index.blocked import KIND
from memorylab.lab import changes, claims, consent, custody, running
from memorylab.lab.code import Snapshot, snapshot
from memorylab.lab.context import Context
from memorylab.lab.finding import Finding
from memorylab.lab.judge import Question, judge
from memorylab.lab.record import Logged, log, recorded
from memorylab.records import SCHEMA_VERSION, NoveltyGuard

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
    context.catch_up()
    if finding.key and (known := recorded(context, finding.key)):
        return Outcome(known.row.get("novelty_guard") or {}, known, 0.0, None)
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
    with _given_back(context, held), _scratch(context) as (summary, log_path):
        running.note(context, summary.parent, log_path, finding, words, limit)
        environment = _environment(context, summary)
        held = custody.take(context, before, summary.parent, environment)
        finished = supervise.supervise(
            words,
            cwd=context.place.code_root,
            env=environment,
            log_path=log_path,
            timeout_s=limit,
            on_progress=on_progress,
            within=held.within,
        )
        finding = finding._replace(snapshot=custody.settle(context, held), finished=finished)
        done = finding._replace(summary=summary if summary.exists() else None, log=log_path)
        return Outcome(guard, _logged(context, done), finished.seconds, log_path)


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


def _logged(context: Context, done: Finding) -> Logged:
    """Record the run; if that fails, its measurement must not be lost with the scratch directory."""
    try:
        return log(context, done)
    except LabError as error:
        if done.summary is not None:
            kept = context.place.code_root / f"summary-{os.getpid()}.json"
            shutil.copy(done.summary, kept)
            error.hint = (
                f"{error.hint}; the run's summary is kept as {kept.name}: `log --summary {kept.name} --log run.log`"
            )
        raise


@contextmanager
def _scratch(context: Context) -> Iterator[tuple[Path, Path]]:
    """A fresh path for the sidecar, and a log that no other run of this worktree writes to."""
    try:
        context.place.memory.mkdir(parents=True, exist_ok=True)
        scratch = files.unique_directory(context.place.memory / "scratch", f"{os.getpid()}-{time.time_ns()}")
    except OSError as error:
        raise files.explain(error, "prepare the run") from error
    try:
        with files.try_exclusive(context.place.code_root / ".run.lock") as alone:
            if not alone:
                context.warn("another run is going on in this worktree; this one logs to run-PID.log")
            name = "run.log" if alone else f"run-{os.getpid()}.log"
            yield scratch / "summary.json", context.place.code_root / name
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):  # another run's is still in it
            scratch.parent.rmdir()
