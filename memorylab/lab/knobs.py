"""The use case `knobs`: what is known of the knobs that were tried, or of one of them in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from memorylab.core.guard.knob_table import row
from memorylab.core.reading import edits, identifiers, lexicon
from memorylab.errors import InputError
from memorylab.index import Views
from memorylab.lab import called
from memorylab.lab.context import Context
from memorylab.lab.judge import arena_in_use
from memorylab.lab.recall import Recall
from memorylab.lab.standing import standing
from memorylab.records import STATUSES

TRIES = 100
"""Newest runs looked at per knob."""


def table(context: Context, limit: int) -> list[dict[str, Any]]:
    """The knobs that most runs changed, those of all arenas together; the index must have caught up."""
    return list(rows(context, limit))


def rows(context: Context, limit: int) -> Iterator[dict[str, Any]]:
    """The same one by one, for who needs only the first of a kind: a much tried knob costs 5 ms."""
    views = context.views()
    counted: dict[str, Counter[str]] = {}
    for arena in views.arenas():
        for target, counts in views.knobs(arena.id, limit):
            counted.setdefault(target, Counter()).update(counts)
    most = sorted(counted, key=lambda target: (-counted[target].total(), target))[:limit]
    recall, tree = _recall(context, views), context.present()
    for target in most:
        yield called.knob(context, row(target, counted[target], recall.past(views.tried(target, TRIES)), tree))


def knob(context: Context, name: str) -> dict[str, Any]:
    """One knob with each of its tries; `name` may be any of its names, "muon lr" is MATRIX_LR.

    Raises:
        InputError: nothing is known under this name.

    """
    views, tree = context.views(), context.present()
    found = _targets(views, name)
    recall = _recall(context, views)
    past = {target: recall.past(views.tried(target, TRIES)) for target in found}
    target = next((target for target in found if past[target] or target in tree), None)
    if target is None:
        raise InputError(f"no run has changed {found[0][:60]}", "`memorylab knobs` lists what was tried")
    counts: Counter[str] = Counter()
    for arena in views.arenas():
        counts.update({status: views.cluster_size(arena.id, f"knob {status}", target) for status in STATUSES})
    return called.knob(context, row(target, counts, past[target], tree))


def tried(views: Views, name: str) -> str:
    """The target of a knob that was tried, by any of its names; the name itself where none of it was."""
    return next((target for target in (name, *_targets(views, name)) if views.tried(target, 1)), name)


def _targets(views: Views, name: str) -> list[str]:
    """What a name can mean: as an identifier, as the text of an idea, as it stands, as a run has it."""
    words = "_".join(word for word in name.replace("-", " ").split() if word.lower() not in lexicon.FILLERS)
    read = [edit.target for edit in edits.parse(name)]
    found = [identifiers.target_of(words), *read, name.strip()]
    return list(dict.fromkeys([*found, *([target] if (target := views.named(name.strip())) else [])]))


def _recall(context: Context, views: Views) -> Recall:
    """Runs as the guard sees them, from the arena in use."""
    where = standing(views, arena_in_use(context))
    return Recall(views, where)
