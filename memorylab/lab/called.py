"""What the code calls the knobs that words and history know by other names: the user's name is shown and stored.

Edits are compared by one target, for which tables know many names: Z_ENTRY is an ENTRY_THRESHOLD, `max_features` a
COLSAMPLE. The target stays what is compared; whoever wrote Z_ENTRY reads Z_ENTRY.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memorylab import files
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.ideas import Idea
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.lab.context import Context
from memorylab.records import NoveltyGuard

if TYPE_CHECKING:
    from memorylab.core.reading.diffs import Change

_MOST_NAMES = 300
_MOST_BYTES = 200_000
_ASSIGNED = re.compile(r"(?<![\w.])([A-Za-z]\w*[a-z]\w*)[\"']?[ \t]*(?::[^=\n,]*)?=(?!=)|[\"']([a-z]\w*)[\"']\s*:")
_TOLD = re.compile(r"“[^”]*”|(?<![\w.-])[A-Z][A-Z0-9_]*[A-Z0-9](?![\w-])")


def described(change: Change) -> str:
    """A change in words, in the code's own names, for an idea that has none."""
    from memorylab.core.reading import agreement

    return agreement.describe(change._replace(edits=tuple(edit._replace(target=edit.shown) for edit in change.edits)))


def named(context: Context, idea: Idea) -> Idea:
    """The idea with what the code here calls its knobs, where it spells them otherwise."""
    edits = tuple(_named(context, edit) for edit in idea.edits)
    return idea if edits == idea.edits else idea._replace(edits=edits)


def _named(context: Context, edit: Edit) -> Edit:
    if edit.name or edit.target in context.assigned or edit.target in CONTROLS or not edit.target.isupper():
        return edit
    name = context.present().name(edit.target) or _spelled(context).get(edit.target)
    return edit._replace(name=name) if name else edit


def _spelled(context: Context) -> Mapping[str, str]:
    """The knobs that the code assigns in small letters, by target: as a keyword, an entry, a field or a default."""
    if context.spelled is None:
        from memorylab.core.reading import naming

        found: dict[str, str] = {}
        names: dict[str, None] = {}
        for file in context.config.mutable[:16]:
            try:
                text = files.read_bounded(context.place.code_root / file)[:_MOST_BYTES].decode("utf-8", "replace")
            except OSError:
                continue
            names |= dict.fromkeys(one or other for one, other in _ASSIGNED.findall(text))
        for name in list(names)[:_MOST_NAMES]:
            target = naming.of_slot(name)
            if target.lower() != name.lower():
                found.setdefault(target, name)
        context.spelled = found
    return context.spelled


def shown(context: Context, idea: Idea, guard: NoveltyGuard) -> NoveltyGuard:
    """The verdict in the user's names: those of the idea's edits, and of whatever else its reasons name."""
    own = {edit.target: edit.shown for edit in idea.edits if edit.shown != edit.target}
    policy = guard["policy"]
    reason = _told(context, policy["reason"], own)
    suggestion, mismatch = guard.get("suggestion"), guard.get("mismatch")
    told = {
        "suggestion": suggestion and _told(context, suggestion, own),
        "mismatch": mismatch and _told(context, mismatch, own),
    }
    if reason != policy["reason"]:
        guard = {**guard, "policy": {**policy, "reason": reason}}
    if told["suggestion"] != suggestion or told["mismatch"] != mismatch:
        guard = {**guard, **told}  # type: ignore[typeddict-item]
    if not own:
        return guard
    knobs = [_renamed(context, item, own) for item in guard.get("knobs", ())]
    field = [_renamed(context, item, own) for item in guard.get("field_prior", ())]
    return {**guard, "knobs": knobs, "field_prior": field}


def _renamed(context: Context, item: dict[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    target = item.get("target")
    if not isinstance(target, str) or target not in own:
        return item
    return {
        name: own[target] if name == "target" else _told(context, value, own) if isinstance(value, str) else value
        for name, value in item.items()
    }


def _told(context: Context, text: str, own: Mapping[str, str]) -> str:
    """A text with the user's names in it; what it quotes stays as it was written."""

    def name(match: re.Match[str]) -> str:
        found = match.group()
        if found in own:
            return own[found]
        if found[0] == "“" or "_" not in found or found in context.assigned:
            return found
        return context.present().name(found) or found

    for target, shown_as in own.items():
        if not target.isupper():
            text = re.sub(rf"(?<![\w.-]){re.escape(target)}(?![\w-])", lambda _, told=shown_as: told, text)  # type: ignore[misc]
    return _TOLD.sub(name, text)
