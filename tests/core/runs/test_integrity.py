from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.runs import integrity
from memorylab.core.runs.integrity import Reason, verdict


def kinds(reasons: list[Reason]) -> list[str]:
    return [reason.kind for reason in reasons]


@pytest.mark.parametrize(
    ("metrics", "champion_s", "expected"),
    [
        ({}, None, []),
        ({"training_seconds": 300.2, "num_steps": 900}, None, []),
        ({"training_seconds": 339.0}, None, []),
        ({"training_seconds": 341.0}, None, ["over_budget"]),
        ({"training_seconds": 0.0}, None, ["no_training"]),
        ({"training_seconds": 300.0, "num_steps": 0}, None, ["no_training"]),
        ({"training_seconds": 20.0}, None, []),  # nothing says what is usual: a run by steps, a slow start
        ({"training_seconds": 20.0}, 22.0, []),
        ({"training_seconds": 20.0}, 300.0, ["short_training"]),
        ({"training_seconds": 900.0}, 905.0, []),  # a champion over budget was accepted by somebody
        ({"training_seconds": 1300.0}, 905.0, ["over_budget"]),
    ],
)
def test_training_is_held_against_the_budget(
    metrics: dict[str, float | int | None], champion_s: float | None, expected: list[str]
) -> None:
    assert kinds(integrity.training(metrics, 300.0, champion_s)) == expected


def test_a_busy_cpu_may_take_longer_by_the_clock() -> None:
    assert integrity.training({"training_seconds": 390.0}, 300.0, None, cpu=True) == []
    assert kinds(integrity.training({"training_seconds": 420.0}, 300.0, None, cpu=True)) == ["over_budget"]


def test_a_budget_below_the_sidecars_rounding_is_no_reason() -> None:
    assert integrity.training({"training_seconds": 0.0}, 0.04, None) == []


@pytest.mark.parametrize(
    ("metric", "value", "direction", "marked"),
    [
        ("val_bpb", 0.0, "min", True),
        ("val_bpb", -0.3, "min", True),
        ("val_loss", -0.3, "min", False),  # a likelihood of something continuous
        ("perplexity", 0.0, "min", True),
        ("train/cross_entropy", 0.0, "min", True),
        ("fid", 0.0, "min", False),
        ("failed_tests", 0.0, "min", False),
        ("packet_loss", 0.0, "min", False),
        ("zero_one_loss", 0.0, "min", False),
        ("word_error_rate", 0.0, "min", False),
        ("p99_latency_ms", 0.0, "min", False),
        ("sharpe", 0.0, "max", False),
        ("score", -2.0, "max", False),
    ],
)
def test_values_that_cannot_be(metric: str, value: float, direction: str, marked: bool) -> None:
    assert kinds(integrity.impossible(metric, value, direction)) == ["impossible_value"] * marked  # type: ignore[arg-type]


GAINS = [0.004, -0.002, 0.001, -0.008, 0.002, -0.001, -0.003, -0.02, -0.001, 0.0005]


def test_a_gain_out_of_all_proportion_is_marked_and_a_large_one_is_not() -> None:
    assert kinds(integrity.jump("val_bpb", 0.96, 1.0, GAINS, "min")) == ["implausible_gain"]
    assert integrity.jump("val_bpb", 0.989, 1.0, GAINS, "min") == []
    assert integrity.jump("val_bpb", 1.2, 1.0, GAINS, "min") == []


def test_early_runs_may_jump_but_a_loss_is_not_halved() -> None:
    assert integrity.jump("val_bpb", 0.7, 1.0, GAINS[:9], "min") == []
    assert kinds(integrity.jump("val_bpb", 0.4, 1.0, GAINS[:3], "min")) == ["implausible_gain"]
    assert integrity.jump("val_bpb", 0.4, 1.0, GAINS[:2], "min") == []
    assert integrity.jump("fid", 100.0, 300.0, GAINS[:9], "min") == []


@pytest.mark.parametrize(
    ("metric", "value", "best", "gains", "marked"),
    [
        ("val_nll", -2.31, -2.24, [0.08, 0.07, 0.07, 0.07], False),  # a density, ever below zero
        ("val_nll", -0.02, 0.03, [0.05, 0.04, 0.06], False),  # on its way through zero
        ("elbo_loss", 0.02, 0.05, [0.04, 0.03, 0.05], False),  # no further than before
        ("val_nll", 0.9, 2.1, [0.08, 0.07, 0.07], True),
        ("train_loss", 0.2, 1.0, [-0.3, 0.1, 0.05], True),
        ("log_lik", -40.0, -95.0, [10.0, 9.0, 8.0], False),
    ],
)
def test_halving_is_a_rule_for_losses_above_zero(
    metric: str, value: float, best: float, gains: list[float], marked: bool
) -> None:
    assert kinds(integrity.jump(metric, value, best, gains, "min")) == ["implausible_gain"] * marked


def test_one_cause_mended_takes_all_its_failures_along() -> None:
    history = [1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert integrity.jump("failed_tests", 0, 17.0, history, "min") == []
    assert kinds(integrity.jump("elo", 17.0, 0.0, history, "max")) == ["implausible_gain"]


def test_a_sharpe_ratio_that_doubles_as_it_did_before_is_plausible() -> None:
    gains = [0.3, -0.1, 0.8, -0.4, 1.5, 2.0, -1.0, 0.2, -0.1, 3.0]
    assert integrity.jump("sharpe", 16.0, 8.0, gains, "max") == []


@given(
    st.lists(st.floats(-1, 1), max_size=70),
    st.floats(0.5, 2),
    st.floats(0.1, 3),
    st.sampled_from([2.0**-6, 4.0, 1024.0]),
)
def test_the_unit_of_a_metric_does_not_matter(gains: list[float], value: float, champion: float, unit: float) -> None:
    one = integrity.jump("score", value, champion, gains, "max")
    other = integrity.jump("score", value * unit, champion * unit, [gain * unit for gain in gains], "max")
    assert kinds(one) == kinds(other)


def test_the_very_same_number_is_a_note_if_it_has_enough_digits() -> None:
    assert kinds(integrity.stale("val_bpb", 0.997412, "r1", 0.997412)) == ["stale_metric"]
    assert integrity.stale("val_bpb", 0.99, "r1", 0.99) == []
    assert integrity.stale("val_bpb", 0.997412, "r1", 0.997413) == []
    assert integrity.stale("elo", 1200.0, "r1", 1200.0) == []


def test_only_the_metric_and_the_training_time_count_as_disagreement() -> None:
    told = ["val_bpb: 0.9 in the summary, 0.95 in the log", "mfu_percent: 1 in the summary, 2 in the log"]
    (reason,) = integrity.disagreement(told, "val_bpb")
    assert reason.kind == "sidecar_disagrees"
    assert "0.9 in the summary, 0.95 in the log" in reason.text


GRAVE, FILE, NOTE = Reason("over_budget", "x"), Reason("protected_file", "y"), Reason("stale_metric", "z")


@pytest.mark.parametrize(
    ("reasons", "accepted", "state"),
    [
        ([], False, "ok"),
        ([NOTE], False, "ok"),
        ([NOTE], True, "ok"),
        ([GRAVE], False, "suspect"),
        ([GRAVE, FILE], False, "modified"),
        ([GRAVE, FILE], True, "accepted"),
    ],
)
def test_the_state_that_reasons_lead_to(reasons: list[Reason], accepted: bool, state: str) -> None:
    found = verdict("ok", reasons, accepted)
    assert found.state == state
    assert [reason["kind"] for reason in found.record()] == kinds(reasons)


def test_what_the_pinned_copy_measured_is_not_called_another_judges_number() -> None:
    assert "not by the agreed judge" in integrity.protected_file(["score.py"]).text
    assert "not by the agreed judge" in integrity.protected_file(["score.py", "run.py:auc"], ["score.py"]).text
    told = integrity.protected_file(["score.py"], ["score.py"]).text
    assert "not by the agreed judge" not in told and "got the pinned one" in told
