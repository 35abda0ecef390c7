"""What to do after a run: the seven next actions, each with its urgency and its reasons in words."""

from __future__ import annotations

from memorylab.core.decisions.effects import Met
from memorylab.core.decisions.noise import BETTER, CONFIDENT, TIE, WORSE, Noise
from memorylab.core.decisions.ruling import Ruling
from memorylab.core.decisions.situation import Comparison, Situation
from memorylab.core.decisions.worth import reruns_wanted
from memorylab.core.numerals import duration, in_sigmas, percent, rough
from memorylab.core.runs import crash_kinds
from memorylab.tuples import NamedTuple

HOPELESS_CRASHES = 3
"""After so many crashes of one kind on one target the next one is expected: in public ledgers 28 of 30 repeated."""


class Advice(NamedTuple):
    """What to do next, how urgently, and why."""

    action: str
    priority: str
    reasons: list[str]
    target: str = ""
    """The run that it is about; empty for the run just made."""


def after_crash(s: Situation) -> Advice:
    """After a crash: mend it, look for the cause, or let it be."""
    kind = s.error.get("kind", "unknown") if s.error else "unknown"
    advice = crash_kinds.ADVICE.get(kind, "")
    if kind == "interrupted":  # there is nothing to fix
        return Advice("retry", "medium", ["It was stopped, which says nothing about the idea.", advice])
    if kind in crash_kinds.INFRASTRUCTURE:
        return Advice("fix_and_retry", "medium", ["The crash says nothing about the idea.", advice])
    if s.same_failures >= HOPELESS_CRASHES:
        return Advice(
            "abandon",
            "low",
            [
                f"Crash number {s.same_failures} of this kind on the same target: another value may well crash too.",
                advice,
            ],
        )
    if crash_kinds.REMEDY.get(kind) == "fix":
        return Advice("fix_and_retry", "medium", [advice])
    return Advice("investigate_crash", "high" if kind == "unknown" else "medium", [advice])


def after_keep(s: Situation, champion: Comparison, base: Comparison, met: Met | None, ruling: Ruling) -> Advice:
    """After a kept run: believe it, repeat it, or go on from it."""
    sure, other = percent(champion.probability), champion.reference.run_id
    if champion.gain > 0 and champion.verdict == BETTER and ruling.promoted is not False:
        said = f"It beats the champion {other} by {s.digits.size(champion.gain)}; "
        said += f"{sure} that this is real ({_basis(s.noise)})."
        return Advice("promote", "high", [said, *_shrunk(s, champion, met)])
    if champion.gain > 0:
        known = f"{sure} that it is real; {_basis(s.noise)}"
        if champion.verdict == BETTER:
            said = f"It measured {s.digits.size(champion.gain)} better than the champion {other} ({known})."
        else:
            size = s.digits.size(champion.gain)
            said = f"The gain of {size} over {other} is inside the noise ({_varies(s.noise)}; {known})."
        standing = [] if ruling.promoted is not False else [_not_yet(s, base)]
        urgent = "high" if ruling.promoted is False or ruling.rerun >= ruling.new_idea else "medium"
        worth = [] if ruling.promoted is False and ruling.rerun < ruling.new_idea else [_compared(ruling)]
        return Advice("replicate", urgent, [said, *standing, _rerun_cost(s, met), *worth])
    if base.verdict == WORSE:
        return Advice(
            "branch_followup",
            "low",
            [
                f"It was kept although it is {s.digits.size(base.gain)} worse than its base {base.reference.run_id}.",
                "It only pays if a follow-up on this branch wins that back.",
            ],
        )
    return Advice(
        "branch_followup",
        "medium",
        [
            f"It was kept without beating the champion {other} ({_signed(s, champion.gain)}).",
            "A further step along this branch may.",
        ],
    )


def after_rerun(s: Situation, rival: Comparison | None, ruling: Ruling) -> Advice:
    """After the champion was run again: has its mean kept the lead?"""
    if rival is None and ruling.promoted is False:
        return Advice("replicate", "high", [f"Repeated, it no longer leads: {ruling.why}. {_spread(s)}"])
    if rival is None:
        return Advice(
            "promote", "low", [f"It repeats the champion, which has {s.runs} runs and no rival yet. {_spread(s)}"]
        )
    lead = f"the mean of its {s.runs} runs is {s.digits.size(rival.gain)}"
    if rival.gain <= 0 or ruling.promoted is False:
        commit = f" (commit {rival.reference.commit[:7]})" if rival.reference.commit else ""
        side = "worse than" if rival.gain <= 0 else "better than, and no surer than chance against,"
        return Advice(
            "abandon",
            "high",
            [
                f"Repeated, the champion fell behind: {lead} {side} {rival.reference.run_id}. {_spread(s)}",
                f"Its first measurement was lucky; go on from {rival.reference.run_id}{commit}.",
            ],
            rival.reference.run_id,
        )
    sure = f"{percent(rival.probability)} that it is truly the better one"
    if rival.verdict == BETTER:
        return Advice("promote", "high", [f"It held: {lead} better than the next best; {sure}. {_spread(s)}"])
    urgent = "medium" if ruling.rerun >= ruling.new_idea else "low"
    said = f"It still leads: {lead} better than the next best; {sure}. {_spread(s)}"
    return Advice("replicate", urgent, [said, _compared(ruling)])


def after_control(s: Situation) -> Advice:
    """After a rerun of the base that shows that it no longer holds."""
    control = s.control or {}
    many, since = control.get("untested") or 0, control.get("since")
    beyond = f"{in_sigmas(sigmas)} sigma; " if (sigmas := control.get("sigmas")) is not None else ""
    ideas = f"{many} idea{'s' * (many != 1)} tried since {since} {'are' if many != 1 else 'is'} untested, not failed"
    return Advice(
        "retry",
        "high",
        [
            f"The base no longer holds: run again it measured {s.digits.value(s.value)}, "
            f"not {s.digits.value(control['expected'])} "
            f"({beyond}{_basis(s.noise)}).",
            f"{ideas[0].upper()}{ideas[1:]}: they were held against a value that nothing could reach.",
            "Look at the machine (heat, another process on the GPU). This run is the base from now on.",
        ],
    )


def after_discard(s: Situation, champion: Comparison, met: Met | None, ruling: Ruling) -> Advice:
    """After a discarded run: let it be, unless the noise says that it may have been good."""
    if champion.verdict == BETTER:
        return Advice(
            "replicate",
            "high",
            [
                f"It was discarded although it measured {s.digits.size(champion.gain)} better than the champion "
                f"({percent(champion.probability)} that this is real).",
                _rerun_cost(s, met),
            ],
        )
    if champion.verdict == TIE:
        return Advice(
            "retry",
            "low",
            [
                f"A difference of {_signed(s, champion.gain)} is a tie ({_varies(s.noise)}; {_basis(s.noise)}).",
                "It is no evidence against the idea; it may be worth another try on a later base.",
            ],
        )
    return Advice(
        "abandon",
        "low",
        [
            f"It is {s.digits.size(champion.gain)} worse than the champion {champion.reference.run_id}; "
            f"{percent(1 - champion.data)} that this is real ({_basis(s.noise)})."
        ],
    )


def _not_yet(s: Situation, base: Comparison) -> str:
    risk = 1 - base.probability
    if risk <= s.promotions.available:
        return f"It doesn't lead yet: that risk of {percent(risk)} rests on a noise of which little is known here."
    return (
        f"It doesn't lead yet: {percent(risk)} that it gains nothing, and {percent(s.promotions.available)} may be "
        "risked now."
    )


def _shrunk(s: Situation, champion: Comparison, met: Met | None) -> list[str]:
    """What is left of a gain without the luck of having been picked; only where that matters."""
    if met is None or not 0 < met.gain.mean < 0.8 * champion.gain:
        return []
    return [f"Expect about {s.digits.size(met.gain.mean)} of it: the best of many measurements is too good."]


def _spread(s: Situation) -> str:
    return f"{_varies(s.noise).capitalize()} ({_basis(s.noise)})."


def _rerun_cost(s: Situation, met: Met | None) -> str:
    reruns = reruns_wanted(met.gain, s.noise, 1 - CONFIDENT) if met else None
    if reruns is None:
        return "More than 8 reruns would be needed to settle a difference this small: treat it as a tie."
    cost = duration(reruns * s.run_s / 60)
    return (
        f"{reruns} rerun{'s' * (reruns != 1)} of it (about {cost} in all) would settle it at {100 * CONFIDENT:.0f} %."
    )


def _compared(ruling: Ruling) -> str:
    again, fresh = rough(ruling.rerun), rough(ruling.new_idea)
    if again == fresh:
        return f"A rerun is worth {again}, about as much as a new idea."
    return (
        f"A rerun is worth {again}, {'more' if ruling.rerun > ruling.new_idea else 'less'} than a new idea ({fresh})."
    )


def _varies(noise: Noise) -> str:
    if noise.sigma:
        return f"one run varies by about {rough(noise.sigma)}"
    return "no run that was repeated has varied" if noise.replicates else "how much one run varies is not known"


def _basis(noise: Noise) -> str:
    if not noise.replicates:
        return "noise assumed from public runs, none repeated here"
    return f"noise from {noise.replicates} repeated run{'s' * (noise.replicates != 1)} here and a prior"


def _signed(s: Situation, gain: float) -> str:
    return f"{s.digits.size(gain)} {'better' if gain > 0 else 'worse'}" if gain else "nothing"
