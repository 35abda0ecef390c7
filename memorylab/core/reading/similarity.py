"""How close two ideas are and why, decided by what they change; text ranks only what has no structure.

The relation is what the verdict rests on: `same`, `further`, `nearer`, `opposite`, `other_value` on one target,
`same_line` for a neighbour without order, `related` for a shared part, `text` for shared words alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from memorylab.core.reading import paraphrase
from memorylab.core.reading.edits import Edit, plain
from memorylab.core.reading.lexicon import GENERIC, lexicon, remembered
from memorylab.core.reading.paraphrase import Told
from memorylab.core.reading.residue import NOTHING, QUALIFIERS, Residue, Unshared, apart, residue, unpacked
from memorylab.tuples import NamedTuple

# Similarity that each structural relation stands for; text can only move it within a relation.
LEVEL = {
    "same": 1.0,
    "further": 0.86,
    "nearer": 0.82,
    "other_value": 0.78,
    "same_line": 0.74,
    "related": 0.64,
    "opposite": 0.5,
}
DECIDED = frozenset(("same", "further", "nearer", "opposite", "other_value"))
"""Relations that rest on values or directions: shared words change nothing about them."""
SAME_OTHERWISE = 0.4
_GUESSED = "the match is a guess from words"
SAME_TEXT = 0.75  # share of content words from which two texts without a known target are one experiment
REWORDED = 0.25  # share of plain words below which two texts are told independently of each other
SHOWN_TEXT = 0.4  # below this, shared words are chance


class Match(NamedTuple):
    """One earlier run beside an idea: how similar (0..1), by which relation, on which target, and why in words."""

    similarity: float
    relation: str
    why: str
    target: str = ""
    doubt: str = ""
    """What keeps it from being proof that a block could rest on: what one text says and the other doesn't."""


def text_similarity(a: frozenset[str], b: frozenset[str]) -> float:
    """Dice overlap of content words, generic words counting a quarter."""
    shared = a & b
    if not shared:
        return 0.0
    return 2 * _weight(shared) / (_weight(a) + _weight(b))


@remembered(65_536)
def _weight(words: frozenset[str]) -> float:
    return len(words) - 0.75 * len(words & GENERIC) + len(words & lexicon().names)


def compare(mine: Told, theirs: Told, base: Mapping[str, float]) -> Match | None:
    """The closest relation between an idea's edits and an earlier run's, or None when nothing is shared.

    `base` holds the present value of each numeric target as far as it is known; it tells a further step from one back.
    """
    match = _typed(mine.edits, mine.words, theirs.edits, theirs.words, base)
    if match is not None and match.relation in DECIDED:
        return _held(match, mine, theirs)
    likely = paraphrase.probability(mine, theirs, SAME_OTHERWISE)
    if likely >= SAME_OTHERWISE:
        target = mine.edits[0].target if mine.edits else ""
        match = Match(round(0.7 + 0.28 * likely, 3), "same", "the same in other words", target, _GUESSED)
        return match if likely == paraphrase.SPELLED else _held(match, mine, theirs)
    return match


def _held(match: Match, mine: Told, theirs: Told) -> Match:
    """A match held against what the edits leave of both texts; where code has told the edits, it has told all."""
    own, others = _left(mine), _left(theirs)
    if own == others:
        return match
    left = apart(own, others)
    if match.relation in DECIDED and _another(left, match.relation == "same", mine, theirs):
        said = left.told() or "another name"
        return Match(LEVEL["related"], "related", f"the same change, but other details: {said}", match.target)
    if match.doubt or not left.anywhere:
        return match
    return match._replace(doubt=f"only one of the two texts says {left.told()}")


def _left(told: Told) -> Residue:
    if _by_code(told):
        return NOTHING
    return residue(told.description, told.edits) if told.left is None else unpacked(told.left)


def _by_code(told: Told) -> bool:
    """Whether the edits were read from a diff, all of it in values."""
    return bool(told.change) and not any(edit.opaque for edit in told.edits)


def _another(left: Unshared, same: bool, mine: Told, theirs: Told) -> bool:
    """Whether what is left of two texts with one target makes them two experiments or two lines.

    What differs between two texts in nearly the same words was changed on purpose; one in other words differs anyway.
    """
    if left.renamed:
        return True
    both = bool(left.mine and left.theirs)
    extra = left.mine | left.theirs
    if same and left.named and mine.edits[0].to is not None and not both:  # the very identifier gets the very value
        return not extra.isdisjoint(QUALIFIERS | lexicon().places | lexicon().names) or not all(map(str.isalpha, extra))
    if not both and not (same and extra - GENERIC):
        return False
    if (
        not _by_code(mine)
        and not _by_code(theirs)
        and paraphrase.alike(mine.description, theirs.description) >= REWORDED
    ):
        return True
    return both and bool(left.mine & QUALIFIERS and left.theirs & QUALIFIERS)


def _typed(
    edits: Sequence[Edit],
    words: frozenset[str],
    other: Sequence[Edit],
    other_words: frozenset[str],
    base: Mapping[str, float],
) -> Match | None:
    """The relation by what the two edit."""
    if not edits or not other:
        return None
    if len(edits) == 1 == len(other):
        if edits[0].target == other[0].target:
            return _on_target(edits[0], other[0], base)
        return _by_text(edits, words, other, other_words)
    edits, other = plain(edits), plain(other)
    if len(edits) > 1 and len(other) > 1:
        edits, other = _unshared(edits, other)
    best: Match | None = None
    for mine in edits:
        for theirs in other:
            if mine.target == theirs.target:
                match = _on_target(mine, theirs, base)
                if best is None or match.similarity > best.similarity:
                    best = match
    if best is not None:
        return _combined(best, edits, other)
    return _by_text(edits, words, other, other_words)


def compare_changes(match: Match | None, change: str, other: str, edits: Sequence[Edit]) -> Match | None:
    """A match by words and edits once the code is known on both sides: one change is the same whatever the words.

    And equal words over different code are a neighbour; a knob set to the same value is the same all the same.
    """
    if change == other:
        return Match(LEVEL["same"], "same", "the same change of the code", edits[0].target if edits else "")
    if match is None or match.relation != "same" or (match.target.isupper() and not match.doubt):
        return match
    return Match(LEVEL["same_line"], "same_line", "same words, other code", match.target)


def _unshared(edits: Sequence[Edit], other: Sequence[Edit]) -> tuple[Sequence[Edit], Sequence[Edit]]:
    """Two combinations that differ in one knob alone are compared in that knob."""
    shared = {edit.key for edit in edits} & {edit.key for edit in other}
    mine = [edit for edit in edits if edit.key not in shared]
    theirs = [edit for edit in other if edit.key not in shared]
    if len(mine) == len(theirs) == 1 and mine[0].target == theirs[0].target:
        return mine, theirs
    if not mine and not theirs:
        return edits[:1], [edit for edit in other if edit.key == edits[0].key]
    return edits, other


def _combined(best: Match, edits: Sequence[Edit], other: Sequence[Edit]) -> Match:
    """A part of a combination, or a combination with a part, is related to it and not the same."""
    if len(edits) == 1 == len(other):
        return best
    mine, theirs = {edit.target for edit in edits}, {edit.target for edit in other}
    if mine == theirs:
        return Match(LEVEL["related"], "related", "same knobs, other values", best.target)
    why = "part of that combination" if mine < theirs else "that and more" if mine > theirs else "shares one change"
    return Match(LEVEL["related"], "related", why, best.target)


def _on_target(mine: Edit, theirs: Edit, base: Mapping[str, float]) -> Match:
    target = mine.target
    if (mine.scope or "") != (theirs.scope or ""):
        return Match(
            LEVEL["related"], "related", f"same {'knob' if target.isupper() else 'change'}, another part", target
        )
    if mine.key == theirs.key:
        what = "same value" if mine.to is not None else "same change"
        return Match(LEVEL["same"], "same", f"same knob, {what}" if target.isupper() else what, target)
    if mine.opaque or theirs.opaque:
        return Match(LEVEL["related"], "related", "same part of the code, other change", target)
    if _switched(mine, theirs):
        return Match(LEVEL["opposite"], "opposite", "one adds what the other removes", target)
    relation = _by_value(mine, theirs, base.get(target))
    if relation:
        return Match(LEVEL[relation], relation, _WHY[relation], target)
    if mine.direction and theirs.direction and mine.direction != theirs.direction:
        return Match(LEVEL["opposite"], "opposite", _WHY["opposite"], target)
    if isinstance(mine.to, str) and isinstance(theirs.to, str):
        return Match(LEVEL["other_value"], "other_value", "another replacement in the same slot", target)
    return Match(LEVEL["same_line"], "same_line", "same knob, other details", target)


_WHY = {
    "further": "same knob, and the idea goes further the same way",
    "nearer": "same knob, and the idea is a smaller step the same way",
    "opposite": "same knob, and the idea goes the other way",
    "other_value": "same knob, and the idea sets another value",
}


def _switched(mine: Edit, theirs: Edit) -> bool:
    """Whether one takes away what the other puts in; two numbers are compared as values instead."""
    numbers = isinstance(mine.to, float) and isinstance(theirs.to, float)
    return not numbers and (mine.op == "remove") != (theirs.op == "remove")


def _by_value(mine: Edit, theirs: Edit, base: float | None) -> str:
    """The relation of two values of one knob, seen from the present value `base`; "" when they can't be compared.

    Two that say which value they start from, and start from different ones, go opposite ways only if both see it so.
    """
    origin = mine.frm if isinstance(mine.frm, float) else base
    if origin is None and isinstance(theirs.frm, float):
        origin = theirs.frm
    if mine.op == "scale" == theirs.op:
        origin = 1.0
    found = _seen_from(origin, mine, theirs)
    if isinstance(mine.frm, float) and isinstance(theirs.frm, float) and mine.frm != theirs.frm:
        other = _seen_from(theirs.frm, mine, theirs)
        if (found == "opposite") != (other == "opposite"):
            return "other_value"
    return found


def _seen_from(origin: float | None, mine: Edit, theirs: Edit) -> str:
    """The relation of two values as the value `origin` sees them; "" when they can't be compared."""
    a, b = _number(mine, origin), _number(theirs, origin)
    if a is None or b is None:
        return ""
    if origin is None:
        if mine.direction is None or theirs.direction is None:
            return "other_value"
        if mine.direction != theirs.direction:
            return "opposite"
        return "further" if (a > b) == (mine.direction == "up") else "nearer"
    step, past = steps(origin, a, b)
    if step == 0 or past == 0:
        apart = mine.direction and theirs.direction and mine.direction != theirs.direction
        return "opposite" if apart else "other_value"
    if (step > 0) != (past > 0):
        return "opposite"
    return "further" if abs(step) > abs(past) else "nearer"


def _number(edit: Edit, origin: float | None) -> float | None:
    """The value an edit ends at; a factor needs the value that it starts from."""
    if edit.to == "off" or (edit.op == "remove" and edit.to is None):
        return 0.0
    if not isinstance(edit.to, float):
        return None
    if edit.op != "scale":
        return edit.to
    return None if origin is None else edit.to * origin


def steps(origin: float, a: float, b: float) -> tuple[float, float]:
    """How far two values of a knob lie from a third, in one measure: a switch-off is no number of octaves away.

    >>> steps(0.16, 0.04, 0.08), steps(0.5, 0.25, 0.0)
    ((-2.0, -1.0), (-0.25, -0.5))
    """
    if origin > 0 and a > 0 and b > 0:
        return math.log2(a / origin), math.log2(b / origin)
    return a - origin, b - origin


def distance(origin: float, value: float) -> float:
    """How far and in which direction a knob was moved: in octaves where both are positive, else in its own units."""
    if origin > 0 and value > 0:
        return math.log2(value / origin)
    return value - origin


def _by_text(
    edits: Sequence[Edit], words: frozenset[str], other: Sequence[Edit], other_words: frozenset[str]
) -> Match | None:
    share = text_similarity(words, other_words)
    if share < SHOWN_TEXT:
        return None
    mine, theirs = edits[0], other[0]
    if share >= SAME_TEXT and not (mine.target.isupper() and theirs.target.isupper()):
        if _switched(mine, theirs) or (mine.direction and theirs.direction and mine.direction != theirs.direction):
            return Match(LEVEL["opposite"], "opposite", "same words, opposite change", mine.target)
        if (words ^ other_words) & lexicon().places:
            return Match(LEVEL["related"], "related", "same words, another part", mine.target)
        if mine.to == theirs.to:
            return Match(min(share, 0.97), "same", "the same words", mine.target)
        return Match(LEVEL["other_value"], "other_value", "same words, other value", mine.target)
    return Match(round(min(share, 0.9), 3), "text", "shared words", mine.target)
