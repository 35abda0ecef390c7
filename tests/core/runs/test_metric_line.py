"""Holds that a metric is read in the shapes that loops print it, and that nothing else is taken for one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.runs.metric_line import by_pattern, find, value
from memorylab.core.runs.metric_names import nearest


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("recall: 0.8125", 0.8125),
        ("recall:0.8125", 0.8125),
        ("recall = 81.25 %", 81.25),
        ("recall: 81.25%", 81.25),
        ("recall: 81.25% (65/80)", 81.25),
        ("recall: 0.81 ± 0.02", 0.81),
        ("recall: 0.81 +/- 0.02", 0.81),
        ("recall: 12.5ms", 12.5),
        ("recall: 1.2k", 1200.0),
        ("recall: $1,234.50", 1234.5),
        ("recall: 1_234_567", 1234567),
        ("recall: np.float64(0.8125)", 0.8125),
        ("recall: tensor(0.8125, device='cuda:0', grad_fn=<MeanBackward0>)", 0.8125),
        ("recall: Array(0.25, dtype=float32)", 0.25),
        ("recall: <tf.Tensor: shape=(), dtype=float32, numpy=0.5>", 0.5),
        ("{'loss': 0.1, 'recall': np.float32(0.8125), 'epoch': 3}", 0.8125),
        ('{"epoch": 3, "recall": 0.8125}', 0.8125),
        ("METRIC recall=0.8125", 0.8125),
        ("loss: 0.3 - recall: 0.8125 - auc: 0.9", 0.8125),
        ("recall=0.75 recall=0.8125", 0.8125),
        ("eval: 100%|####| 50/50 [00:10<00:00, 4.9it/s]recall: 0.8125", 0.8125),
        ("| recall | 0.8125 |", 0.8125),
        ("│      recall      │     0.8125     │", 0.8125),
        ("**recall**: 0.8125", 0.8125),
        ("recall          0.8125", 0.8125),
        ("recall: 1.5E+003", 1500.0),
        ("recall: 1.5×10^-3", 0.0015),
        ("recall: 1.5 * 10**-3", 0.0015),
        ("recall: \u22121.5e\u221203", -0.0015),
        ("recall: 1.5D-03", 0.0015),
        ("recall: 0", 0),
        ("[rank0]: recall: 0.8125", 0.8125),
        ("INFO:root:recall=0.8125", 0.8125),
        ("2024-05-01 12:00:00,123 - evaluate - INFO - recall: 0.8125", 0.8125),
        ("trainer-1  | recall: 0.8125", 0.8125),
    ],
)
def test_what_is_unambiguous_is_read(line: str, number: float) -> None:
    told = find(line, "recall")
    assert told is not None
    assert told.number == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize("told", ["nan", "NaN", "inf", "-inf", "-Infinity", "tensor(nan)", "1e400", "nan%"])
def test_what_left_the_numbers_is_told_as_lost(told: str) -> None:
    for line in (f"recall: {told}", f"recall {told}", f"step 3: train loss 0.2, recall {told}, auc 0.5"):
        found = find(line, "recall")
        assert found is not None and found.lost and found.number is None


@pytest.mark.parametrize(
    "line",
    [
        "best recall: 0.9",
        "previous recall: 0.9",
        "best_recall: 0.9",
        "eval/recall: 0.9",
        "recall_at_5: 0.9",
        "recall: pending",
        "recall: 0.9/1.0",
        "recall: 0.9 -> 0.8",
        "recall improved from 0.8 to 0.9",
        "recall: true",
        '{"recall": true}',
        '{"recall": "0.9"}',
        '{"metrics": {"recall": 0.9}}',
        "recall: 2024-05-01",
        "recall: 12:30",
        "recall: 1.2.3",
    ],
)
def test_what_is_another_runs_or_no_number_is_not_read(line: str) -> None:
    assert find(line, "recall") is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_as_python_prints_it(number: float) -> None:
    for line in (f"recall: {number!r}", f"recall={number:.17g} auc=3", f'{{"recall": {number!r}}}'):
        told = find(line, "recall")
        assert told is not None and told.number == number


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    value(text)
    find(f"recall {text}", "recall")
    nearest([text, f"recall {text}"], "recall")


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        (["Sharpe: 1.23"], 'set metric = "Sharpe"'),
        (["eval/sharpe: 1.23"], 'set metric = "eval/sharpe"'),
        (["Final Sharpe: 1.23"], 'set metric = "Final Sharpe"'),
        (["sharpe: pending", "bye"], '"pending" is no number'),
        (["sharpe: 1.2/3.4"], '"1.2/3.4" is no number'),
    ],
)
def test_the_line_that_came_nearest_is_told_with_advice(lines: list[str], advice: str) -> None:
    near = nearest(["loading", *lines, "done: 3"], "sharpe")
    assert near is not None and advice in near.advice
    assert near.line in lines


@pytest.mark.parametrize(
    ("metric", "lines", "named"),
    [
        ("val_loss", ["step 90: train loss 2.1, val loss 2.3", "iter 90: loss 2.2, time 8ms"], "val loss"),
        ("val_loss", ["valid_loss=0.31", "loss: 0.2"], "valid_loss"),
        ("val_bpb", ["step 90: train loss 2.1, val loss 2.3", "iter 90: loss 2.2"], "val loss"),
        ("accuracy", ["Train acc: 1.0", "test_acc=0.93", "took 3 s"], "test_acc"),
        ("accuracy", ["Accuracy: 0.93", "Balanced accuracy: 0.91"], "Accuracy"),
        ("rmse", ["Validation RMSE = 3.1", "rmse_train 2.0"], "Validation RMSE"),
        ("accuracy", ["Train accuracy: 0.98", "accuracy      0.93     540", "Accuracy: nan"], "Accuracy"),
        ("loss", ["train loss: 0.3"], "train loss"),
    ],
)
def test_the_name_most_like_the_metrics_is_offered(metric: str, lines: list[str], named: str) -> None:
    near = nearest(lines, metric)
    assert near is not None and near.advice.startswith(f'set metric = "{named}"')


@pytest.mark.parametrize("line", ["loss: 0.2", "iter 90: loss 2.2, time 8ms", "train_loss 0.2", "Train loss: 0.2"])
def test_what_training_says_of_itself_is_not_offered_for_a_measurement_on_held_out_data(line: str) -> None:
    assert nearest([line], "val_loss") is None


@pytest.mark.parametrize("line", ["Train recall: 1.0", "training recall = 1.0", "train: recall 1.0"])
def test_what_training_says_of_itself_is_not_the_metric(line: str) -> None:
    assert find(line, "recall") is None
    assert find("val recall: 0.5", "recall") == find("recall: 0.5", "recall")


def test_lines_that_have_nothing_in_common_are_not_near() -> None:
    assert nearest(["loss: 0.3", "done: 3"], "sharpe") is None


def test_a_pattern_of_the_users_own_reads_the_last_hit() -> None:
    pattern = re.compile(r"score after \d+ rounds was (?P<value>\S+)")
    told = by_pattern("score after 3 rounds was 0.5, score after 4 rounds was 7.5e-05", pattern)
    assert told is not None and told.number == 7.5e-05
    assert by_pattern("nothing", pattern) is None
