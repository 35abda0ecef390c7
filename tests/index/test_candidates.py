"""Which runs an idea is held against: found through indexes, and once for all ideas of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorylab.core.reading.ideas import Idea, make_idea
from memorylab.index import Index
from memorylab.index.recall import PER_WORD, Recall
from memorylab.ledger.jsonl import JsonlLedger


@pytest.fixture
def index(tmp_path: Path) -> Index:
    path = tmp_path / "experiments.jsonl"
    texts = [*(f"set MATRIX_LR to 0.0{n}" for n in range(1, 90)), "depth 9", "add a gate to the attention output"]
    JsonlLedger(path).append([{"run_id": text, "status": "discard", "description": text} for text in texts])
    index = Index(tmp_path / "index.sqlite", JsonlLedger(path), "val_bpb", "min")
    index.catch_up()
    return index


def candidates(recall: Recall, idea: Idea) -> list[int]:
    return recall.candidates(idea.edits, idea.words | idea.said, idea.change)


def test_runs_on_the_target_are_found_newest_first_and_no_others(index: Index) -> None:
    found = candidates(Recall(index.db), make_idea("lower MATRIX_LR to 0.003"))
    assert found == sorted(found, reverse=True) and max(found) == 89
    assert candidates(Recall(index.db), make_idea("depth 12")) == [90]


def test_an_old_run_in_the_same_state_is_found_behind_many_newer_ones(index: Index) -> None:
    assert 1 in candidates(Recall(index.db), make_idea("raise MATRIX_LR to 0.01"))
    assert len(candidates(Recall(index.db), make_idea("raise MATRIX_LR to 7"))) <= PER_WORD


def test_a_second_idea_on_the_same_things_asks_the_file_nothing(index: Index) -> None:
    recall = Recall(index.db)
    first = candidates(recall, make_idea("set MATRIX_LR to 0.05"))
    asked: list[str] = []
    index.db.set_trace_callback(asked.append)
    assert candidates(recall, make_idea("set MATRIX_LR to 0.05")) == first and asked == []


def test_a_run_is_read_with_its_edits(index: Index) -> None:
    ((told, edits),) = Recall(index.db).read([90])
    assert (told.description, [edit.target for edit in edits]) == ("depth 9", ["DEPTH"])


def test_no_question_of_the_guard_reads_all_runs(index: Index) -> None:
    asked: list[str] = []
    index.db.set_trace_callback(asked.append)
    recall = Recall(index.db)
    recall.read(candidates(recall, make_idea("set MATRIX_LR to 0.05")))
    index.db.set_trace_callback(None)
    plans = [str(row) for sql in asked for row in index.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert plans and not any("SCAN" in plan for plan in plans)
