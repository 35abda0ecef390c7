"""Vocabulary compiled for reading: which run of words names which knob, concept or part.

Built once, on the first idea that is parsed, so that importing costs nothing (2 ms for about 900 names).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from . import vocabulary, wording
from .tokens import Token, root, stem, tokens


class Term(NamedTuple):
    """What a run of words may name; a name can be several things, and the clause around it decides."""

    knob: str = ""
    composable: bool = False
    concept: str = ""
    part: str = ""


class Lexicon(NamedTuple):
    """The compiled tables: aliases by their first word, longest first."""

    terms: dict[str | float, list[tuple[tuple[str | float, ...], Term]]]
    slot: dict[str, str]
    families: dict[str, str]
    interacting: dict[str, frozenset[str]]


def _alias(text: str) -> tuple[str | float, ...]:
    return tuple(value for _, value in tokens(text))


def _collect(found: dict[tuple[str | float, ...], Term], table: dict[str, str], kind: str) -> None:
    for name, aliases in table.items():
        for text in (*aliases.split(","), name.lower().replace("_", " ").replace("-", " ")):
            key = _alias(text)
            if not key:
                continue
            old = found.get(key, Term())
            if kind == "part":
                found[key] = old._replace(part=name)
            elif kind == "concept":
                found[key] = old._replace(concept=name)
            elif not old.knob:
                found[key] = old._replace(knob=name, composable=kind == "composable")


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The one compiled lexicon."""
    found: dict[tuple[str | float, ...], Term] = {}
    _collect(found, vocabulary.COMPOSABLE, "composable")
    _collect(found, vocabulary.KNOBS, "knob")
    _collect(found, vocabulary.CONCEPTS, "concept")
    _collect(found, vocabulary.PARTS, "part")
    terms: dict[str | float, list[tuple[tuple[str | float, ...], Term]]] = {}
    for key, term in found.items():
        terms.setdefault(key[0], []).append((key, term))
    for choices in terms.values():
        choices.sort(key=lambda choice: -len(choice[0]))
    slot = {name.strip(): slot for slot, names in vocabulary.SLOTS.items() for name in names.split(",")}
    families = {name.replace("_", " ") if name.islower() else name: family
                for family, names in wording.FAMILIES.items() for name in names.split()}  # fmt: skip
    interacting: dict[str, set[str]] = {}
    for group in wording.INTERACTIONS:
        names = {name.replace("_", " ") if name.islower() else name for name in group.split()}
        for name in names:
            interacting.setdefault(name, set()).update(names)
    return Lexicon(terms, slot, families, {name: frozenset(group) for name, group in interacting.items()})


@lru_cache(maxsize=1)
def term_names() -> frozenset[str]:
    """The names of knobs and concepts as they appear among an idea's words; they tell more than an unknown word."""
    return frozenset(name.lower() for table in (vocabulary.COMPOSABLE, vocabulary.KNOBS, vocabulary.CONCEPTS) for name in table)


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
