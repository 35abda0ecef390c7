"""Of each knob what its runs leave open: which values are worth a run, and why, in words that are true."""

from __future__ import annotations

from typing import Any

import pytest

from memorylab.core.guard.knobs import tries
from memorylab.core.guard.settable import CodeKnob
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.ideas import Past
from memorylab.core.report import proposals
from memorylab.core.report.proposals import ProposedEdit, Scene, Turned
from tests.core.guard.test_novelty import past

SCENE = Scene(1.1, 1.0)


def options(label: str, now: float | bool, *runs: Past, slots: dict[str, Any] | None = None) -> list[ProposedEdit]:
    found = tries(Edit(label, "set"), runs, now if isinstance(now, float) else None, beside=True)
    return proposals.of_knob(CodeKnob(label, label, now, True), label, found, slots or {label: now}, SCENE)


def values(found: list[ProposedEdit]) -> list[float | bool]:
    return [option.settings[0].value for option in found]


def test_an_untouched_knob_is_worth_a_usual_step_either_way() -> None:
    found = options("MATRIX_LR", 0.04)
    assert set(values(found)) == {0.02, 0.08}
    assert {option.reason for option in found} == {"untouched: no run has changed it"}


def test_where_one_side_failed_the_other_is_proposed_and_nothing_beyond_the_failure() -> None:
    found = options("MATRIX_LR", 0.04, past(1, "MATRIX_LR 0.04 -> 0.06"))
    assert values(found)[0] == 0.02
    assert found[0].reason == "0.06 lost 9.0 σ; the other side of 0.04 is untried"
    assert all(float(value) < 0.06 for value in values(found))


def test_between_two_failures_the_reason_tells_both() -> None:
    found = options(
        "MATRIX_LR", 0.04, past(1, "MATRIX_LR 0.04 -> 0.08", gain=-3.4), past(2, "MATRIX_LR 0.04 -> 0.01", gain=-2.5)
    )
    assert found and all(0.01 < float(value) < 0.08 for value in values(found))
    assert (
        found[0].reason == "the best lies between 0.01 and 0.08, with 0.04 so far: 0.01 lost 2.5 σ and 0.08 lost 3.4 σ"
    )


def test_after_a_kept_step_comes_a_further_one() -> None:
    kept = past(1, "MATRIX_LR 0.04 -> 0.05", "keep", 3.0)
    found = options("MATRIX_LR", 0.05, kept)
    assert values(found)[0] == 0.1
    assert found[0].reason == "0.04 to 0.05 was kept for a gain of 3.0 σ: a step further"
    assert 0.04 not in values(found), "the value that was left was the base, and was measured as such"


def test_a_value_that_was_tried_on_this_base_is_not_proposed_again() -> None:
    tie = past(1, "MATRIX_LR 0.04 -> 0.08", gain=0.3)
    assert 0.08 not in values(options("MATRIX_LR", 0.04, tie))
    moved = tie._replace(moved=("TOTAL_BATCH_SIZE",))
    found = {option.settings[0].value: option for option in options("MATRIX_LR", 0.04, moved)}
    assert (
        found[0.08].reason == "tried before the base changed, not since: 0.08 made no clear difference (+0.3 σ) there"
    )


def test_beyond_a_crash_nothing_is_proposed() -> None:
    crash = past(1, "DEPTH 8 -> 9", "crash", kind="oom")
    assert max(map(float, values(options("DEPTH", 8.0, crash)))) < 9
    heads = past(1, "DEPTH 8 -> 9", "crash", kind="assertion")
    assert 9 not in values(options("DEPTH", 8.0, heads)), "it says nothing of ten, but everything of nine"


def test_where_the_machine_failed_nothing_was_tried() -> None:
    tried = tries(Edit("DEPTH", "set"), [past(1, "DEPTH 8 -> 9", "crash", kind="machine")], 8.0)
    assert tried and proposals.fair(tried) == []


def test_a_switch_is_turned_once() -> None:
    knob = CodeKnob("USE_SCALING", "USE_SCALING", False, False)
    assert values(proposals.of_knob(knob, "USE_SCALING", [], {}, SCENE)) == [True]
    tried = tries(Edit("USE_SCALING", "set"), [past(1, "USE_SCALING=true")], None)
    assert tried and proposals.of_knob(knob, "USE_SCALING", tried, {}, SCENE) == []


def test_near_misses_that_no_run_has_made_together_are_proposed_together() -> None:
    runs = [past(1, "MATRIX_LR 0.04 -> 0.05", gain=0.8), past(2, "DEPTH 8 -> 9", gain=-0.5)]
    turned = [
        Turned(CodeKnob(name, name, now, True), name, tries(Edit(name, "set"), runs, now, beside=True))
        for name, now in (("MATRIX_LR", 0.04), ("DEPTH", 8.0))
    ]
    (pair,) = proposals.combined(turned, SCENE)
    assert {(one.knob.label, one.value) for one in pair.settings} == {("MATRIX_LR", 0.05), ("DEPTH", 9.0)}
    assert pair.reason.startswith("near misses never tried together: MATRIX_LR 0.05 made no clear difference (+0.8 σ)")
    both = [*runs, past(3, "MATRIX_LR 0.05 and DEPTH 9")]
    again = [
        one._replace(tried=tries(Edit(one.target, "set"), both, float(one.knob.now), beside=True)) for one in turned
    ]
    assert proposals.combined(again, SCENE) == []


@pytest.mark.parametrize("gain", [-9.0, 9.0])
def test_what_failed_or_was_gone_on_from_is_no_near_miss(gain: float) -> None:
    status = "keep" if gain > 0 else "discard"
    runs = [past(1, "MATRIX_LR 0.04 -> 0.05", status, gain), past(2, "MATRIX_LR 0.05 -> 0.06", "keep", 5.0)]
    tried = tries(Edit("MATRIX_LR", "set"), runs, 0.06, beside=True)
    assert proposals.near_miss(Turned(CodeKnob("MATRIX_LR", "MATRIX_LR", 0.06, True), "MATRIX_LR", tried)) is None


def test_no_knob_has_two_ideas_before_each_has_one() -> None:
    found = [*options("MATRIX_LR", 0.04), *options("DEPTH", 8.0)]
    first = proposals.ordered(found, lambda option: 2.0 if "MATRIX_LR" in option.about else 0.5)
    assert [option.settings[0].knob.label for option in first] == ["MATRIX_LR", "DEPTH", "MATRIX_LR", "DEPTH"]
