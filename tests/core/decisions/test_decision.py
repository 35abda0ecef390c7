from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memorylab.core.decisions.decision import decide
from memorylab.core.decisions.effects import SHAPES
from memorylab.core.decisions.noise import Noise
from memorylab.core.decisions.promotion import Budget
from memorylab.core.decisions.ruling import MOST_RUNS
from memorylab.core.decisions.situation import Reference, Situation, judge
from memorylab.core.runs import crash_kinds
from memorylab.records import HYPOTHESIS_STATUSES, NEXT_ACTIONS
from memorylab.render import words

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
ZERO = Reference("r0", "c" * 40, 0.0)
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
        run_s=300.0,
    )
    return base._replace(**changes)


def packet_of(case: Situation) -> dict[str, Any]:
    return decide(case).packet


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
    packet = packet_of(case)
    assert packet["next_action"] == action
    assert set(packet) == SEED_FIELDS | {"target"}
    assert packet["target"]
    assert packet["priority"] in ("high", "medium", "low")
    assert packet["rationale"] and all(isinstance(reason, str) and reason for reason in packet["rationale"])


def test_all_seven_actions_can_be_reached() -> None:
    assert {packet_of(case)["next_action"] for _, case in CASES} == set(NEXT_ACTIONS)


def test_a_higher_score_is_a_gain_where_higher_is_better() -> None:
    packet = packet_of(situation(direction="max", value=1.02))
    assert packet["next_action"] == "promote"
    assert packet["comparison"]["gain_over_prior_champion"] == pytest.approx(0.02)


def test_the_comparison_says_how_sure_a_gain_is_and_from_how_many_repeats() -> None:
    comparison = packet_of(situation(value=0.9995))["comparison"]
    assert 0.1 < comparison["probability_better_than_champion"] < 0.9
    assert comparison["verdict"] == "tie"
    assert comparison["noise_replicates"] == 7
    assert comparison["reruns_to_settle"] is None or comparison["reruns_to_settle"] > 0
    assert comparison["is_champion"] and comparison["current_champion"]["run_id"] == "r1"


@given(
    st.floats(-8, 8),
    st.floats(0, 30),
    st.integers(1, 6),
    st.sampled_from(["keep", "discard", None]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_promote_is_said_of_who_leads_and_of_nobody_else(
    sigmas: float, spent: float, runs: int, status: Any, leads: bool, rival: bool, confirmed: bool
) -> None:
    case = situation(
        status=status, value=1 - 0.001 * sigmas, promotions=Budget(9, spent), runs=runs, leads=leads,
        confirmed=confirmed, champion=CHAMPION if rival or not leads else None,
    )  # fmt: skip
    packet = packet_of(case)
    if packet["next_action"] == "promote":
        assert packet["comparison"]["is_champion"]


def test_a_candidate_that_might_lead_before_still_may_where_nothing_is_ruled_of_it() -> None:
    again = situation(status="discard", runs=2)
    assert not packet_of(again)["comparison"]["is_champion"]
    assert packet_of(again._replace(stood=True))["comparison"]["is_champion"]
    assert packet_of(again._replace(leads=True))["comparison"]["is_champion"]


@pytest.mark.parametrize("spent", [0.0, 3.0, 50.0])
@pytest.mark.parametrize("runs", [1, 2, 4])
def test_who_is_better_with_95_percent_leads_however_much_is_risked_already(spent: float, runs: int) -> None:
    near = 0
    for step in range(400):  # the window between what any budget allows and certainty is narrow
        case = situation(status=None, value=1 - 0.00002 * step, promotions=Budget(9, spent), runs=runs)
        compared = packet_of(case)["comparison"]
        near += 0.95 < compared["probability_better_than_champion"] < 0.98
        if compared["probability_better_than_champion"] > 0.95:
            assert compared["is_champion"] and compared["current_champion"]["run_id"] == "r1", step
    assert near > 3


@given(st.floats(0, 8), st.floats(0, 1000))
def test_after_three_reruns_no_budget_delays_a_lead_that_is_real_with_90_percent(sigmas: float, spent: float) -> None:
    case = situation(status=None, value=1 - 0.001 * sigmas, promotions=Budget(9, spent), runs=MOST_RUNS)
    decided = decide(case)
    if decided.packet["comparison"]["probability_better_than_champion"] > 0.9:
        assert decided.packet["next_action"] == "promote" and decided.packet["comparison"]["is_champion"]


def test_a_gain_that_may_not_lead_yet_is_run_again_and_not_promoted() -> None:
    packet = packet_of(situation(status=None, value=0.9957, promotions=Budget(9, 30.0), noise=Noise(0.001, 20, 19)))
    sure = packet["comparison"]["probability_better_than_champion"]
    assert 0.9 < sure < 0.95 and packet["comparison"]["verdict"] == "better"
    assert packet["next_action"] == "replicate" and not packet["comparison"]["is_champion"]
    assert not any("beats the champion" in reason or "inside the noise" in reason for reason in packet["rationale"])


def test_a_tie_does_not_take_the_lead_from_a_confirmed_champion_even_if_it_is_kept() -> None:
    decided = decide(situation(value=0.9998, confirmed=True))
    assert decided.ruling.status == "keep" and decided.ruling.promoted is False
    comparison = decided.packet["comparison"]
    assert not comparison["is_champion"] and comparison["current_champion"]["run_id"] == "r0"
    assert any("doesn't lead yet" in reason for reason in decided.packet["rationale"])
    clear = decide(situation(value=0.98, confirmed=True))
    assert clear.ruling.promoted and clear.packet["comparison"]["is_champion"]


def test_a_modified_judge_never_makes_a_champion() -> None:
    packet = packet_of(situation(value=0.1, integrity="modified"))
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
    assert packet_of(case)["hypothesis_status"] == expected
    assert expected in HYPOTHESIS_STATUSES


def test_a_loss_is_called_one_only_where_the_measurements_alone_say_so() -> None:
    s = situation(value=1.0018, weights=tuple(shape.share if shape.mean < 0 else 1e-6 for shape in SHAPES))
    base = judge(s).base
    assert base is not None
    assert base.probability < 0.1 < base.data  # ideas are seldom worth anything, but this one wasn't shown to be bad
    assert base.verdict == "tie"
    assert packet_of(s._replace(status="discard"))["next_action"] == "retry"


def test_a_crash_leaves_a_hypothesis_open_and_says_what_broke() -> None:
    packet = packet_of(crashed("oom")._replace(hypothesis="h"))
    assert packet["hypothesis_status"] == "inconclusive"
    assert packet["error"]["summary"] == "it broke"
    assert "it broke" in packet["summary"]


def test_every_kind_of_crash_gets_an_action_and_advice() -> None:
    for kind in crash_kinds.ADVICE:
        packet = packet_of(crashed(kind))
        wanted = ("retry",) if kind == "interrupted" else ("fix_and_retry", "investigate_crash")
        assert packet["next_action"] in wanted
        assert crash_kinds.ADVICE[kind] in packet["rationale"]


def status_of(value: float | None, **changes: Any) -> str:
    return decide(situation(status=None, value=value, **changes)).ruling.status


def test_auto_keeps_a_clear_gain_and_discards_a_clear_loss() -> None:
    assert [status_of(v) for v in (0.99, 1.01, None)] == ["keep", "discard", "crash"]
    assert status_of(1.0, champion=None, base=None, before=None) == "keep"


def test_auto_says_why_it_decided_so_and_an_operator_is_not_contradicted() -> None:
    for value in (0.99, 0.9995, 1.01):
        decided = decide(situation(status=None, value=value))
        assert decided.ruling.why
        assert any(decided.ruling.why in reason for reason in decided.packet["rationale"])
    assert decide(situation(status="keep", value=1.01)).ruling[:1] == ("keep",)
    assert not any(reason.startswith("Status") for reason in packet_of(situation(value=1.01))["rationale"])


def test_a_number_in_doubt_is_never_kept_by_itself() -> None:
    assert status_of(0.5, integrity="suspect") == "discard"
    assert decide(situation(status=None, value=0.5, integrity="modified")).ruling.promoted is False


def test_the_packet_tells_a_gain_with_the_luck_taken_out_and_what_the_next_run_is_worth() -> None:
    comparison = packet_of(situation(value=0.997))["comparison"]
    assert 0 < comparison["expected_gain"] < 0.003
    assert comparison["expected_gain_sd"] > 0
    assert 0 < comparison["risk_available"] <= 1
    assert comparison["worth_of_a_rerun"] >= 0 and comparison["worth_of_a_new_idea"] > 0


def test_a_base_that_is_due_comes_before_the_next_idea() -> None:
    due = "Run the base again before the next idea"
    packet = packet_of(situation(status="discard", value=1.02, control_due=due))
    assert (packet["next_action"], packet["priority"], packet["target"]) == ("replicate", "high", "r0")
    assert packet["rationale"][0] == due
    assert packet_of(situation(value=0.99, control_due=due))["next_action"] == "promote"


def test_a_control_that_failed_says_what_is_untested() -> None:
    control = {"failed": True, "untested": 12, "since": "r0", "expected": 1.0, "measured": 1.1, "sigmas": 9.0}
    packet = packet_of(situation(value=1.1, base=None, champion=None, control=control))
    assert (packet["next_action"], packet["priority"]) == ("retry", "high")
    assert any("12 ideas tried since r0 are untested, not failed" in reason for reason in packet["rationale"])
    one = packet_of(situation(value=1.1, base=None, champion=None, control={**control, "untested": 1}))
    assert any("1 idea tried since r0 is untested, not failed" in reason for reason in one["rationale"])


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
    packet = packet_of(situation(value=value, runs=2, leads=True, champion=rival, base=rival))
    assert packet["next_action"] == action
    assert "mean of 2 runs" in packet["summary"]


def test_a_rerun_that_falls_back_takes_the_lead_away_and_names_who_leads_now() -> None:
    again = situation(status=None, value=1.003, runs=2, leads=True, before=Reference("r1", None, 0.998))
    decided = decide(again)
    assert decided.ruling.promoted is False
    assert not decided.packet["comparison"]["is_champion"]
    assert decided.packet["comparison"]["current_champion"]["run_id"] == "r0"
    assert decided.packet["target"] == "r0"


def test_a_rerun_that_holds_keeps_the_lead() -> None:
    decided = decide(situation(status=None, value=0.99, runs=2, leads=True))
    assert decided.ruling.status == "keep" and decided.ruling.promoted is not False
    assert decided.packet["comparison"]["is_champion"]


@pytest.mark.parametrize("value", [0.99, 0.9995, 1.0005, 1.01])
def test_where_higher_is_better_everything_is_mirrored(value: float) -> None:
    low, high = Reference("r0", None, 1.0), Reference("r0", None, -1.0)
    for status in ("keep", "discard", None):
        one = decide(situation(status=status, value=value, before=low, base=low, champion=low))
        other = decide(situation(status=status, value=-value, before=high, base=high, champion=high, direction="max"))
        assert one.ruling == other.ruling
        for name in ("next_action", "priority", "hypothesis_status"):
            assert one.packet[name] == other.packet[name]
        for name in ("gain_over_base", "probability_better_than_base", "verdict", "is_champion", "expected_gain"):
            assert one.packet["comparison"][name] == other.packet["comparison"][name]


@given(
    scale=st.integers(-8, 9),
    base=st.floats(0.5, 2),
    step=st.floats(-0.2, 0.2),
    noise=st.floats(1e-5, 0.05),
    status=st.sampled_from(("keep", "discard", None)),
)
@example(scale=-8, base=1.0, step=-0.05, noise=0.00827922, status="keep")
@example(scale=9, base=0.83, step=-0.01, noise=0.0007, status=None)
@example(scale=7, base=1.0, step=-0.125, noise=0.03125, status="keep")
def test_a_packet_writes_its_numbers_to_one_place_and_the_difference_is_theirs(
    scale: int, base: float, step: float, noise: float, status: str | None
) -> None:
    level = 10.0**scale
    champion = CHAMPION._replace(value=base * level)
    case = situation(value=(base + step) * level, before=champion, base=champion, champion=champion, status=status,
                     noise=Noise(noise * level, 10, 7))  # fmt: skip
    packet = packet_of(case)
    told = re.match(r"\w+: val_bpb (\S+), (less than )?(\S+) (better|worse) than the champion", packet["summary"])
    if case.value == champion.value:
        assert packet["summary"].endswith(", the same as the champion.")
        return
    assert told is not None, packet["summary"]
    rows = {name: (value, gain) for name, value, gain, *_ in words.comparison(packet)}
    against, gain = rows["champion, its base"]
    unit = 10.0**-case.digits.place
    assert float(told[1]) == pytest.approx(case.value, abs=0.501 * unit)
    if not told[2]:
        assert gain.strip("+−") == told[3]
        sign = -1 if told[4] == "better" else 1
        assert float(told[1]) - float(against) == pytest.approx(sign * float(told[3]), abs=1.501 * unit)
    assert noise * level / 105 <= unit or case.digits.place == 0


def test_what_equals_the_champion_is_neither_better_nor_worse() -> None:
    assert packet_of(situation(value=1.0))["summary"] == "Keep: val_bpb 1, the same as the champion."


def test_a_noise_is_told_with_two_digits_and_one_that_nobody_saw_not_at_all() -> None:
    (told, *_) = packet_of(situation(value=0.9995, noise=Noise(0.000827922, 3, 2)))["rationale"]
    assert "(one run varies by about 0.00083;" in told
    case = situation(value=0.02, base=ZERO, before=ZERO, champion=ZERO, leads=False, status="discard", direction="max")
    for replicates, said in ((0, "how much one run varies is not known"), (2, "no run that was repeated has varied")):
        equal = case._replace(value=0.0, noise=Noise(0.0, 3, replicates))
        assert any(said in reason for reason in packet_of(equal)["rationale"])


def test_what_reruns_are_worth_is_compared_in_digits_that_differ() -> None:
    for value in (0.9995, 0.9991, 0.9999):
        for reason in packet_of(situation(value=value))["rationale"]:
            compared = re.search(r"A rerun is worth (\S+), (?:more|less) than a new idea \((\S+)\)\.", reason)
            assert compared is None or compared[1] != compared[2]


@pytest.mark.parametrize("state", ["modified", "suspect"])
def test_a_number_in_doubt_is_given_no_probability(state: str) -> None:
    packet = decide(situation(value=0.9, integrity=state)).packet
    assert "in doubt" in packet["summary"] and "%" not in packet["summary"]
    assert packet["comparison"]["probability_better_than_champion"] is None
    assert packet["comparison"]["gain_over_prior_champion"] is not None


def test_a_rerun_is_priced_by_what_the_run_took() -> None:
    told = " ".join(decide(situation(value=0.9995, run_s=4.0)).packet["rationale"])
    assert "min in all" not in told
