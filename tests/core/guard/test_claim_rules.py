from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard import claims
from memorylab.core.guard.claims import Agent, Claim
from memorylab.core.reading.ideas import make_idea
from memorylab.records import NoveltyGuard

NOW = 1_790_000_000.0
DESCRIPTIONS = st.one_of(
    st.sampled_from(
        [
            "raise MATRIX_LR to 0.05",
            "halve the batch and lower WARMDOWN_RATIO from 0.5 to 0.3",
            "replace GELU by SwiGLU in the last 3 layers",
            "baseline",
            "remove the value embedding",
            "!!!",
        ]
    ),
    st.text(min_size=1, max_size=60).filter(str.strip),
)


def claim_on(description: str, **values: Any) -> Claim:
    idea = make_idea(description)
    claim = Claim(
        claim_id="c1",
        owner="ann",
        named=True,
        worktree="here:/work",
        branch=None,
        command="check",
        timestamp_utc="2026-09-21T14:13:20Z",
        description=description,
        edits=idea.edits,
        words=idea.words,
        arena={},
        expires=NOW + 1500,
        expires_utc="2026-09-21T14:38:20Z",
    )
    return claim._replace(**values)


def guard(decision: str, mode: str = "exploit") -> NoveltyGuard:
    return {
        "classification": "repeat_failure",
        "mode": mode,
        "policy": {"decision": decision, "reason": "history says so", "mode": mode, "evidence": ["r1"]},
    }


@given(DESCRIPTIONS, st.floats(0, 1))
def test_an_idea_is_always_the_same_as_itself(description: str, threshold: float) -> None:
    assert claims.alike(make_idea(description), [claim_on(description)], threshold)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("raise MATRIX_LR to 0.05", "increase the Muon step size to 0.05", True),
        ("raise MATRIX_LR from 0.04 to 0.05", "set matrix LR to 0.05", True),
        ("raise MATRIX_LR to 0.05", "raise MATRIX_LR to 0.06", False),
        ("warmdown 0.5 to 0.7", "warmdown 0.7 to 0.5", False),
        ("raise MATRIX_LR to 0.05", "raise EMBEDDING_LR to 0.05", False),
        ("raise MATRIX_LR to 0.05", "raise MATRIX_LR to 0.05 and DEPTH to 9", False),
    ],
)
def test_a_claim_covers_the_idea_in_all_its_wordings_and_no_neighbour(first: str, second: str, same: bool) -> None:
    for mine, theirs in ((first, second), (second, first)):
        assert bool(claims.alike(make_idea(mine), [claim_on(theirs)], 0.62)) is same


ANN, BOB = Agent("ann", True, "here:/work"), Agent("bob", True, "here:/work")
NOBODY, ELSEWHERE = Agent("root@here:work", False, "here:/work"), Agent("root@here:w2", False, "here:/w2")


@pytest.mark.parametrize("working", [False, True])
def test_a_named_claim_is_its_owners_from_anywhere(working: bool) -> None:
    claim = claim_on("x")
    assert claims.owns(ANN._replace(worktree="there:/else"), claim, working=working)
    assert not claims.owns(BOB, claim, working=working)


def test_agents_without_names_own_nothing_while_they_ask_and_their_worktrees_claims_while_they_work() -> None:
    claim = claim_on("x", owner=NOBODY.name, named=False)
    assert not claims.owns(NOBODY, claim, working=False)
    assert claims.owns(NOBODY, claim, working=True)
    assert not claims.owns(ELSEWHERE, claim, working=True)


def test_the_claim_of_a_run_that_goes_on_is_nobody_elses_to_run() -> None:
    claim = claim_on("x", owner=NOBODY.name, named=False, command="run")
    assert not claims.owns(NOBODY, claim, working=True)


@pytest.mark.parametrize("mode", ["explore", "exploit"])
@pytest.mark.parametrize("decision", ["allow", "caution"])
def test_a_claimed_idea_is_a_blocked_duplicate_that_says_who_and_how_long(mode: str, decision: str) -> None:
    found = claims.refuse(guard(decision, mode), claim_on("x"), NOW)
    assert found["classification"] == "duplicate_run"
    assert found["policy"]["decision"] == "block"
    assert found["policy"]["reason"] == "claimed by ann until 14:38 UTC (25 min left)"
    assert found["policy"]["evidence"] == ["c1", "r1"]
    assert found["claimed_by"] == {"claim_id": "c1", "owner": "ann", "expires_utc": "2026-09-21T14:38:20Z"}


def test_what_history_blocks_by_itself_is_said_beside_the_claim() -> None:
    found = claims.refuse(guard("block"), claim_on("x"), NOW)
    assert found["policy"]["reason"] == "claimed by ann until 14:38 UTC (25 min left); history says so"


@pytest.mark.parametrize(("before", "after"), [("allow", "allow"), ("block", "block")])
def test_a_claim_blocks_no_replication(before: str, after: str) -> None:
    found = claims.refuse(guard(before, "replicate"), claim_on("x"), NOW)
    assert found["policy"]["decision"] == after
    assert found["claimed_by"]["owner"] == "ann"


def test_a_verdict_that_is_refused_leaves_the_one_before_it_as_it_was() -> None:
    before = guard("allow")
    claims.refuse(before, claim_on("x"), NOW)
    assert before == guard("allow")


def test_a_lease_of_days_names_the_date() -> None:
    claim = claim_on("x", expires=NOW + 200_000, expires_utc="2026-09-23T21:46:40Z")
    assert claims.until(claim, NOW) == "2026-09-23 21:46 UTC"
