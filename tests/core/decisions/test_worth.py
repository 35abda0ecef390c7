from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions import worth
from memorylab.core.decisions.belief import Track, Trial
from memorylab.core.decisions.effects import USUAL, Belief
from memorylab.core.decisions.noise import Noise

ONE = Noise(1.0, 40, 39)
MEANS = st.floats(-20, 20)
SDS = st.floats(0, 5)


@given(MEANS, SDS)
def test_what_may_be_had_is_at_least_the_mean_and_never_negative(mean: float, sd: float) -> None:
    found = worth.upside(Belief(mean, sd))
    assert found >= max(0.0, mean) - 1e-9
    assert found <= worth.upside(Belief(mean + 1, sd)) + 1e-9
    assert found <= worth.upside(Belief(mean, sd + 1)) + 1e-9


@given(MEANS, SDS, st.booleans())
def test_a_rerun_is_never_worth_less_than_nothing_nor_more_than_knowing_the_truth(
    mean: float, sd: float, taken: bool
) -> None:
    gain = Belief(mean, sd)
    found = worth.rerun(gain, ONE, taken)
    assert 0 <= found <= worth.upside(gain) - (max(0.0, mean) if taken else 0.0) + 1e-9


def test_a_rerun_of_what_is_known_or_hopeless_is_worth_nothing() -> None:
    assert worth.rerun(Belief(1.0, 0.0), ONE, taken=True) == 0.0
    assert worth.rerun(Belief(-50.0, 1.0), ONE, taken=False) == pytest.approx(0.0, abs=1e-9)
    assert worth.rerun(Belief(50.0, 1.0), ONE, taken=True) == pytest.approx(0.0, abs=1e-9)
    assert worth.rerun(Belief(0.0, 1.0), ONE, taken=False) > 0.1


@given(MEANS, st.floats(0.1, 5), st.floats(1e-3, 1e3), st.booleans())
def test_worth_is_told_in_the_unit_of_the_metric(mean: float, sd: float, unit: float, taken: bool) -> None:
    one = worth.rerun(Belief(mean, sd), ONE, taken)
    noise = Noise(unit, 40, 39)
    other = worth.rerun(Belief(unit * mean, unit * sd), noise, taken)
    assert other == pytest.approx(unit * one, rel=1e-6, abs=1e-9 * unit)
    assert worth.new_idea(noise, USUAL) == pytest.approx(unit * worth.new_idea(ONE, USUAL))


def test_a_new_idea_is_worth_more_where_ideas_have_gained_more() -> None:
    def after(gain: float) -> float:
        track = Track(ONE, [("base", 0.0, 50)]).follow([Trial(f"k{n}", "base", gain) for n in range(20)])
        return worth.new_idea(ONE, track.weights)

    assert after(-4.0) < after(4.0)
    assert worth.new_idea(Noise(0.0, 3, 2), USUAL) == 0.0


@given(MEANS, st.floats(0.1, 4), st.floats(0.02, 0.4))
def test_a_larger_difference_takes_no_more_reruns_to_settle(mean: float, sd: float, risk: float) -> None:
    few = worth.reruns_wanted(Belief(2 * mean, sd), ONE, risk)
    many = worth.reruns_wanted(Belief(mean, sd), ONE, risk)
    if many is not None:
        assert few is not None and 1 <= few <= many
        assert worth.reruns_wanted(Belief(-mean, sd), ONE, risk) == many


def test_a_difference_far_below_the_noise_can_not_be_settled() -> None:
    assert worth.reruns_wanted(Belief(0.01, 1.0), ONE, 0.1) is None
    assert worth.reruns_wanted(Belief(5.0, 1.0), ONE, 0.1) == 1
    assert worth.reruns_wanted(Belief(0.5, 0.0), Noise(0.0, 3, 2), 0.1) == 1
