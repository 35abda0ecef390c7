"""Knobs as rows of a table."""

from __future__ import annotations

from memorylab.core.guard.knob_table import numeric, row
from memorylab.core.guard.knobs import ELSEWHERE
from memorylab.core.reading.ideas import Past, make_idea


def run(seq: int, text: str, gain: float | None = -5.0, moved: tuple[str, ...] = ()) -> Past:
    idea = make_idea(text)
    status = "discard" if gain is not None else "crash"
    return Past(
        f"r{seq}", None, status, text, idea.family, "", idea.edits, idea.words, 1.0, gain, None, moved, False, seq
    )


def test_a_row_says_what_came_of_the_tries() -> None:
    runs = [run(1, "MATRIX_LR 0.03", -3.0), run(2, "MATRIX_LR 0.05", -1.0), run(3, "MATRIX_LR 0.05", None)]
    found = row("MATRIX_LR", {"discard": 2, "crash": 1}, runs, {"MATRIX_LR": 0.04})
    assert (found["runs"], found["values"], found["present"], found["keep"]) == (3, 2, 0.04, 0)
    assert found["best"] == {"to": 0.05, "gain": -1.0, "run_id": "r2"}
    assert [one["outcome"] for one in found["tries"]] == ["worse", "tie", "crash"]
    assert numeric(found)


def test_a_base_that_has_moved_is_named() -> None:
    runs = [run(1, "MATRIX_LR 0.03", moved=("TOTAL_BATCH_SIZE",)), run(2, "MATRIX_LR 0.03", moved=(ELSEWHERE, "LR"))]
    found = row("MATRIX_LR", {"discard": 2}, runs, {})
    assert [one["base"] for one in found["tries"]] == ["older: TOTAL_BATCH_SIZE changed since", "another arena"]
    assert not numeric(found) and found["present"] is None


def test_a_knob_that_was_tried_on_a_part_is_told_for_that_part() -> None:
    found = row("MLP_RATIO", {"discard": 1}, [run(1, "MLP_RATIO 3 in the top 3 layers")], {})
    assert found["scope"] is not None and len(found["tries"]) == 1


def test_a_knob_that_nobody_tried_has_a_row_without_tries() -> None:
    found = row("MATRIX_LR", {}, [], {"MATRIX_LR": 0.04})
    assert (found["runs"], found["tries"], found["best"], found["present"]) == (0, [], None, 0.04)
