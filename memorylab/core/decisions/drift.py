"""Whether the base still holds: when a control run of it is due, and what one that fails means for the runs before it.

Machines get slower (heat, a neighbour on the GPU) and single measurements are lucky; either way every idea that follows
is held against a value that nothing reaches, and fails. Two of 69 public ledgers discarded 36 and 42 tries in a row
like that; their mark is a row of discards of which none comes near the kept best.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from memorylab.core.decisions.noise import Noise, student_cdf
from memorylab.tuples import NamedTuple

HAZARD = 1 / 1000
"""Chance per run that the base stops holding: a handful of such breaks in 5,500 public runs."""
RUNS_LOST = 20
"""Runs that are wasted, as a rule, until somebody notices without a control."""
ROW = 10
NEAR = 0.01
"""The mark found by hand: so many discards in a row, none within so much of the kept best."""
SURE = 0.999
"""Probability, as far as the noise is known, from which a fall of the base is a break by itself."""
BEYOND = 3.0
"""A fall of so many standard deviations is one where the runs since fell alike."""
FEW = 3
"""Runs since the base was last seen to hold that a control must have to speak for."""
DIVERGED = 10.0
"""A control that fell so many times further than any run since diverged itself, and speaks for none of them."""
LUCK = 1.5
"""What the best of many measurements is too good by, in sigmas: a first rerun may fall so much further."""


class Due(NamedTuple):
    """Whether the next run should be a control of the base."""

    due: bool
    probability: float
    """That the base no longer holds."""
    row: int
    """Runs since the base was last seen to hold, of which none came near it."""


def control_due(misses: int, share_near: float, best_gap: float | None) -> Due:
    """Judge a row of runs that failed.

    A run that is no worse than a tie shows that the base holds. Each that isn't makes it likelier that it doesn't: by
    one over the share of runs that would miss it anyway. The control is due when what it would save, if the base is
    gone, is more than the run that it costs.

    Args:
        misses: runs in a row, up to the last one, that came nowhere near the base.
        share_near: share of earlier runs here that came near their base (a tie or better).
        best_gap: how far the best of the row stayed away, as a share of the base's value.

    """
    if misses == 0:
        return Due(False, 0.0, 0)
    miss = min(0.95, max(0.3, 1 - share_near))
    odds = misses * HAZARD * miss**-misses
    if misses >= ROW and best_gap is not None and best_gap > NEAR:
        odds = max(odds, 1.0)
    probability = odds / (1 + odds)
    return Due(probability * RUNS_LOST > 1, probability, misses)


def lost(gains: Sequence[float], bases: Sequence[float]) -> int:
    """How many of the newest runs bear the mark: their distance from the base may be no effect and no noise."""
    row = 0
    for gain, base in zip(reversed(gains), reversed(bases), strict=True):
        if gain >= -NEAR * abs(base):
            break
        row += 1
    return row if row >= ROW else 0


def failed(fall: float, noise: Noise, runs: int, stretch: Sequence[float]) -> bool:
    """Whether a control shows that the base no longer holds.

    Args:
        fall: how much worse the control is than the base's mean; negative is better.
        noise: of the arena.
        runs: how many runs that mean rests on.
        stretch: how much worse than that mean the runs since the base was last seen to hold were.

    """
    if fall <= 0 or len(stretch) < FEW or fall / DIVERGED > max(stretch):
        return False  # nothing was tried since that it could speak for
    if noise.sigma == 0:
        return True
    luck = LUCK * noise.sigma if runs == 1 else 0.0
    t = (fall - luck) / (noise.sigma * math.sqrt(1 + 1 / runs))
    # Either the fall is beyond luck by itself, or the control is one of the runs since rather than like itself.
    return student_cdf(t, noise.freedom) > SURE or (t > BEYOND and fall > 0.5 * median(stretch))


def median(values: Sequence[float]) -> float:
    """The median; `statistics` costs a tenth of a Python start to import."""
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return (low + high) / 2 if math.isfinite(low + high) else low / 2 + high / 2
