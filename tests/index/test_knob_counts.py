"""What the index keeps of knobs: counts without a scan, and the names that the ledger taught."""

from __future__ import annotations

from pathlib import Path

from memorylab.core.reading.dialect import Dialect
from memorylab.core.reading.identifiers import target_of
from memorylab.core.reading.own import Own
from memorylab.index import Index, Views
from memorylab.ledger.jsonl import JsonlLedger


def index_of(path: Path, own: Own | None = None) -> Index:
    return Index(path.with_name("index.sqlite"), JsonlLedger(path), "val_bpb", "min", Dialect(own))


def write(path: Path, *texts: str, status: str = "discard") -> None:
    JsonlLedger(path).append([{"run_id": text, "status": status, "description": text} for text in texts])


def targets(index: Index) -> list[str]:
    return [row[0] for row in index.db.execute("SELECT target FROM edits ORDER BY seq")]


def test_knobs_are_counted_by_status_the_most_tried_first(tmp_path: Path) -> None:
    path = tmp_path / "experiments.jsonl"
    write(path, "depth 9", "MATRIX_LR 0.05", "raise MATRIX_LR to 0.06", "tie embeddings")
    write(path, "depth 10", "MATRIX_LR 0.03", status="keep")
    index = index_of(path)
    index.catch_up()
    assert Views(index.db).knobs(1, 5) == [
        ("MATRIX_LR", {"keep": 1, "discard": 2, "crash": 0}),
        ("DEPTH", {"keep": 1, "discard": 1, "crash": 0}),
    ]


def test_a_name_that_a_row_taught_is_read_in_later_rows_also_by_a_later_process(tmp_path: Path) -> None:
    path = tmp_path / "experiments.jsonl"
    write(path, "zeta span 7", "ZETA_SPAN=9", "zeta span 14")
    first = index_of(path)
    first.catch_up()
    assert targets(first)[1:] == ["ZETA_SPAN"] * 2 != targets(first)[:2]
    first.close()
    write(path, "raise zeta span to 20")
    later = index_of(path)
    later.catch_up()
    assert targets(later)[3] == "ZETA_SPAN"
    assert target_of("zeta_span") == "ZETA_SPAN"


def test_other_words_of_the_user_build_the_index_anew_and_learnt_ones_do_not(tmp_path: Path) -> None:
    path = tmp_path / "experiments.jsonl"
    write(path, "flux gate 3")
    plain = index_of(path)
    plain.catch_up()
    plain.dialect.learn(["FLUX_GATE"])
    before = targets(plain)
    plain.close()
    again = index_of(path)
    again.dialect.learn(["FLUX_GATE"])
    again.catch_up()
    assert targets(again) == before
    again.close()
    declared = index_of(path, Own((("MY_KNOB", ("flux gate",)),)))
    declared.catch_up()
    assert targets(declared) == ["MY_KNOB"]


def test_no_question_about_knobs_reads_all_runs(tmp_path: Path) -> None:
    path = tmp_path / "experiments.jsonl"
    write(path, "MATRIX_LR 0.05", "ZETA_SPAN=9")
    index = index_of(path)
    index.catch_up()
    asked: list[str] = []
    index.db.set_trace_callback(asked.append)
    views = Views(index.db)
    views.knobs(1, 5)
    views.tried("MATRIX_LR", 100)
    index._learn()
    index.db.set_trace_callback(None)
    plans = [str(row) for sql in asked for row in index.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert plans and not any("SCAN" in plan for plan in plans)
