"""Holds `starved`: less of the machine, measured, and training lost to that. A worse idea is none of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading.edits import Edit
from memorylab.core.runs.starved import Case, Resources, judge, resources, usual_cores
from memorylab.core.runs.throughput import Work

RATE = (Edit("MATRIX_LR", "set", 0.04, 0.05, "up"),)
DEPTH = (Edit("DEPTH", "set", 8.0, 10.0, "up"),)
BASE = Work(tokens=100.0, steps=1000.0, seconds=300.0)
QUIET = Resources(wall=310.0, cpu=308.0, idle=0.9, on_cpu=True)
"""One thread on two processors of which one has nothing to do."""
BUSY = Resources(wall=310.0, cpu=150.0, idle=0.02, on_cpu=True)
HALF = Work(tokens=50.0, steps=500.0, seconds=300.0)


def case(had: Resources = QUIET, work: Work = BASE, **more: object) -> Case:
    return Case(had, work, BASE, [QUIET, QUIET], RATE, True, 300.0)._replace(**more)  # type: ignore[arg-type]


def test_a_run_that_had_what_its_peers_had_is_evidence() -> None:
    assert judge(case()) is None
    assert judge(case(QUIET._replace(idle=0.0))) is None  # others took what it never used


def test_half_of_the_processor_until_the_clock_ended_it_is_starved() -> None:
    found = judge(case(BUSY, HALF))
    assert found is not None and found.measured
    assert "0.5 of the 0.99 processors" in found.text


@pytest.mark.parametrize("edits", [RATE, DEPTH, ()])
def test_what_the_code_changes_does_not_matter_where_the_machine_was_measured(edits: tuple[Edit, ...]) -> None:
    assert judge(case(BUSY, HALF, edits=edits)) is not None


@pytest.mark.parametrize(
    ("had", "work", "edits"),
    [
        (QUIET, HALF, DEPTH),  # a bigger model, slower by itself
        (Resources(310.0, 150.0, 1.5, on_cpu=True), HALF, RATE),  # it left processors idle: it waited for itself
        (Resources(310.0, 150.0, 1.5, on_cpu=True), Work(300.0, 3000.0, 300.0), DEPTH),  # a small model, on its own
        (QUIET, HALF, RATE),  # slow for no reason known, while the machine had nothing else to do
        (Resources(630.0, 308.0, 0.0, on_cpu=True), BASE, RATE),  # it took longer, and had all of its processor time
        (BUSY, BASE, RATE),  # by steps: it took longer, and lost none
        (Resources(40.0, 20.0, 0.0, on_cpu=True), Work(seconds=38.0), RATE),  # it ended by itself, before its time
    ],
)
def test_a_run_that_lost_nothing_to_others_is_not(had: Resources, work: Work, edits: tuple[Edit, ...]) -> None:
    assert judge(case(had, work, edits=edits)) is None


def test_without_peers_a_run_wants_one_processor() -> None:
    alone = case(BUSY, HALF, base=None, peers=[])
    assert judge(alone) is not None
    assert judge(alone._replace(had=QUIET, work=BASE)) is None


def test_a_budget_that_the_clock_cut_short_is_starved_unless_the_machine_was_free() -> None:
    short = case(Resources(50.0, 12.0, 0.1, on_cpu=True), Work(40.0, 400.0, 12.0), budget_s=12.0, budget_share=0.42)
    found = judge(short)
    assert found is not None and "42 % of its budget" in found.text
    assert judge(short._replace(had=Resources(50.0, 48.0, 0.9, on_cpu=True))) is None  # whatever it says of itself
    assert judge(short._replace(had=Resources())) is not None
    assert judge(short._replace(budget_share=1.0)) is None  # half as fast for four times as long
    assert judge(short._replace(had=Resources(12.5, 12.4, 0.9), budget_share=None)) is None


def test_a_run_whose_time_was_up_is_starved_where_it_worked_and_no_hang() -> None:
    late = case(Resources(600.0, 280.0, 0.0, on_cpu=True), Work(), late=True)
    assert judge(late) is not None
    assert judge(late._replace(had=Resources(600.0, 3.0, 0.0, on_cpu=True))) is None  # it hung, on a busy machine
    assert judge(late._replace(had=Resources(600.0, 590.0, 1.0, on_cpu=True))) is None
    assert judge(late._replace(had=Resources(1300.0, 600.0, 0.0, limit=600.0, on_cpu=True))) is None  # its limit grew
    assert judge(late._replace(had=Resources(1300.0, 300.0, 0.0, limit=600.0, on_cpu=True))) is not None


@pytest.mark.parametrize(
    ("work", "edits", "changed", "starved"),
    [
        (Work(80.0, 800.0, 300.0), RATE, True, True),
        (Work(95.0, 950.0, 300.0), RATE, True, False),
        (Work(80.0, 8.0, 300.0), RATE, True, False),  # of so few steps one more or less is an eighth
        (Work(80.0, 800.0, 300.0), DEPTH, True, False),
        (Work(80.0, 800.0, 300.0), DEPTH, False, True),  # a rerun: the depth was the base's too
        (Work(80.0, 800.0, 300.0), (*RATE, *DEPTH), True, False),
        (Work(80.0, 800.0, 240.0), RATE, True, False),  # fewer tokens, in less time
        (Work(80.0, 800.0, None), RATE, True, False),
        (Work(80.0, 800.0, 300.0), (), True, True),
    ],
)
def test_where_nothing_was_measured_the_run_s_own_speed_tells(
    work: Work, edits: tuple[Edit, ...], changed: bool, starved: bool
) -> None:
    found = judge(case(Resources(), work, edits=edits, changed=changed))
    assert (found is not None) is starved
    assert found is None or not found.measured


@pytest.mark.parametrize(("used", "edits", "measured"), [(60.0, DEPTH, True), (0.0, DEPTH, None), (0.0, RATE, False)])
def test_somebody_else_on_the_gpu(used: float, edits: tuple[Edit, ...], measured: bool | None) -> None:
    found = judge(case(Resources(310.0, 300.0, 60.0, used), HALF, edits=edits))
    assert (found.measured if found else None) is measured
    assert judge(case(Resources(310.0, 300.0, 60.0, used), BASE, edits=edits)) is None  # it lost nothing


def test_training_that_was_done_elsewhere_is_not_judged_by_this_machine() -> None:
    submitted = Resources(wall=5.0, cpu=0.2, idle=0.0, on_cpu=True)
    assert judge(case(submitted, BASE)) is None
    assert judge(case(submitted, HALF)) is not None  # by its own speed


def test_what_a_row_says_of_its_resources() -> None:
    told = {"wall_seconds": 10, "cpu_seconds": 5.0, "cores_idle": 0.5, "device": "cpu", "gpu": {"utilization_after": 7}}
    assert resources(told) == Resources(10, 5.0, 0.5, 7.0, on_cpu=True)
    assert resources(None) == resources({"gpu": "none", "wall_seconds": "long"}) == Resources()


def test_the_base_says_what_is_usual_and_else_the_middle_of_the_others() -> None:
    others = [Resources(10.0, cpu) for cpu in (10.0, 20.0, 40.0)]
    assert usual_cores([Resources(10.0, 30.0), *others]) == 3.0
    assert usual_cores([Resources(), *others]) == 2.0
    assert usual_cores([]) is None


@given(
    st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e3), st.one_of(st.none(), st.floats(0, 1e9)), st.floats(0, 2)
)
def test_any_numbers_are_judged(wall: float, cpu: float, idle: float, steps: float | None, share: float) -> None:
    judge(case(Resources(wall, cpu, idle), Work(steps=steps, seconds=wall), budget_share=share))
