"""Where commands print: documents on stdout, messages on stderr, colour only for a person's terminal."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from memorylab.core.numerals import loss
from memorylab.core.runs import redact

if TYPE_CHECKING:
    from memorylab.adapters.training_log import Progress


WIDEST = 1_000
"""Columns of a terminal that are made use of, whatever COLUMNS says."""


class Unprinted(Exception):
    """Standard output takes no more: closed, full, or nobody reads it."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the outcome can't be printed: {error.strerror or error}")
        self.reader_left = error.errno == errno.EPIPE


class Console:
    """The terminal, or whatever stands for it."""

    def __init__(self, words: Sequence[str]) -> None:
        options = list(words[: words.index("--")]) if "--" in words else list(words)
        self.debug = "--debug" in options
        self.alone = False
        """Whether the process is this command's, and its signals too."""
        self.outcome = 0
        """The exit code that a command has earned by what it has settled."""
        self.settled: list[str] = []
        """What it has settled; see `memorylab.lab.context.Context`."""
        self.partial = False
        """Whether more was asked for than that, so that a failure is one."""
        self._live = False
        for stream in (sys.stdout, sys.stderr):
            # An agent's container often has an ASCII locale; a description with an arrow must not end a command.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")

    @property
    def color(self) -> bool:
        """Whether stdout is a terminal that wants colours (https://no-color.org)."""
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return self.at_terminal and not plain

    @property
    def at_terminal(self) -> bool:
        """Whether stdout is a terminal, which obeys what is printed; elsewhere a document is exact."""
        return sys.stdout is not None and sys.stdout.isatty()

    @property
    def width(self) -> int:
        """Columns of the terminal, 100 where there is none."""
        try:
            return min(int(os.environ.get("COLUMNS", "")), WIDEST) or 100
        except ValueError:
            pass
        try:
            return os.get_terminal_size(sys.stdout.fileno()).columns or 100
        except (OSError, ValueError, AttributeError):
            return 100

    @property
    def height(self) -> int:
        """Rows of the terminal, 40 where there is none."""
        try:
            return os.get_terminal_size(sys.stdout.fileno()).lines or 40
        except (OSError, ValueError, AttributeError):
            return 40

    def show(self, text: str) -> None:
        """Print a document."""
        self.end_live()
        try:
            _opened(sys.stdout).write(text if text.endswith("\n") else text + "\n")
        except OSError as error:
            raise Unprinted(error) from error

    def flush(self) -> None:
        """Hand over what was printed: whoever reads it through a pipe waits for it."""
        try:
            if sys.stdout is not None:  # nothing was printed
                sys.stdout.flush()
        except OSError as error:
            raise Unprinted(error) from error

    @property
    def unread(self) -> bool:
        """Whether nobody is left to read standard output; of a pipe that is known before anything is written to it."""
        import select

        try:
            poll = select.poll()
            poll.register(sys.stdout.fileno(), 0)
            return bool(poll.poll(0))
        except (OSError, ValueError, AttributeError):  # closed, no file, or a system without poll
            return sys.stdout is None

    def hush(self) -> None:
        """Drop what can't be printed: Python would try once more when it ends, and then say that it failed."""
        _hush(sys.stdout)

    def show_json(self, document: Any, indent: int | None = 2) -> None:
        """Print one JSON document."""
        self.show(json.dumps(document, indent=indent, ensure_ascii=False))

    def warn(self, message: str) -> None:
        """Tell what a user should know."""
        self._tell(f"warning: {redact.plain(message)}")

    def error(self, message: str) -> None:
        """Tell why a command failed, on one line."""
        self._tell(f"error: {redact.plain(message)}")

    @property
    def lively(self) -> bool:
        """Whether there is a terminal that shows live lines."""
        return sys.stderr is not None and sys.stderr.isatty()

    def live(self, message: str) -> None:
        """Replace the current line of a terminal; silent elsewhere."""
        if self.lively:
            self._write(f"\r\x1b[K{redact.plain(message)[: self.width - 1]}")
            self._live = True

    def note(self, message: str) -> None:
        """Tell what goes on, on a line that stays."""
        self._tell(f"note: {redact.plain(message)}")

    @property
    def ask(self) -> Callable[[str], str] | None:
        """Puts a question to the person at the terminal; None where there is none."""
        try:
            return self._ask if sys.stdin.isatty() else None
        except (AttributeError, ValueError):  # closed
            return None

    def _ask(self, question: str) -> str:
        self.end_live()
        sys.stderr.write(redact.plain(question) + " ")
        sys.stderr.flush()
        return sys.stdin.readline()

    def end_live(self) -> None:
        """Clear the live line, if there is one; whatever is printed does so first."""
        if self._live:
            self._live = False
            self._write("\r\x1b[K")

    def _tell(self, line: str) -> None:
        self.end_live()
        self._write(line + "\n")

    def _write(self, text: str) -> None:
        """A message; where nobody can be told, the command goes on without."""
        try:
            if sys.stderr is not None:
                sys.stderr.write(text)
                sys.stderr.flush()
        except (OSError, ValueError):
            _hush(sys.stderr)


def _opened(stream: TextIO | None) -> TextIO:
    if stream is None:  # as Python has it where a shell closed it: `>&-`
        raise OSError(errno.EBADF, "standard output is closed")
    return stream


def _hush(stream: TextIO | None) -> None:
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())  # type: ignore[union-attr]
        os.close(null)


def progress_line(p: Progress) -> str:
    """Where training is, in one line."""
    parts = [
        f"step {p.step}" if p.step is not None else None,
        f"{p.percent:.0f} %" if p.percent is not None else None,
        f"loss {loss(p.loss)}" if p.loss is not None else None,
        f"{p.remaining_s:.0f} s left" if p.remaining_s is not None else f"{p.elapsed_s:.0f} s",
    ]
    return "training: " + ", ".join(part for part in parts if part)
