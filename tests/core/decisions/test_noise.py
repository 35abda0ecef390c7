from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions.noise import (
    PRIOR_RELATIVE_SIGMA,
    PRIOR_RUNS,
    Noise,
    chi_square_quantile,
    estimate,
    normal_cdf,
    normal_quantile,
    probability_better,
    real_gain,
    student_cdf,
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
    assert estimate(2.0, ()) == Noise(2.0 * PRIOR_RELATIVE_SIGMA, PRIOR_RUNS, 0)


def contrasts(sigma: float, runs: int, seed: int = 1) -> list[float]:
    rng = random.Random(seed)
    return [rng.gauss(0, sigma) for _ in range(runs)]


def test_many_replicates_outweigh_the_prior() -> None:
    found = estimate(1.0, contrasts(0.05, 2000))
    assert found.sigma == pytest.approx(0.05, rel=0.05)
    assert found.replicates == 2000


def test_a_rerun_that_failed_to_train_is_not_noise() -> None:
    usual = contrasts(0.001, 40)
    assert estimate(1.0, [*usual, 5.0]).sigma < 1.3 * estimate(1.0, usual).sigma


def test_a_machine_that_repeats_itself_to_the_last_digit_has_no_noise() -> None:
    assert estimate(1.0, [0.0, 0.0]).sigma == 0.0
    assert estimate(1.0, [0.0]).sigma > 0.0  # one agreement may be chance
    assert estimate(1.0, [0.0, 0.001]).sigma > 0.0


@given(
    st.lists(
        st.one_of(st.just(0.0), st.floats(1e-200, 1), st.floats(-1, -1e-200)), max_size=12
    ),  # none vanishes in the other unit
    st.floats(0.1, 10),
    st.floats(0.01, 100),
)
def test_the_noise_scales_with_the_unit_of_the_metric(repeated: list[float], level: float, unit: float) -> None:
    one = estimate(level, repeated)
    other = estimate(level * unit, [unit * contrast for contrast in repeated])
    assert other.sigma == pytest.approx(unit * one.sigma, rel=1e-6, abs=1e-12)
    assert other[1:] == one[1:]


@given(st.lists(st.floats(-1, 1), max_size=12), st.randoms())
def test_neither_the_order_nor_the_sign_of_repeats_matters(repeated: list[float], rng: random.Random) -> None:
    mixed = [-contrast for contrast in repeated]
    rng.shuffle(mixed)
    assert estimate(1.0, mixed).sigma == pytest.approx(estimate(1.0, repeated).sigma, rel=1e-9)


def test_many_small_gains_tell_of_the_noise_where_nothing_was_repeated() -> None:
    small = estimate(1.0, (), [0.0001 * (k % 5 + 1) for k in range(30)])
    large = estimate(1.0, (), [0.1 * (k % 5 + 1) for k in range(30)])
    assert small.sigma < estimate(1.0, ()).sigma < large.sigma
    assert small.replicates == large.replicates == 0
    assert estimate(1.0, (), [0.1] * 3) == estimate(1.0, ())  # too few to tell


@given(freedom=st.integers(1, 200), sigma=st.floats(1e-6, 1e3))
def test_sigma_lies_inside_its_interval_which_narrows_with_what_is_known(freedom: int, sigma: float) -> None:
    low, high = Noise(sigma, freedom, 0).interval()
    assert 0 < low < sigma < high
    closer = Noise(sigma, freedom + 20, 0).interval()
    assert closer[1] / closer[0] < high / low
    likely = list(Noise(sigma, freedom, 0).likely())
    assert sum(p for _, p in likely) == pytest.approx(1)
    assert all(one > 0 for one, _ in likely)


@given(st.floats(0.001, 0.999))
def test_the_normal_quantile_inverts_its_distribution(p: float) -> None:
    assert normal_cdf(normal_quantile(p)) == pytest.approx(p, abs=1e-9)


@given(p=st.floats(0.01, 0.99), freedom=st.integers(1, 100))
def test_chi_square_quantiles_are_positive_and_rise(p: float, freedom: int) -> None:
    assert 0 < chi_square_quantile(p, freedom) <= chi_square_quantile(min(0.999, p + 0.005), freedom)


# Quantiles of chi-squared from printed tables (Abramowitz and Stegun, table 26.8).
@pytest.mark.parametrize(
    ("p", "freedom", "value"),
    [(0.95, 1, 3.841), (0.95, 2, 5.991), (0.95, 3, 7.815), (0.05, 10, 3.940), (0.5, 5, 4.351)],
)
def test_chi_square_quantiles_agree_with_printed_tables(p: float, freedom: int, value: float) -> None:
    assert chi_square_quantile(p, freedom) == pytest.approx(value, rel=0.02)


def test_the_gain_that_counts_as_real_is_the_one_whose_probability_is_asked() -> None:
    noise = Noise(0.01, 4, 3)
    assert probability_better(real_gain(noise), noise) == pytest.approx(0.9, abs=1e-6)


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
