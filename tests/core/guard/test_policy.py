"""The policy table, row by row, and what softens a block."""

from __future__ import annotations

import pytest

from memorylab.core.guard.policy import Verdict, decide


def decision(classification: str, mode: str, *, strict: bool = False, soft: str = "", noop: bool = False) -> str:
    return decide(Verdict(classification, "because", ("r1",), soft=soft, noop=noop), mode, strict).decision


@pytest.mark.parametrize(
    ("classification", "explore", "exploit", "replicate"),
    [
        ("novel", "allow", "allow", "block"),
        ("incremental_followup", "caution", "allow", "allow"),
        ("known_success", "caution", "allow", "allow"),
        ("repeat_failure", "block", "block", "block"),
        ("duplicate_run", "block", "block", "allow"),
    ],
)
def test_each_class_has_its_decision_in_each_mode(
    classification: str, explore: str, exploit: str, replicate: str
) -> None:
    assert [decision(classification, mode) for mode in ("explore", "exploit", "replicate")] == [
        explore,
        exploit,
        replicate,
    ]


@pytest.mark.parametrize("classification", ["incremental_followup", "known_success"])
def test_strict_explore_blocks_what_is_no_exploration(classification: str) -> None:
    assert decision(classification, "explore", strict=True) == "block"
    assert decision(classification, "exploit", strict=True) == "allow"


def test_strict_exploit_warns_of_what_exploits_nothing() -> None:
    assert decision("novel", "exploit", strict=True) == "caution"
    assert decide(Verdict("novel", "because", control=True), "exploit", True).decision == "allow"


@pytest.mark.parametrize("classification", ["repeat_failure", "duplicate_run"])
def test_evidence_softens_a_block_to_caution(classification: str) -> None:
    assert decision(classification, "explore", soft="the base moved") == "caution"
    assert decision(classification, "exploit", soft="the base moved") == "caution"


def test_replicate_reruns_nothing_that_merely_resembles_a_failure() -> None:
    assert decision("repeat_failure", "replicate", soft="the base moved") == "block"


def test_a_no_op_is_blocked_unless_a_rerun_is_what_is_wanted() -> None:
    assert decision("known_success", "explore", noop=True) == "block"
    assert decision("known_success", "exploit", noop=True) == "block"
    renamed = decide(Verdict("known_success", "because", noop=True), "replicate")
    assert (renamed.classification, renamed.decision) == ("duplicate_run", "allow")


def test_the_reason_carries_what_softened_it() -> None:
    assert (
        decide(Verdict("duplicate_run", "X was tried in r1", soft="it was noise"), "exploit").reason
        == "X was tried in r1; it was noise"
    )


def test_a_control_run_may_always_be_run_also_to_replicate() -> None:
    control = Verdict("novel", "a control run measures the noise", control=True)
    assert [decide(control, mode).decision for mode in ("explore", "exploit", "replicate")] == [
        "allow",
        "allow",
        "allow",
    ]


@pytest.mark.parametrize("mode", ["explore", "exploit", "replicate"])
def test_the_first_run_of_all_is_no_repetition(mode: str) -> None:
    first = Verdict("novel", "nothing was measured here yet", control=True)
    assert decide(first, mode).decision == "allow"
    assert "no new idea" not in decide(first, mode).reason
