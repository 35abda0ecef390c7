"""Aliases are looked for in the tables as they stand: none is missed, and a word finds only its own."""

from __future__ import annotations

from memorylab.core.reading import lines
from memorylab.core.reading.aliases import start


def test_every_alias_is_found_by_each_word_that_it_may_begin_with() -> None:
    missed = [
        (word, alias)
        for kind, name, rest in lines.lines()
        for alias in rest.split(", ")
        for word, states in start(alias, (kind, name)).ahead.items()
        if not {id(state) for state in states} <= {id(state) for state in lines.after(word)}
    ]
    assert missed == []


def test_a_choice_that_may_be_left_out_is_followed_both_ways() -> None:
    state = start("(final|) lr (floor|minimum|)", ("knob", "FLOOR"))
    assert set(state.ahead) == {"final", "lr"} and state.named == []
    (behind,) = state.ahead["lr"]
    assert set(behind.ahead) == {"floor", "minimum"} and behind.named == [("knob", "FLOOR")]
    (long,) = state.ahead["final"]
    assert [then.named for then in long.ahead["lr"]] == [[("knob", "FLOOR")]]


def test_a_word_that_only_stands_within_aliases_begins_none() -> None:
    assert lines.begins("muon") and not lines.begins("muo") and not lines.begins(0.123)
