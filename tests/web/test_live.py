"""A run that another process logs is on its way to every open page within two seconds."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from memorylab.lab.context import Context
from memorylab.lab.window import Window
from memorylab.web.live import MOST, News
from memorylab.web.worker import Worker
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
        streams = [news.stream() for _ in range(MOST)]
        for stream in streams:
            await anext(stream)
        full = [news.full]
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        assert [*full, news.full] == [True, False]
        await news.close()
        worker.close()

    asyncio.run(told())


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
