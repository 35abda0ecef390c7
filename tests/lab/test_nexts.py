"""What `Lab.next_runs` offers: each option with the run that it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from memorylab.lab import open_lab

ARENA = {"metric": "val_bpb", "direction": "min", "budget_s": 300.0}


def next_runs(root: Path, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    lab = open_lab(root, environment={})
    lab.init()
    whole = [{"arena": ARENA, "tags": [], "integrity": "ok", "candidate": row["run_id"], **row} for row in rows]
    lab.context.ledger.append(whole)
    return open_lab(root, environment={}).next_runs()


def run(name: str, value: float, status: str, description: str, **more: Any) -> dict[str, Any]:
    metrics = {"val_bpb": value, "total_seconds": more.pop("seconds", None)}
    base = {"base": {"run_id": "a", "commit": None, "value": 1.0}} if name != "a" else {}
    return {"run_id": name, "status": status, "description": description, "metrics": metrics, **base, **more}


BASELINE = run("a", 1.0, "keep", "baseline")


def test_without_runs_there_is_nothing_to_weigh(tmp_path: Path) -> None:
    assert next_runs(tmp_path) == []


def test_a_step_that_was_kept_may_be_followed(tmp_path: Path) -> None:
    step = run("b", 0.95, "keep", "raise MATRIX_LR from 0.04 to 0.05", promoted=True)
    (first, *_) = next_runs(tmp_path, BASELINE, step)
    assert (first["action"], first["run_id"]) == ("branch_followup", "b")


def test_what_is_no_step_of_one_knob_or_does_not_lead_is_not_followed(tmp_path: Path) -> None:
    cases = {
        "two": run("b", 0.95, "keep", "raise MATRIX_LR from 0.04 to 0.05 and DEPTH from 8 to 9", promoted=True),
        "new": run("b", 0.95, "keep", "replace GELU by SwiGLU", promoted=True),
        "tie": run("b", 0.9999, "keep", "raise MATRIX_LR from 0.04 to 0.05", promoted=False),
        "lost": run("b", 1.2, "discard", "raise MATRIX_LR from 0.04 to 0.05", promoted=False),
    }
    for name, row in cases.items():
        root = tmp_path / name
        root.mkdir()
        assert "branch_followup" not in [option["action"] for option in next_runs(root, BASELINE, row)], name


def test_worth_is_told_per_minute_of_what_runs_take_here(tmp_path: Path) -> None:
    quick = run("b", 0.95, "keep", "wider", promoted=True, seconds=120.0)
    (new,) = [option for option in next_runs(tmp_path, BASELINE, quick) if option["action"] == "new"]
    assert abs(new["per_minute"] - new["worth"] / 2) < 1e-12
    other = tmp_path / "unknown"
    other.mkdir()
    options = next_runs(other, BASELINE, run("b", 0.95, "keep", "wider", promoted=True))
    (new,) = [option for option in options if option["action"] == "new"]
    assert abs(new["per_minute"] - new["worth"] / 5) < 1e-12  # the arena's budget stands in


def test_what_is_on_offer_is_told_with_the_run_it_is_about(tmp_path: Path) -> None:
    tie = run("b", 0.9995, "discard", "raise MATRIX_LR from 0.04 to 0.05")
    options = next_runs(tmp_path, BASELINE, tie)
    for option in options:
        assert {"action", "run_id", "description", "worth", "per_minute", "chance", "reruns"} <= set(option)
        assert (option["run_id"] is None) == (option["action"] == "new")
    assert "b" in [option["run_id"] for option in options]
