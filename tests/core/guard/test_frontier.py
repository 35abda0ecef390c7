"""Holds the curve of wins lost against failures caught: what a point says is what its threshold blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard import frontier
from memorylab.core.guard.frontier import Point, Scored
from memorylab.records import NoveltyGuard

SCORES = st.none() | st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.9, 1.0]) | st.floats(0, 1)
ROWS = st.lists(st.builds(Scored, st.sampled_from(["keep", "discard", "crash", None]), SCORES), max_size=40)


def guard(decision: str, odds: float | None, p_keep: float = 0.3) -> NoveltyGuard:
    policy = {"decision": decision, "reason": "", "mode": "exploit", "evidence": ["r1"], "odds": odds}
    return {"classification": "novel", "policy": policy, "p_keep": p_keep}  # type: ignore[typeddict-item]


def test_a_score_is_the_odds_by_related_runs_where_a_row_of_them_could_close_the_line() -> None:
    assert frontier.score(guard("caution", 0.2)) == 0.2
    assert frontier.score(guard("block", 0.2)) == frontier.BY_RULE
    assert frontier.score(guard("allow", None, p_keep=0.01)) is None


def test_the_curve_starts_with_what_the_rules_block_and_ends_with_all_that_may_be_blocked() -> None:
    rows = [Scored("discard", 0.0), Scored("keep", 0.3), Scored("crash", 0.2), Scored("discard", None),
            Scored("keep", None), Scored(None, 0.1)]  # fmt: skip
    found = frontier.curve(rows)
    assert found.points == (Point(0.0, 0, 1), Point(0.2, 0, 1), Point(0.3, 0, 2), Point(1.0, 1, 2))
    assert (found.wins, found.failures) == (2, 3)
    assert found.shares(found.points[-1]) == (0.5, 2 / 3)


def test_without_chances_the_curve_is_a_point() -> None:
    assert frontier.curve([Scored("discard", 0.0), Scored("keep", None)]).points == (Point(0.0, 0, 1),)
    assert frontier.curve([]).shares(Point(0.0, 0, 0)) == (0.0, 0.0)


@given(rows=ROWS)
def test_a_point_counts_what_its_threshold_blocks(rows: list[Scored]) -> None:
    found = frontier.curve(rows)
    for point in found.points[:-1]:
        hit = [row for row in rows if frontier.blocked(row, point.threshold or 0.0)]
        assert (point.wins, point.failures) == frontier.totals(row.status for row in hit)
    assert [p.wins for p in found.points] == sorted(p.wins for p in found.points)
    assert [p.failures for p in found.points] == sorted(p.failures for p in found.points)
    assert found.points[-1].wins <= found.wins


def test_a_sweep_counts_the_flags_of_each_threshold() -> None:
    flags = [[True, False], [True, True], [True, True]]
    found = frontier.swept(["keep", "discard", None], [0.3, 0.9], flags)
    assert found.points == (Point(0.3, 1, 1), Point(0.9, 0, 1))
