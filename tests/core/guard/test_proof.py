"""Laws of proof: what nobody has understood warns and never blocks."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from memorylab.core.guard.novelty import judge
from memorylab.core.reading.ideas import make_idea
from memorylab.core.reading.similarity import compare
from memorylab.core.runs.crash_kinds import UNTRIED
from tests.phrasings import CONCEPTS, IDEAS, QUIET, REMOVING, Move, moves, past, phrased

REPEATS = ("duplicate_run", "repeat_failure")
SEARCHING = st.sampled_from(["explore", "exploit"])
STATUSES = st.sampled_from(["keep", "discard", "crash"])

UNREAD = st.one_of(
    st.sampled_from(
        [
            " for the third fold",
            " on GPUs of type B only",
            " (n=4)",
            ", 37 of them",
            " 仅在第一层",
            " nur in der letzten Schicht",
            " in utilities",
            " when the market opens",
            " ⊕",
            " [7]",
            " with Zorblax",
            " but not at night",
            " {mode: fast}",
            " @2",
        ]
    ),
    st.from_regex(r" qx[a-z]{3,8}", fullmatch=True),
    st.text(st.characters(categories=["Lo"]), min_size=2, max_size=6).map(" {}".format),
)
"""Endings that no table understands: places, counts, languages, signs, made-up words."""
PLACES = st.sampled_from(["crypto", "tech", "left arm", "decoder", "utilities", "level two", "BTC"])


@given(moves(), st.data(), UNREAD, STATUSES, SEARCHING, st.booleans())
def test_what_only_one_text_says_never_lets_it_block(
    move: Move, data: st.DataObject, extra: str, status: str, mode: str, turned: bool
) -> None:
    first, again = data.draw(phrased(move, tails=QUIET)), data.draw(phrased(move, tails=QUIET)) + extra
    if turned:
        first, again = again, first
    assert judge(make_idea(again), [past(1, first, status)], mode=mode)["policy"]["decision"] != "block"


@given(st.sampled_from(CONCEPTS), st.sampled_from(REMOVING), UNREAD, STATUSES, SEARCHING)
def test_so_it_is_with_what_has_no_value(concept: str, form: str, extra: str, status: str, mode: str) -> None:
    text = form.format(concept)
    for first, again in ((text, text + extra), (text + extra, text)):
        assert judge(make_idea(again), [past(1, first, status)], mode=mode)["policy"]["decision"] != "block"


@given(moves(), st.data(), PLACES, PLACES, STATUSES, SEARCHING)
def test_one_component_says_nothing_of_another(
    move: Move, data: st.DataObject, here: str, there: str, status: str, mode: str
) -> None:
    assume(here != there)
    first, again = (f"{place}: {data.draw(phrased(move, tails=QUIET))}" for place in (here, there))
    guard = judge(make_idea(again), [past(1, first, status)], mode=mode)
    assert guard["classification"] not in REPEATS and guard["policy"]["decision"] != "block"


@given(moves(), st.data(), PLACES, SEARCHING)
def test_the_same_component_says_all(move: Move, data: st.DataObject, here: str, mode: str) -> None:
    first, again = (f"{here}: {data.draw(phrased(move, tails=QUIET))}" for _ in range(2))
    guard = judge(make_idea(again), [past(1, first)], mode=mode)
    assert (guard["classification"], guard["policy"]["decision"]) == ("duplicate_run", "block")


@given(st.one_of(IDEAS, st.text(max_size=60)), st.one_of(IDEAS, st.text(max_size=60)), STATUSES, SEARCHING)
def test_no_repeat_one_way_is_an_opposite_the_other_way(one: str, other: str, status: str, mode: str) -> None:
    a, b = make_idea(one), make_idea(other)
    there, back = compare(a, b, {}), compare(b, a, {})
    if there is not None and there.relation == "opposite":
        assert judge(b, [past(1, one, status)], mode=mode)["classification"] not in REPEATS
        assert back is not None and back.relation in ("opposite", "other_value", "related")


@given(moves(), st.data(), st.sampled_from(sorted(UNTRIED)), SEARCHING)
def test_what_never_ran_speaks_against_nothing(move: Move, data: st.DataObject, kind: str, mode: str) -> None:
    text = data.draw(phrased(move))
    run = past(1, text, "crash")._replace(error_kind=kind)
    assert judge(make_idea(text), [run], mode=mode)["policy"]["decision"] != "block"


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("SCORES_TABLE[4] from 1000 to 1500", "SCORES_TABLE[5] from 1000 to 1500"),
        ("add two more layers", "two fewer layers"),
        ("WEIGHT_DECAY 0.2 ↑ 0.3", "WEIGHT_DECAY 0.2 ↓ 0.12"),
        ("fused=True", "fused=False"),
        ("clip_grads: False -> True", "clip_grads: True -> False"),
        ("don't clip rewards", "clip rewards"),
        ("SGD -> Adam", "Adam -> SGD"),
        ("BLOCK_M=128", "BLOCK_K=128"),
        ("lr by 50 %", "raise lr by 20 %"),
        ("raise lr by half", "cut lr by half"),
        ("DEPTH += 2", "DEPTH -= 2"),
        ("examples ordered easy -> hard", "examples ordered hard -> easy"),
        ("store them in decimal rather than binary", "store them in binary rather than decimal"),
        ("zebras before lions", "lions before zebras"),
        ("add two worked examples", "two worked examples fewer"),
    ],
)
def test_numbers_and_signs_have_their_roles(first: str, other: str) -> None:
    for one, two in ((first, other), (other, first)):
        guard = judge(make_idea(two), [past(1, one)])
        assert guard["classification"] not in REPEATS, (one, two)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("[3] dropout 0.1", "[17] dropout 0.1"),
        ("Run 079: dropout 0.1", "exp12: dropout 0.1"),
        ("feat: DEPTH 8 -> 10", "DEPTH 10"),
        ("reduce lr by 50 %", "halve lr"),
        ("cut lr by a factor of 4", "lr x0.25"),
        ("MATRIX_LR *= 1.5", "MATRIX_LR x1.5"),
        ("SCORES_TABLE[4] from 1000 to 1500", "SCORES_TABLE[4] = 1500"),
        ("use_cache=True", "use_cache: False -> True"),
        ("efSearch 64 -> 200", "ef_search=200"),
        ("--slot-count=12", "slot_count 12"),
        ("buffer_pool 128MB -> 2 GiB", "buffer_pool = 2048 MiB"),
    ],
)
def test_what_says_nothing_of_the_experiment_changes_nothing(first: str, again: str) -> None:
    guard = judge(make_idea(again), [past(1, first)])
    assert (guard["classification"], guard["policy"]["decision"]) == ("duplicate_run", "block")


@pytest.mark.parametrize(
    ("moved", "decision"),
    [
        (("MATRIX_LR",), "block"),
        (("WARMUP_RATIO", "WEIGHT_DECAY"), "block"),
        (("DEPTH",), "caution"),
        (("MODEL_DIM", "LR"), "caution"),
    ],
)
def test_out_of_memory_is_excused_by_what_needs_less_memory(moved: tuple[str, ...], decision: str) -> None:
    run = past(1, "DEVICE_BATCH_SIZE 64 -> 128", "crash", moved=moved)._replace(error_kind="oom")
    assert judge(make_idea("DEVICE_BATCH_SIZE 128"), [run])["policy"]["decision"] == decision


def test_a_rate_that_moved_since_excuses_no_lack_of_memory_of_itself() -> None:
    run = past(1, "double the matrix lr", "crash", moved=("MATRIX_LR",))._replace(error_kind="oom")
    assert judge(make_idea("double the matrix lr"), [run])["policy"]["decision"] == "block"


def test_a_switch_off_is_measured_as_the_step_beside_it() -> None:
    run = past(1, "STOP_LOSS 0.16 -> 0", gain=-40.0)
    guard = judge(make_idea("STOP_LOSS 0.16 -> 0.15"), [run])
    assert "a smaller step" in guard["policy"]["reason"] and guard["policy"]["decision"] == "caution"
    assert judge(make_idea("STOP_LOSS 0.16 -> 0.02"), [run])["policy"]["decision"] == "block"


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("n_bands=128", "80 bands -> 128"),
        ("4 distractors per question -> 10", "distractor_per_question=10"),
        ("allow leaves with as few as 2 samples (min_samples_leaf=2)", "min_samples_leaf 5 -> 2"),
    ],
)
def test_a_name_is_known_again_by_its_words(first: str, again: str) -> None:
    assert judge(make_idea(again), [past(1, first)])["classification"] in REPEATS
    assert judge(make_idea(first), [past(1, again)])["classification"] in REPEATS


def test_part_of_a_name_is_another_name() -> None:
    assert judge(make_idea("chunk size 256"), [past(1, "chunk_overlap=256")])["classification"] == "novel"
