"""The script behind the shipped counts: which ledgers it counts, and that a repository can be left out."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from memorylab.core.guard import packs
from tests.conftest import REPOSITORY

HEADER = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
BASE = "0000001\t1.000000\t1.0\tkeep\tbaseline\n"
TRY = "0000002\t1.010000\t1.0\tdiscard\traise matrix LR to 0.05\n"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(REPOSITORY / "tools" / "field_prior.py"), run_name="field_prior")


def write(directory: Path, name: str, rows: str, **about: str) -> None:
    (directory / "ledgers").mkdir(exist_ok=True)
    (directory / "ledgers" / f"{name}.tsv").write_text(HEADER + BASE + rows)
    with (directory / "ledgers.jsonl").open("a") as file:
        file.write(json.dumps({"ledger": name, "metric": "val_bpb", "direction": "min", **about}) + "\n")


def test_only_loops_that_train_language_models_count(tmp_path: Path, script: dict[str, Any]) -> None:
    write(tmp_path, "a__1", TRY, repo="a/a", domain="llm-train")
    write(tmp_path, "b__1", TRY.replace("1.01", "1.02"), repo="b/b", domain="llm-train")
    write(tmp_path, "c__1", TRY.replace("1.01", "1.03"), repo="c/c", domain="other")
    write(tmp_path, "d__1", TRY.replace("1.01", "1.04"), repo="d/d", domain="llm-train", kind="random_nas")
    script["main"]([str(tmp_path), "--output", str(tmp_path / "out" / "field.json")])
    pack = packs.parse((tmp_path / "out" / "field.json").read_text())
    assert (pack.name, pack.ledgers, pack.runs) == ("public", 2, 2)
    assert pack.cells["MATRIX_LR|up"] == (2, 2, 0, 0)


def test_a_repository_that_is_left_out_leaves_nothing_behind(tmp_path: Path, script: dict[str, Any]) -> None:
    write(tmp_path, "a__1", TRY, repo="a/a", domain="llm-train")
    write(tmp_path, "fork__1", TRY + TRY.replace("1.01", "1.02"), repo="b/fork", domain="llm-train")
    out = tmp_path / "others.json"
    script["main"]([str(tmp_path), "--output", str(out), "--leave-out", "a/a"])
    assert packs.parse(out.read_text()).runs == 1
    script["main"]([str(tmp_path), "--output", str(out), "--leave-out", "a/a", "--leave-out", "b/fork"])
    assert packs.parse(out.read_text()).runs == 0


def test_plain_tables_need_no_listing(tmp_path: Path, script: dict[str, Any]) -> None:
    (tmp_path / "results.tsv").write_text(HEADER + BASE + TRY)
    assert script["pack"](script["read"](tmp_path)).runs == 1
