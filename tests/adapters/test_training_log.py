"""Logs as training programs and their users really leave them: read right, in bounded memory and time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.adapters import training_log
from memorylab.adapters.live import ProgressReader
from memorylab.adapters.training_log import (
    ParsedLog,
    Progress,
    parse_log,
    read_progress,
    read_recent,
)
from memorylab.errors import InputError
from memorylab.records import METRIC_FIELDS

PROGRESS = "\rstep 00953 (100.0%) | loss: 3.456789 | lrm: 0.00 | dt: 315ms | mfu: 39.8% | remaining: 0s    "
BLOCK = """---
val_bpb:          0.997900
training_seconds: 300.1
total_seconds:    325.9
peak_vram_mb:     45060.2
mfu_percent:      39.80
total_tokens_M:   499.6
num_steps:        953
num_params_M:     50.3
depth:            8
"""
METRICS = {
    "val_bpb": 0.9979,
    "training_seconds": 300.1,
    "total_seconds": 325.9,
    "peak_vram_mb": 45060.2,
    "mfu_percent": 39.8,
    "total_tokens_M": 499.6,
    "num_steps": 953,
    "num_params_M": 50.3,
    "depth": 8,
}


def parse(path: Path, content: str | bytes, metric: str = "val_bpb") -> ParsedLog:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return parse_log(path, metric=metric)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.log"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_upstreams_block_is_read_whatever_ends_its_lines(log: Path, end: str) -> None:
    parsed = parse(log, (PROGRESS + "\n" + BLOCK).replace("\n", end))
    assert parsed.metrics == METRICS
    assert list(parsed.metrics) == list(METRIC_FIELDS)
    assert isinstance(parsed.metrics["num_steps"], int)
    assert parsed.saw_block
    assert parsed.decimals["val_bpb"] == 6


def test_the_last_block_wins(log: Path) -> None:
    assert parse(log, BLOCK + PROGRESS + "\n" + BLOCK.replace("0.997900", "0.981000")).metrics["val_bpb"] == 0.981


def test_a_later_rule_without_the_metric_is_no_block(log: Path) -> None:
    parsed = parse(log, BLOCK + "saved\n---\nwandb: done\n----------\n--- end ---\n---\nepochs: 3\n")
    assert parsed.metrics == METRICS


def test_other_numbers_become_metrics_and_words_become_facts(log: Path) -> None:
    parsed = parse(
        log, BLOCK + "device: cpu\ntokens: 1,234,567\nlr: 1e-3\nseed: -1\nmemory: 44 GB\nloss: .5\n\nlate: 7\n"
    )
    extra = {key: value for key, value in parsed.metrics.items() if key not in METRICS}
    assert extra == {"tokens": 1234567, "lr": 0.001, "seed": -1, "loss": 0.5}
    assert parsed.facts == {"device": "cpu", "memory": "44 GB"}
    assert parsed.decimals["lr"] == 3


def test_a_warning_inside_a_block_costs_none_of_its_known_fields(log: Path) -> None:
    head, tail = BLOCK.split("peak_vram_mb")
    parsed = parse(log, head + "W0101 torch: some warning: 12\nnoise: 3\npeak_vram_mb" + tail)
    assert parsed.metrics == METRICS


@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-Infinity"])
def test_what_left_the_numbers_is_none_and_not_zero(log: Path, value: str) -> None:
    assert parse(log, BLOCK.replace("0.997900", value)).metrics == METRICS | {"val_bpb": None}


def test_a_number_out_of_range_is_none(log: Path) -> None:
    parsed = parse(log, f"---\nval_bpb: 1\ndepth: {'9' * 400}\nnum_steps: 1e400\nmfu_percent: 1e99\n")
    assert parsed.metrics == {"val_bpb": 1, "depth": None, "num_steps": None, "mfu_percent": 1e99}
    assert parsed.lost == {"depth", "num_steps"}


def test_without_a_block_the_last_line_with_the_metric_and_its_neighbours_count(log: Path) -> None:
    parsed = parse(
        log, "val_bpb: 1.5\nstep 2\ndone\ntotal_seconds: 12.5\nval_bpb: 1.25 (best)\nnum_steps: 7\n\nbye: 3\n"
    )
    assert parsed.metrics == {"val_bpb": 1.25, "total_seconds": 12.5, "num_steps": 7}
    assert not parsed.saw_block


def test_another_metric_is_found_by_its_name(log: Path) -> None:
    text = "epoch: 3\nval/acc@1: 0.5\n\naccuracy: 0.91\n"
    assert parse(log, text, metric="accuracy").metrics == {"accuracy": 0.91}
    assert parse(log, text).metrics == {}
    assert parse(log, "---\naccuracy: 0.91\nseconds: 3\n", metric="accuracy").saw_block


def test_a_metric_in_the_middle_of_a_line_is_not_a_result(log: Path) -> None:
    assert parse(log, "best val_bpb: 0.9\nold_val_bpb: 0.8\nval_bpb: pending\n").metrics == {}


def test_powershells_utf_16_is_read(log: Path) -> None:
    assert parse(log, (PROGRESS + "\n" + BLOCK).encode("utf-16")).metrics == METRICS


def test_colours_around_a_value_do_not_hide_it(log: Path) -> None:
    assert parse(log, BLOCK.replace("0.997900", "\x1b[1m0.997900\x1b[0m")).metrics == METRICS


def test_a_crashed_log_gives_its_end_and_no_metrics(log: Path) -> None:
    parsed = parse(log, PROGRESS * 9 + "Traceback (most recent call last):\nValueError: \x1b[31mx\n")
    assert parsed.metrics == {}
    assert parsed.tail.split("\n")[1:] == ["Traceback (most recent call last):", "ValueError: x", ""]
    assert parsed.tail.startswith("step 00953")
    assert parsed.size == log.stat().st_size


@pytest.mark.parametrize("content", [b"", b"---", b"---\n", b"\0" * 9000, b"\xff\xfe---\n\x80val_bp: 1\n", b"\n" * 9])
def test_a_log_without_a_result_has_none(log: Path, content: bytes) -> None:
    parsed = parse(log, content)
    assert (parsed.metrics, parsed.facts, parsed.saw_block) == ({}, {}, False)


@given(st.binary(max_size=2000))
def test_any_bytes_before_a_block_change_nothing(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "junk.log"
    assert parse(path, junk + b"\n" + BLOCK.encode()).metrics == METRICS
    assert len(parse(path, junk).metrics) < 200


@given(st.integers(min_value=0, max_value=400))
def test_a_block_across_the_border_of_two_chunks_is_whole(
    tmp_path_factory: pytest.TempPathFactory, behind: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "border.log"
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        context.setattr(training_log, "CHUNK", 256)
        text = ("x" * 700 + "\n" + BLOCK + "more: 1\n\n" + "y" * behind).replace("\n", "\r\n")
        assert parse(path, text).metrics == METRICS | {"more": 1}


def test_a_missing_log_or_a_directory_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no log"):
        parse_log(tmp_path / "none.log")
    with pytest.raises(InputError, match=r"is a directory|is a pipe"):
        parse_log(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"is a directory|is a pipe"):
        parse_log(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_log_without_permission_is_one_clear_error(log: Path) -> None:
    log.write_text(BLOCK)
    log.chmod(0)
    with pytest.raises(InputError, match="can't read the log"):
        parse_log(log)


@pytest.mark.parametrize("filling", [b"-", b"\n---", b"\nval_bpb: x", b"\nval_bpb: nan", b"\r\0\xff\xfe"], ids=repr)
def test_300_mb_of_anything_take_seconds_and_little_memory(log: Path, filling: bytes) -> None:
    megabyte = (filling * (1_000_000 // len(filling) + 1))[:1_000_000]
    with log.open("wb") as file:
        file.write(BLOCK.encode())
        for _ in range(300):
            file.write(megabyte)
    program = (
        "import resource, sys; from pathlib import Path; from memorylab.adapters.training_log import parse_log\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak(); found = parse_log(Path(sys.argv[1])); print(peak() - before, found.metrics['val_bpb'])"
    )
    start = time.perf_counter()
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", program, str(log)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    log.unlink()
    assert time.perf_counter() - start < 5
    grown, value = done.stdout.split()
    assert int(grown) < 50_000 * (1024 if sys.platform == "darwin" else 1)  # KiB on Linux, bytes on macOS
    assert value == "0.9979"


def test_progress_lines_of_several_programs_are_read() -> None:
    upstream = "step 00042 (12.3%) | loss: 3.456789 | lrm: 1.00 | mfu: 39.8% | epoch: 1 | remaining: 10s"
    assert read_progress(upstream, 1.5) == Progress(42, 12.3, 3.456789, 10.0, 1.5)
    assert read_progress("iter 10/40: train loss 2.5, val loss 2.6", 1) == Progress(10, 25.0, 2.5, None, 1)
    assert read_progress("Step=7 train_loss=1e-2 eta 1:02:03", 1) == Progress(7, None, 0.01, 3723.0, 1)
    assert read_progress("iteration #3 loss nan ETA: 2m", 1) == Progress(3, None, None, 120.0, 1)
    assert read_progress("loss: 3.4", 1) is None
    assert read_progress("stepping 3 stones", 1) is None


def test_a_stream_in_any_pieces_gives_its_newest_progress() -> None:
    stream = PROGRESS.replace("00953", "00952").encode() + PROGRESS.encode() + b"\nevaluating\n"
    for size in (1, 7, 64, 1000):
        reader = ProgressReader()
        for start in range(0, len(stream), size):
            reader.feed(stream[start : start + size])
        newest = reader.newest(2.0)
        assert newest == Progress(953, 100.0, 3.456789, 0.0, 2.0)
        assert reader.newest(3.0) is None
        assert not reader.nan


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        (b"\rstep 00003 (0.1%) | loss: nan | remaining: 9s", True),
        (b"step 3 | loss: -inf | lrm: 1", True),
        (b"iter 10: train loss nan, val loss 2", True),
        (b"Step=3, train_loss=NaN", True),
        (b"iter 3: train loss 2.1, val loss nan", False),
        (b"step 5 | loss: 3.2 | best loss: inf", False),
        (b"step 5 | best loss: inf", False),
        (b"step 3 | loss: info", False),
        (b"step 3 | smooth_loss: nan", False),
        (b"the loss: nan would be bad", False),
        (b"step 3 | loss: 2.5 | grad: nan", False),
    ],
)
def test_only_the_training_loss_of_a_progress_line_is_a_nan(line: bytes, lost: bool) -> None:
    whole, split = ProgressReader(), ProgressReader()
    whole.feed(b"x" * 9000 + b"\n" + line + b"\n")
    for byte in line:
        split.feed(bytes([byte]))
    split.feed(b"\n")
    assert (whole.nan, split.nan) == (lost, lost)


def test_the_end_of_a_growing_log_is_read_in_bounded_memory(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("step 1 loss: 9.0\n" + "x" * 100_000 + "\rstep 7 loss: 2.5\rstep 8 loss: 2.4\nnot yet a li")
    recent = read_recent(log, 1_000)
    assert recent is not None and recent.size > 100_000 and len(recent.text) <= 1_000
    assert [(told.step, told.loss) for told in recent.progress] == [(7, 2.5), (8, 2.4)]


def test_the_end_of_a_log_keeps_its_indentation(tmp_path: Path) -> None:
    (tmp_path / "run.log").write_text("  File x\n    1 / 0\n    ~~^~~\n")
    recent = read_recent(tmp_path / "run.log")
    assert recent is not None and recent.text.rstrip() == "  File x\n    1 / 0\n    ~~^~~"


def test_a_link_or_a_directory_has_no_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("step 1")
    (tmp_path / "run.log").symlink_to(tmp_path / "secret")
    assert [read_recent(tmp_path / name) for name in ("run.log", "", "nothing")] == [None] * 3


REPORT = """
              precision    recall  f1-score   support

        rose       0.95      0.90      0.92        21
       tulip       0.91      0.95      0.93        19

    accuracy                           0.93        40
   macro avg       0.93      0.93      0.93        40

"""
FLOWERS = "Train accuracy: 1.0\n"


@pytest.mark.parametrize("stated", ["Accuracy: 0.9259", "Accuracy = 92.59%", "accuracy: 0.9259"])
@pytest.mark.parametrize("first", [True, False])
def test_a_reports_rounded_row_gives_way_to_the_number_that_it_rounds(log: Path, stated: str, first: bool) -> None:
    told = parse(log, FLOWERS + (REPORT + stated if first else stated + REPORT) + "\n", "accuracy")
    assert told.metrics["accuracy"] == pytest.approx(0.9259, abs=1e-12)
    assert told.decimals["accuracy"] == 4


def test_a_reports_row_is_read_where_nothing_else_tells_the_metric(log: Path) -> None:
    assert parse(log, FLOWERS + REPORT, "accuracy").metrics["accuracy"] == 0.93


@pytest.mark.parametrize("stated", ["Accuracy: nan", "Accuracy: 0.71"])
def test_a_reports_row_that_a_like_name_contradicts_is_not_the_metric(log: Path, stated: str) -> None:
    assert "accuracy" not in parse(log, REPORT + stated + "\n", "accuracy").metrics


@pytest.mark.parametrize("metric", ["val_loss", "val-loss", "val loss"])
def test_what_stands_between_the_words_of_a_name_may_differ(log: Path, metric: str) -> None:
    rows = "step 0: train loss 4.1, val loss 4.2\niter 10: loss 3.0\nstep 20: train loss 2.1, val loss 2.25\nend 20\n"
    assert parse(log, rows, metric).metrics[metric] == 2.25
    assert parse(log, rows.replace("2.25", "nan"), metric).lost == {metric}
    assert parse(log, rows + f"{metric}: 1.5\n", metric).metrics[metric] == 1.5


def test_another_spelling_is_not_looked_for_where_the_sidecar_tells_the_metric(log: Path) -> None:
    log.write_text("step 20: train loss 2.1, val loss 2.25\n")
    assert "val_loss" not in parse_log(log, metric="val_loss", exact=True).metrics
