"""What other campaigns of the workspace tried: told beside the verdict, and no part of it.

They judge by other numbers, so what failed there may well do here. It never blocks; where they judge by the same
metric, a failure there makes a plain yes a cautious one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.guard import evidence, novelty
from memorylab.core.guard.citing import outcome
from memorylab.core.guard.knobs import ELSEWHERE
from memorylab.core.reading.ideas import Idea, Past
from memorylab.records import NoveltyGuard, finite, text

FAILED = ("duplicate_run", "repeat_failure")
_LIKE = {"same": "the same", "opposite": "the opposite"}


def known(idea: Idea, past: Sequence[Past], base: Mapping[str, float], threshold: float) -> dict[str, Any] | None:
    """What the runs of one other campaign say of an idea; None where none is like it.

    `base` holds the values that its targets have here: nothing is built on what that campaign kept.
    """
    runs = [run._replace(moved=(ELSEWHERE,), in_base=False) for run in past]
    found = novelty.resembling(idea, runs, base)
    verdict = evidence.classify(idea, found, base, threshold)
    carrier = next(((match, run) for match, run in found if run.run_id in verdict.evidence[:1]), None)
    if carrier is None or verdict.control:
        return None
    match, run = carrier
    return {
        "classification": verdict.classification,
        "run_id": run.run_id,
        "status": run.status,
        "description": run.description,
        "relation": match.relation,
        "similarity": round(match.similarity, 3),
        "why": match.why,
        "value": run.value,
        "gain": run.gain,
        "outcome": outcome(run),
    }


def told(guard: NoveltyGuard, found: Sequence[Mapping[str, Any]], metric: str, direction: str) -> NoveltyGuard:
    """The verdict with what was found in other campaigns, each with its name, metric and direction."""
    if not found:
        return guard
    policy = guard["policy"].copy()
    policy["reason"] = "; ".join([policy["reason"], *map(_said, found)])
    failed = any(
        one["classification"] in FAILED and (one["metric"], one["direction"]) == (metric, direction) for one in found
    )
    if failed and policy["decision"] == "allow" and guard["mode"] != "replicate":
        policy["decision"] = "caution"
    return {**guard, "policy": policy, "elsewhere": [dict(one) for one in found]}


def _said(one: Mapping[str, Any]) -> str:
    """In words that stay true: what happened there, by what number, and in which run."""
    value = finite(one.get("value"))
    how = text(one.get("outcome")) + (f", {one['metric']} {value:g}" if value is not None else "")
    like = _LIKE.get(text(one.get("relation")), "something like it")
    return f"campaign {one['campaign']} tried {like} in {one['run_id']} ({how})"
