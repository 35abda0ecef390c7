"""What became of a run, read from the many words that people and agents write for it: keep, discard, crash or nothing.

The words are data, gathered from experiment tables found in the wild. The first word that means something decides,
because the reason is glued on behind it (`REVERTED:too_eager`, `KEPT (rule b: ...)`).
"""

from __future__ import annotations

import re
from typing import Final

from memorylab.records import Status

_KEEP: Final = """
    keep kept keeping best accept accepted adopt adopted confirmed promote promoted pass passed success successful
    succeeded win winner won improved improvement improves better merged champion baseline reference control
"""
_DISCARD: Final = """
    discard discarded revert reverted reject rejected worse worsened neutral kill regressed regression tie tied equal
    equivalent flat same unchanged noise marginal tentative repair drop dropped abandon abandoned rollback undo undone
    superseded refuted lose lost violation no not
"""
_CRASH: Final = """
    crash crashed crashes fail failed failure error errored invalid oom nan diverged timeout timedout killed abort
    aborted exception segfault
"""
# No verdict yet, or none meant. They end the search: "pending keep" is pending.
_OPEN: Final = """
    pending running run ran todo tbd wip missing parked blocked deferred diag diagnostic info sentinel verify ok done
    completed complete finished skip skipped queued planned planning waiting started unknown none null na final
    proposed untested inconclusive cancelled canceled
    iterate iterating iterated refine refining refined archive archived pivot pivoted partial hold held
"""
# Whole cells only: inside a longer text they say nothing, or something else than their first word.
_WHOLE: Final[dict[str, Status | None]] = {
    "yes": "keep",
    "y": "keep",
    "true": "keep",
    "n": "discard",
    "false": "discard",
    "rolled back": "discard",
    "timed out": "crash",
    "infra retry": "crash",
    **dict.fromkeys(
        (
            *(
                "policy reject",
                "policy rejected",
                "rejected by policy",
                "rejected before run",
                "rejected before running",
            ),
            *("no changes", "no changes made", "nothing changed", "empty diff", "noop", "no op", "not applied"),
        )
    ),
    **dict.fromkeys(("no data", "no result", "no results", "no verdict", "no run"), None),
    **dict.fromkeys(("not run", "not tested", "not started", "not evaluated", "not measured"), None),
}
# Signs decide where no word beside them does.
_SIGNS: Final[dict[str, Status | None]] = {
    **dict.fromkeys("✅✔✓☑🟢👍🏆🎉⭐", "keep"),
    **dict.fromkeys("❌✗✘✖❎🔴👎🚫⛔", "discard"),
    **dict.fromkeys("💥💀☠🔥", "crash"),
    **dict.fromkeys("⏳⌛🟡🔄⏸⚠🚧❓"),
}
# Somebody, or the clock, ended the run: a number that it left is one, without it nothing is known.
_CUT: Final = frozenset(("killed", "kill", "stopped", "terminated", "interrupted", "preempted", "halted", "pruned"))
_WAITS: Final = frozenset(
    ("pending", "running", "queued", "skipped", "planned", "waiting", "started", "todo", "scheduled")
)
# Where the reason glued to a discard is one of these, there was nothing to judge: `reverted_triton_oom` is a crash.
# `reverted_diverged` is not: such a run ends, with a bad value.
_NEVER_FINISHED: Final = frozenset(("oom", "crash", "crashed", "segfault", "timeout", "killed"))
# In free text only words that are hardly part of a plan count ("better init", "pass 2", "best practice" are plans).
_OUTRIGHT: Final = ("keep", "kept", "discard", "discarded", "revert", "reverted", "rejected", "crash", "crashed")

_WORDS: Final[dict[str, Status | None]] = {
    **dict.fromkeys(_KEEP.split(), "keep"),
    **dict.fromkeys(_DISCARD.split(), "discard"),
    **dict.fromkeys(_CRASH.split(), "crash"),
    **dict.fromkeys(_OPEN.split(), None),
}
_SWITCH: Final[dict[str, Status]] = {
    **dict.fromkeys(("1", "1.0", "t"), "keep"),
    **dict.fromkeys(("0", "0.0", "f"), "discard"),
}
_HEAD_WORDS: Final = 4  # a longer head is prose, in which a verdict word may mean anything
_LONGEST: Final = 200  # characters read of a cell
_ENDS_HEAD: Final = frozenset("([{:;,.—–|\n")
_GLUE: Final = str.maketrans(
    {**dict.fromkeys('_-*`~"!?/', " "), **{sign: f" {sign} " for sign in _SIGNS}, "'": None, "\ufe0f": None}
)
_BRACKETS: Final = "[](){}<>*_`~#\"' "
_STOPS: Final = ":;,.!|—–-])}*"


def verdict(word: str) -> Status | None:
    """The status that a cell of a verdict column stands for, or None where it holds no verdict that is known.

    >>> verdict("REVERTED:too_eager"), verdict("kept-provisional (noisy)"), verdict("llm_error"), verdict("TODO")
    ('discard', 'keep', 'crash', None)
    """
    text, end = _head(word)
    tokens = text[:end].translate(_GLUE).split()
    signs = [token for token in tokens if token in _SIGNS]
    tokens = [token for token in tokens if token not in _SIGNS]
    whole = " ".join(tokens)
    if whole in _WHOLE:
        return _WHOLE[whole]
    for position, token in enumerate(tokens[:_HEAD_WORDS]):
        if token in _WORDS:
            found = _WORDS[token]
            glued = {*tokens[position + 1 :], *_reason(text, end)}
            return "crash" if found == "discard" and glued & _NEVER_FINISHED else found
    return _SIGNS[signs[0]] if signs else None


def _head(word: str) -> tuple[str, int]:
    """A cell in one spelling, and where its head ends."""
    text = word[:_LONGEST].casefold().strip(_BRACKETS)
    return text, next((i for i, sign in enumerate(text) if sign in _ENDS_HEAD), len(text))


def _reason(text: str, end: int) -> list[str]:
    """The first word behind a colon, as its pieces."""
    told = text[end + 1 :].split(maxsplit=1)[:1] if text[end : end + 1] == ":" else []
    return " ".join(told).translate(_GLUE).split()


def was_cut(word: str) -> bool:
    """Whether a verdict says that somebody, or the clock, ended the run, and no fault of its own.

    >>> was_cut("killed"), was_cut("Stopped (by hand)"), was_cut("killed (OOM)"), was_cut("kept")
    (True, True, False, False)
    """
    text, _ = _head(word)
    tokens = re.findall(r"[a-z]+", text)
    return bool(tokens) and tokens[0] in _CUT and not _NEVER_FINISHED.difference(_CUT).intersection(tokens)


def waits(word: str) -> bool:
    """Whether a state says that a run has not ended, or will not be made."""
    return bool(_WAITS.intersection(re.findall(r"[a-z]+", word[:_LONGEST].casefold())[:1]))


def of_switch(word: str) -> Status | None:
    """The status that a cell of a column stands for that says whether a run was kept: a truth, a number, a sign.

    >>> of_switch("True"), of_switch("0"), of_switch("no"), of_switch("?")
    ('keep', 'discard', 'discard', None)
    """
    text = word.strip().casefold()
    return _SWITCH[text] if text in _SWITCH else verdict(word)


def is_baseline(word: str) -> bool:
    """Whether the cell marks a run that others are compared with, and that was not judged itself."""
    return word.casefold().strip(_BRACKETS).startswith(("baseline", "reference", "control"))


def verdict_in_text(text: str) -> Status | None:
    """The verdict that a description opens or closes with ("exp2 KEEP: ...", "... (discard)"), or None.

    Only an outright word set off by punctuation counts: "keep LR at 0.04" and "revert warmup to 0.1" are plans.

    >>> verdict_in_text("keep - depth 6"), verdict_in_text("exp2 KEEP: wider"), verdict_in_text("keep LR at 0.04")
    ('keep', 'keep', None)
    """
    opening = text[:_LONGEST].split()[:3]
    for position, piece in enumerate(opening[:2]):
        word = piece.casefold().strip(_BRACKETS + _STOPS)
        set_off = piece[-1] in _STOPS or opening[position + 1 : position + 2] in (["-"], ["—"], ["–"], ["|"], ["->"])
        if word in _OUTRIGHT and (set_off or len(opening) == position + 1):
            return _WORDS[word]
        if not any(sign.isdigit() for sign in word):  # only a run's name may stand before the verdict
            break
    closing = text[-_LONGEST:].split()[-2:]
    if len(closing) == 2:
        word = closing[1].casefold().strip(_BRACKETS + _STOPS)
        if word in _OUTRIGHT and (closing[1][0] in "([{" or closing[0] in ("-", "—", "–", "|", "->", "→", "=>")):
            return _WORDS[word]
    return None
