"""What a signal does to a command that appends: it ends the work, but never the word of what was recorded."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from types import FrameType

_ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


class Ended(KeyboardInterrupt):
    """A signal that ends the command, and its number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def ignore() -> None:
    """From now on no signal ends the command: all that is left is to end by itself."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def heed(settled: Sequence[str]) -> None:
    """From now on SIGTERM and SIGHUP raise, as SIGINT does, unless they are ignored on purpose, as under nohup.

    Once something stands in `settled` the first one is the last that is heard: what is left is to say so.
    """

    def end(number: int, frame: FrameType | None) -> None:
        if settled:
            ignore()
        raise Ended(number)

    if threading.current_thread() is threading.main_thread():  # Python allows handlers nowhere else
        for number in _ENDING:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, end)
