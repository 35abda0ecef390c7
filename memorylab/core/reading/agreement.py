"""What an idea changes where both a text and a diff tell it: the diff has the values, the text has the names.

They are held against each other, since a description that says one thing over code that does another would teach the
memory something false.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from memorylab.core.reading.diffs import Change
from memorylab.core.reading.edits import MAX_EDITS, Edit, number_text
from memorylab.core.reading.lexicon import lexicon, spelled
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.core.reading.wording import RESTORE
from memorylab.tuples import NamedTuple

_ROUNDED = 0.05  # share by which a rounded value may be off: 0.5M for 2**19
_EXACT = 0.015  # 0.33 for a third
_LARGE = 1000.0  # values from which on people round
# Knobs by which people set one and the same thing.
_ONE_THING = (
    {"DEPTH", "MODEL_DIM", "ASPECT_RATIO", "N_HEAD", "HEAD_DIM", "N_KV_HEAD", "MLP_RATIO"},
    {"TOTAL_BATCH_SIZE", "DEVICE_BATCH_SIZE", "GRAD_ACCUM", "SEQ_LEN", "EPOCHS", "TIME_BUDGET"},
    {"WARMUP_RATIO", "WARMDOWN_RATIO", "FINAL_LR_FRAC", "LR_SCHEDULE", "WD_SCHEDULE", "WD_FLOOR"},
    {"MUON_MOMENTUM", "MOMENTUM_WARMUP", "MOMENTUM_START", "MOMENTUM_FINAL"},
    {"WINDOW_PATTERN", "SHORT_WINDOW", "DEPTH", "SEQ_LEN"},
)


class Merged(NamedTuple):
    """The edits that are judged and recorded, and how the text contradicts the diff, None where it doesn't."""

    edits: tuple[Edit, ...]
    mismatch: str | None = None


def merge(said: Sequence[Edit], change: Change, description: str = "") -> Merged:
    """The edits of an idea from its text's and its diff's; a control run and an empty diff keep the text's."""
    if not change.fingerprint or (said and said[0].target in CONTROLS):
        return Merged(tuple(said))
    valued = [edit for edit in change.edits if not edit.opaque]
    pairs = _paired(said, valued)
    used = [done for _, done in pairs if done is not None]
    structural = len(valued) < len(change.edits) or any(edit.in_code and edit not in used for edit in valued)
    out: list[Edit] = []
    for mine, done in pairs:
        if done is not None:
            out.append(_renamed(mine, done))
        elif structural and (_known(mine) or not valued):
            out.append(mine)
    rest = [edit for edit in change.edits if edit not in used]
    out += sorted(rest, key=lambda edit: (edit.opaque, edit.in_code))
    edits = tuple(dict.fromkeys(out))[:MAX_EDITS]
    return Merged(edits, None if _undoes(description) else _mismatch(pairs, valued, structural, description.lower()))


def describe(change: Change) -> str:
    """A change in words, for an idea that has none: "MATRIX_LR from 0.04 to 0.05, change GPT.forward"."""
    return ", ".join(_told(edit) for edit in change.edits[:MAX_EDITS]) or "no change"


def _told(edit: Edit) -> str:
    place = f"{edit.scope}: " if edit.scope else ""
    if edit.opaque or edit.to is None:
        verb = {"add": "add", "remove": "remove"}.get(edit.op, "change")
        return f"{place}{verb} {edit.target}"
    origin = "" if edit.frm is None else f" from {number_text(edit.frm)}"
    return f"{place}{edit.target}{origin} to {number_text(edit.to)}"


def _undoes(description: str) -> bool:
    text = description.lower()
    return any(word in text for word in (*RESTORE, "revert", "undo", "discard"))


def _known(edit: Edit) -> bool:
    """Whether the vocabulary has the target; a text without any known word is an edit on its own words."""
    known = lexicon()
    return edit.target.isupper() or spelled(edit.target) in known.names or edit.target in known.families


def _paired(said: Sequence[Edit], valued: Sequence[Edit]) -> list[tuple[Edit, Edit | None]]:
    """Each edit of the text with the one of the diff that it tells: by name, else by value."""
    left = list(valued)
    found: dict[int, Edit] = {}
    for alike in (_same_name, _same_value):
        for number, mine in enumerate(said):
            done = next((edit for edit in left if number not in found and alike(mine, edit)), None)
            if done is not None:
                found[number] = done
                left.remove(done)
    return [(mine, found.get(number)) for number, mine in enumerate(said)]


def _same_name(mine: Edit, done: Edit) -> bool:
    return mine.target == done.target


def _same_value(mine: Edit, done: Edit) -> bool:
    return _known(mine) and _agree(mine, done) is True


def _renamed(mine: Edit, done: Edit) -> Edit:
    """The diff's edit; where it has but a place in the code, under the name that the text gives it."""
    return done._replace(target=mine.target, scope=mine.scope) if done.in_code else done


def _agree(mine: Edit, done: Edit) -> bool | None:
    """Whether the text's value is the diff's; None where they can't be compared."""
    if mine.to in (None, 0.0, "off"):
        off = mine.op == "remove" or mine.to is not None
        return (True if done.to in (None, 0.0, "0") else None) if off else None
    if isinstance(mine.to, str) and isinstance(done.to, str):
        return mine.to.lower() == done.to.lower() or (None if mine.to == done.frm else False)
    if not isinstance(mine.to, float) or not isinstance(done.to, float):
        return None
    if mine.op == "scale":
        return _close(mine.to, done.to / done.frm) if isinstance(done.frm, float) and done.frm else None
    return _close(mine.to, done.to)


def _close(said: float, done: float) -> bool:
    share = _ROUNDED if abs(done) >= _LARGE else _EXACT
    return abs(said - done) <= share * max(abs(said), abs(done))


def _mismatch(
    pairs: Sequence[tuple[Edit, Edit | None]], valued: Sequence[Edit], structural: bool, text: str
) -> str | None:
    """How the text contradicts the diff. Only what can be compared is: a name with its value, a name with a way."""
    for mine, done in pairs:
        if done is None or mine.target != done.target or not mine.target.isupper():
            continue
        if _agree(mine, done) is False and _comparable(mine, done) and not _mentioned(done, text):
            return f"the description says {_value(mine._replace(name=done.name))}, the diff sets {_value(done)}"
        if len(pairs) == 1 and mine.to is None and {mine.direction, done.direction} == {"up", "down"}:
            return f"the description moves {done.shown} {mine.direction}, the diff sets {_value(done)}"
    knobs = [edit for edit in valued if edit.target.isupper()]
    named = [mine for mine, _ in pairs if mine.target.isupper() and (mine.to is not None or mine.direction)]
    if not knobs or not named or structural or len(named) < len(pairs) or any(done for _, done in pairs):
        return None
    if any(_akin(mine, done) or _mentioned(done, text) or _named(done, text) for mine in named for done in knobs):
        return None
    return f"the description says {_value(named[0])}, the diff changes {', '.join(_value(edit) for edit in knobs[:3])}"


def _mentioned(done: Edit, text: str) -> bool:
    """Whether the diff's new value stands in the text ("D9", "1.2x"), whatever that was taken to say."""
    value = "" if done.to is None else re.escape(number_text(done.to).lower())
    before, behind = (r"(?<![\d.])", r"(?!\.?\d)") if isinstance(done.to, float) else (r"(?<!\w)", r"(?!\w)")
    return bool(value) and re.search(f"{before}{value}{behind}", text) is not None


def _named(done: Edit, text: str) -> bool:
    spoken, written = (re.sub(r"[_\W]+", " ", words).strip() for words in (done.target.lower(), text))
    return f" {spoken} " in f" {written} "


def _comparable(mine: Edit, done: Edit) -> bool:
    """Whether two values of a knob are in one unit: a warm-up of 5 % and one of 100 steps are not."""
    if not isinstance(mine.to, float) or not isinstance(done.to, float) or mine.op == "scale":
        return isinstance(done.frm, type(mine.to))
    if isinstance(mine.frm, float) and isinstance(done.frm, float):
        return _close(mine.frm, done.frm)
    return isinstance(done.frm, float) and (_near(mine.to, done.to) or _near(mine.to, done.frm))


def _near(a: float, b: float) -> bool:
    return a == b or (a * b > 0 and 0.1 < a / b < 10)


def _akin(mine: Edit, done: Edit) -> bool:
    """Whether one knob may be a way to set the other: LR and MATRIX_LR, the width and the aspect ratio."""
    a, b = set(mine.target.split("_")), set(done.target.split("_"))
    return a <= b or b <= a or any({mine.target, done.target} <= group for group in _ONE_THING)


def _value(edit: Edit) -> str:
    if edit.to is None:
        return f"{edit.shown} {edit.direction or ('off' if edit.op == 'remove' else '')}".strip()
    return f"{edit.shown} {'x' if edit.op == 'scale' else ''}{number_text(edit.to)}"
