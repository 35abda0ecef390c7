"""One reader of a log's lines: what a program wrote, without what its terminal, launcher and logger put around it.

Taken off are colours, what a carriage return overwrote, and the beginnings that torchrun, srun, mpirun, Ray, docker
compose, kubectl, journald and the usual loggers give to each line, and the frames of boxes. The blanks behind them
stay, since a traceback is told by them.
"""

from __future__ import annotations

import re

from memorylab.core.lazily import pattern

ESCAPES = (
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b[\]PX^_][^\x07\x1b\n]{0,2048}(?:\x07|\x1b\\)?|\x1b[ -/]{0,4}[0-~]"
)
# What is left of the controls, the marks that reverse the reading direction of a line, and lone surrogates.
_CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"

_LEVEL = r"(?:DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL|TRACE|SUCCESS|info|warning|error|debug)"
_DATE = r"\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{2,4}|\d\d-\d\d"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_TIME = rf"(?:(?:{_DATE})[T ]{_CLOCK}(?:Z|[+-]\d\d:?\d\d| ?UTC)?|{_CLOCK})"
_WHERE = r"[\w./<>\[\]-]{1,80}"

_PREFIXES = pattern(
    "|".join(
        (
            r"\[(?:rank|default|Rank |RANK )\d{1,6}\]: ?|\[\d{1,6}\]:(?=[\s\[]|$) ?",  # torchrun, with or without --tee
            r"\[[Rr]ank ?\d{1,6}\] ",
            r"\[?[Rr]ank[ :=]?\d{1,6}\]?: ?",
            r"\[\d{1,4},\d{1,6}\]<std(?:out|err)>:? ?",  # mpirun --tag-output
            r"\d{1,5}: (?=\S* |\S+$|\[)(?!\d)",  # srun --label
            r"\((?:[\w.()-]{1,80} )?pid=\d{1,8}(?:, ip=[\w.:]{1,45})?\) ?",  # Ray
            r"\[pod/[\w./-]{1,200}\] ",  # kubectl logs --prefix
            r"(?!(?:step|epoch|iter|it|eval|val|train)[-_ ]?\d)[A-Za-z][\w.-]{0,80}[-_]\d{1,4} +\| ?",  # compose
            r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,64} [\w./@-]{1,64}\[\d{1,8}\]: ",  # journald
            rf"\[?[IWEFCDVT]\d{{3,4}} {_CLOCK}(?: +\d{{1,8}})? [^\s\]]{{1,100}}\] ?",  # glog, absl, torch
            # A name only beside a level: else it could be the name of what is measured.
            rf"[\[(]?{_TIME}[\])]?[ ]?(?:[-|][ ]?)?(?:[\[(]?{_WHERE}[\])]?[ ]?(?:[-|:][ ]?)?(?=[\[(]?{_LEVEL}\b))?",
            rf"[\[(<]?{_LEVEL}[\])>]?[ ]*(?:[-|][ ]*{_WHERE}(?::{_WHERE}){{0,2}} - |:[\w.]{{1,80}}:(?! ?[\d.+-])"
            rf"| {{0,2}}[\w./<>-]{{1,80}}:\d{{1,6}}[:\]]?(?: - | )|[-|:]{{1,2}} ?|(?<=[\])>])-? ?| +(?=\S))",
            r"[|\u2502\u2503\u2551] ?(?=.*[\u2502\u2503\u2551|]\s*$)",  # a row of a box
            r"[\u2502\u2503\u2551] ?",
        )
    )
)
_BOX_END = pattern(r"\s*[\u2502\u2503\u2551]\s*$")
_MONTHS = frozenset(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
_LEVELS = frozenset(["DEBU", "INFO", "NOTI", "WARN", "ERRO", "CRIT", "FATA", "TRAC", "SUCC", "RANK"])
_MOST = 6
_PLAIN = frozenset("{'\"#>")


def clean(text: str) -> str:
    """The text as a reader of the terminal saw it: escapes out, of each line only what the last carriage return left.

    An exception that follows a progress line on the same line (upstream ends those with a bare return) gets its own.
    """
    if text.isprintable() and "Traceback" not in text:
        return text
    text = re.sub(ESCAPES, "", text.replace("\r\n", "\n"))
    if "\r" in text:
        kept = (next((part for part in reversed(line.split("\r")) if part.strip()), "") for line in text.split("\n"))
        text = "\n".join(kept)
    text = re.sub(_CONTROLS, "", text)
    return re.sub(r"(?<=[\w%])(?<!Group)[ \t]+(?=(?:\[rank\d+\]: )?Traceback \(most recent call last\))", "\n", text)


def bare(line: str) -> str:
    """A cleaned line without what a launcher, a logger or a box put around it.

    >>> bare("[rank0]:   File 'x'"), bare("(RayTrainWorker pid=311) ValueError: x"), bare("trainer-1  | val_bpb: 0.9")
    ("  File 'x'", 'ValueError: x', 'val_bpb: 0.9')
    >>> bare("2024-05-01 12:00:00,123 - INFO - step 3"), bare("INFO:root:val_bpb: 0.9"), bare("step 3 | loss: 2.5")
    ('step 3', 'val_bpb: 0.9', 'step 3 | loss: 2.5')
    """
    for _ in range(_MOST):
        if not line or line[0] in _PLAIN or _begins_plainly(line):
            break
        found = _PREFIXES.match(line)
        if found is None or not found[0]:
            break
        line = line[found.end() :]
        if found[0][0] in "|\u2502\u2503\u2551":
            line = _BOX_END.sub("", line)
    return line


def _begins_plainly(line: str) -> bool:
    """Whether a line begins with a word of its own, as nearly all do: then the long pattern needn't be asked."""
    if not (line[0].isalpha() or line[0] in " -_"):
        return False
    name, bar, _ = line[:90].partition(" |")
    boxed = bool(bar) and name.rstrip()[-1:].isdigit() and " " not in name.rstrip()
    return not (boxed or line[1:4].isdigit() or line[:3] in _MONTHS or line[:4].upper() in _LEVELS)


def bared(text: str) -> list[str]:
    """The lines of a cleaned text, each without its beginnings."""
    return [bare(row) for row in text.split("\n")]
