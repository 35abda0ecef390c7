"""One thread that owns the workspace, since an index belongs to the thread that opened it; requests queue for it.

A question takes a millisecond or two, so that one thread serves more people than will ever look at a night. Only an
index that must be built takes long, minutes at a million runs: who asks meanwhile is told so at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from memorylab.errors import LabError
from memorylab.lab.window import Window

_Answer = TypeVar("_Answer")
_LOOK_S = 0.5
"""A question waits so long before it is asked whether an index is being built."""
_LONGEST_S = 10.0
"""A question to a workspace that isn't open yet waits so long: another process may be building its index."""
_WAIT = "ask again in a moment; a page does so by itself"


class Building(LabError):
    """The question can't be answered before the index is there."""


class Worker:
    """The thread, and the window that it opens at the first question.

    `tell` is told how far an index is that is being built, in words, and an empty text when it is there.
    """

    def __init__(self, open_window: Callable[[], Window], tell: Callable[[str], None] = lambda _: None) -> None:
        self._open = open_window
        self._tell = tell
        self._window: Window | None = None
        self._building = ""
        self._closing = False
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="memorylab-window")

    async def ask(self, question: Callable[[Window], _Answer]) -> _Answer:
        """Answer a question about the workspace in its thread.

        Raises:
            Building: the index is being built.

        """
        if self._building:
            raise Building(self._building, _WAIT)
        answer = asyncio.get_running_loop().run_in_executor(self._threads, self._answer, question)
        waited = 0.0
        try:
            while not (await asyncio.wait([answer], timeout=_LOOK_S))[0]:
                waited += _LOOK_S
                if self._building or (self._window is None and waited >= _LONGEST_S):
                    raise Building(self._building or "the index is being built", _WAIT)
            return answer.result()
        finally:
            answer.cancel()  # who no longer waits is not answered; what is being answered goes on

    def _answer(self, question: Callable[[Window], _Answer]) -> _Answer:
        try:
            if self._window is None:
                window = self._open()
                window.context.progress = lambda rows: self._told(window.context.building(rows))
                window.version()
                self._window = window
            return question(self._window)
        finally:
            if self._building:
                self._told("")

    def _told(self, building: str) -> None:
        if self._closing and building:
            raise Building("the index is not built to its end", "the next command builds it anew")
        self._building = building
        self._tell(building)

    def close(self) -> None:
        """Let go of the workspace; an index that is being built is given up, since that takes minutes."""
        self._closing = True
        if self._window is not None:
            self._threads.submit(self._window.context.index.close)
        self._threads.shutdown(wait=True, cancel_futures=self._window is None)
