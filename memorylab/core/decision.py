"""The decision packet: what happened in a run, what it means against its base and the noise, and what to do next."""

from __future__ import annotations

from typing import Any, NamedTuple

from memorylab.core import crash
from memorylab.core.arenas import improvement
from memorylab.core.noise import BETTER, CONFIDENT, TIE, WORSE, Noise, probability_better, reruns_to_settle, verdict
from memorylab.records import Direction, ErrorRecord, NoveltyGuard, Status

AUTO_KEEP = 0.8
"""`--status auto` keeps a run from this probability on that it is better than its base."""

HOPELESS_CRASHES = 3
"""After so many crashes of one kind on one target the next one is expected: in public ledgers 28 of 30 repeated."""


class Reference(NamedTuple):
    """A run that the current one is held against, with the mean over its reruns."""

    run_id: str
    commit: str | None
    value: float
    runs: int = 1


class Situation(NamedTuple):
    """All that a decision depends on."""

    run_id: str
    commit: str | None
    status: Status
    description: str
    family: str
    hypothesis: str
    metric: str
    direction: Direction
    value: float | None
    runs: int
    """How many measured runs the candidate has, this one included; `value` is their mean."""
    base: Reference | None
    champion: Reference | None
    noise: Noise
    guard: NoveltyGuard
    error: ErrorRecord | None
    same_failures: int
    integrity: str
    budget_s: float


class Comparison(NamedTuple):
    """A run against one reference: signed gain (positive is better) and how sure it is."""

    reference: Reference
    gain: float
    probability: float

    @property
    def verdict(self) -> str:
        """Better, tie or worse."""
        return verdict(self.probability)


class Advice(NamedTuple):
    """What to do next, how urgently, and why."""

    action: str
    priority: str
    reasons: list[str]


def compare(value: float | None, runs: int, reference: Reference | None, noise: Noise,
            direction: Direction) -> Comparison | None:
    """Hold a measured value against a reference; None where either is missing."""
    if value is None or reference is None:
        return None
    gain = improvement(value, reference.value, direction)
    return Comparison(reference, gain, probability_better(gain, noise, runs, reference.runs))


def auto_status(value: float | None, base: Comparison | None) -> Status:
    """The status that metric, base and noise speak for: a crash without a value, the baseline and likely gains kept."""
    if value is None:
        return "crash"
    return "keep" if base is None or base.probability >= AUTO_KEEP else "discard"


def decide(s: Situation) -> dict[str, Any]:
    """The decision packet of a run, in the seed's fields."""
    base = compare(s.value, s.runs, s.base, s.noise, s.direction)
    champion = compare(s.value, s.runs, s.champion, s.noise, s.direction)
    if s.status == "crash":
        advice = _after_crash(s)
    elif s.integrity == "modified":
        advice = Advice("investigate_crash", "high", [
            "A protected file differs from the one pinned at init: the number was not measured by the agreed judge.",
            "The run can't become champion. Restore the file and run the idea again."])
    elif champion is None:
        advice = Advice("promote", "medium", ["It is the first measured run here: what follows is judged against it."])
    elif s.status == "keep":
        advice = _after_keep(s, champion, base or champion)
    else:
        advice = _after_discard(s, champion)
    return {
        "summary": _summary(s, champion),
        "next_action": advice.action,
        "priority": advice.priority,
        "rationale": advice.reasons,
        "hypothesis_status": _hypothesis_status(s, base or champion),
        "run": {"run_id": s.run_id, "commit": s.commit, "status": s.status, "description": s.description,
                "family": s.family, "hypothesis": s.hypothesis, s.metric: s.value, "runs_of_candidate": s.runs,
                "integrity": s.integrity},
        "novelty": _novelty(s.guard),
        "comparison": _comparison(s, base, champion),
        "error": dict(s.error) if s.error else None,
    }


def _after_crash(s: Situation) -> Advice:
    kind = s.error.get("kind", "unknown") if s.error else "unknown"
    advice = crash.ADVICE.get(kind, "")
    if kind in crash.INFRASTRUCTURE:
        return Advice("fix_and_retry", "medium", ["The crash says nothing about the idea.", advice])
    if s.same_failures >= HOPELESS_CRASHES:
        return Advice("abandon", "low", [
            f"It is crash number {s.same_failures} of this kind on the same target; another value is likely to crash too.",
            advice])
    if crash.REMEDY.get(kind) == "fix":
        return Advice("fix_and_retry", "medium", [advice])
    return Advice("investigate_crash", "high" if kind == "unknown" else "medium", [advice])


def _after_keep(s: Situation, champion: Comparison, base: Comparison) -> Advice:
    percent = _percent(champion.probability)
    if champion.gain > 0 and champion.verdict == BETTER:
        return Advice("promote", "high", [
            f"It beats the champion {champion.reference.run_id} by {champion.gain:.6f}; {percent} that this is real "
            f"({_basis(s.noise)})."])
    if champion.gain > 0:
        return Advice("replicate", "high", [
            f"The gain of {champion.gain:.6f} over {champion.reference.run_id} is inside the noise "
            f"(one run varies by about {s.noise.sigma:.6f}; {percent} that it is real; {_basis(s.noise)}).",
            _rerun_cost(champion.gain, s)])
    if base.verdict == WORSE:
        return Advice("branch_followup", "low", [
            f"It was kept although it is {-base.gain:.6f} worse than its base {base.reference.run_id}.",
            "It only pays if a follow-up on this branch wins that back."])
    return Advice("branch_followup", "medium", [
        f"It was kept without beating the champion {champion.reference.run_id} ({_signed(champion.gain)}).",
        "A further step along this branch may."])


def _after_discard(s: Situation, champion: Comparison) -> Advice:
    if champion.verdict == BETTER:
        return Advice("replicate", "high", [
            f"It was discarded although it measured {champion.gain:.6f} better than the champion "
            f"({_percent(champion.probability)} that this is real).", _rerun_cost(champion.gain, s)])
    if champion.verdict == TIE:
        return Advice("retry", "low", [
            f"A difference of {_signed(champion.gain)} is a tie (one run varies by about {s.noise.sigma:.6f}; "
            f"{_basis(s.noise)}).",
            "It is no evidence against the idea; it may be worth another try on a later base."])
    return Advice("abandon", "low", [
        f"It is {-champion.gain:.6f} worse than the champion {champion.reference.run_id}; "
        f"{_percent(1 - champion.probability)} that this is real ({_basis(s.noise)})."])


def _hypothesis_status(s: Situation, base: Comparison | None) -> str:
    if not s.hypothesis:
        return "not_stated"
    if s.value is None or base is None or s.integrity == "modified":
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
        return f"{s.status.capitalize()}: {number}{mean}, the first measured run."
    side = "better" if champion.gain > 0 else "worse"
    sure = champion.probability if champion.gain > 0 else 1 - champion.probability
    return (f"{s.status.capitalize()}: {number}{mean}, {abs(champion.gain):.6f} {side} than the champion "
            f"({_percent(sure)} that it is truly {side}).")


def _comparison(s: Situation, base: Comparison | None, champion: Comparison | None) -> dict[str, Any]:
    wins = (s.status == "keep" and s.value is not None and s.integrity != "modified"
            and (champion is None or champion.gain > 0))
    current = ({"run_id": s.run_id, "commit": s.commit, "value": s.value} if wins
               else _reference(s.champion))
    to_current = 0.0 if wins else champion.gain if champion else None
    return {
        "metric": s.metric, "direction": s.direction, "value": s.value,
        "base": _reference(s.base), "gain_over_base": base.gain if base else None,
        "probability_better_than_base": _rounded(base),
        "prior_champion": _reference(s.champion), "gain_over_prior_champion": champion.gain if champion else None,
        "probability_better_than_champion": _rounded(champion),
        "current_champion": current, "gain_over_current_champion": to_current,
        "is_champion": wins,
        "verdict": champion.verdict if champion else None,
        "noise_sigma": s.noise.sigma, "noise_replicates": s.noise.replicates,
        "reruns_to_settle": reruns_to_settle(champion.gain, s.noise) if champion and champion.verdict == TIE else None,
    }


def _novelty(guard: NoveltyGuard) -> dict[str, Any]:
    policy = guard.get("policy")
    matches = guard.get("top_matches") or []
    return {"classification": guard.get("classification"), "decision": policy["decision"] if policy else None,
            "reason": policy["reason"] if policy else None, "closest_run": matches[0].get("run_id") if matches else None}


def _rerun_cost(gain: float, s: Situation) -> str:
    reruns = reruns_to_settle(gain, s.noise)
    if reruns is None:
        return "More than 16 reruns would be needed to settle a difference this small: treat it as a tie."
    minutes = reruns * s.budget_s / 60
    return f"{reruns} rerun{'s' * (reruns != 1)} of each side (about {2 * minutes:.0f} min in all) would settle it at " \
           f"{CONFIDENT:.0%}."


def _reference(reference: Reference | None) -> dict[str, Any] | None:
    return {"run_id": reference.run_id, "commit": reference.commit, "value": reference.value} if reference else None


def _rounded(comparison: Comparison | None) -> float | None:
    return round(comparison.probability, 4) if comparison else None


def _basis(noise: Noise) -> str:
    if not noise.replicates:
        return "noise assumed from public runs, none repeated here"
    return f"noise from {noise.replicates} repeated run{'s' * (noise.replicates != 1)} here and a prior"


def _percent(probability: float) -> str:
    return f"{min(99, max(1, round(100 * probability)))} %"


def _signed(gain: float) -> str:
    return f"{abs(gain):.6f} {'better' if gain > 0 else 'worse'}" if gain else "nothing"
