"""While an index is being built nobody waits without a word: pages and programs are told, and the terminal too."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memorylab.lab.context import Context
from memorylab.lab.window import Window
from tests.web.site import Reader


class Slow(Window):
    """A window whose index takes as long as a test wants."""

    def __init__(self, root: Path) -> None:
        super().__init__(Context.open(root))
        self.go_on = threading.Event()
        self.rows = 0

    def version(self) -> int:
        """Tell of some rows again and again until the test has seen enough."""
        self.context.index.read_up_to = self.context.place.ledger.stat().st_size // 2
        while not self.go_on.wait(0.01):
            self.rows += 1000
            assert self.context.progress is not None
            self.context.progress(self.rows)
        return super().version()


@pytest.fixture
def slow(place: Path) -> Slow:
    return Slow(place)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def waiting(slow: Slow, told: list[str]) -> Iterator[Reader]:
    found = Reader(slow.context.place.code_root, open_window=lambda: slow, tell=told.append)
    yield found
    found.close()


def test_a_page_says_how_far_it_is_and_looks_again(waiting: Reader) -> None:
    page = waiting.get("/runs?status=keep")
    assert page.status_code == 503 and "building the index: 50" in page.text and "Not ready" in page.text
    assert page.headers["refresh"] == page.headers["retry-after"] == "2"


def test_a_program_is_told_when_to_ask_again(waiting: Reader) -> None:
    answer = waiting.get("/api/runs")
    assert answer.status_code == 503 and answer.headers["retry-after"] == "2" and "refresh" not in answer.headers
    assert answer.json()["error"].startswith("building the index: 50 % (")


def test_what_needs_no_index_is_answered_at_once(waiting: Reader) -> None:
    assert waiting.get("/runs").status_code == 503
    assert waiting.get("/static/app.js").status_code == waiting.get("/api/openapi.json").status_code == 200


def test_when_it_is_there_everything_is_answered_and_the_terminal_is_cleared(
    waiting: Reader, slow: Slow, told: list[str]
) -> None:
    assert waiting.get("/").status_code == 503
    slow.go_on.set()
    ends = time.monotonic() + 20
    while waiting.get("/api/runs").status_code == 503 and time.monotonic() < ends:
        time.sleep(0.05)
    assert waiting.json("/api/runs")["total"] == 60
    assert told[0].startswith("building the index: 50 % (1,000 rows)") and told[-1] == ""


def test_an_index_that_is_built_anew_later_is_told_of_too(waiting: Reader, slow: Slow) -> None:
    slow.go_on.set()
    assert waiting.get("/api/runs").status_code == 200
    slow.go_on.clear()
    assert waiting.get("/api/runs").status_code == 503
    slow.go_on.set()


def test_the_end_of_the_server_does_not_wait_for_it(slow: Slow) -> None:
    reader = Reader(slow.context.place.code_root, open_window=lambda: slow)
    assert reader.get("/").status_code == 503
    began = time.monotonic()
    reader.close()
    assert time.monotonic() - began < 5 and not slow.go_on.is_set()
