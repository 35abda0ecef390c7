from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading.edits import Edit
from memorylab.core.runs.throughput import Effort, Past, Work, effort, explains_speed, prior_slope, slope

BASE = Work(tokens=100.0, steps=1000.0, seconds=300.0)


def against(
    work: Work,
    base: Work | None = BASE,
    gain: float | None = 0.0,
    metric: str = "val_bpb",
    past: tuple[Past, ...] = (),
) -> Effort:
    return effort(work, base, gain, metric=metric, direction="min", level=1.0, past=past)


def test_the_part_of_a_gain_that_more_tokens_explain() -> None:
    found = against(Work(120.0, 1200.0, 300.0), gain=0.02)
    assert found.ratio == pytest.approx(1.2)
    assert found.from_tokens == pytest.approx(0.095 * math.log(1.2))
    assert found.from_learning == pytest.approx(0.02 - 0.095 * math.log(1.2))


@given(st.floats(1, 1e4), st.floats(1, 1e4), st.floats(-1, 1))
def test_both_parts_make_the_gain(ours: float, theirs: float, gain: float) -> None:
    found = against(Work(ours, None, 300.0), Work(theirs, None, 300.0), gain)
    assert found.from_tokens is not None and found.from_learning is not None
    assert found.from_tokens + found.from_learning == pytest.approx(gain, abs=1e-12)
    assert (found.from_tokens > 0) == (ours > theirs) or ours == theirs


@pytest.mark.parametrize("base", [None, Work(), Work(tokens=100.0), Work(steps=0.0)])
def test_what_is_not_known_is_none(base: Work | None) -> None:
    assert against(Work(steps=900.0, seconds=300.0), base) == Effort()


def test_steps_stand_in_for_tokens_and_a_score_has_no_split() -> None:
    assert against(Work(steps=1100.0), Work(steps=1000.0)).ratio == pytest.approx(1.1)
    found = against(Work(120.0, None, 300.0), gain=0.1, metric="fid")
    assert found.ratio == pytest.approx(1.2)
    assert (found.from_tokens, found.from_learning) == (None, None)


@pytest.mark.parametrize(
    "target", ["MATRIX_LR", "ADAM_BETAS", "WARMDOWN_RATIO", "SEED", "WEIGHT_DECAY", "EMBEDDING_INIT"]
)
def test_rates_decay_schedule_and_seed_explain_no_speed(target: str) -> None:
    assert not explains_speed([Edit(target, "set", None, 0.1)])


@pytest.mark.parametrize(
    "edit",
    [
        *(Edit(name, "set", None, 2.0) for name in ("DEPTH", "TOTAL_BATCH_SIZE", "HEAD_DIM", "NS_STEPS", "MLP_RATIO")),
        Edit("activation", "replace", None, "swiglu"),
        Edit("MLP.forward", "replace", "#1f0c", "#2a3b"),
        Edit("EMA_DECAY", "add", None, 0.999),
        Edit("somebody's own words", "set"),
    ],
)
def test_anything_else_may(edit: Edit) -> None:
    assert explains_speed([edit])


def test_the_slope_follows_the_arena_and_stays_within_reason() -> None:
    prior = prior_slope("val_bpb", 1.0)
    assert slope("val_bpb", 1.0, []) == pytest.approx(prior)
    steep = [Past(0.2 * math.log(ratio), ratio) for ratio in (0.5, 0.7, 1.4, 2.0)] * 5
    assert prior < slope("val_bpb", 1.0, steep) <= 0.2
    assert slope("val_bpb", 1.0, [Past(100.0, 2.0)]) == pytest.approx(3 * prior)
    assert slope("val_bpb", 1.0, [Past(-100.0, 2.0)]) == 0.0


@given(st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(0.1, 10)), max_size=20))
def test_the_slope_is_never_negative_nor_beyond_three_times_the_prior(past: list[tuple[float, float]]) -> None:
    found = slope("val_bpb", 1.0, [Past(*one) for one in past])
    assert 0.0 <= found <= 3 * prior_slope("val_bpb", 1.0)
