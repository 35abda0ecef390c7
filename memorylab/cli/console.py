"""Where commands print: documents on stdout, messages on stderr, colour only for a person's terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from memorylab.core.runs import redact

if TYPE_CHECKING:
    from memorylab.adapters.training_log import Progress


class Console:
    """The terminal, or whatever stands for it."""

    def __init__(self, words: Sequence[str]) -> None:
        options = list(words[: words.index("--")]) if "--" in words else list(words)
        self.debug = "--debug" in options
        self._live = False
        for stream in (sys.stdout, sys.stderr):
            # An agent's container often has an ASCII locale; a description with an arrow must not end a command.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")

    @property
    def color(self) -> bool:
        """Whether stdout is a terminal that wants colours (https://no-color.org)."""
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int:
        """Columns of the terminal, 100 where there is none."""
        try:
            return int(os.environ.get("COLUMNS", "")) or 100
        except ValueError:
            pass
        try:
            return os.get_terminal_size(sys.stdout.fileno()).columns or 100
        except (OSError, ValueError):
            return 100

    @property
    def height(self) -> int:
        """Rows of the terminal, 40 where there is none."""
        try:
            return os.get_terminal_size(sys.stdout.fileno()).lines or 40
        except (OSError, ValueError):
            return 40

    def show(self, text: str) -> None:
        """Print a document."""
        self.end_live()
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def flush(self) -> None:
        """Hand over what was printed: whoever reads it through a pipe waits for it."""
        sys.stdout.flush()

    def show_json(self, document: Any, indent: int | None = 2) -> None:
        """Print one JSON document."""
        self.show(json.dumps(document, indent=indent, ensure_ascii=False))

    def warn(self, message: str) -> None:
        """Tell what a user should know."""
        self.end_live()
        print(f"warning: {redact.plain(message)}", file=sys.stderr)

    def error(self, message: str) -> None:
        """Tell why a command failed, on one line."""
        self.end_live()
        print(f"error: {redact.plain(message)}", file=sys.stderr)

    @property
    def lively(self) -> bool:
        """Whether there is a terminal that shows live lines."""
        return sys.stderr.isatty()

    def live(self, message: str) -> None:
        """Replace the current line of a terminal; silent elsewhere."""
        if self.lively:
            self._live = True
            sys.stderr.write(f"\r\x1b[K{redact.plain(message)[: self.width - 1]}")
            sys.stderr.flush()

    def note(self, message: str) -> None:
        """Tell what goes on, on a line that stays."""
        self.end_live()
        print(f"note: {redact.plain(message)}", file=sys.stderr, flush=True)

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
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def progress_line(p: Progress) -> str:
    """Where training is, in one line."""
    parts = [
        f"step {p.step}" if p.step is not None else None,
        f"{p.percent:.0f} %" if p.percent is not None else None,
        f"loss {p.loss:.4f}" if p.loss is not None else None,
        f"{p.remaining_s:.0f} s left" if p.remaining_s is not None else f"{p.elapsed_s:.0f} s",
    ]
    return "training: " + ", ".join(part for part in parts if part)
