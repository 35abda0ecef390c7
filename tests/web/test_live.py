"""A run that another process logs is on its way to every open page within two seconds."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from memorylab.lab.context import Context
from memorylab.lab.window import Window
from memorylab.web import live
from memorylab.web.live import MOST, News
from memorylab.web.worker import NotNow, Worker
from tests.web.site import night, row, write


async def following(news: News, states: list[dict[str, Any]], enough: int) -> None:
    """Take events off a stream until there are enough."""
    with news.seat():
        async for piece in news.stream():
            parts = (part.partition("data: ")[2] for part in piece.decode().split("\n\n"))
            states += [json.loads(part) for part in parts if part]
            if len(states) >= enough:
                return


def test_a_run_is_told_within_two_seconds_and_to_all_who_wait(place: Path) -> None:
    async def told() -> float:
        worker = Worker(lambda: Window(Context.open(place)))
        news = News(worker)
        heard: list[list[dict[str, Any]]] = [[] for _ in range(5)]
        readers = [asyncio.create_task(following(news, states, 2)) for states in heard]
        while not all(heard):
            await asyncio.sleep(0.01)
        assert all(states[0]["runs"] == 60 for states in heard)
        began = time.monotonic()
        write(place, [row(61, "keep", 0.5, description="fresh")])
        await asyncio.wait_for(asyncio.gather(*readers), 10)
        took = time.monotonic() - began
        assert all(states[1]["runs"] == 61 and states[1]["last"]["description"] == "fresh" for states in heard)
        await news.close()
        worker.close()
        return took

    assert asyncio.run(told()) < 2.0


def test_who_comes_later_hears_how_it_stands(place: Path) -> None:
    async def told() -> list[dict[str, Any]]:
        worker = Worker(lambda: Window(Context.open(place)))
        news = News(worker)
        first: list[dict[str, Any]] = []
        second: list[dict[str, Any]] = []
        await following(news, first, 1)
        write(place, [row(61)])
        await following(news, second, 1)
        await news.close()
        worker.close()
        return second

    found = asyncio.run(told())
    assert found[-1]["runs"] >= len(night())


def test_only_so_many_pages_may_wait(place: Path) -> None:
    async def told() -> None:
        worker = Worker(lambda: Window(Context.open(place)))
        news = News(worker)
        with ExitStack() as seats:
            for _ in range(MOST):
                seats.enter_context(news.seat())
            with pytest.raises(NotNow, match="too many pages"):
                seats.enter_context(news.seat())
        with news.seat():
            pass
        worker.close()

    asyncio.run(told())


def heard(place: Path, seconds: float) -> tuple[int, News]:
    """How many states are told of within some time, and who told them, ten of whose looks are over."""

    async def told() -> tuple[int, News]:
        worker = Worker(lambda: Window(Context.open(place)))
        news = News(worker)
        states: list[dict[str, Any]] = []
        with suppress(TimeoutError):
            await asyncio.wait_for(following(news, states, 1_000), seconds)
        for _ in range(40):
            await asyncio.sleep(0.1)
            if news.idle:
                break
        worker.close()
        return len(states), news

    return asyncio.run(told())


def note(place: Path, **told: Any) -> None:
    """A note of a run that another process left."""
    scratch = place / "results" / "memorylab" / "scratch" / "one"
    scratch.mkdir(parents=True)
    known = {"started": time.time() - 100, "worktree": str(place), "log": "run.log", "description": "left behind"}
    (scratch / "running.json").write_text(json.dumps(known | told))


def test_a_run_that_was_killed_is_told_of_once(place: Path) -> None:
    note(place, pid=2**22 + 1, born="never", host=socket.gethostname())
    assert heard(place, 3.0)[0] == 1


def test_a_run_that_goes_on_is_told_of_as_time_passes(place: Path) -> None:
    note(place, pid=1, host="another machine", limit_s=1e6)
    assert 2 <= heard(place, 4.0)[0] <= 5


def test_while_nothing_changes_the_index_is_left_alone_and_without_readers_nobody_looks(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    real = live.state

    def counted(window: Window) -> dict[str, Any]:
        asked.append(time.monotonic())
        return real(window)

    monkeypatch.setattr(live, "state", counted)
    states, news = heard(place, 4.0)
    assert states == len(asked) == 1
    assert news.idle


def test_a_ledger_that_can_not_be_read_for_a_moment_ends_no_stream(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> None:
        window = Window(Context.open(place))
        worker = Worker(lambda: window)
        news = News(worker)
        states: list[dict[str, Any]] = []
        reader = asyncio.create_task(following(news, states, 2))
        while not states:
            await asyncio.sleep(0.01)

        def broken() -> int:
            raise OSError("gone")

        monkeypatch.setattr(window, "version", broken)
        await asyncio.sleep(0.7)
        monkeypatch.undo()
        write(place, [row(61)])
        await asyncio.wait_for(reader, 5)
        assert states[-1]["runs"] == 61
        await news.close()
        worker.close()

    asyncio.run(told())
