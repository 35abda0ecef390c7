"""Whether two texts say one experiment in other words, for what typed edits alone don't settle.

Typed edits read a text's grammar; this reads what the two texts have in common at all: the things named, the numbers,
and what one names that the other doesn't. Direction, value and scope speak against it whatever the words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from memorylab.core.reading.edits import Edit, number_text, plain
from memorylab.core.reading.lexicon import GENERIC, is_name, lexicon, remembered, spelled
from memorylab.tuples import NamedTuple

SPELLED = 0.7
"""How likely two are one where one gives a name the value that the other's words give to what the name spells."""
_COUNTERS = frozenset(
    """
    coef coefficient count factor max min n no num number rate size total value weight
    """.split()  # noqa: SIM905 - a table reads better as one
)
"""Pieces of names that count or measure what the others name."""
COPY = 0.35
"""Share of plain words from which one text is taken for a copy of the other: what differs was changed on purpose."""
_PLAIN = re.compile(r"[a-z_]+|\d+(?:\.\d+)*")


class Told(Protocol):
    """An idea or an earlier run: what its text was read as."""

    @property
    def description(self) -> str:
        """The text itself."""

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The typed edits."""

    @property
    def words(self) -> frozenset[str]:
        """The content words of the edit, without its context."""

    @property
    def change(self) -> str | None:
        """The fingerprint of the code's change, where somebody looked."""

    @property
    def left(self) -> str | None:
        """What its edits leave of its text, packed (`residue`), where somebody has worked it out."""

    @property
    def said(self) -> frozenset[str]:
        """All that the text names, its context included; numbers as "#0.05"."""


class Traits(NamedTuple):
    """What two texts have in common and what sets them apart; the order of the two makes no difference."""

    shared_numbers: float
    own_numbers: float
    spare_numbers: float
    one_numbered: float
    own_names: float
    copied: float
    changed_copy: float
    same_state: float
    same_target: float
    other_knob: float
    extra_edits: float


INTERCEPT = 0.69
COEFFICIENTS = Traits(
    shared_numbers=0.77,
    own_numbers=-1.42,
    spare_numbers=-0.69,
    one_numbered=-0.31,
    own_names=-0.11,
    copied=-4.54,
    changed_copy=-1.04,
    same_state=0.14,
    same_target=-0.85,
    other_knob=-0.69,
    extra_edits=-1.14,
)
"""Fitted on labelled pairs of descriptions and on random pairs of public ledgers (`docs/guard.md`)."""
_LARGEST = Traits(0, 0, 0, 0, 1, 0, 4, 0, 0, 0, 3)
"""The most that each trait can be, but for those that are quickly seen."""
_UNSEEN = INTERCEPT + sum(max(0.0, c * most) for c, most in zip(COEFFICIENTS, _LARGEST, strict=True))


def probability(a: Told, b: Told, least: float = 0.0) -> float:
    """How likely two texts say the same experiment; 0 where it is less than `least`, which is often plain to see."""
    if a.said.isdisjoint(b.said) or _turned(a.edits, b.edits):
        return 0.0
    if _elsewhere(a.edits, b.edits) or _other_scope(a, b) or _other_scope(b, a):
        return 0.0
    if least and _most(a, b) < math.log(least / (1 - least)) and not (_spelled_alike(a, b) or _spelled_alike(b, a)):
        return 0.0
    if _spelled_alike(a, b) or _spelled_alike(b, a):
        return SPELLED
    found = traits(a, b)
    likely = 1 / (1 + math.exp(-INTERCEPT - sum(c * x for c, x in zip(COEFFICIENTS, found, strict=True))))
    return likely if likely >= least else 0.0


def _spelled_alike(a: Told, b: Told) -> bool:
    """Whether one gives an unknown identifier the value that the other gives to what its words say.

    "n_mels=128" and "80 mel bins -> 128": every word of the name that means something stands in the other text, as it
    is or at greater length.
    """
    for edit in a.edits:
        pieces = [piece for piece in edit.target.lower().split("_") if piece not in _COUNTERS]
        if "_" not in edit.target or not edit.target.isupper() or not isinstance(edit.to, float) or not pieces:
            continue
        if not any(theirs.to == edit.to and not theirs.target.isupper() for theirs in b.edits):
            continue
        words = _plain(b.description)
        if all(any(_abbreviates(piece, word) for word in words) for piece in pieces):
            return True
    return False


def _abbreviates(piece: str, word: str) -> bool:
    """Whether a piece of a name is a word or its beginning; of a short one only the word itself."""
    piece = piece.rstrip("s") if len(piece) > 3 else piece
    return word == piece or (len(piece) >= 3 and word.startswith(piece))


def _most(a: Told, b: Told) -> float:
    """The log odds that two texts have at most, by what is quickly seen of them."""
    shared, own, spare, one = _numbers(_parted(a.said)[0], _parted(b.said)[0])
    same_state, same_target, other_knob = _edited(a.edits, b.edits)
    c = COEFFICIENTS
    most = _UNSEEN + c.shared_numbers * shared + c.own_numbers * own + c.spare_numbers * spare + c.one_numbered * one
    most += c.same_state * same_state + c.same_target * same_target + c.other_knob * other_knob
    return most + c.copied * max(0.0, alike(a.description, b.description) - COPY)


def traits(a: Told, b: Told) -> Traits:
    """Hold two texts against each other."""
    numbers_a, words_a = _parted(a.said)
    numbers_b, words_b = _parted(b.said)
    names = _names()
    own_a, own_b = a.words - words_b, b.words - words_a
    shared, own_numbers, spare, one = _numbers(numbers_a, numbers_b)
    own = min(weight(own_a), weight(own_b), 5.0)
    shared_words = alike(a.description, b.description)
    same_state, same_target, other_knob = _edited(a.edits, b.edits)
    return Traits(
        shared_numbers=shared,
        own_numbers=own_numbers,
        spare_numbers=spare,
        one_numbered=one,
        own_names=float(bool(own_a & names) and bool(own_b & names)),
        copied=max(0.0, shared_words - COPY),
        changed_copy=shared_words * min(own, 4.0),
        same_state=same_state,
        same_target=same_target,
        other_knob=other_knob,
        extra_edits=min(3.0, len(unsaid(a.edits, b)) + len(unsaid(b.edits, a))),
    )


@remembered(65_536)
def weight(words: frozenset[str]) -> float:
    """How much some words say together: names of known things double, words of any experiment a third."""
    names = lexicon().names
    return sum(0.35 if word in GENERIC else 2.0 if word in names else 1.0 for word in words)


def covered(words: frozenset[str], other: frozenset[str]) -> float:
    """The share of what some words say that the other text says as well."""
    whole = weight(words)
    return weight(words & other) / whole if whole else 0.0


def unsaid(edits: Sequence[Edit], other: Told) -> list[Edit]:
    """The edits that the other text doesn't speak of: neither the target nor the value."""
    targets = {edit.target for edit in other.edits}
    out = []
    for edit in plain(edits):
        value = f"#{number_text(edit.to)}" if edit.to is not None else ""
        if edit.target not in targets and spelled(edit.target) not in other.said and value not in other.said:
            out.append(edit)
    return out


@remembered(1)
def _names() -> frozenset[str]:
    """The names of the vocabulary that say more than any experiment's words."""
    return lexicon().names - GENERIC


def _numbers(a: frozenset[str], b: frozenset[str]) -> tuple[float, float, float, float]:
    """The traits of two texts' numbers: shared, of either alone, of one of them, and whether one has none."""
    shared = len(a & b)
    alone = len(a) - shared, len(b) - shared
    return min(3.0, shared), min(3.0, *alone), min(3.0, max(alone)), float(bool(a) != bool(b))


@lru_cache(maxsize=16_384)
def _parted(said: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The numbers of a text, and its words."""
    numbers = frozenset([word for word in said if word[0] == "#"])
    return numbers, said - numbers


def alike(a: str, b: str) -> float:
    """Share of plain words that two texts have in common."""
    mine, theirs = _plain(a), _plain(b)
    return len(mine & theirs) / max(1, len(mine | theirs))


@lru_cache(maxsize=16_384)
def _plain(text: str) -> frozenset[str]:
    return frozenset(_PLAIN.findall(text.lower()))


def _other_scope(a: Told, b: Told) -> bool:
    """Whether one changes a thing in a part of the model that the other, which changes it as well, doesn't speak of."""
    shared = {edit.target for edit in b.edits}
    theirs = b.said.union(*((edit.scope or "").split() for edit in b.edits))
    return any(
        word.isalpha() and word not in theirs
        for edit in a.edits
        if edit.target in shared
        for word in (edit.scope or "").split()
    )


def _elsewhere(a: Sequence[Edit], b: Sequence[Edit]) -> bool:
    """Whether one value is given to two known things: UNEMBEDDING_LR 0.03 is not EMBEDDING_LR 0.03."""
    mine, theirs = _settings(a), _settings(b)
    return any(
        mine[value] not in theirs.values() and theirs[value] not in mine.values()
        for value in mine.keys() & theirs.keys()
    )


def _settings(edits: Sequence[Edit]) -> dict[str, str]:
    """The known targets by the values that they are set to, as they stand in keys: 0.09999999999999999 is 0.1."""
    return {number_text(edit.to): edit.target for edit in edits if edit.to is not None and is_name(edit.target)}


def _edited(a: Sequence[Edit], b: Sequence[Edit]) -> tuple[float, float, float]:
    """The traits of two texts' edits: one state reached by both, one target, another knob first."""
    shared = {edit.target for edit in a} & {edit.target for edit in b}
    states = {edit.key for edit in b} if shared else ()
    same_state = any(edit.to is not None and edit.key in states for edit in a)
    other = bool(a and b) and a[0].target != b[0].target and a[0].target.isupper() and b[0].target.isupper()
    return float(same_state), float(bool(shared)), float(other)


def _turned(a: Sequence[Edit], b: Sequence[Edit]) -> bool:
    """Whether the two go opposite ways: up against down, added against removed."""
    if not a or not b:
        return False
    mine, theirs = a[0], b[0]
    opposite = mine.direction and theirs.direction and mine.direction != theirs.direction
    return bool(opposite) or (mine.op == "remove") != (theirs.op == "remove")
