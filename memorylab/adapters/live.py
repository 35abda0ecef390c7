"""Follows what a run prints while it runs: where it is, and whether its training loss left the numbers."""

from __future__ import annotations

import itertools
import re

from memorylab.core.runs.lines import ESCAPES
from memorylab.core.runs.progress import Progress, lost, read_progress


class ProgressReader:
    """Follows a stream of output in bounded memory: the newest progress line, and whether the loss left the numbers."""

    def __init__(self) -> None:
        self._recent = b""
        self._told: tuple[float | None, ...] | None = None
        self.nan = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        recent = self._recent + chunk
        if not self.nan and any(word in recent for word in (b"nan", b"NaN", b"NAN", b"inf", b"Inf", b"INF", b"#I")):
            self.nan = _lost(recent)
        self._recent = recent[-4096:]

    def newest(self, elapsed_s: float) -> Progress | None:
        """The last line seen with a step in it, unless the last call has told it; `elapsed_s` is passed through.

        A bar without a loss is told with the loss of the line before it that has one.
        """
        lines = re.split(r"[\r\n]", clean_stream(self._recent))
        told = [found for row in reversed(lines[-64:]) if (found := read_progress(row[:500], elapsed_s))]
        found = next((one for one in told if one.step is not None), told[0] if told else None)
        if found is not None and found.loss is None:
            found = found._replace(loss=next((one.loss for one in told if one.loss is not None), None))
        if found is None or found[:4] == self._told:
            return None
        self._told = found[:4]
        return found


def clean_stream(recent: bytes) -> str:
    """The text of a piece of output with its line ends and carriage returns, without colours."""
    text = recent.decode("utf-8", "replace").replace("\x08", "\r")
    return re.sub(ESCAPES, "", text) if "\x1b" in text else text


def _lost(recent: bytes) -> bool:
    """Is the training loss of a progress line NaN or infinite? Only what is written to its end is judged."""
    found = re.finditer(rb"(?:[nN][aA][nN]|[iI][nN][fF](?:inity)?|#IND|#INF)(?:\.0)?(?=[^a-zA-Z])", recent)
    seen = -1
    for match in itertools.islice(found, 200):
        least = max(0, match.start() - 500)
        start = max(recent.rfind(stop, least, match.start()) for stop in (b"\r", b"\n", b"\x08")) + 1
        start = start or max(0, match.start() - 500)
        if start == seen:
            continue
        seen = start
        ends = [end for stop in (b"\r", b"\n", b"\x08") if (end := recent.find(stop, match.end())) >= 0]
        line = clean_stream(recent[start : min(ends)])[:1_000] if ends else ""
        if "oss" in line.lower() and lost(line):
            return True
    return False
