"""One thread that owns the workspace, since an index belongs to the thread that opened it; requests queue for it.

A question takes a millisecond or two, so that one thread serves more people than will ever look at a night.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from memorylab.lab.window import Window

_Answer = TypeVar("_Answer")


class Worker:
    """The thread, and the window that it opens at the first question."""

    def __init__(self, open_window: Callable[[], Window]) -> None:
        self._open = open_window
        self._window: Window | None = None
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="memorylab-window")

    async def ask(self, question: Callable[[Window], _Answer]) -> _Answer:
        """Answer a question about the workspace in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, question)

    def _answer(self, question: Callable[[Window], _Answer]) -> _Answer:
        if self._window is None:
            self._window = self._open()
        return question(self._window)

    def close(self) -> None:
        """Let go of the workspace."""
        if self._window is not None:
            self._threads.submit(self._window.context.index.close)
        self._threads.shutdown(wait=True)
