"""Typed edits: the target state of an idea, whatever its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading.edits import Edit, circumstances, infer_family, parse, words


def only(text: str) -> Edit:
    edits = parse(text)
    assert len(edits) == 1, edits
    return edits[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("raise muon step size to 0.06", "increase matrix LR to 0.06"),
        ("MATRIX_LR 0.04→0.05", "matrix lr from .04 to .05"),
        ("MATRIX_LR=0.05", "set the Muon learning rate to 5e-2"),
        ("lower momentum to 0.93", "raise momentum to 0.93"),
        ("halve batch 524K to 262K", "TOTAL_BATCH_SIZE = 2**18"),
        ("TBS 2^19 -> 2^20", "batch of one million tokens (1048576)"),
        ("warmdown 0.5 to 0.65", "lengthen lr cooldown to 65pct"),
        ("no warmup (0 steps)", "remove the LR warmup"),
        ("5% warmup", "warmup ratio 0.05"),
        ("GeLU activation", "Gaussian error linear units in the MLP"),
        ("weight tying", "tie input and output embeddings"),
        ("WD .01 on lm_head", "decay of 0.01 for the unembedding matrix"),
        ("c_proj init N(0, .01) instead of zeros", "small gaussian start (std 0.01) for output projections"),
        ("MQA n_kv_head=1", "all query heads share one K/V pair"),
        ("stochastic depth 0.1", "skip blocks at random with p=.1"),
        ("EMA of weights .995 at eval", "evaluate a moving average of the weights, decay .995"),
        ("MLP 4x->3x", "MLP expansion factor 3"),
        ("exp12_warmdown200", "warmdown 200"),
        ("[parallel] tau 0.005", "tau=0.005"),
        ("softcap 15->10", "softcap 15->10 (hypothesis: a tighter cap (per head) helps; evidence: none)"),
        ("depth 8->10", "increase depth from 8 to 10 while keeping 3% warmup and matrix LR 0.04"),
        ("GELU instead of SiLU", "replace SiLU with GELU"),
        ("ADAM_BETAS (0.8,0.95)->(0.9,0.95)", "AdamW beta1 0.8 to 0.9"),
        ("softcap 15-->10", "softcap 15 -> 10"),
        ("softcap 15 --- smaller", "softcap 15 -- smaller"),
        ("beta1: 0.9", "beta1 0.9"),
        ("muon step size=0.05", "muon step size to 0.05"),
        ("matrix lr 0.05 on the 12-layer baseline", "matrix lr 0.05"),
    ],
)
def test_other_words_for_one_target_state_have_one_key(one: str, other: str) -> None:
    assert {edit.key for edit in parse(one)} == {edit.key for edit in parse(other)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("warmdown 0.5 to 0.7", "warmdown 0.7 to 0.5"),
        ("VE WD 0.001 to 0.002", "embedding WD 0.001 to 0.002"),
        ("lower two-thirds value embeddings", "upper two-thirds value embeddings"),
        ("window pattern SSSS", "window pattern SSL"),
        ("Muon beta2 0.95", "AdamW beta2 0.95"),
        ("remove weight tying", "add weight tying"),
        ("MED_WINDOW=10", "MED2_WINDOW=10"),
        ("replace SwiGLU with GELU", "replace GELU with SwiGLU"),
        ("VE every 3rd layer", "VE every 2nd layer"),
        ("drop docs under 100 chars", "add docs under 100 chars"),
        ("drop docs under 100 chars", "drop docs under 300 chars"),
        ("betas (0.8, 0.95) -> (0.9, 0.95)", "betas (0.8, 0.95) -> (0.8, 0.99)"),
    ],
)
def test_a_word_that_makes_another_experiment_makes_another_key(one: str, other: str) -> None:
    assert {edit.key for edit in parse(one)} != {edit.key for edit in parse(other)}


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("MATRIX_LR 0.04->0.05", Edit("MATRIX_LR", "set", 0.04, 0.05, "up")),
        ("halve the weight decay", Edit("WEIGHT_DECAY", "scale", None, 0.5, "down")),
        ("halve EMBEDDING_LR from 0.6", Edit("EMBEDDING_LR", "set", 0.6, 0.3, "down")),
        ("lr *2", Edit("LR", "scale", None, 2.0, "up")),
        ("remove dropout (0.1 -> 0.0)", Edit("DROPOUT", "remove", 0.1, "off", None)),
        ("SwiGLU -> GELU", Edit("activation", "replace", "swiglu", "gelu", None)),
        ("OUTLIER_CLIP_SIGMA=3.0", Edit("OUTLIER_CLIP_SIGMA", "set", None, 3.0, None)),
        ("fp8 lm_head", Edit("fp8", "add", None, None, None, "unembedding")),
    ],
)
def test_an_edit_says_what_is_done_from_where_to_where(text: str, edit: Edit) -> None:
    assert only(text) == edit


def test_a_combination_is_several_edits() -> None:
    assert {edit.target for edit in parse("depth 6->7 aspect_ratio 64->54")} == {"DEPTH", "ASPECT_RATIO"}
    assert {edit.target for edit in parse("SwiGLU + Adam beta2 0.99")} == {"activation", "ADAM_BETA2"}


def test_the_context_of_an_edit_is_none_of_it() -> None:
    long = "raise AdamW beta2 to 0.96 while keeping AdamW beta1 0.85, embedding lr 0.65 and 50% warmdown"
    assert only(long).target == "ADAM_BETA2"
    assert words(long) == words("raise AdamW beta2 to 0.96")
    assert only("SiLU on the 9-layer 256-wide full-attention stack").key == only("SiLU").key


def test_circumstances_are_told_from_the_edit() -> None:
    assert only("DBS 256 with chunked cross entropy").target == "DEVICE_BATCH_SIZE"
    assert "chunked_cross_entropy" in circumstances("DBS 256 with chunked cross entropy")
    assert circumstances("DBS 256") == frozenset()
    assert circumstances("lr 0.1 at batch 2^13") != circumstances("lr 0.1 at batch 2^14")


def test_outcome_words_are_no_content() -> None:
    assert words("matrix LR 0.05 (worse, discard)") == words("matrix LR 0.05")


def test_tags_count_when_the_description_is_empty() -> None:
    assert parse("", ("dropout",))[0].target == "DROPOUT"
    assert parse("") == ()


@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_every_text_has_an_edit_with_a_target_and_a_key(text: str) -> None:
    edits = parse(text)
    assert edits and all(edit.target and edit.key for edit in edits)


_KNOBS = st.sampled_from(["MATRIX_LR", "EMBEDDING_LR", "WEIGHT_DECAY", "SOFTCAP", "ROPE_BASE", "FINAL_LR_FRAC"])
_VALUES = st.integers(1, 9999).map(lambda n: n / 1000)


@given(_KNOBS, _VALUES, _VALUES)
def test_an_edit_equals_itself_under_respelling_of_numbers(knob: str, frm: float, to: float) -> None:
    spelled = [
        f"{knob} {frm} -> {to}",
        f"{knob} from {frm} to {to}",
        f"{knob.lower()} {frm}→{to}",
        f"{knob.replace('_', ' ').lower()} {frm:e} to {to:e}",
        f"{knob} {str(frm).removeprefix('0')} => {str(to).removeprefix('0')}",
    ]
    assert len({parse(text) for text in spelled}) == 1
    assert parse(f"{knob}={to}")[0].key == parse(spelled[0])[0].key


@given(_KNOBS, _VALUES, _VALUES)
def test_the_record_of_an_edit_reads_back_as_the_edit(knob: str, frm: float, to: float) -> None:
    edit = only(f"{knob} {frm} -> {to}")
    assert Edit.from_record(edit.record()) == edit


def test_a_record_from_elsewhere_is_read_without_complaint() -> None:
    assert Edit.from_record({}) == Edit("", "set")
    assert Edit.from_record({"target": "LR", "to": True, "from": [], "scope": 3}) == Edit("LR", "set")


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("MATRIX_LR 0.05", "optimizer"),
        ("VE WD 0.002", "optimizer"),
        ("warmdown 0.7", "schedule"),
        ("cosine LR decay", "schedule"),
        ("depth 10", "architecture"),
        ("SwiGLU", "architecture"),
        ("halve batch size", "batching"),
        ("wte init std 0.7", "init"),
        ("residual dropout .05", "regularization"),
        ("remove exact duplicate docs", "data"),
        ("torch.compile max-autotune", "systems"),
        ("random seed 42 to 137", "replication"),
        ("baseline", "baseline"),
        ("poll the moon", "other"),
    ],
)
def test_the_family_follows_from_the_target(text: str, family: str) -> None:
    assert infer_family(parse(text), text) == family
