"""Is this idea new? The verdict on an idea from the runs that resemble it, with the runs that carry it.

A failure is evidence about an edit on a base: what has changed since, how far beyond noise it was and whether it was a
fair try decide whether trying again is waste.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core import evidence, knobs, policy
from memorylab.core.ideas import Idea, Past
from memorylab.core.similarity import Match, compare
from memorylab.records import STATUSES, NoveltyGuard

MODE_SHIFT = {"explore": -0.08, "exploit": 0.0, "replicate": 0.08}


def judge(
    idea: Idea,
    past: Sequence[Past],
    *,
    mode: str = "exploit",
    threshold: float = 0.62,
    limit: int = 5,
    strict: bool = False,
    tree: Mapping[str, float | str] | None = None,
) -> NoveltyGuard:
    """The guard's verdict on `idea` given the earlier runs that may resemble it; unrelated ones change nothing.

    `tree` holds the values that the working tree gives to targets, where there is one.
    """
    effective = min(1.0, max(0.0, threshold + MODE_SHIFT.get(mode, 0.0)))
    base = knobs.present_values(idea.edits, past, tree)
    matches = ((compare(idea.edits, idea.words, run.edits, run.words, base), run) for run in past)
    found = [(match, run) for match, run in matches if match is not None]
    found.sort(key=lambda pair: (-pair[0].similarity, -pair[1].seq))
    verdict = evidence.classify(idea, found, base, effective)
    decision = policy.decide(verdict, mode, strict)
    close = [run for match, run in found if match.similarity >= effective]
    found.sort(key=lambda pair: pair[1].run_id not in verdict.evidence)  # what carries the verdict is shown first
    return {
        "classification": decision.classification,
        "probe_text": " ".join(idea.description.lower().split()),
        "threshold": threshold,
        "match_count": len(close),
        "counts": {status: sum(run.status == status for run in close) for status in STATUSES},
        "top_matches": [_shown(match, run, idea) for match, run in found[: max(limit, 0)]],
        "mode": mode,
        "effective_threshold": round(effective, 4),
        "policy": {
            "decision": decision.decision,
            "reason": decision.reason,
            "mode": mode,
            "evidence": list(verdict.evidence),
        },
        "edits": [edit.record() for edit in idea.edits],
        "knobs": knobs.memory(idea.edits, past, base),
        "p_keep": None,
        "suggestion": None,
    }


def _shown(match: Match, run: Past, idea: Idea) -> dict[str, Any]:
    own = {edit.target for edit in idea.edits}
    return {
        "run_id": run.run_id,
        "commit": run.commit,
        "status": run.status,
        "description": run.description,
        "family": run.family,
        "similarity": round(match.similarity, 3),
        "why": match.why,
        "relation": match.relation,
        "value": run.value,
        "gain": run.gain,
        "base_moved": bool(run.moved) and bool(knobs.touching(idea.edits, run.moved) or own.intersection(run.moved)),
    }
