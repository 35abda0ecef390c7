"""Laws of reading and comparing: one edit in any spelling is one, and no wording makes one of two."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard.claims import Claim, alike
from memorylab.core.reading.edits import parse
from memorylab.core.reading.ideas import Idea, make_idea
from memorylab.core.reading.similarity import Match, compare, compare_changes
from memorylab.records import Arena
from tests.phrasings import (
    ACTIVATIONS,
    ADDING,
    CONCEPTS,
    GOALS,
    IDEAS,
    REMOVING,
    SCOPES,
    STEPS,
    Move,
    moves,
    phrased,
    plainly,
)

TEXTS = st.one_of(IDEAS, st.text(max_size=200))


def keys(text: str) -> set[str]:
    return {edit.key for edit in parse(text)}


def relation(one: Idea, other: Idea) -> str:
    match = compare(one, other, {})
    return match.relation if match else ""


def both_ways(one: str, other: str) -> set[str]:
    mine, theirs = make_idea(one), make_idea(other)
    return {relation(mine, theirs), relation(theirs, mine)}


@given(moves(), st.data())
def test_an_edit_has_one_key_in_every_phrase_name_and_spelling(move: Move, data: st.DataObject) -> None:
    assert keys(data.draw(phrased(move))) == keys(plainly(move))


@given(moves(), st.data(), st.sampled_from([str.upper, str.lower, str.capitalize]))
def test_letter_case_changes_no_key(move: Move, data: st.DataObject, case: type[str]) -> None:
    text = data.draw(phrased(move, tails=("",)))
    assert "K" in text or keys(case(text)) == keys(text)


@given(moves(), st.data())
def test_two_phrasings_of_one_edit_are_the_same(move: Move, data: st.DataObject) -> None:
    one, other = data.draw(phrased(move)), data.draw(phrased(move))
    assert both_ways(one, other) == {"same"}


@given(moves(), st.data())
def test_another_value_is_never_the_same_whatever_the_words(move: Move, data: st.DataObject) -> None:
    other = data.draw(moves((move.knob,)).filter(lambda other: other.b != move.b))
    assert "same" not in both_ways(data.draw(phrased(move)), data.draw(phrased(other)))


@given(moves(), st.data(), st.sampled_from(SCOPES))
def test_a_part_of_the_model_is_never_the_whole(move: Move, data: st.DataObject, scope: str) -> None:
    text = data.draw(phrased(move, GOALS, ("",)))
    assert "same" not in both_ways(text + scope, text)


@given(moves(), st.data())
def test_the_way_back_is_opposite(move: Move, data: st.DataObject) -> None:
    back = Move(move.knob, move.b, move.a)
    assert both_ways(data.draw(phrased(move, STEPS)), data.draw(phrased(back, STEPS))) == {"opposite"}


@given(st.sampled_from(CONCEPTS), st.sampled_from(ADDING), st.sampled_from(REMOVING))
def test_adding_is_never_removing(concept: str, add: str, remove: str) -> None:
    assert both_ways(add.format(concept), remove.format(concept)) == {"opposite"}


@given(st.sampled_from(CONCEPTS), st.sampled_from(ADDING), st.sampled_from(ADDING))
def test_adding_is_adding(concept: str, one: str, other: str) -> None:
    assert both_ways(one.format(concept), other.format(concept)) == {"same"}


@given(st.permutations(ACTIVATIONS), st.sampled_from(["{} -> {}", "replace {} with {}", "swap {} for {}"]))
def test_a_replacement_is_never_its_reverse(names: list[str], phrase: str) -> None:
    assert "same" not in both_ways(phrase.format(*names[:2]), phrase.format(*names[1::-1]))


@given(TEXTS)
def test_any_text_is_the_same_as_itself(text: str) -> None:
    assert not text.strip() or both_ways(text, text) == {"same"}


@given(TEXTS, TEXTS)
def test_similarity_lies_between_none_and_all(one: str, other: str) -> None:
    match = compare(make_idea(one), make_idea(other), {})
    assert match is None or (0.0 < match.similarity <= 1.0 and match.why)


@given(TEXTS, TEXTS, st.text(min_size=1))
def test_one_change_of_the_code_is_the_same_whatever_the_words(one: str, other: str, change: str) -> None:
    mine, theirs = make_idea(one), make_idea(other)
    match = compare_changes(compare(mine, theirs, {}), change, change, mine.edits)
    assert isinstance(match, Match) and (match.relation, match.similarity, match.doubt) == ("same", 1.0, "")


def claim(text: str) -> Claim:
    idea = make_idea(text)
    about = (text, idea.edits, idea.words, Arena(metric="val_bpb", direction="min"), 0.0, "")
    return Claim("c1", "a", True, "/w", None, "check", "", *about)


@given(moves(), st.data())
def test_a_claim_holds_for_its_edit_in_any_words_and_for_no_other_value(move: Move, data: st.DataObject) -> None:
    held = claim(data.draw(phrased(move)))
    assert alike(make_idea(data.draw(phrased(move))), [held], 0.62) == [held]
    other = data.draw(moves((move.knob,)).filter(lambda other: other.b != move.b))
    assert alike(make_idea(data.draw(phrased(other))), [held], 0.62) == []
