"""Holds that each number is written with the digits that its noise deserves, in one way in a sentence and in order."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memorylab.core.numerals import digits, number, percent, rough

ANY = st.floats(allow_nan=False, allow_infinity=False)
SCALES = st.integers(-8, 9).map(lambda power: 10.0**power)
MANTISSAS = st.integers(-99_999_999, 99_999_999).map(lambda whole: whole / 10_000_000)


@st.composite
def arenas(draw: st.DrawFn) -> tuple[float, list[float]]:
    """The noise of an arena between a tenth and a millionth of its level, and some of its values."""
    scale = draw(SCALES)
    sigma = scale * draw(st.floats(1e-6, 0.1))
    return sigma, [scale * one for one in draw(st.lists(MANTISSAS, min_size=2, max_size=8))]


def written(told: str) -> float:
    return float(told.replace("−", "-").replace("±", "").replace("less than ", ""))


def place(told: str) -> int:
    """The decimal place of the last digit that is written."""
    mantissa, _, power = told.lstrip("+−±-").partition("e")
    return len(mantissa.partition(".")[2]) - int(power or 0)


@given(arenas())
@example((0.00129, [0.9979, 0.9931]))
@example((0.0996, [61.3, 61.4]))
@example((3.1e-11, [3.0123e-8, 2.9e-8]))
@example((8.3e5, [830123456.0, 831200000.0]))
def test_the_last_digit_of_a_value_is_a_tenth_to_a_hundredth_of_the_noise(arena: tuple[float, list[float]]) -> None:
    sigma, values = arena
    shown = digits(sigma, *values)
    unit = 10.0**-shown.place
    assert sigma / 105 <= unit or shown.place == 0  # whole digits are kept
    for value in values:
        told = shown.value(value)
        assert abs(written(told) - value) <= 0.5000001 * unit
        assert written(told) == 0 or place(told) <= max(shown.place, 0)


@given(arenas())
def test_no_value_is_written_with_more_decimals_than_were_recorded(arena: tuple[float, list[float]]) -> None:
    _, values = arena
    rounded = [round(value, 3) for value in values]
    assert digits(1e-9, *rounded).place <= 3
    assert digits(1e-9, *map(round, values)).place <= 0


@given(arenas(), st.booleans())
def test_order_is_kept_and_a_difference_is_that_of_what_is_written(
    arena: tuple[float, list[float]], known: bool
) -> None:
    sigma, values = arena
    shown = digits(sigma if known else None, *values)
    told = [written(shown.value(value)) for value in sorted(values)]
    assert told == sorted(told)
    value, base = values[:2]
    difference, unit = value - base, 10.0**-shown.place
    if known:
        apart = written(shown.value(value)) - written(shown.value(base))
        assert abs(written(shown.signed(difference)) - apart) <= 1.5001 * unit


@given(arenas())
def test_all_numbers_of_a_sentence_have_the_same_decimals(arena: tuple[float, list[float]]) -> None:
    sigma, values = arena
    shown = digits(sigma, *values)
    told = [shown.value(value) for value in values] + [shown.signed(values[0] - values[1])]
    assert {place(one) for one in told if written(one)} <= {shown.place, min(shown.place, 0), max(shown.place, 0)}


@given(st.lists(ANY, min_size=2, max_size=6), ANY)
def test_any_numbers_are_written_in_order_and_short(values: list[float], sigma: float) -> None:
    for shown in (digits(sigma, *values), digits(None, *values)):
        told = [shown.value(value) for value in sorted(values)]
        assert [written(one) for one in told] == sorted(written(one) for one in told)
        assert all(len(one) < 24 for one in told)
        assert not any(re.fullmatch(r"-0?\.?0*(e.*)?", one) for one in told)
        assert not re.search("inf|nan", " ".join((*told, shown.size(values[0]), shown.signed(values[1]))))
        low, high = sorted(values[:2])
        ends = shown.span(low, high)
        assert written(ends[0]) <= written(ends[-1])


@given(st.floats(1e-9, 1e10), st.floats(1e-9, 1e10))
def test_a_noise_has_two_digits_and_keeps_its_order(one: float, other: float) -> None:
    assert abs(float(rough(one)) - one) <= 0.0501 * one
    assert len(re.sub(r"e.*", "", rough(one)).replace(".", "").strip("0")) <= 2
    assert float(rough(min(one, other))) <= float(rough(max(one, other)))


@given(ANY)
def test_without_a_noise_there_are_at_most_six_digits_and_those_that_it_has(value: float) -> None:
    told = number(value)
    assert abs(float(told) - value) <= 5.01e-6 * abs(value)
    assert len(re.sub(r"e.*", "", told).replace(".", "").strip("-0")) <= 6 or (abs(value) < 1e7 and "." not in told)


@pytest.mark.parametrize(("value", "shown"), [
    (0.9697, "0.9697"), (-0.5, "-0.5"), (1000.0, "1000"), (123456.7, "123457"), (12840, "12840"), (1234567, "1234567"),
    (2.5e7, "2.5e+07"), (8.3e8, "8.3e+08"), (3e-8, "3e-08"), (1e300, "1e+300"), (8e13, "8e+13"), (0.0, "0"),
    (-0.0, "0"), (0.00012, "0.00012"), (0.000012, "0.000012"), (61.3, "61.3"), (None, "–"), (math.nan, "–"), ("x", "–"),
])  # fmt: skip
def test_a_number_alone_reads_as_it_was_recorded(value: object, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(("sigma", "values", "told"), [
    (0.000827922, (0.9979, 0.993251234), ["0.99790", "0.99325"]),
    (0.01, (0.117319, 0.13), ["0.117", "0.130"]),
    (13.2, (12840.0, 12811.0), ["12840", "12811"]),
    (0.4, (97.0, 99.0), ["97", "99"]),
    (0.04, (61.3, 59.8), ["61.3", "59.8"]),
    (8.3e5, (830123456.0, 829000000.0), ["8.3012e+08", "8.2900e+08"]),
    (2.1e-11, (3.0123e-8, 2.9e-8), ["3.0123e-08", "2.9000e-08"]),
    (0.0012, (0.9979, 8e13), ["0.9979", "8e+13"]),
    (0.0012, (0.9979, 81234567890123.4), ["0.9979", "8.12346e+13"]),
    (0.02, (0.0, 0.25), ["0.00", "0.25"]),
])  # fmt: skip
def test_metrics_from_1e_minus_8_to_1e9_read_well(sigma: float, values: tuple[float, ...], told: list[str]) -> None:
    shown = digits(sigma, *values)
    assert [shown.value(value) for value in values] == told


def test_what_no_noise_drowns_is_told_apart() -> None:
    values = 0.97123451, 0.97123458
    assert [digits(None, *values).value(x) for x in values] == ["0.971235", "0.971235"]
    exact = digits(0.0, *values)
    assert [exact.value(x) for x in values] == ["0.97123451", "0.97123458"]
    assert exact.size(values[0] - values[1]) == "7e-08"
    assert digits(0.0, 830123456.0).value(830123456.0) == "8.30123e+08"
    assert digits(0.0, 12 / 13, 11 / 13).value(12 / 13) == "0.923077"
    assert digits(0.0, 0.1 + 0.2, 0.3).value(0.1 + 0.2) == "0.3"


def test_what_the_noise_drowns_is_no_difference() -> None:
    shown = digits(0.01, 0.9703, 0.97)
    assert (shown.size(0.0003), shown.signed(-0.0003), shown.signed(None)) == ("less than 0.001", "±0.000", "–")
    assert digits(8.3e5, 830123456.0).size(1.0) == "less than 10000"


def test_an_interval_has_two_ends() -> None:
    assert digits(0.3, 97, 98).span(97.12, 97.38) == ("97.12", "97.38")
    assert digits(0.01, 0.971).span(0.96, 0.9812) == ("0.960", "0.981")
    assert digits(0.01, 0.971).span(0.97, 0.97) == ("0.970",)


@given(st.floats(0, 1))
def test_nothing_is_certain(probability: float) -> None:
    assert percent(probability) not in ("0 %", "100 %")


def test_the_digits_hold_for_values_that_nobody_recorded() -> None:
    assert digits(0.0012).value(0.99712345) == "0.9971"
    assert digits(None).value(0.99712345) == "0.997123"
