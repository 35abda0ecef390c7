"""A run whose identity another has had: it measures that one again, whatever its description says.

An experiment is the state of the code, the command, the judge, the data and the device. Where all agree, no words make
another experiment of it, and none are taught anything by it.
"""

from __future__ import annotations

from memorylab.core.guard.policy import Decision
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.ideas import Idea
from memorylab.core.runs.crash_kinds import UNTRIED
from memorylab.records import NoveltyGuard

CERTAIN = frozenset(("assertion", "exception", "shape_mismatch", "syntax_error"))
"""Crashes that the same code meets again, whatever else the machine does. Memory, time and NaN depend on more."""
FAMILY = "replication"
"""The family of a run that repeats another: it changes nothing."""
EDIT = Edit("rerun", "add")
"""The edit that such a run makes: none."""


def as_rerun(idea: Idea, run_id: str | None = None, *, anew: bool = False) -> Idea:
    """The idea as a repetition: what its words say is not what was run."""
    return idea._replace(edits=(EDIT,), family=FAMILY, change="", mismatch=None, repeats=run_id, anew=anew)


def told(run_id: str, *, anew: bool = False) -> str:
    """What is said before such a run starts."""
    said = f"this is the code of {run_id}, unchanged"
    return f"{said}; it is measured anew, under other conditions" if anew else said


def guard(asked: NoveltyGuard, idea: Idea, run_id: str) -> NoveltyGuard:
    """The verdict on a repetition in place of the one on its words."""
    ruled = Decision("novel", "allow", told(run_id, anew=True)) if idea.anew else decide(run_id, asked["mode"])
    return _ruled(asked, idea, ruled, [run_id])


def unchanged(asked: NoveltyGuard, idea: Idea, why: str) -> NoveltyGuard:
    """The verdict on an idea that sets what is set already: waste, but where the code is to be run again."""
    decision = "allow" if asked["mode"] == "replicate" else "block"
    return _ruled(asked, idea, Decision("duplicate_run", decision, why), [])


def _ruled(asked: NoveltyGuard, idea: Idea, ruled: Decision, evidence: list[str]) -> NoveltyGuard:
    asked = asked.copy()
    asked.pop("elsewhere", None)  # its words were looked up there
    return {
        **asked,
        "classification": ruled.classification,
        "policy": {
            "decision": ruled.decision,
            "reason": ruled.reason,
            "mode": asked["mode"],
            "evidence": evidence,
            "odds": None,
        },
        "edits": [edit.record() for edit in idea.edits],
        "knobs": [],
        "field_prior": [],
        "change": "",
        "mismatch": None,
        "match_count": 0,  # what other runs repeat is nothing like it
        "counts": dict.fromkeys(asked["counts"], 0),
        "top_matches": [],
        "suggestion": None,
    }


def after_crash(asked: NoveltyGuard, run_id: str, kind: str, summary: str) -> NoveltyGuard:
    """The verdict on code that was never measured, since it crashed: it is as strict as that on its words, or stricter.

    Mended code is other code, so that none of this concerns it; a crash that says nothing of the code changes nothing.
    """
    if kind in UNTRIED:
        return asked
    policy = asked["policy"]
    certain = kind in CERTAIN or policy["decision"] == "block"
    decision = "allow" if asked["mode"] == "replicate" else "block" if certain else "caution"
    hint = "; --mode replicate runs it all the same" if decision == "block" else ""
    why = f"{told(run_id)}, and it crashed there ({kind}: {summary}){hint}"
    return {
        **asked,
        "classification": "repeat_failure",
        "policy": {**policy, "decision": decision, "reason": why, "evidence": [run_id]},
    }


def decide(run_id: str, mode: str) -> Decision:
    """What the guard says of it: asked for, it is welcome; otherwise it is told, and measures the noise."""
    if mode == "replicate":
        return Decision("duplicate_run", "allow", told(run_id))
    return Decision("duplicate_run", "caution", f"{told(run_id)}; it counts as a rerun, not as an idea")
