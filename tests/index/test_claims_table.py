from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.errors import LedgerTooNew
from memorylab.index import Index, claims
from memorylab.ledger.jsonl import JsonlLedger

BEFORE, AFTER = 1_790_000_000.0, 1_790_003_600.0  # 2026-09-21 14:13:20 UTC, an hour later
ENDS = "2026-09-21T14:30:00Z"


def claim(name: str, **values: Any) -> dict[str, Any]:
    return {
        "kind": "claim",
        "claim_id": name,
        "expires_utc": ENDS,
        "owner": "ann",
        "description": "MATRIX_LR 0.05",
    } | values


def run(name: str, **values: Any) -> dict[str, Any]:
    return {"run_id": name, "status": "discard", "description": "x", "metrics": {"val_bpb": 1.0}} | values


def index_of(path: Path, name: str = "index.sqlite") -> Index:
    return Index(path.with_name(name), JsonlLedger(path), "val_bpb", "min")


def held(path: Path, *rows: dict[str, Any], now: float = BEFORE) -> list[str]:
    JsonlLedger(path).append(rows)
    index = index_of(path)
    index.catch_up()
    found = claims.active(index.db, now)
    index.close()
    return [claim.claim_id for claim in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "experiments.jsonl"


def test_a_claim_holds_until_its_lease_ends(path: Path) -> None:
    assert held(path, claim("a")) == ["a"]
    assert held(path, now=AFTER) == []


def test_a_release_ends_only_the_claim_it_names(path: Path) -> None:
    assert held(path, claim("a"), claim("b"), {"kind": "release", "claim_id": "a"}) == ["b"]


def test_a_run_ends_the_claim_that_it_fulfils(path: Path) -> None:
    assert held(path, claim("a"), claim("b"), run("r1", claim="b"), run("r2", claim=None)) == ["a"]


def test_a_later_row_of_the_same_claim_renews_it(path: Path) -> None:
    rows = (claim("a"), claim("a", expires_utc="2026-09-21T18:00:00Z"))
    assert held(path, *rows, now=AFTER) == ["a"]


@pytest.mark.parametrize(
    "row",
    [
        claim(""),
        claim("a", claim_id=7),
        claim("a", expires_utc=None),
        claim("a", expires_utc="for ever"),
        claim("a", expires_utc=1_790_000_000),
        {"kind": "release"},
        {"kind": "release", "claim_id": ["a"]},
        {"kind": ["claim"]},
        {"kind": "note", "claim_id": "a"},
        run("r", claim={"a": 1}),
    ],
)
def test_a_row_that_makes_no_sense_claims_nothing_and_stops_nobody(path: Path, row: dict[str, Any]) -> None:
    assert held(path, row, claim("b")) == ["b"]


def test_a_claim_by_another_tool_needs_only_a_name_an_end_and_a_description(path: Path) -> None:
    JsonlLedger(path).append(
        [{"kind": "claim", "claim_id": "a", "expires_utc": "2026-09-21T16:30:00+02:00", "description": "DEPTH 9"}]
    )
    index = index_of(path)
    index.catch_up()
    (found,) = claims.active(index.db, BEFORE)
    assert (found.owner, found.named, found.expires_utc) == ("somebody", False, ENDS)
    assert found.edits[0].target == "DEPTH"
    index.close()


def test_a_claim_by_a_newer_version_stops_with_a_hint(path: Path) -> None:
    with pytest.raises(LedgerTooNew):
        held(path, claim("a", schema=99))


ROWS = st.one_of(
    st.builds(
        claim, st.sampled_from("abc"), expires_utc=st.sampled_from([ENDS, "2026-09-21T14:00:00Z", "2026-09-22T00:00Z"])
    ),
    st.builds(lambda name: {"kind": "release", "claim_id": name}, st.sampled_from("abcd")),
    st.builds(run, st.uuids().map(str), claim=st.sampled_from(["a", "b", None])),
)


@given(chunks=st.lists(st.lists(ROWS, max_size=5), min_size=1, max_size=5))
@settings(max_examples=30)
def test_an_index_rebuilt_from_the_ledger_has_the_same_claims(tmp_path_factory: Any, chunks: Any) -> None:
    path = tmp_path_factory.mktemp("claims") / "experiments.jsonl"
    stepwise = index_of(path)
    for chunk in chunks:
        JsonlLedger(path).append(chunk)
        stepwise.catch_up()
    at_once = index_of(path, "other.sqlite")
    at_once.catch_up()
    rows = [list(index.db.execute("SELECT * FROM claims ORDER BY claim_id")) for index in (stepwise, at_once)]
    assert rows[0] == rows[1]
    stepwise.close()
    at_once.close()


def test_asking_touches_only_claims_that_hold(path: Path) -> None:
    index = index_of(path)
    JsonlLedger(path).append([claim("a")])
    index.catch_up()
    asked: list[str] = []
    index.db.set_trace_callback(asked.append)
    claims.active(index.db, BEFORE)
    index.db.set_trace_callback(None)
    assert [plan(index.db, sql) for sql in asked] == ["SEARCH claims USING INDEX claims_open (expires>?)"]
    index.close()


def plan(db: sqlite3.Connection, sql: str) -> str:
    return str(db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchone()[3])
