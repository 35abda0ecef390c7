"""Packets of a simulated night and the registry say the same; what they would say against each other is noticed."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from benchmarks.contradictions import Witness, contradictions
from benchmarks.night.play import play
from benchmarks.night.world import World
from tests.conftest import REPOSITORY

CANDIDATES = {"r1": "a", "r2": "b"}


def packet(run: str, action: str = "promote", champion: bool = True, sure: float = 0.5) -> dict[str, Any]:
    compared = {
        "is_champion": champion,
        "current_champion": {"run_id": run if champion else "r1"},
        "probability_better_than_champion": sure,
    }
    told = {"comparison": compared, "next_action": action, "target": run}
    return {"run_id": run, "candidate": CANDIDATES[run], "status": "keep", "decision_packet": told}


def registry(champion: str, *chances: float) -> dict[str, Any]:
    return {"champion": {"run_id": champion}, "challengers": [{"probability_better": chance} for chance in chances]}


def test_what_agrees_is_no_contradiction() -> None:
    assert not list(contradictions(packet("r2"), registry("r2", 0.9), CANDIDATES))


@pytest.mark.parametrize(
    ("row", "stored", "kind"),
    [
        (packet("r2"), registry("r1"), "promote, and it doesn't lead"),
        (packet("r2"), registry("r1"), "is_champion is not what the registry says"),
        (packet("r2"), registry("r1"), "another current champion than the registry's"),
        (packet("r2", "replicate", False, 0.96), registry("r1"), "better than the champion with 95 %, and behind it"),
        (packet("r2"), registry("r2", 0.96), "a challenger is better with 95 %, and behind"),
    ],
)
def test_a_contradiction_is_named(row: dict[str, Any], stored: dict[str, Any], kind: str) -> None:
    assert kind in set(contradictions(row, stored, CANDIDATES))


def test_who_leads_is_the_same_in_every_packet_and_the_registry_of_a_night() -> None:
    for number, sigma in enumerate((5e-4, 2e-3)):
        witness = Witness()
        play(World(1, number, sigma), witness, 30)
        assert witness.packets == 30
        assert set(witness.kinds) <= {"a challenger is better with 95 %, and behind"}


def test_the_figures_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main = runpy.run_path(str(REPOSITORY / "benchmarks" / "contradictions.py"), run_name="contradictions")["main"]
    main(["--nights", "1", "--runs", "4"])
    assert "of 4 packets contradict the registry" in capsys.readouterr().out
