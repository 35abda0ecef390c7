"""Holds that tuning finds the thresholds that a ledger speaks for, with a guard whose chances are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from memorylab.core.guard import novelty
from memorylab.core.guard.replay import Row
from memorylab.lab import contest
from memorylab.lab.rehearsal import Ledger, Settings
from memorylab.records import NoveltyGuard

WIN, LOSS = "a win", "a loss"


def night() -> Ledger:
    """12 wins and 48 failures, mixed evenly."""
    rows = [Row(*(("keep", 1.0, WIN) if n % 5 == 0 else ("discard", 2.0, LOSS)), [], "", 300.0, None)
            for n in range(60)]  # fmt: skip
    return Ledger(Path("night.tsv"), rows, "val_bpb", "min")


def guard(decision: str, odds: float | None) -> NoveltyGuard:
    policy = {"decision": decision, "reason": "", "mode": "exploit", "evidence": ["1"], "odds": odds}
    return {"classification": "novel", "policy": policy, "p_keep": 0.3}  # type: ignore[typeddict-item]


def by_chance(idea: Any, past: Any, *, block_below: float | None, **_: Any) -> NoveltyGuard:
    odds = 0.3 if idea.description == WIN else 0.14
    return guard("block" if block_below is not None and odds < block_below else "caution", odds)


def by_similarity(idea: Any, past: Any, *, threshold: float, **_: Any) -> NoveltyGuard:
    limit = 0.5 if idea.description == WIN else 0.6
    return guard("block" if threshold <= limit else "caution", None)


def silent(_: str) -> None:
    pass


def test_a_threshold_on_chances_is_found_between_wins_and_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(novelty, "judge", by_chance)
    found = contest.tune([night()], Settings(), None, silent)
    assert found["recommended"] == {"threshold": 0.62, "block_below": 0.15}
    last = found["proposed"][-1]
    assert (last["second_half"]["wins_lost"], last["second_half"]["failures_caught"]) == ([], 24)
    assert last["all"]["seconds_saved"] == 48 * 300


def test_a_similarity_is_found_and_chances_nobody_knows_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(novelty, "judge", by_similarity)
    found = contest.tune([night()], Settings(), None, silent)
    assert found["recommended"] == {"threshold": 0.58, "block_below": None}
    assert [step["block_below"] for step in found["proposed"]] == [None]


def test_a_user_who_may_lose_all_gets_the_boldest_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(novelty, "judge", by_chance)
    assert contest.tune([night()], Settings(), 1.0, silent)["proposed"][-1]["all"]["failures_caught"] == 48


def test_the_frontier_of_our_guard_runs_over_its_chances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(novelty, "judge", by_chance)
    line = contest.contest([night()], Settings(block_below=0.2), [], True, silent)["frontiers"]["ours"]
    assert [(point.wins, point.failures) for point in line.points] == [(0, 0), (0, 0), (0, 48), (12, 48)]
    assert line.now is not None
    assert (line.now.wins, line.now.failures) == (0, 48)
