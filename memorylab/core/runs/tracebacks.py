"""Every exception that a log's tracebacks end in: Python's own, in boxes of rich, of IPython, in groups, per rank."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from memorylab.core.lazily import pattern
from memorylab.core.runs.lines import bare
from memorylab.core.runs.signs import TYPES, WRAPPERS
from memorylab.tuples import NamedTuple

PLACE_CHARS = 120

# A class name, or one behind its module: `wandb: syncing` in the middle of a traceback is no exception.
_EXCEPTION = pattern(r"((?:[A-Za-z_]\w*\.)+\w+|[A-Z_]\w*)(?:\(\w+\))?(?:: ?(.*))?$")
_TRACEBACK = "Traceback (most recent call last)"
_LIBRARY = ("site-packages/", "dist-packages/", "/lib/python", "/lib64/python")
_FRAMES = tuple(
    pattern(text)
    for text in (
        r"[ |]*File \"(?P<path>.+?)\", line (?P<line>\d+)(?:, in (?P<name>.+))?$",
        r"\s*(?P<path>[^\s:'\"]+\.(?:py|ipynb)):(?P<line>\d+)(?: in (?P<name>\S+))?\s*$",  # rich
        r"File (?P<path>[^\s:]+):(?P<line>\d+)(?:, in (?P<name>[\w.<>]+))?.*$",  # IPython
        r"(?P<path>(?:Cell )?In ?\[\d+\]),? line:? ?(?P<line>\d+)(?P<name>)",
        r"(?P<path><ipython-input-[\w-]+>) in (?P<name>[\w.<>]+)(?:\(.*\))?(?P<line>)$",
    )
)
_STREAM = pattern(
    r"^\[(?:rank|default|Rank )?(\d{1,6})\]:|^(\d{1,5}): |^\[\d{1,4},(\d{1,6})\]<|^\([^)]{0,90}pid=(\d{1,8})"
    r"|^([A-Za-z][\w.-]{0,80}[-_]\d{1,4}) +\|"
)
_NOISE = pattern(
    r"^(?:Exception ignored in|Error in atexit|--- Logging error ---|Exception in thread|Exception in callback"
    r"|Task exception was never retrieved|Error in sys\.excepthook|Unraisable exception|Exception ignored on)"
)
_REMOTE = pattern(r"(?:ray\.exceptions\.)?RayTaskError\(\w+\): ")  # the traceback of a worker follows
_ARROW = pattern(r"^(?:\u2771|-{2,}>|>) ?\d+ ")


class Raised(NamedTuple):
    """One exception as a traceback in the log shows it."""

    type: str
    message: str
    detail: str
    where: str
    line: int
    began: int
    """The lines on which it ends and begins."""
    noise: bool
    """Python went on behind it: a destructor's, a thread's or a logger's."""
    stream: str
    """The rank or container that wrote it; empty where one program writes alone."""


class _Frame(NamedTuple):
    path: str
    line: str
    function: str
    code: str


def raised(lines: Sequence[str]) -> list[Raised]:
    """Every exception that a traceback in cleaned lines ends in, oldest first, each rank's for itself."""
    if not any(_TRACEBACK in row or 'File "' in row or "RayTaskError" in row for row in lines):
        return []
    streams: dict[str, list[tuple[int, str]]] = {}
    for number, row in enumerate(lines):
        found = _STREAM.match(row)
        name = next((part for part in found.groups() if part), "") if found else ""
        streams.setdefault(name, []).append((number, bare(row)))
    every = [one._replace(stream=name) for name, rows in streams.items() for one in _of_stream(rows)]
    return sorted(every, key=lambda one: one.line)


def _of_stream(rows: Sequence[tuple[int, str]]) -> Iterator[Raised]:
    rows = _ungrouped(rows)
    frames: list[_Frame] = []
    inside, noise, began, skip = False, False, 0, -1
    for at, (number, row) in enumerate(rows):
        if at == skip:
            continue
        if _TRACEBACK in row or _REMOTE.match(row):
            frames, inside, began = [], True, number
            noise = any(_NOISE.match(before) for _, before in rows[max(0, at - 2) : at])
        elif frame := _frame(row, inside):
            code = _code(rows, at)
            skip = at + 1 if code and not _frame(code, inside) and rows[at + 1][1][:1] in (" ", "") else -1
            frames.append(frame._replace(code=code.strip()))
        elif (inside or frames) and (found := _EXCEPTION.match(row.rstrip())):
            own = found[1].rpartition(".")[2]
            if (frames and inside) or (frames and TYPES.get(own) == "syntax_error") or (inside and _named(own)):
                after = [text for _, text in rows[at + 1 : at + 9]]
                yield _exception(found[1], found[2] or "", after, frames, (began, number), noise)
                inside, frames = own in WRAPPERS, []


def _ungrouped(rows: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """The rows without the margin that an exception group draws."""
    if not any("Exception Group Traceback" in row for _, row in rows):
        return rows
    return [(number, re.sub(r"^ {0,40}(?:\| ?|\+[-+ ]*\d* ?-*\+?)", "", row)) for number, row in rows]


def _named(name: str) -> bool:
    """Whether a class is an exception's by its name, where no frame says that this is a traceback's end."""
    return name in TYPES or name.endswith(("Error", "Exception", "Interrupt", "Exit")) or name in WRAPPERS


def _frame(row: str, inside: bool) -> _Frame | None:
    for place, form in enumerate(_FRAMES):
        if place and not inside:
            break
        if found := form.match(row):
            return _Frame(found["path"], found["line"], found["name"] or "", "")
    return None


def _code(rows: Sequence[tuple[int, str]], at: int) -> str:
    """The line of code that a frame shows: the next one, or the one with an arrow."""
    for _, row in rows[at + 1 : at + 8]:
        if _ARROW.match(row.strip()):
            return _ARROW.sub("", row.strip())
        if _TRACEBACK in row or _FRAMES[0].match(row):
            break
    return rows[at + 1][1] if at + 1 < len(rows) else ""


def _exception(
    name: str, message: str, after: Sequence[str], frames: Sequence[_Frame], lines: tuple[int, int], noise: bool
) -> Raised:
    more = [row.strip() for row in itertools.takewhile(lambda row: row.startswith((" ", "\t")), after)]
    if message.rstrip().endswith(":") and after:
        more = more or [after[0].strip()]
        message = f"{message} {more[0]}"
    elif not message and after and name.rpartition(".")[2] in WRAPPERS:
        more = [row.strip() for row in after]
    where, code = "", frames[-1].code if frames else ""
    if user := [frame for frame in frames if not _is_library(frame.path)]:
        path, number, function, _ = user[-1]
        where = f"at {path.replace(chr(92), '/').rpartition('/')[2]}" + (f":{number}" if number else "")
        if function not in ("", "<module>"):
            where += f" in {function.split('(')[0]}"
        if (
            not message and user[-1] is frames[-1] and name.rpartition(".")[2] not in WRAPPERS
        ):  # a bare `assert`: the line itself is the message
            message = code
    own = name.rpartition(".")[2]
    detail = "\n".join((f"{name}: {message}", *more, code if TYPES.get(own) == "syntax_error" else ""))
    where = where if len(where) <= PLACE_CHARS else where[: PLACE_CHARS - 1] + "\u2026"
    return Raised(own, message, detail, " ".join(where.split()), lines[1], lines[0], noise, "")


def _is_library(path: str) -> bool:
    path = path.replace("\\", "/").lower()
    if path.startswith("<ipython-input"):
        return False
    return path.startswith("<") or any(part in path for part in _LIBRARY) or bool(re.search(r"/python\d+/lib/", path))
