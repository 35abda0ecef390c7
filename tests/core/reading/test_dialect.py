"""What a workspace adds to the vocabulary, and what it must not take away from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard.knobs import touching
from memorylab.core.reading import lexicon
from memorylab.core.reading.dialect import MOST, Dialect, learnable
from memorylab.core.reading.edits import infer_family, parse, words
from memorylab.core.reading.identifiers import target_of
from memorylab.core.reading.own import Own

OWN = Own(
    (("MY_KNOB", ("my knob", "the knob")), ("LR", ("pace",))),
    (("MY_KNOB", "trading"),),
    (("MY_KNOB", ("ZETA_PERIOD",)),),
)


@pytest.fixture(autouse=True)
def built_in_words_afterwards() -> Iterator[None]:
    with lexicon.using(lexicon.tables):
        yield


def targets(text: str) -> list[str]:
    return [edit.target for edit in parse(text)]


@pytest.mark.parametrize(
    "text", ["raise zeta period to 14", "ZETA_PERIOD=14", "zeta period 10 -> 14", "Zeta Period of 14"]
)
def test_a_learnt_knob_is_one_target_in_every_spelling(text: str) -> None:
    dialect = Dialect()
    dialect.learn(["ZETA_PERIOD"])
    with lexicon.using(dialect):
        (edit,) = parse(text)
    assert (edit.target, edit.to) == ("ZETA_PERIOD", 14.0)


def test_before_it_is_learnt_it_is_not_known() -> None:
    assert targets("raise zeta period to 14") != ["ZETA_PERIOD"]


def test_what_was_read_before_a_name_was_learnt_is_read_anew() -> None:
    dialect = Dialect()
    with lexicon.using(dialect):
        before = targets("raise zeta period to 14")
        dialect.learn(["ZETA_PERIOD"])
        assert targets("raise zeta period to 14") == ["ZETA_PERIOD"] != before


def test_a_learnt_word_alone_is_a_knob_only_in_capitals_or_before_a_value() -> None:
    dialect = Dialect(more=lambda: ["GRIDSTEP"])
    with lexicon.using(dialect):
        assert targets("gridstep 20") == targets("raise GRIDSTEP") == targets("gridstep from 10 to 20") == ["GRIDSTEP"]
        assert "GRIDSTEP" not in targets("a longer gridstep for signals")


@pytest.mark.parametrize(
    "name",
    ["N", "X", "DEVICE", "SEED", "DEBUG", "LR", "MATRIX_LR", "EMBEDDING_LR", "BATCH_SIZE", "TO_BE", "RSI_14", "lower"],
)
def test_generic_and_known_names_are_not_learnt(name: str) -> None:
    assert not learnable(name)


@given(st.lists(st.sampled_from(["ZETA_PERIOD", "LR", "STEP_SIZE", "MATRIX", "GRIDSTEP", "EMA_SPAN", "DEPTH"])))
def test_learning_never_changes_what_a_known_term_means(names: list[str]) -> None:
    texts = ["raise MATRIX_LR to 0.05", "embedding lr 0.3", "depth 8 -> 10", "step size 0.1", "ema decay 0.999"]
    before = [parse(text) for text in texts]
    dialect = Dialect()
    dialect.learn(names)
    with lexicon.using(dialect):
        assert [parse(text) for text in texts] == before


def test_a_ledger_full_of_names_teaches_a_bounded_number() -> None:
    dialect = Dialect()
    for number in range(3 * MOST):
        dialect.learn([f"ZQ{'ABCDEFGHIJ'[number % 10]}_WX{'abcdefghij'[number // 10 % 10].upper()}{number}"])
    assert len(dialect().learnt) == MOST


def test_a_declared_knob_has_its_names_family_and_interactions() -> None:
    with lexicon.using(Dialect(OWN)):
        assert targets("set my knob to 3") == targets("raise the knob to 3") == targets("MY_KNOB=3") == ["MY_KNOB"]
        edits = parse("MY_KNOB=3")
        assert infer_family(edits) == "trading"
        assert touching(edits, ("ZETA_PERIOD", "DEPTH")) == ("ZETA_PERIOD",)
        assert touching(parse("ZETA_PERIOD=3"), ("MY_KNOB",)) == ("MY_KNOB",)
        assert "my_knob" in words("the knob at 3")


def test_another_name_for_a_composable_knob_composes() -> None:
    with lexicon.using(Dialect(OWN)):
        assert targets("embedding pace 0.3") == ["EMBEDDING_LR"]
        assert targets("muon pace 0.3") == ["MATRIX_LR"]


def test_no_terms_have_no_checksum_and_other_terms_another() -> None:
    assert Own().checksum == ""
    assert len({OWN.checksum, OWN._replace(families=()).checksum, ""}) == 3


def test_an_identifier_names_the_target_that_a_text_would_name() -> None:
    assert [target_of(name) for name in ("MUON_LR", "BATCH_SIZE", "LR", "ZETA_PERIOD", "RELU")] == [
        *("MATRIX_LR", "TOTAL_BATCH_SIZE", "LR", "ZETA_PERIOD", "RELU")
    ]
