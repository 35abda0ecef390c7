"""The words for a verdict: what counts, what doesn't, and what is glued on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.runs.verdicts import is_baseline, verdict, verdict_in_text


@pytest.mark.parametrize(
    "word",
    [
        *("keep", "KEEP", "kept", "keep-candidate", "KEEP_CANDIDATE", "kept-provisional", "best", "BEST", "CONFIRMED"),
        *("CONFIRMED-COMPOSED", "ADOPTED-WIN", "early-win", "promoted", "PASS", "success", "True", "YES", "**keep**"),
        *("baseline", "BASELINE", "reference", "best-at-250", "CONTROL", "new best", "✅", "✔️", "✅ kept", "[keep]"),
        "KEPT (rule 2: smaller at equal loss)",
    ],
)
def test_words_for_keep(word: str) -> None:
    assert verdict(word) == "keep"


@pytest.mark.parametrize(
    "word",
    [
        *("discard", "DISCARD", "discarded", "REVERT", "reverted", "reverted_worse", "reverted_marginal", "rejected"),
        *("reverted_worse_too_big", "worse", "neutral", "NEUTRAL", "KILL", "size_violation", "tentative", "repair"),
        *("NO", "False", "TIE", "not kept", "no improvement", "rolled back", "❌", "REVERTED:too_eager"),
        *(
            "reverted (loss +0.01 over run 7)",
            "reverted vs run7 (slower)",
            "reverted_diverged",
            "discard: wider than the last crash",
        ),
    ],
)
def test_words_for_discard(word: str) -> None:
    assert verdict(word) == "discard"


@pytest.mark.parametrize(
    "word",
    [
        *(
            "crash",
            "CRASH",
            "FAIL",
            "failed",
            "error",
            "ERROR",
            "llm_error",
            "infra-fail",
            "infra_retry",
            "OOM",
            "timed out",
        ),
        *("invalid", "invalid (wrong shards)", "💥", "❌ crash", "nan"),
    ],
)
def test_words_for_crash(word: str) -> None:
    assert verdict(word) == "crash"


@pytest.mark.parametrize(
    "word",
    [
        *(
            "",
            " ",
            "-",
            "—",
            "?",
            "n/a",
            "N/A",
            "verify",
            "pending",
            "running",
            "TODO",
            "WIP",
            "missing",
            "rate_limited",
        ),
        *("parked", "BLOCKED", "DEFERRED", "DIAG", "INFO", "sentinel", "ok", "FINAL", "not run", "no data", "0.9979"),
        *("pending keep", "zebra", "we looked at many things and then decided to keep it"),
    ],
)
def test_words_for_no_verdict(word: str) -> None:
    assert verdict(word) is None


def test_a_run_that_never_finished_is_a_crash_even_where_it_was_reverted() -> None:
    assert verdict("reverted_triton_oom") == verdict("REVERTED:oom") == "crash"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("keep — depth 6", "keep"),
        ("keep - depth 6", "keep"),
        ("exp2 KEEP: wider", "keep"),
        ("#12 DISCARD: wider", "discard"),
        ("[KEEP] wider", "keep"),
        ("wider MLP (discard)", "discard"),
        ("wider MLP -> reverted", "discard"),
        ("wider MLP → crash", "crash"),
        ("crash", "crash"),
    ],
)
def test_a_verdict_folded_into_a_description(text: str, status: str) -> None:
    assert verdict_in_text(text) == status


@pytest.mark.parametrize(
    "text",
    [
        *("keep LR at 0.04", "revert warmup to 0.1", "best practice init", "better init: orthogonal", "pass 2: wider"),
        *("wider, as the last keep", "to keep: depth", "", "crash-resistant loader", "error feedback (worse)"),
    ],
)
def test_a_plan_that_uses_the_words_is_no_verdict(text: str) -> None:
    assert verdict_in_text(text) is None


def test_a_baseline_is_kept_but_was_not_judged() -> None:
    assert is_baseline("BASELINE") and is_baseline("reference (clean data)")
    assert not is_baseline("keep")


@given(st.text(max_size=300))
def test_any_text_has_a_verdict_or_none(text: str) -> None:
    assert verdict(text) in ("keep", "discard", "crash", None)
    assert verdict_in_text(text) in ("keep", "discard", "crash", None)


@given(st.sampled_from(["keep", "discard", "crash"]), st.from_regex(r"[ a-z0-9.+-]{0,40}", fullmatch=True))
def test_a_reason_in_brackets_never_changes_the_verdict(status: str, reason: str) -> None:
    assert verdict(f"{status} ({reason})") == status
