"""What a terminal shows of ideas: each with the words that state it, its chances, and why it deserves a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorylab.core.numerals import duration, in_sigmas, percent, plural, rough
from memorylab.records import finite
from memorylab.render import words
from memorylab.render.escape import one_line
from memorylab.render.table import Column, paint, table, wrap
from memorylab.render.words import NONE

_REASONS = 400


def ideas(found: Mapping[str, Any], width: int, color: bool = False) -> str:
    """The ideas in the order given, then what they were chosen from."""
    told = [idea if isinstance(idea, Mapping) else idea._asdict() for idea in found.get("ideas", ())]
    note = one_line(found.get("note"), _REASONS)
    if not told:
        return "\n".join(wrap(f"No idea: {note}.", width))
    shown = [_row(number, idea) for number, idea in enumerate(told, 1)]
    columns = (
        Column("", right=True),
        Column("--set", flex=True),
        Column("P(keep)", right=True),
        Column("gain expected", right=True, priority=1),
        Column("price", right=True, priority=2),
    )
    head, *lines = table(columns, shown, width, color, indent="")
    out = [head]
    for line, idea in zip(lines, told, strict=True):
        out += [line, *(paint(part, "dim", color) for part in wrap(_why(idea), width, "   "))]
    counted = f"{plural(int(found.get('knobs') or 0), 'knob')} in the code, {found.get('untouched')} of them untouched."
    ends = [counted, f"{note[:1].upper()}{note[1:]}." if note else "", _UNKNOWN if _all_unknown(told) else ""]
    return "\n".join([*out, "", *(line for end in ends if end for line in wrap(end, width))])


_UNKNOWN = "P(keep) is not known yet: no run has been judged here."


def _all_unknown(told: list[Mapping[str, Any]]) -> bool:
    return all(idea.get("p_keep") is None for idea in told)


def _row(number: int, idea: Mapping[str, Any]) -> tuple[str, ...]:
    chance, gain, sigmas = (finite(idea.get(name)) for name in ("p_keep", "expected", "sigmas"))
    expected = NONE if gain is None else rough(gain) + (f" ({in_sigmas(sigmas)} σ)" if sigmas is not None else "")
    return (
        str(number),
        one_line(" ".join(str(word) for word in idea.get("set", ())), 200),
        NONE if chance is None else percent(chance),
        expected,
        duration(idea.get("minutes")) if finite(idea.get("minutes")) is not None else NONE,
    )


def _why(idea: Mapping[str, Any]) -> str:
    """The reason, with what became of such tries in the field and what the guard is cautious of."""
    field = [words.field(item) for item in words.mappings(idea.get("field"))[:1]]
    return "; ".join(part for part in (one_line(idea.get("reason"), _REASONS), *field) if part)
