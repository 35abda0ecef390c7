"""Vocabulary compiled for reading: which run of words names which knob, concept or part.

Built on the first idea that is parsed, so that importing costs nothing: aliases are looked for, and taken apart, only
when a text has their first word. What a workspace adds to the tables is a `Dialect`; one is in force at a
time, because a hundred places read words and all must read alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from memorylab.core.reading import concepts, vocabulary, wording
from memorylab.core.reading.aliases import Key, Name, State
from memorylab.core.reading.lines import after, lines, listed, table
from memorylab.core.reading.tokens import Token, root
from memorylab.tuples import NamedTuple


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


F = TypeVar("F", bound=Callable[..., Any])

FILLERS = frozenset(("a", "an", "the", "its", "our", "their", "this", "that", "transformer"))
"""Words that fall away before names are looked for."""


class Lexicon(NamedTuple):
    """The tables as they are looked up."""

    slot: dict[str, str]
    families: dict[str, str]
    interacting: dict[str, frozenset[str]]
    weak: frozenset[str]
    places: frozenset[str]  # words that say which part of the model is meant
    names: frozenset[str]  # of knobs and concepts, as they stand among an idea's words
    declared: Mapping[Key, Term] = {}  # a user's own terms, which go before the tables
    learnt: Mapping[Key, Term] = {}  # knobs that files and ledger taught, which go behind them
    singles: Mapping[str, str] = {}  # learnt knobs of one word, by its stem: read only in capitals or before a value


class _InForce:
    """Which lexicon reads: the built-in one until somebody says `use`. The one mutable thing of this room."""

    def __init__(self) -> None:
        self.source: Callable[[], Lexicon] | None = None  # None is the tables
        self.compiled: Lexicon | None = None
        self.generation = 0
        self.forget: list[Callable[[], None]] = []


_in_force = _InForce()


def lexicon() -> Lexicon:
    """The lexicon in force."""
    if _in_force.compiled is None:
        _in_force.compiled = (_in_force.source or tables)()
    return _in_force.compiled


def generation() -> int:
    """A number that changes whenever other words are in force; what is remembered of a reading depends on it."""
    return _in_force.generation


def use(source: Callable[[], Lexicon] | None) -> None:
    """Put a lexicon in force for all that is read from now on; it is asked for once, at the first word."""
    if source != _in_force.source:
        _in_force.source = source
        changed()


@contextmanager
def using(source: Callable[[], Lexicon] | None) -> Iterator[None]:
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
    for forget in _in_force.forget:
        forget()


def remembered(size: int) -> Callable[[F], F]:
    """A cache of what was read with the words in force; other words begin it anew."""

    def keep(function: F) -> F:
        cached = lru_cache(maxsize=size)(function)
        _in_force.forget.append(cached.cache_clear)
        return cached  # type: ignore[return-value]

    return keep


def spelled(name: str) -> str:
    """A name of the vocabulary as one lower-case word."""
    return name.lower().replace(" ", "_")


def is_name(target: str) -> bool:
    """Whether a target is an identifier or a name of the vocabulary, and not made of a text's own words."""
    return target.isupper() or spelled(target) in lexicon().names


def in_tables(name: Key) -> bool:
    """Whether the tables have a name of exactly these tokens."""
    states: Sequence[State] = after(name[0])
    for word in name[1:]:
        states = [then for state in states for then in state.ahead.get(word, ())]
    return any(state.named for state in states)


@remembered(8192)
def _own(first: str | float) -> tuple[tuple[int, int, Key, Term], ...]:
    """The workspace's own names that start with a token, the longest first, each with its rank.

    1 stands before the tables, -1 behind them.
    """
    words = lexicon()
    found = [
        (len(name), rank, name, term)
        for rank, names in ((1, words.declared), (-1, words.learnt))
        for name, term in names.items()
        if name[0] == first
    ]
    return tuple(sorted(found, key=lambda one: one[:2], reverse=True))


@lru_cache(maxsize=4096)
def _term(names: tuple[Name, ...]) -> Term:
    """What names mean together; of two knobs with one alias the first has it."""
    kinds: dict[str, str] = {}
    for kind, name in names:
        kinds.setdefault("knob" if kind == "composable" else kind, name)
    knob = kinds.get("knob", "")
    return Term(knob, ("composable", knob) in names, kinds.get("concept", ""), kinds.get("part", ""))


@lru_cache(maxsize=1)
def tables() -> Lexicon:
    """The built-in tables."""
    interacting: dict[str, set[str]] = {}
    for line in concepts.INTERACTIONS.strip().replace("\n    ", " ").splitlines():
        group = listed(line)
        for name in group:
            interacting.setdefault(name, set()).update(group)
    return Lexicon(
        slot={name: slot for slot, names in table(concepts.SLOTS).items() for name in names},
        families={name: family for family, names in table(concepts.FAMILIES).items() for name in names},
        interacting={name: frozenset(group) for name, group in interacting.items()},
        weak=frozenset(listed(concepts.WEAK)),
        places=frozenset(name.lower() for kind, name, _ in lines() if kind == "part")
        | frozenset(map(content, wording.PLACES)),
        names=frozenset(spelled(name) for kind, name, _ in lines() if kind != "part"),
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
    best = _in_the_tables(found, at)
    for length, rank, name, term in _own(found[at][1]):
        if (length, rank) < (best[0] if best else 0, 0):
            break
        if tuple(value for _, value in found[at : at + length]) == name:
            return length, term
    return best


def _in_the_tables(found: Sequence[Token], at: int) -> tuple[int, Term] | None:
    states: Sequence[State] = after(found[at][1])
    best: tuple[int, list[Name]] | None = None
    end = at + 1
    while states:
        names = [name for state in states for name in state.named]
        if names:
            best = end - at, names
        if end == len(found):
            break
        word = found[end][1]
        states = [then for state in states for then in state.ahead.get(word, ())]
        end += 1
    return best and (best[0], _term(tuple(best[1])))


def content(word: str) -> str:
    """The form in which an unknown word is compared."""
    return root(word)


GENERIC = wording.GENERIC.union(map(content, wording.GENERIC))
"""Words of any experiment, as they stand among an idea's words."""
