"""What a packet adds when a number may not mean what it says: a run in doubt, a busy machine, more tokens."""

from __future__ import annotations

from typing import Any

from memorylab.core.decisions.advice import Advice
from memorylab.core.decisions.noise import CONFIDENT, probability_better
from memorylab.core.decisions.situation import Comparison, Situation
from memorylab.core.numerals import plain
from memorylab.core.runs.integrity import ACCEPTED, MODIFIED, NOTES

TELLING = 0.25
"""A part of the gain is worth a sentence from this share of the whole on, if it is beyond the noise of one run too."""


def after_doubt(s: Situation) -> Advice:
    """After a run that can't become champion as it is: look, then run it again or accept it."""
    grave = [reason.text for reason in s.doubts if reason.kind not in NOTES]
    restore = (
        "Restore what was changed and run the idea again" if s.integrity == MODIFIED else "Look at it, and run it again"
    )
    what = f"{restore} under the agreed judge; or, if it is right as it is: `memorylab accept {s.run_id}`."
    return Advice("investigate_crash", "high", [*grave, "The run can't become champion.", what])


def excused(s: Situation, base: Comparison | None) -> bool:
    """Whether a result is bad and the machine may be why: what it missed in training explains it, up to the noise."""
    if not s.effort.contended or (base is not None and base.gain > 0):
        return False
    learnt = s.effort.from_learning
    return learnt is None or probability_better(learnt, s.noise, s.runs) > 1 - CONFIDENT


def after_excused(s: Situation) -> Advice:
    """After a bad result of a run that was slow for no reason of its own."""
    little = "The result says little about the idea: run it again on a quiet machine."
    return Advice("retry", "medium", [_slow(s), little])


def remarks(s: Situation, base: Comparison | None) -> list[str]:
    """Sentences that follow the reasons of the advice."""
    told = []
    if s.integrity == ACCEPTED:
        told += [f"Accepted although: {reason.text}" for reason in s.doubts if reason.kind not in NOTES]
    told += [f"Note: {reason.text}" for reason in s.doubts if reason.kind in NOTES]
    if s.effort.contended and not excused(s, base):
        told.append(_slow(s))
    return told + _split(s, base)


def _slow(s: Situation) -> str:
    speed = 100 * (1 - (s.effort.speed or 1.0))
    why = "something else may have used the machine"
    return f"It was {speed:.0f} % slower than its base, and no edit explains that: {why}."


def _split(s: Situation, base: Comparison | None) -> list[str]:
    tokens, learning, ratio = s.effort.from_tokens, s.effort.from_learning, s.effort.ratio
    if base is None or tokens is None or learning is None or ratio is None:
        return []
    if abs(tokens) < max(s.noise.sigma, TELLING * abs(base.gain)):
        return []
    share = f"{100 * abs(ratio - 1):.0f} % {'more' if ratio > 1 else 'less'} training than its base"
    side = "better" if learning > 0 else "worse"
    return [
        f"It had {share}, which alone {'gains' if tokens > 0 else 'costs'} about {plain(abs(tokens))}: "
        f"for equal training it is {plain(abs(learning))} {side}."
    ]


def comparison(s: Situation, base: Comparison | None) -> dict[str, Any]:
    """What the packet's comparison with its base says of the work behind the number."""
    e = s.effort
    return {
        "tokens_ratio": _rounded(e.ratio),
        "speed_ratio": _rounded(e.speed),
        "from_more_tokens": e.from_tokens,
        "from_better_learning": e.from_learning,
        "contended": e.contended,
        "excused": excused(s, base),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
