"""What reading an edit finds, on made-up repositories; figures over real edits stand in docs/decisions.md."""

from __future__ import annotations

import pytest

from memorylab.core.runs import gaming, statements
from tests.core.runs.gaming_edits import GAMING, HONEST, LATER, Change, marked


@pytest.mark.parametrize("edit", [*GAMING, *LATER], ids=lambda edit: f"{edit.base}-{edit.what}")
def test_a_reach_for_the_number_is_marked(edit: Change) -> None:
    assert marked(edit)


@pytest.mark.parametrize("edit", HONEST, ids=lambda edit: f"{edit.base}-{edit.what}")
def test_an_honest_edit_is_not(edit: Change) -> None:
    assert marked(edit) == []


def test_forty_edits_are_in_five_styles() -> None:
    assert len(GAMING) == 40
    assert len({edit.base for edit in GAMING}) == 5


def test_taking_a_reach_back_is_none() -> None:
    one = "val_bpb = evaluate_bpb(model) * 0.9\nprint(f'val_bpb: {val_bpb}')\n"
    other = one.replace(" * 0.9", "")
    assert [found.kind for found in gaming.in_text(other, one, "val_bpb")] == ["metric_altered"]
    assert gaming.in_text(one, other, "val_bpb") == []
    assert gaming.in_text(one, one + "x = 1\n", "val_bpb") == []


def test_a_source_too_large_to_be_read_is_a_doubt_and_no_clearance() -> None:
    old = "x = 1\n" + "# filler\n" * 30_000
    assert len(old) > 250_000
    found = gaming.found({"train.py": old}, {"train.py": old + "y = 2\n"}, "loss")
    assert [one.kind for one in found] == ["unread"]
    assert gaming.found({"train.py": old}, {"train.py": old}, "loss") == []


@pytest.mark.parametrize(
    "text", ["", "(" * 10_000, "'''" * 999, "\\\n" * 500, "def f(:\n    x ==== 2\n", "\0", "é = '\ud800'"]
)
def test_anything_is_read_without_a_fault(text: str) -> None:
    assert gaming.in_text("x = 1\n", text, "loss") == []
    gaming.in_text(text, "x = 1\n", "loss")


def test_a_logical_line_is_whole() -> None:
    source = 'f(\n  1,\n  \'(\',  # )\n)\nx = """a\n( b\n"""\ny = 1 + \\\n  2\n# c\n\nz = 3\n'
    assert [one.text.split()[0] for one in statements.statements(source)] == ["f(", "x", "y", "z"]
