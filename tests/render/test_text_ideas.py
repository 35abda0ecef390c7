"""How ideas look on a terminal: whatever they hold, in any width, with dashes where nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from memorylab.render import text_ideas
from memorylab.render.table import cells

IDEA: dict[str, Any] = {
    "set": ["MATRIX_LR=0.05"],
    "reason": "0.03 lost 2.1 σ; the other side of 0.04 is untried",
    "p_keep": 0.31,
    "expected": 0.0021,
    "sigmas": 0.8,
    "minutes": 5.0,
    "field": [],
}


def shown(*ideas: dict[str, Any], width: int = 100, note: str = "") -> str:
    return text_ideas.ideas({"ideas": list(ideas), "knobs": 14, "untouched": 9, "note": note}, width)


def test_an_idea_is_a_line_with_its_reason_below() -> None:
    _, line, reason, *rest = shown(IDEA).split("\n")
    assert line.split() == ["1", "MATRIX_LR=0.05", "31", "%", "0.0021", "(0.8", "σ)", "5", "min"]
    assert reason == "   0.03 lost 2.1 σ; the other side of 0.04 is untried"
    assert rest[-1] == "14 knobs in the code, 9 of them untouched."


def test_what_nobody_knows_is_a_dash_and_is_said_once() -> None:
    told = shown(IDEA, {**IDEA, "p_keep": None, "expected": None, "sigmas": None, "minutes": None})
    assert "not known yet" not in told and told.split("\n")[3].count("–") == 3
    assert "P(keep) is not known yet: no run has been judged here." in shown({**IDEA, "p_keep": None})


def test_nothing_to_try_is_one_sentence() -> None:
    assert shown(note="no knob can be read in train.py") == "No idea: no knob can be read in train.py."


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_no_text_controls_it(width: int) -> None:
    wild = {**IDEA, "set": ["A" * 90 + "=1", "B=\x1b[31m2"], "reason": "x" * 300 + "\x1b]0;y\x07\n| z"}
    told = shown(IDEA, wild, width=width, note="n" * 90)
    assert all(cells(line) <= width for line in told.split("\n")) and "\x1b" not in told and "\x07" not in told
