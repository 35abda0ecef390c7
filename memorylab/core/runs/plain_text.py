"""What "plain" means: text that shows what it holds, with nothing that hides, reorders or moves what stands around it.

Taken out are terminal escapes and all other controls, whatever Unicode calls ignorable (Default_Ignorable_Code_Point:
zero-width signs, direction marks, tags, fillers, variation selectors), interlinear marks, lone surrogates and
noncharacters. What writing needs stays: a joiner between letters of scripts that join (Persian, Hindi) or between
pictures of one emoji, and the selector that makes a sign an emoji. Signs for private use, and those that are newer than
this program, show as something and stay.
"""

from __future__ import annotations

import re

_CONTROL = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
_JOINED = "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17b3\u17b6-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_PICTURE = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
_KEPT = (
    f"(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])"
    f"|(?<=[{_PICTURE}\ufe0f])\u200d(?=[{_PICTURE}])"
    f"|(?<=[{_PICTURE}0-9#*])[\ufe0e\ufe0f]"
)
_HIDDEN = (
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_PRINTABLE_YET_HIDDEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
)


def plain(text: str, newlines: bool = False) -> str:
    """The text as data for a person's screen: no escapes, controls, direction marks or hidden signs, one line.

    >>> plain("a\\x1b[31mred\\x1b[0m\\nb")
    'ared b'
    """
    if text.isprintable() and (text.isascii() or not _hides(text)):  # nearly always, and compiling takes a millisecond
        return text if newlines else " ".join(text.split())
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", " ").replace("\u2029", " ")
    text = re.sub(_CONTROL, "", text)
    while (shown := re.sub(f"({_KEPT})|{_HIDDEN}", r"\1", text)) != text:  # what was apart may be neighbours now
        text = shown
    return text if newlines else " ".join(text.split())


def _hides(text: str) -> bool:
    return not _PRINTABLE_YET_HIDDEN.isdisjoint(text) or max(text) >= "\U000e0000"
