"""Brackets around the present value of a knob, and the untried neighbours that follow from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard.bracket import Bracket, Point, bracket


def lost(value: float, gain: float | None = -5.0) -> Point:
    return Point(value, True, gain)


def tied(value: float) -> Point:
    return Point(value, False, 0.0)


def test_what_was_tried_on_another_base_is_not_suggested_as_untried() -> None:
    free = bracket("MATRIX_LR", 0.04, [lost(0.05)])
    assert (free.untried, free.suggestion) == ("below", 0.032)
    assert bracket("MATRIX_LR", 0.04, [lost(0.05)], elsewhere=[0.032])[3:] == ("below", None)


def test_two_close_failures_bracket_the_optimum_and_leave_nothing_to_try() -> None:
    assert bracket("MATRIX_LR", 0.04, [lost(0.03), lost(0.05)]) == Bracket(0.03, 0.05, True, None, None)


def test_the_nearest_failures_count() -> None:
    found = bracket("MATRIX_LR", 0.04, [lost(0.01), lost(0.02), lost(0.08), lost(0.4)])
    assert (found.below, found.above) == (0.02, 0.08)


@pytest.mark.parametrize(
    ("name", "now", "failed", "side", "value"),
    [
        ("MATRIX_LR", 0.04, 0.05, "below", 0.032),
        ("MATRIX_LR", 0.04, 0.4, "below", 0.02),  # never further than a factor of two
        ("DEPTH", 8.0, 10.0, "below", 6.0),
        ("TOTAL_BATCH_SIZE", 2.0**19, 2.0**18, "above", 2.0**20),
        ("MUON_MOMENTUM", 0.95, 0.9, "above", 0.975),
        ("SHIFT", -1.0, 1.0, "below", -3.0),
    ],
)
def test_the_other_side_is_suggested_in_the_knobs_own_units(
    name: str, now: float, failed: float, side: str, value: float
) -> None:
    found = bracket(name, now, [lost(failed)])
    assert (found.untried, found.suggestion, found.bracketed) == (side, value, False)


def test_a_wide_bracket_has_a_middle_on_the_side_that_lost_less() -> None:
    assert bracket("MATRIX_LR", 0.04, [lost(0.02, -3.0), lost(0.08, -9.0)]).suggestion == 0.028
    assert bracket("MATRIX_LR", 0.04, [lost(0.02, -9.0), lost(0.08, -3.0)]).suggestion == 0.057


def test_a_gap_that_a_tie_has_explored_is_not_suggested() -> None:
    assert bracket("MATRIX_LR", 0.04, [lost(0.02), tied(0.03), lost(0.05)]).suggestion is None


def test_a_tie_is_a_try_but_no_end_of_a_bracket() -> None:
    found = bracket("MATRIX_LR", 0.04, [tied(0.03), lost(0.05)])
    assert found == Bracket(None, 0.05, False, None, None)


def test_what_is_off_can_not_be_lowered() -> None:
    found = bracket("RESID_DROPOUT", 0.0, [lost(0.1)])
    assert found == Bracket(None, 0.1, True, None, 0.05)
    assert bracket("RESID_DROPOUT", 0.0, [lost(0.1), lost(0.05)]).suggestion is None


def test_a_share_stays_below_one() -> None:
    found = bracket("WARMDOWN_RATIO", 0.7, [lost(0.3)])
    assert found.untried == "above" and found.suggestion is not None and 0.7 < found.suggestion < 1


def test_a_direction_that_failed_closes_its_side() -> None:
    assert bracket("MATRIX_LR", 0.04, [], frozenset(("below",))).untried == "above"
    assert bracket("MATRIX_LR", 0.04, []).untried == "both"


_VALUES = st.one_of(st.floats(1e-6, 1e6), st.integers(1, 10**6).map(float), st.sampled_from([0.0, 0.5, 0.95, 1.0]))
_POINTS = st.lists(st.builds(Point, _VALUES, st.booleans(), st.none() | st.floats(-50, 50)), max_size=8)


@given(st.sampled_from(["MATRIX_LR", "DEPTH", "BATCH_SIZE", "BETA1", "DROPOUT"]), _VALUES, _POINTS)
def test_a_suggestion_is_never_a_tried_value_and_lies_on_the_untried_side(
    name: str, now: float, points: list[Point]
) -> None:
    found = bracket(name, now, points)
    if found.suggestion is not None:
        assert found.suggestion not in {now, *(point.value for point in points)}
        assert found.untried != "both"
        assert (found.suggestion < now) == (found.untried == "below") or found.untried is None
        assert found.below is None or found.suggestion > found.below
        assert found.above is None or found.suggestion < found.above


@given(st.sampled_from(["MATRIX_LR", "DEPTH"]), _VALUES, _POINTS)
def test_the_order_of_the_tries_does_not_matter(name: str, now: float, points: list[Point]) -> None:
    shuffled = sorted(points, key=lambda point: (-point.value, point.failed, str(point.gain)))
    assert bracket(name, now, shuffled) == bracket(name, now, points)
