from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.errors import LedgerTooNew
from memorylab.index import Index, Views
from memorylab.index import acceptance as accepted
from memorylab.ledger.jsonl import JsonlLedger
from memorylab.records import Direction

RUN = st.fixed_dictionaries(
    {
        "kind": st.just("run"),
        "status": st.sampled_from(["keep", "discard", "crash"]),
        "metrics": st.fixed_dictionaries({"score": st.sampled_from([0.9, 0.95, 1.0, 1.01, None])}),
        "candidate": st.sampled_from(["a", "b", "c"]),
        "integrity": st.sampled_from(["ok", "modified", "suspect"]),
        "device": st.sampled_from(["cpu", "H100"]),
    }
)
ACCEPT = st.fixed_dictionaries({"kind": st.just("accept"), "run_id": st.integers(0, 8).map("r{}".format)})


def rows_of(drawn: list[dict[str, Any]], direction: Direction) -> list[dict[str, Any]]:
    rows, runs = [], 0
    for item in drawn:
        if item["kind"] == "run":
            arena = {"metric": "score", "direction": direction, "device": item["device"]}
            rows.append({"run_id": f"r{runs}", "description": f"idea {runs}", "arena": arena, **item})
            runs += 1
        else:
            rows.append(item)
    return rows


def index_of(path: Path, name: str, direction: Direction) -> Index:
    return Index(path.with_name(name), JsonlLedger(path), "score", direction)


def ranks(index: Index) -> list[Any]:
    index.catch_up()
    db = index.db
    found = db.execute("SELECT seq, integrity, rank FROM runs ORDER BY seq").fetchall()
    found += db.execute("SELECT id, champion, latest, home FROM arenas ORDER BY id").fetchall()
    found += db.execute("SELECT home, seq, round(contrast, 9), kind FROM contrasts ORDER BY 1, 2").fetchall()
    return (
        found + db.execute("SELECT arena, candidate, n, round(mean, 9), kept FROM candidates ORDER BY 1, 2").fetchall()
    )


@given(st.lists(st.one_of(RUN, ACCEPT), max_size=16), st.sampled_from(["min", "max"]))
@settings(max_examples=60)
def test_an_accepted_run_ranks_as_if_it_had_been_logged_so(
    tmp_path_factory: Any, drawn: list[dict[str, Any]], direction: Direction
) -> None:
    rows = rows_of(drawn, direction)
    path = tmp_path_factory.mktemp("index") / "experiments.jsonl"
    ledger, stepwise = JsonlLedger(path), index_of(path, "stepwise.sqlite", direction)
    for row in rows:
        ledger.append([row])
        stepwise.catch_up()
    at_once = index_of(path, "once.sqlite", direction)
    assert ranks(stepwise) == ranks(at_once)
    views = Views(stepwise.db)
    for arena in views.arenas():
        kept = views.contenders(arena.id, 1, kept=True)
        assert arena.champion == (kept[0].run.seq if kept else None)
    known: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["kind"] == "run":
            known[row["run_id"]] = row
        elif (of := known.get(row["run_id"])) and of["integrity"] != "ok":
            of["integrity"] = "accepted"
    for run in views.after(0):
        of = known[run.run_id]
        assert run.integrity == of["integrity"]
        assert (run.rank is None) == (run.value is None or of["integrity"] in ("modified", "suspect"))
        assert (accepted.find(stepwise.db, run.seq) is not None) == (of["integrity"] == "accepted")
    stepwise.close()
    at_once.close()


def test_an_acceptance_by_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "experiments.jsonl"
    JsonlLedger(path).append([{"kind": "accept", "schema": 99, "run_id": "r0"}])
    with pytest.raises(LedgerTooNew):
        index_of(path, "index.sqlite", "min").catch_up()


@pytest.mark.parametrize("row", [{}, {"run_id": 3}, {"run_id": "r0", "note": [1], "timestamp_utc": None}])
def test_an_acceptance_of_any_shape_is_read_without_complaint(tmp_path: Path, row: dict[str, Any]) -> None:
    path = tmp_path / "experiments.jsonl"
    marked = {"run_id": "r0", "status": "keep", "metrics": {"score": 1.0}, "integrity": "suspect"}
    JsonlLedger(path).append([marked, {"kind": "accept", **row}])
    index = index_of(path, "index.sqlite", "min")
    index.catch_up()
    assert index.db.execute("SELECT integrity FROM runs").fetchone()[0] == (
        "accepted" if row.get("run_id") == "r0" else "suspect"
    )
    index.close()
