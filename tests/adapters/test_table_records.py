"""Ledgers of other trackers: JSON lines, JSON exports, and tables of plain measurements."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorylab.adapters.tables import Table, read_table


def read(tmp_path: Path, name: str, text: str) -> Table:
    path = tmp_path / name
    path.write_text(text)
    return read_table(path)


def short(table: Table) -> list[tuple[str | None, float | None, str]]:
    return [(row.status, row.value, row.description) for row in table.rows]


def test_lines_with_a_header_that_names_metric_and_direction(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "loop.jsonl",
        '{"type":"config","metricName":"tok_rate","bestDirection":"higher"}\n'
        '{"run":1,"commit":"aaaaaaa","metric":10.5,"metrics":{"mem_mb":7},"status":"keep","description":"baseline"}\n'
        "not json\n"
        '{"run":2,"commit":"bbbbbbb","metric":0,"status":"crash","description":"wider"}\n'
        '{"run":3,"commit":"ccccccc","metric":9.0,"status":"discard","description":"deeper"}\n',
    )
    assert short(table) == [("keep", 10.5, "baseline"), ("crash", None, "wider"), ("discard", 9.0, "deeper")]
    assert (table.metric, table.direction, table.direction_source) == ("tok_rate", "max", "given")
    assert [problem.line for problem in table.problems] == [3]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (  # a study's trials, as one list
            "trials.json",
            '[{"number":0,"value":0.9,"state":"COMPLETE","params":{"lr":0.1}},'
            '{"number":1,"value":0.8,"state":"TrialState.COMPLETE","params":{"lr":0.2}},'
            '{"number":2,"value":0.7,"state":"PRUNED","params":{"lr":0.3}},'
            '{"number":3,"value":0.85,"state":"COMPLETE","params":{"lr":0.4}},'
            '{"number":4,"value":null,"state":"FAIL","params":{"lr":0.5}},'
            '{"number":5,"value":null,"state":"RUNNING","params":{"lr":0.6}}]',
        ),
        (  # runs below a name, metrics below another
            "runs.json",
            '{"project":"x","runs":['
            '{"state":"finished","config":{"lr":0.1},"summary":{"loss":0.9}},'
            '{"state":"finished","config":{"lr":0.2},"summary":{"loss":0.8}},'
            '{"state":"stopped","config":{"lr":0.3},"summary":{"loss":0.7}},'
            '{"state":"finished","config":{"lr":0.4},"summary":{"loss":0.85}},'
            '{"state":"crashed","config":{"lr":0.5},"summary":{}},'
            '{"state":"running","config":{"lr":0.6},"summary":{}}]}',
        ),
        (  # values of one objective
            "values.jsonl",
            "".join(
                f'{{"state":"{state}","values":{value},"params":{{"lr":{lr}}}}}\n'
                for state, value, lr in [
                    ("COMPLETE", "[0.9]", 0.1),
                    ("COMPLETE", "[0.8]", 0.2),
                    ("PRUNED", "[0.7]", 0.3),
                    ("COMPLETE", "[0.85]", 0.4),
                    ("FAIL", "null", 0.5),
                    ("RUNNING", "null", 0.6),
                ]
            ),
        ),
    ],
)
def test_measurements_without_verdicts_are_judged_by_the_best_before_them(tmp_path: Path, name: str, text: str) -> None:
    table = read(tmp_path, name, text)
    assert [row.status for row in table.rows] == ["keep", "keep", "discard", "discard", "crash", None]
    assert [row.description for row in table.rows] == [f"lr=0.{i}" for i in range(1, 7)]
    assert [row.judged for row in table.rows] == [True] * 4 + [False] * 2
    assert "4 measured rows have no verdict" in "".join(problem.what for problem in table.problems)


def test_a_plain_table_of_measurements_too(tmp_path: Path) -> None:
    table = read(tmp_path, "sweep.csv", "Name,State,val_acc,lr\nwise-owl,finished,0.7,1\nold-cat,finished,0.6,2\n")
    assert short(table) == [("keep", 0.7, "wise-owl"), ("discard", 0.6, "old-cat")]


def test_what_a_table_with_verdicts_leaves_open_stays_open(tmp_path: Path) -> None:
    table = read(tmp_path, "r.tsv", "commit\tloss\tstatus\tdescription\na\t1.0\tkeep\tx\nb\t0.5\tpending\ty\n")
    assert [row.status for row in table.rows] == ["keep", None]


@pytest.mark.parametrize(
    ("metric", "values", "zero"),
    [
        ("failed_tests", ("12", "7", "0"), 0.0),
        ("mae", ("0.5", "0.4", "0"), 0.0),
        ("val_loss", ("0.5", "0.4", "0"), None),
        ("val_bpb", ("3", "2", "0"), None),
    ],
)
def test_zero_is_a_goal_but_for_a_models_loss(
    tmp_path: Path, metric: str, values: tuple[str, ...], zero: float | None
) -> None:
    rows = "".join(f"{i}\t{value}\tkeep\tidea {i}\n" for i, value in enumerate(values))
    assert read(tmp_path, "r.tsv", f"id\t{metric}\tstatus\tdescription\n{rows}").rows[-1].value == zero


@pytest.mark.parametrize("text", ["{", "[{]", '{"a": "b"}\n', "[{}]", '{"type":"config"}\n', "[" * 100_000 + '{"a":1}'])
def test_what_is_no_ledger_has_no_runs(tmp_path: Path, text: str) -> None:
    assert all(row.status is None for row in read(tmp_path, "x.jsonl", text).rows)
