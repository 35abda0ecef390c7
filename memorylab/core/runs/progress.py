"""Where training is, read from a line of progress: upstream's, nanoGPT's, Trainer's, Keras', Lightning's, tqdm's, JSON.

Whose loss a line tells decides whether a NaN in it ends the run, so a loss counts as training's only where every word
before it says so: the best so far, validation's and an auxiliary one may be infinite or missing in a healthy run.
"""

from __future__ import annotations

import re

from memorylab.core.lazily import pattern
from memorylab.core.runs.lines import bare
from memorylab.core.runs.metric_line import NOT_FINITE, NUMBER
from memorylab.records import finite
from memorylab.tuples import NamedTuple

_STEP = pattern(
    r"\b(?:global[_ ])?(?:step|iter(?:ation)?|it)s?\b[\"']?[\s:=#\[]{0,4}(\d{1,12})(?:\s?(?:/|of)\s?(\d{1,12}))?", re.I
)
_BAR = pattern(r"\|\s*(\d{1,12})/(\d{1,12}|\?)\s*\[|^\s*(\d{1,12})/(\d{1,12}) +(?:\[|[\u2500-\u257f])")
_BOOSTED = pattern(r"^\[(\d{1,9})\]\s+[\w' -]{1,40}:")
_EPOCH = pattern(r"\b(?:epoch|ep)\b[\"']?[\s:=#\[]{0,4}(\d{1,9}(?:\.\d{1,6})?)(?:\s?(?:/|of)\s?(\d{1,9}))?", re.I)
_PERCENT = pattern(r"\((\d{1,3}(?:\.\d+)?)\s?%\)|(?<![\d.])(\d{1,3})%\|")
_LEFT = pattern(
    r"\b(?:remaining|eta|time[_ ]left)(?:_s|_seconds)?[\"']?[\s:=]{1,4}((?:\d{1,4}:){0,2}\d{1,7}(?:\.\d+)?)\s?([smh]?)",
    re.I,
)
_BAR_LEFT = pattern(r"\[[\d:]{3,12}<((?:\d{1,4}:){1,2}\d{2})")
_PARTS_LEFT = pattern(r"\b(?:remaining|eta|left)[\"']?[\s:=]{1,4}((?:\d{1,5}\s?[dhms]\s?){2,4})", re.I)
_LOSS = pattern(
    rf"(?P<name>[\w./-]*loss(?:[/._](?:train|training|step|epoch|total))?|loss \(train(?:ing)?\))[\"']?\s*[:=]?\s*"
    rf"(?:(?:\w+\.)*[a-z]\w*\(|\[)?(?P<value>{NOT_FINITE}|{NUMBER}(?![\w.]))",
    re.I,
)
_PARTS = pattern(r"[|,;()\[\]{}\t\u2502]|\s-\s|\s{2,}")
_TRAINING = frozenset(
    re.findall(
        r"\w+",
        "train training trn tr step iter iteration it global epoch ep batch mini minibatch micro running total mean avg"
        " average current cur lm ce ntp xent cross entropy mlm loss info is at of",
    )
)
"""Words before a loss that leave it training's."""
_PAIR = pattern(  # another quantity with its number: `lr 0.1 loss nan`
    rf"\b(?!best|val|valid|eval|test|dev|min|lowest|aux)[a-z_/]{{1,24}}\s?[:=]?\s*{NUMBER}(?=\s)", re.I
)
_OTHERS = pattern(
    r"^\W*(?:val|valid|validation|validating|eval|evaluation|evaluating|test|testing|dev)\b(?!\W*\w*[ _/]?loss)"
    r"|[\[(](?:val|valid|validation|eval|evaluation|test|dev)[\])]",
    re.I,
)
_SKIPPED = pattern(r"\bskip|\boverflow", re.I)


class Progress(NamedTuple):
    """Where training is, as far as its last progress line says; what it doesn't say is None."""

    step: int | None
    percent: float | None
    loss: float | None
    remaining_s: float | None
    elapsed_s: float


class Loss(NamedTuple):
    """The training loss of a line."""

    value: float | None
    """None where it is NaN or infinite."""


def training_loss(line: str) -> Loss | None:
    """The first loss on the line that is training's.

    >>> training_loss("step 2 | aux loss: nan | loss: 2.95"), training_loss("iter 2: val loss 2.1, best loss inf")
    (Loss(value=2.95), None)
    >>> training_loss("{'loss': nan, 'grad_norm': nan, 'epoch': 0.52}")
    Loss(value=None)
    """
    for match in _LOSS.finditer(line):
        segment = _PAIR.sub(" ", _PARTS.split(line[: match.start()])[-1]) + " " + match["name"]
        words = re.findall(r"[a-z]+", segment.lower())
        if _TRAINING.issuperset(words) and not _OTHERS.search(line[: match.start()]):
            told = match["value"]
            return Loss(None if re.match(NOT_FINITE, told) else finite(re.sub(r"[,_]", "", told)))
    return None


def lost(line: str) -> bool:
    """Whether a cleaned line of progress tells that the training loss is NaN or infinite."""
    line = bare(line)
    found = training_loss(line)
    if found is None or found.value is not None or _SKIPPED.search(line):
        return False
    return _place(line) is not None or _EPOCH.search(line) is not None


def read_progress(line: str, elapsed_s: float) -> Progress | None:
    """One progress line; None when it has no step.

    >>> read_progress("step 00042 (12.3%) | loss: 3.456789 | mfu: 39.8% | remaining: 10s", 1.5)
    Progress(step=42, percent=12.3, loss=3.456789, remaining_s=10.0, elapsed_s=1.5)
    >>> read_progress("iter 10/40: train loss 2.5, val loss 2.6", 3.0)
    Progress(step=10, percent=25.0, loss=2.5, remaining_s=None, elapsed_s=3.0)
    >>> read_progress(" 24/100 [=====>......] - ETA: 3s - loss: 0.69 - accuracy: 0.61", 1.0)
    Progress(step=24, percent=24.0, loss=0.69, remaining_s=3.0, elapsed_s=1.0)
    """
    line = bare(line)
    place, loss = _place(line), training_loss(line)
    epoch = _EPOCH.search(line) if place is None else None
    if place is None and (epoch is None or loss is None):
        return None
    step, total = place or (None, None)
    if epoch is not None:
        step = int(epoch[1]) if epoch[1].isdigit() else None
        total = int(epoch[2]) if epoch[2] and step is not None else None
    percent = _PERCENT.search(line)
    share = float(percent[1] or percent[2]) if percent else 100 * step / total if step is not None and total else None
    return Progress(step, share, loss.value if loss else None, _left(line), elapsed_s)


def _place(line: str) -> tuple[int, int | None] | None:
    """The step, and of how many."""
    if found := _STEP.search(line):
        return int(found[1]), int(found[2]) if found[2] else None
    if found := _BAR.search(line):
        done, total = (found[1], found[2]) if found[1] else (found[3], found[4])
        return int(done), int(total) if total.isdigit() else None
    found = _BOOSTED.match(line)
    return (int(found[1]), None) if found else None


def _left(line: str) -> float | None:
    if parts := _PARTS_LEFT.search(line):
        units = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
        return float(sum(int(n) * units[unit.lower()] for n, unit in re.findall(r"(\d+)\s?([dhms])", parts[1], re.I)))
    found = (own := _LEFT.search(line)) or _BAR_LEFT.search(line)
    if found is None:
        return None
    seconds = 0.0
    for part in found[1].split(":"):
        seconds = 60 * seconds + float(part)
    unit = own[2].lower() if own else ""
    return seconds * {"m": 60, "h": 3600}.get(unit, 1)
