"""What a step of a knob may be expected to bring, from what was measured of it."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions import response
from memorylab.core.decisions.effects import Belief
from memorylab.core.decisions.response import MeasuredTry, Response

SIGMA, USUAL = 1.0, 1.1


def worth(*seen: MeasuredTry, at: float) -> float:
    return Response(seen, USUAL, SIGMA).worth(at)


def test_a_usual_step_of_an_untouched_knob_is_worth_a_new_idea() -> None:
    assert abs(worth(at=1) - USUAL) < 1e-9 and abs(worth(at=-1) - USUAL) < 1e-9
    assert worth(at=0) == 0


def test_where_a_step_was_lost_a_further_one_is_worth_nothing_and_the_other_side_as_much_as_before() -> None:
    lost = MeasuredTry(1.0, -5.0, True)
    assert worth(lost, at=1.5) < 0.1 * USUAL
    assert worth(lost, at=-1) > 0.7 * USUAL


def test_where_a_step_gained_a_further_one_is_worth_more_than_a_new_idea() -> None:
    assert worth(MeasuredTry(0.0, 5.0, True, origin=-1.0), at=1) > USUAL


def test_between_two_that_lost_little_is_left() -> None:
    both = (MeasuredTry(1.0, -4.0, True), MeasuredTry(-1.0, -3.0, True))
    assert max(worth(*both, at=one / 10) for one in range(-10, 11)) < 0.3 * USUAL


def test_a_measurement_on_another_base_says_less() -> None:
    assert worth(MeasuredTry(1.0, -5.0, False), at=1) > worth(MeasuredTry(1.0, -5.0, True), at=1)


def test_a_knob_that_has_moved_nothing_is_expected_to_move_little() -> None:
    still = [MeasuredTry(float(one), 0.0, True, one - 1.0) for one in range(-3, 1)]
    assert worth(*still, at=1) < 0.7 * USUAL


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-1e9, 1e9), st.booleans()), max_size=8),
    st.floats(-2, 2),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
)
def test_whatever_was_measured_the_worth_is_a_number_and_no_loss(
    seen: list[tuple[float, float, bool]], at: float, usual: float, sigma: float
) -> None:
    found = Response([MeasuredTry(*one) for one in seen], usual, sigma).worth(at)
    assert math.isfinite(found) and found >= 0


def test_two_changes_are_worth_what_both_may_bring_of_which_some_is_lost() -> None:
    one = Belief(1.0, 0.5)
    assert response.together([one], 1.0) < response.together([one, one], 1.0)
    assert response.together([one, one], 0.5) < response.together([one, one], 1.0)
