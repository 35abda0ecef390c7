"""Holds that many runs of one moment find their names without going through all that were given before."""

from __future__ import annotations

from typing import Any

from memorylab.lab import exchange


def test_a_name_is_looked_for_from_the_last_one_on() -> None:
    asked: list[str] = []

    def taken(name: str) -> bool:
        asked.append(name)
        return name.endswith("-imported")

    runs: list[Any] = [{"commit": None} for _ in range(3_000)] + [{"commit": "abcdef1234"}]
    exchange._name(runs, "2026-01-02T03:04:05Z", taken)
    assert len(asked) == len(runs) + 1
    assert [run["run_id"] for run in runs[:2]] == ["20260102T030405Z-imported-2", "20260102T030405Z-imported-3"]
    assert runs[-1]["run_id"] == "20260102T030405Z-abcdef1"
    assert len({run["run_id"] for run in runs}) == len(runs)
