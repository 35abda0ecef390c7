from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from memorylab.adapters.training_log import Progress
from memorylab.render import text_report, text_watch
from memorylab.render.table import cells
from tests.render import nights


class Going(NamedTuple):
    description: str
    elapsed_s: float = 12.0
    alive: bool = True
    progress: Progress | None = None


STEP = Progress(420, 43.0, 3.2101, 171.0, 129.0)


@given(width=st.integers(40, 140), height=st.integers(10, 60), hostile=st.booleans())
def test_the_board_fits_any_terminal(width: int, height: int, hostile: bool) -> None:
    m = nights.report(nights.night(60, hostile=hostile))
    running = [Going(nights.HOSTILE[1], progress=STEP), Going("", alive=False), Going("x" * 300)]
    lines = text_watch.board(m, running, width, False, height).split("\n")
    assert len(lines) <= height
    assert max(cells(line) for line in lines) <= width


@given(width=st.integers(40, 140), hostile=st.booleans())
def test_the_report_fits_any_terminal(width: int, hostile: bool) -> None:
    shown = text_report.report(nights.report(nights.night(60, hostile=hostile)), width)
    assert max(cells(line) for line in shown.split("\n")) <= width
    assert "\x1b" not in shown


def test_what_runs_now_is_told_with_step_loss_and_time_left() -> None:
    shown = text_watch.board(nights.report([]), [Going("wider", progress=STEP)], 100)
    told = shown[shown.index("Running") :].split("\n")
    assert told[1:3] == ["  wider", "  █████████░░░░░░░░░░░ 43 %  step 420, loss 3.2101, 171 s left"]
    narrow = text_watch.board(nights.report([]), [Going("wider", progress=STEP)], 50)
    assert "  43 %, step 420, loss 3.2101, 171 s left" in narrow


def test_a_run_whose_process_is_gone_is_told_as_such() -> None:
    assert "its process is gone" in text_watch.board(nights.report([]), [Going("wider", alive=False)], 80)


def test_colours_are_given_only_where_they_are_wanted() -> None:
    m = nights.report(nights.night(60))
    assert "\x1b[" in text_watch.board(m, [], 100, True)
    assert "\x1b[" not in text_watch.board(m, [], 100, False)
