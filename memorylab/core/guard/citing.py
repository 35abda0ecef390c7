"""How reasons cite: an idea by its names or its own words, a run by how it ended."""

from __future__ import annotations

import re
from collections.abc import Collection

from memorylab.core.guard.knobs import NOISE
from memorylab.core.numerals import in_sigmas
from memorylab.core.reading.edits import Edit, number_text
from memorylab.core.reading.ideas import Idea, Past
from memorylab.core.reading.lexicon import content, is_name
from memorylab.core.runs.crash_kinds import STARVED

QUOTED = 60  # characters of an idea that a reason repeats


def outcome(run: Past) -> str:
    """The outcome as reasons cite it: "discard, -2.1 sigma"."""
    if run.error_kind == STARVED:
        return STARVED
    if run.status == "crash":
        return f"crash, {run.error_kind}" if run.error_kind else "crash"
    return f"{run.status}, {in_sigmas(run.gain, '+')} sigma" if run.gain is not None else run.status


def ended(run: Past, where: str = "") -> str:
    """What a reason says of a run that wasn't kept: it "failed", but where it lost nothing beyond the noise."""
    lost = run.status != "discard" or run.gain is None or run.gain <= -NOISE
    what = "failed" if lost else "was not kept" if run.gain is not None and run.gain > NOISE else "was no better"
    return f"{what} {where} {run.run_id} ({outcome(run)})" if where else f"{what} ({outcome(run)})"


def named(edit: Edit, idea: Idea) -> str:
    """An idea's edit in a few words: "MATRIX_LR 0.05", "removing value embedding (top 3)"; else the idea's own."""
    scope = f" ({edit.scope})" if edit.scope else ""
    if not _has_name(edit):
        return quoted(idea)
    if edit.opaque:
        return f"that change of {edit.target}"
    if edit.op == "remove":
        return f"removing {edit.target}{scope}"
    if edit.to is None:
        return f"{edit.target} {edit.direction}{scope}" if edit.direction else f"{edit.target}{scope}"
    value = f"x{number_text(edit.to)}" if edit.op == "scale" else number_text(edit.to)
    return f"{edit.target} {value}{scope}"


def subject(edit: Edit, idea: Idea | Past) -> str:
    """What an idea or a run changes, whatever it does to it; its own words where that has no name."""
    return edit.target if _has_name(edit) else quoted(idea)


def _has_name(edit: Edit) -> bool:
    return edit.in_code or is_name(edit.target)


def in_words(stems: Collection[str], idea: Idea) -> list[str]:
    """What was read of an idea as its text has it, whatever the reading makes of a word or a number."""
    bare = {stem.rpartition("=")[2].lstrip("#") for stem in stems}
    said = [word.rstrip(".") for word in re.findall(r"[\w.]+", idea.description)]
    return list(dict.fromkeys(word for word in said if word in bare or content(word.lower()) in bare)) or sorted(bare)


def quoted(idea: Idea | Past) -> str:
    """The idea's own words, as many as a reason repeats."""
    text = " ".join(idea.description.split())
    return f'"{text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"}"'
