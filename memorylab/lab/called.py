"""What the code calls the knobs that words and history know by other names: the user's name is shown and stored.

Edits are compared by one target, for which tables know many names: Z_ENTRY is an ENTRY_THRESHOLD, `max_features` a
COLSAMPLE. The target stays what is compared, and what a link names; whoever wrote Z_ENTRY reads Z_ENTRY. `name` alone
decides what is read; all else here says it of the shapes that leave the house.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memorylab.core.reading.ideas import Idea
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.index import pieces
from memorylab.lab.context import Context
from memorylab.records import NoveltyGuard, Run

if TYPE_CHECKING:
    from memorylab.core.decisions.registry import FailureCluster
    from memorylab.core.reading.diffs import Change

_NOTHING: Mapping[str, str] = {}
_MOST_NAMES = 300
_KEPT = "what small names mean 3"
"""Names what is kept of them in the index; another number forgets it."""
_ASSIGNED = re.compile(r"(?<![\w.])([A-Za-z]\w*[a-z]\w*)[\"']?[ \t]*(?::[^=\n,]*)?=(?!=)|[\"']([a-z]\w*)[\"']\s*:")
_OPTION = re.compile(r"[\"']--([a-z][\w-]*)[\"']")
_LEAF = re.compile(r"^[ \t-]*([A-Za-z]\w*[a-z]\w*)[ \t]*:(?=\s|$)", re.MULTILINE)
_TOLD = re.compile(r"“[^”]*”|\"[^\"]*\"|(?<![\w.-])[A-Z][A-Z0-9_]*[A-Z0-9](?![\w-])")


def name(context: Context, target: str) -> str | None:
    """What a target is called here where that is another name: by the code, else by the newest run that says so."""
    if target in context.assigned or target in CONTROLS or not target.isupper() or _is_spelled(context, target):
        return None
    return context.present().name(target) or _spelled(context).get(target) or context.views().name(target)


def described(change: Change) -> str:
    """A change in words, in the code's own names, for an idea that has none."""
    from memorylab.core.reading import agreement

    return agreement.describe(change._replace(edits=tuple(edit._replace(target=edit.shown) for edit in change.edits)))


def named(context: Context, idea: Idea) -> Idea:
    """The idea with what the code here calls its knobs, where it spells them otherwise."""
    edits = tuple(edit if edit.name else edit._replace(name=name(context, edit.target)) for edit in idea.edits)
    return idea if edits == idea.edits else idea._replace(edits=edits)


def knob(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    """A row of the table of knobs, under the name that the code here has for it; `key` is what it is compared by."""
    tries = [{**one, "base": text(context, one["base"])} for one in row["tries"]]
    return {**row, "knob": name(context, row["knob"]) or row["knob"], "key": row["knob"], "tries": tries}


def failures(context: Context, found: Sequence[FailureCluster]) -> list[FailureCluster]:
    """Groups of failures, each under the name that the code here has for what was changed."""
    return [one._replace(name=name(context, one.target)) for one in found]


def record(context: Context, row: Run) -> Run:
    """A ledger's row whose edits bear the code's names, also where it was written before they had any."""
    edits = row.get("edits")
    if not isinstance(edits, list):
        return row
    return {**row, "edits": [_record(context, edit) for edit in edits]}


def _record(context: Context, edit: Any) -> Any:
    target = edit.get("target") if isinstance(edit, dict) else None
    if not isinstance(target, str) or edit.get("knob") or (own := name(context, target)) is None:
        return edit
    return {**edit, "target": own, "knob": target}


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


def _is_spelled(context: Context, target: str) -> bool:
    """Whether the code has a target in its own spelling: then whatever else means it as well is another thing."""
    for source in context.sources.values():
        for word in (target, target.lower()):
            if word in source and re.search(
                rf"(?<![\w.]){word}[\"']?[ \t]*(?::[^=\n,]*)?=(?!=)|[\"']{word}[\"']\s*:", source
            ):
                return True
    return False


def _small_names(context: Context) -> list[str]:
    names: dict[str, None] = {}
    for file, source in context.sources.items():
        options = dict.fromkeys(option.replace("-", "_") for option in _OPTION.findall(source))
        leaves = dict.fromkeys(_LEAF.findall(source) if file.lower().endswith((".yaml", ".yml")) else ())
        names |= options | dict.fromkeys(one or other for one, other in _ASSIGNED.findall(source)) | leaves
    return list(names)[:_MOST_NAMES]


def shown(context: Context, idea: Idea, guard: NoveltyGuard) -> NoveltyGuard:
    """The verdict in the user's names: those of the idea's edits, and of whatever else its reasons name."""
    own = {edit.target: edit.shown for edit in idea.edits if edit.shown != edit.target}
    policy = guard["policy"]
    reason = text(context, policy["reason"], own)
    suggestion, mismatch = guard.get("suggestion"), guard.get("mismatch")
    told = {
        "suggestion": suggestion and text(context, suggestion, own),
        "mismatch": mismatch and text(context, mismatch, own),
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
    told = {key: text(context, value, own) if isinstance(value, str) else value for key, value in item.items()}
    return {**told, "target": own[target], "knob": target}


def text(context: Context, words: str, own: Mapping[str, str] = _NOTHING) -> str:
    """A sentence of ours with the user's names in it; what it quotes stays as it was written."""

    def told(match: re.Match[str]) -> str:
        found = match.group()
        if found in own:
            return own[found]
        return found if found[0] in '“"' else name(context, found) or found

    for target, shown_as in own.items():
        if not target.isupper():
            words = re.sub(rf"(?<![\w.-]){re.escape(target)}(?![\w-])", lambda _, told=shown_as: told, words)  # type: ignore[misc]
    return _TOLD.sub(told, words)
