"""Where the code of the workspace stands among the runs, and how the code of a run is brought back."""

from __future__ import annotations

from memorylab.adapters import git
from memorylab.core.reading.slots import State, difference
from memorylab.core.runs import redact
from memorylab.errors import LabError
from memorylab.index import costs
from memorylab.lab import identity, looking
from memorylab.lab.context import Context
from memorylab.lab.identity import Identity
from memorylab.lab.judge import home_arena, state_of
from memorylab.lab.parentage import LOOKED_BACK
from memorylab.lab.standing import current_arena, standing
from memorylab.records import RunView
from memorylab.tuples import NamedTuple

CHAMPION = "champion"
"""By this word the run that leads is named."""


class Whereabouts(NamedTuple):
    """What the code in the workspace is: a run's, or somebody's work since."""

    commit: str | None
    """That of HEAD; None outside a repository."""
    uncommitted: tuple[str, ...]
    """Files under trial that aren't as they are in that commit."""
    run: RunView | None
    """The newest run of this very code; None where none is known."""
    champion: RunView | None
    """The run that leads in the arena at hand."""
    leads: bool
    """The code is the champion's."""
    beside: int | None
    """Values, functions and classes that differ from the champion's; None where one of the two can't be read."""


class CheckedOut(NamedTuple):
    """A run whose code lies in the workspace now."""

    run: RunView
    files: tuple[str, ...]
    """Those that were another before; none where it lay there already."""


def whereabouts(context: Context) -> Whereabouts:
    """What lies in the workspace, held against the runs; the index must have caught up."""
    views, root = context.views(), context.place.code_root
    names, _ = identity.present(context)
    found = identity.of_code(context, identity.read_tree(context, names))
    arena = current_arena(views, home_arena(context))
    leader = standing(views, arena).champion if arena is not None else None
    runs = views.by_tree(found.tree) if found.tree else []
    here = next((run for run in runs if run.identity == found.key), next(iter(runs), None))
    leads = leader is not None and found.tree is not None and leader.run.tree == found.tree
    theirs = state_of(context, leader.run.run_id) if leader is not None else None
    return Whereabouts(
        commit=git.head(root).commit,
        uncommitted=git.uncommitted(root, names),
        run=leader.run if leader is not None and leads else here,
        champion=leader.run if leader is not None else None,
        leads=leads,
        beside=None if leads else _beside(theirs, found),
    )


def _beside(theirs: State | None, here: Identity) -> int | None:
    if theirs is None or here.state is None:
        return None
    given = here.told.slots if here.told is not None else {}  # what the command sets is no edit of the code
    return sum(name not in given for name in difference(theirs, here.state))


def checkout(context: Context, name: str) -> CheckedOut:
    """Bring the files under trial back to what they were in a run, and leave git's history and its index alone.

    Raises:
        LabError: they hold work that is in no commit, the run's code is in no commit, or git refuses.
        InputError: no run, or more than one, has this name.

    """
    run = _wanted(context, name)
    root, (names, _) = context.place.code_root, identity.present(context)
    here = identity.read_tree(context, names)
    if run.tree is not None and identity.of_code(context, here).tree == run.tree:
        return CheckedOut(run, ())
    commit = _commit_of(context, run, names)
    sources = git.sources(root, commit, names)
    other = tuple(name for name in names if sources[name] != here[name])
    if not other:
        return CheckedOut(run, ())
    _refuse_to_lose(context, other, here)
    said = git.restore(root, commit, other)
    if said:
        raise LabError(f"git doesn't bring the files back: {redact.line(said)}", "mend that, and say it again")
    return CheckedOut(run, other)


def difference_to(context: Context, name: str = CHAMPION) -> str:
    """The patch that leads from the first measured run of the arena at hand to a run, over the files under trial.

    Raises:
        LabError: there is no run yet, or the code of one of the two is in no commit.
        InputError: no run, or more than one, has this name.

    """
    run = _wanted(context, name)
    seq = costs.first_measured(context.index.db, run.arena)
    first = (context.views().run(seq) if seq is not None else None) or run
    names, _ = identity.present(context)
    before, after = (_commit_of(context, one, names) for one in (first, run))
    return git.difference(context.place.code_root, before, after, names)


def _wanted(context: Context, name: str) -> RunView:
    if name != CHAMPION:
        return looking.named(context, name)
    views = context.views()
    arena = current_arena(views, home_arena(context))
    leader = standing(views, arena).champion if arena is not None else None
    if leader is None:
        raise LabError("there is no champion yet: nothing has been kept with a measurement", "name a run instead")
    return leader.run


def _commit_of(context: Context, run: RunView, names: tuple[str, ...]) -> str:
    """A commit that holds the code of a run: its own, or where that is gone or held less, one that has the same code.

    Raises:
        LabError: no commit that is known has it.

    """
    root, kept = context.place.code_root, f"what was kept of it is in {context.place.archive_of(run.run_id)}"
    alike = context.views().by_tree(run.tree) if run.tree is not None else []
    tried = [run.commit, *(one.commit for one in alike)]
    if run.tree is not None:
        tried += git.history(root, "HEAD", names, LOOKED_BACK)
    for commit in dict.fromkeys(name for name in tried if name):
        sources = git.sources(root, commit, names)
        there = any(text is not None for text in sources.values())
        if there and (run.tree is None or identity.of_code(context, sources).tree == run.tree):
            return commit
    if not run.commit:
        raise LabError(f"{run.run_id} was recorded without a commit, and none has its code", kept)
    if git.commit(root, run.commit) is None:
        raise LabError(f"the commit of {run.run_id}, {run.commit[:12]}, isn't here, and no other has its code", kept)
    raise LabError(f"{run.run_id} ran with changes that its commit {run.commit[:12]} doesn't hold", kept)


def _refuse_to_lose(context: Context, names: tuple[str, ...], here: identity.Sources) -> None:
    """Refuse where one of the files holds what is in no commit: neither in HEAD nor in that of a run of this code."""
    root = context.place.code_root
    loose = sorted(set(git.uncommitted(root, names)))
    tree = identity.of_code(context, here).tree if loose else None
    for run in context.views().by_tree(tree) if tree else []:
        there = git.sources(root, run.commit, tuple(here)) if run.commit else {}
        loose = [name for name in loose if there.get(name) != here[name]]
    if loose:
        raise LabError(
            f"{', '.join(loose)} {'holds' if len(loose) == 1 else 'hold'} work that is in no commit, and would be lost",
            "commit it, or put it aside with `git stash`",
        )
