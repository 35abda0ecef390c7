"""What an idea changes in the code: asked of git, of the working tree, or read from a patch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memorylab import files
from memorylab.adapters import git
from memorylab.adapters.config import within
from memorylab.adapters.git import Head
from memorylab.core.guard import rerun
from memorylab.core.reading import agreement, diffs, slots, state_edits
from memorylab.core.reading.diffs import Change
from memorylab.core.reading.edits import MAX_EDITS, Edit, infer_family
from memorylab.core.reading.ideas import Idea
from memorylab.core.reading.leaves import SUFFIXES
from memorylab.core.reading.slots import State, digest
from memorylab.core.reading.state import state_of
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.core.runs import redact
from memorylab.errors import InputError
from memorylab.lab import identity as identities
from memorylab.lab import parentage, pins
from memorylab.lab.context import Context
from memorylab.lab.identity import Identity
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.reading.patches import FilePatch

WORKTREE = "worktree"
"""Names the changes that aren't committed, where a revision or a patch would stand."""
MOST_PATCH = 4 << 20
"""Bytes of a patch: a longer one is more than anybody means as one idea."""
_Sources = Mapping[str, str | None]


class Told(NamedTuple):
    """A change, and what its commit says of it."""

    change: Change
    subject: str = ""
    repeats: str | None = None
    """The run here whose very code it leads to."""
    unlike: tuple[str, ...] = ()
    """Protected files and functions that aren't as agreed on then."""
    files: tuple[str, ...] = ()
    """The files that differ."""


def with_change(idea: Idea, change: Change | None, known: Identity | None = None) -> Idea:
    """The idea with what its code does: values from the diff, and whether the description contradicts it.

    A control run (baseline, rerun, another seed) changes nothing on purpose: the commit that it runs on isn't its edit.
    Unless it is known what ran, and that its code is another one than that of the run it stands on.
    """
    if known is not None and known.anew is not None:
        return rerun.as_rerun(idea, known.anew.candidate, anew=True)
    if change is None:
        return idea
    if idea.edits and idea.edits[0].target in CONTROLS:
        if not _is_another(change, known):
            return idea._replace(change="")
        touched = ", ".join(change.touched[:3])
        said = f"the description says {idea.edits[0].target.lower()}, and the code changes {touched}"
        return idea._replace(edits=change.edits[:MAX_EDITS], change=change.fingerprint, mismatch=said)
    edits, mismatch = agreement.merge(idea.edits, change, idea.description)
    inferred = idea.family == infer_family(idea.edits, idea.description)
    family = infer_family(edits, idea.description) if inferred else idea.family
    return idea._replace(edits=edits, family=family, change=change.fingerprint, mismatch=mismatch)


def planned(idea: Idea, told: Told) -> Idea:
    """The idea with the change that was named for it, or the repetition that it is."""
    if told.repeats is not None:
        return rerun.as_rerun(idea, told.repeats)
    idea = with_change(idea, told.change)
    if not told.unlike:
        return idea
    said = f"{', '.join(told.unlike)}: not as agreed on, so that such a run can't lead"
    return idea._replace(mismatch=f"{idea.mismatch}; {said}" if idea.mismatch else said)


def _is_another(change: Change, known: Identity | None) -> bool:
    """Whether a change is one to a run whose code is known."""
    if known is None or known.key is None or known.parent is None or known.parent.identity is None:
        return False
    return bool(change.fingerprint and change.edits)


def of_run(context: Context, head: Head, identity: Identity, idea: Idea) -> Change | None:
    """What a run changes in the code and in its arguments; None where nobody can tell against what."""
    if context.views().last() is None or identity.tree is None:
        return None
    row = parentage.row_of(context, identity.parent)
    theirs = State.from_record(row.get("state")) if row else None
    called = identities.told_of(row, identities.rules(context)) if row else None
    other = called is not None and identity.told is not None and called.configs != identity.told.configs
    if theirs is not None and identity.state is not None and (identity.origin is None or other):
        return _clean(state_edits.change(theirs, identity.state))
    code = _of_code(context, head, identity, idea)
    if code is None or theirs is None or identity.state is None or identity.told is None or called is None:
        return code
    own = {slots.meant(name, identity.state.slots) for name in (*identity.told.own, *called.own)}
    given = state_edits.change(theirs, identity.state, own)
    return _clean(state_edits.joined(code, given))


def _of_code(context: Context, head: Head, identity: Identity, idea: Idea) -> Change | None:
    if head.commit is None or identity.origin is None:
        return None
    known = context.views().committed(head.commit)
    again = known is not None and not identity.uncommitted and known.description != idea.description
    if identity.origin == "" or (again and identity.key is None):
        return Change()
    before = git.sources(context.place.code_root, identity.origin, identity.names)
    after = identities.read_tree(context, identity.names)
    change = _change(before, after)
    if change is None or change.fingerprint or before == after:
        return change
    return _unseen(context, identity, before, after)


def _unseen(context: Context, identity: Identity, before: _Sources, after: _Sources) -> Change | None:
    """A change that the diff says nothing of: of formatting and comments, or of what can't be read."""
    differ = [name for name in after if before.get(name) != after[name]]
    if any(not name.endswith((".py", ".ipynb", *SUFFIXES)) for name in differ):
        return None
    old = state_of(before, None, context.config.arena_ignore)
    if old is None or old.key == identity.tree:
        return Change()
    print_ = digest(f"{old.key} {identity.tree}")
    return Change((Edit("module", "replace", f"#{old.key[:8]}", f"#{(identity.tree or '')[:8]}"),), print_, ("module",))


def told(context: Context, source: str, patch: str | None = None) -> Told:
    """The change that `source` names: a revision against its parent, "worktree", a patch file, or "-" with a `patch`.

    Raises:
        InputError: there is no such revision or file, it is no patch, or it leaves the mutable files alone.

    """
    root, names = context.place.code_root, context.config.mutable
    if patch is not None:
        return Told(_of_patch(context, patch, "standard input"))
    if source not in (WORKTREE, ".") and (path := _patch_file(source)):
        return Told(_of_patch(context, _read(path), source))
    head = git.head(root)
    if head.commit is None:
        why = head.problem or "this is no git repository with a commit"
        raise InputError(f"can't find {source}: {why}", "give a patch file, or - for a patch on stdin")
    old: _Sources
    new: _Sources
    if source in (WORKTREE, "."):
        old, new, subject = git.sources(root, head.commit, names), _tree(root, names), ""
    else:
        commit = git.commit(root, source)
        if commit is None:
            hint = f'give a commit, a patch file, - for stdin, or "{WORKTREE}" for what is not committed'
            raise InputError(f"there is no revision or file {source!r}", hint)
        old = git.sources(root, commit.parent, names) if commit.parent else dict.fromkeys(names)
        new, subject = git.sources(root, commit.id, names), commit.subject
    if old == new:
        hint = "edit them first, or name a commit" if source in (WORKTREE, ".") else "give a commit that changes them"
        raise InputError(
            f"{source} changes nothing in {', '.join(names)}",
            f"{hint}; `mutable` in {context.place.config.name} names other files",
        )
    if source in (WORKTREE, "."):
        return of_tree(context, head.commit, old, new)
    return _told(context, _change(old, new), new, identities.of_code(context, new), source)._replace(subject=subject)


def of_tree(context: Context, commit: str | None, old: _Sources, new: _Sources) -> Told:
    """The change from a commit to a tree that isn't committed, or that would be so.

    Who commits nothing builds on the kept tree that is closest: as `run` sees it, what was kept is no part of the edit.

    Raises:
        InputError: the files are too large to compare.

    """
    known = identities.of_code(context, new)
    near = parentage.kept_since(context, commit, known) if known.state is not None else None
    row = parentage.row_of(context, near)
    theirs = State.from_record(row.get("state")) if row else None
    if row is not None and theirs is not None and known.state is not None and known.told is not None:
        # How a run was called that was logged by hand nobody knows: the code alone is compared.
        called = () if row.get("command") else [slots.meant(name, theirs.slots) for name in known.told.slots]
        differ = [name for name in slots.difference(theirs, known.state) if name not in called]
        change = _clean(state_edits.change(theirs, known.state, differ))
    else:
        change = _change(old, new)
    files = tuple(name for name in new if new[name] != old.get(name))
    return _told(context, change, new, known, WORKTREE)._replace(files=files)


def _told(context: Context, change: Change | None, new: _Sources, known: Identity, source: str) -> Told:
    if change is None:
        raise InputError(f"the files of {source} are too large to compare", "describe the idea without --diff")
    same = identities.earlier(context, known, None)
    there = None if source == WORKTREE else git.commit(context.place.code_root, source)
    return Told(change, repeats=same.candidate if same else None, unlike=_unlike(context, new, there))


def _unlike(context: Context, new: _Sources, commit: git.Commit | None) -> tuple[str, ...]:
    """What of the judge isn't as agreed on, in the tree or in a commit."""
    agreed = pins.agreed(context).files
    if commit is None:  # of a file that may change, what it would be counts, and not what lies there
        _, found = pins.checksums(context, agreed)
        inside = {name for name in agreed if (where := within(name)) and new.get(where[0]) is not None}
        whole = [name for name in agreed if name not in inside and found.get(name) != agreed[name]]
        return (*whole, *(name for name in pins.functions_unlike(agreed, new) if name in inside))
    names = tuple(name for name in agreed if not within(name))
    sides = [git.sources(context.place.code_root, one, names) for one in (commit.parent, commit.id) if one]
    whole = [name for name in names if len({side.get(name) for side in sides}) > 1]
    return (*whole, *pins.functions_unlike(agreed, new))


def _change(old: _Sources, new: _Sources) -> Change | None:
    change = diffs.change(old, new)
    return None if change is None else _clean(change)


def between(old: State, new: State) -> Change:
    """What turns one state of the code into another, as it is judged and kept."""
    return _clean(state_edits.change(old, new)) or Change()


def _clean(change: Change | None) -> Change | None:
    """The change without the secrets in the code: it is judged as it is kept. Its fingerprint is a checksum of all."""
    return change and change._replace(
        edits=tuple(
            Edit.from_record(redact.everywhere(edit.record()))
            if isinstance(edit.frm, str) or isinstance(edit.to, str)
            else edit
            for edit in change.edits
        ),
        touched=tuple(map(redact.secrets, change.touched)),
    )


def _tree(root: Path, names: tuple[str, ...]) -> dict[str, str | None]:
    return {name: _source(root / name) for name in names}


def _source(path: Path) -> str | None:
    try:
        return git.decoded(files.read_bounded(path))
    except OSError:
        return None


def _patch_file(source: str) -> Path | None:
    """The file that is meant, whatever kind of file it is; a directory may have the name of a branch."""
    path = files.at_home(source)
    with suppress(OSError):  # too long for a name of a file
        return path if path.exists() and not path.is_dir() else None
    return None


def _read(path: Path) -> str:
    try:
        return git.decoded(files.read_bounded(path, MOST_PATCH))
    except OSError as error:
        raise files.explain(error, "read the patch") from error


def _of_patch(context: Context, text: str, where: str) -> Change:
    from memorylab.core.reading import patches  # `log` needs no patch

    names = context.config.mutable
    found = [(name, patch) for patch in patches.read_patch(text) if (name := _mutable(patch, names))]
    if not found:
        known = "it leaves " + ", ".join(names) + " alone" if patches.read_patch(text) else "it holds no unified diff"
        raise InputError(f"{where} is no patch to check: {known}", "give the output of `git diff`")
    old: dict[str, str | None] = {}
    new: dict[str, str | None] = {}
    for name, patch in found:
        sides = _sides(patch, _source(context.place.code_root / name))
        if sides is None:  # made on another base: what stands in the patch must do
            hunks = [(hunk.section, hunk.old, hunk.new) for _, one in found for hunk in one.hunks]
            return _clean(diffs.fragments(hunks)) or Change()
        old[name], new[name] = sides
    return _change(old, new) or Change()


def _sides(patch: FilePatch, tree: str | None) -> tuple[str | None, str | None] | None:
    """The file before and after a patch that fits the tree, whether it is in there already or not."""
    if not patch.old_name or not patch.new_name:
        lines = [line for hunk in patch.hunks for line in (hunk.new if patch.new_name else hunk.old)]
        text = "\n".join(lines) + "\n"
        return (None, text) if patch.new_name else (text, None)
    if tree is None:
        return None
    from memorylab.core.reading.patches import apply

    after = apply(patch, tree)
    if after is not None:
        return tree, after
    before = apply(patch, tree, back=True)
    return None if before is None else (before, tree)


def _mutable(patch: FilePatch, names: tuple[str, ...]) -> str:
    """The mutable file that a patch is about; its paths may begin above the workspace."""
    for path in (patch.new_name, patch.old_name):
        for name in names:
            if path and (path == name or path.endswith(f"/{name}")):
                return name
    return ""
