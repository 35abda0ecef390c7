"""How far a knob is turned: steps that somebody would take, and values that go with what stands beside them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard import steps
from memorylab.core.guard.settable import CodeKnob
from memorylab.core.guard.steps import KnobScale


def knob(label: str, now: float, slot: str = "") -> CodeKnob:
    return CodeKnob(slot or label, label, now, True)


def scale(label: str, now: float) -> KnobScale:
    found = steps.scale_of(knob(label, now))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("label", "now", "down", "up"),
    [
        ("MATRIX_LR", 0.04, 0.02, 0.08),
        ("DEPTH", 8, 6, 9),
        ("max_depth", 3, 2, 4),
        ("n_estimators", 100, 80, 120),
        ("RSI_PERIOD", 14, 12, 16),
        ("RSI_BUY", 30, 25, 35),
        ("d_model", 768, 640, 896),
        ("TOTAL_BATCH_SIZE", 2**19, 2**18, 2**20),
        ("batch_size", 4, 2, 8),
        ("MUON_MOMENTUM", 0.95, 0.9, 0.975),
        ("beta2", 0.999, 0.998, 0.9995),
        ("WARMDOWN_RATIO", 0.5, 0.25, 0.75),
        ("subsample", 1, 0.8, None),
        ("grad_clip", 1, 0.5, 2),
        ("adam_eps", 1e-8, 1e-9, 1e-7),
        ("dropout", 0, None, 0.1),
        ("num_layers", 1, None, 2),
        ("STOP_LOSS", -0.05, -0.1, -0.025),
    ],
)
def test_usual_steps(label: str, now: float, down: float | None, up: float | None) -> None:
    found = scale(label, now)
    assert (found.down, found.up) == (down, up)
    assert found.at(1) == up and found.at(-1) == down


def test_a_switch_and_what_is_off_without_a_usual_value_have_no_steps() -> None:
    assert steps.scale_of(CodeKnob("USE_X", "USE_X", True, True)) is None
    assert steps.scale_of(knob("offset", 0)) is None
    assert steps.scale_of(knob("warmup_steps", 0)) is None


@given(st.sampled_from(["MATRIX_LR", "n_layers", "beta2", "keep_ratio", "batch_size"]), st.floats(1e-6, 1e6))
def test_a_step_leads_its_own_way_and_is_one_step_away(label: str, now: float) -> None:
    found = steps.scale_of(knob(label, now))
    assert found is not None
    for way in (1, -1):
        value = found.at(way)
        if value is None:
            continue
        assert math.isfinite(value) and (value - now) * way > 0
        far = found.steps(value)
        assert far is not None and abs(far - way) < 1e-6
        assert not (found.high == 1 and value > 1)


def test_a_part_of_a_step_is_a_number_that_somebody_would_write() -> None:
    assert scale("MATRIX_LR", 0.04).at(0.5) == 0.06
    assert scale("MATRIX_LR", 0.04).at(-0.5) == 0.03
    assert scale("MUON_MOMENTUM", 0.95).at(-0.5) == 0.93
    assert scale("TOTAL_BATCH_SIZE", 2**19).at(0.4) == 2**19


def first(name: str, way: float, slots: dict[str, Any]) -> float | None:
    one = knob(name.rpartition(".")[2], float(slots[name]), name)
    found = steps.scale_of(one)
    assert found is not None
    return next(steps.values(found, way, 1.0, steps.fitting(one, slots)), None)


def test_heads_go_on_to_divide_the_width_and_the_width_to_be_divided() -> None:
    slots = {"model.n_head": 6, "model.n_embd": 384}
    assert first("model.n_head", 1, slots) == 8
    assert (first("model.n_embd", 1, slots) or 1) % 6 == 0
    grouped = {"n_heads": 8, "n_kv_heads": 4, "d_model": 512}
    assert first("n_kv_heads", 1, grouped) == 8
    assert first("n_heads", -1, grouped) == 4


def test_a_devices_batch_goes_on_to_divide_the_whole() -> None:
    assert first("DEVICE_BATCH_SIZE", 1, {"DEVICE_BATCH_SIZE": 128, "TOTAL_BATCH_SIZE": 128}) is None
    assert first("DEVICE_BATCH_SIZE", 1, {"DEVICE_BATCH_SIZE": 64, "TOTAL_BATCH_SIZE": 128}) == 128


def test_a_fast_window_stays_below_the_slow_one() -> None:
    assert first("P.fast", 1, {"P.fast": 12, "P.slow": 13}) is None
    assert first("P.fast", 1, {"P.fast": 12, "P.slow": 26}) == 13
    assert first("RSI_SELL", -1, {"RSI_BUY": 65, "RSI_SELL": 70}) == 68


def test_values_are_spelled_as_they_are_set() -> None:
    told = {0.05: "0.05", 2.0**19: "524288", 1e-8: "1e-08"}
    assert {value: steps.spelled(value) for value in told} == told
    assert (steps.spelled(True), steps.spelled(False)) == ("true", "false")
