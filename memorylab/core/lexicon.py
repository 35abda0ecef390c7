"""Vocabulary compiled for reading: which run of words names which knob, concept or part.

Built once, on the first idea that is parsed, so that importing costs nothing (4 ms for 1,500 aliases). What a workspace
adds to it is a `Dialect`; one is in force at a time, because a hundred places read words and all must read alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from memorylab.core import concepts, vocabulary, wording
from memorylab.core.tokens import NUMBER_WORDS, Token, root, stem, tokens

Key = tuple[str | float, ...]

FILLERS = frozenset(("a", "an", "the", "its", "our", "their", "this", "that", "transformer"))
"""Words that fall away before names are looked for."""


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

    terms: dict[str | float, list[tuple[Key, Term]]]
    slot: dict[str, str]
    families: dict[str, str]
    interacting: dict[str, frozenset[str]]
    weak: frozenset[str]
    places: frozenset[str]  # words that say which part of the model is meant
    names: frozenset[str]  # of knobs and concepts, as they stand among an idea's words
    singles: dict[str, str]  # learnt knobs of one word, by its stem: read as such only in capitals or before a value


def spelled(name: str) -> str:
    """A name of the vocabulary as one lower-case word."""
    return name.lower().replace(" ", "_")


def _alias(text: str) -> Key:
    words = text.split()
    for word in words:
        if word in NUMBER_WORDS or word[0].isdigit():
            return tuple(value for _, value in tokens(text))
    return tuple(map(stem, words))


def _collect(found: dict[Key, dict[str, Any]], text: str, field: str, **more: bool) -> None:
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
def tables() -> Lexicon:
    """The built-in tables, compiled."""
    found: dict[Key, dict[str, Any]] = {}
    _collect(found, vocabulary.COMPOSABLE, "knob", composable=True)
    _collect(found, vocabulary.KNOBS, "knob")
    _collect(found, concepts.CONCEPTS, "concept")
    _collect(found, vocabulary.PARTS, "part")
    terms: dict[str | float, list[tuple[Key, Term]]] = {}
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
        singles={},
    )


class _InForce:
    """Which lexicon reads: the built-in one until somebody says `use`. The one mutable thing of this room."""

    def __init__(self) -> None:
        self.source: Callable[[], Lexicon] = tables
        self.compiled: Lexicon | None = None
        self.generation = 0


_in_force = _InForce()


def lexicon() -> Lexicon:
    """The lexicon in force."""
    if _in_force.compiled is None:
        _in_force.compiled = _in_force.source()
    return _in_force.compiled


def generation() -> int:
    """A number that changes whenever other words are in force; what is remembered of a reading depends on it."""
    return _in_force.generation


def use(source: Callable[[], Lexicon]) -> None:
    """Put a lexicon in force for all that is read from now on; it is asked for once, at the first word."""
    if source != _in_force.source:
        _in_force.source = source
        changed()


@contextmanager
def using(source: Callable[[], Lexicon]) -> Iterator[None]:
    """The same for a while."""
    before = _in_force.source
    use(source)
    try:
        yield
    finally:
        use(before)


def changed() -> None:
    """Forget what was read with other words."""
    _in_force.compiled = None
    _in_force.generation += 1
    identifier.cache_clear()
    split_glued.cache_clear()


def extended(base: Lexicon, added: Iterable[tuple[Key, Term]], *, replace: bool = False) -> Lexicon:
    """The lexicon with more terms; a known run of words keeps its meaning unless `replace`."""
    terms, names = dict(base.terms), set(base.names)
    for key, term in added:
        known = terms.get(key[0], [])
        there = any(other == key for other, _ in known)
        if replace or not there:
            rest = [choice for choice in known if choice[0] != key]
            terms[key[0]] = sorted([*rest, (key, term)], key=lambda choice: -len(choice[0]))
            names.add(term.word)
    return base._replace(terms=terms, names=frozenset(names))


def compose(part: str, knob: str) -> str:
    """The target's name for a composable knob on a part: ("EMBEDDING", "LR") is EMBEDDING_LR."""
    named = vocabulary.COMPOSED.get((part, knob))
    if named:
        return named
    suffix = vocabulary.SUFFIXES.get(knob, knob)
    return f"{part}_{suffix}" if part else knob


def longest(found: Sequence[Token], at: int, words: Lexicon | None = None) -> tuple[int, Term] | None:
    """The longest known name that starts at token `at`, with its length in tokens."""
    choices = (words or lexicon()).terms.get(found[at][1])
    if not choices:
        return None
    left = len(found) - at
    for key, term in choices:
        if len(key) <= left and all(found[at + j][1] == part for j, part in enumerate(key)):
            return len(key), term
    return None


def pieces(name: str) -> list[Token]:
    """The words of an identifier."""
    return [token for piece in name.split("_") if piece for token in tokens(piece)]


def _terms_of(name: str) -> tuple[Term, ...]:
    """The terms that an identifier is made of where together they name one thing, else none."""
    parts = pieces(name)
    at = 0
    known: list[Term] = []
    while at < len(parts):
        hit = longest(parts, at) if parts[at][0] == "w" else None
        if hit is None:
            return ()
        known.append(hit[1])
        at += hit[0]
    single = len(known) == 1
    composed = len(known) == 2 and bool(known[0].part) and known[1].composable
    return tuple(known) if single or composed else ()


@lru_cache(maxsize=8192)
def identifier(name: str) -> tuple[Token, ...]:
    """An identifier with underscores as its words where the lexicon knows all of it, else as one knob of its own."""
    return tuple(pieces(name)) if _terms_of(name) else (("k", name.upper()),)


def target_of(name: str) -> str:
    """The target that an identifier names: "MUON_LR" is MATRIX_LR, one that no table knows is itself."""
    known = _terms_of(name)
    if len(known) == 2:
        return compose(known[0].part, known[1].knob)
    if not known or not known[0].knob:
        return name.upper()
    return compose("", known[0].knob) if known[0].composable else known[0].knob


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
