"""The first screen tells one story: what it says of the champion, of believing it and of what is next fit together."""

from __future__ import annotations

from typing import Any

from memorylab.core.morning import Morning
from memorylab.web.overview import _belief, _first

EMPTY = Morning(
    generated_utc="2026-01-06T06:58:00Z", since_utc=None, metric="val_bpb", direction="min", arena="", headline=[],
    counts={}, total_counts={}, hours=1.0, champion=None, champion_before=None, gained=None, probability_gained=None,
    queue=[], challengers=[], lineages=[], failures=[], families=[], integrity=[], recent=[], knobs=[], noise={},
    progress=[], warnings=[],
)  # fmt: skip
CHAMPION: dict[str, Any] = {"run_id": "c", "commit": "abc", "description": "the champion", "mean": 0.97, "runs": 1,
                            "probability_real": 0.8, "probability_best": 0.3, "reruns_to_settle": 2}  # fmt: skip
RIVAL = {"run_id": "r", "description": "the rival", "probability_better": 0.7, "gap_to_champion": -0.001}
RERUN = {"action": "replicate", "run_id": "r", "description": "the rival", "worth": 0.0005}
NEW = {"action": "new", "run_id": None, "description": "", "worth": 0.0009}
PROMOTE = {"action": "promote", "run_id": "again", "commit": "abc", "description": "rerun", "why": "it leads"}


def test_a_champion_that_may_be_luck_is_told_with_what_would_settle_it() -> None:
    chance, told = _belief(EMPTY._replace(champion=CHAMPION | {"state": "provisional"}))
    assert chance == 0.8 and told == "80 % that its gain over what it was built on is real. 2 reruns would settle it."


def test_a_contested_champion_is_told_with_the_run_that_contests_it() -> None:
    morning = EMPTY._replace(champion=CHAMPION | {"state": "contested"}, challengers=[RIVAL])
    chance, told = _belief(morning)
    assert chance == 0.3 and told.startswith("70 % that “the rival” is truly better, though it was measured as worse")
    ahead = [RIVAL | {"gap_to_champion": 0.001}]
    assert "measured as worse" not in _belief(morning._replace(challengers=ahead))[1]


def test_a_confirmed_champion_says_that_nobody_is_believed_better() -> None:
    champion = CHAMPION | {"state": "confirmed", "probability_real": 0.999, "reruns_to_settle": None}
    assert _belief(EMPTY._replace(champion=champion)) == (
        0.999,
        "99 % that its gain over what it was built on is real, and no other run is believed better.",
    )


def test_without_a_champion_there_is_nothing_to_believe() -> None:
    assert _belief(EMPTY) == (None, "")


def test_an_open_question_about_the_champion_comes_before_other_decisions() -> None:
    morning = EMPTY._replace(champion=CHAMPION | {"state": "contested"}, queue=[PROMOTE])
    first = _first(morning, [RERUN, NEW])
    assert first is not None and first["action"] == "replicate" and "0.000500 expected" in first["why"]
    assert _first(morning, [NEW, RERUN]) == {**PROMOTE, "run_id": "c", "description": "the champion"}


def test_the_champion_is_promoted_under_its_own_name() -> None:
    morning = EMPTY._replace(champion=CHAMPION | {"state": "confirmed"}, queue=[PROMOTE])
    first = _first(morning, [RERUN])
    assert first is not None and (first["action"], first["run_id"]) == ("promote", "c")
    assert _first(EMPTY, []) is None
