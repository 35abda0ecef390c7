"""Spellings of numbers and words that must come out as one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading.tokens import root, stem, tokens


def numbers(text: str) -> list[float]:
    return [float(value) for kind, value in tokens(text) if kind in "nx"]


@pytest.mark.parametrize(
    ("spellings", "value"),
    [
        (("524K", "2**19", "2^19", "524288", "524,288"), 524288.0),
        (("1e-3", "0.001", ".001", "1E-3"), 0.001),
        (("65%", "65pct", "65 %", "65 percent", "0.65", ".65"), 0.65),
        (("5:1", "5"), 5.0),
        (("1/8", "0.125"), 0.125),
        (("10k", "10000", "10,000"), 10000.0),
        (("1K", "1024"), 1024.0),
        (("one million", "2**20"), 2.0**20),
        (("-0.5", "-.5"), -0.5),
    ],
)
def test_spellings_of_one_number_are_one_value(spellings: tuple[str, ...], value: float) -> None:
    assert {spelling: numbers(spelling) for spelling in spellings} == {spelling: [value] for spelling in spellings}


@pytest.mark.parametrize("text", ["3x", "x3", "*3", "3 x", "3×"])
def test_a_factor_is_marked_as_one(text: str) -> None:
    assert ("x", 3.0) in tokens(text)


@pytest.mark.parametrize("text", ["0.04→0.05", "0.04->0.05", "0.04 -> 0.05", "0.04 ⟶ 0.05", "0.04 => 0.05"])
def test_every_arrow_reads_alike(text: str) -> None:
    assert tokens(text) == [("n", 0.04), ("p", "->"), ("n", 0.05)]


def test_two_settings_beside_a_slash_stay_two_numbers() -> None:
    assert numbers("betas 0.8/0.95") == [0.8, 0.95]
    assert numbers("total/device 65536/128") == [65536.0, 128.0]


def test_a_layout_keeps_its_letters_and_a_word_does_not() -> None:
    assert tokens("SSSL window") == [("v", "SSSL"), ("w", "window")]


def test_an_ordinal_is_no_value() -> None:
    assert tokens("every 3rd layer")[1] == ("o", 3.0)


@given(st.text(max_size=300))
def test_any_text_gives_finite_numbers(text: str) -> None:
    assert all(math.isfinite(value) for value in numbers(text))


def test_a_number_too_large_for_a_float_is_dropped() -> None:
    assert numbers("lr 1e999") == []
    assert numbers("2**99999") == [2.0]


def test_stems_join_plurals_and_roots_join_verb_forms() -> None:
    assert stem("layers") == stem("layer") and stem("losses") == stem("loss")
    assert root("sorted") == root("sorting") == root("sorts")
