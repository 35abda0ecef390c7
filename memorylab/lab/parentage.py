"""The run that some code was built on, and the one whose code it is: found by states, whatever git calls the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorylab.adapters import git
from memorylab.adapters.git import Head
from memorylab.core.reading import slots, state
from memorylab.core.reading.slots import State
from memorylab.index import ArenaView
from memorylab.index.pieces import Pieces
from memorylab.lab.context import Context
from memorylab.lab.standing import standing
from memorylab.records import Run, RunView

if TYPE_CHECKING:
    from memorylab.lab.identity import Identity

LOOKED_BACK = 12
"""Commits that changed the code whose states are looked at for the run that it was built on."""
NEAR = 8
"""Runs on top of one commit that are looked at for the one that a tree was built on."""


def alike(context: Context, found: Identity) -> Identity:
    """The identity with a run of the same code, if there is one."""
    runs = context.views().by_tree(found.tree) if found.tree else []
    named = (run for run in runs if run.identity == found.key)
    return found._replace(alike=next(named, next(iter(runs), None)))


def elsewhere(context: Context, arena: ArenaView | None, found: Identity) -> Identity | None:
    """The identity of code that was run before, but never where this run will be: under other conditions, or by
    another judge. None where it was run there too, or never.

    It stands on what leads there, and changes nothing where nothing does: the commit that it lies on isn't its edit.
    """
    if found.key is None or found.tree is None or found.alike is None or found.alike.identity is None:
        return None
    views = context.views()
    if arena is not None and any(run.arena == arena.id for run in views.by_tree(found.tree)):
        return None
    leader = standing(views, arena).champion if arena is not None else None
    if leader is None:
        return found._replace(parent=_first(context, found.alike), origin="", anew=found.alike)
    return found._replace(parent=leader.run, origin=None)


def founded(context: Context, head: Head, arena: ArenaView | None, found: Identity, memo: Pieces) -> Identity:
    """The identity with the run that its code was built on, and the commit that its change is held against."""
    views = context.views()
    if views.last() is None:
        return found
    if (here := _called_otherwise(context, head, arena, found)) is not None:
        return found._replace(parent=_first(context, here), origin="")
    if head.commit is None:
        near = _nearest(context, None, found, None)
        return found._replace(parent=None if near is None else _first(context, near))
    if found.told is not None and found.told.configs and (here := views.committed(head.commit)) is not None:
        return found._replace(parent=_first(context, here), origin=head.commit)  # the same code, configured otherwise
    start = head.commit if found.uncommitted else head.parent
    if start is None:
        return found._replace(origin=head.commit)
    known = views.committed(start)
    if (near := kept_since(context, start, found)) is not None:
        return found._replace(parent=_first(context, near), origin=None)
    if known is not None and (known.tree is None or known.tree != found.tree):
        aside = found.uncommitted and known.status != "keep" and head.parent is not None
        return found._replace(parent=_first(context, known), origin=head.parent if aside else start)
    return _walked(context, start, found, memo)


def kept_since(context: Context, commit: str | None, found: Identity) -> RunView | None:
    """The kept run that some code was built on, where that isn't the one of its commit: of a tree on top of that, or
    the champion, where its files were brought back. None where the code is an edit of its commit.
    """
    known = context.views().committed(commit) if commit is not None else None
    near = _nearest(context, commit, found, known)
    return near if near is not None and near is not known else _gone_back(context, found, known)


def _called_otherwise(context: Context, head: Head, arena: ArenaView | None, found: Identity) -> RunView | None:
    """The run of this very code under another command, or one that nobody knows, where there is none under this one.

    Of several those of the arena that this run will be in.
    """
    if found.tree is None or found.key is None:
        return None
    runs = context.views().by_tree(found.tree)
    runs = [run for run in runs if arena is not None and run.arena == arena.id] or runs
    alike = [run for run in runs if run.identity is not None or (run.commit is not None and run.commit == head.commit)]
    if not alike or any(run.identity == found.key for run in alike):
        return None
    return alike[0]


def _nearest(context: Context, commit: str | None, found: Identity, known: RunView | None) -> RunView | None:
    """Of the kept runs of trees on top of a commit, and that of the commit itself, the one whose code is closest.

    Who commits nothing all night builds each edit on the one before.
    """
    if found.state is None:
        return known
    runs = [run for run in context.views().uncommitted(commit, NEAR) if run.rank is not None and run.tree != found.tree]
    if not runs:
        return known
    best: tuple[int, int, RunView] | None = None
    for run in [*runs, *([known] if known is not None and known.status == "keep" else [])]:
        there = State.from_record((row_of(context, run) or {}).get("state"))
        if there is not None:
            far = (len(slots.difference(there, found.state)), -run.seq, run)
            best = far if best is None or far[:2] < best[:2] else best
    return best[2] if best is not None else known


def _gone_back(context: Context, found: Identity, known: RunView | None) -> RunView | None:
    """The champion of a failure's arena, where some code is closer to it than to the failure that its commit lies on.

    Who brings the champion's files back by `checkout`, or by hand, leaves the failure in git's history.
    """
    if known is None or known.status == "keep" or found.state is None:
        return None
    views = context.views()
    leader = standing(views, views.arena(known.arena)).champion
    if leader is None or leader.run.candidate == known.candidate or leader.run.tree == found.tree:
        return None
    one, other = (State.from_record((row_of(context, run) or {}).get("state")) for run in (leader.run, known))
    if one is None or other is None:
        return None
    nearer = len(slots.difference(one, found.state)) < len(slots.difference(other, found.state))
    return leader.run if nearer else None


def _walked(context: Context, start: str, found: Identity, memo: Pieces) -> Identity:
    """Look back through history for the state of a run: commits change their names, the code in them doesn't."""
    root, views = context.place.code_root, context.views()
    origin = None
    for commit in dict.fromkeys((start, *git.history(root, start, found.names, LOOKED_BACK))):
        known = views.committed(commit)
        key = known.tree if known is not None else None
        if known is None:
            before = state.state_of(git.sources(root, commit, found.names), memo, context.config.arena_ignore)
            key = before.key if before else None
            known = next(iter(views.by_tree(key)), None) if key is not None and key != found.tree else None
        if key is not None and key == found.tree:
            continue
        origin = origin or commit
        if known is not None:
            return found._replace(parent=_first(context, known), origin=commit)
    return found._replace(origin=origin or start)


def _first(context: Context, run: RunView) -> RunView:
    """The run that others of the same candidate repeat, where it was kept; reruns are no steps of their own."""
    if run.candidate == run.run_id:
        return run
    views = context.views()
    first = next((one for one in views.find(run.candidate) if one.run_id == run.candidate), None)
    return first if first is not None and (first.status == "keep" or run.status != "keep") else run


def row_of(context: Context, run: RunView | None) -> Run | None:
    """The ledger's row of a run."""
    entry = next(iter(context.ledger.read(run.after)), None) if run is not None else None
    row = entry.row if entry else None
    return row if row is not None and run is not None and row.get("run_id") == run.run_id else None  # type: ignore[return-value]
