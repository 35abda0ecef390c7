"""Relations between ideas: by target state first, by text last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading.edits import words
from memorylab.core.reading.ideas import make_idea
from memorylab.core.reading.similarity import Match, compare, distance, text_similarity


def relation(idea: str, past: str, **base: float) -> str:
    match = compare(make_idea(idea), make_idea(past), base)
    return match.relation if match else ""


@pytest.mark.parametrize(
    ("idea", "past", "expected"),
    [
        ("raise muon step size to 0.06", "MATRIX_LR=0.06", "same"),
        ("warmdown 0.7 to 0.5", "warmdown 0.5 to 0.7", "opposite"),
        ("softcap 15 -> 10", "softcap 15 -> 12", "further"),
        ("softcap 15 -> 13", "softcap 15 -> 12", "nearer"),
        ("softcap 15 -> 18", "softcap 15 -> 12", "opposite"),
        ("MATRIX_LR=0.03", "MATRIX_LR=0.015", "other_value"),
        ("GELU activation", "SwiGLU activation", "other_value"),
        ("tie embeddings", "remove weight tying", "opposite"),
        ("halve batch size", "double batch size", "opposite"),
        ("embedding WD 0.002", "VE WD 0.002", "text"),
        ("dropout 0.1 in the last 3 layers", "dropout 0.1", "related"),
        ("depth 10 + SwiGLU", "depth 10", "related"),
        ("prefetch thread for batches", "RoPE base 200K", ""),
        ("sort documents by length", "length-sorted docs", "same"),
    ],
)
def test_two_ideas_stand_in_a_relation(idea: str, past: str, expected: str) -> None:
    assert relation(idea, past) == expected


def test_the_present_value_tells_a_step_on_from_a_step_back() -> None:
    assert relation("MATRIX_LR=0.06", "MATRIX_LR=0.05", MATRIX_LR=0.04) == "further"
    assert relation("MATRIX_LR=0.03", "MATRIX_LR=0.05", MATRIX_LR=0.04) == "opposite"
    assert relation("halve MATRIX_LR", "MATRIX_LR=0.03", MATRIX_LR=0.04) == "further"


def test_one_number_given_to_two_knobs_is_two_experiments_however_it_was_rounded() -> None:
    for value in ("0.1", "0.09999999999999999"):
        assert relation(f"set MATRIX_LR to {value}", "change the warmdown ratio to 0.1") != "same"
        assert relation("set WARMDOWN_RATIO to 0.1", f"change the Muon learning rate to {value}") != "same"


def test_two_combinations_that_differ_in_one_knob_are_compared_in_it() -> None:
    assert relation("depth 6->7 aspect_ratio 64->48", "depth 6->7 aspect_ratio 64->54") == "further"
    assert relation("aspect_ratio 64->54 depth 6->7", "depth 6->7 aspect_ratio 64->54") == "same"
    assert relation("depth 6->8 aspect_ratio 64->48", "depth 6->7 aspect_ratio 64->54") == "related"


def test_what_only_one_text_says_is_another_experiment() -> None:
    past = "cuda graph around the streaming reader"
    again = compare(make_idea("a CUDA graph around the streaming reader"), make_idea(past), {})
    assert isinstance(again, Match) and again.relation == "same" and not again.doubt
    more = compare(make_idea("cuda graph around the streaming reader and its stash"), make_idea(past), {})
    assert isinstance(more, Match) and more.relation == "related" and "stash" in more.why


_TEXTS = st.sampled_from(
    [
        "MATRIX_LR 0.04->0.05",
        "weight tying",
        "remove dropout",
        "sort docs by length",
        "halve batch",
        "no warmup",
        "9L MLP3x",
    ]
)


@given(_TEXTS)
def test_an_idea_is_the_same_as_itself(text: str) -> None:
    assert relation(text, text) == "same"


@given(_TEXTS, _TEXTS)
def test_similarity_of_words_is_symmetric_and_bounded(one: str, other: str) -> None:
    share = text_similarity(words(one), words(other))
    assert 0.0 <= share <= 1.0
    assert share == text_similarity(words(other), words(one))


def test_generic_words_alone_make_no_similarity() -> None:
    shared = frozenset({"model", "train", "step"})
    assert text_similarity(shared | {"prefetch", "thread"}, shared | {"rotary", "bf16"}) < 0.5


def test_distance_counts_octaves_and_falls_back_to_differences_at_zero() -> None:
    assert distance(0.04, 0.08) == 1.0 and distance(0.04, 0.02) == -1.0
    assert distance(0.0, 0.1) == pytest.approx(0.1)
