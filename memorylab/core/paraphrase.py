"""Whether two texts say one experiment in other words, for what typed edits alone don't settle.

Typed edits read a text's grammar; this reads what the two texts have in common at all: the things named, the numbers,
and what one names that the other doesn't. Direction, value and scope veto, they are never outvoted by shared words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from memorylab.core.edits import Edit, number_text
from memorylab.core.lexicon import lexicon, spelled
from memorylab.core.wording import GENERIC


class Told(Protocol):
    """An idea or an earlier run: what its text was read as."""

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The typed edits."""

    @property
    def words(self) -> frozenset[str]:
        """The content words of the edit, without its context."""

    @property
    def said(self) -> frozenset[str]:
        """All that the text names, its context included; numbers as "#0.05"."""


class Traits(NamedTuple):
    """What two texts have in common and what sets them apart, each as a number that grows with it."""

    covered: float
    uncovered: float
    shared_numbers: float
    own_numbers: float
    spare_numbers: float
    own_names: float
    same_state: float
    extra_edits: float
    turned: float
    places: float


def weight(words: frozenset[str]) -> float:
    """How much some words say together: names of known things double, words of any experiment a third."""
    names = lexicon().names
    return sum(0.35 if word in GENERIC else 2.0 if word in names else 1.0 for word in words)


def traits(a: Told, b: Told) -> Traits:
    """Hold two texts against each other; the order of the two makes no difference."""
    numbers_a, numbers_b = _numbers(a.said), _numbers(b.said)
    words_a, words_b = a.said - numbers_a, b.said - numbers_b
    cover_a, cover_b = covered(a.words, words_b), covered(b.words, words_a)
    names = lexicon().names - GENERIC
    own_a, own_b = (a.words & names) - words_b, (b.words & names) - words_a
    alone_a, alone_b = len(numbers_a - numbers_b), len(numbers_b - numbers_a)
    return Traits(
        covered=max(cover_a, cover_b),
        uncovered=1 - min(cover_a, cover_b),
        shared_numbers=min(3.0, len(numbers_a & numbers_b)),
        own_numbers=min(3.0, min(alone_a, alone_b)),
        spare_numbers=min(3.0, max(alone_a, alone_b)),
        own_names=float(bool(own_a) and bool(own_b)),
        same_state=float(bool({e.key for e in a.edits if e.to is not None} & {e.key for e in b.edits})),
        extra_edits=min(3.0, len(unsaid(a.edits, b)) + len(unsaid(b.edits, a))),
        turned=float(_turned(a.edits, b.edits)),
        places=float(bool((a.said ^ b.said) & lexicon().places)),
    )


def unsaid(edits: Sequence[Edit], other: Told) -> list[Edit]:
    """The edits that the other text doesn't speak of: neither the target nor the value."""
    targets = {edit.target for edit in other.edits}
    out = []
    for edit in edits:
        value = f"#{number_text(edit.to)}" if edit.to is not None else ""
        if edit.target not in targets and spelled(edit.target) not in other.said and value not in other.said:
            out.append(edit)
    return out


def _numbers(said: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in said if word[0] == "#")


def covered(words: frozenset[str], other: frozenset[str]) -> float:
    """The share of what some words say that the other text says as well."""
    whole = weight(words)
    return weight(words & other) / whole if whole else 0.0


def _turned(a: Sequence[Edit], b: Sequence[Edit]) -> bool:
    """Whether the two go opposite ways: up against down, added against removed."""
    if not a or not b:
        return False
    mine, theirs = a[0], b[0]
    opposite = mine.direction and theirs.direction and mine.direction != theirs.direction
    return bool(opposite) or (mine.op == "remove") != (theirs.op == "remove")


def probability(found: Traits) -> float:
    """How likely two texts with these traits say the same experiment."""
    return 1 / (1 + math.exp(-INTERCEPT - sum(c * x for c, x in zip(COEFFICIENTS, found, strict=True))))


INTERCEPT = -0.74
COEFFICIENTS = Traits(0.0, 0.0, 0.46, -1.99, -0.75, -0.93, 0.0, -0.55, -0.19, 0.0)
"""Fitted on labelled pairs of descriptions (`docs/guard.md`)."""
