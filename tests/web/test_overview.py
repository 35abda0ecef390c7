"""The first screen tells one story: what it says of the champion, of believing it and of what is next fit together."""

from __future__ import annotations

from typing import Any

from memorylab.core.report import headline
from memorylab.core.report.morning import Morning
from memorylab.render import words
from memorylab.web.overview import _values
from tests.render import nights


def shown(m: Morning) -> dict[str, Any]:
    return _values(m, None, False)


def test_whether_to_believe_the_champion_is_said_as_in_the_report() -> None:
    m = nights.report(nights.night(60))
    assert m.champion is not None
    found = shown(m)
    assert found["seen"] == headline.verdict(m.champion, m.direction, words.digits_of(m))
    assert found["seen"].told in " ".join(m.headline)


def test_what_is_next_is_the_first_step_of_the_queue() -> None:
    m = nights.report(nights.night(60))
    assert shown(m)["first"] == m.queue[0]
    assert shown(nights.report([]))["first"] is None


def test_without_a_champion_there_is_nothing_to_believe() -> None:
    assert shown(nights.report([]))["seen"] is None
