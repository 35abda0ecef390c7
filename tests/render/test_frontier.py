"""Holds the chart of wins lost against failures caught: well-formed, safe, legible without colour, within its width."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard.frontier import Frontier, Point, Scored, curve
from memorylab.render import frontier as chart
from memorylab.render import table

SVG = "{http://www.w3.org/2000/svg}"
LINE = Frontier(tuple(Point(n / 10, n, 4 * n) for n in range(11)), 100, 100, Point(None, 2, 8))
ALL = {
    "ours": LINE,
    "reference": LINE._replace(points=tuple(Point(p.threshold, p.wins * 3, p.failures) for p in LINE.points[::-1])),
    "family": Frontier((Point(None, 3, 20),), 100, 100, Point(None, 3, 20)),
    "exact": Frontier((Point(None, 0, 1),), 100, 100, Point(None, 0, 1)),
}
POINTS = st.lists(st.builds(Scored, st.sampled_from(["keep", "discard", None]), st.none() | st.floats(0, 1)))


def test_the_chart_is_one_accessible_element_without_anything_from_outside() -> None:
    root = ET.fromstring(chart.svg(ALL, "night.tsv, exploit"))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert "night.tsv, exploit" in (root.findtext(f"{SVG}title") or "")
    assert "ours: 0.0 % of wins lost, 0.0 % of failures caught to 10.0 %" in (root.findtext(f"{SVG}desc") or "")
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")
    told = " ".join("".join(element.itertext()) for element in root.iter(f"{SVG}text"))
    for words in (*ALL, chart.ACROSS, chart.UPWARDS, "blocking at random", "in use"):
        assert words in told
    assert not [element.tag for element in root.iter() if element.tag in (f"{SVG}script", f"{SVG}image", f"{SVG}a")]


def test_a_line_for_thresholds_a_sign_for_a_rule_without_one() -> None:
    root = ET.fromstring(chart.svg(ALL, "night"))
    lines = [path.get("class") for path in root.iter(f"{SVG}path") if "series" in (path.get("class") or "")]
    assert sorted(str(name) for name in lines) == ["series ours", "series reference"]


def test_every_rule_has_a_shape_and_a_letter_of_its_own() -> None:
    shapes = {chart._sign(name, 0.0, 0.0) for name in chart.SIGNS}
    letters = {letter for signs in chart.SIGNS.values() for letter in signs}
    assert (len(shapes), len(letters)) == (len(chart.SIGNS), 2 * len(chart.SIGNS))


def test_a_ledger_named_like_markup_stays_text() -> None:
    root = ET.fromstring(chart.svg(ALL, '<script>alert("x")</script> & co \x1b[31m'))
    assert not list(root.iter(f"{SVG}script"))
    assert "\x1b" not in chart.text(ALL, "a\x1b[31mred\nb", 80)


def test_the_point_in_use_is_a_capital_on_the_line() -> None:
    rows = chart.text(ALL, "night", 80).splitlines()
    assert sum("O" in row for row in rows if "│" in row) == 1
    assert "capital: the threshold in use" in rows[-1]


@given(ours=POINTS, width=st.integers(30, 200))
def test_any_curve_fits_and_is_well_formed(ours: list[Scored], width: int) -> None:
    lines = {"ours": curve(ours)}
    shown = chart.text(lines, "night.tsv", width).split("\n")
    assert max(table.cells(line) for line in shown) <= width
    ET.fromstring(chart.svg(lines, "night.tsv"))


@pytest.mark.parametrize(("share", "edge"), [(0.0, 0.1), (0.09, 0.1), (0.1, 0.2), (0.39, 0.4), (0.7, 0.8), (1.0, 1.0)])
def test_edges_are_round_and_leave_room(share: float, edge: float) -> None:
    found = chart.extent_of({"ours": [(0.0, share)]})
    assert found == (0.1, edge)
