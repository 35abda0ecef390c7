"""The use cases around claims: heed those of others, reserve an idea for a lease, give it back."""

from __future__ import annotations

import math
import time

from memorylab.core.guard import claims
from memorylab.core.guard.claims import Agent, Claim
from memorylab.core.reading.ideas import Idea
from memorylab.errors import InputError, LedgerMoved
from memorylab.index import claims as stored
from memorylab.lab.context import STAMP, Context
from memorylab.lab.judge import Question, home_arena, judge
from memorylab.lab.standing import agrees
from memorylab.records import SCHEMA_VERSION, NoveltyGuard
from memorylab.tuples import NamedTuple

LEASE_BUDGETS = 2.0
"""A claim holds for this many time budgets, which is how long a run may take, unless its lease is given."""
AGENT_VARIABLE = "MEMORYLAB_AGENT"
_LONGEST_NAME = 120


class Answer(NamedTuple):
    """What came of asking for an idea: the verdict, and the claim where it was granted."""

    guard: NoveltyGuard
    claim: Claim | None


def active(context: Context) -> list[Claim]:
    """The claims that hold now, on runs that would be comparable with one made here; the index must have caught up."""
    found = stored.active(context.index.db, context.clock())
    return [claim for claim in found if agrees(claim.arena, home_arena(context))] if found else found


def heed(
    context: Context, idea: Idea, guard: NoveltyGuard, owner: str | None = None, *, working: bool = False
) -> NoveltyGuard:
    """The verdict of history in view of the claims of others; the index must have caught up."""
    held = active(context)
    if held:
        agent = agent_of(context, owner)
        for claim in claims.alike(idea, held, guard["effective_threshold"]):
            if not claims.owns(agent, claim, working=working):
                return claims.refuse(guard, claim, context.clock())
    return guard


def take(
    context: Context,
    idea: Idea,
    question: Question,
    agent: Agent,
    lease_s: float | None = None,
    *,
    command: str = "check",
    heed: bool = True,
) -> Answer:
    """Reserve an idea that nobody else has; an agent's own claim on it is renewed.

    With `heed`, an idea that history blocks isn't reserved either. No two agents get the same idea: the row is appended
    to the very ledger that was judged, or it is judged again.

    Raises:
        LedgerError: nothing was reserved.

    """
    while True:
        position = context.catch_up()
        guard = judge(context, idea, question)
        same = claims.alike(idea, active(context), guard["effective_threshold"])
        for claim in same:
            if not claims.owns(agent, claim, working=command == "run"):
                return Answer(claims.refuse(guard, claim, context.clock()), None)
        if heed and guard["policy"]["decision"] == "block":
            return Answer(guard, None)
        claim = _claim(context, idea, agent, lease_s, command, same[0].claim_id if same else None)
        try:
            told = f"claimed as {claim.claim_id}" if command == "check" else ""
            context.append([_row(idea, claim)], position, told)
            return Answer(guard, claim)
        except LedgerMoved:
            continue


def release(context: Context, claim_id: str, owner: str | None = None, *, told: str = "") -> Claim:
    """End a claim before its lease does, whoever made it; see `Context.append` for `told`.

    Raises:
        InputError: there is no such claim, or it is over; nothing was written.

    """
    agent = agent_of(context, owner)
    while True:
        position = context.catch_up()
        found = stored.find(context.index.db, claim_id)
        if found is None:
            raise InputError(f"there is no claim {claim_id!r}", "`memorylab claims` lists those that hold")
        claim, ended = found
        if ended or claim.expires <= context.clock():
            raise InputError(
                f"the claim {claim_id} is over: {ended or 'its lease has ended'}", "there is nothing to do"
            )
        row = {
            "schema": SCHEMA_VERSION,
            "kind": "release",
            "claim_id": claim_id,
            "timestamp_utc": context.stamp(),
            "owner": agent.name,
        }
        try:
            context.append([row], position, told)
            return claim
        except LedgerMoved:
            continue


def fulfilled(context: Context, idea: Idea, owner: str | None) -> str | None:
    """The claim that a run of this idea, logged by this agent, makes good; the index must have caught up."""
    held = active(context)
    if not held:
        return None
    agent = agent_of(context, owner)
    same = claims.alike(idea, held, context.config.threshold)
    return next((claim.claim_id for claim in same if claims.owns(agent, claim, working=True)), None)


def agent_of(context: Context, owner: str | None) -> Agent:
    """Who asks: the name given, else that of the environment, else one made of user, host and directory."""
    import socket  # asked for only where there are claims

    from memorylab.core.runs import redact

    host, root = socket.gethostname(), context.place.code_root.resolve()
    worktree = redact.secrets(f"{host}:{root}")  # as the ledger will have it
    given = _clean(owner or context.environment.get(AGENT_VARIABLE, ""))
    return Agent(given or _clean(f"{user()}@{host}:{root.name}"), bool(given), worktree)


def _clean(name: str) -> str:
    from memorylab.core.runs import redact

    return redact.line(name)[:_LONGEST_NAME]


def user() -> str:
    """The user's name."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user often has no name
        return "somebody"


def _claim(
    context: Context, idea: Idea, agent: Agent, lease_s: float | None, command: str, renewed: str | None
) -> Claim:
    """The claim as of now; its lease ends on a full second, which is what the ledger can say."""
    from memorylab.adapters import git

    now = context.clock()
    lease = LEASE_BUDGETS * context.config.time_budget_s if lease_s is None else lease_s
    expires = float(math.ceil(now + lease))
    return Claim(
        claim_id=renewed or _free(context, f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}-claim"),
        owner=agent.name,
        named=agent.named,
        worktree=agent.worktree,
        branch=git.branch(context.place.code_root),
        command=command,
        timestamp_utc=context.stamp(),
        description=idea.description,
        edits=idea.edits,
        words=idea.words,
        arena=home_arena(context),
        expires=expires,
        expires_utc=time.strftime(STAMP, time.gmtime(expires)),
    )


def _free(context: Context, name: str) -> str:
    """The claim's name, with a suffix where it is taken; the append that follows decides between processes."""
    names = (name if n == 1 else f"{name}-{n}" for n in range(1, 10**6))
    return next(free for free in names if stored.find(context.index.db, free) is None)


def _row(idea: Idea, claim: Claim) -> dict[str, object]:
    return {
        "schema": SCHEMA_VERSION,
        "kind": "claim",
        "claim_id": claim.claim_id,
        "timestamp_utc": claim.timestamp_utc,
        "expires_utc": claim.expires_utc,
        "owner": claim.owner,
        "named": claim.named,
        "worktree": claim.worktree,
        "branch": claim.branch,
        "command": claim.command,
        "description": claim.description,
        "hypothesis": idea.hypothesis,
        "tags": list(idea.tags),
        "family": idea.family,
        "edits": [edit.record() for edit in claim.edits],
        "arena": claim.arena,
    }
