"""Holds that replays of several ledgers, rules and thresholds are shown within the width and without escapes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from memorylab.core.guard.replay import Row, pooled, tally
from memorylab.core.guard.tuning import Option, Settings, Trial, proposal
from memorylab.records import NoveltyGuard
from memorylab.render import contest, table
from tests.render import nights

NAMES = [*nights.HOSTILE, "depth 8 to 9 " * 30]


def guard(decision: str) -> NoveltyGuard:
    policy = {"decision": decision, "reason": "", "mode": "exploit", "evidence": []}
    return {"classification": "novel", "policy": policy, "p_keep": None}  # type: ignore[typeddict-item]


def counted() -> dict[str, Any]:
    rows = [Row("keep" if n % 2 else "discard", 1.0 - n / 100, name, [], "", 900.0, None)
            for n, name in enumerate(NAMES * 3)]  # fmt: skip
    return {"ledger": f"/tmp/{NAMES[0]}"} | tally(rows, [guard("block")] * len(rows), "min")


def tuned(lost: int) -> dict[str, Any]:
    trials = [Trial(n, "night", n < 50, "keep" if n % 4 == 0 else "discard", NAMES[n % len(NAMES)], 0.1, 300.0)
              for n in range(100)]  # fmt: skip
    none, some = [False] * 100, [n % 4 > 0 or n < 4 * lost for n in range(100)]
    return {"mode": "exploit"} | proposal(
        trials, Option(Settings(0.62), none), [Option(Settings(0.5), none), Option(Settings(0.5, 0.2), some)], 0.1
    )


def everything(width: int) -> str:
    one = counted()
    documents = [
        contest.rules({"ours": one, "reference": pooled([one, one])}, width),
        contest.ledgers([one, one], pooled([one, one]), width),
        contest.tuning(tuned(1), width),
        contest.tuning(tuned(25), width),
    ]
    return "\n".join(documents)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_every_document_fits_the_terminal_and_carries_no_escape(width: int) -> None:
    shown = everything(width)
    assert not [line for line in shown.split("\n") if table.cells(line) > width]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)


def test_a_proposal_is_told_with_its_price_its_victims_and_its_lines() -> None:
    shown = contest.tuning(tuned(1), 100)
    assert "Use the proposal: in the second half, which had no say, it holds too." in shown
    assert "block_below = 0.2" in shown
    assert re.search(r"proposed +0\.5 +0\.2 +1/13, 37/37 +0/12, 38/38 +1/25, 75/75 +6\.2 h", shown)
    assert "Wins that the proposal would have lost, with their gain\n  +0.1" in shown


def test_defaults_that_stay_have_no_lines_to_write() -> None:
    shown = contest.tuning(tuned(25), 100)
    assert "Keep the defaults: in the second half" in shown
    assert "memorylab.toml" not in shown
    assert "and 15 more" in shown
