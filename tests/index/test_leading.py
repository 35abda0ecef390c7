from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.core.runs.crash_kinds import DRIFT
from memorylab.index import Index, Views
from memorylab.ledger.jsonl import JsonlLedger
from memorylab.records import Direction

ARENA = {"metric": "score", "direction": "min", "device": "H100"}
VALUES = [0.9, 0.95, 1.0, 1.01, 1.5]
RUN = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["keep", "discard", "crash"]),
        "value": st.sampled_from([*VALUES, None]),
        "candidate": st.sampled_from(["a", "b", "c", "d"]),
        "promoted": st.sampled_from([None, None, True, False]),
        "demoted": st.none() | st.integers(0, 9).map("r{}".format),
        "era": st.sampled_from([None, None, None, "r2", "r5"]),
        "drifted_since": st.none() | st.integers(0, 9).map("r{}".format),
        "description": st.sampled_from(["an idea", "seed 42", "no-op rerun", "baseline"]),
        "base": st.none() | st.integers(0, 9).map("r{}".format),
    }
)


def row(number: int, direction: Direction = "min", **given: Any) -> dict[str, Any]:
    """A ledger row as `log` writes it, as far as the leading is concerned."""
    value = given.get("value")
    sign = 1 if direction == "min" else -1
    arena = {**ARENA, "direction": direction} | ({"era": given["era"]} if given.get("era") else {})
    made: dict[str, Any] = {
        "run_id": f"r{number}",
        "description": given.get("description", f"idea {number}"),
        "status": given.get("status", "keep"),
        "candidate": given.get("candidate", f"r{number}"),
        "metrics": {"score": None if value is None else sign * value},
        "integrity": "ok",
        "arena": arena,
    }
    for name in ("promoted", "demoted"):
        if given.get(name) is not None:
            made[name] = given[name]
    if given.get("base"):
        made["base"] = {"run_id": given["base"], "commit": None, "value": sign * 1.0}
    if given.get("drifted_since"):
        made["control"] = {"failed": True, "since": given["drifted_since"]}
    return made


def index_of(path: Path, name: str, direction: Direction = "min") -> Index:
    return Index(path.with_name(name), JsonlLedger(path), "score", direction)


def tables(index: Index) -> list[Any]:
    """Everything that the index keeps of who leads and of the noise."""
    index.catch_up()
    return [
        index.db.execute(sql).fetchall()
        for sql in (
            "SELECT id, champion, home, latest, arena FROM arenas ORDER BY id",
            "SELECT arena, candidate, seq, n, mean, kept FROM candidates ORDER BY 1, 2",
            "SELECT home, seq, contrast, kind FROM contrasts ORDER BY 1, 2",
            "SELECT seq, arena, base, base_value, error_kind FROM runs ORDER BY 1",
        )
    ]


def known(path: Path, *rows: dict[str, Any]) -> Views:
    ledger = path / "experiments.jsonl"
    JsonlLedger(ledger).append(list(rows))
    index = index_of(ledger, "index.sqlite")
    index.catch_up()
    return Views(index.db)


def leader(views: Views, place: int = 0) -> str | None:
    """The candidate that leads an arena, of those the one used last first."""
    run = views.run(views.arenas()[place].champion)
    return run.candidate if run else None


@given(st.lists(RUN, max_size=12))
@settings(max_examples=60)
def test_an_index_that_grew_row_by_row_is_the_one_that_is_built_at_once(
    tmp_path_factory: Any, drawn: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("index") / "experiments.jsonl"
    ledger, grown = JsonlLedger(path), index_of(path, "grown.sqlite")
    for number, given_ in enumerate(drawn):
        ledger.append([row(number, **given_)])
        grown.catch_up()
    built = index_of(path, "built.sqlite")
    assert tables(grown) == tables(built)
    views = Views(grown.db)
    for arena in views.arenas():
        best = views.contenders(arena.id, 1, kept=True)
        assert arena.champion == (best[0].run.seq if best else None)
    grown.close()
    built.close()


@given(st.lists(RUN, max_size=10))
@settings(max_examples=30)
def test_where_higher_is_better_the_same_runs_lead(tmp_path_factory: Any, drawn: list[dict[str, Any]]) -> None:
    found = []
    for direction in ("min", "max"):
        path = tmp_path_factory.mktemp(direction) / "experiments.jsonl"
        JsonlLedger(path).append([row(number, direction, **given_) for number, given_ in enumerate(drawn)])
        index = index_of(path, "index.sqlite", direction)
        arenas, candidates, contrasts, _ = tables(index)
        found.append(([one[:4] for one in arenas], candidates, contrasts))
        index.close()
    assert found[0] == found[1]


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_what_reruns_differ_by_does_not_depend_on_their_order(
    tmp_path_factory: Any, values: list[float], rng: Any
) -> None:
    sums = []
    for _ in range(2):
        path = tmp_path_factory.mktemp("reruns")
        views = known(path, *(row(n, candidate="a", value=value) for n, value in enumerate(values)))
        sums.append(sum(contrast**2 for contrast, _ in views.contrasts(views.arenas()[0].home)))
        assert len(views.contrasts(views.arenas()[0].home)) == len(values) - 1
        rng.shuffle(values)
    mean = sum(values) / len(values)
    assert sums[0] == pytest.approx(sums[1], abs=1e-9)
    assert sums[0] == pytest.approx(sum((value - mean) ** 2 for value in values), abs=1e-9)


def test_reruns_of_different_candidates_are_pooled_and_ideas_are_no_reruns(tmp_path: Path) -> None:
    views = known(
        tmp_path,
        row(0, candidate="a", value=1.0),
        row(1, candidate="a", value=1.1),
        row(2, candidate="b", value=5.0, status="discard"),
        row(3, candidate="b", value=5.3, status="discard"),
        row(4, candidate="c", value=9.0),
    )
    found = dict.fromkeys(kind for _, kind in views.contrasts(views.arenas()[0].home))
    contrasts = sorted(contrast for contrast, _ in views.contrasts(views.arenas()[0].home))
    assert list(found) == ["rerun"]
    assert contrasts == pytest.approx([0.1 / math.sqrt(2), 0.3 / math.sqrt(2)])


def test_a_seed_repeat_of_the_base_tells_of_the_noise_as_a_candidate_of_its_own(tmp_path: Path) -> None:
    views = known(tmp_path, row(0, value=1.0), row(1, value=1.2, status="discard", description="seed 42", base="r0"))
    ((contrast, kind),) = views.contrasts(views.arenas()[0].home)
    assert kind == "seed"
    assert contrast == pytest.approx(0.2 / math.sqrt(2))


def test_a_run_that_was_kept_without_being_promoted_does_not_lead(tmp_path: Path) -> None:
    views = known(tmp_path, row(0, value=1.0), row(1, value=0.99, promoted=False))
    assert leader(views) == "r0"
    assert [one.run.run_id for one in views.contenders(1, 5)] == ["r1", "r0"]


def test_a_rerun_can_promote_its_candidate_and_take_the_lead_from_it(tmp_path: Path) -> None:
    first = [row(0, value=1.0), row(1, value=0.9, promoted=False)]
    assert leader(known(tmp_path, *first, row(2, value=0.9, candidate="r1", promoted=True))) == "r1"
    (tmp_path / "b").mkdir()
    lost = [row(0, value=1.0), row(1, value=0.9, promoted=True), row(2, value=0.9, candidate="r1", promoted=False)]
    assert leader(known(tmp_path / "b", *lost)) == "r0"


def test_a_rerun_without_a_decision_leaves_its_candidate_where_it_was(tmp_path: Path) -> None:
    views = known(tmp_path, row(0, value=1.0), row(1, value=0.9), row(2, value=0.92, candidate="r1", status="discard"))
    assert leader(views) == "r1"
    assert views.contenders(1, 1)[0].mean == pytest.approx(0.91)


def test_a_champion_that_steps_back_gives_way_to_the_next_best(tmp_path: Path) -> None:
    views = known(tmp_path, row(0, value=1.0), row(1, value=0.9), row(2, value=1.3, status="discard", demoted="r1"))
    assert leader(views) == "r0"
    assert "r1" in [one.run.run_id for one in views.contenders(1, 5)]


def test_who_is_told_to_step_back_elsewhere_or_is_unknown_stays(tmp_path: Path) -> None:
    views = known(
        tmp_path,
        row(0, value=1.0),
        row(1, value=2.0, status="discard", demoted="nobody"),
        row(2, value=5.0, era="r2", demoted="r0"),
    )
    assert (leader(views, 0), leader(views, 1)) == ("r2", "r0")


def test_a_new_era_has_its_own_champion_and_the_noise_of_the_arena_that_it_goes_on_from(tmp_path: Path) -> None:
    views = known(
        tmp_path,
        row(0, value=1.0),
        row(1, value=1.1, candidate="r0"),
        row(2, value=1.6, era="r2", drifted_since="r1"),
        row(3, value=1.5, era="r2"),
        row(4, value=1.52, candidate="r3", era="r2"),
    )
    new, old = views.arenas()
    assert (leader(views, 0), leader(views, 1)) == ("r3", "r0")
    assert new.home == old.home == old.id
    assert len(views.contrasts(new.home)) == 2
    # the control that failed is no repeat of the base: what it differs by is the drift
    assert max(abs(contrast) for contrast, _ in views.contrasts(new.home)) < 0.2


def test_a_control_that_failed_leads_whatever_its_status_and_unsettles_the_discards_since(tmp_path: Path) -> None:
    views = known(
        tmp_path,
        row(0, value=1.0),
        row(1, value=1.3, status="discard"),
        row(2, value=1.0, candidate="r0"),
        row(3, value=1.6, status="discard"),
        row(4, value=None, status="crash"),
        row(5, value=0.99),
        row(6, value=1.7, status="discard"),
        row(7, value=1.6, status="discard", era="r7", drifted_since="r2"),
    )
    assert leader(views) == "r7"
    kinds = {run.run_id: run.error_kind for run in views.after(0)}
    assert [name for name, kind in kinds.items() if kind == DRIFT] == ["r3", "r6"]


def test_a_new_run_is_taken_in_without_going_through_its_arena(tmp_path: Path) -> None:
    ledger = JsonlLedger(tmp_path / "ledger.jsonl")
    ledger.append([row(number, value=1.0) for number in range(3)])
    index = index_of(tmp_path / "ledger.jsonl", "index.sqlite")
    index.catch_up()
    asked: list[str] = []
    index.db.set_trace_callback(asked.append)
    ledger.append([row(3, value=0.9, base="r1", demoted="r2")])
    index.catch_up()
    index.db.set_trace_callback(None)
    about_runs = [sql for sql in asked if sql.startswith(("SELECT", "UPDATE")) and "run_id =" in sql]
    plans = [str(step[3]) for sql in about_runs for step in index.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    by_id = [plan for plan in plans if " runs " in plan]
    assert len(by_id) >= 2 and all("runs_by_id (run_id=?)" in plan for plan in by_id)
