from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.noise import (
    PRIOR_RELATIVE_SIGMA,
    PRIOR_RUNS,
    Noise,
    estimate,
    probability_better,
    reruns_to_settle,
    student_cdf,
    verdict,
)

# Quantiles of Student's t from printed tables (Abramowitz and Stegun, table 26.10): t, degrees of freedom, probability.
TABLE = [(6.314, 1, 0.95), (2.920, 2, 0.95), (2.353, 3, 0.95), (1.372, 10, 0.90), (2.750, 30, 0.995), (3.747, 4, 0.99)]


@pytest.mark.parametrize(("t", "freedom", "probability"), TABLE)
def test_students_t_agrees_with_printed_tables(t: float, freedom: int, probability: float) -> None:
    assert student_cdf(t, freedom) == pytest.approx(probability, abs=2e-4)
    assert student_cdf(-t, freedom) == pytest.approx(1 - probability, abs=2e-4)


@given(t=st.floats(-50, 50), freedom=st.integers(1, 200))
def test_students_t_is_a_distribution_function(t: float, freedom: int) -> None:
    assert 0 <= student_cdf(t, freedom) <= 1
    assert student_cdf(t, freedom) + student_cdf(-t, freedom) == pytest.approx(1)
    assert student_cdf(t + 0.1, freedom) >= student_cdf(t, freedom) - 1e-12


def test_without_replicates_the_noise_is_the_prior_scaled_to_the_metric() -> None:
    assert estimate(2.0, 0.0, 0) == Noise(2.0 * PRIOR_RELATIVE_SIGMA, PRIOR_RUNS, 0)


def test_many_replicates_outweigh_the_prior() -> None:
    true_sigma, runs = 0.05, 400
    found = estimate(1.0, true_sigma**2 * runs, runs)
    assert found.sigma == pytest.approx(true_sigma, rel=0.01)
    assert found.replicates == runs


@given(gain=st.floats(1e-6, 1), sigma=st.floats(1e-6, 1), freedom=st.integers(1, 50))
def test_more_runs_make_a_gain_surer_and_its_mirror_image_as_sure_of_a_loss(
    gain: float, sigma: float, freedom: int
) -> None:
    noise = Noise(sigma, freedom, 0)
    once = probability_better(gain, noise)
    assert once >= 0.5
    assert probability_better(gain, noise, 4, 4) >= once - 1e-12  # both may be 1 but for rounding
    assert probability_better(-gain, noise) == pytest.approx(1 - once)


def test_without_noise_any_difference_is_real() -> None:
    noise = Noise(0.0, 3, 0)
    assert [probability_better(x, noise) for x in (-1e-9, 0.0, 1e-9)] == [0.0, 0.5, 1.0]


def test_the_verdict_has_three_values() -> None:
    assert [verdict(p) for p in (0.95, 0.5, 0.05)] == ["better", "tie", "worse"]


def test_a_gain_of_one_sigma_takes_some_reruns_and_a_tenth_of_it_too_many() -> None:
    noise = Noise(1.0, 3, 0)
    few = reruns_to_settle(1.0, noise)
    assert few is not None and 1 <= few <= 5
    assert reruns_to_settle(0.1, noise) is None
    assert reruns_to_settle(10.0, noise) == 1
    assert math.isfinite(few)
