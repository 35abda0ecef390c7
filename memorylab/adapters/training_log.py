"""What a training log says, whatever its size: the summary block, what stands around it, the end for a diagnosis.

A log is written by code that an agent edits: it can be 1 GB long, binary, without a newline, or with nothing but
carriage returns. Memory stays bounded by `CHUNK` and no pattern is run over more than a part of a chunk.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from memorylab import files
from memorylab.core.runs import block, metric_line, metric_names
from memorylab.core.runs.block import Block, Ending, Find
from memorylab.core.runs.lines import bare, clean
from memorylab.core.runs.metric_line import Value
from memorylab.core.runs.progress import Progress, read_progress
from memorylab.errors import InputError
from memorylab.records import METRIC_FIELDS, Metrics
from memorylab.tuples import NamedTuple

__all__ = ["ParsedLog", "Progress", "Recent", "parse_log", "read_progress", "read_recent"]

CHUNK = 4 << 20
HEAD_READ, TAIL_READ = 16 << 20, 256 << 20
"""Bytes of a longer log that are looked through: a second's reading. A hole of 100 GB would take five minutes."""
TAIL_BYTES = 64 << 10
_BLOCK_BYTES = 16 << 10  # of a summary block; upstream's has 250
_TRIES = 256  # lines that look like a block's start but hold no metric, before the rest of the log is given up
_LINES = 2_048  # lines that name the metric and tell none
_AROUND = 1_000  # characters on both sides of the name, in a line that goes on for megabytes
_HEAD_BYTES = 4 << 10
_CONTEXT_BYTES = 64 << 10
_PATTERN_READ = 16 << 20


class ParsedLog(NamedTuple):
    """A log's last summary block and its end. `size` in bytes; `decimals` is the place of a value's last digit.

    `unread` is how many bytes of the middle were passed over, `lost` names what is NaN or infinite, and `ending` says
    what stands around the metric.
    """

    metrics: Metrics
    facts: dict[str, str]
    tail: str
    size: int
    saw_block: bool
    decimals: dict[str, int]
    unread: int = 0
    lost: frozenset[str] = frozenset()
    ending: Ending | None = None

    @property
    def cut(self) -> bool:
        """Whether the log is longer than its tail."""
        return self.size > TAIL_BYTES


class _Found(NamedTuple):
    block: Block
    in_block: bool
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    """The lines before it, and those behind it as far as they are looked at."""
    row: str = ""
    """The line itself, where it stands in no block."""


def parse_log(path: Path, *, metric: str = "val_bpb", pattern: str = "", exact: bool = False) -> ParsedLog:
    """Read the metrics of the last `---` block, or without one of the last line that tells the metric, and the end.

    With `pattern`, the user's own, what it finds last is the metric. Unless `exact`, a log that ends without `val_loss`
    may tell it as `val loss`, and a row of a table that rounds gives way to the line that doesn't. A value that is NaN
    or infinite is None; what is no number goes to `facts`. Raises `InputError` where there is no readable file.
    """
    find = _finder(metric, pattern)
    try:
        with files.open_regular(path) as file:
            size = file.seek(0, os.SEEK_END)
            found = _find_pattern(file, size, metric, find) if pattern else _find(file, size, metric, find)
            file.seek(0)
            head = _lines(file.read(_HEAD_BYTES).replace(b"\0", b""))
            file.seek(max(0, size - TAIL_BYTES))
            tail = clean(file.read(TAIL_BYTES).replace(b"\0", b"").decode("utf-8", "replace"))
            if not (pattern or exact):
                found, find = _otherwise(file, size, metric, found, find, tail)
    except FileNotFoundError:
        raise InputError(f"there is no log {path}", "train with `> run.log 2>&1`, or name the log with --log") from None
    except OSError as error:
        refused = files.explain(error, "read the log", "give the file that training wrote its output to")
        raise InputError(refused.message, refused.hint) from error
    found, ended = _ended(found, tail, head, metric, find)
    block, unread = found.block, max(0, size - HEAD_READ - TAIL_READ)
    return ParsedLog(
        block.metrics, block.facts, tail, size, found.in_block, block.decimals, unread, frozenset(block.lost), ended
    )


def _finder(metric: str, pattern: str) -> Find:
    if not pattern:
        return lambda row: metric_line.find(row, metric)
    compiled = re.compile(pattern)
    return lambda row: metric_line.by_pattern(row, compiled)


def _otherwise(file: BinaryIO, size: int, metric: str, found: _Found, find: Find, tail: str) -> tuple[_Found, Find]:
    """What else the log's end says of the metric: under a name that only its separators tell apart, or less rounded."""
    if metric not in found.block.metrics:
        for name in metric_names.spellings(metric):
            if name in tail:
                spelled = _finder(name, "")
                other = _find(file, size, metric, spelled, word=name)
                if metric in other.block.metrics:
                    return other, spelled
        return found, find
    number = found.block.metrics[metric]
    if found.in_block or number is None or not metric_names.is_row(found.row, metric):
        return found, find
    told = find(found.row)
    better = metric_names.finer(tail.split("\n"), metric, told) if told else None
    if better is None:
        return _Found(Block.empty(), False), find
    found.block.metrics[metric], found.block.decimals[metric] = better.number, better.decimals
    return found, find


def _ended(found: _Found, tail: str, head: Sequence[str], metric: str, find: Find) -> tuple[_Found, Ending | None]:
    """What stands around the metric. One behind which another run began is that run's predecessor's: none is left."""
    if metric not in found.block.metrics:
        return found, None
    ended = block.ending(found.block, found.in_block, found.before, found.after, head, find)
    if not ended.restarted:
        return found, ended
    rows = [*found.after]
    at = next((number for number in range(len(rows) - 1, -1, -1) if (told := find(rows[number])) and told.told), None)
    if at is None:
        return _Found(Block.empty(), False), None
    left = Block.empty()
    block.put_value(left, metric, find(rows[at]) or Value(None))
    found = _Found(left, False, rows[:at], rows[at + 1 :])
    return found, block.ending(left, False, found.before, found.after, (), find)


def _find(file: BinaryIO, size: int, metric: str, find: Find, word: str = "") -> _Found:
    """The last block, looked for from the end backwards, so that a log with one costs a single chunk.

    The last block with the metric wins over a later one without; of those without, one with a known field wins. `word`
    is what the metric is called in the log, if not by its name.
    """
    other: Block | None = None
    bare_line: _Found | None = None
    rules, lines = _TRIES, _LINES
    for number, (chunk, end) in enumerate(_chunks_from_the_end(file, size)):
        for start, position in _rules(chunk, end, rules):
            rules -= 1
            found = block.read(_lines(chunk[position : position + _BLOCK_BYTES]), metric, find)
            if metric in found.metrics:
                return _around(found, True, chunk, start, position, find, last=number == 0)
            if found.metrics and (other is None or found.known > other.known):
                other = found
        for start, stop in _mentions((word or metric).encode("utf-8", "replace"), chunk, end, lines):
            lines -= 1
            if told := _bare(chunk, start, stop, metric, find):
                around = _around(told, False, chunk, start, start, find, last=number == 0)
                bare_line = around._replace(row=clean(chunk[start:stop].decode("utf-8", "replace")))
                lines = 0  # from here on only a block would count
                break
    return bare_line or (_Found(other, True) if other else _Found(Block.empty(), False))


def _find_pattern(file: BinaryIO, size: int, metric: str, find: Find) -> _Found:
    """The last line in which the user's own pattern finds something."""
    read = 0
    for number, (chunk, end) in enumerate(_chunks_from_the_end(file, size)):
        stop = end
        for row in reversed(re.split(rb"[\r\n]", chunk[:end])):
            start = stop - len(row)
            told = find(clean(row[: 2 * _AROUND].decode("utf-8", "replace"))) if row else None
            if told is not None:
                found = Block.empty()
                block.put_value(found, metric, told)
                for line in _lines(chunk[start : start + _BLOCK_BYTES])[1:]:
                    block.put_object(found, line, METRIC_FIELDS)
                return _around(found, False, chunk, max(0, start - 1), start, find, last=number == 0)
            stop = start - 1
        read += end
        if read > _PATTERN_READ:
            break
    return _Found(Block.empty(), False)


def _around(found: Block, in_block: bool, chunk: bytes, start: int, position: int, find: Find, *, last: bool) -> _Found:
    """A block with the lines before and behind it; in an earlier chunk the log's end is what stands behind."""
    before = _lines(chunk[max(0, start - _CONTEXT_BYTES) : start])
    if last:
        stop = position + _BLOCK_BYTES
        stop = chunk.rfind(b"\n", position, stop) + 1 or stop if stop < len(chunk) else stop
        rest = chunk[max(stop, len(chunk) - 4 * _CONTEXT_BYTES) :]
        after = [*block.behind(_indented(chunk[position:stop]), find), *_indented(rest)]
    else:
        after = _indented(chunk[-_BLOCK_BYTES:])
    return _Found(found, in_block, before, after)


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


def _rules(chunk: bytes, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Where the last lines `---`, whatever a launcher put before them, begin and end, last first."""
    for _ in range(4 * limit):
        at = chunk.rfind(b"---", 0, end)
        if at < 0:
            return
        start = max(chunk.rfind(stop, max(0, at - _AROUND), at) for stop in (b"\n", b"\r")) + 1
        stops = [place for stop in (b"\n", b"\r") if (place := chunk.find(stop, at, at + _AROUND)) >= 0]
        stop = min(stops, default=min(at + _AROUND, len(chunk)))
        if (
            chunk[at + 3 : at + 4] in (b"\n", b"\r", b"\x1b", b" ", b"")
            and bare(clean(chunk[start:stop].decode("utf-8", "replace")).strip()) == "---"
        ):
            yield start, stop + 1
        end = start
        if end <= 0:
            return


def _mentions(word: bytes, chunk: bytes, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """The lines in which a word stands, as far as they are looked at, last first."""
    for _ in range(limit):
        at = chunk.rfind(word, 0, end)
        if at < 0:
            return
        least, most = max(0, at - _AROUND), at + _AROUND
        start = max(least - 1, *(chunk.rfind(stop, least, at) for stop in (b"\n", b"\r"))) + 1
        stops = [place for stop in (b"\n", b"\r") if (place := chunk.find(stop, at, most)) >= 0]
        yield start, min(stops, default=min(most, len(chunk)))
        end = max(start, 0)
        if end == 0:
            return


def _bare(chunk: bytes, start: int, stop: int, metric: str, find: Find) -> Block | None:
    """The metric in a line without a `---` before it (users grep `^val_bpb:`), and the fields around that."""
    row = clean(chunk[start:stop].decode("utf-8", "replace"))
    told = find(row)
    if told is None or not told.told:
        return None
    found = Block.empty()
    block.put_value(found, metric, told)
    block.put_object(found, bare(row.strip()), METRIC_FIELDS)
    if not bare(row.strip()).startswith(metric):
        return found
    following = block.read(_lines(chunk[start : start + _BLOCK_BYTES]), metric, find)
    for key, number in following.metrics.items():
        if key not in found.metrics:
            found.metrics[key] = number
            found.decimals[key] = following.decimals.get(key, 0)
    found.facts.update(following.facts)
    for line in reversed(_lines(chunk[max(0, start - 4096) : start])[1:-1]):
        if not block.put_line(found, line):
            break
    return found


def _lines(text: bytes) -> list[str]:
    """The lines of a piece of log; a carriage return ends one too."""
    return [row.strip() for row in _indented(text)]


def _indented(text: bytes) -> list[str]:
    """The same with what stands before the first word: a traceback's carets point at what is above them."""
    plain = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("utf-8", "replace")
    return [row.rstrip() for row in clean(plain).split("\n")]


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
