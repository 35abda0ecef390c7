"""The rules by which other tools block a repeat, so that a ledger can be judged by them beside our own guard.

Each is written from its published description, not from its source:

- `exact` (swarms that share a results table): the same description again, whatever its case, spaces and punctuation.
- `family` (codex-autoresearch): a hypothesis with its numbers replaced by `#` names a family; a family with 3 runs
  or more, of which max(2, kept + 1) or more were rejected, is exhausted.
- `reference` (the MemoryLab that this one's interface comes from): similarity of texts after aliasing,
  .35 shared words + .3 order of characters + .25 shared concepts + .1 shared numbers, from .62 on a match.

The lists of aliases and concepts behind `reference` are not part of its description, nor are how its modes shift the
threshold and how matches of mixed outcome are read: these are a reconstruction. Over 40 public ledgers (685 kept and
1,835 failed runs) the original was measured to block 5.8 % of the kept and 24.0 % of the failed runs in exploit mode,
22.2 % and 31.1 % in explore; this one blocks 5.5 % and 23.8 %, 23.4 % and 29.1 %.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from memorylab.core.guard.replay import Row
from memorylab.tuples import NamedTuple

THRESHOLD = 0.62
"""Similarity from which `reference` sees a match, before its mode shifts it."""

_SHIFT = {"explore": -0.04, "exploit": 0.0, "replicate": 0.04}
_SAME = 0.92
"""Similarity from which `reference` takes two ideas for one."""

_ALIASES = {
    "learning rate": "lr",
    "weight decay": "wd",
    "batch size": "batch",
    "warm down": "warmdown",
    "warm up": "warmup",
}

_CONCEPTS = {
    "optimizer": "muon adam adamw momentum betas optimizer",
    "schedule": "warmup warmdown schedule cosine lr",
    "architecture": "depth width layer mlp head residual activation gelu relu swiglu attention rope window norm "
    "embedding",
    "batch": "batch accum",
    "regularization": "dropout wd decay softcap",
    "init": "init initialization",
}

_STOP = (
    "a an and as at be by for from in into is it of on or over set than that the then this to try up use using via with"
)

_BLOCKED = {
    "explore": {"duplicate_run", "repeat_failure", "incremental_followup", "known_success"},
    "exploit": {"duplicate_run", "repeat_failure"},
    "replicate": {"novel", "repeat_failure"},
}


class Told(NamedTuple):
    """A row as the rules read it; its words are prepared once, since every later row is compared with them."""

    row: int
    status: str | None
    key: str
    """The description as `exact` compares it."""
    pattern: str
    """The description as `family` groups it."""
    text: str
    words: frozenset[str]
    numbers: frozenset[str]
    concepts: frozenset[str]
    family: str


class Verdict(NamedTuple):
    """What a rule says of a row, and the earlier row that carries it."""

    classification: str
    decision: str
    match: int | None


Rule = Callable[[Told, Sequence[Told], str], Verdict]
"""A row, the rows before it that have an outcome, and the mode."""


def tell(number: int, row: Row) -> Told:
    """The row as the rules read it."""
    plain = " ".join(row.description.lower().split())
    text = _ALIAS.sub(lambda found: _ALIASES[found[0]], plain.replace("_", " "))
    words = frozenset(re.findall(r"[a-z][a-z0-9]*|\d+(?:\.\d+)?", text)) - _STOPPED
    concepts = frozenset(name for name, members in _MEMBERS.items() if members & words)
    return Told(
        row=number,
        status=row.status,
        key=" ".join(re.findall(r"\w+(?:[.]\d+)?", plain)),
        pattern=" ".join(re.sub(r"\d+(?:\.\d+)?", "#", plain).split()),
        text=text,
        words=words,
        numbers=frozenset(re.findall(r"\d+(?:\.\d+)?", text)),
        concepts=concepts,
        family=row.family or min(concepts, default=""),
    )


def exact(idea: Told, past: Sequence[Told], mode: str) -> Verdict:
    """Block the very same description, in any mode and however the earlier run ended."""
    match = next((run.row for run in reversed(past) if run.key == idea.key), None)
    return Verdict("novel", "allow", None) if match is None else Verdict("duplicate_run", "block", match)


def family(idea: Told, past: Sequence[Told], mode: str) -> Verdict:
    """Block every further member of a family that is exhausted, in any mode."""
    members = [run for run in past if run.pattern == idea.pattern]
    if not members:
        return Verdict("novel", "allow", None)
    kept = sum(run.status == "keep" for run in members)
    if len(members) >= 3 and len(members) - kept >= max(2, kept + 1):
        return Verdict("repeat_failure", "block", members[-1].row)
    return Verdict("incremental_followup", "allow", members[-1].row)


def reference(idea: Told, past: Sequence[Told], mode: str) -> Verdict:
    """Block what resembles a failure; in explore mode also what resembles a success; in replicate what is new."""
    return weigh(idea, similar(idea, past, THRESHOLD + _SHIFT.get(mode, 0.0)), mode, THRESHOLD)


RULES: Mapping[str, Rule] = {"reference": reference, "family": family, "exact": exact}


def verdicts(rule: Rule, rows: Sequence[Told], mode: str) -> Iterator[Verdict]:
    """Each row judged against the rows before it; one whose outcome nobody knows is judged, but teaches nothing."""
    past: list[Told] = []
    for row in rows:
        yield rule(row, past, mode)
        if row.status is not None:
            past.append(row)


def reference_sweep(rows: Sequence[Told], mode: str, thresholds: Sequence[float]) -> Iterator[list[bool]]:
    """For each row whether `reference` would block it at each of the thresholds."""
    past: list[Told] = []
    least = min(thresholds) + _SHIFT.get(mode, 0.0)
    for row in rows:
        found = similar(row, past, least)
        yield [weigh(row, found, mode, threshold).decision == "block" for threshold in thresholds]
        if row.status is not None:
            past.append(row)


def similar(idea: Told, past: Sequence[Told], least: float) -> list[tuple[float, Told]]:
    """The earlier rows whose similarity is at least `least`, most similar first."""
    letters: SequenceMatcher[str] = SequenceMatcher(None)
    letters.set_seq2(idea.text)
    found = []
    for run in past:
        shared = (
            0.35 * _overlap(idea.words, run.words)
            + 0.25 * _overlap(idea.concepts, run.concepts)
            + 0.1 * _overlap(idea.numbers, run.numbers)
        )
        needed = (least - shared) / 0.3
        if needed > 1:
            continue
        letters.set_seq1(run.text)
        # The exact ratio costs as much as all the rest, so its bounds are asked first.
        if letters.real_quick_ratio() < needed or letters.quick_ratio() < needed:
            continue
        similarity = shared + 0.3 * letters.ratio()
        if similarity >= least:
            found.append((similarity, run))
    return sorted(found, key=lambda pair: (-pair[0], -pair[1].row))


def weigh(idea: Told, found: Sequence[tuple[float, Told]], mode: str, threshold: float) -> Verdict:
    """What `reference` makes of similar rows, most similar first, at a threshold."""
    effective = threshold + _SHIFT.get(mode, 0.0)
    close = [run for similarity, run in found if similarity >= effective]
    blocked = _BLOCKED.get(mode, _BLOCKED["exploit"])
    if not close:
        return Verdict("novel", "block" if "novel" in blocked else "allow", None)
    failed = next((run for run in close if run.status != "keep"), None)
    if found[0][0] >= _SAME:
        name, carrier = "duplicate_run", close[0]
    elif failed is not None:
        name, carrier = "repeat_failure", failed
    else:
        name, carrier = "incremental_followup" if close[0].family == idea.family else "known_success", close[0]
    return Verdict(name, "block" if name in blocked else "allow", carrier.row)


def _overlap(ours: frozenset[str], theirs: frozenset[str]) -> float:
    shared = len(ours & theirs)
    return shared / (len(ours) + len(theirs) - shared) if shared else 0.0


_ALIAS = re.compile(rf"\b(?:{'|'.join(_ALIASES)})\b")
_STOPPED = frozenset(_STOP.split())
_MEMBERS = {name: frozenset(members.split()) for name, members in _CONCEPTS.items()}
