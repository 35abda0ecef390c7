"""Which values of the code are knobs that may be turned: not where a run writes, how long it takes, or what judges it.

A state of the code has hundreds of values. Most are no ideas: seeds, paths, ports, intervals of logging, budgets, what
an evaluation is made of, and the many arguments of calls that mean nothing to the metric.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from memorylab.core.reading import naming
from memorylab.core.reading.slots import left_out
from memorylab.core.runs import command
from memorylab.tuples import NamedTuple

MOST = 120
"""Knobs that are looked at; of a repository with more those that the vocabulary has a name for come first."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ASIDE_WORDS: Final = """
    path paths dir dirs directory folder file files filename out output log logs logger logging name names id ids
    uuid version url uri host hostname port user username project entity tag tags notes note comment title
    description help metavar date datetime timestamp year month timezone tz seed seeds device devices gpu gpus cuda
    tpu cpu cpus dtype worker workers job jobs thread threads process processes core cores prefetch pin verbose
    verbosity debug quiet print flush indent progress tqdm wandb mlflow tensorboard plot figure dpi color encoding
    interval every freq frequency checkpoint checkpoints ckpt resume cache eval evaluation val valid validation test
    holdout fold folds kfold cv budget limit timeout deadline duration stretch patience retries retry fee fees
    commission slippage tax capital cash balance flops compile profile profiler ddp rank world bucket s3 api key
    token_file secret password
"""
_ASIDE = frozenset(_ASIDE_WORDS.split())
"""Words of names that are no idea, whatever stands around them: where things are, how much is told, what judges, and
the costs and the capital that a backtest is made under, which no strategy may choose."""
_PLACES = frozenset(("device", "devices", "gpu", "gpus", "process"))
_BEHIND = frozenset(("steps", "seconds", "minutes", "hours", "secs", "mins", "ms"))
"""Last words of a name that say how long something lasts; a warm-up may last long or short, a run is what it is."""
_PHASES = frozenset(
    ("warmup", "warm", "warmdown", "cooldown", "decay", "ns", "accum", "accumulation", "rollout", "inner")
)
_SHAPE = frozenset(("dim", "axis", "keepdim", "size", "shape", "ndim", "index", "start", "stop", "end", "step"))
"""Arguments of a call that say on what it works, not how well."""


class CodeKnob(NamedTuple):
    """A value that may be changed."""

    slot: str
    """As the state of the code has it: "MATRIX_LR", "model.lr", "--lr"."""
    label: str
    """The name in it that its user chose."""
    now: bool | float
    known: bool
    """Whether the vocabulary has a name for it."""


class Apart(NamedTuple):
    """What the settings keep out of experiments."""

    ignore: tuple[str, ...] = ()
    """Names that say nothing."""
    judging: tuple[str, ...] = ()
    """Names of functions and constants that measure, and arguments that make another arena."""
    leaves: frozenset[str] = frozenset()
    """Slots that are entries of configuration files: what stands there is meant to be set."""


def knobs(slots: Mapping[str, Any], apart: Apart) -> list[CodeKnob]:
    """The knobs among the slots of a state, in their order; those that the vocabulary knows first where many are."""
    found = list(_found(slots, apart))
    if len(found) > MOST:
        found.sort(key=lambda knob: not knob.known)
    return found[:MOST]


def _found(slots: Mapping[str, Any], apart: Apart) -> Iterator[CodeKnob]:
    for slot, value in slots.items():
        if {"#", "="}.intersection(slot) or not isinstance(value, bool | int | float) or not math.isfinite(value):
            continue
        plain = slot.rpartition(":")[2]
        if plain.startswith(("$", "argument ")) or " " in plain:
            continue
        home, _, label = plain.rpartition(".") if not plain.startswith("--") else ("", "", plain)
        label = label.lstrip("-").replace("-", "_")
        if left_out(slot, apart.ignore) or not _may_vary(plain, home, label, apart.judging):
            continue
        if _is_meant(plain, home, label, value, slot in apart.leaves):
            known = bool(naming.knob(label))
            yield CodeKnob(slot, label, value if isinstance(value, bool) else float(value), known)


def _may_vary(plain: str, home: str, label: str, judging: Collection[str]) -> bool:
    """Whether a name is one that an experiment may be about."""
    names = {part.lower() for part in (*plain.split("."), label)}
    if names & {name.lower().lstrip("-").replace("-", "_") for name in judging}:
        return False
    if command.is_aside(label.lower()):
        return False
    own = words(label)
    if "batch" in own:  # the batch of a device is one
        own = [word for word in own if word not in _PLACES]
    if not own or _ASIDE.intersection(own) or (own[-1] in _BEHIND and not _PHASES.intersection(own)):
        return False
    around = [word for part in home.split(".") for word in words(part)]
    return not _ASIDE.intersection(around)


def words(name: str) -> list[str]:
    """The words of a name in lower case.

    >>> words("WARMUP_RATIO"), words("nLayers"), words("val_split")
    (['warmup', 'ratio'], ['n', 'layers'], ['val', 'split'])
    """
    return [word.lower() for word in _WORDS.findall(name)]


def _is_meant(plain: str, home: str, label: str, value: object, leaf: bool) -> bool:
    """Whether the place where a value stands is one for settings; elsewhere the vocabulary must know its name."""
    if leaf or plain.startswith("--"):
        return len(label) > 1
    if not home:  # a constant of the module
        return len(label) > 1 and (label.isupper() or bool(naming.knob(label)))
    last = home.rpartition(".")[2]
    if naming.is_inside(home) or (naming.is_settings(last) and (last == home or home.count(".") == 1)):
        return len(label) > 1
    if (
        isinstance(value, bool)
        or naming.is_common(label)
        or _SHAPE.intersection(words(label))
        or any(part[:1] == "_" for part in home.split("."))
    ):
        return False
    made = last[:1].isupper() and not last.isupper() and "." in home  # an argument of a constructor
    return (made and label.islower() and len(label) > 2) or bool(naming.knob(label))
