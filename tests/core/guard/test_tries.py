"""Which runs of a ledger are counted, and that counts of ledgers add up."""

from __future__ import annotations

from hypothesis import given

from memorylab.core.guard.priors import ALL, Counts
from memorylab.core.guard.tries import Tried, tally
from tests.tried import BASE, ledgers, run


def test_a_try_counts_for_its_kind_its_target_its_family_and_all() -> None:
    pack = tally([[BASE, run("raise matrix LR to 0.05", "keep"), run("lower matrix LR to 0.03")]])
    assert (pack.ledgers, pack.runs) == (1, 2)
    assert pack.cells["MATRIX_LR|up"] == Counts(1, 1, 1, 0)
    assert pack.cells["MATRIX_LR|down"] == Counts(1, 1, 0, 0)
    assert pack.cells["MATRIX_LR|*"] == pack.cells["optimizer/*|*"] == pack.cells[ALL] == Counts(2, 1, 1, 0)


def test_controls_and_what_a_ledger_keeps_first_are_no_tries() -> None:
    assert tally([[BASE, run("rerun of the best", "keep"), run("seed 43")]]).runs == 0
    assert tally([[run("depth 8", "keep"), run("depth 10", "keep")]]).cells["DEPTH|*"] == Counts(1, 1, 1, 0)
    assert tally([[run("depth 8", None), run("", "discard")]]).runs == 0


def test_a_crash_of_the_machine_says_nothing_of_the_idea() -> None:
    ours, theirs = run("depth 12", "crash", "oom"), run("depth 14", "crash", "disk_full")
    assert tally([[BASE, ours, theirs]]).cells["DEPTH|*"] == Counts(1, 1, 0, 1)


def test_of_a_combination_the_first_edit_counts() -> None:
    cells = tally([[BASE, run("depth 10 and matrix LR 0.03")]]).cells
    assert "DEPTH|*" in cells
    assert "MATRIX_LR|*" not in cells


def test_the_last_kept_value_tells_which_way_the_next_one_goes() -> None:
    cells = tally([[BASE, run("matrix LR 0.05", "keep"), run("matrix LR 0.06"), run("matrix LR 0.04")]]).cells
    assert [cells[f"MATRIX_LR|{kind}"].tries for kind in ("set", "up", "down")] == [1, 1, 1]


def test_a_run_that_was_copied_into_another_ledger_counts_once() -> None:
    shared = run("depth 10", same=(1.01, "depth 10"))
    pack = tally([[BASE, shared], [BASE, shared, run("depth 12", same=(1.02, "depth 12"))]])
    assert pack.cells["DEPTH|*"] == Counts(2, 2, 0, 0)
    assert tally([[BASE, shared]], without=[[shared]]).runs == 0


@given(ledgers, ledgers)
def test_counts_of_ledgers_add_up(some: list[list[Tried]], others: list[list[Tried]]) -> None:
    assert tally(some).plus(tally(others)) == tally([*some, *others])


@given(ledgers)
def test_a_cell_never_has_more_than_the_levels_above_it(some: list[list[Tried]]) -> None:
    cells = tally(some).cells
    for cell, (tries, found_in, kept, crashed) in cells.items():
        above = cells[f"{cell.rpartition('|')[0]}|*"]
        assert kept + crashed <= tries <= above.tries <= cells[ALL].tries
        assert found_in <= above.ledgers <= len(some)
