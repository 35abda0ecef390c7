"""News for the pages that are open: one look at the ledger twice a second, however many are waiting for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from memorylab.lab.window import Window
from memorylab.web.jsonable import cleaned
from memorylab.web.worker import Worker

LOOK_S = 0.5
"""Between two looks; a run that another process logs is on the page within twice this."""
_BREATH_S = 15.0
"""After so long without news a comment is sent, by which both sides notice that the other is gone."""
MOST = 100
"""Pages that may wait at the same time."""


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
        self._number = 0
        self._waiting = 0
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def full(self) -> bool:
        """Whether no more pages can wait."""
        return self._waiting >= MOST

    async def close(self) -> None:
        """End all streams."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()

    async def stream(self) -> AsyncIterator[bytes]:
        """Server-sent events: the state now, then again whenever it is another."""
        self._waiting += 1
        try:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            seen = -1
            yield b"retry: 1000\n\n"
            while not self._closed:
                if self._number != seen and self._now is not None:
                    seen = self._number
                    yield _event(seen, self._now)
                    continue
                try:
                    async with asyncio.timeout(_BREATH_S), self._changed:
                        await self._changed.wait()
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self._waiting -= 1

    async def _look(self) -> None:
        """Look until nobody waits any more."""
        while self._waiting and not self._closed:
            try:
                now: dict[str, Any] | None = await self._worker.ask(state)
            except Exception:
                now = self._now  # the ledger may be moved for a moment; a request by the page tells what is wrong
            if now != self._now:
                async with self._changed:
                    self._now, self._number = now, self._number + 1
                    self._changed.notify_all()
            await asyncio.sleep(LOOK_S)
            if self._stopping():  # a server that is to end waits for its streams, so they must hear of it
                await self.close()
        self._now = None


def _event(number: int, told: dict[str, Any]) -> bytes:
    text = json.dumps(cleaned(told), ensure_ascii=False, allow_nan=False)
    return f"id: {number}\nevent: state\ndata: {text}\n\n".encode("utf-8", "replace")
