"""What is known about a knob: present value, tries, and what touches it."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard.knobs import ELSEWHERE, SHOWN, memory, present_values, touching
from memorylab.core.reading.edits import parse
from memorylab.core.reading.ideas import Past, make_idea


def run(seq: int, text: str, status: str = "discard", *, in_base: bool = False) -> Past:
    idea = make_idea(text)
    return Past(
        f"r{seq}", None, status, text, idea.family, "", idea.edits, idea.words, 1.0, -3.0, None, (), in_base, seq
    )


def test_the_idea_itself_says_best_where_it_starts() -> None:
    assert present_values(parse("MATRIX_LR 0.04 -> 0.05"), [run(1, "MATRIX_LR 0.02", "keep", in_base=True)]) == {
        "MATRIX_LR": 0.04
    }


def test_the_last_keep_in_the_base_beats_what_runs_started_from() -> None:
    runs = [run(1, "MATRIX_LR 0.04 -> 0.03", "keep", in_base=True), run(2, "MATRIX_LR 0.05 -> 0.06")]
    assert present_values(parse("MATRIX_LR 0.02"), runs) == {"MATRIX_LR": 0.03}
    assert present_values(parse("MATRIX_LR 0.02"), runs[1:]) == {"MATRIX_LR": 0.05}


def test_what_is_off_until_added_starts_at_zero_and_nothing_else_is_guessed() -> None:
    assert present_values(parse("residual dropout .1"), []) == {"RESID_DROPOUT": 0.0}
    assert present_values(parse("MATRIX_LR 0.02"), []) == {}


def test_a_change_touches_its_group_but_not_itself_or_strangers() -> None:
    edits = parse("batch 2^17")
    moved = ("MATRIX_LR", "TOTAL_BATCH_SIZE", "gelu", "MATRIX_LR")
    assert touching(edits, moved) == ("MATRIX_LR",)
    assert touching(edits, (ELSEWHERE,)) == (ELSEWHERE,)


def test_the_memory_of_a_knob_lists_its_tries_oldest_first_with_a_bracket() -> None:
    runs = [
        run(3, "MATRIX_LR 0.05"),
        run(1, "MATRIX_LR 0.03"),
        run(2, "MATRIX_LR 0.04", "keep"),
        run(4, "weight tying"),
    ]
    edits = parse("MATRIX_LR 0.045")
    (known,) = memory(edits, runs, {"MATRIX_LR": 0.04})
    assert known["note"] == "0.03 worse, 0.04 kept, 0.05 worse on this base; bracketed; untried: none nearby"
    assert [row["run_id"] for row in known["tried"]] == ["r1", "r2", "r3"]


def test_only_the_newest_tries_are_listed() -> None:
    runs = [run(n, f"MATRIX_LR {n / 100}") for n in range(1, 40)]
    (known,) = memory(parse("MATRIX_LR 1.0"), runs, {})
    assert len(known["tried"]) == SHOWN and known["tried"][-1]["run_id"] == "r39"


def test_the_working_tree_tells_the_present_value_unless_it_has_the_edit_or_lags_behind() -> None:
    edits = parse("MATRIX_LR 0.05")
    assert present_values(edits, [run(1, "MATRIX_LR 0.02 -> 0.03")], {"MATRIX_LR": 0.04}) == {"MATRIX_LR": 0.04}
    assert present_values(edits, [], {"MATRIX_LR": 0.05, "DEPTH": 8.0}) == {}
    kept = run(1, "MATRIX_LR 0.02 -> 0.03", "keep", in_base=True)
    assert present_values(edits, [kept], {"MATRIX_LR": 0.02}) == {"MATRIX_LR": 0.03}
    assert present_values(edits, [kept], {"MATRIX_LR": 0.035}) == {"MATRIX_LR": 0.035}
    assert present_values(parse("MATRIX_LR 0.01 -> 0.02"), [kept], {"MATRIX_LR": 0.035}) == {"MATRIX_LR": 0.01}
    assert present_values(parse("halve matrix lr"), [kept], {"MATRIX_LR": 0.015}) == {"MATRIX_LR": 0.03}


def test_tries_on_an_older_base_are_told_apart_and_bracket_nothing() -> None:
    runs = [run(1, "MATRIX_LR 0.03")._replace(moved=("TOTAL_BATCH_SIZE",)), run(2, "MATRIX_LR 0.05")]
    (known,) = memory(parse("MATRIX_LR 0.06"), runs, {"MATRIX_LR": 0.04})
    assert known["note"] == (
        "0.05 worse on this base; 0.03 worse on an older base; untried here: below 0.04, e.g. 0.032"
    )
    assert known["bracket"] == {"below": None, "above": 0.05} and known["untried"] == "below"


def test_a_kept_step_leaves_a_failed_neighbour_behind() -> None:
    kept = run(1, "MATRIX_LR 0.02 -> 0.04", "keep", in_base=True)._replace(gain=6.0)
    (known,) = memory(parse("MATRIX_LR 0.05"), [kept], {"MATRIX_LR": 0.04})
    assert known["bracket"] == {"below": 0.02, "above": None}
    assert (known["untried"], known["suggestion"]) == ("above", 0.08)


def test_a_machine_that_failed_and_a_change_that_was_not_alone_bracket_nothing() -> None:
    runs = [
        run(1, "MATRIX_LR 0.03", "crash")._replace(error_kind="disk_full"),
        run(2, "MATRIX_LR 0.05 and weight decay 0.1"),
    ]
    (known,) = memory(parse("MATRIX_LR 0.06"), runs, {"MATRIX_LR": 0.04})
    assert known["bracket"] == {"below": None, "above": None}


def test_several_runs_of_one_value_are_one_line() -> None:
    runs = [run(1, "MATRIX_LR 0.05")._replace(gain=-0.5), run(2, "MATRIX_LR 0.05")._replace(gain=-4.5)]
    (known,) = memory(parse("MATRIX_LR 0.06"), runs, {"MATRIX_LR": 0.04})
    assert known["values"] == [{"to": 0.05, "n": 2, "kept": 0, "outcome": "worse", "gain": -2.5, "here": True}]
    assert known["note"].startswith("0.05 worse (2 times) on this base")


_TEXTS = ["MATRIX_LR 0.03", "MATRIX_LR 0.05", "MATRIX_LR 0.06", "halve matrix lr", "MATRIX_LR 0.02 -> 0.04"]


@given(st.lists(st.sampled_from([*_TEXTS, "DEPTH 9", "gelu", "tie embeddings"]), max_size=8), st.randoms())
def test_unrelated_runs_and_the_order_of_the_list_change_nothing(texts: list[str], random: Random) -> None:
    runs = [run(n, text) for n, text in enumerate(texts)]
    own = [one for one in runs if one.edits[0].target == "MATRIX_LR"]
    shuffled = list(runs)
    random.shuffle(shuffled)
    edits, base = parse("MATRIX_LR 0.045"), {"MATRIX_LR": 0.04}
    assert memory(edits, shuffled, base) == memory(edits, own, base)
