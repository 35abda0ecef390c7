"""The command that keeps a board of the campaign on the terminal: watch."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from memorylab.cli.console import Console
from memorylab.cli.options import hours, open_window, seconds
from memorylab.errors import EXIT_OK

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning
    from memorylab.lab.running import Running
    from memorylab.lab.window import Window

POINTS = 2_000
"""Newest runs in the chart: what a night may bring, and soon read anew."""
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _REST_OF_LINE, _REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


def add_watch(parser: argparse.ArgumentParser) -> None:
    """Define the options of watch."""
    parser.add_argument("--since-hours", type=hours, metavar="N", help="cover the last N hours (default: everything)")
    parser.add_argument("--interval", type=seconds, default=2.0, metavar="S", help="look for news every S seconds (2)")
    parser.add_argument("--once", action="store_true", help="print the board and end")


def watch(args: argparse.Namespace, console: Console) -> int:
    """Show the board until interrupted; it reads the memory and writes nothing to it."""
    window = open_window(args, console)
    window.version()  # what takes long is told on the screen that stays
    if args.json:
        from memorylab.lab import running

        m = window.morning(args.since_hours, POINTS)
        now = [told._asdict() | {"tail": None, "curve": None} for told in running.running(window.context)]
        wanted = ("generated_utc", "headline", "counts", "champion", "queue", "bill")
        console.show_json({name: value for name, value in m._asdict().items() if name in wanted} | {"running": now})
        return EXIT_OK
    if args.once:
        console.show(_Board(window, args.since_hours).draw(console, None))
        return EXIT_OK
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the terminal is given back as it was
    try:
        with _screen() as alone:
            _watch(_Board(window, args.since_hours), console, args.interval, alone)
    except KeyboardInterrupt:
        return EXIT_OK
    return EXIT_OK


def _watch(board: _Board, console: Console, interval: float, alone: bool) -> None:
    shown = None
    while not console.unread:
        if alone:
            drawn = board.draw(console, console.height - 1)
            if drawn != shown:
                lines = drawn.split("\n")
                console.show(_HOME + f"{_REST_OF_LINE}\n".join(lines) + _REST_OF_LINE + _REST_OF_SCREEN)
        elif board.news():
            drawn = board.draw(console, None)
            console.show(f"{drawn}\n")
        else:
            drawn = shown or ""
        shown = drawn
        console.flush()
        time.sleep(interval)


@contextmanager
def _screen() -> Iterator[bool]:
    """A screen of its own on a terminal, which comes back as it was; yields whether there is one."""
    alone = sys.stdout.isatty()
    if alone:
        sys.stdout.write(_ENTER)
    try:
        yield alone
    finally:
        if alone:
            sys.stdout.write(_LEAVE)
            sys.stdout.flush()


class _Board:
    """What is shown: the report is made anew when the ledger has grown, what runs is read each time."""

    def __init__(self, window: Window, since_hours: float | None) -> None:
        self.window = window
        self.hours = since_hours
        self._seen: tuple[Any, ...] | None = None
        self._morning: Morning | None = None

    def news(self) -> bool:
        """Whether the ledger has grown since the board was drawn."""
        return self._seen is None or self._version() != self._seen

    def draw(self, console: Console, height: int | None) -> str:
        """The board as it stands, cut to the height of the terminal."""
        from memorylab.render import text_watch

        version = self._version()
        if self._morning is None or version != self._seen:
            self._morning, self._seen = self.window.morning(self.hours, POINTS), version
        return text_watch.board(self._morning, self._running(), console.width, console.color, height)

    def _version(self) -> tuple[Any, ...]:
        """A period moves on with the clock; a minute is fine enough."""
        return self.window.version(), int(self.window.context.clock() // 60) if self.hours else 0

    def _running(self) -> list[Running]:
        from memorylab.lab import running

        return running.running(self.window.context)
