from __future__ import annotations

import pytest

from memorylab.core.reading.edits import parse
from memorylab.core.reading.identifiers import without_switch


@pytest.mark.parametrize(
    ("name", "words"), [("USE_NORM", "norm"), ("USE_QK_NORM", "qk norm"), ("enable_dropout", "dropout")]
)
def test_a_switch_is_read_as_what_it_switches(name: str, words: str) -> None:
    for verb in ("add", "remove"):
        assert [edit.key for edit in parse(f"{verb} {name}")] == [edit.key for edit in parse(f"{verb} {words}")]


@pytest.mark.parametrize("name", ["USE_FUDGE_ROUNDS", "IS_GRIDSTEP"])
def test_a_switch_of_what_no_table_knows_keeps_its_name(name: str) -> None:
    (edit,) = parse(f"add {name}")
    assert edit.target == name


def test_only_the_beginning_says_that_a_name_is_a_switch() -> None:
    assert [without_switch(name) for name in ("USE_BIAS", "REUSE_BIAS", "use_")] == ["BIAS", "REUSE_BIAS", ""]
