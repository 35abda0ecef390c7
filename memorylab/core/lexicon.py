"""Vocabulary compiled for reading: which run of words names which knob, concept or part.

Built once, on the first idea that is parsed, so that importing costs nothing (4 ms for 1,500 aliases).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from memorylab.core import concepts, vocabulary, wording
from memorylab.core.tokens import NUMBER_WORDS, Token, root, stem, tokens


class Term(NamedTuple):
    """What a run of words may name; a name can be several things, and the clause around it decides."""

    knob: str = ""
    composable: bool = False
    concept: str = ""
    part: str = ""

    @property
    def word(self) -> str:
        """The name as it stands among an idea's words: one word, "cuda_graph"."""
        return spelled(self.concept or self.knob or self.part)


class Lexicon(NamedTuple):
    """The compiled tables: aliases by their first word, longest first."""

    terms: dict[str | float, list[tuple[tuple[str | float, ...], Term]]]
    slot: dict[str, str]
    families: dict[str, str]
    interacting: dict[str, frozenset[str]]
    weak: frozenset[str]
    places: frozenset[str]  # words that say which part of the model is meant
    names: frozenset[str]  # of knobs and concepts, as they stand among an idea's words


def spelled(name: str) -> str:
    """A name of the vocabulary as one lower-case word."""
    return name.lower().replace(" ", "_")


def _alias(text: str) -> tuple[str | float, ...]:
    words = text.split()
    for word in words:
        if word in NUMBER_WORDS or word[0].isdigit():
            return tuple(value for _, value in tokens(text))
    return tuple(map(stem, words))


def _collect(found: dict[tuple[str | float, ...], dict[str, Any]], text: str, field: str, **more: bool) -> None:
    """Add the names of a table to the terms; where two knobs claim an alias, the first keeps it."""
    for name, aliases in table(text).items():
        for alias in (*aliases, name.lower().replace("_", " ").replace("-", " ")):
            fields = found.setdefault(_alias(alias), {})
            if field not in fields:
                fields[field] = name
                fields.update(more)


def table(text: str) -> dict[str, list[str]]:
    """The names and aliases of a vocabulary table."""
    lines = text.strip().replace("\n    ", " ").splitlines()
    return {name: listed(rest) for name, _, rest in (line.partition(": ") for line in lines)}


def listed(text: str) -> list[str]:
    """The items of a comma-separated list that may run over several lines."""
    return text.replace("\n", " ").strip(" ,").split(", ")


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The one compiled lexicon."""
    found: dict[tuple[str | float, ...], dict[str, Any]] = {}
    _collect(found, vocabulary.COMPOSABLE, "knob", composable=True)
    _collect(found, vocabulary.KNOBS, "knob")
    _collect(found, concepts.CONCEPTS, "concept")
    _collect(found, vocabulary.PARTS, "part")
    terms: dict[str | float, list[tuple[tuple[str | float, ...], Term]]] = {}
    for key, fields in found.items():
        terms.setdefault(key[0], []).append((key, Term(**fields)))
    for choices in terms.values():
        choices.sort(key=lambda choice: -len(choice[0]))
    interacting: dict[str, set[str]] = {}
    for line in concepts.INTERACTIONS.strip().replace("\n    ", " ").splitlines():
        group = listed(line)
        for name in group:
            interacting.setdefault(name, set()).update(group)
    return Lexicon(
        terms=terms,
        slot={name: slot for slot, names in table(concepts.SLOTS).items() for name in names},
        families={name: family for family, names in table(concepts.FAMILIES).items() for name in names},
        interacting={name: frozenset(group) for name, group in interacting.items()},
        weak=frozenset(listed(concepts.WEAK)),
        places=frozenset(map(str.lower, table(vocabulary.PARTS))) | frozenset(map(content, wording.PLACES)),
        names=frozenset(
            spelled(fields[kind]) for fields in found.values() for kind in ("knob", "concept") if kind in fields
        ),
    )


def compose(part: str, knob: str) -> str:
    """The target's name for a composable knob on a part: ("EMBEDDING", "LR") is EMBEDDING_LR."""
    named = vocabulary.COMPOSED.get((part, knob))
    if named:
        return named
    suffix = vocabulary.SUFFIXES.get(knob, knob)
    return f"{part}_{suffix}" if part else knob


def longest(found: Sequence[Token], at: int) -> tuple[int, Term] | None:
    """The longest known name that starts at token `at`, with its length in tokens."""
    choices = lexicon().terms.get(found[at][1])
    if not choices:
        return None
    left = len(found) - at
    for key, term in choices:
        if len(key) <= left and all(found[at + j][1] == part for j, part in enumerate(key)):
            return len(key), term
    return None


@lru_cache(maxsize=8192)
def identifier(name: str) -> tuple[Token, ...]:
    """An identifier with underscores as its words where the lexicon knows all of it, else as one knob of its own."""
    parts: list[Token] = []
    for piece in name.split("_"):
        parts.extend(tokens(piece) if piece else ())
    at = 0
    known: list[Term] = []
    while at < len(parts):
        hit = longest(parts, at) if parts[at][0] == "w" else None
        if hit is None:
            return (("k", name.upper()),)
        known.append(hit[1])
        at += hit[0]
    single = len(known) == 1
    composed = len(known) == 2 and bool(known[0].part) and known[1].composable
    return tuple(parts) if single or composed else (("k", name.upper()),)


@lru_cache(maxsize=32768)
def split_glued(word: str) -> tuple[str, float] | None:
    """ "warmdown200" as ("warmdown", 200.0) where the letters name a knob or concept; None otherwise."""
    letters = word.rstrip("0123456789")
    if letters == word or len(letters) < 2:
        return None
    if word in lexicon().terms or stem(letters) not in lexicon().terms:
        return None
    return stem(letters), float(word[len(letters) :])


def content(word: str) -> str:
    """The form in which an unknown word is compared."""
    form = root(word)
    return wording.SYNONYMS.get(form, form)
