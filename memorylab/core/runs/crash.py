"""Why a run crashed, in one line that a human reads right: the guard and the next action hang on that kind.

A log comes from code that an agent wrote: it is cleaned of terminal escapes and read as data, never trusted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from memorylab.core.lazily import pattern
from memorylab.core.runs import signs
from memorylab.core.runs.lines import bare, clean
from memorylab.core.runs.progress import Progress, read_progress, training_loss
from memorylab.core.runs.signs import WRAPPERS, kind_of, sign
from memorylab.core.runs.tracebacks import Raised, raised
from memorylab.records import ErrorRecord
from memorylab.tuples import NamedTuple

__all__ = ["SUMMARY_CHARS", "Cause", "clean", "diagnose", "last_lines", "unhandled"]

SUMMARY_CHARS = 300
TAIL_LINES = 40
TAIL_BYTES = 8000

_FAIL = r"(?:^|\s)(FAIL(?:$|:.*\b(?:nan|inf|loss)\b.*))"  # upstream's bare word, or ours with the reason
_KILLED = r"(?:^|\s)Killed(?:\s|$)"
_DIED = r"(?:^|\s)(?:Segmentation fault|Aborted|Bus error|Illegal instruction)(?:\s*\(core dumped\)|\s|$)"
_ELSEWHERE = (  # how other languages say that they gave up
    ("syntax_error", r"^\S+\.(?:c|cc|cpp|cuh?|h|hpp|rs|go|f90|swift):\d+(?::\d+)?: (?:fatal )?error|^error\[E\d{4}\]"),
    ("exception", r"^panic: |\bpanicked at\b|^Error in |^ERROR: LoadError|^Exception in thread \"|^Uncaught "
                  r"|^Fatal error|^terminate called after|^\s*what\(\): |^ERROR: \w+Error"),
)  # fmt: skip
_EVALUATES = pattern(r"\b(?:eval|evaluating|evaluation|validating|validation|final eval)\b", re.I)
_HANDLED = pattern(
    r"\b(?:done|finished|complete[d]?|saved|continuing|retry(?:ing)?|skipping|ignor(?:ed|ing)|fall(?:ing)? ?back)\b",
    re.I,
)
# Follows from another rank's trouble more often than it is the trouble.
_SECOND = ("cuda_error", "collective_timeout", "machine", "killed", "interrupted")


class Cause(NamedTuple):
    """Why a program ended: the kind, one line in words, and what that rests on."""

    kind: str
    summary: str
    source: str


class _Exit(NamedTuple):
    """How a process ended, as far as that was recorded."""

    code: int | None
    signal: int | None
    unwatched: bool
    oom_kills: int | None


def last_lines(text: str, lines: int = TAIL_LINES, limit: int = TAIL_BYTES) -> str:
    """The last `lines` lines of a cleaned text, each cut to 500 characters, together at most `limit` bytes of UTF-8."""
    rows = [row if len(row) <= 500 else row[:499] + "…" for row in text.rstrip().split("\n")[-lines:]]
    return "\n".join(row.rstrip() for row in rows).encode("utf-8", "replace")[-limit:].decode("utf-8", "ignore")


def diagnose(
    tail: str,
    *,
    exit_code: int | None,
    signal: int | None,
    timed_out: bool,
    stopped_for: str | None,
    unwatched: bool = False,
    oom_kills: int | None = None,
) -> ErrorRecord:
    """Name the kind of a crash from the end of its log and from how the process ended.

    `exit_code` and `signal` are None where nobody recorded them; `unwatched` says that who should have was killed.
    `stopped_for` is what MemoryLab stopped the run for (`nan`, `interrupt`), if it did; `oom_kills` is how many
    processes the kernel ended for want of memory meanwhile, where it tells. `source` in the answer says what the
    verdict rests on: `supervisor`, `traceback`, `log` or `exit`.
    """
    text = clean(tail)
    lines = text.rstrip().split("\n")
    stopped = _stopped(lines, timed_out, stopped_for)
    end = _Exit(exit_code, signal, unwatched, oom_kills)
    found = stopped or _from_log(lines, end) or _from_exit(lines, end)
    summary = _one_line(found.summary, SUMMARY_CHARS)
    return ErrorRecord(summary=summary, tail=last_lines(text), source=found.source, kind=found.kind)


def unhandled(after: str) -> Cause | None:
    """What ended a program behind its last number, where its exit code doesn't tell; None where nothing did.

    What Python says while it ends, an exception that training went on after, and one that the program speaks of having
    dealt with are no end.
    """
    if not after.strip():
        return None
    lines = after.rstrip().split("\n")
    start = _last_progress(lines)
    fresh = [one for one in raised(lines) if not one.noise and (start is None or one.line > start)]
    behind = [bare(row) for row in lines[fresh[-1].line + 1 :]] if fresh else []
    if fresh and not any(_HANDLED.search(row) for row in behind if not row.startswith((" ", "wandb"))):
        return _of_raised(fresh) or Cause("exception", _said(fresh[-1]), "traceback")
    recent = [line.strip() for line in lines[start or 0 :][-5:]]
    for line in reversed(recent):
        if re.search(_KILLED, line):
            return Cause("oom", f"killed without a message: likely the kernel's out-of-memory killer: {line}", "log")
        if re.search(_DIED, line):
            return Cause("killed", line, "log")
        if re.search(_FAIL, line):
            return Cause("nan", f"training printed {line}", "log")
        # A word may stand in any sentence; a launcher's or a library's report of an error says that it is one.
        loud = re.search(r"error|fail|kill|abort|terminat|timeout|timed out", line.lower())
        if loud and (kind := sign(line.lower(), signs.DECISIVE[:-1])):
            return Cause(kind, line, "log")
    return None


def _stopped(lines: Sequence[str], timed_out: bool, stopped_for: str | None) -> Cause | None:
    last = _last_progress(lines)
    where = f"; last progress: {lines[last].strip()}" if last is not None else ""
    if stopped_for == "interrupt":
        return Cause("interrupted", f"interrupted by the user{where}", "supervisor")
    if stopped_for == "nan":
        return Cause("nan", f"stopped: the loss became NaN or infinite{where}", "supervisor")
    if not timed_out:
        return None
    while_ = " while it was evaluating, after training" if _evaluating(lines, last) else ""
    return Cause("timeout", f"stopped: out of time{while_}{where}", "supervisor")


def _evaluating(lines: Sequence[str], last: int | None) -> bool:
    """Whether training was over and the evaluation, or what else comes behind it, took the rest of the time."""
    if last is None:
        return False
    told = read_progress(lines[last][:500], 0.0)
    over = told is not None and ((told.percent or 0) >= 99.5 or told.remaining_s == 0)
    return over or any(_EVALUATES.search(line[:500]) for line in lines[last + 1 :])


def _from_log(lines: Sequence[str], end: _Exit) -> Cause | None:
    """A verdict from what the program wrote, if it wrote why."""
    exit_code, signal = end.code, end.signal
    last = _last_progress(lines)
    start = last or 0
    everything = raised(lines)
    # An exception that training went on after was handled; it explains only an exit that nothing else explains.
    fresh = [one for one in everything if one.line >= start] or (everything if exit_code != 0 and not signal else [])
    fresh = [one for one in fresh if not one.noise] or (fresh if exit_code != 0 else [])
    if found := _of_raised(fresh):
        return found
    recent = [line.strip() for line in lines[start:][-TAIL_LINES:]]
    if fresh:  # a launcher's word for what happened below it
        return _below(recent, end.oom_kills) or Cause("exception", _said(fresh[-1]), "traceback")
    failed = [match[1] for line in recent if (match := re.search(_FAIL, line))]
    if failed and exit_code != 0:
        step = f"; last progress: {lines[last].strip()}" if last is not None else ""
        return Cause("nan", f"the loss became NaN or exploded: training printed {failed[-1]}{step}", "log")
    weak = signal in (None, 6) and exit_code not in (0, 137)  # a stray warning explains neither success nor a kill
    if found := _of_lines(recent[-15:], weak):
        return found
    if last is not None and (told := training_loss(lines[last])) and told.value is None:
        return Cause("nan", f"the loss became NaN or infinite; last progress: {lines[last].strip()}", "log")
    return None


def _of_lines(recent: Sequence[str], weak: bool) -> Cause | None:
    for line in reversed(recent):
        low = line.lower()
        strong = sign(low, signs.DECISIVE if weak else signs.DECISIVE[:-1])
        if found := strong or (sign(low, signs.TELLING) if weak else None):
            return Cause(found, line, "log")
    if weak:
        for kind, pattern in _ELSEWHERE:
            if line := next((line for line in recent if re.search(pattern, line)), ""):
                return Cause(kind, line, "log")
    return None


def _of_raised(found: Sequence[Raised]) -> Cause | None:
    """The exception that tells most: the last of a kind of its own, one that follows from others last."""
    told = [(kind_of(one.type, one.message, one.detail.lower()), one) for one in found if one.type not in WRAPPERS]
    if not told:
        return None
    first = [pair for pair in told if pair[0] not in ("exception", *_SECOND)]
    second = [pair for pair in told if pair[0] in _SECOND]
    kind, one = first[-1] if first else second[-1] if second else told[-1]
    if not first and second:  # a rank that lost its peer tells of the peer's mistake
        mistakes = [pair for pair in told if pair[0] == "exception" and pair[1].stream != one.stream]
        if kind != "cuda_error" and mistakes and mistakes[0][1].line < one.line:
            kind, one = mistakes[0]
    return Cause(kind, _said(one), "traceback")


def _said(one: Raised) -> str:
    head = f"{one.type}: {one.message}" if one.message else one.type
    return f"{_one_line(head, SUMMARY_CHARS - 1 - len(one.where))} {one.where}"


def _below(recent: Sequence[str], oom_kills: int | None) -> Cause | None:
    """What the lines around a launcher's own exception say of the process that it launched."""
    for line in recent:
        if kind := sign(line.lower(), signs.DECISIVE[:-1]):
            return Cause(kind, bare(line), "log")
    report = "\n".join(recent)
    if number := re.search(
        r"Signal (\d{1,2}) \(|exitcode\s*: -(\d{1,2})\b|died with <Signals\.\w+: (\d{1,2})>", report
    ):
        return _of_signal(int(number[1] or number[2] or number[3]), oom_kills, "", "of a process that was launched")
    return _of_lines(recent, weak=True) if any(sign(line.lower(), signs.TELLING) for line in recent) else None


def _of_signal(number: int, oom_kills: int | None, seen: str, whose: str = "") -> Cause:
    whose = f" {whose}" if whose else ""
    if number == 9 and oom_kills == 0:
        why = "by a person, a scheduler or a memory guard: the kernel ended nothing for want of memory"
        return Cause("interrupted", f"killed by SIGKILL{whose} from outside, {why}{seen}", "exit")
    if number == 9:
        sure = "" if oom_kills else "likely "
        return Cause("oom", f"killed by SIGKILL{whose}: {sure}the kernel's out-of-memory killer{seen}", "exit")
    if number in (1, 2, 15):
        return Cause("interrupted", f"stopped by {_signal_name(number)} from outside{whose}{seen}", "exit")
    return Cause("killed", f"killed by {_signal_name(number)}{whose}{seen}", "exit")


def _from_exit(lines: Sequence[str], end: _Exit) -> Cause:
    """A verdict from the exit status alone, where the log has no reason in it."""
    exit_code = end.code
    last = _one_line(lines[-1], 150)
    seen = f"; last line: {last}" if last else "; the log is empty"
    shells = exit_code - 128 if exit_code is not None and 128 < exit_code < 160 else None  # a shell's way to tell it
    number = end.signal or shells
    if last == "Killed" and exit_code != 0:
        number = 9
    if number:
        return _of_signal(number, end.oom_kills, seen)
    if end.unwatched:
        return Cause("interrupted", f"stopped: the process that watches over the run was killed{seen}", "supervisor")
    if exit_code == 0:
        return Cause("no_result", f"ended without an error but reported no metric{seen}", "exit")
    if exit_code == 124:
        return Cause("timeout", f"exit code 124, which `timeout` gives{seen}", "exit")
    if exit_code == 127:
        return Cause("file_missing", f"exit code 127: the command was not found{seen}", "exit")
    code = f"exit code {exit_code}" if exit_code is not None else "no exit code recorded"
    return Cause("unknown", f"{code}, no known error in the log{seen}", "exit")


def _last_progress(lines: Sequence[str]) -> int | None:
    """The last line that tells a step together with training's loss."""
    return next((i for i in range(len(lines) - 1, -1, -1) if _trains(lines[i][:500])), None)


def _trains(line: str) -> Progress | None:
    if "oss" not in line and "OSS" not in line:
        return None
    told = read_progress(line, 0.0)
    return told if told is not None and training_loss(bare(line)) else None


def _signal_name(number: int) -> str:
    from signal import Signals

    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def _one_line(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
