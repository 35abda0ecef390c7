"""Whether a run is kept, and whether it may lead: by the chance that its gain is real, and what a rerun would tell."""

from __future__ import annotations

from memorylab.core.decisions import worth
from memorylab.core.decisions.effects import Met
from memorylab.core.decisions.noise import CONFIDENT, WORSE
from memorylab.core.decisions.situation import Judged, Situation
from memorylab.core.numerals import percent
from memorylab.core.runs.crash_kinds import STARVED
from memorylab.core.runs.integrity import BARRED
from memorylab.records import Ending
from memorylab.tuples import NamedTuple

DOUBTED = 0.5
"""Chance of a real gain below which a champion that nothing was kept on steps back, without a rerun of its own."""
MOST_RUNS = 4
"""Runs of one candidate after which it is decided with what is known: three reruns, and no budget delays it longer."""
UNMEASURED = 2
"""Until so many runs were repeated here a close call is run again: that tells the noise as well as the idea. Two
repeats that agree to the last digit are a machine without noise, where a gain below the usual noise is a gain."""
CLOSE = (0.2, 0.9)


class Ruling(NamedTuple):
    """What becomes of a run."""

    status: Ending
    promoted: bool | None
    """Whether it may be champion; None leaves that as it was."""
    demoted: bool
    """Whether the champion steps back: by now it probably gains nothing on what it was built on."""
    why: str
    """Why `--status auto` decided so; empty where the operator did."""
    rerun: float
    """What one more run of it is expected to bring, in the metric's unit."""
    new_idea: float
    """What a run of a new idea is."""


def rule(s: Situation, judged: Judged) -> Ruling:
    """Decide on a run, or take the operator's word for its status and decide only whether it may lead."""
    fresh = worth.new_idea(s.noise, s.weights)
    if s.integrity in BARRED and s.value is not None and s.status is None:
        return Ruling("discard", False, False, "its number is in doubt", 0.0, fresh)
    if s.starved and s.status is None:
        return Ruling(STARVED, False, False, "it is no evidence either way", 0.0, fresh)
    if s.value is None or s.status == "crash":
        return Ruling("crash", None, False, "", 0.0, fresh)
    if judged.met is None or judged.base is None:
        return Ruling(s.status or "keep", None, False, "" if s.status else _alone(s), 0.0, fresh)
    doubt, gain = 1 - judged.met.better, judged.met.gain
    risk = _risk(s)
    likely = gain.mean > 0 and doubt <= risk
    if s.status is not None:
        barred = s.confirmed and not s.leads and not likely
        promoted = None if s.again or s.status != "keep" else not barred
        return Ruling(s.status, promoted, False, "", worth.rerun(gain, s.noise, s.status == "keep"), fresh)
    if not s.leads and judged.champion is not None and judged.champion.verdict == WORSE:
        # What was kept before stays in the running: to be run again is no change of that.
        leads = None if s.again else False
        return Ruling("discard", leads, _steps_back(s), "it is behind the champion beyond the noise", 0.0, fresh)
    if s.leads and judged.champion is not None and judged.champion.gain < 0:
        return Ruling("discard", False, False, "its mean fell behind the next best", 0.0, fresh)
    over = judged.champion.probability if judged.champion is not None and not s.leads else 1.0
    leads = over >= 1 - max(risk, doubt)  # its base may be another one than the champion
    return _decided(s, judged.met, worth.rerun(gain, s.noise, taken=likely), fresh, likely, leads)


def _risk(s: Situation) -> float:
    """The probability of no gain that it may be kept with: the budget's, and 10 % once it isn't run again."""
    return s.promotions.available if s.runs < MOST_RUNS else max(s.promotions.available, 1 - CONFIDENT)


def _alone(s: Situation) -> str:
    """Why a run is kept that there is nothing to hold against."""
    if s.control:
        return "it is the base from now on"
    return "it measures again what leads without a rival" if s.runs > 1 else "it is the first measurement here"


def _decided(s: Situation, met: Met, again: float, fresh: float, likely: bool, leads: bool) -> Ruling:
    """What `--status auto` makes of a run with a base."""
    back = _steps_back(s)
    sure, tired = f"{percent(met.better)} that it gains anything", s.runs >= MOST_RUNS
    if s.noise.replicates < UNMEASURED and CLOSE[0] < met.better < CLOSE[1] and not tired:
        why = f"{sure}, but little was repeated here yet: running it again tells the noise as well"
        return Ruling("keep", False, False, why, again, fresh)
    if likely:
        return Ruling("keep", leads, False, f"{sure}, within the campaign's risk", again, fresh)
    if again > fresh and not tired:
        return Ruling("keep", False, back, f"{sure}: too little to lead, enough to run it again", again, fresh)
    return Ruling("discard", False, back, f"{sure}, and a rerun would tell less than a new idea", again, fresh)


def _steps_back(s: Situation) -> bool:
    return not s.leads and s.doubt is not None and s.successor is not None and s.doubt.better < DOUBTED
