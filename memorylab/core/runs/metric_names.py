"""What else a metric may be called in a log: other separators, a table's rounded row, the name that came nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from memorylab.core.lazily import pattern
from memorylab.core.runs.lines import bare
from memorylab.core.runs.metric_line import MOST_CHARS, NUMBER, Value, named, value
from memorylab.tuples import NamedTuple

_BEFORE_NUMBER = pattern(r"([A-Za-z][\w./@ -]{0,40}?)['\"`*]{0,2}\s*(?:[:=|]|\s)\s*(?=[-+.\d]|[nN][aA][nN]\b|[iI]nf)")
_STATED = pattern(r"(?<![\w./@-])([A-Za-z][\w./@ -]{0,60}?)['\"`*]{0,2}\s*[:=]\s*(?=\S)")
_HELD_OUT = frozenset(("val", "valid", "validation", "test", "eval", "evaluation", "dev", "heldout", "holdout"))
_TRAINING = frozenset(("train", "training", "trained"))
_ALSO = {2: " (and direction)", 1: ", if training's own is meant"}
_SHORTEST = 3
"""Letters of a word by which a longer one is known: acc is accuracy."""


class Near(NamedTuple):
    """The line that came nearest to telling the metric, and what could be done about it."""

    line: str
    advice: str


def spellings(metric: str) -> list[str]:
    """The same name with what else may stand between its words.

    >>> spellings("val_loss"), spellings("accuracy")
    (['val loss', 'val-loss'], [])
    """
    parts = re.split(r"[_ -]", metric)
    if len(parts) == 1 or not all(parts):
        return []
    return [name for name in (sep.join(parts) for sep in "_ -") if name != metric]


def is_row(line: str, metric: str) -> bool:
    """Whether a cleaned line tells the metric as the row of a report's table: its name, blanks, two numbers or more."""
    return re.match(rf"\s*{re.escape(metric)}\s+{NUMBER}\s+{NUMBER}", bare(line)) is not None


def finer(lines: Sequence[str], metric: str, rounded: Value) -> Value | None:
    """What the lines state of a metric of which a table's row was read, which rounds; None where they contradict it.

    A report of two digits may stand beside `Accuracy: 0.9259`: that is the same number, or it is the one that counts
    and nobody knows which of the two names was meant.

    >>> finer(["Accuracy: 0.9259"], "accuracy", value("0.93")).number
    0.9259
    >>> finer(["Accuracy: nan"], "accuracy", value("0.93")), finer(["loss: 0.2"], "accuracy", value("0.93")).number
    (None, 0.93)
    """
    found = [told for line in lines for told in _stated(bare(line[:MOST_CHARS].strip()), metric)]
    if not found or rounded.number is None:
        return rounded
    spelled, told = found[-1]
    if (same := _rounds_to(told, rounded)) is not None:
        return same
    return rounded if spelled == metric else None


def _stated(line: str, metric: str) -> Iterable[tuple[str, Value]]:
    for match in _STATED.finditer(line):
        told = value(line[match.end() :])
        if _letters(match[1]) == _letters(metric) and told.told:
            yield match[1], told


def _rounds_to(told: Value, rounded: Value) -> Value | None:
    """A value of at least the digits of another that rounds to it, in its unit: a share may be told in percent."""
    if told.number is None or rounded.number is None:
        return None
    half = 0.5 * 10.0**-rounded.decimals * (1 + 1e-9)
    for times, more in ((1.0, 0), (0.01, 2)):
        number = told.number * times if more else told.number
        if told.decimals + more >= rounded.decimals and abs(number - rounded.number) <= half:
            return told._replace(number=number, decimals=told.decimals + more)
    return None


def nearest(lines: Sequence[str], metric: str) -> Near | None:
    """The line that nearly tells the metric: under its name but no number, or a number under the name most like it.

    Of equally near ones the last. What training says of itself is never offered for what is measured on held-out data.
    """
    close: Near | None = None
    most = 0
    for row in reversed(lines):
        line = bare(row[:MOST_CHARS].strip())
        shown = " ".join(line.split())[:120]
        if re.search(named(metric), line):
            told = re.split(named(metric), line)[-1].strip()[:60]
            if not value(told).told:
                return Near(shown, f'"{told}" is no number: print {metric} as one, or set metric_pattern')
        rank, name = _alike(line, metric)
        if rank > most:
            most = rank
            close = Near(shown, f'set metric = "{name}"{_ALSO.get(rank, "")}, or metric_pattern')
    return close


def _alike(line: str, metric: str) -> tuple[int, str]:
    """The name before a number in the line that is most like the metric's, and how much: 0 is not at all."""
    best = (0, "")
    for match in _BEFORE_NUMBER.finditer(line):
        names = (match[1].strip(), match[1].split()[-1])
        rank, name = next(((rank, name) for name in names if (rank := _likeness(name, metric))), best)
        if rank > best[0] and value(line[match.end() :]).told:
            best = rank, name
    return best


def _likeness(name: str, metric: str) -> int:
    """5: the same letters; 4: all words of the metric; 3: begins or ends with it; 2: measured on held-out data too;
    1: the same of training, where the metric doesn't say of what it is."""
    letters, wanted = _letters(name), _letters(metric)
    if not letters or name == metric:
        return 0
    if letters == wanted:
        return 5
    own, theirs = _words(metric), _words(name)
    held_out = bool(_HELD_OUT & set(own))
    whole = all(any(_same(word, other) for other in theirs) for word in own)
    if _TRAINING & set(theirs) - set(own):
        return 1 if whole and not held_out else 0
    if held_out and not _HELD_OUT & set(theirs):
        return 0
    if whole:
        return 4
    if _part(letters, wanted) and not held_out:
        return 3
    return 2 if held_out else 0


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def _same(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    both = word in _HELD_OUT and other in _HELD_OUT
    return both or (len(short) >= _SHORTEST and long.startswith(short)) or word == other


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _part(name: str, wanted: str) -> bool:
    """Whether one of the two ends or begins with the other, and that is no chance."""
    short, long = sorted((name, wanted), key=len)
    return len(short) >= _SHORTEST and (long.startswith(short) or long.endswith(short))
