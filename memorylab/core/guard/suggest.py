"""A veto alone leaves an agent where it was: what to try instead of a blocked idea, from nothing but tried facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memorylab.core.guard.knobs import NOISE, around, spoken, tries, untried
from memorylab.core.numerals import in_sigmas
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.ideas import Past


def suggest(
    edits: Sequence[Edit], past: Sequence[Past], base: Mapping[str, float], near: Sequence[Past] = ()
) -> str | None:
    """The untried neighbour of a blocked idea: the other side of its bracket, a gap in it, or a new combination.

    `past` are the runs that resemble the idea, `near` others that came close to the champion.
    """
    for edit in edits:
        now = base.get(edit.target)
        known = around(edit.target, now, tries(edit, past, now))
        if known is None or known.untried == "both" or known.suggestion == edit.to:
            continue
        said = untried(known, now)
        if said:
            return f"untried: {_name(edit)} {said}"
    return _combination(edits, past, near)


def _name(edit: Edit) -> str:
    return edit.target + (f" ({edit.scope})" if edit.scope else "")


def _combination(edits: Sequence[Edit], past: Sequence[Past], near: Sequence[Past]) -> str | None:
    """Two changes that each came close alone, or were kept and got lost, and that no run has made together."""
    own = {edit.target for edit in edits}
    mine = [run for run in past if close(run) and run.edits[0].target in own]
    others = [run for run in {run.run_id: run for run in (*past, *near)}.values() if close(run)]
    others = [run for run in others if run.edits[0].target not in own and run.edits[0].target.isupper()]
    for run in sorted(mine, key=_rank):
        together = {edit.target for other in past if _has(other, run.edits[0].target) for edit in other.edits}
        for other in sorted(others, key=_rank):
            if other.edits[0].target not in together:
                return f"never tried together: {_told(run)} with {_told(other)}"
    return None


def close(run: Past) -> bool:
    """Whether a run changed one thing to a known state that the base lacks, and lost nothing beyond the noise."""
    if len(run.edits) != 1 or run.in_base or run.edits[0].to is None or run.edits[0].op == "scale":
        return False
    return run.status == "keep" or (run.status == "discard" and run.gain is not None and run.gain > -NOISE)


def _has(run: Past, target: str) -> bool:
    return any(edit.target == target for edit in run.edits)


def _rank(run: Past) -> tuple[float, int]:
    return (-run.gain if run.gain is not None else 0.0, -run.seq)


def _told(run: Past) -> str:
    edit = run.edits[0]
    gain = f"{in_sigmas(run.gain, '+')} sigma in " if run.gain is not None else ""
    return f"{_name(edit)} {spoken(edit.to if edit.to is not None else edit.state)} ({gain}{run.run_id})"
