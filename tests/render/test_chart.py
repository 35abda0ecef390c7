from __future__ import annotations

import re
import time
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.report.morning import Point
from memorylab.render import chart, labels, naming, plot
from tests.render import nights

SVG = "{http://www.w3.org/2000/svg}"
VALUES = st.one_of(st.none(), st.floats(), st.floats(0.9, 1.1), st.sampled_from([0.0, 1.0, 1e16, -1e308]))
POINTS = st.lists(
    st.tuples(st.sampled_from(["keep", "discard", "crash"]), VALUES, st.text(max_size=40)), max_size=30
).map(lambda rows: [Point(i, str(i), *row) for i, row in enumerate(rows, 1)])


def svg(points: list[Point], direction: str = "min", sigma: float | None = 0.001, **more: Any) -> ElementTree.Element:
    return ElementTree.fromstring(
        chart.progress_svg(points, metric="val_bpb", direction=direction, sigma=sigma, **more).encode()
    )


def of_class(root: ElementTree.Element, tag: str, name: str) -> list[ElementTree.Element]:
    """The marks of a class in the plot; the legend's have no position or stand in a group."""
    legend = {id(child) for group in root.iter(f"{SVG}g") for child in group.iter()}
    return [e for e in root.iter(SVG + tag) if name in e.get("class", "").split() and id(e) not in legend]


def drawn(points: list[Point]) -> tuple[int, int, int]:
    root = svg(points)
    outliers = sum(e.get("d", "").count("z") for e in of_class(root, "path", "off"))
    crosses = sum(e.get("d", "").count("M") for e in of_class(root, "path", "crash"))
    return len(list(root.iter(f"{SVG}circle"))) - 2, outliers, crosses


def test_a_kept_run_that_repeats_another_is_a_ring_of_its_own() -> None:
    root = svg([Point(1, "a", "keep", 1.0, "base"), Point(2, "b", "keep", 1.1, "base", again=True)])
    rings = [mark for mark in root.iter(f"{SVG}circle") if mark.get("class") == "keep again"]
    assert len(rings) == 2  # the legend's, and its own
    assert "1 kept" in "".join(root.itertext()) and "1 run again" in "".join(root.itertext())


def test_every_run_of_a_night_is_on_the_picture_as_a_dot_a_triangle_or_a_cross() -> None:
    runs = nights.night(60)
    dots, outliers, crosses = drawn(nights.points(runs))
    assert crosses == sum(r.status == "crash" for r in runs)
    assert outliers >= sum(r.value is not None and r.value > 2 for r in runs) > 0
    assert dots + outliers + crosses == len(runs)


def test_a_value_written_for_a_crash_is_never_the_best() -> None:
    told = chart.in_words(
        [Point(1, "a", "keep", 0.9, "base"), Point(2, "b", "crash", 0.0, "boom")],
        metric="val_bpb", direction="min", sigma=None,
    )  # fmt: skip
    assert "is 0.900000 (run 1, “base”)" in told


def test_only_a_kept_run_can_set_a_new_best() -> None:
    points = [Point(1, "a", "keep", 0.9, "base"), Point(2, "b", "discard", 0.8, "fluke")]
    assert [best.number for best in plot.records(plot.measured(points), "min")] == [1]


def test_for_a_metric_to_raise_the_best_stands_highest_and_the_crashes_lowest() -> None:
    root = svg(
        [Point(1, "a", "keep", 1.0, ""), Point(2, "b", "keep", 2.0, ""), Point(3, "c", "crash", None, "")], "max"
    )
    low, high = (float(e.get("cy", "")) for e in of_class(root, "circle", "keep"))
    cross = re.match(r"M\S+ (\S+)l", of_class(root, "path", "crash")[0].get("d", ""))
    assert cross is not None
    assert high < low < float(cross[1])


def test_outliers_do_not_set_the_scale() -> None:
    values = [1.0, 0.99, 0.98, *[0.985] * 20, 1000.0, -1000.0]
    points = [Point(i, str(i), "keep" if i < 4 else "discard", v, "") for i, v in enumerate(values, 1)]
    axis = plot.axis(plot.measured(points), plot.records(plot.measured(points), "min"), "min", 0.001)
    assert 0.9 < axis.low < 0.98
    assert 1.0 < axis.high < 1.1


def test_names_lie_apart_inside_the_picture_and_are_not_too_many() -> None:
    points = [Point(i, str(i), "keep", 2 - 0.04 * i + 0.0003 * i * i, f"a fairly long idea {i}") for i in range(1, 61)]
    boxes = []
    for label in of_class(svg(points), "text", "label"):
        x, y = float(label.get("x", "")), float(label.get("y", ""))
        boxes.append(labels.Box(x, y - labels.SIZE + 1, x + labels.text_width(label.text or ""), y + 2))
    assert 5 <= len(boxes) <= naming.MOST
    assert all(box.left >= 0 and box.right <= 960 for box in boxes)
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a.meets(b)]


@pytest.mark.parametrize("direction", ["min", "max"])
def test_kept_runs_that_set_no_new_best_are_named_too_and_no_name_covers_a_dot(direction: str) -> None:
    sign = 1 if direction == "min" else -1
    points = [
        Point(n, str(n), "keep" if n % 4 == 1 else "discard", sign * (1 - 0.01 * n + 0.03 * (n % 8 == 5)), f"idea {n}")
        for n in range(1, 25)
    ]
    root = svg(points, direction)
    assert {e.text for e in of_class(root, "text", "label")} == {f"idea {n}" for n in range(1, 25, 4)}
    dots = [(float(e.get("cx", "")), float(e.get("cy", ""))) for e in root.iter(f"{SVG}circle") if e.get("cx") != "6"]
    for label in of_class(root, "text", "label"):
        x, y = float(label.get("x", "")), float(label.get("y", ""))
        area = labels.Box(x, y - labels.SIZE + 2, x + labels.text_width(label.text or ""), y + 1)
        assert not [dot for dot in dots if area.meets(labels.Box(dot[0] - 3, dot[1] - 3, dot[0] + 3, dot[1] + 3))]


@pytest.mark.parametrize("size", [{}, {"width": 400, "height": 380}])
def test_every_mark_that_is_drawn_is_in_the_legend(size: dict[str, int]) -> None:
    more: dict[str, Any] = {"estimate": (0.9, 0.95, 0.96), **size}
    root = svg(nights.points(nights.night(60)), **more)
    told = [text.text for group in root.iter(f"{SVG}g") for text in group.iter(f"{SVG}text")]
    assert told == ["9 kept", "45 discarded", "6 crashed", "of them 4 off the scale", "best single run so far",
                    "noise of one run", "champion's true value, 90 %"]  # fmt: skip
    for group in root.iter(f"{SVG}g"):
        x = float(re.findall(r"[\d.]+", group.get("transform", ""))[0])
        assert x + 17 + labels.text_width("".join(group.itertext()), 12) <= size.get("width", 960) + 12


def test_the_marks_of_runs_are_links_where_they_have_an_address() -> None:
    points = nights.points(nights.night(60))
    root = svg(points, link=lambda point: f'/run?id={point.run_id}&x="' if point.number != 2 else None)
    links = list(root.iter(f"{SVG}a"))
    assert len(links) == 59
    assert links[-1].get("href", "").endswith('&x="')
    assert {link.find(f"{SVG}title") is not None for link in links} == {True}
    kept = [link for link in links if link.find(f"{SVG}circle[@class='keep']") is not None]
    assert [link.get("tabindex") for link in kept] == [None] * 9
    assert root.get("role") == "group"
    assert svg(points).get("role") == "img"


def test_of_many_runs_a_few_hundred_are_links_and_of_thousands_none() -> None:
    points = nights.points(nights.night(700))
    linked = chart.progress_svg(points, metric="m", direction="min", sigma=None, link=lambda point: f"#{point.run_id}")
    assert linked.count("<a ") == chart.LINKED
    points = nights.points(nights.night(2000))
    drawn = chart.progress_svg(points, metric="m", direction="min", sigma=None, link=lambda point: f"#{point.run_id}")
    assert "<a " not in drawn


def test_the_newest_best_is_named_even_in_a_crowd() -> None:
    points = [Point(i, str(i), "keep", 1 / i, f"idea {i}") for i in range(1, 200)]
    assert "idea 199" in {e.text for e in of_class(svg(points), "text", "label")}


def test_a_hostile_name_stays_text() -> None:
    points = nights.points(nights.night(60, hostile=True))
    document = chart.progress_svg(points, metric="<b>", direction="min", sigma=0.001)
    root = ElementTree.fromstring(document.encode())
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "text", "tspan", "g", "circle", "path"
    }  # fmt: skip
    assert not [name for e in root.iter() for name in e.attrib if name.startswith("on") or "href" in name]
    assert "url(" not in document
    assert "\x1b" not in document


@pytest.mark.parametrize("size", [{}, {"width": 400, "height": 330}])
@given(points=POINTS, direction=st.sampled_from(["min", "max"]), sigma=st.one_of(st.none(), st.floats()))
def test_any_runs_give_a_picture_whose_dots_lie_inside(
    size: dict[str, int], points: list[Point], direction: str, sigma: float | None
) -> None:
    root = svg(points, direction, sigma, **size)
    width, height = size.get("width", 960), size.get("height", 420)
    for circle in root.iter(f"{SVG}circle"):
        assert -1 <= float(circle.get("cx", "")) <= width
        assert -5 <= float(circle.get("cy", "")) <= height
    assert "nan" not in "".join(e.get("d", "") for e in root.iter(f"{SVG}path"))


def test_a_picture_without_measurements_says_so() -> None:
    assert "No runs yet." in "".join(svg([]).itertext())
    assert "No run has been measured yet." in "".join(svg([Point(1, "a", "crash", None, "")]).itertext())


def test_the_picture_tells_its_course_in_words() -> None:
    desc = svg(nights.points(nights.night(60))).find(f"{SVG}desc")
    assert desc is not None
    assert desc.text is not None
    assert desc.text.startswith(
        "60 runs: 9 kept, 45 discarded, 6 crashed. The best val_bpb (lower is better) went from"
    )


def test_twenty_thousand_runs_are_drawn_fast_small_and_always_alike() -> None:
    points = nights.points(nights.night(20_000))
    start = time.perf_counter()
    first = chart.progress_svg(points, metric="val_bpb", direction="min", sigma=0.001)
    assert time.perf_counter() - start < 2
    assert len(first.encode()) < 1_500_000
    assert first == chart.progress_svg(points, metric="val_bpb", direction="min", sigma=0.001)


def test_the_terminal_chart_shows_kept_discarded_crashed_and_the_best() -> None:
    drawn = chart.progress_text(nights.points(nights.night(60)), metric="val_bpb", direction="min")
    head, *body, axis, key = drawn.split("\n")
    assert head == "val_bpb by run, lower is better"
    assert next(line for line in body if line.split()[0] == "crash").count("x") == 6
    assert {"*", ".", "─", "^"} <= set("".join(body))
    assert axis.split() == ["run", "└", "1", "60"]
    assert "* 9 kept" in key
    narrow = chart.progress_text(nights.points(nights.night(60)), metric="val_bpb", direction="min", width=40)
    assert "x 6 crashed" in narrow and "off the scale" in narrow
    assert len(drawn.split("\n")) <= 15


@given(points=POINTS, direction=st.sampled_from(["min", "max"]), width=st.integers(40, 120))
def test_the_terminal_chart_fits_any_width(points: list[Point], direction: str, width: int) -> None:
    drawn = chart.progress_text(points, metric="val_bpb", direction=direction, width=width)
    assert max(len(line) for line in drawn.split("\n")) <= width


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-6, 1e6), most=st.integers(2, 12))
def test_ticks_are_few_ordered_and_inside(low: float, span: float, most: int) -> None:
    found = plot.ticks(low, low + span, most)
    assert len(found) <= most + 1
    assert found == sorted(found)
    assert all(low - 0.01 * span <= tick <= low + 1.01 * span for tick in found)
    assert len(set(plot.tick_words(found))) == len(found)


def test_the_champions_true_value_is_a_whisker_where_the_line_ends() -> None:
    points = nights.points(nights.night(60))
    best = min(p.value for p in points if p.status == "keep" and p.value is not None)
    root = svg(points, estimate=(best, best + 0.001, best + 0.002))
    (whisker,) = of_class(root, "path", "estimate")
    line = of_class(root, "path", "best")[0]
    assert float(whisker.attrib["d"][1:].split(" ")[0]) > float(line.attrib["d"].rpartition("L")[2].split(" ")[0])
    assert whisker[0].text == f"true value of the champion: {best:.4f} to {best + 0.002:.4f} (90 %)"
    assert not of_class(svg(points), "path", "estimate")
    assert not of_class(svg([], estimate=(1.0, 1.1, 1.2)), "path", "estimate")
