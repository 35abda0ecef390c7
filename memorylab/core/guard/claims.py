"""Claims: an agent reserves an idea for a lease, so that those who work beside it spend their time on another one."""

from __future__ import annotations

from collections.abc import Iterable

from memorylab.core.guard import policy
from memorylab.core.reading.edits import Edit, said
from memorylab.core.reading.ideas import Idea
from memorylab.core.reading.similarity import compare
from memorylab.records import Arena, NoveltyGuard
from memorylab.tuples import NamedTuple

_DAY = 86_400.0


class Agent(NamedTuple):
    """Who asks: its name, whether somebody gave it one (else it is made of user, host and directory), and where."""

    name: str
    named: bool
    worktree: str


class Claim(NamedTuple):
    """A reserved idea. `expires` is in seconds since the epoch, `expires_utc` the same for people."""

    claim_id: str
    owner: str
    named: bool
    worktree: str
    branch: str | None
    command: str
    """What made it: `check`, for whoever runs the idea next in that worktree, or a `run` that is going on."""
    timestamp_utc: str
    description: str
    edits: tuple[Edit, ...]
    words: frozenset[str]
    arena: Arena
    expires: float
    expires_utc: str

    @property
    def said(self) -> frozenset[str]:
        """All that the claim's description names."""
        return said(self.description)

    @property
    def left(self) -> None:
        """Worked out when it is needed."""
        return

    @property
    def change(self) -> None:
        """A claim is made before there is code."""
        return


def owns(agent: Agent, claim: Claim, *, working: bool) -> bool:
    """Whether the claim is the agent's own. `working` is who runs or logs the idea instead of asking for it.

    Two agents without names in one directory can't be told apart. Asking, each is taken for the other, so that only one
    gets the idea; working, for the one that claimed it, unless that one's `run` is going on.
    """
    if agent.named and claim.named:
        return claim.owner == agent.name
    return working and claim.command != "run" and claim.worktree == agent.worktree


def alike(idea: Idea, claims: Iterable[Claim], threshold: float) -> list[Claim]:
    """The claims on this very idea, in whatever words; a neighbouring value is another idea."""
    found = []
    for claim in claims:
        match = compare(idea, claim, {})
        if match is not None and match.relation == "same" and match.similarity >= threshold:
            found.append(claim)
    return found


def refuse(guard: NoveltyGuard, claim: Claim, now: float) -> NoveltyGuard:
    """The guard's verdict on an idea that somebody else has claimed.

    In replicate mode runs of one idea are wanted: there history decides whether it may be run.
    """
    history = guard["policy"]
    said = f"claimed by {claim.owner} until {until(claim, now)} ({left(claim.expires - now)} left)"
    decided = policy.decide(policy.Verdict("duplicate_run", said), guard["mode"])
    refused = guard.copy()
    refused["claimed_by"] = {"claim_id": claim.claim_id, "owner": claim.owner, "expires_utc": claim.expires_utc}
    if history["decision"] == "block":
        if decided.decision != "block":
            return refused
        said = f"{said}; {history['reason']}"
    refused["classification"] = decided.classification
    refused["policy"] = {
        **history,
        "decision": decided.decision,
        "reason": said,
        "evidence": [claim.claim_id, *history.get("evidence", ())],
    }
    return refused


def until(claim: Claim, now: float) -> str:
    """When a claim ends: "14:05 UTC", with the date where that is more than a day away."""
    clock = claim.expires_utc[11:16] if claim.expires - now < _DAY else claim.expires_utc[:16].replace("T", " ")
    return f"{clock} UTC"


def left(seconds: float) -> str:
    """A span of time in its fitting unit.

    >>> left(40), left(1500), left(20_000), left(1e6)
    ('40 s', '25 min', '5.6 h', '11.6 days')
    """
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.1f} days"
