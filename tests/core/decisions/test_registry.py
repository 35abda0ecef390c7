from __future__ import annotations

from typing import Any

from memorylab.core.decisions import registry
from memorylab.core.decisions.belief import Track, Trial
from memorylab.core.decisions.noise import Noise
from memorylab.core.decisions.promotion import Budget
from memorylab.core.decisions.registry import Board, FailureCluster, Lineage
from memorylab.records import Contender, RunView


def run(seq: int, value: float | None, status: str = "keep", **changes: Any) -> RunView:
    """One run of the index; what isn't given is None."""
    row: dict[str, Any] = dict.fromkeys(RunView._fields)
    row.update(
        seq=seq, after=0, run_id=f"r{seq}", timestamp_utc="2026-03-01T00:00:00Z", branch="b", commit=f"{seq:040x}",
        family="optimizer", status=status, description=f"idea {seq}", hypothesis="", tags="", words="", said="",
        arena=1, value=value, rank=value, seconds=300.0, integrity="ok", candidate=f"r{seq}", dirty=0, root=1, depth=0,
    )  # fmt: skip
    return RunView(**(row | changes))


NOISE = Noise(0.001, 5, 2)


def track_of(contenders: list[Contender]) -> Track:
    """A campaign in which each candidate was built on the best kept one before it, the worst first."""
    trials, base = [], None
    for one in reversed(contenders):
        trials += [Trial(one.run.candidate, base, -one.mean)] * one.runs
        base = one.run.candidate if one.run.status == "keep" else base
    return Track(NOISE).follow(trials)


def board(contenders: list[Contender], **changes: Any) -> Board:
    base = Board(
        arena={"metric": "val_bpb", "direction": "min"},
        noise=NOISE,
        champion=contenders[0] if contenders else None,
        contenders=contenders,
        rival=next((c for c in contenders[1:] if c.run.status == "keep"), None),
        lineages=[],
        failures=[],
        status_counts={"keep": 1, "discard": 0, "crash": 0},
        track=track_of(contenders),
    )
    return base._replace(**changes)


def one(seq: int, value: float, status: str = "keep") -> Contender:
    return Contender(run(seq, value, status), 1, value)


def test_the_registry_of_nothing_has_every_part() -> None:
    found = registry.registry(None, [])
    assert found["champion"] is None
    assert found["challengers"] == found["best_lineages"] == found["failure_clusters"] == []
    assert found["status_counts"] == {"keep": 0, "discard": 0, "crash": 0}


def test_a_lead_beyond_the_noise_confirms_a_champion_and_one_inside_it_does_not() -> None:
    clear = registry.champion(board([one(1, 0.95), one(2, 1.0)]))
    close = registry.champion(board([one(1, 0.9995), one(2, 1.0)]))
    assert clear and clear["state"] == "confirmed"
    assert close and close["state"] != "confirmed"
    assert close["reruns_to_settle"] is None or close["reruns_to_settle"] > 0


def test_a_champion_without_a_rival_is_provisional() -> None:
    found = registry.champion(board([one(1, 0.95)]))
    assert found and found["state"] == "provisional" and found["lead_over_next"] is None
    again = registry.champion(board([Contender(run(1, 0.95), 2, 0.95)]))
    assert again and again["state"] == "confirmed"


def test_a_champion_that_another_candidate_is_believed_to_beat_is_contested() -> None:
    leader, discarded = Contender(run(1, 1.0), 8, 1.0), one(2, 0.99, "discard")
    found = registry.champion(board([discarded, leader], champion=leader, rival=None))
    assert found and found["state"] == "contested"
    assert found["probability_best"] < 0.4
    assert found["contested_by"]["run_id"] == discarded.run.run_id


def test_the_estimate_lies_in_its_interval_which_narrows_with_reruns() -> None:
    once = registry.champion(board([one(1, 0.95), one(2, 0.96)]))
    often = registry.champion(board([Contender(run(1, 0.95), 9, 0.95), one(2, 0.96)]))
    assert once and often
    for found in (once, often):
        assert found["estimate_low"] < found["estimate"] < found["estimate_high"]
    width = {id(f): f["estimate_high"] - f["estimate_low"] for f in (once, often)}
    assert width[id(often)] < width[id(once)]


def test_the_registry_tells_what_keeping_risks_and_what_to_run_next() -> None:
    found = registry.registry(board([one(1, 0.95)], promotions=Budget(3, 0.2), options=[{"action": "new"}]), [])
    assert (found["promotions"]["kept"], found["promotions"]["expected_false"]) == (3, 0.2)
    assert 0 < found["promotions"]["risk_available"] <= 1
    assert found["next_runs"] == [{"action": "new"}]


def test_the_champion_is_judged_by_the_mean_of_its_runs() -> None:
    found = registry.champion(board([Contender(run(1, 0.95), 3, 0.97), one(2, 0.98)]))
    assert found and (found["mean"], found["runs"]) == (0.97, 3)
    assert round(found["lead_over_next"], 6) == 0.01


def test_challengers_say_how_likely_each_is_truly_better() -> None:
    rows = registry.challengers(board([one(1, 0.95), one(2, 0.9501, "discard"), one(3, 1.2)]))
    assert [row["run_id"] for row in rows] == ["r2", "r3"]
    assert 0.3 < rows[0]["probability_better"] < 0.5
    assert rows[1]["probability_better"] < 0.01


def test_a_lineage_reads_from_its_root_to_its_tip() -> None:
    path = [run(3, 0.9, depth=2), run(2, 0.95, depth=1), run(1, 1.0)]
    found = registry.lineage(Lineage(path[0], path, path[-1]), "min")
    assert [step["run_id"] for step in found["path"]] == ["r1", "r2", "r3"]
    assert round(found["gain_since_root"], 6) == 0.1
    assert found["kept_steps"] == 2


def test_failure_clusters_are_named_in_words() -> None:
    last = run(9, None, "crash", error_summary="CUDA out of memory")
    oom = registry.failure(FailureCluster("crash", "oom\tDEPTH", 4, last))
    assert (oom["label"], oom["count"], oom["error"]) == ("oom on DEPTH", 4, "CUDA out of memory")
    assert registry.failure(FailureCluster("discard", "MATRIX_LR\tup", 3, None))["label"] == "MATRIX_LR up"


def test_the_lead_is_over_the_next_kept_run_and_discarded_ties_are_counted() -> None:
    found = registry.champion(board([one(1, 0.95), one(2, 0.9501, "discard"), one(3, 1.0)]))
    assert found and round(found["lead_over_next"], 6) == 0.05
    assert (found["state"], found["ties"]) == ("confirmed", 1)
