"""Holds that statistics answer with finite numbers whatever finite number a run measured."""

from __future__ import annotations

import math
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions import drift, worth
from memorylab.core.decisions.belief import Track, Trial
from memorylab.core.decisions.effects import USUAL, Belief, Met, surely
from memorylab.core.decisions.noise import (
    FAR,
    PRIOR_RELATIVE_SIGMA,
    Noise,
    estimate,
    probability_better,
    real_gain,
)
from memorylab.core.decisions.situation import ahead
from memorylab.core.numerals import bounded, digits, number, times
from memorylab.core.runs import integrity
from memorylab.core.runs.arenas import improvement, joined
from memorylab.core.runs.throughput import Past, Work, effort, slope

ANY = st.floats(allow_nan=False, allow_infinity=False)
SOME = st.lists(ANY, max_size=16)
DIRECTION = st.sampled_from(("min", "max"))
WILD = (1e9, 1e12, 8e13, 1e150, 1e300, 1.7e308, -1e308, -8e13)
NAMES = st.sampled_from("abcd")
PAIRS = st.lists(st.tuples(NAMES, NAMES | st.none(), ANY), max_size=12)


def is_sound(met: Met) -> bool:
    numbers = (*met.gain, *met.own, *met.base)
    return all(map(math.isfinite, numbers)) and 0 <= met.better <= 1 and 0 <= met.worse <= 1


@given(ANY, SOME, SOME, ANY, st.integers(1, 60), st.integers(1, 60))
def test_the_noise_and_what_it_says_of_a_gain_are_numbers(
    level: float, contrasts: list[float], gains: list[float], gain: float, runs: int, others: int
) -> None:
    noise = estimate(level, contrasts, gains)
    assert math.isfinite(noise.sigma) and noise.sigma >= 0 and noise.freedom >= 1
    assert all(math.isfinite(end) for end in noise.interval())
    assert sum(chance for _, chance in noise.likely()) == pytest.approx(1)
    assert 0 <= probability_better(gain, noise, runs, others) <= 1
    assert math.isfinite(real_gain(noise))
    sigmas = noise.distance(gain)
    assert sigmas is None if noise.sigma == 0 else sigmas is not None and abs(sigmas) <= FAR


@given(ANY, SOME, PAIRS)
def test_beliefs_of_any_campaign_are_numbers(
    level: float, contrasts: list[float], runs: list[tuple[str, str | None, float]]
) -> None:
    track = Track(estimate(level, contrasts), [("a", level, 3)]).follow([Trial(*run) for run in runs])
    assert all(map(math.isfinite, track.weights))
    for name in "abcd":
        belief, met = track.belief(name), track.met(name)
        if belief is not None:
            assert math.isfinite(belief.mean) and 0 <= belief.sd < math.inf
            assert 0 <= ahead(belief, track.fresh(level, 1)) <= 1
        if met is not None:
            assert is_sound(met)
            for taken in (True, False):
                assert 0 <= worth.rerun(met.gain, track.noise, taken) < math.inf
            assert worth.reruns_wanted(met.gain, track.noise, 0.1) in (None, *range(1, 9))
    assert math.isfinite(worth.new_idea(track.noise, track.weights))


@given(ANY, st.floats(0, 1e304), ANY, st.floats(0, 1e304), st.integers(1, 40))
def test_any_value_can_be_held_against_any_base(
    base: float, sd: float, value: float, sigma: float, freedom: int
) -> None:
    assert is_sound(surely(Belief(base, sd), value, 1, Noise(sigma, freedom, 0)))


@given(ANY, ANY, st.integers(1, 10**6), ANY, DIRECTION)
def test_differences_and_means_of_any_numbers_are_numbers(
    a: float, b: float, runs: int, best: float, direction: Literal["min", "max"]
) -> None:
    assert math.isfinite(improvement(a, b, direction))
    mean = joined(a, runs, b)
    assert min(a, b) <= mean <= max(a, b) or mean == pytest.approx(a, rel=1e-12)
    assert joined(a, runs, a) == a
    for told in (
        number(a),
        digits(b, a).value(a),
        times(bounded(a - b)),
        *(r.text for r in integrity.jump("x", a, best, [b] * 20, direction)),
    ):
        assert "nan" not in told and "inf" not in told.replace("infrastructure", "")
    assert len(number(a)) < 20


@given(ANY, SOME, st.floats(0, 1e304), st.integers(1, 9))
def test_a_control_of_any_value_is_judged(fall: float, stretch: list[float], sigma: float, runs: int) -> None:
    assert drift.failed(fall, Noise(sigma, 3, 2), runs, stretch) in (True, False)
    if stretch:
        assert math.isfinite(drift.median(stretch))


@given(ANY, ANY, ANY, ANY, ANY, st.lists(st.builds(Past, ANY, ANY), max_size=8), st.sampled_from(("val_bpb", "ppl")))
def test_work_of_any_size_is_split_into_numbers_or_nothing(
    tokens: float, others: float, seconds: float, gain: float, level: float, past: list[Past], metric: str
) -> None:
    told = effort(
        Work(tokens, None, seconds),
        Work(others, None, 300.0),
        gain,
        metric=metric,
        direction="min",
        level=level,
        past=past,
    )
    assert all(part is None or math.isfinite(part) for part in told)


@pytest.mark.parametrize("diverged", WILD)
def test_a_run_that_diverged_is_surely_worse_and_teaches_nothing(diverged: float) -> None:
    noise, loss = estimate(1.0, (), [0.01, -0.02, 0.015]), -abs(diverged)  # higher is better within the beliefs
    base = Belief(-1.0, noise.sigma)
    met = surely(base, loss, 1, noise)
    assert (met.better, met.worse) == (0.0, 1.0)
    assert met.base == base
    track, same = (Track(noise, [("base", -1.0, 2)]) for _ in range(2))
    track.follow([Trial("bad", "base", loss), Trial("good", "base", -0.99)])
    same.follow([Trial("good", "base", -0.99)])
    assert track.weights == same.weights and track.met("good") == same.met("good")
    assert track.belief("base") == same.belief("base")


@pytest.mark.parametrize("diverged", WILD)
def test_a_rerun_that_diverged_is_no_noise(diverged: float) -> None:
    repeats = [0.001, -0.0005, 0.0007]
    assert estimate(1.0, [*repeats, diverged]) == estimate(1.0, repeats)
    assert estimate(1.0, [diverged]).sigma == PRIOR_RELATIVE_SIGMA
    assert estimate(1.0, [0.0, diverged, 0.0]).sigma == 0.0
    losses = [-0.01 * n for n in range(1, 20)]
    assert estimate(1.0, repeats, [*losses, -abs(diverged)]).sigma < 0.1


@pytest.mark.parametrize("unit", [2.0**-990, 2.0**-30, 2.0**30, 2.0**990])
def test_a_campaign_at_any_height_is_judged_as_at_one(unit: float) -> None:
    contrasts, gains = [0.002, -0.001, 0.0005], [0.01 * n - 0.05 for n in range(14)]
    one, other = (
        estimate(1.0, contrasts, gains),
        estimate(unit, [unit * c for c in contrasts], [unit * g for g in gains]),
    )
    assert other.sigma / unit == pytest.approx(one.sigma, rel=1e-9)
    runs = [Trial(f"k{n}", "base", -1.0 + 0.002 * (n % 5)) for n in range(12)]
    track = Track(one, [("base", -1.0, 2)]).follow(runs)
    moved = Track(one._replace(sigma=unit * one.sigma), [("base", -unit, 2)]).follow(
        [run._replace(value=unit * run.value) for run in runs]
    )
    assert moved.weights == pytest.approx(track.weights, rel=1e-9)
    for name in ("base", "k3"):
        known, same = track.belief(name), moved.belief(name)
        assert known and same and same.mean / unit == pytest.approx(known.mean, rel=1e-12)
        assert same.sd / unit == pytest.approx(known.sd, rel=1e-9)
    assert worth.new_idea(moved.noise, USUAL) / unit == pytest.approx(worth.new_idea(track.noise, USUAL))


def test_beyond_a_distance_the_measurement_stands_as_it_is() -> None:
    noise = Noise(1.0, 40, 39)
    near, far = (surely(Belief(0.0, 0.0), value, 1, noise) for value in (FAR, 1.001 * FAR))
    assert far.gain.mean == 1.001 * FAR and far.shares == ()
    assert near.gain.mean == pytest.approx(FAR, rel=1e-4) and near.shares
    assert near.gain.sd == pytest.approx(far.gain.sd, rel=1e-3)


def test_a_control_that_diverged_speaks_for_no_run_and_one_that_fell_like_them_does() -> None:
    noise, stretch = Noise(0.001, 12, 11), [0.05, 0.06, 0.055, 0.07]
    assert drift.failed(0.06, noise, 1, stretch)
    assert not any(drift.failed(abs(value), noise, 1, stretch) for value in WILD)


def test_coming_down_from_a_loss_that_diverged_is_no_wonder_and_a_metric_that_explodes_is() -> None:
    gains = [0.01] * 12
    assert not integrity.jump("val_bpb", 0.99, 1e12, [1e9, *gains], "min")
    assert integrity.jump("val_bpb", 0.3, 0.99, gains, "min")
    assert integrity.jump("sharpe", 1e12, 1.1, [-0.1, -0.2, -0.3], "max")
    assert integrity.jump("reward", -1e308, 1.0, [-0.1, -0.2, -0.3], "min")
    assert not integrity.jump("accuracy", 0.5, 1e-9, [-0.1, -0.2, -0.3], "max")


def test_a_run_that_diverged_does_not_move_what_tokens_are_worth() -> None:
    usual = [Past(0.02, 1.2), Past(-0.03, 0.8)]
    assert slope("val_bpb", 1.0, [*usual, Past(-1e9, 1.1), Past(-1e300, 0.9)]) == slope("val_bpb", 1.0, usual)
