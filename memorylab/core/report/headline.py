"""What a tired person reads first: what leads, whether to believe it, what to do next; a sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.decisions.noise import CONFIDENT
from memorylab.core.numerals import Digits, duration, percent, plural
from memorylab.records import Direction, finite, text
from memorylab.tuples import NamedTuple

_NAME = 120
"""Characters of a description in a sentence."""

ASKED = {
    "replicate": "run {} again, unchanged",
    "retry": "try {} again, on today's champion",
    "control": "run {} again, as a control",
    "branch_followup": "go a step further than {}",
    "new": "try something new",
    "fix_and_retry": "mend {} and run it again",
    "investigate_crash": "look at {}",
}
"""What each next step asks for."""


class Verdict(NamedTuple):
    """Whether to believe in the champion: in a word, how sure that is, and why; each text is a sentence or empty."""

    word: str
    chance: float | None
    why: str
    value: str = ""
    """Where its true value lies."""
    settle: str = ""
    """What would make it sure."""
    of: str = "that its gain is real"
    """What the chance is of."""

    @property
    def told(self) -> str:
        """All of it but the word."""
        return " ".join(part for part in (self.why, self.value, self.settle) if part)


def headline(
    metric: str,
    leader: Mapping[str, Any] | None,
    gained: float | None,
    queue: Sequence[Mapping[str, Any]],
    runs: int,
    direction: Direction,
    shown: Digits,
    since: str | None = None,
) -> list[str]:
    """Three sentences; of a period without runs (since a UTC timestamp, or ever) a fourth says so first.

    Values of the metric are written as `shown` says.
    """
    told = [] if runs else ["No runs in this period." if since else "No runs yet."]
    if leader is None:
        first = queue[0] if queue else None
        told.append("Nothing has been kept with a measurement yet, so there is no champion.")
        return [*told, _next(first) if first else "Do next: run a baseline; what follows is judged against it."]
    moved = f", {shown.size(gained)} {'better' if gained > 0 else 'worse'} than when the period began" if gained else ""
    told.append(f"The champion is {name(leader)} with {metric} {shown.value(leader['mean'])}{moved}.")
    seen = verdict(leader, direction, shown)
    told.append(f"Believe it? {seen.word}: {seen.told}")
    return [*told, _next(queue[0])] if queue else told


def verdict(leader: Mapping[str, Any], direction: Direction, shown: Digits) -> Verdict:
    """Whether to believe in a champion, as `core.decisions.registry` tells of it."""
    state = text(leader.get("state"))
    real, best = finite(leader.get("probability_real")), finite(leader.get("probability_best"))
    reruns = int(finite(leader.get("reruns_to_settle")) or 0)
    settle = f"{plural(reruns, 'rerun')} of it would settle that." if reruns else ""
    value = _true_value(leader, direction, shown)
    if state == "contested" and best is not None:
        found = leader.get("contested_by")
        rival: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        other = name(rival) if rival else "another run"
        runs, mean = int(finite(rival.get("runs")) or 0), finite(rival.get("mean"))
        seen = f", {shown.value(mean)} in {plural(runs, 'run')}" if runs and mean is not None else ""
        stronger = f"{other} is probably better ({percent(1 - best)}{seen})."
        beats = f"that it beats {other}"
        if real is not None and real >= CONFIDENT:
            why = f"{percent(real)} that it truly beats what it was built on, but {stronger}"
            return Verdict("In part", best, why, value, of=beats)
        return Verdict("No", best, stronger, value, of=beats)
    if state == "confirmed":
        runs = int(finite(leader.get("runs")) or 1)
        why = (
            f"{percent(real)} that it truly beats what it was built on"
            if real is not None
            else f"it was run {plural(runs, 'time')}"
        )
        return Verdict("Yes", real, f"{why}, and no other run is clearly better.", value)
    if real is not None:
        return Verdict("Not yet", real, f"{percent(real)} that it truly beats what it was built on.", value, settle)
    lead = finite(leader.get("lead_over_next"))
    if lead is None:
        return Verdict("Not yet", None, "no other run has been measured against it.")
    if lead <= 0:
        return Verdict("Not yet", None, "another run measured at least as well: don't build on it before a rerun.")
    best_of = finite(leader.get("probability_truly_best_of_two"))
    sure = (
        f"{percent(best_of)} that it is truly better than the next best run"
        if best_of is not None
        else "nobody can tell"
    )
    return Verdict(
        "Not yet", best_of, f"{sure}.", value, settle or "A rerun would tell more.", "that it beats the next best"
    )


def name(run: Mapping[str, Any]) -> str:
    """A run in a sentence: its description in quotes, else its id."""
    told = text(run.get("description"))
    told = told if len(told) <= _NAME else f"{told[: _NAME - 1]}…"
    return f"“{told}”" if told else text(run.get("run_id")) or "a run"


def _true_value(leader: Mapping[str, Any], direction: Direction, shown: Digits) -> str:
    """Its value without the luck of having been picked; said as luck where what was measured lies outside."""
    low, high, mean = (finite(leader.get(part)) for part in ("estimate_low", "estimate_high", "mean"))
    if low is None or high is None or mean is None or low == high:
        return ""
    lucky = mean < low if direction == "min" else mean > high
    said = "It was lucky: its true value is more likely" if lucky else "Its true value is probably"
    return f"{said} {' to '.join(shown.span(low, high))}."


def _next(item: Mapping[str, Any]) -> str:
    """The first step of the queue, its price and its reason."""
    asked = ASKED.get(text(item.get("action")), "look at {}").format(name(item))
    price = duration(item.get("minutes"))
    why = text(item.get("why"))
    return f"Do next: {asked}{f' ({price})' if price else ''}{f': {why}' if why else ''}."
