"""Holds that thresholds are chosen on the first half, priced on both, and only proposed where that is sound."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard import tuning
from memorylab.core.guard.tuning import Option, Settings, Trial

STATUSES = st.sampled_from(["keep", "discard", "crash", None])
OPTIONS = st.lists(st.tuples(STATUSES, st.booleans(), st.booleans(), st.booleans()), max_size=40)


def trials(*statuses: str | None) -> list[Trial]:
    half = len(statuses) / 2
    return [
        Trial(n, "night.tsv", n < half, status, f"idea {n}", 0.01 * n if status == "keep" else 0.0, 360.0)
        for n, status in enumerate(statuses)
    ]


def option(threshold: float, blocked: Sequence[bool], below: float | None = None) -> Option:
    return Option(Settings(threshold, below), blocked)


HALF = ["keep"] * 10 + ["discard"] * 30
NIGHT = trials(*HALF, *HALF)


def blocks(wins: tuple[int, int], failures: tuple[int, int]) -> list[bool]:
    """So many wins and failures blocked in either half of NIGHT."""
    return [n < wins[half] if n < 10 else n - 10 < failures[half] for half in (0, 1) for n in range(40)]


DEFAULT = option(0.62, blocks((0, 0), (3, 3)))


def test_a_cost_names_the_wins_and_adds_the_time() -> None:
    price = tuning.cost(trials("keep", "discard", "keep", "crash", None), [True, True, False, True, True])
    assert (price.wins, [win.row for win in price.wins_lost]) == (2, [0])
    assert (price.failures, price.failures_caught, price.seconds_saved) == (2, 2, 720.0)


def test_the_best_option_catches_most_within_the_limit_of_the_first_half() -> None:
    bold = option(0.5, blocks((2, 0), (30, 30)))
    fair = option(0.54, blocks((1, 0), (9, 0)))
    shy = option(0.7, blocks((0, 0), (8, 30)))
    assert tuning.best(NIGHT, [DEFAULT, bold, fair, shy], 0.0) is shy
    assert tuning.best(NIGHT, [DEFAULT, bold, fair, shy], 0.1) is fair
    assert tuning.best(NIGHT, [DEFAULT, bold, fair, shy], 1.0) is bold


def test_the_first_of_equals_wins_and_so_the_defaults_stay() -> None:
    assert tuning.best(NIGHT, [DEFAULT, option(0.5, DEFAULT.blocked)], 0.02) is DEFAULT


def test_where_nothing_is_within_the_limit_the_least_loss_wins() -> None:
    options = [option(0.5, blocks((3, 0), (9, 0))), option(0.7, blocks((2, 0), (1, 0)))]
    assert tuning.best(NIGHT, options, 0.0).settings.threshold == 0.7


def test_a_proposal_that_holds_in_the_second_half_is_recommended_with_its_lines() -> None:
    steps = [option(0.54, blocks((0, 0), (5, 5))), option(0.54, blocks((0, 0), (12, 9)), 0.12)]
    found = tuning.proposal(NIGHT, DEFAULT, steps, 0.02)
    assert (found["enough"], found["keep_defaults"]) == (True, False)
    assert found["recommended"] == {"threshold": 0.54, "block_below": 0.12}
    assert found["lines"] == "[guard]\nthreshold = 0.54\nblock_below = 0.12\n"
    last = found["proposed"][-1]
    assert [last[part]["failures_caught"] for part in ("first_half", "second_half", "all")] == [12, 9, 21]
    assert found["default"]["all"]["failures_caught"] == 6


@pytest.mark.parametrize(
    ("second", "word"),
    [
        (((0, 2), (9, 30)), "loses more wins"),
        (((0, 0), (9, 3)), "does no better"),
        (((0, 0), (3, 3)), "does no better"),
    ],
)
def test_a_proposal_that_does_not_hold_in_the_second_half_is_shown_and_not_recommended(
    second: tuple[tuple[int, int], tuple[int, int]], word: str
) -> None:
    found = tuning.proposal(NIGHT, DEFAULT, [option(0.5, blocks(*second))], 0.02)
    assert found["keep_defaults"]
    assert word in found["reason"]
    assert found["recommended"] == {"threshold": 0.62, "block_below": None}


def test_a_small_ledger_keeps_the_defaults_and_says_why() -> None:
    few = trials(*["keep"] * 9, *["discard"] * 40)
    flags = [False] * 9 + [True] * 40
    found = tuning.proposal(few, option(0.62, [False] * 49), [option(0.5, flags)], 0.02)
    assert (found["enough"], found["keep_defaults"]) == (False, True)
    assert found["reason"].startswith("9 kept and 40 failed runs are too few")
    assert found["lines"] == "[guard]\nthreshold = 0.62\n"


@given(rows=OPTIONS, limit=st.floats(0, 1))
def test_what_is_chosen_depends_on_the_first_half_alone(
    rows: list[tuple[str | None, bool, bool, bool]], limit: float
) -> None:
    night = trials(*(row[0] for row in rows))
    options = [option(0.1 * i, [bool(row[i]) for row in rows]) for i in (1, 2, 3)]
    chosen = tuning.best(night, options, limit)
    early = [t.early for t in night]
    blind = [o._replace(blocked=[b and e for b, e in zip(o.blocked, early, strict=True)]) for o in options]
    assert tuning.best(night, blind, limit).settings == chosen.settings


@given(rows=OPTIONS)
def test_the_halves_add_up_to_the_whole(rows: list[tuple[str | None, bool, bool, bool]]) -> None:
    night, flags = trials(*(row[0] for row in rows)), [row[1] for row in rows]
    first, second, whole = (tuning.cost(night, flags, early) for early in (True, False, None))
    assert first.wins + second.wins == whole.wins
    assert first.wins_lost + second.wins_lost == whole.wins_lost
    assert first.failures_caught + second.failures_caught == whole.failures_caught
