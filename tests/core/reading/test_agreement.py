"""A description and a diff of one idea: which edits it has, and when the two contradict each other."""

from __future__ import annotations

import pytest

from memorylab.core.reading.agreement import describe, merge
from memorylab.core.reading.diffs import Change, change
from memorylab.core.reading.edits import parse

BASE = """DEPTH = 8
MATRIX_LR = 0.04
WARMDOWN_RATIO = 0.5
TOTAL_BATCH_SIZE = 2**19
ASPECT_RATIO = 64
WINDOW_PATTERN = "SSSL"


class MLP:
    def __init__(self, n):
        self.c_fc = Linear(n, 4 * n)

    def forward(self, x):
        return relu(self.c_fc(x))
"""


def done(*pairs: tuple[str, str]) -> Change:
    text = BASE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    found = change({"train.py": BASE}, {"train.py": text})
    assert found is not None
    return found


LR = ("MATRIX_LR = 0.04", "MATRIX_LR = 0.05")
DEPTH = ("DEPTH = 8", "DEPTH = 10")
GELU = ("relu", "gelu")


@pytest.mark.parametrize(
    ("text", "pairs", "targets"),
    [
        ("bolder steps", [LR], ["MATRIX_LR"]),
        ("raise MATRIX_LR to 0.05", [LR], ["MATRIX_LR"]),
        ("depth 10 and MATRIX_LR 0.05", [LR, DEPTH], ["DEPTH", "MATRIX_LR"]),
        ("GELU activation", [GELU], ["activation", "MLP.forward"]),
        ("MLP expansion 4x to 3x", [("4 * n", "3 * n")], ["MLP_RATIO"]),
        ("something else entirely", [GELU], ["something entirely", "MLP.forward"]),
        ("GELU and matrix LR 0.05", [GELU, LR], ["activation", "MATRIX_LR", "MLP.forward"]),
    ],
)
def test_values_come_from_the_diff_and_names_from_the_text(
    text: str, pairs: list[tuple[str, str]], targets: list[str]
) -> None:
    edits, mismatch = merge(parse(text), done(*pairs), text)
    assert [edit.target for edit in edits] == targets
    assert mismatch is None
    assert all(edit.frm is not None for edit in edits if edit.target.isupper())


@pytest.mark.parametrize(
    ("text", "pairs", "message"),
    [
        ("lower MATRIX_LR to 0.02", [DEPTH], "the description says MATRIX_LR 0.02, the diff changes DEPTH 10"),
        ("a lower learning rate", [DEPTH], "the description says LR down, the diff changes DEPTH 10"),
        ("MATRIX_LR 0.06", [LR], "the description says MATRIX_LR 0.06, the diff sets MATRIX_LR 0.05"),
        ("lower MATRIX_LR", [LR], "the description moves MATRIX_LR down, the diff sets MATRIX_LR 0.05"),
        (
            "WINDOW_PATTERN SSLL",
            [("SSSL", "SL")],
            "the description says WINDOW_PATTERN SSLL, the diff sets WINDOW_PATTERN SL",
        ),
    ],
)
def test_a_description_that_says_another_thing_than_the_diff_does_is_named(
    text: str, pairs: list[tuple[str, str]], message: str
) -> None:
    assert merge(parse(text), done(*pairs), text).mismatch == message


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("raise LR to 0.05", [LR]),
        ("batch 524K to 262K", [("2**19", "2**18")]),
        ("width 640 by the aspect ratio", [("RATIO = 64", "RATIO = 80")]),
        ("model dim 640", [("RATIO = 64", "RATIO = 80")]),
        ("revert MATRIX_LR 0.05 to 0.04", [LR]),
        ("GELU activation", [LR]),
        ("warmdown of 100 steps", [("RATIO = 0.5", "RATIO = 0.1")]),
        ("a deeper model", [GELU]),
        ("double MATRIX_LR", [("0.04", "0.08")]),
        ("no warmdown", [("RATIO = 0.5", "RATIO = 0.0")]),
    ],
)
def test_what_cannot_be_compared_is_no_contradiction(text: str, pairs: list[tuple[str, str]]) -> None:
    assert merge(parse(text), done(*pairs), text).mismatch is None


def test_a_control_run_and_an_unchanged_tree_keep_the_edits_of_the_text() -> None:
    for text, found in (("baseline", done(LR)), ("raise MATRIX_LR to 0.05", Change())):
        assert merge(parse(text), found, text) == (parse(text), None)


def test_an_idea_without_words_is_told_by_its_diff() -> None:
    assert describe(done(LR, GELU)) == "MATRIX_LR from 0.04 to 0.05, change MLP.forward"
    assert parse(describe(done(LR)))[0].key == done(LR).edits[0].key
