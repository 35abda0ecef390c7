from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions.promotion import MOST, START, Budget, budget


@given(st.lists(st.floats(0, 1), max_size=300), st.floats(0.05, 1))
def test_false_wins_never_exceed_the_budget_while_each_keep_obeys_it(doubts: list[float], share: float) -> None:
    kept: list[float] = []
    for doubt in doubts:
        if doubt <= budget(1 - one for one in kept)._replace(share=share).available:
            kept.append(doubt)
        held = budget(1 - one for one in kept)
        assert held.expected_false <= START + share * held.kept + 1e-6


@given(st.integers(0, 500), st.floats(0, 100))
def test_what_may_be_risked_is_never_more_than_an_even_chance_and_never_nothing(kept: int, false: float) -> None:
    found = Budget(kept, false)
    assert 0 < found.available <= MOST
    assert Budget(kept, false + 1).available <= found.available <= Budget(kept + 1, false).available


def test_who_allows_more_false_wins_may_risk_more() -> None:
    shares = [Budget(4, 1.0, share).available for share in (0.0, 0.1, 0.2, 0.5)]
    assert shares == sorted(shares) and shares[0] < shares[-1]
    assert shares[0] > 0  # what is nearly sure may always be kept


def test_the_first_keep_may_be_risked_and_doubtful_keeps_use_the_budget_up() -> None:
    assert Budget(0, 0.0).available == MOST
    assert budget([0.5, 0.5]).available < budget([0.99, 0.99]).available


def test_the_budget_sums_what_is_doubtful_about_the_kept() -> None:
    found = budget([0.9, 0.6, 1.0])
    assert found.kept == 3
    assert found.expected_false == pytest.approx(0.5)
