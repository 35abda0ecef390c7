"""How many false wins a campaign may keep: a budget that is spent by what is kept on little evidence.

Testing a hundred ideas a night at 90 % each keeps about ten that do nothing. So the sum of what could be false among
the kept is held below a share of them, run by run: the estimate of the false discovery proportion that LORD++ keeps
under its level (Ramdas, Yang, Wainwright and Jordan 2017, "Online control of the false discovery rate with decaying
memory"), with the posterior probability of no gain in the place of each test's level (as in Efron's local false
discovery rate).
"""

from __future__ import annotations

from collections.abc import Iterable

from memorylab.tuples import NamedTuple

SHARE = 0.2
"""False wins among the kept that a campaign may expect, if `false_wins` in the settings says no other share.

In simulated nights (`benchmarks/night_sim.py`) 0.2 ends where keep-if-lower does, with 40 % of its false wins; 0.1
keeps a fifth of them and ends 0.0009 behind, since most small gains are then refused.
"""
START = 0.4
"""What may be risked before anything was kept, in false wins: a night's first keep needs no proof."""
MOST = 0.5
"""No single keep may be likelier false than true."""
LEAST = 0.05
"""However much is risked already: who is better with 95 % never stands behind. A spent budget delays a lead, it doesn't
freeze it, or all that follows would be held against a champion that nobody believes in."""


class Budget(NamedTuple):
    """What a campaign has kept so far, and what that risks."""

    kept: int
    """Ideas that stand as kept."""
    expected_false: float
    """How many of them probably gain nothing."""
    share: float = SHARE
    """False wins among the kept that are allowed."""

    @property
    def available(self) -> float:
        """The probability of no gain that the next keep may have."""
        return max(LEAST, min(MOST, START + self.share * (self.kept + 1) - self.expected_false))


def budget(probabilities: Iterable[float]) -> Budget:
    """The budget after keeping ideas with these probabilities of a real gain."""
    doubts = [1 - probability for probability in probabilities]
    return Budget(len(doubts), sum(doubts))
