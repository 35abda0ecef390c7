from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions.effects import SHAPES, Belief, meet
from memorylab.core.decisions.noise import Noise
from memorylab.core.decisions.promotion import Budget
from memorylab.core.decisions.ruling import DOUBTED, MOST_RUNS, UNMEASURED, Ruling, rule
from memorylab.core.decisions.situation import Reference, Situation, judge

NOISE = Noise(0.001, 20, 19)
CHAMPION = Reference("r0", None, 1.0, 4)
RANK = {("discard", False): 0, ("keep", False): 1, ("keep", True): 2}
"""From the worst to the best that can become of a measured run."""


def ruling(**changes: Any) -> Ruling:
    s = Situation(
        run_id="r1", commit=None, status=None, description="d", family="f", hypothesis="", metric="m", direction="min",
        value=0.99, runs=1, leads=False, before=CHAMPION, base=CHAMPION, champion=CHAMPION, noise=NOISE,
        guard={"classification": "novel", "policy": {"decision": "allow", "reason": "", "mode": "explore"}}, error=None,
        same_failures=0, integrity="ok", run_s=300.0,
    )._replace(**changes)  # fmt: skip
    return rule(s, judge(s))


def rank(**changes: Any) -> int:
    found = ruling(**changes)
    return RANK[found.status, bool(found.promoted)]


BUDGETS = st.builds(Budget, st.integers(0, 30), st.floats(0, 3))
SIGMAS = st.floats(-8, 8)


@given(SIGMAS, st.floats(0.05, 4), BUDGETS, st.integers(1, 6))
def test_a_better_run_never_fares_worse(gain: float, more: float, promotions: Budget, runs: int) -> None:
    one, better = 1 - 0.001 * gain, 1 - 0.001 * (gain + more)
    assert rank(value=better, runs=runs, promotions=promotions) >= rank(value=one, runs=runs, promotions=promotions)


@given(SIGMAS, BUDGETS, st.floats(0, 3))
def test_a_smaller_budget_never_promotes_more(gain: float, promotions: Budget, spent: float) -> None:
    tight = promotions._replace(expected_false=promotions.expected_false + spent)
    value = 1 - 0.001 * gain
    assert bool(ruling(value=value, promotions=tight).promoted) <= bool(
        ruling(value=value, promotions=promotions).promoted
    )


@given(SIGMAS, BUDGETS, st.integers(1, 6), st.booleans(), st.booleans())
def test_whatever_is_promoted_was_kept_and_within_the_risk(
    gain: float, promotions: Budget, runs: int, leads: bool, confirmed: bool
) -> None:
    s: dict[str, Any] = {"value": 1 - 0.001 * gain, "runs": runs, "leads": leads, "promotions": promotions}
    found = ruling(**s, confirmed=confirmed)
    assert found.rerun >= 0 and found.new_idea >= 0
    assert found.why
    if found.promoted:
        assert found.status == "keep"
        assert gain > 0
        met = meet(Belief(-1.0, NOISE.sigma / 2), -s["value"], runs, NOISE)
        assert met.gain.mean > 0
    assert not found.demoted  # nothing is known of the champion's own gain


@given(SIGMAS, BUDGETS, st.integers(0, UNMEASURED - 1))
def test_while_little_was_repeated_only_a_clear_gain_leads(gain: float, promotions: Budget, replicates: int) -> None:
    unmeasured, value = Noise(0.001, 20, replicates), 1 - 0.001 * gain
    found, measured = (
        ruling(value=value, promotions=promotions, noise=unmeasured),
        ruling(value=value, promotions=promotions),
    )
    assert bool(found.promoted) <= bool(measured.promoted)
    assert RANK[found.status, bool(found.promoted)] >= 1 or measured.status == "discard"


def test_a_close_call_is_run_again_until_the_noise_was_measured_but_not_forever() -> None:
    close = {"value": 0.9988, "promotions": Budget(0, 0.0)}
    unmeasured = Noise(0.001, 20, 0)
    assert ruling(**close)[:2] == ("keep", True)
    first = ruling(**close, noise=unmeasured)
    assert first[:2] == ("keep", False) and "running it again" in first.why
    assert "running it again" not in ruling(**close, noise=unmeasured, runs=MOST_RUNS).why


def test_a_clear_gain_leads_and_a_clear_loss_is_discarded() -> None:
    assert ruling(value=0.98)[:2] == ("keep", True)
    assert ruling(value=1.02)[:2] == ("discard", False)


def test_the_first_measurement_is_kept_and_a_run_without_a_value_has_crashed() -> None:
    first = ruling(base=None, champion=None, before=None)
    assert (first.status, first.promoted) == ("keep", None)
    assert "first" in first.why
    assert ruling(value=None).status == "crash"


@pytest.mark.parametrize("status", ["keep", "discard", "crash"])
def test_an_operator_has_the_last_word_on_the_status(status: str) -> None:
    for value in (0.98, 0.9999, 1.02):
        found = ruling(status=status, value=value, confirmed=True)
        assert found.status == status and not found.why and not found.demoted


@given(SIGMAS)
def test_a_keep_replaces_a_confirmed_champion_only_for_a_gain_that_auto_would_promote(gain: float) -> None:
    value = 1 - 0.001 * gain
    asked = ruling(status="keep", value=value, confirmed=True)
    assert asked.promoted == bool(ruling(value=value).promoted)
    assert ruling(status="keep", value=value).promoted  # a provisional one gives way to the operator's word


def test_a_keep_of_a_rerun_leaves_open_who_leads() -> None:
    assert ruling(status="keep", runs=2, leads=True, confirmed=True).promoted is None


POOR = tuple(100.0 if abs(shape.mean) <= 1 else 1e-6 for shape in SHAPES)
"""What ideas are worth where none gained more than a sigma: then a rerun may tell more than a new idea."""
TIGHT = Budget(0, 10.0)


def test_what_is_too_little_to_lead_is_run_again_where_that_is_worth_more_than_a_new_idea() -> None:
    found = ruling(value=0.9985, promotions=TIGHT, weights=POOR)
    assert (found.status, found.promoted) == ("keep", False)
    assert found.rerun > found.new_idea
    assert "run it again" in found.why
    rich = ruling(value=0.9985, promotions=TIGHT)
    assert rich.status == "discard" and rich.rerun < rich.new_idea


def test_after_some_reruns_it_is_decided_with_what_is_known() -> None:
    base = CHAMPION._replace(runs=1)  # which stays as vague as it is, so a rerun would go on telling something
    ruled = [
        ruling(value=0.999, runs=n, promotions=TIGHT, weights=POOR, base=base, champion=base)
        for n in range(1, MOST_RUNS + 3)
    ]
    assert ruled[0].status == "keep" and not ruled[0].promoted
    late = ruled[MOST_RUNS - 1 :]
    assert any(found.rerun > found.new_idea for found in late)
    assert all(found.status == "discard" or found.promoted for found in late)


@pytest.mark.parametrize("integrity", ["modified", "suspect"])
def test_a_number_in_doubt_never_leads_by_itself(integrity: str) -> None:
    found = ruling(value=0.5, integrity=integrity)
    assert (found.status, found.promoted) == ("discard", False)
    assert ruling(value=0.5, integrity=integrity, status="keep").status == "keep"


def test_a_champion_that_probably_gained_nothing_steps_back_for_the_next_best() -> None:
    nothing, something = (meet(Belief(0.0, 0.0), gain, 8, Noise(1.0, 40, 39)) for gain in (-0.5, 4.0))
    next_best = Reference("r9", None, 1.001)
    assert nothing.better < DOUBTED < something.better
    assert ruling(value=1.02, doubt=nothing, successor=next_best).demoted
    assert not ruling(value=1.02, doubt=something, successor=next_best).demoted
    assert not ruling(value=1.02, doubt=nothing, successor=None).demoted
    assert not ruling(value=1.02, doubt=nothing, successor=next_best, leads=True).demoted
    # Who is promoted takes the lead anyway.
    assert not ruling(value=0.98, doubt=nothing, successor=next_best).demoted


@given(SIGMAS, BUDGETS, st.sampled_from(["keep", "discard", None]))
def test_where_higher_is_better_the_ruling_is_the_same(gain: float, promotions: Budget, status: str | None) -> None:
    mirrored = CHAMPION._replace(value=-1.0)
    one = ruling(value=1 - 0.001 * gain, promotions=promotions, status=status)
    other = ruling(
        value=-(1 - 0.001 * gain), promotions=promotions, status=status, direction="max",
        base=mirrored, champion=mirrored, before=mirrored,
    )  # fmt: skip
    assert one == other
