"""How a run ended in view of its number: whether that counts, fell with a crash, or is contradicted by the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorylab.core.numerals import digits, number
from memorylab.core.runs.integrity import Reason
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.runs.block import Ending
    from memorylab.core.runs.crash import Cause

_VERDICTS = ("nan", "assertion", "unknown", "no_result")
"""A program that ends so behind its result says of the result that it is none, or doesn't say what happened."""
LATE_CRASH, CONTRADICTED = "late_crash", "log_contradicts"


class End(NamedTuple):
    """What became of a run's number."""

    crashed: bool
    """The run is a crash, whatever number stands in its log."""
    cause: Cause | None = None
    """What ended it, where the log says so better than its exit code."""
    reasons: tuple[Reason, ...] = ()
    """What is to be said of a number that counts."""


def of_run(
    metric: str,
    value: float | None,
    ending: Ending | None,
    *,
    failed: Cause | None,
    by_sidecar: bool,
    decided: bool,
) -> End:
    """Hold a run's number against its log's end.

    `failed` is why the command ended as no good run does, if it did; `by_sidecar` says that the number stands in the
    sidecar alone, and `decided` that a person gave the status.
    """
    if value is None:
        return End(failed is not None, None)
    cause = failed or (ending.crash if ending else None)
    if cause is not None and cause.kind not in _VERDICTS and ending is not None and ending.finished:
        return End(False, None, (late_crash(metric, value, cause), *_told_twice(metric, value, ending)))
    if failed is not None:
        return End(True)
    if cause is not None and (by_sidecar or decided):
        return End(False, None, (contradicted(metric, value, cause),))
    return End(cause is not None, cause, _told_twice(metric, value, ending))


def late_crash(metric: str, value: float, cause: Cause) -> Reason:
    """The program fell after it had printed its result."""
    told = f"It crashed after its result, {metric} {number(value)}, was printed ({cause.kind}: {cause.summary})"
    return Reason(LATE_CRASH, f"{told}; the number counts.")


def contradicted(metric: str, value: float, cause: Cause) -> Reason:
    """A number is given, and the log ends in a crash."""
    told = f"The log ends in a crash ({cause.kind}: {cause.summary})"
    return Reason(CONTRADICTED, f"{told}, though {metric} {number(value)} is given.")


def _told_twice(metric: str, value: float, ending: Ending | None) -> tuple[Reason, ...]:
    later = ending.later if ending is not None else None
    if ending is None or later is None or not ending.finished:
        return ()
    if later.number is not None and agree(value, later.number, later.decimals):
        return ()
    shown = digits(0.0, value, later.number)
    other = shown.value(later.number) if later.number is not None else later.text
    said = f"The log tells two values: {metric} {shown.value(value)} in its summary, {other} behind it."
    return (Reason(CONTRADICTED, said),)


def agree(ours: float, printed: float, decimals: int) -> bool:
    """Equal as far as the log prints it: half a unit of its last digit, or a millionth for exponents and float32.

    >>> agree(0.97531, 0.975, 3), agree(0.97531, 0.974, 3)
    (True, False)
    """
    return abs(ours - printed) <= max(0.500001 * 10.0 ** min(-decimals, 300), 1e-6 * abs(printed))
