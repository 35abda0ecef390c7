"""Foreign tables: one test for each thing that tables in the wild do, and a floor on real ones."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memorylab.adapters.table_cells import MISSING, number
from memorylab.adapters.table_columns import direction_by_name
from memorylab.adapters.tables import Table, read_table
from memorylab.errors import InputError
from memorylab.records import Direction

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
HEADER = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real tables is not here")


class Reader:
    """Writes a table and reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: str | bytes, metric: str | None = None, direction: Direction | None = None) -> Table:
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_table(self.path, metric=metric, direction=direction)


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path / "results.tsv")


def said(table: Table) -> str:
    return "\n".join(f"{line}: {what}" for line, what in table.problems)


# --- what a row holds


def test_the_canonical_table_is_read_as_it_stands(read: Reader) -> None:
    table = read(f"{HEADER}a1b2c3d\t0.997900\t44.0\tkeep\tbaseline\nb2c3d4e\t1.010000\t43.9\tdiscard\twider\n")
    assert table.columns == ("commit", "val_bpb", "memory_gb", "status", "description")
    assert (table.metric, table.direction, table.direction_source) == ("val_bpb", "min", "name")
    first, second = table.rows
    assert (first.line, first.commit, first.label, first.status) == (2, "a1b2c3d", None, "keep")
    assert (first.value, first.memory_gb, first.description) == (0.9979, 44.0, "baseline")
    assert first.metrics == {"val_bpb": 0.9979, "memory_gb": 44.0} and first.extra == {}
    assert (second.line, second.status, second.status_raw) == (3, "discard", "discard")
    assert table.problems == []


@pytest.mark.parametrize(
    "cell", ["0.000000", "0", "99.0", "9999.0000", "-1", "n/a", "NA", "", "-", "nan", "inf", "ERROR"]
)
def test_a_crash_without_a_measurement_has_no_value(read: Reader, cell: str) -> None:
    table = read(f"{HEADER}a1b2c3d\t1.0\t44\tkeep\tbaseline\nb2c3d4e\t{cell}\t0.0\tcrash\tout of memory\n")
    crash = table.rows[1]
    assert (crash.status, crash.value, crash.memory_gb) == ("crash", None, None)
    assert crash.metrics == {"val_bpb": None, "memory_gb": None}


def test_a_run_that_was_measured_and_then_failed_a_gate_keeps_its_value(read: Reader) -> None:
    assert read(f"{HEADER}a1b2c3d\t1.183\t44\tcrash\tover the size limit\n").rows[0].value == 1.183


def test_a_zero_is_no_measurement_where_less_is_better_and_a_score_where_more_is(read: Reader) -> None:
    lower = read(f"{HEADER}a1b2c3d\t1.0\t44\tkeep\tbase\nb2c3d4e\t0.000000\t0.0\tdiscard\tstopped early\n")
    assert [row.value for row in lower.rows] == [1.0, None]
    higher = read("commit\tsolve_rate\tstatus\tdescription\na1b2c3d\t0.0\tkeep\tbase\nb2c3d4e\t0.5\tkeep\tbetter\n")
    assert [row.value for row in higher.rows] == [0.0, 0.5]


def test_a_kept_zero_that_cannot_be_is_named(read: Reader) -> None:
    table = read(f"{HEADER}a1b2c3d\t1.0\t44\tkeep\tbase\nb2c3d4e\t0.0\t44\tkeep\twider\n")
    assert table.rows[1].value is None and "3: kept with val_bpb 0: read as not measured" in said(table)


def test_a_count_and_a_kept_value_of_what_is_no_loss_reach_zero(read: Reader) -> None:
    head = "commit\tfailed_tests\tmemory_gb\tstatus\tdescription\n"
    counts = read(
        f"{head}a1b2c3d\t3.000000\t1\tkeep\tbase\nb2c3d4e\t0.000000\t1\tkeep\tmended\nc\t0.0\t0.0\tcrash\tfell\n"
    )
    assert [row.value for row in counts.rows] == [3.0, 0.0, None]
    head = head.replace("failed_tests", "latency_ms")
    others = read(f"{head}a1b2c3d\t3.5\t1\tkeep\tbase\nb2c3d4e\t0.000000\t1\tkeep\tcached\n")
    assert [row.value for row in others.rows] == [3.5, 0.0]


def test_values_that_come_near_zero_make_zero_a_value(read: Reader) -> None:
    table = read(f"{HEADER}a1b2c3d\t1.0\t44\tkeep\tbase\nb2c3d4e\t0.001\t44\tkeep\tb\nc2c3d4e\t0.0\t44\tkeep\tc\n")
    assert table.rows[2].value == 0.0


def test_ids_that_are_no_commits_are_labels_and_placeholders_are_nothing(read: Reader) -> None:
    rows = read(
        f"{HEADER}exp001\t1\t4\tkeep\ta\n-\t1\t4\tkeep\tb\nHEAD\t1\t4\tkeep\tc\nA1B2C3D4\t1\t4\tkeep\td\n"
        "e2f3g4h\t1\t4\tkeep\te\n"
    ).rows
    assert [(row.commit, row.label) for row in rows] == [
        *((None, "exp001"), (None, None), (None, None), ("A1B2C3D4", None), (None, "e2f3g4h")),
    ]


def test_an_id_column_beside_the_commit_is_the_label(read: Reader) -> None:
    (row,) = read("exp_id\tcommit\tval_bpb\tstatus\tdescription\nA-01\tb2c3d4e\t1.0\tkeep\tbase\n").rows
    assert (row.commit, row.label) == ("b2c3d4e", "A-01")


@pytest.mark.parametrize(
    ("name", "cell", "gigabytes"),
    [
        *(("memory_gb", "44.0", 44.0), ("memory_gb", "10240", 10.0), ("peak_vram_mb", "10240", 10.0)),
        *(("vram_mb", "512", 0.5), ("memory_gb", "0.0", None), ("memory_gb", "-", None), ("memory", "8 GB", 8.0)),
        ("memory_bytes", str(3 * 1024**3), 3.0),
    ],
)
def test_memory_is_in_gigabytes_whatever_its_unit(read: Reader, name: str, cell: str, gigabytes: float | None) -> None:
    (row,) = read(f"commit\tval_bpb\t{name}\tstatus\tdescription\na1b2c3d\t1.0\t{cell}\tkeep\tbase\n").rows
    assert row.memory_gb == gigabytes


def test_other_columns_are_metrics_or_extra(read: Reader) -> None:
    (row,) = read(
        "commit\tval_bpb\tquant_gap\ttier\tartifact_mb\tstatus\tdescription\treject_reason\n"
        "a1b2c3d\t1.0\t-0.5%\tlocal\tn/a\tdiscard\twider\ttoo big\n"
    ).rows
    assert row.metrics == {"val_bpb": 1.0, "quant_gap": -0.5}
    assert row.extra == {"tier": "local", "artifact_mb": "n/a", "reject_reason": "too big"}


def test_names_that_come_twice_stay_apart(read: Reader) -> None:
    table = read("commit\tval_bpb\tval_bpb\tstatus\tdescription\na1b2c3d\t1.0\t2.0\tkeep\tbase\n")
    assert table.rows[0].metrics == {"val_bpb": 1.0, "val_bpb 2": 2.0}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(("1,234,567", 1234567.0), ("0,9979", 0.9979), ("~0.98", 0.98), ("-7.85%%", -7.85), ("1.07±0.02", 1.07)),
        *(("3.1GB", 3.1), ("1.2*", 1.2), ("1e-3", 0.001), ("", None), ("nan", None), ("~1e999", None), ("10k", None)),
        *(("v2", None), ("2026-03-19", None)),
    ],
)
def test_numbers_as_people_write_them(cell: str, value: float | None) -> None:
    assert number(cell) == value


# --- verdicts


def test_the_verdict_is_taken_from_the_text_where_no_column_has_it(read: Reader) -> None:
    table = read(
        "name\tval_bpb\tnotes\nr1\t1.0\tkeep — depth 6\nr2\t1.1\texp2 DISCARD: depth 7\nr3\t1.2\tdepth 8 wide\n"
    )
    assert [(row.status, row.description) for row in table.rows] == [
        *(("keep", "keep — depth 6"), ("discard", "exp2 DISCARD: depth 7"), (None, "depth 8 wide")),
    ]
    assert "no column of verdicts" in said(table)


def test_a_status_without_a_verdict_is_none_and_named_by_line(read: Reader) -> None:
    table = read(f"{HEADER}a1b2c3d\t1.0\t44\tkeep\tbase\nb2c3d4e\t1.0\t44\tzebra\twider\n")
    assert (table.rows[1].status, table.rows[1].status_raw) == (None, "zebra")
    assert "3: no verdict: the status is 'zebra'" in said(table)


def test_of_two_verdict_columns_the_one_with_verdicts_counts(read: Reader) -> None:
    text = "commit\tstatus\tdecision\tval_bpb\na1b2c3d\tfinished\tKEPT\t1.0\nb2c3d4e\tfinished\tREVERT\t1.1\n"
    assert [row.status for row in read(text).rows] == ["keep", "discard"]


def test_a_verdict_column_with_a_name_nobody_knows_is_found_by_its_cells(read: Reader) -> None:
    text = "commit\tval_bpb\tfate\tdescription\na1b2c3d\t1.0\tkept\tb\nb2c3d4e\t1.1\treverted\tc\n"
    assert [row.status for row in read(text).rows] == ["keep", "discard"]


# --- metric and direction


@pytest.mark.parametrize(
    ("names", "metric"),
    [
        *((("quant_gap", "val_bpb"), "val_bpb"), (("seed", "train_seconds", "elo"), "elo")),
        *((("steps", "tok_per_sec"), "tok_per_sec"), (("train_loss", "val_f1"), "val_f1")),
        *((("matched_control_val_bpb", "final_val_bpb"), "final_val_bpb"), (("mfu", "latency_us"), "latency_us")),
        *((("metric_before", "metric_after", "delta"), "metric_after"), (("decode_tok_s", "accuracy"), "decode_tok_s")),
    ],
)
def test_the_metric_is_the_best_known_name_or_the_first_number_that_may_be_one(
    read: Reader, names: tuple[str, ...], metric: str
) -> None:
    cells = "\t".join("1.5" for _ in names)
    table = read("commit\t" + "\t".join(names) + f"\tstatus\tdescription\na1b2c3d\t{cells}\tkeep\tbase\n")
    assert table.metric == metric


def test_a_metric_column_that_is_mostly_empty_is_passed_over(read: Reader) -> None:
    rows = "".join(f"a1b2c3{i}\t0.000000\t1.{i}\tkeep\trun {i}\n" for i in range(5))
    assert read(f"commit\tval_bpb\tquantized_val_bpb\tstatus\tdescription\n{rows}").metric == "quantized_val_bpb"


def test_crashes_do_not_count_when_a_column_is_called_empty(read: Reader) -> None:
    rows = "".join(f"a1b2c3{i}\t0.0\t1.{i}\tcrash\trun {i}\n" for i in range(5))
    assert (
        read(f"commit\taccuracy\tlatency_s\tstatus\tdescription\na1b2c3d\t0.7\t2\tkeep\tb\n{rows}").metric == "accuracy"
    )


def test_the_metric_asked_for_is_taken_and_must_exist(read: Reader) -> None:
    text = "commit\tval_bpb\tTrain Loss\tstatus\ttag\na1b2c3d\t1.0\t2.0\tkeep\tx\n"
    assert read(text, metric="train_loss").rows[0].value == 2.0
    with pytest.raises(InputError, match=r"no column 'elo'.*numeric columns are val_bpb, Train Loss"):
        read(text, metric="elo")
    with pytest.raises(InputError, match="no column 'tag'"):
        read(text, metric="tag")


def test_a_table_of_crashes_still_has_the_metric_that_its_header_names(read: Reader) -> None:
    assert read(f"{HEADER}a1b2c3d\tN/A\tN/A\tcrash\tout of memory\n").metric == "val_bpb"
    assert read(HEADER, metric="val_bpb").metric == "val_bpb"


def test_the_long_format_has_one_metric_a_row(read: Reader) -> None:
    text = "id\tmetric\tvalue\tdecision\n1\tval_loss\t2.1\tkeep\n1\tacc\t0.5\tkeep\n2\tval_loss\t2.2\trevert\n"
    table = read(text)
    assert (table.metric, table.direction) == ("val_loss", "min")
    assert [row.value for row in table.rows] == [2.1, None, 2.2]
    assert [row.value for row in read(text, metric="acc").rows] == [None, 0.5, None]


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        *(("val_bpb", "min"), ("rmse", "min"), ("latency_us", "min"), ("error_rate", "min"), ("ms_per_step", "min")),
        *(("val_acc", "max"), ("elo", "max"), ("decode_tok_s", "max"), ("tokens_per_sec", "max"), ("pass_rate", "max")),
        *(("val_map50_95", "max"), ("macro_f1", "max"), ("reg_r2", "max"), ("speedup ↓", "min"), ("gap (↑)", "max")),
        *(("metric", None), ("value", None), ("tokens", None)),
    ],
)
def test_the_direction_by_name(name: str, direction: str | None) -> None:
    assert direction_by_name(name) == direction


def verdict_table(values: list[tuple[float, str]]) -> str:
    rows = "".join(f"{i:07x}\t{value}\t{status}\trun {i}\n" for i, (value, status) in enumerate(values, start=10))
    return f"commit\tzeta\tstatus\tdescription\n{rows}"


RISING = [(1.0, "keep"), (2.0, "keep"), (1.5, "discard"), (3.0, "keep"), (2.0, "discard")]


def test_a_name_that_says_nothing_leaves_the_direction_to_the_verdicts(read: Reader) -> None:
    up, down = read(verdict_table(RISING)), read(verdict_table([(10 - value, status) for value, status in RISING]))
    assert (up.direction, up.direction_source) == ("max", "verdicts")
    assert (down.direction, down.direction_source) == ("min", "verdicts")


def test_without_any_evidence_less_is_better(read: Reader) -> None:
    table = read(verdict_table([(1.0, "keep"), (1.0, "discard")]))
    assert (table.direction, table.direction_source) == ("min", "default")


def test_baselines_are_not_evidence_of_a_direction(read: Reader) -> None:
    baselines = [(4.0, "baseline"), (3.0, "baseline"), (2.0, "baseline"), (1.0, "baseline")]
    table = read(verdict_table([*baselines, (5.0, "keep"), (4.5, "discard"), (4.6, "discard")]))
    assert (table.direction, table.direction_source) == ("max", "verdicts")


@pytest.mark.parametrize(
    "comment", ["# metric_direction: higher_is_better", "# direction: maximize", "#higher is better"]
)
def test_a_comment_may_give_the_direction_and_the_caller_overrules_it(read: Reader, comment: str) -> None:
    text = f"{comment}\n{HEADER}a1b2c3d\t1.0\t44\tkeep\tbase\n"
    assert read(text)[2:4] == ("max", "given")
    assert read(text, direction="min")[2:4] == ("min", "given")


# --- bytes and lines


def test_line_ends_and_a_byte_order_mark_make_no_difference(read: Reader) -> None:
    text = f"{HEADER}a1b2c3d\t1.0\t44\tkeep\tbase line\nb2c3d4e\t1.1\t44\tdiscard\twider — σ\n"
    plain = read(text)
    mixed = text.replace("line\n", "line\r\n")
    for variant in (
        *(text.replace("\n", "\r\n"), text.replace("\n", "\r"), mixed, text.rstrip("\n"), f"\ufeff{text}"),
        *(text.encode("utf-16"), text.encode("utf-16-le"), text.encode("utf-16-be")),
    ):
        table = read(variant)
        assert table.rows == plain.rows and table.problems == []


def test_a_carriage_return_inside_a_cell_ends_no_line(read: Reader) -> None:
    table = read(f"{HEADER}a1b2c3d\t1.0\t44\tkeep\tstep 1\rstep 2\n")
    assert [row.description for row in table.rows] == ["step 1\rstep 2"]


def test_bad_bytes_are_replaced_and_named(read: Reader) -> None:
    table = read(HEADER.encode() + b"a1b2c3d\t1.0\t44\tke\0ep\tw\xffder\n")
    assert (table.rows[0].status, table.rows[0].description) == ("keep", "w\ufffdder")
    assert "2: NUL bytes taken out" in said(table) and "2: bytes that are not UTF-8 were replaced" in said(table)


def test_a_tab_spelled_out_is_a_tab_only_where_cells_are_missing(read: Reader) -> None:
    table = read(
        f"{HEADER}a1b2c3d\\t1.0\\t44\\tkeep\\tbase\nb2c3d4e\t1.1\\t44\\tdiscard\\twider\nc3d4e5f\t1.2\t4\tkeep\tC:\\tmp\n"
    )
    assert [(row.value, row.status, row.description) for row in table.rows] == [
        *((1.0, "keep", "base"), (1.1, "discard", "wider"), (1.2, "keep", "C:\\tmp")),
    ]
    assert table.problems == []


def test_csv_quoting_is_undone_and_may_span_lines(read: Reader) -> None:
    table = read(
        '"commit","val_bpb","status","description"\na1b2c3d, 1.0, keep, "a, b ""q"""\n'
        'b2c3d4e,1.1,discard,"two\nlines"\nc3d4e5f,1.2,keep,plain\n'
    )
    assert [row.description for row in table.rows] == ['a, b "q"', "two lines", "plain"]
    assert [row.line for row in table.rows] == [2, 3, 5]


def test_quotes_that_are_no_csv_quoting_are_signs_like_others(read: Reader) -> None:
    descriptions = ['"a" and "b"', 'say "x', '"open', '"open again', 'closed"', '24" wide']
    rows = "".join(f"a1b2c3{i}\t1.0\t44\tkeep\t{text}\n" for i, text in enumerate(descriptions))
    assert [row.description for row in read(HEADER + rows).rows] == descriptions


def test_commas_in_an_unquoted_description_stay_in_it(read: Reader) -> None:
    table = read("commit,val_bpb,status,description\na1b2c3d,1.0,keep,lower lr, then raise it\n")
    assert table.rows[0].description == "lower lr, then raise it"
    assert "2: 5 cells under 4 columns, cells were joined under 'description'" in said(table)


@pytest.mark.parametrize(
    "text",
    [
        "commit;val_bpb;status;description\na1b2c3d;0,997;keep;base line\n",
        "commit   val_bpb  status    description\na1b2c3d  0.997    keep      base line\n",
        "# commit\tval_bpb\tstatus\tdescription\na1b2c3d\t0.997\tkeep\tbase line\n",
    ],
)
def test_other_delimiters_and_a_commented_header(read: Reader, text: str) -> None:
    (row,) = read(text).rows
    assert (row.commit, row.value, row.status, row.description) == ("a1b2c3d", 0.997, "keep", "base line")


def test_a_markdown_table_between_prose(read: Reader) -> None:
    table = read(
        "# Results\n\nSome words, first.\n\n| commit | val_bpb | status | description |\n|---|:--:|---|---|\n"
        "| `a1b2c3d` | **0.99** | keep | base \\| line |\n\nThe end.\n"
    )
    (row,) = table.rows
    assert (row.line, row.commit, row.value, row.description) == (7, "a1b2c3d", 0.99, "base | line")
    assert "3: not a table row: Some words, first." in said(table) and "9: not a table row: The end." in said(table)


# --- headers


def test_five_columns_without_a_header_are_the_canonical_ones(read: Reader) -> None:
    table = read("exp001\t1.23\t44.0\tkeep\tbase\nexp002\t0.000000\t0.0\tcrash\twider\n")
    assert table.metric == "val_bpb" and [row.value for row in table.rows] == [1.23, None]
    assert "1: no header line" in said(table)


def test_other_shapes_without_a_header_are_told_from_their_cells(read: Reader) -> None:
    row = "\t{value}\t0.4\t12\tlocal\t{status}\t{text}\t2026-05-01\n"
    statuses = ("keep", "discard", "keep", "crash")
    table = read(
        "".join(
            f"a1b2c3{i}\t{i}" + row.format(value=2 - i / 10, status=status, text=f"a longer description {i}")
            for i, status in enumerate(statuses)
        )
    )
    assert [row.status for row in table.rows] == list(statuses)
    assert [row.value for row in table.rows] == [2.0, 1.9, 1.8, 1.7]
    assert table.rows[1].commit == "a1b2c31" and table.rows[1].label == "1"
    assert table.rows[1].description == "a longer description 1"


def test_names_that_nobody_knows_are_a_header_above_numbers(read: Reader) -> None:
    table = read("strategy\tgames played\twins\nfoo\t10\t3\nbar\t10\t4\n")
    assert table.columns == ("strategy", "games played", "wins") and len(table.rows) == 2


def test_a_header_that_comes_again_is_passed_over(read: Reader) -> None:
    row = "a1b2c3d\t1.0\t44\tkeep\tbase\n"
    table = read(HEADER + row + HEADER + row)
    assert [row.line for row in table.rows] == [2, 4] and table.problems == []


def test_a_row_whose_cells_are_words_that_name_columns_is_no_header(read: Reader) -> None:
    table = read(f"{HEADER}run\tn/a\t-\tkeep\tresult\nexp\t1.0\t44\tkeep\tnote\n")
    assert [row.label for row in table.rows] == ["run", "exp"]


def test_columns_may_change_in_the_middle(read: Reader) -> None:
    table = read(
        f"{HEADER}a1b2c3d\t1.0\t44\tkeep\tbase\n=====\nNow with another harness.\n=====\n"
        "exp,val_bpb,verdict,notes\nexp1,0.9,KEPT,wider\nexp2,0.95,REVERTED:too_eager,deeper\n"
    )
    assert [(row.line, row.label, row.value, row.status, row.description) for row in table.rows] == [
        *((2, None, 1.0, "keep", "base"), (7, "exp1", 0.9, "keep", "wider")),
        (8, "exp2", 0.95, "discard", "deeper"),
    ]
    assert "4: not a table row: Now with another harness." in said(table)
    assert "6: the columns change here to exp, val_bpb, verdict, notes" in said(table)


def test_values_of_another_metric_are_not_mixed_in(read: Reader) -> None:
    table = read(
        "commit\tval_bpb\tstatus\tdescription\na1b2c3d\t1.0\tkeep\ta\nb1b2c3d\t1.1\tdiscard\tb\n"
        "commit\tval_acc\tstatus\tdescription\nc1b2c3d\t0.5\tkeep\tc\n"
    )
    assert table.metric == "val_bpb" and [row.value for row in table.rows] == [1.0, 1.1, None]
    assert table.rows[2].metrics == {"val_acc": 0.5}
    assert "4: rows below this header without a value of val_bpb: 1" in said(table)


# --- rows that are none, and rows out of shape


def test_titles_and_prose_between_the_rows_are_skipped_by_line(read: Reader) -> None:
    table = read(
        f"{HEADER}---\tWider models (40 min)\t---\t---\na1b2c3d\t1.0\t44\tkeep\tbase\nimport os\nimport sys\n"
        "---\tDeeper models\t---\t---\t---\nb2c3d4e\t1.1\t44\tdiscard\tdeeper\n"
    )
    assert [row.line for row in table.rows] == [3, 7]
    assert [problem.line for problem in table.problems] == [2, 4, 6]
    assert "4: not a table row: import os (and so up to line 5)" in said(table)


def test_an_empty_placeholder_is_skipped_by_line(read: Reader) -> None:
    table = read(f"{HEADER}a1b2c3d\t\t\tkeep\t\na1b2c3d\t1.0\t44\tkeep\tbase\nb1b2c3d\t0.000000\t0.0\tcrash\t\n")
    assert [row.line for row in table.rows] == [3, 4]
    assert "2: skipped, a row with neither a value nor a description: a1b2c3d keep" in said(table)


def test_ragged_rows_are_set_right_by_their_verdict(read: Reader) -> None:
    row = "a1b2c3d\t1.0\t44\tkeep\tbase\n"
    table = read(
        f"{HEADER}{row}b2c3d4e\t1.1\tdiscard\tno memory\nc2c3d4e\t1.2\t\t\tdiscard\ttwo blanks\nd2c3d4e\t1.3\t4\tkeep\n"
    )
    assert [(row.value, row.status, row.description) for row in table.rows] == [
        *((1.0, "keep", "base"), (1.1, "discard", "no memory"), (1.2, "discard", "two blanks"), (1.3, "keep", "")),
    ]
    assert "3: 4 cells under 5 columns, cells are missing before the verdict" in said(table)
    assert "4: 6 cells under 5 columns, empty cells before the verdict were left out" in said(table)


def test_problems_are_bounded(read: Reader) -> None:
    table = read(HEADER + "".join(f"a1b2c3d\t1.0\t4\tkeep\tx\nprose {i}\n" for i in range(1500)))
    assert len(table.rows) == 1500 and len(table.problems) == 1001
    assert table.problems[-1].what == "500 more problems, not listed"


def test_a_line_of_megabytes_is_skipped(read: Reader) -> None:
    table = read(f"{HEADER}a1b2c3d\t1.0\t44\tkeep\t{'x' * (3 << 20)}\nb2c3d4e\t1.1\t44\tkeep\tb\n")
    assert [row.line for row in table.rows] == [3]
    assert "2: skipped: longer than 1048576 characters" in said(table)


# --- files


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\x89PNG\x00\x01\xff\xfe\n\x00\x01,\x02", b"words\nand more\n"]
)
def test_a_file_without_a_table_has_no_rows_and_says_so(read: Reader, content: bytes) -> None:
    table = read(content)
    assert table.rows == [] and table.metric is None
    assert "no table found" in said(table)


def test_a_missing_file_and_a_directory_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "results.tsv")
    with pytest.raises(InputError, match="is a directory"):
        read_table(tmp_path)


# --- laws

CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40).map(str.strip)
TEXT = CELL.filter(lambda text: not (text.startswith('"') or "\\t" in text or text.casefold() in MISSING))
VALUE = st.floats(0.0001, 1e6, allow_nan=False).map(lambda value: round(value, 6))
RUN = st.tuples(st.from_regex(r"[0-9a-f]{7}", fullmatch=True), VALUE, VALUE, st.sampled_from(["keep", "discard"]), TEXT)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RUN, min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_a_canonical_writer_writes_comes_back(read: Reader, runs: list[tuple[Any, ...]], end: str) -> None:
    lines = ["\t".join(map(str, run)) for run in runs]
    table = read(end.join([HEADER.rstrip("\n"), *lines, ""]))
    assert [(row.commit, row.value, row.status, row.description) for row in table.rows] == [
        (commit, value, status, text) for commit, value, _, status, text in runs
    ]
    assert [row.line for row in table.rows] == list(range(2, len(runs) + 2))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_make_it_fail(read: Reader, junk: bytes, with_header: bool) -> None:
    table = read(HEADER.encode() + junk if with_header else junk)
    assert all(row.line >= 1 for row in table.rows)


# --- real tables


def corpus_reading() -> dict[str, list[dict[str, Any]]]:
    """The hand-checked reading of every row, by table."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(CORPUS / "normalized.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows[row["ledger_id"]].append(row)
    return rows


@needs_corpus
def test_real_tables_are_read_as_a_person_reads_them() -> None:
    index = {row["ledger_id"]: row for row in map(json.loads, (CORPUS / "index.jsonl").read_text().splitlines())}
    statuses = {"keep": "keep", "baseline": "keep", "discard": "discard", "crash": "crash"}
    total = same_status = same_value = tables = same_metric = same_direction = 0
    for name, expected in corpus_reading().items():
        table = read_table(CORPUS / "raw" / f"{name}.tsv")
        assert len(table.rows) == len(expected), name
        total += len(expected)
        # Where a table judges nothing, neither did the person; those rows are told apart from the judged ones.
        said = [None if row.judged else row.status for row in table.rows]
        same_status += sum(a == statuses.get(b["status"]) for a, b in zip(said, expected, strict=True))
        same_value += sum(a.value == b["metric"] for a, b in zip(table.rows, expected, strict=True))
        if any(row["metric"] is not None for row in expected):
            tables += 1
            same_metric += table.metric == index[name]["metric"]
            same_direction += table.direction == {"lower": "min", "higher": "max"}[index[name]["direction"]]
    assert same_status / total > 0.999 and same_value / total > 0.998
    assert same_metric == tables and same_direction >= tables - 1


@needs_corpus
def test_real_canonical_tables_give_one_row_a_line_as_written() -> None:
    described = {row["ledger"]: row for row in map(json.loads, (CORPUS / "ledgers.jsonl").read_text().splitlines())}
    for path in sorted((CORPUS / "ledgers").glob("*.tsv")):
        lines = [line.split("\t") for line in path.read_bytes().decode().split("\n")[1:] if line]
        table = read_table(path)
        assert [(row.status, row.description) for row in table.rows] == [(cells[3], cells[4]) for cells in lines]
        assert table.problems == []
        assert (table.metric, table.direction) == (described[path.stem]["metric"], described[path.stem]["direction"])
