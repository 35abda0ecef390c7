"""Writes progress that a program draws over itself as lines, at most one a second, so that a log's end can be read."""

from __future__ import annotations

import re
from collections.abc import Callable

EVERY_S = 1.0
_OVER = re.compile(rb"\r(?!\n)|\x08+")  # what a program returns to the line's beginning with
_LONGEST = 64 << 10
"""Bytes of a line that is drawn; a longer one is none, and is written as it comes."""


class Thinning:
    """Passes a stream on to `write`: whole lines as they are, of each row of drawn states one a second and the last.

    A state that has other words than the one before it is no news of the same progress, and is never left out.
    """

    def __init__(self, write: Callable[[bytes], None], every_s: float = EVERY_S) -> None:
        self._write = write
        self._every_s = every_s
        self._open = b""
        """The state that is being drawn, as far as it has come."""
        self._waiting = b""
        """The newest complete state that wasn't written."""
        self._drawing = False
        """The line was returned to its beginning: what follows is a state, not text."""
        self._at_start = True
        self._shape = b""
        self._told = float("-inf")
        self._return = False

    def feed(self, chunk: bytes, now: float) -> None:
        """Take the next bytes; `now` is monotonic."""
        if self._return:
            chunk, self._return = b"\r" + chunk, False
        if chunk.endswith(b"\r"):  # the newline that makes it an ordinary line's end may follow
            chunk, self._return = chunk[:-1], True
        pieces = _OVER.split(chunk)
        for number, piece in enumerate(pieces):
            if number:
                self._returned(now)
            self._text(piece, now)

    def tick(self, now: float) -> None:
        """Write what waits for longer than a second."""
        if self._waiting and now - self._told >= self._every_s:
            self._tell(self._waiting, now)

    def close(self) -> None:
        """Write what is left."""
        if self._waiting:
            self._tell(self._waiting, self._told)
        if self._open:
            self._write(self._open)
        self._open = b""

    def _returned(self, now: float) -> None:
        if not self._drawing:
            if not self._at_start:
                self._write(b"\n")  # what stood there was written as it came
                self._at_start, self._told = True, now
        elif self._open.strip():
            self._state(self._open, now)
        self._open, self._drawing = b"", True

    def _state(self, state: bytes, now: float) -> None:
        shape = re.sub(rb"[^A-Za-z]+", b"", state)
        if self._waiting and shape != self._shape:
            self._tell(self._waiting, now)
        fresh = shape != self._shape
        self._waiting, self._shape = state, shape
        if fresh or now - self._told >= self._every_s:
            self._tell(state, now)

    def _tell(self, state: bytes, now: float) -> None:
        self._write(state.rstrip() + b"\n")
        self._waiting, self._told = b"", now

    def _text(self, piece: bytes, now: float) -> None:
        if not piece:
            return
        if not self._drawing:
            line, newline, rest = piece.rpartition(b"\n")
            self._write(piece)
            self._at_start = not rest
            return
        line, newline, rest = piece.partition(b"\n")
        self._open += line
        if not newline:
            if len(self._open) > _LONGEST:
                self._write(self._open)
                self._open, self._drawing, self._at_start = b"", False, False
            return
        # A line's end makes its last state final; it may hold more than progress, so it is always written.
        if self._waiting and re.sub(rb"[^A-Za-z]+", b"", self._open) != self._shape:
            self._tell(self._waiting, now)
        self._waiting = b""
        if self._open.strip():
            self._write(self._open.rstrip() + b"\n")
        self._open, self._drawing, self._at_start = b"", False, True
        self._text(rest, now)
