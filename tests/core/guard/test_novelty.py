"""The guard's verdicts: classes, evidence, and the laws that no history may break."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard.novelty import judge
from memorylab.core.reading.ideas import Past, make_idea
from memorylab.records import CLASSIFICATIONS, DECISIONS

CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "corpus"


def past(
    seq: int,
    description: str,
    status: str = "discard",
    gain: float | None = -9.0,
    *,
    kind: str | None = None,
    moved: tuple[str, ...] = (),
    in_base: bool | None = None,
) -> Past:
    idea = make_idea(description)
    kept = status == "keep"
    return Past(
        run_id=f"r{seq}",
        commit=f"{seq:07x}",
        status=status,
        description=description,
        family=idea.family,
        timestamp_utc="2026-01-01T00:00:00Z",
        edits=idea.edits,
        words=idea.words,
        value=None if status == "crash" else 1.0,
        gain=None if status == "crash" else abs(gain) if kept and gain is not None else gain,
        error_kind=kind,
        moved=moved,
        in_base=kept if in_base is None else in_base,
        seq=seq,
        said=idea.said,
    )


def verdict(text: str, *runs: Past, mode: str = "exploit") -> tuple[str, str]:
    guard = judge(make_idea(text), runs, mode=mode)
    return guard["classification"], guard["policy"]["decision"]


def test_nothing_close_is_novel() -> None:
    assert verdict("document masking", past(1, "matrix LR 0.05")) == ("novel", "allow")
    assert verdict("document masking", mode="explore") == ("novel", "allow")


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("raise matrix LR to 0.06", "increase the muon step size to 0.06"),
        ("TBS 2^19 -> 2^20", "batch of one million tokens (1048576)"),
        ("drop byte fallback", "no byte fallback"),
    ],
)
def test_a_paraphrase_of_a_failure_on_the_same_base_is_a_blocked_duplicate(first: str, again: str) -> None:
    assert verdict(again, past(1, first)) == ("duplicate_run", "block")


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("warmdown 0.5 to 0.7", "warmdown 0.7 to 0.5"),
        ("VE WD 0.001 to 0.002", "embedding WD 0.001 to 0.002"),
        ("lower matrix LR to 0.03 from 0.04", "raise matrix LR from 0.04 to 0.05"),
        ("remove weight tying", "add weight tying"),
        ("GELU activation", "SiLU activation"),
    ],
)
def test_the_opposite_another_knob_or_another_replacement_is_no_repeat(first: str, other: str) -> None:
    assert verdict(other, past(1, first))[0] not in ("duplicate_run", "repeat_failure")


def test_further_than_a_failure_is_a_blocked_repeat() -> None:
    assert verdict("softcap 15 -> 10", past(1, "softcap 15 -> 12")) == ("repeat_failure", "block")
    assert verdict("residual dropout .1", past(1, "residual dropout .05")) == ("repeat_failure", "block")


@pytest.mark.parametrize(("kind", "seen"), [("exception", "novel"), ("assertion", "novel"), ("oom", "repeat_failure")])
def test_a_value_that_does_not_fit_says_nothing_of_those_beyond(kind: str, seen: str) -> None:
    """48 doesn't divide the width, which 32 does; what runs out of memory at 48 does so beyond."""
    run = past(1, "HEAD_DIM 64 -> 48", "crash", kind=kind)
    assert verdict("HEAD_DIM 64 -> 32", run)[0] == seen
    assert verdict("HEAD_DIM 64 -> 48", run) == ("duplicate_run", "block")


def test_a_smaller_step_is_blocked_only_when_its_share_of_the_loss_is_large() -> None:
    assert verdict("WD .2 -> .4", past(1, "WD .2 -> .5", gain=-40.0)) == ("repeat_failure", "block")
    assert verdict("WD .2 -> .22", past(1, "WD .2 -> .5", gain=-6.0)) == ("repeat_failure", "caution")


def test_between_two_failed_neighbours_there_is_nothing_left() -> None:
    runs = (past(1, "SOFTCAP=20"), past(2, "SOFTCAP=30"))
    assert verdict("SOFTCAP=25", *runs) == ("repeat_failure", "block")
    assert verdict("SOFTCAP=35", *runs)[0] == "novel"


@pytest.mark.parametrize("text", ["WD .14 -> .1", "WD .14 -> .12", "weight decay 0.12"])
def test_a_step_along_a_kept_line_is_a_followup_and_never_blocked(text: str) -> None:
    runs = (past(1, "WD .2 -> .3"), past(2, "WD .2 -> .14", "keep", 3.0), past(3, "WD .14 -> .07", gain=-4.0))
    assert verdict(text, *runs) == ("incremental_followup", "allow")


def test_beyond_the_failed_end_of_a_kept_line_is_a_repeat() -> None:
    runs = [past(1, "vocab 8192 -> 12288", "keep", 3.0), past(2, "vocab 12288 -> 16384", gain=-4.0)]
    assert verdict("vocab 12288 -> 32768", *runs) == ("repeat_failure", "caution")
    runs += [past(3, "vocab 12288 -> 24576", gain=-6.0), past(4, "vocab 12288 -> 28672", gain=-6.0)]
    assert verdict("vocab 12288 -> 32768", *runs) == ("repeat_failure", "block")


def test_one_failure_among_kept_relatives_carries_no_block_and_the_reason_says_why() -> None:
    runs = [past(1, "vocab 8192 -> 12288", "keep", 3.0), past(2, "vocab 12288 -> 16384", gain=-4.0)]
    policy = judge(make_idea("vocab 12288 -> 32768"), runs)["policy"]
    assert policy["decision"] == "caution" and policy["evidence"] == ["r2"]
    assert "goes further than r2, which failed" in policy["reason"] and "kept often" in policy["reason"]


def test_halving_again_what_was_halved_and_kept_is_a_step_and_no_repetition() -> None:
    assert verdict("halve weight decay again", past(1, "halve weight decay", "keep", 2.0)) == (
        "incremental_followup",
        "allow",
    )


def test_a_kept_edit_said_again_is_a_no_op_until_the_tree_loses_it() -> None:
    kept = past(1, "vocab 8192 -> 12288", "keep", 3.0)
    assert verdict("set the vocabulary to 12288", kept) == ("known_success", "block")
    assert verdict("vocab 12288", kept._replace(in_base=False)) == ("known_success", "allow")
    assert verdict("put the 12288 vocabulary back in, it was lost", kept) == ("known_success", "allow")
    assert verdict("vocab 12288", kept, mode="replicate") == ("duplicate_run", "allow")


def test_a_failure_within_the_noise_only_warns() -> None:
    assert verdict("z-loss 1e-4", past(1, "z-loss 1e-4", gain=-0.4)) == ("duplicate_run", "caution")
    assert verdict("z-loss at 1e-3", past(1, "z-loss at 1e-4", gain=-0.4)) == ("repeat_failure", "caution")


def test_an_unknown_loss_is_taken_for_real() -> None:
    assert verdict("GELU", past(1, "GELU", gain=None)) == ("duplicate_run", "block")


def test_a_base_that_moved_where_it_interacts_only_warns() -> None:
    run = past(1, "TBS 2^17 -> 2^16", moved=("MATRIX_LR",))
    assert verdict("TBS 2^17 -> 2^16", run) == ("repeat_failure", "caution")
    far = past(1, "two epochs of digit splitting", gain=-9.0, moved=("TOTAL_BATCH_SIZE", "EMBEDDING_LR"))
    assert verdict("two epochs of digit splitting", far) == ("duplicate_run", "block")
    assert verdict("two epochs of digit splitting", far._replace(gain=-3.0)) == ("duplicate_run", "caution")


def test_a_crash_is_a_failure_unless_it_was_fixed_or_never_a_try() -> None:
    assert verdict("DBS 256", past(1, "DBS 128 -> 256", "crash", kind="oom")) == ("duplicate_run", "block")
    assert verdict("DBS 512", past(1, "DBS 128 -> 256", "crash", kind="oom")) == ("repeat_failure", "block")
    fixed = verdict("DBS 256 with chunked cross entropy", past(1, "DBS 128 -> 256", "crash", kind="oom"))
    assert fixed == ("repeat_failure", "caution")
    for kind in ("patch_failed", "interrupted", "disk_full"):
        assert verdict("fp8 lm_head", past(1, "fp8 lm_head", "crash", kind=kind)) == ("duplicate_run", "caution")


def test_an_extension_of_a_kept_edit_to_another_part_is_a_followup() -> None:
    assert verdict("fp8 in the MLP matmuls too", past(1, "fp8 lm_head", "keep", 3.0)) == (
        "incremental_followup",
        "allow",
    )
    assert verdict("fp8 in the MLP matmuls too", past(1, "fp8 lm_head"))[0] == "novel"


def test_control_runs_are_never_blocked() -> None:
    assert verdict("baseline", past(1, "baseline", "keep"))[1] != "block"
    assert verdict("random seed 137", past(1, "random seed 137"))[1] != "block"


def test_the_reason_names_the_run_its_outcome_and_the_edit() -> None:
    guard = judge(make_idea("MATRIX_LR 0.05"), [past(7, "MATRIX_LR 0.04 -> 0.05", gain=-2.14)])
    assert guard["policy"]["reason"] == "MATRIX_LR 0.05 was tried in r7 (discard, -2.1 sigma) on the same base"
    assert guard["policy"]["evidence"] == ["r7"]


def test_the_guard_object_is_json_with_the_contract_s_fields() -> None:
    guard = judge(
        make_idea("MATRIX_LR 0.06"), [past(1, "MATRIX_LR 0.04 -> 0.05"), past(2, "matrix lr 0.03", "keep", 2.0)]
    )
    assert json.loads(json.dumps(guard, allow_nan=False)) == guard
    assert guard["classification"] in CLASSIFICATIONS and guard["policy"]["decision"] in DECISIONS
    assert guard["match_count"] == sum(guard["counts"].values()) == 2
    first: dict[str, Any] = guard["top_matches"][0]
    assert set(first) == {
        "run_id", "commit", "status", "description", "family", "similarity", "why", "relation", "value", "gain",
        "base_moved",
    }  # fmt: skip
    assert guard["knobs"][0]["target"] == "MATRIX_LR"
    assert [row["to"] for row in guard["knobs"][0]["tried"]] == [0.05, 0.03]
    assert set(guard) == {
        "classification", "probe_text", "threshold", "match_count", "counts", "top_matches", "mode",
        "effective_threshold", "policy", "edits", "knobs", "field_prior", "p_keep", "suggestion", "change", "mismatch",
    }  # fmt: skip
    assert set(guard["policy"]) == {"decision", "reason", "mode", "evidence", "odds"}
    assert isinstance(guard["p_keep"], float) and 0 < guard["p_keep"] < 1
    assert guard["field_prior"] == [] and guard["mismatch"] is None


def test_the_mode_moves_the_threshold_within_its_range() -> None:
    idea = make_idea("GELU")
    assert judge(idea, [], mode="explore", threshold=0.62)["effective_threshold"] == 0.54
    assert judge(idea, [], mode="exploit", threshold=0.62)["effective_threshold"] == 0.62
    assert judge(idea, [], mode="replicate", threshold=1.0)["effective_threshold"] == 1.0
    assert judge(idea, [], mode="explore", threshold=0.0)["effective_threshold"] == 0.0


def test_limit_bounds_what_is_shown_and_not_what_is_judged() -> None:
    runs = [past(n, f"MATRIX_LR 0.04 -> 0.0{n}") for n in range(5, 10)]
    guard = judge(make_idea("MATRIX_LR 0.05"), runs, limit=2)
    assert len(guard["top_matches"]) == 2 and guard["classification"] == "duplicate_run"
    assert judge(make_idea("MATRIX_LR 0.05"), runs, limit=0)["top_matches"] == []


_IDEAS = [
    "MATRIX_LR 0.04 -> 0.05",
    "MATRIX_LR 0.04 -> 0.03",
    "softcap 15 -> 12",
    "weight tying",
    "remove dropout",
    "sort docs by length",
    "halve batch size",
    "depth 8->10",
]
_UNRELATED = ["poll the exchange hourly", "RSI 8", "imgsz 1024", "CUDA graph around the micro-step", "num_leaves=96"]
_RUNS = st.lists(
    st.tuples(st.sampled_from(_IDEAS), st.sampled_from(["keep", "discard", "crash"]), st.floats(-30, 30)), max_size=6
)


def _history(rows: list[tuple[str, str, float]]) -> list[Past]:
    return [past(n, text, status, gain) for n, (text, status, gain) in enumerate(rows, 1)]


@given(
    st.sampled_from(_IDEAS),
    _RUNS,
    st.randoms(use_true_random=False),
    st.sampled_from(["explore", "exploit", "replicate"]),
)
def test_the_order_in_which_history_is_handed_in_does_not_matter(text: str, rows: Any, random: Any, mode: str) -> None:
    runs = _history(rows)
    shuffled = runs[:]
    random.shuffle(shuffled)
    assert judge(make_idea(text), runs, mode=mode) == judge(make_idea(text), shuffled, mode=mode)


@given(st.sampled_from(_IDEAS), _RUNS, st.sampled_from(_UNRELATED), st.sampled_from(["keep", "discard", "crash"]))
def test_adding_an_unrelated_run_changes_no_verdict(text: str, rows: Any, other: str, status: str) -> None:
    runs = _history(rows)
    assert judge(make_idea(text), runs) == judge(make_idea(text), [*runs, past(99, other, status)])


_VALUES = st.integers(1, 200).map(lambda n: n / 1000)


@given(
    _VALUES, _VALUES, st.sampled_from(["MATRIX_LR", "softcap", "weight decay"]), st.sampled_from(["discard", "crash"])
)
def test_the_opposite_of_a_failure_is_never_a_repeat(here: float, there: float, knob: str, status: str) -> None:
    failed = past(1, f"{knob} {here} -> {there}", status)
    assert here == there or verdict(f"{knob} {there} -> {here}", failed)[0] not in ("duplicate_run", "repeat_failure")


@given(_VALUES, _VALUES, _VALUES)
def test_another_value_of_a_knob_is_always_shown(here: float, one: float, other: float) -> None:
    guard = judge(make_idea(f"MATRIX_LR {here} -> {other}"), [past(1, f"MATRIX_LR {here} -> {one}")])
    assert [match["run_id"] for match in guard["top_matches"]] == ["r1"]


def test_a_control_run_is_never_blocked_by_the_row_of_its_own_reruns() -> None:
    reruns = [past(n, f"seed {n}") for n in range(1, 15)]
    assert verdict("seed 99", *reruns)[1] != "block"
    assert verdict("baseline again", *[past(n, "baseline again") for n in range(1, 15)])[1] != "block"


def test_a_row_of_machine_failures_closes_no_line_and_a_row_of_real_ones_does() -> None:
    texts = [f"set flux capacity of the manifold to {n}" for n in range(2, 9)]
    broken = [past(n, text, "crash", None, kind="disk_full") for n, text in enumerate(texts)]
    assert verdict("set flux capacity of the manifold to 99", *broken)[1] != "block"
    assert verdict("set flux capacity of the manifold to 99", *map(past, range(7), texts))[1] == "block"


def test_judging_against_300_candidates_is_fast() -> None:
    runs = [past(n, f"MATRIX_LR 0.04 -> {n / 1000}") for n in range(1, 301)]
    idea = make_idea("MATRIX_LR 0.04 -> 0.5")
    judge(idea, runs)
    best = min(_timed(lambda: judge(idea, runs)) for _ in range(5))
    # About 10 ms on a quiet core; a judgement that grew with the square of the candidates would take seconds.
    assert best < 0.2, f"{best * 1e3:.1f} ms"


def _timed(call: Any) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@pytest.mark.skipif(not (CORPUS / "pairs.jsonl").exists(), reason="the corpus is not part of the project")
def test_labelled_pairs_stay_within_the_false_alarms_they_were_measured_at() -> None:
    called: dict[str, list[bool]] = {}
    for row in map(json.loads, (CORPUS / "pairs.jsonl").read_text().splitlines()):
        guard = judge(make_idea(row["probe"]), [past(1, row["past"], gain=-15.0)])
        repeat = guard["classification"] in ("duplicate_run", "repeat_failure")
        shown = any(match["run_id"] == "r1" for match in guard["top_matches"])
        called.setdefault(row["relation"], []).append(shown if row["relation"] == "other_value" else repeat)
    rate = {name: sum(hits) / len(hits) for name, hits in called.items()}
    assert rate["opposite"] <= 0.02 and rate["other_knob"] <= 0.05 and rate["unrelated"] <= 0.03
    assert rate["other_value"] >= 0.9 and rate["same"] >= 0.5
