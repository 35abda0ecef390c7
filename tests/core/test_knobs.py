"""What is known about a knob: present value, tries, and what touches it."""

from __future__ import annotations

from memorylab.core.edits import parse
from memorylab.core.ideas import Past, make_idea
from memorylab.core.knobs import ELSEWHERE, SHOWN, memory, present_values, touching


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
