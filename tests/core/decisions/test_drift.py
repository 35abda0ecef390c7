from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions.drift import DIVERGED, LUCK, NEAR, ROW, control_due, failed, lost, median
from memorylab.core.decisions.noise import Noise

ONE = Noise(1.0, 20, 19)


def test_ten_discards_of_which_none_comes_within_a_percent_ask_for_a_control() -> None:
    hard = 0.05  # ideas rarely come near the base here, so the row alone says little
    assert control_due(ROW, hard, 2 * NEAR).due
    assert not control_due(ROW, hard, NEAR / 2).due
    assert not control_due(ROW - 1, hard, 2 * NEAR).due


def test_where_most_ideas_come_near_the_base_a_short_row_is_enough() -> None:
    assert control_due(8, 0.7, None).due
    assert not control_due(8, 0.05, None).due
    assert control_due(0, 0.7, None) == (False, 0.0, 0)


@given(st.integers(0, 60), st.floats(0, 1), st.none() | st.floats(0, 1))
def test_a_longer_row_is_never_less_suspicious(misses: int, share: float, gap: float | None) -> None:
    one, more = control_due(misses, share, gap), control_due(misses + 1, share, gap)
    assert 0 <= one.probability <= 1
    assert more.probability >= one.probability
    assert one.row == misses


@given(st.floats(0.1, 50), st.floats(0, 30), st.integers(1, 6), st.lists(st.floats(0, 60), max_size=15))
def test_a_deeper_fall_never_speaks_less_for_a_break(fall: float, more: float, runs: int, stretch: list[float]) -> None:
    if fall + more <= DIVERGED * max(stretch, default=0.0):  # further off, it is the control that diverged
        assert failed(fall + more, ONE, runs, stretch) >= failed(fall, ONE, runs, stretch)
    assert not failed(-fall, ONE, runs, stretch)


@given(st.floats(0, 50), st.integers(1, 6), st.lists(st.floats(0, 60), max_size=15), st.floats(1e-3, 1e3))
def test_the_unit_of_the_metric_does_not_matter(fall: float, runs: int, stretch: list[float], unit: float) -> None:
    # A power of two, so that the very same comparisons are made.
    scale = 2.0 ** round(unit % 10)
    noise = Noise(scale, 20, 19)
    assert failed(scale * fall, noise, runs, [scale * one for one in stretch]) == failed(fall, ONE, runs, stretch)


def test_a_control_among_the_runs_that_fell_alike_has_failed() -> None:
    alike, apart = [6.0] * 10, [40.0] * 10
    fall = LUCK + 3.3 * 2**0.5
    assert failed(fall, ONE, 1, alike)
    assert not failed(fall, ONE, 1, apart)
    assert failed(40.0, ONE, 1, apart)


def test_a_control_without_runs_since_has_nothing_to_speak_for() -> None:
    assert not failed(50.0, ONE, 1, [])
    assert not failed(50.0, ONE, 1, [50.0, 50.0])
    assert failed(50.0, ONE, 1, [50.0] * 3)


def test_without_noise_any_fall_is_a_break() -> None:
    exact = Noise(0.0, 5, 4)
    assert failed(1e-6, exact, 2, [1.0] * 5)
    assert not failed(0.0, exact, 2, [1.0] * 5)


@pytest.mark.parametrize("seed", range(4))
def test_an_honest_control_of_a_lucky_champion_is_no_alarm(seed: int) -> None:
    rng = random.Random(seed)
    alarms = 0
    for _ in range(250):
        # The champion was the best of eight equal ideas; since then nothing came near it.
        best = max(rng.gauss(0, 1) for _ in range(8))
        stretch = [best - rng.gauss(-2, 1.5) for _ in range(10)]
        alarms += failed(best - rng.gauss(0, 1), ONE, 1, stretch)
    assert alarms <= 5


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=9))
def test_half_lie_on_each_side_of_the_median(values: list[float]) -> None:
    middle = median(values)
    assert 2 * sum(value <= middle for value in values) >= len(values)
    assert 2 * sum(value >= middle for value in values) >= len(values)


def test_what_bears_the_mark_is_taken_for_no_noise() -> None:
    ordinary, gone = [0.001, -0.002, 0.0005], [-0.05] * 12
    assert lost(ordinary + gone, [1.0] * 15) == 12
    assert lost(ordinary + gone[:9], [1.0] * 12) == 0  # nine in a row are no mark yet
    assert lost([*gone, 0.001], [1.0] * 13) == 0  # the last one came near the base
