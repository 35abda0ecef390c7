"""News for the pages that are open: one looks for all of them, and asks the index only where the files have changed."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from memorylab.lab.window import Window
from memorylab.web.jsonable import cleaned
from memorylab.web.worker import NotNow, Worker

LOOK_S = 0.5
"""Between two looks while there is news."""
_RARELY_S = 1.5
"""Between two looks after a while without any: a run is on the page within two seconds all the same."""
_BREATH_S = 15.0
"""After so long without news a comment is sent, by which both sides notice that the other is gone."""
LIFE_S = 900.0
"""After so long a stream ends and its page asks anew, so that nobody who is gone keeps a seat."""
MOST = 100
"""Pages that may wait at the same time."""
_NOTES = 256
"""Scratch directories that are looked at for a sign of change."""


def state(window: Window) -> dict[str, Any]:
    """What pages are told: how many runs there are, the newest of them, and how those that go on are doing."""
    version, last = window.version(), window.last()
    return {
        "version": version,
        "runs": window.size(),
        "last": None
        if last is None
        else {
            "run_id": last.run_id,
            "status": last.status,
            "value": last.value,
            "description": last.description[:200],
        },
        "running": [
            {
                "name": told.name,
                "description": told.description[:200],
                "alive": told.alive,
                "elapsed_s": round(told.elapsed_s, 1),
                "limit_s": told.limit_s,
                "step": told.progress.step if told.progress else None,
                "loss": told.progress.loss if told.progress else None,
                "percent": told.progress.percent if told.progress else None,
            }
            for told in window.running()
        ],
    }


class News:
    """Looks for news while anybody waits for them."""

    def __init__(self, worker: Worker, stopping: Callable[[], bool] = lambda: False) -> None:
        self._worker = worker
        self._stopping = stopping
        self._changed = asyncio.Condition()
        self._now: dict[str, Any] | None = None
        self._sign: object = None
        self._number = 0
        self._waiting = 0
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether nobody waits, so that nobody looks."""
        return self._waiting == 0 and (self._looking is None or self._looking.done())

    async def close(self) -> None:
        """End all streams."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()

    @contextmanager
    def seat(self) -> Iterator[None]:
        """A place among those who wait; it is counted before anything else can happen, so that no burst passes it.

        Raises:
            NotNow: all are taken.

        """
        if self._waiting >= MOST:
            raise NotNow("too many pages wait for news already", "close some of them; this one asks again by itself")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def stream(self) -> AsyncIterator[bytes]:
        """Server-sent events for one who has a seat: the state now, then again whenever it is another."""
        loop = asyncio.get_running_loop()
        ends, seen = loop.time() + LIFE_S, -1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        yield b"retry: 1000\n\n"
        while not self._closed and loop.time() < ends:
            if self._number != seen and self._now is not None:
                seen = self._number
                yield _event(seen, self._now)
                continue
            try:
                async with asyncio.timeout(_BREATH_S), self._changed:
                    await self._changed.wait()
            except TimeoutError:
                yield b": still here\n\n"

    async def _look(self) -> None:
        """Look until nobody waits any more, less often the longer nothing happens."""
        pause = LOOK_S
        while self._waiting and not self._closed:
            try:
                now = await self._worker.ask(self._fresh)
            except Exception:
                now = None  # the ledger may be moved for a moment; a request by the page tells what is wrong
            pause = min(1.5 * pause, _RARELY_S)
            if now is not None and _news(now) != _news(self._now):
                pause = LOOK_S
                async with self._changed:
                    self._now, self._number = now, self._number + 1
                    self._changed.notify_all()
            for _ in range(round(pause / 0.1)):
                await asyncio.sleep(0.1)
                if self._stopping():  # a server that is to end waits for its streams, so they must hear of it
                    await self.close()
                    return
        self._now = self._sign = None

    def _fresh(self, window: Window) -> dict[str, Any] | None:
        """The state; None where no file says that it could be another. What runs changes by itself."""
        sign = _sign(window)
        if sign is not None and sign == self._sign and self._now and not any(r["alive"] for r in self._now["running"]):
            return None
        now = state(window)
        self._sign = sign
        return now


class Stream(StreamingResponse):
    """The news as an answer, which takes its seat when it begins and leaves it however it ends."""

    def __init__(self, news: News) -> None:
        self._news = news
        super().__init__(news.stream(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until one of both is gone."""
        if scope["method"] == "HEAD":
            await Response(headers=dict(self.headers))(scope, receive, send)
            return
        with self._news.seat():
            await super().__call__(scope, receive, send)


def _news(told: dict[str, Any] | None) -> object:
    """What is news in a state: that time goes on is none where a run was killed."""
    if told is None:
        return None
    running = [run | {"elapsed_s": int(run["elapsed_s"]) if run["alive"] else 0} for run in told["running"]]
    return told | {"running": running}


def _sign(window: Window) -> object:
    """What changes with the ledger and with the notes of what runs; None where the ledger is no file."""
    try:
        ledger = Path(window.context.ledger.url).stat()
    except (OSError, ValueError):
        return None
    try:
        with os.scandir(window.context.place.memory / "scratch") as entries:
            notes = [(entry.name, entry.stat().st_mtime_ns) for entry in islice(entries, _NOTES)]
    except OSError:
        notes = []
    return ledger.st_ino, ledger.st_size, ledger.st_mtime_ns, notes


def _event(number: int, told: dict[str, Any]) -> bytes:
    text = json.dumps(cleaned(told), ensure_ascii=False, allow_nan=False)
    return f"id: {number}\nevent: state\ndata: {text}\n\n".encode("utf-8", "replace")
