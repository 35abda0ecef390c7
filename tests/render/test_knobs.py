"""Pictures and tables of knobs, tame and hostile."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from memorylab.render import html, markdown_report
from memorylab.render.knob_chart import knob_svg
from memorylab.render.knob_plot import dots, frame
from memorylab.render.table import cells
from memorylab.render.text_knobs import chart, knob, knobs
from tests.render import nights


def one(
    to: Any, gain: float | None, outcome: str = "worse", here: bool = True, text: str = "an idea"
) -> dict[str, Any]:
    return {"to": to, "gain": gain, "outcome": outcome, "status": "discard", "value": 1.0, "run_id": f"r{to}",
            "here": here, "alone": True, "base": "this one", "description": text}  # fmt: skip


def row(*tries: dict[str, Any], name: str = "MATRIX_LR", **more: Any) -> dict[str, Any]:
    return {
        "knob": name, "scope": None, "present": 0.04, "runs": len(tries), "values": len(tries), "keep": 1,
        "discard": 2, "crash": 0, "best": {"to": 0.04, "gain": 4.0, "run_id": "r"}, "note": "0.05 worse on this base",
        "bracket": {"below": 0.03, "above": 0.05}, "bracketed": True, "untried": None, "suggestion": None,
        "tries": list(tries),
    } | more  # fmt: skip


TRIES = (
    one(0.03, -3.0),
    one(0.04, 4.0, "kept"),
    one(0.05, -90.0),
    one(0.01, -4.0, here=False),
    one(0.1, None, "crash"),
    one("up", -3.0),
)
HOSTILE = [row(*(one(0.03 + n / 100, -n, text=text) for n, text in enumerate(nights.HOSTILE)), name=name, scope=name,
               note=name) for name in nights.HOSTILE]  # fmt: skip


def test_a_picture_is_well_formed_and_shows_every_try_with_a_number() -> None:
    root = ElementTree.fromstring(knob_svg(row(*TRIES)))
    drawn = [node.get("class") for node in root.iter() if node.get("class") in _SIGNS]
    assert sorted(filter(None, drawn)) == ["crash", "discard", "discard older", "keep", "off discard"]


_SIGNS = {"keep", "discard", "discard older", "keep older", "crash", "off discard", "off keep"}


def test_no_try_with_a_number_has_no_picture() -> None:
    assert knob_svg(row(one("up", -3.0))) == "" and chart(row(one(0.03, -3.0)), 80) == []


def test_the_noise_is_always_in_view_and_a_disaster_stands_at_the_edge() -> None:
    shown = frame(dots(row(one(0.03, 0.1), one(0.04, -500.0))), None)
    assert shown.low > -20 and shown.high > 2 and shown.y(-500.0) == 0.0


@pytest.mark.parametrize("width", [30, 50, 80, 200])
@pytest.mark.parametrize("hostile", [False, True])
def test_what_a_terminal_shows_fits_its_width(width: int, hostile: bool) -> None:
    rows = HOSTILE if hostile else [row(*TRIES)]
    lines = knobs(rows, width).split("\n") + [line for item in rows for line in knob(item, width).split("\n")]
    assert all(cells(line) <= width for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_a_report_with_hostile_knobs_stays_a_page() -> None:
    morning = nights.report(nights.night(20), knobs=HOSTILE[:8])
    page, text = html.report(morning), markdown_report.report(morning, "x.svg")
    assert "<script" not in page and "onerror=alert" not in page.replace("&lt;img src=x onerror=alert", "")
    assert "<script" not in text.replace("\\<", "")
    for item in HOSTILE:
        ElementTree.fromstring(knob_svg(item))


def test_the_report_leaves_the_section_out_when_nothing_was_tried() -> None:
    morning = nights.report(nights.night(20))
    assert "Knobs" not in html.report(morning) and "## Knobs" not in markdown_report.report(morning, None)


def test_the_markdown_table_says_what_the_pictures_show() -> None:
    text = markdown_report.report(nights.report(nights.night(20), knobs=[row(*TRIES)]), None)
    assert "| `MATRIX_LR` | 0.04 | 6 | 1 | 2 | 0 | 0.04 | +4.0 σ | bracketed by 0.03 and 0.05 | – |" in text
