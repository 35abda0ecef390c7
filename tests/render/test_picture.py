from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from memorylab.errors import MissingExtra
from memorylab.records import Direction
from memorylab.render import picture
from tests.render import nights

DIRECTIONS: list[Direction] = ["min", "max"]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("hostile", [False, True])
def test_the_picture_is_a_small_png_whatever_runs_are_called(direction: Direction, hostile: bool) -> None:
    pytest.importorskip("matplotlib")
    data = picture.png(nights.report(nights.night(60, direction, hostile), direction))
    assert data is not None
    assert data.startswith(b"\x89PNG")
    assert len(data) < 200_000


def test_the_picture_says_what_it_shows_to_those_who_cannot_see_it() -> None:
    pytest.importorskip("matplotlib")
    data = picture.png(nights.report(nights.night(60)))
    assert data is not None
    assert b"Description" in data
    assert b"60 runs: 9 kept" in data


def test_without_runs_there_is_no_picture() -> None:
    assert picture.png(nights.report([])) is None


def test_only_crashes_are_a_picture_too() -> None:
    pytest.importorskip("matplotlib")
    assert picture.png(nights.report([nights.run(1, "crash", None, "depth 16")]))


def test_without_matplotlib_there_is_no_picture_and_a_figure_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    def absent(name: str, *_: Any) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", absent)
    assert picture.png(nights.report(nights.night(5))) is None
    for name in ("matplotlib", "matplotlib.backends.backend_agg", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match="a figure needs matplotlib"):
        picture.figure(nights.report(nights.night(5)))
