"""Why a run crashed, in one line that a human reads right: the guard and the next action hang on that kind.

A log comes from code that an agent wrote: it is cleaned of terminal escapes and read as data, never trusted.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from memorylab.records import ErrorRecord

SUMMARY_CHARS = 300
TAIL_LINES = 40
TAIL_BYTES = 8000

# Words of a message (lower case) that decide before the exception's type does, then those that decide after it.
_DECISIVE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("disk_full", ("no space left on device", "disk quota exceeded", "errno 28]", "os error 28)")),
    (
        "oom",
        ("out of memory", "outofmemoryerror", "bad_alloc", "memoryerror", "cannot allocate memory", "alloc_failed",
         "can't allocate memory", "not enough memory", "oom-kill"),
    ),
    ("patch_failed", ("patch does not apply", "patch failed", "merge conflict", "conflict (content)",
                      "automatic merge failed", "error: could not apply", "corrupt patch", "<<<<<<< ")),
    ("assertion", ("device-side assert",)),
    ("cuda_error", ("torch not compiled with cuda", "no cuda gpus are available", "cuda driver version")),
)  # fmt: skip
_TYPES: Mapping[str, str] = {
    "ModuleNotFoundError": "import_error",
    "ImportError": "import_error",
    "SyntaxError": "syntax_error",
    "IndentationError": "syntax_error",
    "TabError": "syntax_error",
    "FileNotFoundError": "file_missing",
    "KeyboardInterrupt": "interrupted",
    "FloatingPointError": "nan",
}
_TELLING: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "shape_mismatch",
        ("size mismatch", "shape mismatch", "mat1 and mat2", "shapes cannot be multiplied", "must match the size of",
         "must match the existing size", "sizes of tensors must match", "is invalid for input of size",
         "could not be broadcast", "are not broadcastable", "split_with_sizes", "expected size for first two",
         "einsum():", "same reduction dim", "inner dimensions", "shapes of the input", "expected input batch_size"),
    ),
    (
        "compile_error",
        ("torch._dynamo", "torch._inductor", "torch.fx.", "triton.", "backendcompilerfailed", "inductorerror",
         "loweringexception", "ptxas", "nvcc fatal", "error building extension", "ninja: build stopped",
         "out of resource: shared memory"),
    ),
    ("cuda_error", ("cuda error", "cudnn_status", "cublas_status", "nccl error", "ncclinternalerror", "hip error",
                    "acceleratorerror", "cudaerror", "cuda runtime error")),
    ("import_error", ("cannot open shared object file", "symbol not found", "undefined symbol")),
    ("file_missing", ("no such file or directory", "can't open file", "command not found", ": not found",
                      "no prepared data", "is missing or not as it was prepared")),
    ("assertion", ("assertionerror", "assertion `", "assertion failed")),
)  # fmt: skip

_ESCAPES = (
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b[\]PX^_][^\x07\x1b\n]{0,2048}(?:\x07|\x1b\\)?|\x1b[ -/]{0,4}[0-~]"
)
# What is left of the controls, the marks that reverse the reading direction of a line, and lone surrogates.
_CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
_PROGRESS = r"\b(?:step|iter(?:ation)?)\b\W{0,3}\d.*\bloss\b"
# A class name, or one behind its module: `wandb: syncing` in the middle of a traceback is no exception.
_EXCEPTION = r"((?:[A-Za-z_]\w*\.)+\w+|[A-Z_]\w*)(?:: ?(.*))?$"
_FAIL = r"(?:^|\s)(FAIL(?:$|:.*\b(?:nan|inf|loss)\b.*))"  # upstream's bare word, or ours with the reason
_NOT_FINITE = r"\bnan\b|\binf\b|non-?finite|not finite|diverged|float values are not json"
# Raised in a parent process for what its child has already told better.
_WRAPPERS = ("ChildFailedError", "CalledProcessError", "ProcessRaisedException", "ProcessExitedException")
_TRACEBACK = "Traceback (most recent call last)"
_LIBRARY = ("site-packages/", "dist-packages/", "/lib/python", "/lib64/python")


class _Raised(NamedTuple):
    """One exception as a traceback in the log shows it."""

    type: str
    message: str
    detail: str
    where: str
    line: int


def clean(text: str) -> str:
    """The text as a reader of the terminal saw it: escapes out, of each line only what the last carriage return left.

    An exception that follows a progress line on the same line (upstream ends those with a bare return) gets its own.
    """
    text = re.sub(_ESCAPES, "", text.replace("\r\n", "\n"))
    if "\r" in text:
        kept = (next((part for part in reversed(line.split("\r")) if part.strip()), "") for line in text.split("\n"))
        text = "\n".join(kept)
    text = re.sub(_CONTROLS, "", text)
    return re.sub(r"(?<=[^\s:])[ \t]+(?=(?:\[rank\d+\]: )?Traceback \(most recent call last\))", "\n", text)


def last_lines(text: str, lines: int = TAIL_LINES, limit: int = TAIL_BYTES) -> str:
    """The last `lines` lines of a cleaned text, each cut to 500 characters, together at most `limit` bytes of UTF-8."""
    rows = [row if len(row) <= 500 else row[:499] + "…" for row in text.rstrip().split("\n")[-lines:]]
    return "\n".join(row.rstrip() for row in rows).encode("utf-8", "replace")[-limit:].decode("utf-8", "ignore")


def diagnose(
    tail: str, *, exit_code: int | None, signal: int | None, timed_out: bool, stopped_for: str | None
) -> ErrorRecord:
    """Name the kind of a crash from the end of its log and from how the process ended.

    `exit_code` and `signal` are None where nobody recorded them. `stopped_for` is what MemoryLab stopped the run for
    (`nan`, `interrupt`), if it did. `source` in the answer says what the verdict rests on: `supervisor`, `traceback`,
    `log` or `exit`.
    """
    text = clean(tail)
    lines = text.rstrip().split("\n")
    stopped = _stopped(lines, timed_out, stopped_for)
    kind, summary, source = stopped or _from_log(lines, exit_code, signal) or _from_exit(lines, exit_code, signal)
    return ErrorRecord(summary=_one_line(summary, SUMMARY_CHARS), tail=last_lines(text), source=source, kind=kind)


def _stopped(lines: Sequence[str], timed_out: bool, stopped_for: str | None) -> tuple[str, str, str] | None:
    last = _last_progress(lines)
    where = f"; last progress: {lines[last].strip()}" if last is not None else ""
    if stopped_for == "interrupt":
        return "interrupted", f"interrupted by the user{where}", "supervisor"
    if stopped_for == "nan":
        return "nan", f"stopped: the loss became NaN or infinite{where}", "supervisor"
    return ("timeout", f"stopped: out of time{where}", "supervisor") if timed_out else None


def _from_log(lines: Sequence[str], exit_code: int | None, signal: int | None) -> tuple[str, str, str] | None:
    """A verdict from what the program wrote, if it wrote why."""
    last = _last_progress(lines)
    start = last or 0
    raised = _raised(lines)
    # An exception that training went on after was handled; it explains only an exit that nothing else explains.
    fresh = [one for one in raised if one.line >= start] or (raised if exit_code != 0 and not signal else [])
    if fresh:
        told = [(_kind_of(one), one) for one in fresh if one.type not in _WRAPPERS] or [("exception", fresh[-1])]
        kind, one = next((pair for pair in reversed(told) if pair[0] != "exception"), told[-1])
        head = f"{one.type}: {one.message}" if one.message else one.type
        return kind, f"{_one_line(head, SUMMARY_CHARS - 1 - len(one.where))} {one.where}", "traceback"
    recent = [line.strip() for line in lines[start:][-TAIL_LINES:]]
    failed = [match[1] for line in recent if (match := re.search(_FAIL, line))]
    if failed and exit_code != 0:
        step = f"; last progress: {lines[last].strip()}" if last is not None else ""
        return "nan", f"the loss became NaN or exploded: training printed {failed[-1]}{step}", "log"
    weak = signal in (None, 6) and exit_code not in (0, 137)  # a stray warning explains neither success nor a kill
    for line in reversed(recent[-15:]):
        if sign := _sign(line.lower(), _DECISIVE) or (_sign(line.lower(), _TELLING) if weak else None):
            return sign, line, "log"
    if last is not None and re.search(r"\bloss\b[\s:=]{1,4}[-+]?(?:nan|inf)\b", lines[last].lower()):
        return "nan", f"the loss became NaN or infinite; last progress: {lines[last].strip()}", "log"
    return None


def _from_exit(lines: Sequence[str], exit_code: int | None, signal: int | None) -> tuple[str, str, str]:
    """A verdict from the exit status alone, where the log has no reason in it."""
    last = _one_line(lines[-1], 150)
    seen = f"; last line: {last}" if last else "; the log is empty"
    number = signal or (exit_code - 128 if exit_code is not None and 128 < exit_code < 160 else None)  # a shell's way
    if number == 9 or (last == "Killed" and exit_code != 0):
        return "oom", f"killed by SIGKILL without a message: likely the kernel's out-of-memory killer{seen}", "exit"
    if number in (1, 2, 15):
        return "interrupted", f"stopped by {_signal_name(number)} from outside{seen}", "exit"
    if number:
        return "killed", f"killed by {_signal_name(number)}{seen}", "exit"
    if exit_code == 0:
        return "no_result", f"ended without an error but reported no metric{seen}", "exit"
    if exit_code == 124:
        return "timeout", f"exit code 124, which `timeout` gives{seen}", "exit"
    if exit_code == 127:
        return "file_missing", f"exit code 127: the command was not found{seen}", "exit"
    code = f"exit code {exit_code}" if exit_code is not None else "no exit code recorded"
    return "unknown", f"{code}, no known error in the log{seen}", "exit"


def _raised(lines: Sequence[str]) -> list[_Raised]:
    """Every exception that a traceback in the lines ends in, oldest first."""
    found: list[_Raised] = []
    frames: list[tuple[str, str, str, str]] = []
    inside = False
    rows = [re.sub(r"^\[rank\d+\]: ?", "", line) for line in lines]
    for number, row in enumerate(rows):
        if _TRACEBACK in row:
            frames, inside = [], True
        elif row.startswith(" ") and (frame := re.match(r' +File "(.+?)", line (\d+)(?:, in (.+))?$', row)):
            code = rows[number + 1].strip() if number + 1 < len(rows) else ""
            frames.append((frame[1], frame[2], frame[3] or "", code))
        elif frames and (raised := re.match(_EXCEPTION, row)) and (inside or _TYPES.get(raised[1]) == "syntax_error"):
            found.append(_exception(raised[1], raised[2] or "", rows[number + 1 : number + 9], frames, number))
            frames, inside = [], False
    return found


def _exception(
    name: str, message: str, after: Sequence[str], frames: Sequence[tuple[str, str, str, str]], line: int
) -> _Raised:
    more = [row.strip() for row in itertools.takewhile(lambda row: row.startswith((" ", "\t")), after)]
    if message.endswith(":") and after:
        more = more or [after[0].strip()]
        message = f"{message} {more[0]}"
    where, code = "", frames[-1][3]
    if user := [frame for frame in frames if not _is_library(frame[0])]:
        path, number, function, _ = user[-1]
        where = f"at {path.replace(chr(92), '/').rpartition('/')[2]}:{number}"
        if function not in ("", "<module>"):
            where += f" in {function}"
        if not message and user[-1] is frames[-1]:  # a bare `assert`: the line itself is the message
            message = code
    detail = "\n".join((f"{name}: {message}", *more, code if _TYPES.get(name) == "syntax_error" else ""))
    return _Raised(name.rpartition(".")[2], message, detail, _one_line(where, 120), line)


def _is_library(path: str) -> bool:
    path = path.replace("\\", "/").lower()
    return path.startswith("<") or any(part in path for part in _LIBRARY) or bool(re.search(r"/python\d+/lib/", path))


def _kind_of(raised: _Raised) -> str:
    text = raised.detail.lower()
    kind = _sign(text, _DECISIVE) or _TYPES.get(raised.type)
    if kind:
        return kind
    named = raised.type in ("NameError", "AttributeError", "KeyError", "TypeError")  # `nan` is somebody's name there
    if not named and re.search(_NOT_FINITE, raised.message.lower()):
        return "nan"
    return "assertion" if raised.type == "AssertionError" else _sign(text, _TELLING) or "exception"


def _sign(text: str, table: Sequence[tuple[str, tuple[str, ...]]]) -> str | None:
    return next((kind for kind, words in table if any(word in text for word in words)), None)


def _last_progress(lines: Sequence[str]) -> int | None:
    return next((i for i in range(len(lines) - 1, -1, -1) if re.search(_PROGRESS, lines[i][:500])), None)


def _signal_name(number: int) -> str:
    from signal import Signals

    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def _one_line(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
