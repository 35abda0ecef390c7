from __future__ import annotations

from memorylab.core.guard.replay import Row, gains, pooled, shares, tally
from memorylab.records import NoveltyGuard


def row(status: str | None, value: float | None, seconds: float = 300.0) -> Row:
    return Row(status, value, "an idea", [], "", seconds, None)


def guard(decision: str, classification: str = "novel", *evidence: str) -> NoveltyGuard:
    policy = {"decision": decision, "reason": "because", "mode": "exploit", "evidence": list(evidence)}
    return {"classification": classification, "policy": policy, "p_keep": None}  # type: ignore[typeddict-item]


ROWS = [row("keep", 1.0), row("discard", 1.1), row("keep", 0.9), row("crash", None), row("keep", 0.95), row(None, 0.5)]


def test_a_gain_is_counted_against_the_best_kept_value_before() -> None:
    assert [round(gain, 6) for gain in gains(ROWS, "min")] == [0, 0, 0.1, 0, 0, 0]
    assert [round(gain, 6) for gain in gains([row("keep", 1.0), row("keep", 1.5)], "max")] == [0, 0.5]


def test_blocked_wins_are_lost_and_blocked_failures_saved() -> None:
    verdicts = [guard("caution"), guard("block"), guard("block", "duplicate_run", "0"), guard("block"), guard("allow")]
    found = tally(ROWS, [*verdicts, guard("allow")], "min")
    assert found["keep"] == {"allow": 1, "caution": 1, "block": 1}
    assert found["discard"] == {"allow": 0, "caution": 0, "block": 1}
    assert (found["runs"], found["runs_saved"], found["seconds_saved"]) == (6, 2, 600.0)
    assert [win["row"] for win in found["wins_lost"]] == [2]
    assert round(found["gain_lost"], 6) == round(found["gain_total"], 6) == 0.1
    assert found["classifications"] == {"novel": 5, "duplicate_run": 1}
    assert [judged["match"] for judged in found["rows"]] == [None, None, 0, None, None, None]


def test_shares_are_none_where_there_was_nothing() -> None:
    found = shares(tally([row("keep", 1.0)], [guard("allow")], "min"))
    assert (found.lost, found.caught, found.precision, found.gain_lost) == (0.0, None, None, None)


def test_a_pool_adds_runs_and_takes_the_mean_of_the_gains_lost() -> None:
    blocked = [guard("caution"), guard("block"), guard("block"), guard("block"), guard("allow"), guard("allow")]
    one, other = tally(ROWS, blocked, "min"), tally(ROWS, [guard("allow")] * 6, "min")
    found = pooled([one, other])
    assert (found["runs"], found["runs_saved"], found["seconds_saved"]) == (12, 2, 600.0)
    assert found["keep"] == {"allow": 4, "caution": 1, "block": 1}
    assert found["gain_lost_mean"] == 0.5
    total = shares(found)
    assert (total.wins, total.wins_blocked, total.failures, total.failures_blocked) == (6, 1, 4, 2)
    assert total.gain_lost == 0.5
    assert pooled([tally([], [], "min")])["gain_lost_mean"] is None
