from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions.belief import Track, Trial
from memorylab.core.decisions.drift import Due
from memorylab.core.decisions.nextruns import Option, Tried, options
from memorylab.core.decisions.noise import CONFIDENT, Noise

ONE = Noise(1.0, 40, 39)
NOT_DUE, DUE = Due(False, 0.0, 0), Due(True, 0.5, 12)


def campaign(champion: float, *others: float, noise: Noise = ONE) -> tuple[Track, Tried, list[Tried]]:
    """A known base at zero, a champion on it, and discarded ideas on the base."""
    unit = noise.sigma or 1.0
    track = Track(noise, [("base", 0.0, 20)])
    track.follow([Trial(f"o{n}", "base", unit * value) for n, value in enumerate(others)])
    track.follow([Trial("champion", "base", unit * champion)])
    tried = [Tried(f"o{n}", unit * value, 1, "base", False) for n, value in enumerate(others)]
    return track, Tried("champion", unit * champion, 1, "base", True), tried


def of(found: list[Option], action: str) -> list[Option]:
    return [option for option in found if option.action == action]


VALUES = st.floats(-10, 10)


@given(VALUES, st.lists(VALUES, max_size=12), st.integers(1, 10), st.booleans(), st.booleans())
def test_the_most_valuable_comes_first_and_a_new_idea_is_always_possible(
    champion: float, others: list[float], limit: int, due: bool, follows: bool
) -> None:
    track, leader, tried = campaign(champion, *others)
    found = options(track, leader, tried, DUE if due else NOT_DUE, "champion" if follows else None, limit)
    assert 1 <= len(found) <= limit
    assert len(of(found, "new")) == 1
    worths = [option.worth for option in found]
    assert worths == sorted(worths, reverse=True)
    for option in found:
        assert option.worth >= 0
        assert option.chance is None or 0 <= option.chance <= 1
        assert option.reruns is None or option.reruns >= 1
        assert (option.candidate is None) == (option.action == "new")


@given(VALUES, st.lists(VALUES, max_size=8), st.integers(-8, 8))
def test_the_order_does_not_depend_on_the_unit_of_the_metric(champion: float, others: list[float], power: int) -> None:
    unit = 2.0**power
    track, leader, tried = campaign(champion, *others)
    other_track, other_leader, other_tried = campaign(champion, *others, noise=Noise(unit, 40, 39))
    one = options(track, leader, tried, DUE, None, 20)
    other = options(other_track, other_leader, other_tried, DUE, None, 20)
    assert [(option.action, option.candidate) for option in one] == [(o.action, o.candidate) for o in other]


def test_of_a_workspace_without_runs_only_a_new_idea_is_left() -> None:
    assert [option.action for option in options(Track(ONE), None, [], NOT_DUE, None)] == ["new"]


def test_a_champion_in_doubt_is_worth_a_rerun_and_a_sure_one_is_not() -> None:
    doubtful, sure = campaign(1.5), campaign(20.0)
    again = of(options(doubtful[0], doubtful[1], [], NOT_DUE, None), "replicate")
    assert [option.candidate for option in again] == ["champion"]
    assert again[0].chance is not None and again[0].chance < CONFIDENT
    assert not of(options(sure[0], sure[1], [], NOT_DUE, None), "replicate")


def test_a_control_is_offered_only_when_it_is_due() -> None:
    track, leader, tried = campaign(3.0, -4.0)
    control = of(options(track, leader, tried, DUE, None), "control")
    assert [option.candidate for option in control] == ["champion"]
    assert not of(options(track, leader, tried, NOT_DUE, None), "control")


def test_a_step_further_on_what_was_kept_is_worth_more_than_another_idea() -> None:
    track, leader, tried = campaign(3.0)
    found = options(track, leader, tried, NOT_DUE, "champion")
    assert of(found, "branch_followup")[0].worth > of(found, "new")[0].worth


def test_a_discarded_idea_on_an_older_base_is_retried_and_one_that_failed_clearly_is_not() -> None:
    track, leader, tried = campaign(1.0, 0.8, -9.0)
    assert [option.candidate for option in of(options(track, leader, tried, NOT_DUE, None), "retry")] == ["o0"]


def test_a_kept_candidate_that_does_not_lead_is_run_again_as_it_was() -> None:
    track, leader, tried = campaign(1.5, 1.2)
    again = of(options(track, leader, [tried[0]._replace(kept=True)], NOT_DUE, None), "replicate")
    assert "o0" in [option.candidate for option in again]


def test_without_noise_nothing_is_run_again() -> None:
    track, leader, tried = campaign(1.0, 0.8, noise=Noise(0.0, 5, 4))
    found = options(track, leader, tried, NOT_DUE, None)
    assert [option.action for option in found] == ["new"]
