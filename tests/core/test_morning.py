from __future__ import annotations

from typing import Any

from memorylab.core.morning import Window, morning
from memorylab.core.noise import Noise
from memorylab.core.registry import Board
from memorylab.records import Contender, RunView
from tests.render import nights


def report(runs: list[RunView], leader: RunView | None) -> Any:
    best = Contender(leader, 2, leader.value or 0.0) if leader else None
    noise = Noise(0.001, 3, 2)
    board = Board(
        arena={"metric": "val_bpb", "direction": "min"},
        noise=noise,
        champion=best,
        contenders=[best] if best else [],
        rival=None,
        lineages=[],
        failures=[],
        status_counts={"keep": 1, "discard": 0, "crash": 0},
        track=nights.followed(runs, noise),
    )
    window = Window({"keep": len(runs)}, 3600.0, runs[::-1], None)
    return morning(board, window, {"optimizer\tkeep": 2}, [], now="2026-01-06T06:58:00Z", since=None)


def test_a_rerun_that_asks_for_more_reruns_of_the_champion_is_in_the_queue() -> None:
    first = nights.run(1, "keep", 0.9, "halve the batch", next_action="replicate", candidate="c")
    again = nights.run(2, "keep", 0.91, "halve the batch", next_action="replicate", candidate="c")
    assert [row["run_id"] for row in report([first, again], first).queue] == [again.run_id]


def test_what_asks_to_repeat_a_dethroned_run_is_settled() -> None:
    old = nights.run(1, "keep", 0.9, "halve the batch", next_action="replicate")
    new = nights.run(2, "keep", 0.8, "wider", next_action="promote")
    assert [row["action"] for row in report([old, new], new).queue] == ["promote"]


def test_the_most_urgent_comes_first_and_what_is_settled_is_left_out() -> None:
    crashed = nights.run(1, "crash", None, "depth 99", next_action="fix_and_retry", error_summary="no memory")
    tie = nights.run(2, "discard", 1.0, "a tie", next_action="retry")
    mended = nights.run(3, "discard", 1.1, "a tie", next_action="abandon")
    lead = nights.run(4, "keep", 0.8, "wider", next_action="promote")
    found = report([crashed, tie, mended, lead], lead)
    assert [row["action"] for row in found.queue] == ["promote", "fix_and_retry"]


def test_nothing_measured_is_said_in_words() -> None:
    found = report([], None)
    assert found.headline[0] == "No runs in this period."
    assert "no champion" in found.headline[1]
