"""What another campaign tried is told, and decides nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard import elsewhere, novelty
from memorylab.core.reading.ideas import Past, make_idea

TEXTS = ("raise MATRIX_LR to 0.05", "MATRIX_LR 0.05", "MATRIX_LR 0.06", "lower MATRIX_LR to 0.03", "tie the weights",
         "baseline", "depth 10")  # fmt: skip


def past(text: str, status: str, gain: float | None = -9.0, seq: int = 1) -> Past:
    idea = make_idea(text)
    return Past(
        run_id=f"r-{seq}",
        commit=None,
        status=status,
        description=text,
        family=idea.family,
        timestamp_utc="",
        edits=idea.edits,
        words=idea.words,
        value=1.0,
        gain=gain,
        error_kind=None,
        moved=(),
        in_base=status == "keep",
        seq=seq,
        said=idea.said,
    )


_pasts = st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(["keep", "discard", "crash"])), max_size=8).map(
    lambda runs: [past(text, status, seq=number) for number, (text, status) in enumerate(runs, 1)]
)


@given(st.sampled_from(TEXTS), _pasts, _pasts, st.sampled_from(["explore", "exploit", "replicate"]), st.booleans())
def test_another_campaign_neither_blocks_nor_lifts_a_block(
    text: str, own: list[Past], theirs: list[Past], mode: str, alike: bool
) -> None:
    idea = make_idea(text)
    before = novelty.judge(idea, own, mode=mode)
    known = elsewhere.known(idea, theirs, {}, before["effective_threshold"])
    metric = "val_bpb" if alike else "seconds"
    found = [{"campaign": "other", "metric": metric, "direction": "min", **known}] if known else []
    after = elsewhere.told(before, found, "val_bpb", "min")
    same = {name: value for name, value in before.items() if name != "policy"}
    assert {name: value for name, value in after.items() if name not in ("policy", "elsewhere")} == same
    was, now = before["policy"]["decision"], after["policy"]["decision"]
    assert now == was or (was, now) == ("allow", "caution")
    assert now == was or (alike and known and known["classification"] in elsewhere.FAILED)
    assert after["policy"]["reason"].startswith(before["policy"]["reason"])
    assert after["policy"]["evidence"] == before["policy"]["evidence"]


def told(text: str, *runs: Past, metric: str = "val_bpb") -> Any:
    idea = make_idea(text)
    guard = novelty.judge(idea, [])
    known = elsewhere.known(idea, runs, {}, guard["effective_threshold"])
    return elsewhere.told(
        guard,
        [{"campaign": "first", "metric": metric, "direction": "min", **known}] if known else [],
        "val_bpb",
        "min",
    )


@pytest.mark.parametrize("status", ["keep", "discard"])
def test_the_run_is_named_with_its_campaign_and_number(status: str) -> None:
    guard = told("increase the Muon learning rate to 0.05", past("MATRIX_LR 0.05", status))
    assert [(one["run_id"], one["status"]) for one in guard["elsewhere"]] == [("r-1", status)]
    assert f"campaign first tried the same in r-1 ({status}, -9.0 sigma, val_bpb 1)" in guard["policy"]["reason"]


@pytest.mark.parametrize("text", ["tie the weights", "baseline"])
def test_what_nobody_tried_there_and_controls_are_not_told(text: str) -> None:
    assert "elsewhere" not in told(text, past("MATRIX_LR 0.05", "discard"), past("baseline", "keep", seq=2))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MATRIX_LR 0.05", "tried the same in r-1 (keep"),
        ("lower MATRIX_LR to 0.03", "tried the opposite in r-1 (keep"),
        ("raise MATRIX_LR to 0.06", "tried something like it in r-1 (keep"),
    ],
)
def test_how_alike_it_was_is_said(text: str, said: str) -> None:
    assert said in told(text, past("raise MATRIX_LR from 0.04 to 0.05", "keep"))["policy"]["reason"]
