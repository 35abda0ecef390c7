"""What the code calls the knobs that words and history know by other names: the user's name is shown and stored.

Edits are compared by one target, for which tables know many names: Z_ENTRY is an ENTRY_THRESHOLD, `max_features` a
COLSAMPLE. The target stays what is compared; whoever wrote Z_ENTRY reads Z_ENTRY.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from memorylab import files
from memorylab.core.reading.ideas import Idea
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.index import pieces
from memorylab.lab.context import Context
from memorylab.records import NoveltyGuard

if TYPE_CHECKING:
    from memorylab.core.reading.diffs import Change

_MOST_NAMES = 300
_KEPT = "what small names mean 3"
"""Names what is kept of them in the index; another number forgets it."""
_MOST_BYTES = 200_000
_ASSIGNED = re.compile(r"(?<![\w.])([A-Za-z]\w*[a-z]\w*)[\"']?[ \t]*(?::[^=\n,]*)?=(?!=)|[\"']([a-z]\w*)[\"']\s*:")
_OPTION = re.compile(r"[\"']--([a-z][\w-]*)[\"']")
_LEAF = re.compile(r"^[ \t-]*([A-Za-z]\w*[a-z]\w*)[ \t]*:(?=\s|$)", re.MULTILINE)
_TOLD = re.compile(r"“[^”]*”|(?<![\w.-])[A-Z][A-Z0-9_]*[A-Z0-9](?![\w-])")


def described(change: Change) -> str:
    """A change in words, in the code's own names, for an idea that has none."""
    from memorylab.core.reading import agreement

    return agreement.describe(change._replace(edits=tuple(edit._replace(target=edit.shown) for edit in change.edits)))


def named(context: Context, idea: Idea) -> Idea:
    """The idea with what the code here calls its knobs, where it spells them otherwise."""
    edits = tuple(edit if edit.name else edit._replace(name=_name(context, edit.target)) for edit in idea.edits)
    return idea if edits == idea.edits else idea._replace(edits=edits)


def knob(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    """A row of the table of knobs, under the name that the code here has for it."""
    name = _name(context, row["knob"])
    return row if name is None else {**row, "knob": name}


def _name(context: Context, target: str) -> str | None:
    if target in context.assigned or target in CONTROLS or not target.isupper():
        return None
    return context.present().name(target) or _spelled(context).get(target)


def _spelled(context: Context) -> Mapping[str, str]:
    """The knobs that the code assigns in small letters, by target: as a keyword, an entry, a field or a default.

    Which target a name means is kept in the index: to read 150 names takes 30 ms, half of a check.
    """
    if context.spelled is None:
        names = _small_names(context)
        place = f"{_KEPT} {context.dialect.own.checksum}"
        known: dict[str, str] = json.loads(pieces.kept(context.index.db, place) or "{}")
        if fresh := [name for name in names if name not in known]:
            from memorylab.core.reading import naming

            known = {name: known[name] for name in names if name in known}
            known |= {name: naming.of_slot(name) for name in fresh}
            pieces.keep(context.index.db, place, json.dumps(known))
        found: dict[str, str] = {}
        for name in names:
            if known[name].lower() != name.lower():
                found.setdefault(known[name], name)
        context.spelled = found
    return context.spelled


def _small_names(context: Context) -> list[str]:
    names: dict[str, None] = {}
    for file in context.config.mutable[:16]:
        with suppress(OSError):
            text = files.read_bounded(context.place.code_root / file)[:_MOST_BYTES].decode("utf-8", "replace")
            options = dict.fromkeys(name.replace("-", "_") for name in _OPTION.findall(text))
            leaves = dict.fromkeys(_LEAF.findall(text) if file.lower().endswith((".yaml", ".yml")) else ())
            names |= options | dict.fromkeys(one or other for one, other in _ASSIGNED.findall(text)) | leaves
    return list(names)[:_MOST_NAMES]


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
