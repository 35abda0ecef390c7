"""Holds that results.tsv tells a value so that it is read back as it was recorded, and knows its own older lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memorylab.adapters import results_tsv, tables
from tests.render import nights

ANY = st.floats(allow_nan=False, allow_infinity=False)


def cell(value: float | None, status: str = "keep") -> str:
    return results_tsv.line(nights.run(1, status, value, "x")).split("\t")[1]


@given(ANY | st.floats(-1e10, 1e10) | st.integers(-(10**9), 10**9).map(float))
@example(1 / 3)
@example(0.97123456789)
@example(3e-8)
@example(8.3e8)
@example(8e13)
def test_a_value_is_read_back_to_the_last_digit(value: float) -> None:
    assert float(cell(value)) == value


@given(st.floats(-1e6, 1e6).map(lambda x: round(x, 6)))
def test_six_decimals_are_written_as_upstream_does(value: float) -> None:
    told = cell(value)
    assert "e" in told or told == f"{value + 0.0:.6f}" or abs(float(f"{value:.6f}") - value) > 0


@pytest.mark.parametrize(("value", "told"), [
    (0.9979, "0.997900"), (12840.0, "12840.000000"), (61.3, "61.300000"), (0.0, "0.000000"), (-0.0, "0.000000"),
    (3.1e-8, "3.1e-08"), (8e13, "8e+13"), (0.0001234567, "0.0001234567"), (830123456.75, "830123456.750000"),
])  # fmt: skip
def test_a_value_reads_as_in_the_tables_of_others(value: float, told: str) -> None:
    assert cell(value) == told


def test_a_table_of_ours_is_imported_with_its_values_and_zero_is_one(tmp_path: Path) -> None:
    values = [0.97123456789, 1 / 3, 3.1234567891e-8, 830123456.789, 8e13, 0.0]
    path = tmp_path / "results.tsv"
    runs = [nights.run(n, "keep", value, f"idea {n}") for n, value in enumerate(values, 1)]
    results_tsv.rewrite(path, "score", [*runs, nights.run(9, "crash", None, "no value")])
    found = tables.read_table(path, metric="score").rows
    assert [row.value for row in found] == [*values, None]
    assert results_tsv.missing(path, runs) == []


@pytest.mark.parametrize(("value", "was"), [
    (0.97123456789, "0.971235"), (1 / 3, "0.333333"), (3.1234567891e-8, "3.1234567891e-08"), (1e-8, "1e-08"),
    (1234567890.5, "1.2345678905e+09"),
])  # fmt: skip
def test_lines_of_older_versions_are_not_written_again(tmp_path: Path, value: float, was: str) -> None:
    run = nights.run(1, "keep", value, "x")
    path = tmp_path / "results.tsv"
    first, _, rest = results_tsv.line(run).split("\t", 2)
    path.write_text(results_tsv.header("score") + "\t".join((first, was, rest)))
    assert results_tsv.missing(path, [run]) == []
    assert results_tsv.foreign(path, [run]) == 0
    results_tsv.replace(path, run, run._replace(value=0.5))
    assert path.read_text().splitlines()[1].split("\t")[1] == "0.500000"
