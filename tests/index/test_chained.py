from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from memorylab.index import Index, Views, lost
from memorylab.ledger.jsonl import JsonlLedger


def run(name: str, value: float, **fields: Any) -> dict[str, Any]:
    arena = {"metric": "score", "direction": "min"}
    return {"run_id": name, "status": "keep", "description": f"idea {name}", "metrics": {"score": value},
            "integrity": "ok", "arena": arena, **fields}  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> JsonlLedger:
    return JsonlLedger(tmp_path / "experiments.jsonl")


def by_hand(ledger: JsonlLedger, *rows: dict[str, Any]) -> None:
    import json

    with ledger.path.open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def views(ledger: JsonlLedger, name: str = "index.sqlite") -> Views:
    index = Index(ledger.path.with_name(name), ledger, "score", "min")
    index.catch_up()
    return Views(index.db)


def leader(found: Views) -> str | None:
    run = found.run(found.arenas()[0].champion)
    return run.run_id if run else None


def test_where_no_chain_has_begun_a_row_by_hand_leads_as_ever(ledger: JsonlLedger) -> None:
    by_hand(ledger, run("a", 1.0), run("b", 0.5))
    assert leader(views(ledger)) == "b"
    ledger.append([run("c", 0.7)])
    found = views(ledger)
    assert leader(found) == "b"
    assert {one.integrity for one in found.after(0)} == {"ok"}


@pytest.mark.parametrize("together", [True, False])
def test_once_it_has_begun_a_row_by_hand_is_unknown_and_does_not_lead(ledger: JsonlLedger, together: bool) -> None:
    ledger.append([run("a", 1.0)])
    if not together:
        views(ledger)
    by_hand(ledger, run("planted", 0.1))
    if not together:
        views(ledger)
    ledger.append([run("c", 0.9)])
    found = views(ledger)
    assert leader(found) == "c"
    (planted,) = found.find("planted")
    assert (planted.integrity, planted.value, planted.rank) == ("unknown", 0.1, None)
    assert "didn't append" in (planted.doubts or "")
    assert [one.run.run_id for one in found.contenders(1, 9)] == ["c", "a"]


def test_a_person_can_let_it_lead(ledger: JsonlLedger) -> None:
    ledger.append([run("a", 1.0)])
    by_hand(ledger, run("mine", 0.1))
    ledger.append([{"kind": "accept", "run_id": "mine"}])
    found = views(ledger)
    assert leader(found) == "mine"
    assert found.find("mine")[0].integrity == "accepted"


def test_a_row_whose_number_was_changed_no_longer_leads(ledger: JsonlLedger) -> None:
    ledger.append([run("a", 1.0), run("b", 1.5), run("c", 1.2)])
    assert leader(views(ledger)) == "a"
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b'"score":1.5', b'"score":0.5'))
    found = views(ledger, "anew.sqlite")  # one that has read it before holds on to what it read
    assert leader(found) == "a"
    assert [(one.run_id, one.integrity) for one in found.after(0)] == [("a", "ok"), ("b", "unknown"), ("c", "ok")]


def test_means_and_contrasts_of_extreme_values_stay_numbers(ledger: JsonlLedger) -> None:
    values = [1e308, -1e308, 1.7e308, -1.7e308, 5e-324]
    ledger.append([run(f"r{n}", value, candidate="one") for n, value in enumerate(values)])
    found = views(ledger)
    (leading,) = found.contenders(1, 5)
    assert leading.mean == pytest.approx(0.0, abs=1e294)
    assert all(math.isfinite(contrast) for contrast, _ in found.contrasts(1))
    assert len(found.contrasts(1)) == 4


@pytest.mark.parametrize("value", [0.1, 1 / 3, 12345.678])
def test_equal_values_have_their_own_mean_to_the_last_digit(ledger: JsonlLedger, value: float) -> None:
    ledger.append([run(f"r{n}", value, candidate="one") for n in range(9)])
    found = views(ledger)
    assert found.contenders(1, 1)[0].mean == value
    assert {contrast for contrast, _ in found.contrasts(1)} == {0.0}


def test_absurd_durations_are_none(ledger: JsonlLedger) -> None:
    rows = [run(f"r{n}", 1.0) for n in range(3)]
    for row, seconds in zip(rows, (1e308, -4.0, 60.0), strict=True):
        row["metrics"]["total_seconds"] = seconds
    ledger.append(rows)
    assert views(ledger).window(None)[1] == {"keep": 60.0}


def test_an_index_that_is_built_anew_remembers_what_the_ledger_held(ledger: JsonlLedger) -> None:
    ledger.append([run("a", 1.0), run("b", 0.9)])
    backup = ledger.path.read_bytes()
    ledger.append([run("c", 0.8), run("d", 0.7)])
    whole = ledger.path.read_bytes()
    assert lost.find(views(ledger).db) == []
    ledger.path.write_bytes(backup)
    assert lost.find(views(ledger).db) == ["c", "d"]
    ledger.append([run("e", 0.6)])
    assert lost.find(views(ledger).db) == ["c", "d"]
    ledger.path.write_bytes(whole)
    assert lost.find(views(ledger).db) == ["e"]  # c and d are back; what came after the backup isn't
