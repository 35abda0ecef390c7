from __future__ import annotations

from pathlib import Path

from memorylab.index import Views, costs
from memorylab.ledger.jsonl import JsonlLedger
from tests.index.test_leading import index_of, row


def test_reruns_are_one_idea_and_a_run_that_nobody_timed_is_counted_as_such(tmp_path: Path) -> None:
    rows = [
        row(0, status="crash", value=None, candidate="x"),
        row(1, status="keep", value=1.0, candidate="a"),
        row(2, status="keep", value=0.9, candidate="a"),
        row(3, status="keep", value=0.8, candidate="b"),
    ]
    rows[1]["metrics"] = {**rows[1]["metrics"], "total_seconds": 10.0}
    JsonlLedger(tmp_path / "runs.jsonl").append(rows)
    index = index_of(tmp_path / "runs.jsonl", "index.sqlite")
    index.catch_up()
    assert costs.ideas_kept(index.db, None) == 2
    assert costs.untimed(index.db, None) == {"keep": 2, "crash": 1}
    arena = Views(index.db).arenas(1)[0].id
    assert costs.first_measured(index.db, arena) == 2
    assert costs.first_measured(index.db, arena + 1) is None
