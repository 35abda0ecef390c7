"""One thread that owns a workspace, since an index belongs to the thread that opened it; questions queue for it.

A question takes a millisecond or two, so that one thread serves more people than will ever look at a night. Only an
index that must be built takes long, minutes at a million runs: who asks meanwhile is told so at once.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from memorylab.errors import LabError
from memorylab.lab.window import Window

_Answer = TypeVar("_Answer")
_LOOK_S = 0.5
"""A question waits so long before it is asked whether an index is being built."""
_OPENING_S = 10.0
"""A question to a workspace that isn't open yet waits so long: another process may be building its index."""
_LONGEST_S = 30.0
"""No question waits longer."""
MOST = 64
"""Questions that may wait at the same time: who comes later would wait for seconds, and better asks again."""
_LAST_S = 0.25
"""An answer that is being worked out when the server ends has so long; nothing is lost with it."""
_WAIT = "ask again in a moment; a page does so by itself"


class NotNow(LabError):
    """The question can be answered, but not now."""


class Building(NotNow):
    """The question can't be answered before the index is there."""


class Worker:
    """The thread, and the window that it opens at the first question.

    `tell` is told how far an index is that is being built, in words, and an empty text when it is there.
    """

    def __init__(
        self, open_window: Callable[[], Window], tell: Callable[[str], None] = lambda _: None, most: int = MOST
    ) -> None:
        self._open = open_window
        self._tell = tell
        self._most = most
        self._window: Window | None = None
        self._building = ""
        self._closing = False
        self._waiting: queue.SimpleQueue[tuple[Callable[[Window], Any], Future[Any]] | None] = queue.SimpleQueue()
        # A daemon: whatever it is at, the process can end. What it writes is an index that survives a kill.
        self._thread = threading.Thread(target=self._work, name="memorylab-window", daemon=True)
        self._thread.start()

    async def ask(self, question: Callable[[Window], _Answer]) -> _Answer:
        """Answer a question about the workspace in its thread.

        Raises:
            Building: the index is being built.
            NotNow: too many questions wait already, or this one waited too long.

        """
        if self._building:
            raise Building(self._building, _WAIT)
        if self._waiting.qsize() >= self._most:
            raise NotNow("too many requests wait already", _WAIT)
        future: Future[_Answer] = Future()
        self._waiting.put((question, future))
        answer = asyncio.wrap_future(future)
        waited = 0.0
        try:
            while not (await asyncio.wait([answer], timeout=_LOOK_S))[0]:
                waited += _LOOK_S
                if self._building or (self._window is None and waited >= _OPENING_S):
                    raise Building(self._building or "the index is being built", _WAIT)
                if waited >= _LONGEST_S:
                    raise NotNow("this takes too long", _WAIT)
            return answer.result()
        finally:
            answer.cancel()  # who no longer waits is not answered; what is being answered goes on

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            question, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._answer(question))
            except BaseException as error:
                future.set_exception(error)
            del question, future, item  # the next one may be long in coming
        if self._window is not None:
            self._window.context.index.close()

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
        while not self._waiting.empty():
            left = self._waiting.get_nowait()
            if left is not None:
                left[1].cancel()
        self._waiting.put(None)
        self._thread.join(_LAST_S)
