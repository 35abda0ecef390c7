"""What to try instead of a blocked idea."""

from __future__ import annotations

from memorylab.core.guard.suggest import suggest
from memorylab.core.reading.edits import parse
from memorylab.core.reading.ideas import Past, make_idea


def run(seq: int, text: str, status: str = "discard", gain: float | None = -5.0, moved: tuple[str, ...] = ()) -> Past:
    idea = make_idea(text)
    return Past(
        f"r{seq}", None, status, text, idea.family, "", idea.edits, idea.words, 1.0, gain, None, moved, False, seq
    )


def test_the_untried_side_of_the_bracket() -> None:
    said = suggest(parse("MATRIX_LR 0.05"), [run(1, "MATRIX_LR 0.05")], {"MATRIX_LR": 0.04})
    assert said == "untried: MATRIX_LR below 0.04, e.g. 0.032"


def test_the_gap_in_a_wide_bracket() -> None:
    runs = [run(1, "MATRIX_LR 0.02"), run(2, "MATRIX_LR 0.08", gain=-9.0)]
    said = suggest(parse("MATRIX_LR 0.08"), runs, {"MATRIX_LR": 0.04})
    assert said == "untried: MATRIX_LR between 0.02 and 0.04, e.g. 0.028"


def test_nothing_where_nothing_is_known() -> None:
    assert suggest(parse("gelu activation"), [run(1, "gelu activation")], {}) is None
    assert suggest(parse("MATRIX_LR 0.05"), [run(1, "MATRIX_LR 0.05")], {}) is None
    runs = [run(1, "MATRIX_LR 0.03"), run(2, "MATRIX_LR 0.05")]
    assert suggest(parse("MATRIX_LR 0.05"), runs, {"MATRIX_LR": 0.04}) is None


def test_the_idea_itself_is_never_suggested() -> None:
    assert suggest(parse("MATRIX_LR 0.032"), [run(1, "MATRIX_LR 0.05")], {"MATRIX_LR": 0.04}) is None


def test_two_near_misses_that_were_never_tried_together() -> None:
    tight = [run(1, "MATRIX_LR 0.03"), run(2, "MATRIX_LR 0.05"), run(3, "MATRIX_LR 0.045", gain=0.8)]
    near = [run(4, "WEIGHT_DECAY 0.1", gain=1.2), run(5, "DEPTH 9", gain=-8.0)]
    base = {"MATRIX_LR": 0.04}
    said = suggest(parse("MATRIX_LR 0.05"), tight, base, near)
    assert said == "never tried together: MATRIX_LR 0.045 (+0.8 sigma in r3) with WEIGHT_DECAY 0.1 (+1.2 sigma in r4)"
    both = run(6, "MATRIX_LR 0.045, WEIGHT_DECAY 0.1")
    assert suggest(parse("MATRIX_LR 0.05"), [*tight, both], base, near) is None
