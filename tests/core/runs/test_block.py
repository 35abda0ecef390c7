"""Holds what a log's end makes of a number: final, overtaken by a crash, an earlier run's, or told twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorylab.adapters.training_log import parse_log
from memorylab.core.runs import ends
from memorylab.core.runs.block import Ending
from memorylab.core.runs.crash import Cause
from memorylab.core.runs.ends import CONTRADICTED, LATE_CRASH

HEAD = "fit.py: 8 layers, 12 heads\ndata: shards/\n"
TRAINED = "".join(f"step {n:03d} ({n}.0%) | loss: {9 - n / 20:.2f} | remaining: {100 - n}s\n" for n in (1, 50, 100))
HALF = "".join(f"step {n:03d} ({n}.0%) | loss: {9 - n / 20:.2f} | remaining: {100 - n}s\n" for n in (1, 50))
BLOCK = "---\nval_bpb: 0.75\ntraining_seconds: 300.0\n"
RAISED = (
    'Traceback (most recent call last):\n  File "/l/fit.py", line 9, in <module>\n    plot()\nValueError: no font\n'
)
OOM = RAISED.replace("ValueError: no font", "torch.OutOfMemoryError: CUDA out of memory")


def read(path: Path, text: str) -> tuple[float | int | None, Ending | None]:
    path.write_text(text)
    parsed = parse_log(path)
    return parsed.metrics.get("val_bpb"), parsed.ending


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.log"


def test_a_block_behind_a_whole_training_is_final(log: Path) -> None:
    value, ending = read(log, HEAD + TRAINED + BLOCK)
    assert value == 0.75 and ending is not None
    assert (ending.finished, ending[1:]) == (True, (False, None, None))


@pytest.mark.parametrize(
    "text",
    [
        HEAD + HALF + BLOCK + OOM,  # the evaluation in the middle of the training printed it
        HEAD + HALF + BLOCK.replace("0.75", "0.8") + TRAINED.replace("step 001", "step 051") + BLOCK + HALF[-46:] + OOM,
        HEAD + TRAINED + "val_bpb: 0.75\n" + OOM,
    ],
)
def test_a_number_of_which_nobody_knows_that_it_is_final_falls_with_the_crash(log: Path, text: str) -> None:
    value, ending = read(log, text)
    assert ending is not None and not ending.finished
    end = ends.of_run("val_bpb", value, ending, failed=None, by_sidecar=False, decided=False)
    assert end.crashed and end.cause is not None and end.cause.kind == "oom"


def test_a_crash_behind_the_final_block_keeps_the_number_and_is_said(log: Path) -> None:
    value, ending = read(log, HEAD + TRAINED + BLOCK + RAISED)
    for failed in (None, Cause("exception", "ValueError: no font", "traceback"), Cause("timeout", "out of time", "x")):
        end = ends.of_run("val_bpb", value, ending, failed=failed, by_sidecar=True, decided=False)
        assert not end.crashed and [reason.kind for reason in end.reasons] == [LATE_CRASH]
        assert "val_bpb 0.75," in end.reasons[0].text


@pytest.mark.parametrize("kind", ["nan", "assertion", "unknown"])
def test_a_program_that_doubts_its_own_result_has_none(log: Path, kind: str) -> None:
    value, ending = read(log, HEAD + TRAINED + BLOCK)
    end = ends.of_run("val_bpb", value, ending, failed=Cause(kind, "x", "log"), by_sidecar=True, decided=False)
    assert end.crashed


def test_a_sidecar_or_a_persons_word_that_the_logs_end_contradicts_is_in_doubt(log: Path) -> None:
    value, ending = read(log, HEAD + HALF + "val_bpb: 0.75\n" + OOM)
    for sidecar, decided in ((True, False), (False, True)):
        end = ends.of_run("val_bpb", value, ending, failed=None, by_sidecar=sidecar, decided=decided)
        assert not end.crashed and [reason.kind for reason in end.reasons] == [CONTRADICTED]


def test_a_log_that_was_appended_to_counts_from_the_new_runs_start(log: Path) -> None:
    first = HEAD + TRAINED + BLOCK
    assert read(log, first + HEAD + TRAINED + BLOCK.replace("0.75", "0.5"))[0] == 0.5
    assert read(log, first + HEAD + HALF)[0] is None
    assert read(log, first + HEAD + OOM)[0] is None
    assert read(log, first + HALF)[0] is None, "its steps begin again"
    assert read(log, first + HEAD + HALF + "val_bpb: 0.6\n")[0] == 0.6


def test_two_values_that_differ_are_told_and_a_table_of_other_runs_is_not(log: Path) -> None:
    value, ending = read(log, HEAD + TRAINED + BLOCK + "quantizing\nfinal val_bpb: 0.79\n")
    end = ends.of_run("val_bpb", value, ending, failed=None, by_sidecar=False, decided=False)
    assert [reason.kind for reason in end.reasons] == [CONTRADICTED] and "0.79 behind" in end.reasons[0].text
    for behind in ("val_bpb: 0.750000\n", "| run 3 | val_bpb | 0.79 |\n", "best val_bpb: 0.7\n"):
        value, ending = read(log, HEAD + TRAINED + BLOCK + "\ndone\n" + behind)
        assert ends.of_run("val_bpb", value, ending, failed=None, by_sidecar=False, decided=False).reasons == ()
