"""The decision packet: what happened in a run, what it means against its base and the noise, and what to do next."""

from __future__ import annotations

from typing import Any

from memorylab.core import caveats
from memorylab.core.advice import Advice, after_crash, after_discard, after_keep, after_rerun, percent
from memorylab.core.integrity import BARRED
from memorylab.core.noise import BETTER, TIE, reruns_to_settle
from memorylab.core.situation import Comparison, Reference, Situation, compare
from memorylab.records import NoveltyGuard, Status

AUTO_KEEP = 0.8
"""`--status auto` keeps a run from this probability on that it is better than its base."""


def auto_status(value: float | None, base: Comparison | None, leads: bool = False) -> Status:
    """The status that metric, base and noise speak for: a crash without a value, the baseline and likely gains kept.

    A rerun of the champion (`leads`) is kept as long as its mean stays ahead of the next best candidate, its `base`.
    """
    if value is None:
        return "crash"
    if leads and base is not None:
        return "keep" if base.gain >= 0 else "discard"
    return "keep" if base is None or base.probability >= AUTO_KEEP else "discard"


def decide(s: Situation) -> dict[str, Any]:
    """The decision packet of a run; its fields are part of the contract with agents."""
    base = compare(s.value, s.runs, s.base, s.noise, s.direction)
    champion = compare(s.value, s.runs, s.champion, s.noise, s.direction)
    advice = _advice(s, base, champion)
    return {
        "summary": _summary(s, champion),
        "next_action": advice.action,
        "priority": advice.priority,
        "rationale": [*advice.reasons, *caveats.remarks(s, base)],
        "hypothesis_status": _hypothesis_status(s, base or champion),
        "run": {
            "run_id": s.run_id,
            "commit": s.commit,
            "status": s.status,
            "description": s.description,
            "family": s.family,
            "hypothesis": s.hypothesis,
            s.metric: s.value,
            "runs_of_candidate": s.runs,
            "integrity": s.integrity,
            "integrity_reasons": [reason._asdict() for reason in s.doubts],
        },
        "novelty": _novelty(s.guard),
        "comparison": _comparison(s, base, champion),
        "error": dict(s.error) if s.error else None,
    }


def _advice(s: Situation, base: Comparison | None, champion: Comparison | None) -> Advice:
    if s.status == "crash":
        return after_crash(s)
    if s.integrity in BARRED:
        return caveats.after_doubt(s)
    if s.leads:
        return after_rerun(s, champion)
    if champion is None:
        return Advice("promote", "medium", ["It is the first measured run here: what follows is judged against it."])
    if caveats.contended(s, base or champion):
        return caveats.after_contended(s)
    if s.status == "keep":
        return after_keep(s, champion, base or champion)
    return after_discard(s, champion)


def _hypothesis_status(s: Situation, base: Comparison | None) -> str:
    if not s.hypothesis:
        return "not_stated"
    if s.value is None or base is None or s.integrity in BARRED or caveats.contended(s, base):
        return "inconclusive"
    if base.verdict == TIE:
        return "inconclusive"
    agrees = (base.verdict == BETTER) == (s.status == "keep")
    if not agrees:
        return "mixed"
    return "supported" if base.verdict == BETTER else "unsupported"


def _summary(s: Situation, champion: Comparison | None) -> str:
    if s.status == "crash":
        return f"Crash: {s.error['summary'] if s.error else 'no reason was recorded'}"
    number = f"{s.metric} {s.value:.6f}" if s.value is not None else f"no {s.metric}"
    mean = f", mean of {s.runs} runs" if s.runs > 1 else ""
    if champion is None:
        which = "the champion again" if s.leads else "the first measured run"
        return f"{s.status.capitalize()}: {number}{mean}, {which}."
    side = "better" if champion.gain > 0 else "worse"
    sure = champion.probability if champion.gain > 0 else 1 - champion.probability
    other = "the next best kept run" if s.leads else "the champion"
    return (
        f"{s.status.capitalize()}: {number}{mean}, {abs(champion.gain):.6f} {side} than {other} "
        f"({percent(sure)} that it is truly {side})."
    )


def _comparison(s: Situation, base: Comparison | None, champion: Comparison | None) -> dict[str, Any]:
    wins = (
        s.status == "keep"
        and s.value is not None
        and s.integrity not in BARRED
        and (champion is None or champion.gain > 0)
    )
    current = {"run_id": s.run_id, "commit": s.commit, "value": s.value} if wins else _reference(s.champion)
    to_current = 0.0 if wins else champion.gain if champion else None
    return {
        "metric": s.metric,
        "direction": s.direction,
        "value": s.value,
        "base": _reference(s.base),
        "gain_over_base": base.gain if base else None,
        "probability_better_than_base": _rounded(base),
        "prior_champion": _reference(s.before),
        "gain_over_prior_champion": champion.gain if champion and not s.leads else None,
        "next_best": _reference(s.champion) if s.leads else None,
        "gain_over_next_best": champion.gain if champion and s.leads else None,
        "probability_better_than_champion": _rounded(champion),
        "current_champion": current,
        "gain_over_current_champion": to_current,
        "is_champion": wins,
        "verdict": champion.verdict if champion else None,
        "noise_sigma": s.noise.sigma,
        "noise_replicates": s.noise.replicates,
        "reruns_to_settle": reruns_to_settle(champion.gain, s.noise) if champion and champion.verdict == TIE else None,
        **caveats.comparison(s),
    }


def _novelty(guard: NoveltyGuard) -> dict[str, Any]:
    policy = guard.get("policy")
    matches = guard.get("top_matches") or []
    return {
        "classification": guard.get("classification"),
        "decision": policy["decision"] if policy else None,
        "reason": policy["reason"] if policy else None,
        "closest_run": matches[0].get("run_id") if matches else None,
    }


def _reference(reference: Reference | None) -> dict[str, Any] | None:
    return {"run_id": reference.run_id, "commit": reference.commit, "value": reference.value} if reference else None


def _rounded(comparison: Comparison | None) -> float | None:
    return round(comparison.probability, 4) if comparison else None
