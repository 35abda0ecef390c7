"""An index holds the rows of its campaign as if the ledger had no others."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.index import Index, Views
from memorylab.ledger.jsonl import JsonlLedger

CAMPAIGNS = ("", "speed", "long.context")
_runs = st.lists(
    st.tuples(
        st.sampled_from(CAMPAIGNS),
        st.sampled_from(["keep", "discard", "crash"]),
        st.sampled_from([0.5, 1.0, 2.0]),
        st.sampled_from(["baseline", "MATRIX_LR 0.05", "depth 9"]),
        st.booleans(),
    ),
    max_size=12,
)


def row(number: int, campaign: str, status: str, value: float, text: str, recorded: bool) -> dict[str, Any]:
    arena = {"metric": "val_bpb", "direction": "min", **({"campaign": campaign} if campaign else {})}
    told = {"arena": arena} if recorded or campaign else {}  # a row by another tool has none
    metrics = {"val_bpb": value}
    return {"run_id": f"r{number}", "status": status, "description": text, "tags": [], "metrics": metrics, **told}


def seen(index: Index) -> dict[str, Any]:
    """What the views say, but for positions in the ledger."""
    index.catch_up()
    views = Views(index.db)
    runs = [run._replace(after=0) for run in views.after(0)]
    arenas = [(one.arena, one.champion, one.home, one.latest) for one in views.arenas()]
    counts = index.db.execute("SELECT arena, kind, label, n, first, last FROM counts ORDER BY 1, 2, 3").fetchall()
    found = {"runs": runs, "arenas": arenas, "counts": counts, "kept": views.kept_targets(1)}
    index.close()
    return found


@settings(max_examples=40)
@given(_runs, st.sampled_from(CAMPAIGNS))
def test_each_campaign_is_indexed_as_if_it_were_alone(runs: list[Any], campaign: str) -> None:
    rows = [row(number, *told) for number, told in enumerate(runs)]
    own = [one for one, told in zip(rows, runs, strict=True) if told[0] == campaign]
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        both, alone = JsonlLedger(root / "both.jsonl"), JsonlLedger(root / "alone.jsonl")
        both.append(rows)
        alone.append(own)
        mixed = Index(root / "a.sqlite", both, "val_bpb", "min", campaign=campaign)
        single = Index(root / "b.sqlite", alone, "val_bpb", "min", campaign=campaign)
        assert seen(mixed) == seen(single)
        mixed.catch_up()
        passed = Views(mixed.db).passed_over()
        mixed.close()
    others = [told[0] for told in runs if told[0] != campaign]
    assert passed == {name: others.count(name) for name in others}


def test_rows_of_others_that_come_in_between_are_passed_over_once(tmp_path: Path) -> None:
    ledger = JsonlLedger(tmp_path / "ledger.jsonl")
    index = Index(tmp_path / "index.sqlite", ledger, "val_bpb", "min")
    for number in range(6):
        campaign = "speed" if number % 2 else ""
        ledger.append([row(number, campaign, "keep", 1.0 + number, "baseline", True)])
        position = index.catch_up().position
    views = Views(index.db)
    assert [run.run_id for run in views.after(0)] == ["r0", "r2", "r4"] and views.passed_over() == {"speed": 3}
    assert index.catch_up().position == position  # nothing is read again


def test_what_names_a_run_counts_in_the_campaign_that_has_it(tmp_path: Path) -> None:
    ledger = JsonlLedger(tmp_path / "ledger.jsonl")
    rows = [row(n, campaign, "keep", 1.0 + n, "baseline", True) for n, campaign in enumerate(("", "speed"))]
    ledger.append([*rows, {"kind": "retract", "run_id": "r1", "note": "", "owner": "t", "timestamp_utc": ""}])
    found: dict[str, Any] = {}
    for campaign in ("", "speed"):
        index = Index(tmp_path / f"{campaign}.sqlite", ledger, "val_bpb", "min", campaign=campaign)
        index.catch_up()
        found |= {run.run_id: run.status for run in Views(index.db).after(0)}
    assert found == {"r0": "keep", "r1": "crash"}
