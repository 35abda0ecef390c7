"""Vocabulary compiled for reading: which run of words names which knob, concept or part.

Built on the first idea that is parsed, so that importing costs nothing: the aliases are filed by their first word, and
taken apart only when a text has that word.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from memorylab.core import concepts, terms, vocabulary, wording
from memorylab.core.aliases import Place, after, first_words, key, may_end
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


Name = tuple[str, str]  # the kind of a term and its name
Line = tuple[str, str, list[str]]  # the kind, the name and its aliases


class Lexicon(NamedTuple):
    """The tables as they are looked up."""

    lines: dict[str | float, list[Line]]  # the lines of the tables in which an alias starts with the word
    slot: dict[str, str]
    families: dict[str, str]
    interacting: dict[str, frozenset[str]]
    weak: frozenset[str]
    places: frozenset[str]  # words that say which part of the model is meant
    names: frozenset[str]  # of knobs and concepts, as they stand among an idea's words


def spelled(name: str) -> str:
    """A name of the vocabulary as one lower-case word."""
    return name.lower().replace(" ", "_")


def _all_lines() -> list[Line]:
    """The lines of all tables, in the order in which they claim an alias; a name is an alias of itself."""
    return [
        (kind, name, [*rest.split(", "), name.lower().replace("_", " ").replace("-", " ")])
        for kind, text in (
            ("composable", terms.COMPOSABLE),
            ("knob", terms.KNOBS),
            ("concept", terms.CONCEPTS),
            ("part", terms.PARTS),
        )
        for name, rest in _lines(text)
    ]


def _filed(lines: list[Line]) -> dict[str | float, list[Line]]:
    """Lines of the tables by the first tokens of their aliases."""
    filed: dict[str | float, list[Line]] = {}
    for line in lines:
        words = {alias.partition(" ")[0] for alias in line[2] if alias[0] != "("}
        for alias in line[2]:
            if alias[0] == "(":
                words.update(first_words(alias))
        for word in words:
            if word in filed:
                filed[word].append(line)
            else:
                filed[word] = [line]
    for restated in [str(word) for word in filed if _restated(str(word))]:
        moved = filed.pop(restated)
        filed.setdefault(key(restated)[0], []).extend(moved)
    return filed


def _restated(word: str) -> bool:
    """Whether a text's token for the word is another than the word."""
    return word[-1] == "s" or word in NUMBER_WORDS or not word.isalpha()


@lru_cache(maxsize=8192)
def _begun(first: str | float) -> tuple[tuple[Name, Place], ...]:
    """The names that start with a word, with the place after it in their aliases."""
    return tuple(
        ((kind, name), place)
        for kind, name, aliases in lexicon().lines.get(first, ())
        for alias in aliases
        for place in after(alias, first)
    )


@lru_cache(maxsize=4096)
def _term(names: tuple[Name, ...]) -> Term:
    """What names mean together; of two knobs with one alias the first has it."""
    kinds: dict[str, str] = {}
    for kind, name in names:
        kinds.setdefault("knob" if kind == "composable" else kind, name)
    knob = kinds.get("knob", "")
    return Term(knob, ("composable", knob) in names, kinds.get("concept", ""), kinds.get("part", ""))


def table(text: str) -> dict[str, list[str]]:
    """The names and aliases of a vocabulary table."""
    return {name: rest.split(", ") for name, rest in _lines(text)}


def _lines(text: str) -> list[tuple[str, str]]:
    lines = text.replace("|\n    ", "|").replace("\n    ", " ").split("\n")
    return [(name, rest) for name, _, rest in [line.partition(": ") for line in lines] if name]


def listed(text: str) -> list[str]:
    """The items of a comma-separated list that may run over several lines."""
    return text.replace("\n", " ").strip(" ,").split(", ")


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The one compiled lexicon."""
    lines = _all_lines()
    interacting: dict[str, set[str]] = {}
    for line in concepts.INTERACTIONS.strip().replace("\n    ", " ").splitlines():
        group = listed(line)
        for name in group:
            interacting.setdefault(name, set()).update(group)
    return Lexicon(
        lines=_filed(lines),
        slot={name: slot for slot, names in table(concepts.SLOTS).items() for name in names},
        families={name: family for family, names in table(concepts.FAMILIES).items() for name in names},
        interacting={name: frozenset(group) for name, group in interacting.items()},
        weak=frozenset(listed(concepts.WEAK)),
        places=frozenset(name.lower() for kind, name, _ in lines if kind == "part")
        | frozenset(map(content, wording.PLACES)),
        names=frozenset(spelled(name) for kind, name, _ in lines if kind != "part"),
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
    places: Sequence[tuple[Name, Place]] = _begun(found[at][1])
    best: tuple[int, Term] | None = None
    end = at + 1
    while places:
        names = [name for name, (words, rest) in places if not words and may_end(rest)]
        if names:
            best = end - at, _term(tuple(names))
        if end == len(found):
            break
        places = _onward(places, found[end][1])
        end += 1
    return best


def _onward(places: Sequence[tuple[Name, Place]], word: str | float) -> list[tuple[Name, Place]]:
    onward: list[tuple[Name, Place]] = []
    for name, (words, rest) in places:
        if not words:
            onward.extend([(name, place) for place in after(rest, word)] if rest else ())
        elif words[0] == word:
            onward.append((name, (words[1:], rest)))
    return onward


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
    if word in lexicon().lines or stem(letters) not in lexicon().lines:
        return None
    return stem(letters), float(word[len(letters) :])


def content(word: str) -> str:
    """The form in which an unknown word is compared."""
    form = root(word)
    return wording.SYNONYMS.get(form, form)
