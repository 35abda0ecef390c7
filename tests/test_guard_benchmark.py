"""The benchmark of the guard: one command, every table, on a directory made up here."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY

HEADER = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
ROWS = [
    ("1.000", "keep", "baseline"),
    ("1.020", "discard", "raise matrix LR to 0.05"),
    ("1.020", "discard", "MATRIX_LR = 5e-2"),
    ("0.990", "keep", "tie the embeddings"),
]


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(REPOSITORY / "benchmarks" / "guard.py"), run_name="guard")


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(directory: Path, *names: str) -> None:
    told = [f"000000{n}\t{value}\t1.0\t{status}\t{text}\n" for n, (value, status, text) in enumerate(ROWS, 1)]
    for name in names:
        (directory / f"{name}.tsv").write_text(HEADER + "".join(told))
    about = ({"ledger": name, "metric": "val_bpb", "direction": "min", "repo": "a/a"} for name in names)
    (directory / "ledgers.jsonl").write_text(lines(*about))


def test_every_rule_is_tallied_in_both_modes(
    tmp_path: Path, script: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a__1")
    script["main"]([str(tmp_path)])
    printed = capsys.readouterr().out
    assert "exploit: 4 rows of 1 ledgers of 1 repositories" in printed and "explore: 4 rows" in printed
    ours = next(line for line in printed.splitlines() if line.split()[:1] == ["ours"])
    assert "0 of 2" in ours and "1 of 2" in ours and "100.0 %" in ours
    assert all(printed.count(f"\n  {rule} ") == 2 for rule in ("ours", "reference", "family", "exact"))
    assert "p_keep: AUC " in printed and "pairs" not in printed


def test_a_repository_counts_with_three_ledgers(
    tmp_path: Path, script: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a__1", "a__2", "a__3", "a__4")
    script["main"]([str(tmp_path)])
    assert "exploit: 12 rows of 3 ledgers of 1 repositories" in capsys.readouterr().out


def test_labelled_pairs_and_nights_are_scored_beside_the_reference(
    tmp_path: Path, script: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a__1")
    pairs, nights = tmp_path / "pairs.jsonl", tmp_path / "nights.jsonl"
    pairs.write_text(
        lines(
            {"past": "raise matrix LR to 0.05", "probe": "MATRIX_LR = 5e-2", "relation": "same"},
            {"past": "warmdown 0.5 to 0.7", "probe": "warmdown 0.7 to 0.5", "relation": "opposite"},
        )
    )
    classes = ("novel", "novel", "duplicate_run", "novel")
    nights.write_text(
        lines(
            *(
                {
                    "ledger": "n",
                    "description": text,
                    "status": status,
                    "val": float(value),
                    "truth": {"class_exploit": name, "block_ok": name == "duplicate_run"},
                }
                for (value, status, text), name in zip(ROWS, classes, strict=True)
            )
        )
    )
    script["main"]([str(tmp_path), "--pairs", str(pairs), "--nights", str(nights)])
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["same", "ours", "1", *["100.0", "%"] * 5] in told
    assert ["opposite", "ours", "1", *["0.0", "%"] * 3, "100.0", "%", "0.0", "%"] in told
    assert ["ours", "4", "1", "1", *["100.0", "%"] * 3] in told


COMMIT = """diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -1,2 +1,2 @@
-MATRIX_LR = 0.04
+MATRIX_LR = {value}
 DEPTH = 8
"""


def test_real_diffs_are_held_against_their_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commits = tmp_path / "commits.jsonl"
    commits.write_text(
        lines(
            {"message": "matrix LR 0.04 -> 0.05", "diff": COMMIT.format(value=0.05)},
            {"message": "muon step size up a bit", "diff": COMMIT.format(value=0.06)},
            {"message": "MATRIX_LR 0.03", "diff": COMMIT.format(value=0.07)},
            {"message": "nothing", "diff": COMMIT.format(value=0.04)},
        )
    )
    runpy.run_path(str(REPOSITORY / "benchmarks" / "diffs.py"), run_name="diffs")["main"]([str(commits)])
    told = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line]
    assert told == [
        "3 commits whose diff changes what a run could notice; of 3 every value is read",
        "told alike by message and diff 1 of 3 33.3 %",
        "told against each other 1 of 3 33.3 %",
        "known from its message alone 1 of 3 33.3 %",
        "the same code in other words known 3 of 3 100.0 %",
        "the way back called a repeat 0 of 3 0.0 %",
    ]
