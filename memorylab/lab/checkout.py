"""Where the code of the workspace stands among the runs, and how the code of a run is brought back."""

from __future__ import annotations

from memorylab.adapters import git
from memorylab.core.reading import slots
from memorylab.core.reading.slots import State
from memorylab.core.runs import redact
from memorylab.errors import LabError
from memorylab.index import costs
from memorylab.lab import identity, looking, parentage
from memorylab.lab.context import Context
from memorylab.lab.judge import arena_in_use
from memorylab.lab.standing import standing
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
    """A run of this very code, the champion or a kept one before others; None where none is known."""
    champion: RunView | None
    """The run that leads in the arena at hand."""
    leads: bool
    """The code is the champion's."""
    beside: int | None
    """Values, functions and classes that differ from the champion's; None where one of the two can't be read."""


class CheckedOut(NamedTuple):
    """A run whose code lies in the workspace now."""

    run: RunView
    commit: str | None
    """Where it was found; None where it lay there already."""
    files: tuple[str, ...]
    """Those that were another before."""


def whereabouts(context: Context) -> Whereabouts:
    """What lies in the workspace, held against the runs; the index must have caught up."""
    root, names = context.place.code_root, identity.under_trial(context)
    here = identity.code_state(context, identity.read_tree(context, names))
    leader = _leader(context)
    leads = leader is not None and here is not None and leader.tree == here.key
    runs = context.views().by_tree(here.key, 1) if here is not None else []
    head = git.commit(root, "HEAD")
    return Whereabouts(
        commit=head.id if head is not None else None,
        uncommitted=git.uncommitted(root, names),
        run=leader if leads else next(iter(runs), None),
        champion=leader,
        leads=leads,
        beside=None if leads or leader is None or here is None else _beside(context, leader, here),
    )


def _leader(context: Context) -> RunView | None:
    leader = standing(context.views(), arena_in_use(context)).champion
    return leader.run if leader is not None else None


def _beside(context: Context, run: RunView, here: State) -> int | None:
    row = parentage.row_of(context, run)
    theirs = State.from_record(row.get("state")) if row is not None else None
    if theirs is None:
        return None
    told = identity.told_of(row, identity.rules(context))  # what its command set is no piece of the code
    given = {slots.meant(name, here.slots) for name in told.slots} if told is not None else set()
    return sum(name not in given for name in slots.difference(theirs, here))


def checkout(context: Context, name: str) -> CheckedOut:
    """Bring the files under trial back to what they were in a run, and leave git's history and its index alone.

    Raises:
        LabError: they hold work that is in no commit, the run's code is in no commit, or git refuses.
        InputError: no run, or more than one, has this name.

    """
    run = _wanted(context, name)
    root, names = context.place.code_root, _files_of(context, run)
    here = identity.read_tree(context, names)
    if run.tree is not None and _key(context, here) == run.tree:
        return CheckedOut(run, None, ())
    commit = _commit_of(context, run, names)
    sources = git.sources(root, commit, names)
    other = tuple(name for name in names if sources[name] != here[name])
    _refuse_to_lose(context, other, here)
    if other and (said := git.restore(root, commit, other)):
        raise LabError(f"git doesn't bring the files back: {redact.line(said)}", "mend that, and say it again")
    return CheckedOut(run, commit, other)


def difference_to(context: Context, name: str = CHAMPION) -> str:
    """The patch that leads from the first measured run of the arena at hand to a run, over the files under trial.

    Raises:
        LabError: there is no run yet, or the code of one of the two is in no commit.
        InputError: no run, or more than one, has this name.

    """
    run = _wanted(context, name)
    seq = costs.first_measured(context.index.db, run.arena)
    first = (context.views().run(seq) if seq is not None else None) or run
    names = tuple(dict.fromkeys((*_files_of(context, first), *_files_of(context, run))))
    before, after = (_commit_of(context, one, _files_of(context, one)) for one in (first, run))
    patch = git.difference(context.place.code_root, before, after, names)
    if patch is None:
        raise LabError(
            "git doesn't tell the difference, or it has more than 64 MiB",
            f"`git diff {before[:12]} {after[:12]}` says why",
        )
    return patch


def _wanted(context: Context, name: str) -> RunView:
    if name != CHAMPION:
        return looking.named(context, name)
    leader = _leader(context)
    if leader is None:
        raise LabError("there is no champion yet: nothing has been kept with a measurement", "name a run instead")
    return leader


def _files_of(context: Context, run: RunView) -> tuple[str, ...]:
    """The files that the run may have changed, its own configurations among them."""
    row = parentage.row_of(context, run)
    return identity.under_trial(context, row if row is not None and row.get("command") else None)


def _commit_of(context: Context, run: RunView, names: tuple[str, ...]) -> str:
    """A commit that holds the code of a run: its own, or where that is gone or held less, one that has the same code.

    Raises:
        LabError: no commit that is known has it.

    """
    root, kept = context.place.code_root, f"what was kept of it is in {context.place.archive_of(run.run_id)}"
    alike = context.views().by_tree(run.tree) if run.tree is not None else []
    tried = [run.commit, *(one.commit for one in alike)]
    if run.tree is not None:
        tried += git.history(root, "HEAD", names, parentage.LOOKED_BACK)
    for commit in dict.fromkeys(name for name in tried if name):
        sources = git.sources(root, commit, names)
        there = any(text is not None for text in sources.values())
        if there and (run.tree is None or _key(context, sources) == run.tree):
            return commit
    if not run.commit:
        raise LabError(f"{run.run_id} was recorded without a commit, and none has its code", kept)
    if git.commit(root, run.commit) is None:
        raise LabError(f"the commit of {run.run_id}, {run.commit[:12]}, isn't here, and no other has its code", kept)
    raise LabError(f"{run.run_id} ran with changes that its commit {run.commit[:12]} doesn't hold", kept)


def _key(context: Context, sources: identity.Sources) -> str | None:
    found = identity.code_state(context, sources)
    return found.key if found is not None else None


def _refuse_to_lose(context: Context, names: tuple[str, ...], here: identity.Sources) -> None:
    """Refuse where one of the files holds what is in no commit: neither in HEAD nor in that of a run of this code."""
    root = context.place.code_root
    loose = sorted(set(git.uncommitted(root, names)))
    tree = _key(context, here) if loose else None
    for run in context.views().by_tree(tree) if tree else []:
        there = git.sources(root, run.commit, tuple(here)) if run.commit else {}
        loose = [name for name in loose if there.get(name) != here[name]]
    if loose:
        raise LabError(
            f"{', '.join(loose)} {'holds' if len(loose) == 1 else 'hold'} work that is in no commit, and would be lost",
            "commit it, or put it aside with `git stash`",
        )
