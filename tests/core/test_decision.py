from __future__ import annotations

from typing import Any

import pytest

from memorylab.core import crash_kinds
from memorylab.core.decision import auto_status, decide
from memorylab.core.noise import Noise
from memorylab.core.situation import Reference, Situation, compare
from memorylab.records import HYPOTHESIS_STATUSES, NEXT_ACTIONS

SEED_FIELDS = {
    "summary",
    "next_action",
    "priority",
    "rationale",
    "hypothesis_status",
    "run",
    "novelty",
    "comparison",
    "error",
}
CHAMPION = Reference("r0", "c" * 40, 1.0)
NOISE = Noise(0.001, 10, 7)


def situation(**changes: Any) -> Situation:
    base = Situation(
        run_id="r1",
        commit="d" * 40,
        status="keep",
        description="raise MATRIX_LR",
        family="optimizer",
        hypothesis="",
        metric="val_bpb",
        direction="min",
        value=0.99,
        runs=1,
        leads=False,
        before=CHAMPION,
        base=CHAMPION,
        champion=CHAMPION,
        noise=NOISE,
        guard={"classification": "novel", "policy": {"decision": "allow", "reason": "new", "mode": "explore"}},
        error=None,
        same_failures=0,
        integrity="ok",
        budget_s=300.0,
    )
    return base._replace(**changes)


def crashed(kind: str, same: int = 1) -> Situation:
    error = {"summary": "it broke", "tail": "", "source": "log", "kind": kind}
    return situation(status="crash", value=None, error=error, same_failures=same)


CASES = [
    ("promote", situation()),
    ("promote", situation(champion=None, base=None)),
    ("replicate", situation(value=0.9995)),
    ("replicate", situation(status="discard", value=0.98)),
    ("branch_followup", situation(value=1.0002)),
    ("branch_followup", situation(value=1.02)),
    ("retry", situation(status="discard", value=1.0005)),
    ("abandon", situation(status="discard", value=1.02)),
    ("fix_and_retry", crashed("oom")),
    ("fix_and_retry", crashed("patch_failed", same=9)),
    ("abandon", crashed("oom", same=3)),
    ("investigate_crash", crashed("unknown")),
    ("investigate_crash", situation(value=0.5, integrity="modified")),
]


@pytest.mark.parametrize(("action", "case"), CASES)
def test_the_next_action_follows_from_outcome_noise_and_error(action: str, case: Situation) -> None:
    packet = decide(case)
    assert packet["next_action"] == action
    assert set(packet) == SEED_FIELDS
    assert packet["priority"] in ("high", "medium", "low")
    assert packet["rationale"] and all(isinstance(reason, str) and reason for reason in packet["rationale"])


def test_all_seven_actions_can_be_reached() -> None:
    assert {decide(case)["next_action"] for _, case in CASES} == set(NEXT_ACTIONS)


def test_a_higher_score_is_a_gain_where_higher_is_better() -> None:
    packet = decide(situation(direction="max", value=1.02))
    assert packet["next_action"] == "promote"
    assert packet["comparison"]["gain_over_prior_champion"] == pytest.approx(0.02)


def test_the_comparison_says_how_sure_a_gain_is_and_from_how_many_repeats() -> None:
    comparison = decide(situation(value=0.9995))["comparison"]
    assert 0.5 < comparison["probability_better_than_champion"] < 0.9
    assert comparison["noise_replicates"] == 7
    assert comparison["reruns_to_settle"] is None or comparison["reruns_to_settle"] > 0
    assert comparison["is_champion"] and comparison["current_champion"]["run_id"] == "r1"


def test_a_modified_judge_never_makes_a_champion() -> None:
    packet = decide(situation(value=0.1, integrity="modified"))
    assert not packet["comparison"]["is_champion"]
    assert packet["comparison"]["current_champion"]["run_id"] == "r0"
    assert packet["priority"] == "high"


@pytest.mark.parametrize(
    ("expected", "case"),
    [
        ("not_stated", situation()),
        ("supported", situation(hypothesis="h")),
        ("unsupported", situation(hypothesis="h", status="discard", value=1.02)),
        ("inconclusive", situation(hypothesis="h", value=1.0001)),
        ("mixed", situation(hypothesis="h", value=1.02)),
    ],
)
def test_a_hypothesis_is_judged_by_what_was_measured(expected: str, case: Situation) -> None:
    assert decide(case)["hypothesis_status"] == expected
    assert expected in HYPOTHESIS_STATUSES


def test_a_crash_leaves_a_hypothesis_open_and_says_what_broke() -> None:
    packet = decide(crashed("oom")._replace(hypothesis="h"))
    assert packet["hypothesis_status"] == "inconclusive"
    assert packet["error"]["summary"] == "it broke"
    assert "it broke" in packet["summary"]


def test_every_kind_of_crash_gets_an_action_and_advice() -> None:
    for kind in crash_kinds.ADVICE:
        packet = decide(crashed(kind))
        assert packet["next_action"] in ("fix_and_retry", "investigate_crash")
        assert crash_kinds.ADVICE[kind] in packet["rationale"]


def test_auto_keeps_a_likely_gain_and_discards_a_tie() -> None:
    def status(value: float | None) -> str:
        return auto_status(value, compare(value, 1, CHAMPION, NOISE, "min"))

    assert [status(v) for v in (0.99, 1.0, 1.01, None)] == ["keep", "discard", "discard", "crash"]
    assert auto_status(1.0, None) == "keep"


@pytest.mark.parametrize(
    ("action", "value", "rival"),
    [
        ("promote", 0.99, CHAMPION),
        ("replicate", 0.9998, CHAMPION),
        ("abandon", 1.001, CHAMPION),
        ("promote", 1.0, None),
    ],
)
def test_a_rerun_of_the_champion_is_judged_by_its_mean_against_the_next_best(
    action: str, value: float, rival: Reference | None
) -> None:
    packet = decide(situation(value=value, runs=2, leads=True, champion=rival, base=rival))
    assert packet["next_action"] == action
    assert "mean of 2 runs" in packet["summary"]


def test_auto_keeps_a_rerun_of_the_champion_while_it_stays_ahead() -> None:
    ahead, behind = (compare(value, 2, CHAMPION, NOISE, "min") for value in (0.9999, 1.0001))
    assert auto_status(0.9999, ahead, leads=True) == "keep"
    assert auto_status(1.0001, behind, leads=True) == "discard"
