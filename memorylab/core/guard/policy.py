"""What a verdict means in each mode: one table, and the few reasons that soften a block."""

from __future__ import annotations

from memorylab.tuples import NamedTuple


class Verdict(NamedTuple):
    """A class with its reason. `soft` says why a block would be unfair, `noop` that the base already has the edit.

    `proven` says that it failed on this very base, `hopeless` that a long row of related runs failed, which closes the
    line. `control` is a run that changes nothing on purpose (baseline, rerun, another seed): it measures the noise.
    """

    classification: str
    reason: str
    evidence: tuple[str, ...] = ()
    soft: str = ""
    noop: bool = False
    control: bool = False
    hopeless: str = ""
    proven: bool = False


class Decision(NamedTuple):
    """What the guard says in a mode; the class may be renamed by it (replicate asks for the same run again)."""

    classification: str
    decision: str
    reason: str


_TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "novel": {
        "explore": ("allow", ""),
        "exploit": ("allow", "it exploits nothing that was kept"),
        "replicate": ("block", "there is nothing to replicate"),
    },
    "incremental_followup": {
        "explore": ("caution", "a further step along a kept line belongs in exploit"),
        "exploit": ("allow", ""),
        "replicate": ("allow", ""),
    },
    "known_success": {
        "explore": ("caution", "it is known to work; exploring it again teaches little"),
        "exploit": ("allow", ""),
        "replicate": ("allow", ""),
    },
    "repeat_failure": {
        "explore": ("block", ""),
        "exploit": ("block", ""),
        "replicate": ("block", "it is no rerun of anything"),
    },
    "duplicate_run": {"explore": ("block", ""), "exploit": ("block", ""), "replicate": ("allow", "")},
}


def decide(verdict: Verdict, mode: str, strict: bool = False) -> Decision:
    """The decision for a verdict in a mode (explore, exploit, replicate; any other reads as exploit)."""
    mode = mode if mode in ("explore", "exploit", "replicate") else "exploit"
    name = verdict.classification
    if verdict.hopeless and mode != "replicate":
        if name == "novel":
            return Decision("repeat_failure", "block", verdict.hopeless)
        return Decision(name, "block", f"{verdict.reason}; {verdict.hopeless}")
    if mode == "replicate" and name == "known_success":
        name = "duplicate_run"
    decision, remark = _TABLE[name][mode]
    if verdict.control and name == "novel":
        decision, remark = "allow", ""
    if verdict.noop and name == "known_success":
        decision, remark = "block", "on this base it changes nothing"
    elif strict and mode == "explore" and name in ("incremental_followup", "known_success"):
        decision = "block"
    elif strict and mode == "exploit" and name == "novel" and not verdict.control:
        decision = "caution"
    elif verdict.soft and decision == "block" and mode != "replicate":
        decision, remark = "caution", verdict.soft
    return Decision(name, decision, "; ".join(part for part in (verdict.reason, remark) if part))


def doubt(decision: Decision, mismatch: str | None) -> Decision:
    """The same when description and code contradict each other: no plain yes, and the reason says how."""
    if not mismatch:
        return decision
    return decision._replace(
        decision="caution" if decision.decision == "allow" else decision.decision,
        reason=f"{decision.reason}; {mismatch}",
    )
