"""What a training log says, whatever its size: the summary block, the end for a diagnosis, live progress.

A log is written by code that an agent edits: it can be 1 GB long, binary, without a newline, or with nothing but
carriage returns. Memory stays bounded by `CHUNK` and no pattern is run over more than a part of a chunk.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from memorylab import files
from memorylab.core.runs.crash import clean
from memorylab.errors import InputError
from memorylab.records import METRIC_FIELDS, Metrics, finite

CHUNK = 4 << 20
HEAD_READ, TAIL_READ = 16 << 20, 256 << 20
"""Bytes of a longer log that are looked through: a second's reading. A hole of 100 GB would take five minutes."""
TAIL_BYTES = 64 << 10
_BLOCK_BYTES = 16 << 10  # of a summary block; upstream's has 250
_KEYS = 256
_TRIES = 256  # lines that look like a block's start but hold no metric, before the rest of the log is given up

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,2})?"
_NOT_FINITE = r"[-+]?(?:nan|inf|infinity)"
_FIELD = r"([A-Za-z_][\w./%-]{0,63})[ \t]*:(?:[ \t]+|(?=[-+.\d]))(\S.{0,500})$"
_STEP = r"\b(?:step|iter(?:ation)?)\b[\s:=#\[]{0,4}(\d{1,12})(?:\s?/\s?(\d{1,12}))?"
_LOST = r"(?<!best )(?<!lowest )(?<!min )\b(?:train_)?loss\W{1,5}\w+$"
_LEFT = r"\b(?:remaining|eta)[\s:=]{1,4}((?:\d{1,4}:){0,2}\d{1,7}(?:\.\d+)?)\s?([smh]?)"


class ParsedLog(NamedTuple):
    """A log's last summary block and its end. `size` in bytes; `decimals` is the place of a value's last digit.

    `unread` is how many bytes of the middle were passed over.
    """

    metrics: Metrics
    facts: dict[str, str]
    tail: str
    size: int
    saw_block: bool
    decimals: dict[str, int]
    unread: int = 0


class Progress(NamedTuple):
    """Where training is, as far as its last progress line says; what it doesn't say is None."""

    step: int | None
    percent: float | None
    loss: float | None
    remaining_s: float | None
    elapsed_s: float


class _Block(NamedTuple):
    metrics: Metrics
    facts: dict[str, str]
    decimals: dict[str, int]


def parse_log(path: Path, *, metric: str = "val_bpb") -> ParsedLog:
    """Read the metrics of the last `---` block, or without one of the last line `metric: number`, and the log's end.

    A value that is NaN or infinite is None; what is no number goes to `facts`. Raises `InputError` where there is no
    readable file.
    """
    try:
        with files.open_regular(path) as file:
            size = file.seek(0, os.SEEK_END)
            block, saw_block = _find(file, size, metric)
            file.seek(max(0, size - TAIL_BYTES))
            tail = clean(file.read(TAIL_BYTES).replace(b"\0", b"").decode("utf-8", "replace"))
    except FileNotFoundError:
        raise InputError(f"there is no log {path}", "train with `> run.log 2>&1`, or name the log with --log") from None
    except OSError as error:
        refused = files.explain(error, "read the log", "give the file that training wrote its output to")
        raise InputError(refused.message, refused.hint) from error
    unread = max(0, size - HEAD_READ - TAIL_READ)
    return ParsedLog(block.metrics, block.facts, tail, size, saw_block, block.decimals, unread)


def _find(file: BinaryIO, size: int, metric: str) -> tuple[_Block, bool]:
    """The last block, looked for from the end backwards, so that a log with one costs a single chunk.

    The last block with the metric wins over a later one without; of those without, one with a known field wins.
    """
    other: _Block | None = None
    bare: _Block | None = None
    rules, lines = _TRIES, _TRIES
    for chunk, end in _chunks_from_the_end(file, size):
        for position in _last_lines_with(b"---", chunk, end, rules):
            rules -= 1
            rest, *rows = _lines(chunk[position + 4 : position + _BLOCK_BYTES])
            if rest:
                continue  # a longer rule, or a word behind the dashes
            block = _block(rows, metric)
            if metric in block.metrics:
                return block, True
            if block.metrics and (other is None or _known(block) > _known(other)):
                other = block
        for position in _last_lines_with(metric.encode("utf-8", "replace") + b":", chunk, end, lines):
            lines -= 1
            if bare := _bare(chunk, position, metric):
                lines = 0  # from here on only a block would count
                break
    return (bare, False) if bare else (other, True) if other else (_Block({}, {}, {}), False)


def _chunks_from_the_end(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """The file's chunks, last first, each with what follows it so far as a block may reach, and where that begins.

    NULs go: then the UTF-16 that PowerShell's `>` writes can be read like anything else.
    """
    end, middle = size, size - TAIL_READ
    while end > 0:
        if end <= middle:
            end, middle = min(end, HEAD_READ), 0
        start = max(0, end - CHUNK)
        file.seek(start)
        own, overlap = (file.read(count).translate(None, b"\0") for count in (end - start, _BLOCK_BYTES))
        first = b"\n" if start == 0 else b""
        yield first + own + overlap, len(first) + len(own)
        end = start


def _last_lines_with(word: bytes, chunk: bytes, end: int, limit: int) -> Iterator[int]:
    """Where the last `limit` lines that begin with `word` begin (at the byte that ends the line before), last first."""
    for _ in range(limit):
        end = max(chunk.rfind(stop + word, 0, end + len(word)) for stop in (b"\n", b"\r"))
        if end < 0:
            return
        yield end


def _bare(chunk: bytes, position: int, metric: str) -> _Block | None:
    """The fields around a line that gives the metric without a `---` before it (users grep `^val_bpb:`)."""
    block = _block(_lines(chunk[position + 1 : position + _BLOCK_BYTES]), metric)
    if metric not in block.metrics:
        return None
    for row in reversed(_lines(chunk[max(0, position - 4096) : position])[1:]):
        if (field := re.match(_FIELD, row)) is None:
            break
        _put(block, field[1], field[2].strip(), metric)
    return block


def _block(rows: Sequence[str], metric: str) -> _Block:
    """The fields of a block: any up to the first other line, then only those of upstream (a warning may interrupt).

    A field's first value counts: what follows a block may speak of other runs.
    """
    block, whole = _Block({}, {}, {}), True
    for row in rows:
        field = re.match(_FIELD, row)
        if row == "---" or len(block.metrics) + len(block.facts) >= _KEYS:
            break
        if field is None:
            whole = whole and not (row or block.metrics or block.facts)
        elif whole or field[1] in METRIC_FIELDS or field[1] == metric:
            _put(block, field[1], field[2].strip(), metric)
    return block


def _put(block: _Block, key: str, value: str, metric: str) -> None:
    if key in block.metrics or key in block.facts:
        return
    if key == metric and (noted := re.fullmatch(rf"({_NUMBER})[ \t]+(?:\(.*\)|\D*)", value)):
        value = noted[1]  # `val_bpb: 0.9979 (best)`: users take the first word
    if re.fullmatch(_NUMBER, value):
        number = finite(value.replace(",", ""))
        whole = number is not None and value.lstrip("+-").replace(",", "").isdigit() and abs(number) < 2**53
        block.metrics[key] = int(number) if whole and number is not None else number
        digits, _, exponent = value.lower().partition("e")
        block.decimals[key] = len(digits.partition(".")[2]) - int(exponent or 0)
    elif re.fullmatch(_NOT_FINITE, value.lower()):
        block.metrics[key] = None
    else:
        block.facts[key] = value[:200]


def _known(block: _Block) -> bool:
    return any(key in METRIC_FIELDS for key in block.metrics)


def _lines(text: bytes) -> list[str]:
    """The lines of a piece of log; a carriage return ends one too."""
    return [row.strip() for row in _indented(text)]


def _indented(text: bytes) -> list[str]:
    """The same with what stands before the first word: a traceback's carets point at what is above them."""
    plain = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("utf-8", "replace")
    return [row.rstrip() for row in clean(plain).split("\n")]


class ProgressReader:
    """Follows a stream of output in bounded memory: the newest progress line, and whether the loss left the numbers."""

    def __init__(self) -> None:
        self._recent = b""
        self._told: tuple[float | None, ...] | None = None
        self.nan = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        recent = self._recent + chunk
        if not self.nan and any(word in recent for word in (b"nan", b"NaN", b"NAN", b"inf", b"Inf", b"INF")):
            self.nan = _lost(recent)
        self._recent = recent[-4096:]

    def newest(self, elapsed_s: float) -> Progress | None:
        """The last line seen with a step in it, unless the last call has told it; `elapsed_s` is passed through."""
        lines = re.split(r"[\r\n]", self._recent.decode("utf-8", "replace"))
        found = next((found for row in reversed(lines) if (found := read_progress(row[:500], elapsed_s))), None)
        if found is None or found[:4] == self._told:
            return None
        self._told = found[:4]
        return found


def _lost(recent: bytes) -> bool:
    """Is the first loss on a progress line NaN or infinite? A second one may be (`best loss: inf`), and other lines."""
    # Found by its tail: a literal start makes the search 8 times faster than one that ignores case.
    found = re.finditer(rb"oss[\s:=]{1,4}[-+]?(?:[nN][aA][nN]|[iI][nN][fF](?:inity)?)(?=[^a-zA-Z])", recent)
    for match in itertools.islice(found, 100):
        line = re.split(rb"[\r\n]", recent[max(0, match.start() - 500) : match.end()])[-1].decode("utf-8", "replace")
        progress = read_progress(line, 0.0)
        if progress and progress.loss is None and re.search(_LOST, line, re.IGNORECASE):
            return True
    return False


def read_progress(line: str, elapsed_s: float) -> Progress | None:
    """One progress line; None when it has no step. Reads upstream's form and its relatives.

    >>> read_progress("step 00042 (12.3%) | loss: 3.456789 | mfu: 39.8% | remaining: 10s", 1.5)
    Progress(step=42, percent=12.3, loss=3.456789, remaining_s=10.0, elapsed_s=1.5)
    >>> read_progress("iter 10/40: train loss 2.5, val loss 2.6", 3.0)
    Progress(step=10, percent=25.0, loss=2.5, remaining_s=None, elapsed_s=3.0)
    """
    step = re.search(_STEP, line, re.IGNORECASE)
    if step is None:
        return None
    done, total = int(step[1]), int(step[2] or 0)
    percent = re.search(r"\((\d{1,3}(?:\.\d+)?)\s?%\)|(?<![\d.])(\d{1,3})%\|", line)
    share = float(percent[1] or percent[2]) if percent else 100 * done / total if total else None
    loss = re.search(rf"\b(?:train_)?loss[\s:=]{{1,4}}({_NUMBER})", line, re.IGNORECASE)
    left = re.search(_LEFT, line, re.IGNORECASE)
    return Progress(done, share, finite(loss[1].replace(",", "")) if loss else None, _seconds(left), elapsed_s)


def _seconds(left: re.Match[str] | None) -> float | None:
    if left is None:
        return None
    seconds = 0.0
    for part in left[1].split(":"):
        seconds = 60 * seconds + float(part)
    return seconds * {"m": 60, "h": 3600}.get(left[2].lower(), 1)


class Recent(NamedTuple):
    """The end of a log that may still grow: its text, the progress that it tells in order, and the log's size."""

    text: str
    progress: list[Progress]
    size: int
    cut: bool
    """Whether the text begins within the log, perhaps within a token."""


def read_recent(path: Path, length: int = 4 * TAIL_BYTES) -> Recent | None:
    """What the last bytes of a log say; None where there is no plain file of that name (a link is none)."""
    file = files.open_plain(path)
    if file is None:
        return None
    with file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - length))
        rows = _indented(file.read(length).replace(b"\0", b""))
    told = [found for row in rows if (found := read_progress(row[:500], 0.0))]
    return Recent("\n".join(rows), told, size, size > length)
