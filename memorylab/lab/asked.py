"""What `check` judges: what isn't committed, what is stated by --set as if it had been edited, or the words alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from memorylab.core.reading.ideas import Idea, JudgedBy
from memorylab.core.runs import redact
from memorylab.errors import InputError
from memorylab.lab import called
from memorylab.lab.context import Context
from memorylab.lab.judge import clean_idea

if TYPE_CHECKING:
    from memorylab.core.reading.choosing import FoundSlot
    from memorylab.core.reading.diffs import Change
    from memorylab.core.reading.setting import Setting
    from memorylab.lab.changes import Told

_NAMED = 4
"""Edits that a note names."""
_LABEL = "the description is only its label"
Sources = dict[str, str | None]


def with_worktree(context: Context, idea: Idea) -> Idea:
    """The idea with what isn't committed of the mutable files, where anything is that a run would notice.

    A tree with the code of the newest run, or of one that was kept, is what the words build on: they are judged then.
    """
    from memorylab.adapters import tree

    root, names = context.place.code_root, context.config.mutable
    if not tree.uncommitted(root, names):
        return idea
    from memorylab.adapters import git  # a clean tree needs none of it
    from memorylab.lab import changes
    from memorylab.lab import identity as identities

    commit = git.commit(root, "HEAD")
    if commit is None:
        return idea
    old, new = git.sources(root, commit.id, names), identities.read_tree(context, names)
    if old == new:
        return idea
    with suppress(InputError):  # too large to be compared: as if it weren't there
        told = changes.of_tree(context, commit.id, old, new)
        if not told.change.fingerprint:
            return idea
        if idea.description and (run := _stood_on(context, told)):
            files = ", ".join(told.files)
            note = f"the words; what isn't committed of {files} is the code of {run}, on which they build"
            return idea._replace(judged=JudgedBy("words", note))
        note = f"the uncommitted change of {', '.join(told.files)}: {_spoken(told.change)}"
        return _planned(idea, told, "worktree", note)
    return idea


def with_set(context: Context, idea: Idea, settings: Sequence[Setting]) -> Idea:
    """The idea with settings of the code as if they had been edited in the working tree.

    Raises:
        InputError: the code has no such knob, or more than one, or it can't be set so.
        UsageError: an operator or a value doesn't fit what the knob is.

    """
    from memorylab.adapters import git
    from memorylab.lab import changes
    from memorylab.lab import identity as identities

    root, names = context.place.code_root, context.config.mutable
    tree = identities.read_tree(context, names)
    new, told, same = _applied(context, tree, settings)
    if not told:
        said = redact.line(f"nothing would change: {', '.join(same)}")
        idea = idea if idea.description else _named(idea, "no change")
        from memorylab.core.guard import rerun

        return rerun.as_rerun(idea)._replace(judged=JudgedBy("set", said, unchanged=True))
    commit = git.commit(root, "HEAD")
    committed = git.sources(root, commit.id, names) if commit is not None else {}
    # A file that no commit has is held against what it is.
    old = {name: tree[name] if committed.get(name) is None else committed[name] for name in names}
    beside = [name for name in names if tree[name] != old[name]] if committed != tree else []
    note = f"the code with {', '.join(told)}"
    if beside:
        note += f", and the uncommitted change of {', '.join(beside)}"
    if same:
        note += f"; {', '.join(same)}"
    return _planned(idea, changes.of_tree(context, commit.id if commit else None, old, new), "set", note)


def _stood_on(context: Context, told: Told) -> str | None:
    """The run whose code the tree is, where it is the newest or was kept."""
    if told.repeats is None:
        return None
    views = context.views()
    runs = [run for run in views.find(told.repeats) if run.run_id == told.repeats]
    last = views.last()
    newest = last is not None and last.candidate == told.repeats
    return told.repeats if newest or any(run.status == "keep" for run in runs) else None


def _planned(idea: Idea, told: Told, by: str, note: str) -> Idea:
    from memorylab.lab import changes

    if idea.description:
        note += f"; {_LABEL}"
    else:
        idea = _named(idea, called.described(told.change))
    return changes.planned(idea, told)._replace(judged=JudgedBy(by, redact.line(note)))


def _named(idea: Idea, words: str) -> Idea:
    return clean_idea(words, list(idea.tags), idea.family if idea.family != "other" else "", idea.hypothesis)


def _spoken(change: Change) -> str:
    """What a change does, in short: "MATRIX_LR 0.04 -> 0.05, GPT.forward"."""
    from memorylab.core.reading.edits import number_text

    told = []
    for edit in change.edits[:_NAMED]:
        ends = ["" if value is None else number_text(value) for value in (edit.frm, edit.to)]
        told.append(edit.shown if edit.opaque else f"{edit.shown} {ends[0] or 'unset'} -> {ends[1] or 'unset'}")
    more = len(change.edits) - _NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


# -- what is stated


def _applied(context: Context, tree: Sources, settings: Sequence[Setting]) -> tuple[Sources, list[str], list[str]]:
    """The files with the settings, what each does, and which of them are so already."""
    from memorylab.core.reading import choosing, rewriting

    new = dict(tree)
    told: list[str] = []
    same: list[str] = []
    done: set[tuple[str, str]] = set()
    if not any(text is not None for text in tree.values()):
        names = ", ".join(context.config.mutable) or "no file"
        hint = f"`mutable` in {context.place.config.name} names the files that experiments change"
        raise InputError(f"there is nothing to set: experiments change {names}, which isn't here", hint)
    for setting in settings:
        there = [
            choosing.FoundSlot(name, slot)
            for name, text in new.items()
            if text is not None
            for slot in rewriting.slots(name, text)
        ]
        found = choosing.choose(setting.name, there, new)
        if (found.file, found.slot.name) in done:
            raise InputError(f"{found.slot.name} is set twice", "give each knob one value")
        done.add((found.file, found.slot.name))
        text, said = _written(found, new[found.file] or "", setting)
        (told if text != new[found.file] else same).append(said)
        new[found.file] = text
    return new, told, same


def _written(found: FoundSlot, text: str, setting: Setting) -> tuple[str, str]:
    """The file with one setting, and what that does in words.

    Raises:
        InputError: nobody can tell how to write it there.

    """
    from memorylab.core.reading import rewriting
    from memorylab.core.reading.setting import outcome, shown

    file, slot = found
    hint = f"edit {file} and ask `check` without --set: it judges the edit"
    if setting.op == "del":
        changed = rewriting.without(file, text, slot)
        if changed is None:
            raise InputError(f"{slot.name} can't be taken out of {file} by itself", hint)
        return changed, f"{slot.name} {shown(slot.value)} -> unset"
    value = outcome(setting, slot.value)
    if value == slot.value and isinstance(value, bool) == isinstance(slot.value, bool):
        return text, f"{slot.name} is {shown(value)} already"
    changed = rewriting.with_value(file, text, slot, value)
    if changed is None:
        raise InputError(f"{shown(value)} can't be written for {slot.name} in {file}", hint)
    return changed, f"{slot.name} {shown(slot.value)} -> {shown(value)}"
