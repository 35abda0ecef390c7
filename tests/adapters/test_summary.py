"""The sidecar: what is read from it, what is refused with one clear line, and what happens when the log disagrees."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.adapters.summary import Summary, merge, read_summary
from memorylab.adapters.training_log import ParsedLog
from memorylab.errors import InputError
from memorylab.records import Metrics


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "summary.json"


def log_with(metrics: Metrics, decimals: int = 6, facts: dict[str, str] | None = None) -> ParsedLog:
    return ParsedLog(metrics, facts or {}, "", 0, True, dict.fromkeys(metrics, decimals))


def test_numbers_are_metrics_words_are_facts_and_the_rest_is_left_out(path: Path) -> None:
    path.write_text(
        '\ufeff{"val_bpb": 0.9979, "num_steps": 953, "mfu_percent": null, "device": "cpu\\u001b[31m\\n",'
        ' "compiled": true, "my_metric": -1e-3, "nested": {"a": 1}, "list": [1]}',
        encoding="utf-8",
    )
    summary = read_summary(path)
    assert summary.metrics == {"val_bpb": 0.9979, "num_steps": 953, "mfu_percent": None, "my_metric": -0.001}
    assert isinstance(summary.metrics["num_steps"], int)
    assert summary.facts == {"device": "cpu", "compiled": "true"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"{", r"is not JSON \(line 1\)"),
        (b"val_bpb: 0.99\n", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"9" * 5_000, "is not JSON"),
        (b"[1]", "is not a JSON object"),
        (b"0.99", "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b'{"a": "' + b"x" * 1_000_000 + b'"}', "is larger than 1,000,000 bytes"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_summary_that_is_no_object_of_finite_numbers_is_one_clear_error(
    path: Path, content: bytes, words: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as error:
        read_summary(path)
    assert "\n" not in str(error.value)
    assert error.value.hint


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_what_left_the_numbers_is_named_and_not_refused(path: Path, number: str) -> None:
    path.write_text(f'{{"val_bpb": {number}, "num_steps": 9}}')
    assert read_summary(path) == Summary({"val_bpb": None, "num_steps": 9}, {}, frozenset({"val_bpb"}))


def test_a_missing_summary_a_directory_and_a_pipe_are_one_clear_error(tmp_path: Path, path: Path) -> None:
    with pytest.raises(InputError, match="there is no summary"):
        read_summary(path)
    with pytest.raises(InputError, match=r"is a directory|is a pipe"):
        read_summary(tmp_path)
    os.mkfifo(path)
    with pytest.raises(InputError, match=r"is a directory|is a pipe"):
        read_summary(path)


def test_a_summary_older_than_the_run_belongs_to_a_previous_one(path: Path) -> None:
    path.write_text('{"val_bpb": 1}')
    os.utime(path, (1_000, 1_000))
    assert read_summary(path, not_before=999.5).metrics == {"val_bpb": 1}
    with pytest.raises(InputError, match="older than the commit, made at 1970-01-01 00:16:40 UTC"):
        read_summary(path, not_before=1_000.5)


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15) | st.none()


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,20}", fullmatch=True), numbers))
def test_any_object_of_finite_numbers_comes_back_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, metrics: Metrics
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(metrics))
    assert read_summary(path) == Summary(metrics, {})


def test_the_sidecar_comes_first_and_the_log_fills_what_it_lacks() -> None:
    summary = Summary({"val_bpb": 0.99791234, "mfu_percent": None}, {"device": "H200"})
    log = log_with(
        {"val_bpb": 0.997912, "mfu_percent": 39.8, "depth": 8, "num_steps": None}, 6, {"device": "x", "a": "b"}
    )
    merged = merge(summary, log, "val_bpb")
    assert merged.metrics == {"val_bpb": 0.99791234, "mfu_percent": 39.8, "depth": 8, "num_steps": None}
    assert merged.facts == {"device": "H200", "a": "b"}
    assert merged.disagreements == []


def test_either_may_be_missing() -> None:
    assert merge(None, None, "val_bpb").metrics == {}
    assert merge(None, log_with({"val_bpb": 1.5}), "val_bpb").metrics == {"val_bpb": 1.5}
    summary = Summary({"val_bpb": 1.5}, {})
    assert merge(summary, None, "val_bpb").metrics == {"val_bpb": 1.5}
    assert merge(summary, None, "val_bpb").metrics is not summary.metrics


@pytest.mark.parametrize(
    ("ours", "printed", "decimals", "agree"),
    [
        (0.99791234, 0.997912, 6, True),
        (0.9979125, 0.997912, 6, True),
        (0.997914, 0.997912, 6, False),
        (300.06, 300.1, 1, True),
        (300.2, 300.1, 1, False),
        (953, 953, 0, True),
        (954, 953, 0, False),
        (1234567.4, 1234567.0, 6, True),
        (0.0014, 0.001, 3, True),
        (0.4, 0.001, 3, False),
    ],
)
def test_the_two_agree_as_far_as_the_log_prints(ours: float, printed: float, decimals: int, agree: bool) -> None:
    merged = merge(Summary({"val_bpb": ours}, {}), log_with({"val_bpb": printed}, decimals), "val_bpb")
    assert (merged.disagreements == []) is agree
    assert merged.metrics == {"val_bpb": ours}


def test_the_metric_leads_the_disagreements() -> None:
    merged = merge(Summary({"depth": 8, "val_bpb": 0.9}, {}), log_with({"depth": 7, "val_bpb": 0.8}, 0), "val_bpb")
    assert merged.disagreements == ["depth: 8 in the summary, 7 in the log"]
    merged = merge(Summary({"depth": 8, "val_bpb": 0.9}, {}), log_with({"depth": 7, "val_bpb": 0.8}, 2), "val_bpb")
    assert merged.disagreements == [
        "val_bpb: 0.9 in the summary, 0.8 in the log",
        "depth: 8 in the summary, 7 in the log",
    ]
