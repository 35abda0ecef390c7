"""Runs of ledgers as counts are made of them."""

from __future__ import annotations

from collections.abc import Hashable

from hypothesis import strategies as st

from memorylab.core.guard.tries import Tried
from memorylab.core.reading.ideas import make_idea


def run(text: str, status: str | None = "discard", kind: str | None = None, same: Hashable = None) -> Tried:
    idea = make_idea(text)
    return Tried(idea.edits, idea.family, status, kind, same)


BASE = run("baseline", "keep")

_texts = st.sampled_from(["depth 10", "raise matrix LR", "GELU", "tie weights", "baseline", "quux the frobnicator"])
_runs = st.builds(run, _texts, st.sampled_from(["keep", "discard", "crash", None]))
ledgers = st.lists(st.lists(_runs, max_size=8), max_size=5)
