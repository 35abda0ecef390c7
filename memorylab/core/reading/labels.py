"""What stands before an edit and is none: a number of the run, a kind of commit, the component that is meant.

"Run 079: …", "[3] …", "feat(model): …", "exp12_…" say nothing of the experiment. "crypto: entry z 1.5" says where.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from memorylab.core.lazily import pattern
from memorylab.tuples import NamedTuple

_COUNTED = "run|exp|experiment|iter|iteration|trial|attempt|test|idea|step|try|no|nr|round|version|agent|worker|gpu"
_NUMBER = pattern(
    rf"\s*(?:\[\s*\#?\d+\s*\]|\(\s*\#?\d+\s*\)|\#\d+|\d+[.):](?=\s)"
    rf"|(?:{_COUNTED})[\s_\-#]*\d+(?:\s*/\s*\d+)?\s*(?:[:.)|]|--?|—|–)(?=\s))\s*[-—–:|]?\s*",
    re.IGNORECASE,
)
_COMMIT = pattern(
    r"\s*(?:feat|feature|fix|perf|exp|experiment|chore|refactor|test|tune|tuning|wip|try|idea|hypothesis|change|"
    r"plan|ablation|ablate|ab|hp|hparam|hparams|config|sweep|proposal|next|update|edit|tweak|explore|exploit)"
    r"\s*(?:\(([\w ./-]{1,30})\))?!?\s*:\s+",
    re.IGNORECASE,
)
_LABEL = pattern(
    r"\s*(?:\[([A-Za-z][\w ./-]{0,24})\]\s*[:—–-]?|([A-Za-z][\w./-]*(?: [A-Za-z][\w./-]*)?):)\s+"
    r"(?=[^\s\d.=~×x+-]|-?-?[a-z_])(?!(?:up|down|from|to|by|x\d|true|false|on|off)\b)",
    re.IGNORECASE,
)
"""A word or two and a colon, with no value behind: "tau: 0.005" and "LR: down to 3e-4" are edits."""
_ROOMS = frozenset(
    """
    optimizer optim optimization schedule scheduler lr arch architecture model data dataset training train loss
    regularization reg init hyperparameter hyperparam hyperparams batch batching attention system systems kernel
    strategy feature features code baseline control note parallel combo combined cleanup simplify revert rerun
    replicate retry bold radical minor major todo plan param params parameter parameters
    """.split()  # noqa: SIM905 - a table reads better as one
)
"""Labels that sort an idea into a drawer; the edit says where it is made."""
_FRONT = 60
_OPENERS = frozenset("[(#0123456789")
_COUNTERS = tuple(_COUNTED.split("|"))
"""Without a colon, one of these signs or one of these words in front a text has no label; few have, and to compile
the patterns takes 3 ms."""


class Labelled(NamedTuple):
    """A description without what stands before its edit, and the component that it named there ("" for none)."""

    place: str
    text: str


def without_labels(text: str, named: Callable[[str], bool] = lambda _: False) -> Labelled:
    """The edit of a description. `named` says of words whether they name a thing to change, which is no place.

    >>> without_labels("Run 079: feat: depth 10"), without_labels("tech: min_edge 0.1")
    (Labelled(place='', text='depth 10'), Labelled(place='tech', text='min_edge 0.1'))
    """
    at = 0
    place = ""
    front = text.lstrip()[:_FRONT].lower()
    told = ":" in front
    if not told and front[:1] not in _OPENERS and not front.startswith(_COUNTERS):
        return Labelled("", text)
    for _ in range(4):
        if found := _NUMBER.match(text, at):
            at = found.end()
        elif told and (found := _COMMIT.match(text, at)):
            at, place = found.end(), place or _place(found[1] or "", named)
        else:
            break
    found = _LABEL.match(text, at)
    if found and not place and (label := _place(found[1] or found[2], named)):
        return Labelled(label, text[found.end() :])
    rest = text[at:]
    return Labelled(place, rest) if rest.strip() else Labelled("", text)


def _place(label: str, named: Callable[[str], bool]) -> str:
    words = re.findall(r"[a-z]+", label.lower())
    if not words or any(char.isdigit() for char in label) or any(word in _ROOMS for word in words):
        return ""
    return "" if named(label) else " ".join(words)
