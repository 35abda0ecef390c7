"""Holds that a run becomes what its log says from beginning to end, through `run` and `log` alike."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

TRAINED = "step 090 (100.0%) | loss: 2.25 | remaining: 0s\n"
BLOCK = "---\nval_bpb: 0.875\ntraining_seconds: 300.0\n"
RAISED = 'Traceback (most recent call last):\n  File "/l/fit.py", line 9, in <module>\n    draw()\n'
PLOTTING = RAISED + "ValueError: no font\n"
OOM = RAISED + "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB\n"


def run(lab: Shell, text: str, *, exit_code: int = 0, description: str = "x") -> dict[str, Any]:
    (lab.root / "told.txt").write_text(text)
    command = ("--", "sh", "-c", f"cat told.txt; exit {exit_code}")
    row: dict[str, Any] = json.loads(lab.ok("run", "--json", "--no-check", "--description", description, *command))
    return row


@pytest.mark.parametrize("exit_code", [0, 1])
def test_a_crash_behind_the_final_block_keeps_the_number_and_says_both(lab: Shell, exit_code: int) -> None:
    row = run(lab, TRAINED + BLOCK + PLOTTING, exit_code=exit_code)
    assert (row["status"], row["metrics"]["val_bpb"], row["error"]) == ("keep", 0.875, None)
    (reason,) = row["integrity_reasons"]
    assert reason["kind"] == "late_crash" and "0.875," in reason["text"] and "no font" in reason["text"]
    assert lab.json("best")["champion"]["run_id"] == row["run_id"]


@pytest.mark.parametrize("exit_code", [0, 1])
def test_a_crash_behind_an_evaluation_in_the_middle_is_a_crash_that_names_the_number(
    lab: Shell, exit_code: int
) -> None:
    text = "step 10 | loss: 3\nval_bpb: 1.25\nstep 20 | loss: 2.5\n" + OOM
    row = run(lab, text, exit_code=exit_code)
    assert (row["status"], row["error"]["kind"]) == ("crash", "oom")
    assert row["error"]["summary"].endswith("at fit.py:9; val_bpb 1.25 was printed before it")
    logged = lab.root / "by-hand.log"
    logged.write_text(text)
    by_hand = lab.json("log", "--description", "y", "--log", str(logged), "--status", "auto")
    assert (by_hand["status"], by_hand["error"]["kind"]) == ("crash", "oom")
    sure = lab.json("log", "--description", "z", "--log", str(logged), "--status", "keep")
    assert (sure["status"], sure["integrity"]) == ("keep", "suspect")
    assert lab.json("best")["champion"] is None


@pytest.mark.parametrize("told", ["nan", "inf", "-inf", "tensor(nan)"])
def test_a_result_that_left_the_numbers_is_a_crash_and_evidence(lab: Shell, told: str) -> None:
    row = run(lab, TRAINED + BLOCK.replace("0.875", told), description="raise MATRIX_LR from 0.04 to 0.9")
    assert (row["status"], row["error"]["kind"]) == ("crash", "nan")
    assert "val_bpb is NaN or infinite" in row["error"]["summary"]
    asked = lab.json("check", "--description", "raise MATRIX_LR from 0.04 to 0.9")
    assert asked["policy"]["decision"] == "block"


def test_machine_trouble_and_its_siblings_block_nothing(lab: Shell) -> None:
    for number, line in enumerate(("OSError: [Errno 98] Address already in use", "PermissionError: [Errno 13] x")):
        idea = f"set WARMUP to 0.{number + 1}"
        row = run(lab, RAISED + line + "\n", exit_code=1, description=idea)
        assert (row["error"]["kind"], row["decision_packet"]["next_action"]) == ("machine", "fix_and_retry")
        assert lab.json("check", "--description", idea)["policy"]["decision"] != "block"


@pytest.mark.parametrize(
    ("sidecar", "said"),
    [
        ('{"val_bpb": "0.9"}', "the summary has no number val_bpb; it has val_bpb 0.9"),
        ('{"timeout": true, "error": 0.5}', "it has timeout true, error 0.5"),
    ],
)
def test_a_sidecar_without_the_number_is_quoted(lab: Shell, sidecar: str, said: str) -> None:
    command = ("--", "sh", "-c", f"printf '%s' '{sidecar}' > \"$AUTORESEARCH_SUMMARY_PATH\"")
    row = json.loads(lab.ok("run", "--json", "--description", "x", *command))
    assert (row["status"], row["error"]["kind"]) == ("crash", "no_result")
    assert said in row["error"]["summary"]


def test_no_clock_makes_a_runs_own_sidecar_another_ones(lab: Shell) -> None:
    ahead = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(time.time() + 600))
    lab.environment |= {"GIT_COMMITTER_DATE": ahead, "GIT_AUTHOR_DATE": ahead}
    lab.commit("X = 2\n")
    write = 'printf \'{"val_bpb": 0.5}\' > "$AUTORESEARCH_SUMMARY_PATH"'
    row = json.loads(lab.ok("run", "--json", "--description", "x", "--", "sh", "-c", write))
    assert (row["status"], row["metrics"]["val_bpb"]) == ("keep", 0.5)


def test_a_log_by_hand_without_the_metric_records_nothing(lab: Shell, tmp_path: Path) -> None:
    log = tmp_path / "fit.log"
    log.write_text(TRAINED + "Val BPB: 0.875\n")
    for status in ("auto", "keep"):
        said = lab.refused("log", "--description", "x", "--log", str(log), "--status", status)
        assert 'the log has "Val BPB: 0.875": set metric = "Val BPB"' in said
    assert lab.ledger() == []


def test_measuring_the_noise_without_a_measurement_fails(lab: Shell) -> None:
    done = lab.run("noise", "--calibrate", "2", "--", "sh", "-c", "exit 3")
    assert done.returncode == 1
    assert "none of the 2 runs measured val_bpb" in done.stderr


def test_numbers_of_every_size_are_read_back_from_the_table(lab: Shell) -> None:
    for number, value in enumerate((1.23456789e-08, 0.000123456789, 0.0, 0.9979, 1234567890.5)):
        run(lab, f"---\nval_bpb: {value!r}\n", description=f"set A{number} to {number}")
    cells = [line.split("\t")[1] for line in (lab.root / "results.tsv").read_text().splitlines()[1:]]
    assert [float(cell) for cell in cells] == [1.23456789e-08, 0.000123456789, 0.0, 0.9979, 1234567890.5]
    assert cells[3] == "0.997900"
