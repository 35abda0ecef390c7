"""Counts from other ledgers: kinds of change, the levels that are asked in turn, and rates that stay probabilities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard.priors import ALL, ENOUGH, Counts, Pack, Prior, kind_of, levels
from memorylab.core.reading.edits import Edit, parse
from memorylab.core.reading.lexicon import lexicon, spelled


def edit(text: str) -> Edit:
    return parse(text)[0]


def prior(**cells: tuple[int, int, int, int]) -> Prior:
    named = {cell.replace("__", "|").replace("any", "*"): Counts(*counts) for cell, counts in cells.items()}
    return Prior((Pack("public", 30, 1000, named),))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("raise matrix LR to 0.05", "up"),
        ("matrix LR 0.05 -> 0.04", "down"),
        ("halve the batch size", "down"),
        ("matrix LR 0.05", "set"),
        ("weight tying", "on"),
        ("remove value embeddings", "off"),
        ("dropout 0", "off"),
        ("dropout 0.1", "on"),
        ("dropout 0.1 -> 0.2", "up"),
        ("warmup 0.0 -> 0.05", "on"),
        ("replace relu2 with GELU", "to:gelu"),
        ("multi-query attention", "to:mqa"),
        ("window pattern SSSL", "to:SSSL"),
    ],
)
def test_a_change_has_a_kind(text: str, kind: str) -> None:
    assert kind_of(edit(text)) == kind


def test_the_present_value_tells_which_way_a_value_goes() -> None:
    assert kind_of(edit("matrix LR 0.05"), now=0.04) == "up"
    assert kind_of(edit("matrix LR 0.05"), now=0.06) == "down"
    assert kind_of(edit("matrix LR 0.05"), now=0.05) == "set"


@given(
    st.builds(
        Edit,
        st.text(max_size=12),
        st.sampled_from(["set", "scale", "add", "remove", "replace", "x"]),
        st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
        st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
        st.none() | st.text(max_size=5),
    ),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_neither_values_nor_unknown_words_are_kinds(change: Edit, now: float | None) -> None:
    kind = kind_of(change, now)
    name = kind.removeprefix("to:")
    assert kind in ("up", "down", "on", "off", "set") or set(name) <= set("SL") or spelled(name) in lexicon().names


def test_a_lookup_takes_the_most_specific_cell_with_enough_tries() -> None:
    found = prior(MATRIX_LR__up=(ENOUGH, 3, 1, 0), MATRIX_LR__any=(40, 9, 4, 0), any__any=(900, 30, 200, 20))
    assert found.lookup(edit("raise matrix LR"), "optimizer") == (ENOUGH, 3, 1, 0)
    assert found.lookup(edit("lower matrix LR"), "optimizer") == (40, 9, 4, 0)
    assert found.lookup(edit("raise scalar LR"), "optimizer") == (900, 30, 200, 20)
    family = {"optimizer/*|up": Counts(60, 8, 9, 0), "optimizer/*|*": Counts(90, 9, 12, 0)}
    found = Prior((found.packs[0]._replace(cells={**found.packs[0].cells, **family}),))
    assert found.lookup(edit("raise scalar LR"), "optimizer") == (60, 8, 9, 0)
    assert found.lookup(edit("lower scalar LR"), "optimizer") == (90, 9, 12, 0)


def test_without_counts_a_rate_is_the_usual_one() -> None:
    assert Prior(()).rate(edit("weight tying"), "architecture") == 0.25
    assert Prior(()).lookup(edit("weight tying"), "architecture") == Counts()


def test_what_nearly_always_loses_has_a_low_rate_and_few_tries_say_little() -> None:
    loses = {"weight tying|on": Counts(44, 25, 1, 3), ALL: Counts(1000, 30, 250, 40)}
    often = Prior((Pack("public", 30, 1000, loses),)).rate(edit("weight tying"), "architecture")
    loses["weight tying|on"] = Counts(4, 3, 0, 0)
    once = Prior((Pack("public", 30, 1000, loses),)).rate(edit("weight tying"), "architecture")
    assert often < 0.15 < 0.2 < once < 0.25


counts = st.integers(0, 10**6).flatmap(
    lambda tries: st.tuples(st.just(tries), st.integers(0, tries), st.integers(0, tries), st.integers(0, tries)).map(
        lambda four: Counts(four[0], four[1], four[2], min(four[3], four[0] - four[2]))
    )
)


@given(st.lists(counts, min_size=5, max_size=5))
def test_rates_are_probabilities_and_never_certain(five: list[Counts]) -> None:
    change = edit("raise matrix LR")
    cells = dict(zip(levels(change, "optimizer"), five, strict=True))
    found = Prior((Pack("p", 10**6, 10**6, cells),))
    assert 0 < found.rate(change, "optimizer") < 1


@given(counts, counts)
def test_packs_in_force_add_up(mine: Counts, theirs: Counts) -> None:
    one, two = (Pack(name, 9, 9, {"MATRIX_LR|up": found}) for name, found in (("a", mine), ("b", theirs)))
    assert Prior((one, two)).at("MATRIX_LR|up") == one.plus(two).cells["MATRIX_LR|up"] == mine.plus(theirs)


def test_an_idea_is_told_what_each_pack_says_of_its_edits() -> None:
    found = prior(MATRIX_LR__up=(40, 9, 4, 1), DEPTH__any=(3, 2, 1, 0))
    told = found.told(parse("raise matrix LR to 0.05, depth 10, document masking"), {})
    assert told == [
        {"target": "MATRIX_LR", "kind": "up", "tries": 40, "ledgers": 9, "kept": 4, "crashed": 1, "source": "public"},
        {"target": "DEPTH", "kind": None, "tries": 3, "ledgers": 2, "kept": 1, "crashed": 0, "source": "public"},
    ]


@given(st.text(max_size=30))
def test_no_text_reads_as_a_cell_of_another_level(text: str) -> None:
    every = {ALL: Counts(9, 2, 1, 0), "optimizer/*|*": Counts(9, 2, 1, 0), "optimizer/*|on": Counts(9, 2, 1, 0)}
    found = Prior((Pack("public", 2, 9, every),))
    for target in (text, "*", "optimizer/*"):
        assert found.told((Edit(target, "add"),), {}) == []
