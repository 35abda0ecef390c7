"""What a packet adds when a number may not mean what it says: a run in doubt, one that was starved, more tokens."""

from __future__ import annotations

from typing import Any

from memorylab.core.decisions.advice import Advice
from memorylab.core.decisions.situation import Comparison, Situation
from memorylab.core.numerals import rough
from memorylab.core.runs.integrity import ACCEPTED, MODIFIED, NOTES

ROW = 3
"""So many starved runs in a row are worth a word about the machine."""
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


def void(s: Situation) -> bool:
    """Whether the run is no evidence: it was starved, and nobody decided to keep it all the same."""
    return s.starved is not None and s.status not in ("keep", "crash")


def after_starved(s: Situation) -> Advice:
    """After a run that the machine withheld its share from: whatever it measured, run it again."""
    assert s.starved is not None
    told = [s.starved.text, "It says nothing about the idea, whatever it measured: run it again on a quiet machine."]
    if s.starved_row >= ROW and not s.starved.measured:
        told.append(
            f"{s.starved_row} runs in a row were as slow: if the machine stays like that, run the base again, "
            "which then becomes the measure."
        )
    elif s.starved_row >= ROW:
        told.append(f"{s.starved_row} runs in a row were starved: wait for a quiet machine.")
    return Advice("retry", "medium", told)


def remarks(s: Situation, base: Comparison | None) -> list[str]:
    """Sentences that follow the reasons of the advice."""
    told = []
    if s.integrity == ACCEPTED:
        told += [f"Accepted although: {reason.text}" for reason in s.doubts if reason.kind not in NOTES]
    told += [f"Note: {reason.text}" for reason in s.doubts if reason.kind in NOTES]
    if s.starved is not None and not void(s):
        told.append(s.starved.text)
    return told if void(s) else told + _split(s, base)


def _split(s: Situation, base: Comparison | None) -> list[str]:
    tokens, learning, ratio = s.effort.from_tokens, s.effort.from_learning, s.effort.ratio
    if base is None or tokens is None or learning is None or ratio is None:
        return []
    if abs(tokens) < max(s.noise.sigma, TELLING * abs(base.gain)):
        return []
    share = f"{rough(100 * abs(ratio - 1))} % {'more' if ratio > 1 else 'less'} training than its base"
    side = "better" if learning > 0 else "worse"
    return [
        f"It had {share}, which alone {'gains' if tokens > 0 else 'costs'} about {s.digits.size(tokens)}: "
        f"for equal training it is {s.digits.size(learning)} {side}."
    ]


def comparison(s: Situation) -> dict[str, Any]:
    """What the packet's comparison with its base says of the work behind the number."""
    e = s.effort
    return {
        "tokens_ratio": _rounded(e.ratio),
        "speed_ratio": _rounded(e.speed),
        "from_more_tokens": e.from_tokens,
        "from_better_learning": e.from_learning,
        "starved": s.starved is not None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
