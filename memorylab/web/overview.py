"""What the overview says: drawn once for each state of the ledger, since every reader asks for the same."""

from __future__ import annotations

from typing import Any

from memorylab.core.report import bill, headline
from memorylab.core.report.morning import Morning
from memorylab.lab.browsing import Around
from memorylab.lab.reporting import POINTS
from memorylab.lab.window import Window
from memorylab.render import words
from memorylab.web import pictures

NEWEST = 2_000
"""Runs in the first chart: what a night may bring, drawn in a tenth of a second."""
_KEPT = 6
"""Drawings that are held: a few periods of the present state."""


class Overview:
    """The values of the overview page, kept until the ledger grows."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[object, ...], dict[str, Any]] = {}

    def of(self, window: Window, hours: float | None, every: bool) -> dict[str, Any]:
        """The page over the last hours, or over all runs; `every` draws as many runs as a chart can hold."""
        version = window.version()
        # The report of a period changes with the clock, too: a minute is fine enough.
        key = (version, window.size(), hours, every, int(window.context.clock() // 60) if hours else 0)
        if key not in self._drawn:
            if len(self._drawn) >= _KEPT or any(old[0] != version for old in self._drawn):
                self._drawn.clear()
            m = window.morning(hours, POINTS if every else NEWEST)
            self._drawn[key] = _values(m, hours, every)
        return self._drawn[key]


def _values(m: Morning, hours: float | None, every: bool) -> dict[str, Any]:
    noise = words.noise_of(m.noise)
    total = sum(m.total_counts.values())
    digits = words.digits_of(m)
    seen = headline.verdict(m.champion, m.direction, digits) if m.champion else None
    return {
        "m": m,
        "digits": digits,
        "near_misses": [row for row in m.near_misses if row["run_id"] not in {item.get("run_id") for item in m.queue}],
        "bought": bill.sentences(m.bill, m.counts, digits)[1:],
        "first": m.queue[0] if m.queue else None,
        "seen": seen,
        "promotions": words.promotions(m.promotions),
        "others": words.others(m),
        "hours": f"{hours:g}" if hours else "",
        "every": every,
        "wide": pictures.progress(m, 1120, 400),
        "narrow": pictures.progress(m, 400, 340),
        "drawn": len(m.progress),
        "in_arena": total,
        "gain_said": words.gain_sentence(m),
        "noise_said": words.noise_words(noise) if noise else "",
        "warnings": [*m.warnings, *words.integrity(m)],
    }


def standing(window: Window, m: Morning, around: Around | None) -> dict[str, Any]:
    """What holds of a run now, in the words of the overview: `today`, `seen` of the champion, and what is `asked`."""
    if around is None:
        return {"today": None, "seen": None, "asked": None, "rival": None}
    today = window.today(around.view)
    names = {around.view.run_id, *(run.run_id for run in around.reruns)}
    asked = next((item for item in m.queue if item.get("run_id") in names), None)
    leads = m.champion if m.champion and today.leads else {}
    seen = headline.verdict(leads, m.direction, words.digits_of(m)) if leads else None
    rival = leads.get("contested_by")
    return {"today": today, "seen": seen, "state": leads.get("state", ""), "asked": asked, "rival": rival}
