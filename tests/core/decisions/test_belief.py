from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions.belief import Track, Trial
from memorylab.core.decisions.effects import SHAPES, USUAL, Belief, meet, surely
from memorylab.core.decisions.noise import Noise

ONE = Noise(1.0, 40, 39)
KNOWN = Belief(0.0, 0.0)
VALUES = st.floats(-60, 60)
ROUNDING = 1e-4
"""Shapes that explain a run too badly are left out, which moves a probability by less than this."""

NAMES = ("a", "b", "c", "d")
TRIALS = st.lists(
    st.builds(Trial, st.sampled_from(NAMES), st.none() | st.sampled_from(NAMES), st.floats(-20, 20)), max_size=12
)


def test_the_shapes_are_shares_of_all_ideas() -> None:
    assert sum(shape.share for shape in SHAPES) == pytest.approx(1, abs=0.05)
    assert all(shape.share > 0 and shape.variance >= 0 for shape in SHAPES)
    assert sum(weight for weight, shape in zip(USUAL, SHAPES, strict=True) if shape.mean > 0) < sum(USUAL) / 2


@given(VALUES, st.floats(0, 9), st.floats(0.2, 20))
def test_what_a_measurement_says_is_made_of_probabilities(value: float, variance: float, runs: float) -> None:
    met = meet(Belief(0.0, math.sqrt(variance)), value, runs, ONE)
    assert 0 <= met.better <= 1 and 0 <= met.worse <= 1
    assert met.better + met.worse <= 1 + 1e-9
    assert sum(met.shares) == pytest.approx(1)
    for belief in (met.gain, met.own, met.base):
        assert math.isfinite(belief.mean) and belief.sd >= 0


@given(VALUES, st.floats(0.01, 10), st.floats(0, 9))
def test_the_better_the_value_the_likelier_a_gain(value: float, step: float, variance: float) -> None:
    base = Belief(0.0, math.sqrt(variance))
    low, high = meet(base, value, 1, ONE), meet(base, value + step, 1, ONE)
    assert high.better >= low.better - ROUNDING
    assert high.worse <= low.worse + ROUNDING
    assert surely(base, value + step, 1, Noise(1.0, 2, 1)).better >= surely(base, value, 1, Noise(1.0, 2, 1)).better - (
        ROUNDING
    )


@given(st.floats(1.5, 40), st.floats(1, 8))
def test_more_runs_of_a_gain_make_it_surer(value: float, runs: float) -> None:
    assert meet(KNOWN, value, 2 * runs, ONE).better >= meet(KNOWN, value, runs, ONE).better - ROUNDING
    assert meet(KNOWN, -value, 2 * runs, ONE).worse >= meet(KNOWN, -value, runs, ONE).worse - ROUNDING


@given(st.floats(0.5, 40), st.floats(0.1, 4))
def test_the_less_is_known_of_the_base_the_less_sure_is_a_clear_gain(value: float, variance: float) -> None:
    sure, unsure = meet(KNOWN, 3 + value, 1, ONE), meet(Belief(0.0, math.sqrt(variance)), 3 + value, 1, ONE)
    assert unsure.better <= sure.better + ROUNDING


@given(st.floats(0.5, 40))
def test_the_less_is_known_of_the_noise_the_less_sure_is_a_clear_gain(value: float) -> None:
    assert surely(KNOWN, 3 + value, 1, Noise(1.0, 1, 0)).better <= surely(KNOWN, 3 + value, 1, ONE).better + ROUNDING


@pytest.mark.parametrize("value", [3.0, 4.0, 6.0])
def test_noise_that_is_hardly_known_leaves_more_doubt_than_sigma_itself_does(value: float) -> None:
    vague = Noise(1.0, 1, 0)
    assert surely(KNOWN, value, 1, vague).better < meet(KNOWN, value, 1, vague).better
    assert surely(KNOWN, value, 1, vague).gain == meet(KNOWN, value, 1, vague).gain


@pytest.mark.parametrize("value", [2.0, 3.0, 5.0])
def test_luck_is_taken_out_of_a_gain(value: float) -> None:
    met = meet(Belief(0.0, 1.0), value, 1, ONE)
    assert met.gain.mean < value  # the best of many is too good
    assert met.base.mean > 0  # and its base was probably better than it measured


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_without_noise_everything_is_certain(base: float, value: float) -> None:
    met = surely(Belief(base, 0.0), value, 1, Noise(0.0, 5, 4))
    assert (met.better, met.worse) == (float(value > base), float(value < base))
    assert met.gain == Belief(value - base, 0.0)
    assert met.own == Belief(value, 0.0)


@given(VALUES, st.floats(0, 9), st.floats(1e-4, 1e4), st.floats(-1e3, 1e3))
def test_neither_the_unit_nor_the_zero_of_the_metric_changes_what_is_believed(
    value: float, variance: float, unit: float, shift: float
) -> None:
    one = meet(Belief(0.0, math.sqrt(variance)), value, 2, ONE)
    moved = Belief(unit * shift, unit * math.sqrt(variance))
    other = meet(moved, unit * (value + shift), 2, Noise(unit, 40, 39))
    assert other.better == pytest.approx(one.better, abs=1e-4)
    assert other.gain.mean / unit == pytest.approx(one.gain.mean, abs=1e-4)
    assert other.own.mean / unit - shift == pytest.approx(one.own.mean, abs=1e-4)
    assert other.gain.sd / unit == pytest.approx(one.gain.sd, abs=1e-3)


@given(TRIALS, st.floats(1e-3, 1e3))
def test_a_campaign_in_another_unit_teaches_the_same(trials: list[Trial], unit: float) -> None:
    one = Track(ONE).follow(trials)
    other = Track(Noise(unit, 40, 39)).follow([trial._replace(value=unit * trial.value) for trial in trials])
    assert other.weights == pytest.approx(one.weights, rel=1e-3, abs=1e-6)
    for name in NAMES:
        known, same = one.belief(name), other.belief(name)
        assert (known is None) == (same is None)
        if known and same:
            assert same.mean / unit == pytest.approx(known.mean, rel=1e-3, abs=1e-3)


@given(TRIALS)
def test_a_campaign_in_two_parts_teaches_what_it_teaches_in_one(trials: list[Trial]) -> None:
    for cut in range(len(trials) + 1):
        parts = Track(ONE).follow(trials[:cut]).follow(trials[cut:])
        whole = Track(ONE).follow(trials)
        assert parts.weights == whole.weights
        assert [parts.belief(name) for name in NAMES] == [whole.belief(name) for name in NAMES]
    assert set(whole.followed()) == {trial.candidate for trial in trials}


@given(TRIALS)
def test_everything_that_a_track_says_is_finite_and_a_probability(trials: list[Trial]) -> None:
    track = Track(ONE).follow(trials)
    assert all(weight > 0 for weight in track.weights)
    for name in NAMES:
        belief, met = track.belief(name), track.met(name)
        if belief:
            assert math.isfinite(belief.mean) and 0 <= belief.sd < math.inf
        if met:
            assert 0 <= met.better <= 1


def campaign(champion: float, children: list[float], noise: Noise = ONE) -> Track:
    """A base that is well known at zero, a champion on it, and ideas on that."""
    track = Track(noise, [("base", 0.0, 50)])
    return track.follow(
        [Trial("champion", "base", champion), *(Trial(f"k{n}", "champion", v) for n, v in enumerate(children))]
    )


def chance(track: Track) -> float:
    met = track.met("champion")
    assert met is not None
    return met.better


def value(track: Track) -> float:
    belief = track.belief("champion")
    assert belief is not None
    return belief.mean


def test_a_lucky_champion_comes_down_when_ideas_on_it_fall_back_to_its_base() -> None:
    chances = [chance(campaign(2.5, [0.0] * n)) for n in (0, 3, 12)]
    assert chances[0] > chances[1] > chances[2]
    assert value(campaign(2.5, [0.0] * 12)) < value(campaign(2.5, [])) < 2.5


def test_a_champion_whose_children_tie_with_it_is_believed_more() -> None:
    assert chance(campaign(2.5, [2.5] * 6)) > chance(campaign(2.5, []))
    assert chance(campaign(2.5, [2.5] * 6)) > chance(campaign(2.5, [0.0] * 6))


def test_a_rerun_that_falls_back_makes_a_gain_doubtful_and_one_that_holds_makes_it_sure() -> None:
    first = [Trial("a", "base", 2.5)]
    once, fell, held = (
        Track(ONE, [("base", 0.0, 50)]).follow([*first, *(Trial("a", "base", v) for v in more)]).met("a")
        for more in ((), (-0.5,), (2.5,))
    )
    assert once and fell and held
    assert fell.better < once.better < held.better


def test_a_candidate_without_a_base_is_known_by_its_measurements_alone() -> None:
    track = Track(ONE).follow([Trial("a", None, 3.0), Trial("a", None, 5.0)])
    belief = track.belief("a")
    assert belief and belief.mean == 4.0 and belief.sd == pytest.approx(math.sqrt(0.5))
    assert track.met("a") is None and track.origin("a") is None
    assert track.measured("a") == (4.0, 2.0)
    assert track.belief("b") is None and track.belief(None) is None


def test_what_was_measured_before_counts_as_much_as_what_was_followed() -> None:
    before = Track(ONE, [("a", 4.0, 2)]).belief("a")
    followed = Track(ONE).follow([Trial("a", None, 3.0), Trial("a", None, 5.0)]).belief("a")
    assert before == followed


def test_a_campaign_that_finds_gains_expects_more_of_them() -> None:
    def ups(gain: float) -> float:
        track = Track(ONE, [("base", 0.0, 50)]).follow([Trial(f"k{n}", "base", gain) for n in range(30)])
        return sum(w for w, shape in zip(track.weights, SHAPES, strict=True) if shape.mean > 0) / sum(track.weights)

    assert ups(4.0) > ups(-4.0)
