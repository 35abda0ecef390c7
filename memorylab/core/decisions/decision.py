"""The decision packet: what happened in a run, what it means against its base and the noise, and what to do next."""

from __future__ import annotations

from typing import Any

from memorylab.core.decisions import caveats
from memorylab.core.decisions.advice import Advice, after_control, after_crash, after_discard, after_keep, after_rerun
from memorylab.core.decisions.noise import BETTER, CONFIDENT, TIE
from memorylab.core.decisions.ruling import Ruling, rule
from memorylab.core.decisions.situation import Comparison, Judged, Reference, Situation, judge
from memorylab.core.decisions.worth import reruns_wanted
from memorylab.core.numerals import percent
from memorylab.core.runs.crash_kinds import STARVED
from memorylab.core.runs.integrity import BARRED
from memorylab.records import NoveltyGuard
from memorylab.tuples import NamedTuple


class Decision(NamedTuple):
    """What is decided of a run: its status, whether it may lead, and the packet that says why."""

    ruling: Ruling
    packet: dict[str, Any]


def decide(s: Situation) -> Decision:
    """Decide on a run; the packet's fields are part of the contract with agents."""
    judged = judge(s)
    ruling = rule(s, judged)
    return Decision(ruling, _packet(s._replace(status=ruling.status), judged, ruling))  # type: ignore[arg-type]


def _packet(s: Situation, judged: Judged, ruling: Ruling) -> dict[str, Any]:
    base, champion = judged.base, judged.champion
    advice = _due(s, _advice(s, judged, ruling))
    return {
        "summary": _summary(s, champion),
        "next_action": advice.action,
        "target": advice.target or s.run_id,
        "priority": advice.priority,
        "rationale": [
            *([f"Status {s.status}: {ruling.why}."] if ruling.why else []),
            *advice.reasons,
            *caveats.remarks(s, base),
        ],
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
        "comparison": _comparison(s, judged, ruling),
        "error": dict(s.error) if s.error else None,
    }


def _advice(s: Situation, judged: Judged, ruling: Ruling) -> Advice:
    base, champion = judged.base, judged.champion
    if s.status == "crash":
        return after_crash(s)
    if s.integrity in BARRED:
        return caveats.after_doubt(s)
    if caveats.void(s):
        return caveats.after_starved(s)
    if s.control and s.control.get("failed"):
        return after_control(s)
    if s.leads:
        return after_rerun(s, champion, ruling)
    if champion is None:
        return Advice("promote", "medium", ["It is the first measured run here: what follows is judged against it."])
    if s.status == "keep":
        return after_keep(s, champion, base or champion, judged.met, ruling)
    return after_discard(s, champion, judged.met, ruling)


def _due(s: Situation, advice: Advice) -> Advice:
    """The base comes first where it is due: what follows would be held against it."""
    if (
        caveats.void(s)
        or not s.control_due
        or s.before is None
        or advice.action not in ("abandon", "retry", "branch_followup")
    ):
        return advice
    return Advice("replicate", "high", [s.control_due, *advice.reasons], s.before.run_id)


def _hypothesis_status(s: Situation, base: Comparison | None) -> str:
    if not s.hypothesis:
        return "not_stated"
    if s.value is None or base is None or s.integrity in BARRED or caveats.void(s):
        return "inconclusive"
    if base.verdict == TIE:
        return "inconclusive"
    agrees = (base.verdict == BETTER) == (s.status == "keep")
    if not agrees:
        return "mixed"
    return "supported" if base.verdict == BETTER else "unsupported"


def _summary(s: Situation, champion: Comparison | None) -> str:
    around = f" ({', '.join(s.circumstances)})" if s.circumstances else ""
    status = f"{str(s.status).capitalize()}{around}"
    if s.status == "crash":
        return f"{status}: {s.error['summary'] if s.error else 'no reason was recorded'}"
    number = f"{s.metric} {s.digits.value(s.value)}" if s.value is not None else f"no {s.metric}"
    if caveats.void(s):
        return f"{status}: {number}, which is no evidence either way."
    mean = f", mean of {s.runs} runs" if s.runs > 1 else ""
    if champion is None:
        which = "the champion again" if s.leads else "the first measured run"
        return f"{status}: {number}{mean}, {which}."
    other = "the next best kept run" if s.leads else "the champion"
    if champion.gain == 0:
        return f"{status}: {number}{mean}, the same as {other}."
    side = "better" if champion.gain > 0 else "worse"
    sure = champion.probability if champion.gain > 0 else 1 - champion.data
    held = f"{status}: {number}{mean}, {s.digits.size(champion.gain)} {side} than {other}"
    if s.integrity in BARRED:
        return f"{held}, if that number holds, which is in doubt."
    return f"{held} ({percent(sure)} that it is truly {side})."


def _comparison(s: Situation, judged: Judged, ruling: Ruling) -> dict[str, Any]:
    base, champion = judged.base, judged.champion
    leads = s.leads or s.stood or s.status == "keep" if ruling.promoted is None else ruling.promoted
    wins = leads and s.value is not None and s.integrity not in BARRED and (champion is None or champion.gain > 0)
    stays = s.successor if ruling.demoted else s.champion
    current = {"run_id": s.run_id, "commit": s.commit, "value": s.value} if wins else _reference(stays)
    to_current = 0.0 if wins else champion.gain if champion else None
    return {
        "metric": s.metric,
        "direction": s.direction,
        "value": s.value,
        "base": _reference(s.base),
        "gain_over_base": base.gain if base else None,
        "probability_better_than_base": None if s.integrity in BARRED else _rounded(base),
        "prior_champion": _reference(s.before),
        "gain_over_prior_champion": champion.gain if champion and not s.leads else None,
        "next_best": _reference(s.champion) if s.leads else None,
        "gain_over_next_best": champion.gain if champion and s.leads else None,
        "probability_better_than_champion": None if s.integrity in BARRED else _rounded(champion),
        "current_champion": current,
        "gain_over_current_champion": to_current,
        "is_champion": wins,
        "verdict": STARVED if caveats.void(s) else base.verdict if base else champion.verdict if champion else None,
        "distance_sigma": round(base.sigmas, 3) if base and base.sigmas is not None else None,
        **_belief(s, judged, ruling),
        "noise_sigma": s.noise.sigma,
        "noise_replicates": s.noise.replicates,
        **caveats.comparison(s),
    }


def _belief(s: Situation, judged: Judged, ruling: Ruling) -> dict[str, Any]:
    """The estimates behind the decision: luck taken out, the risk that was open, and what the next run is worth."""
    met, tie = judged.met, judged.champion is not None and judged.champion.verdict == TIE
    return {
        "expected_gain": met.gain.mean if met else None,
        "expected_gain_sd": met.gain.sd if met else None,
        "risk_available": round(s.promotions.available, 4),
        "reruns_to_settle": reruns_wanted(met.gain, s.noise, 1 - CONFIDENT) if met and tie else None,
        "worth_of_a_rerun": ruling.rerun,
        "worth_of_a_new_idea": ruling.new_idea,
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
