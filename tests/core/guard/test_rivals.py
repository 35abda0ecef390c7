"""Holds each rule of another tool to its published description."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard import rivals
from memorylab.core.guard.replay import Row
from memorylab.core.guard.rivals import Told, Verdict
from memorylab.records import CLASSIFICATIONS, MODES

ALLOWED = Verdict("novel", "allow", None)
VOCABULARY = "lr 0.04 0.05 to raise lower muon depth 8 up warmdown batch size"
WORDS = st.lists(st.sampled_from(VOCABULARY.split()), max_size=7)
ROWS = st.lists(
    st.tuples(st.sampled_from(["keep", "discard", "crash", None]), WORDS.map(" ".join) | st.text(max_size=30)),
    max_size=12,
)


def tell(*rows: tuple[str | None, str]) -> list[Told]:
    return [
        rivals.tell(n, Row(status, None, description, [], "", None, None))
        for n, (status, description) in enumerate(rows)
    ]


def last(rule: str, *rows: tuple[str | None, str], mode: str = "exploit") -> Verdict:
    return list(rivals.verdicts(rivals.RULES[rule], tell(*rows), mode))[-1]


def similarity(one: str, other: str) -> float:
    past, idea = tell(("discard", one), ("discard", other))
    return rivals.similar(idea, [past], 0.0)[0][0]


@pytest.mark.parametrize("again", ["LR 0.04 -> 0.05", "lr 0.04  ->\t0.05", "(LR) 0.04, 0.05!"])
def test_exact_blocks_the_same_words_whatever_their_case_and_punctuation(again: str) -> None:
    assert last("exact", ("keep", "LR 0.04 -> 0.05"), (None, again)) == Verdict("duplicate_run", "block", 0)


@pytest.mark.parametrize("other", ["LR 0.04 -> 0.06", "LR 0.05 -> 0.04", "raise LR 0.04 -> 0.05", "LR 004 -> 005"])
def test_exact_lets_any_other_words_pass(other: str) -> None:
    assert last("exact", ("discard", "LR 0.04 -> 0.05"), (None, other)) == ALLOWED


def test_a_family_is_what_remains_when_numbers_are_replaced() -> None:
    tries = [("discard", f"raise LR to {value}") for value in ("0.05", "0.06", "7")]
    assert last("family", *tries, (None, "Raise LR to  1e-3")).decision == "allow"  # "#e-#" is another text
    assert last("family", *tries, (None, "Raise LR to  0.08")) == Verdict("repeat_failure", "block", 2)
    assert last("family", *tries, (None, "lower LR to 0.03")) == ALLOWED


@pytest.mark.parametrize(
    ("ended", "decision"),
    [
        (["discard", "discard"], "allow"),  # fewer than three
        (["discard", "crash", "discard"], "block"),
        (["keep", "discard", "discard"], "block"),  # rejected 2 >= max(2, 1 + 1)
        (["keep", "keep", "discard", "discard"], "allow"),  # 2 < max(2, 2 + 1)
        (["keep", "keep", "discard", "discard", "crash"], "block"),
        (["keep", "keep", "keep"], "allow"),
    ],
)
def test_a_family_is_exhausted_by_three_runs_with_more_rejected_than_kept(ended: list[str], decision: str) -> None:
    rows = [(status, f"depth {n}") for n, status in enumerate(ended)]
    assert last("family", *rows, (None, "depth 99")).decision == decision


def test_the_reference_scores_what_was_published_of_it() -> None:
    assert similarity("warmdown 0.5 -> 0.7", "warmdown 0.7 -> 0.5") == pytest.approx(0.968, abs=0.001)
    assert similarity("GeLU", "Gaussian error linear units") <= 0.32  # a paraphrase that it misses
    assert similarity("batch 524K->262K", "2**18") <= 0.12
    assert similarity("depth 9", "depth 9") == pytest.approx(1.0)


def test_the_reference_takes_up_for_a_stop_word_and_knows_aliases() -> None:
    assert "up" not in tell((None, "matrix LR up"))[0].words
    assert similarity("raise learning rate", "raise LR") > 0.85


def test_the_reference_knows_five_classes() -> None:
    assert last("reference", ("discard", "add QK norm"), (None, "ReLU squared")) == ALLOWED
    assert last("reference", ("discard", "depth 8 to 9"), (None, "depth 8 to 9")).classification == "duplicate_run"
    assert last("reference", ("crash", "depth 8 to 9"), (None, "depth 8 to 10")).classification == "repeat_failure"
    followup = last("reference", ("keep", "depth 8 to 9"), (None, "depth 8 to 10"))
    assert followup == Verdict("incremental_followup", "allow", 0)
    rows = [Row(status, None, "depth 8 to 9" + add, [], family, None, None)
            for status, add, family in (("keep", "", "a"), (None, "0", "b"))]  # fmt: skip
    told = [rivals.tell(n, row) for n, row in enumerate(rows)]
    assert rivals.reference(told[1], told[:1], "exploit").classification == "known_success"


@pytest.mark.parametrize(
    ("mode", "past", "decision"),
    [
        ("exploit", "keep", "allow"),
        ("exploit", "discard", "block"),
        ("explore", "keep", "block"),
        ("explore", "discard", "block"),
        ("replicate", "keep", "allow"),
        ("replicate", "discard", "block"),
    ],
)
def test_the_reference_has_a_policy_for_each_mode(mode: str, past: str, decision: str) -> None:
    assert last("reference", (past, "depth 8 to 9"), (None, "depth 8 to 10"), mode=mode).decision == decision


def test_the_reference_blocks_what_is_new_in_replicate_mode_only() -> None:
    found = {mode: last("reference", ("keep", "depth 9"), (None, "QK norm"), mode=mode).decision for mode in MODES}
    assert found == {"explore": "allow", "exploit": "allow", "replicate": "block"}


@given(rows=ROWS, mode=st.sampled_from(MODES), rule=st.sampled_from(sorted(rivals.RULES)))
def test_every_rule_judges_every_row_by_rows_before_it_that_ended(
    rows: list[tuple[str | None, str]], mode: str, rule: str
) -> None:
    found = list(rivals.verdicts(rivals.RULES[rule], tell(*rows), mode))
    assert len(found) == len(rows)
    for number, verdict in enumerate(found):
        assert verdict.classification in CLASSIFICATIONS
        assert verdict.decision in ("allow", "block")
        assert verdict.match is None or (verdict.match < number and rows[verdict.match][0] is not None)


@given(rows=ROWS, more=ROWS, mode=st.sampled_from(MODES), rule=st.sampled_from(sorted(rivals.RULES)))
def test_what_comes_later_changes_no_verdict(
    rows: list[tuple[str | None, str]], more: list[tuple[str | None, str]], mode: str, rule: str
) -> None:
    judge = rivals.RULES[rule]
    before = list(rivals.verdicts(judge, tell(*rows), mode))
    assert list(rivals.verdicts(judge, tell(*rows, *more), mode))[: len(rows)] == before


@given(rows=ROWS, mode=st.sampled_from(MODES))
def test_a_sweep_at_the_threshold_in_use_blocks_what_the_rule_blocks(
    rows: list[tuple[str | None, str]], mode: str
) -> None:
    told = tell(*rows)
    swept = list(rivals.reference_sweep(told, mode, [0.3, rivals.THRESHOLD, 1.0]))
    found = [verdict.decision == "block" for verdict in rivals.verdicts(rivals.reference, told, mode)]
    assert [flags[1] for flags in swept] == found


@given(one=st.text(max_size=60), other=st.text(max_size=60))
def test_similarity_is_a_share_and_full_for_the_same_text(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1 + 1e-9
    assert last("exact", ("discard", one), (None, one)).decision == "block"
