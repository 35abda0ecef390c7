"""The tables of terms as they are written: their lines, and the aliases that begin with a word.

They are searched as text: filing every alias by its first word would take longer than most commands.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from memorylab.core.reading import terms
from memorylab.core.reading.aliases import State, start
from memorylab.core.reading.tokens import NUMBER_WORDS

Line = tuple[str, str, str]  # the kind, the name and its aliases

_COUNTABLE = 1000
"""Names begin with no number beyond it and with no fraction; a ledger is full of those: each would be looked for."""


@lru_cache(maxsize=1)
def lines() -> list[Line]:
    """The lines of all tables, in the order in which they claim an alias; a name is an alias of itself."""
    return [
        (kind, name, f"{rest}, {name.lower().replace('_', ' ').replace('-', ' ')}")
        for kind, text in (
            ("composable", terms.COMPOSABLE),
            ("knob", terms.KNOBS),
            ("concept", terms.CONCEPTS),
            ("part", terms.PARTS),
        )
        for name, rest in _named(text)
    ]


@lru_cache(maxsize=1)
def _written() -> tuple[str, list[int]]:
    """All lines as one text with a comma before each alias, and where in it each line ends."""
    written = [f", {rest}\n" for _, _, rest in lines()]
    return "".join(written), list(accumulate(map(len, written)))


@lru_cache(maxsize=8192)
def after(first: str | float) -> tuple[State, ...]:
    """Where a text stands in the tables' aliases after their first word."""
    return tuple(states(first))


def states(first: str | float) -> Iterator[State]:
    """The same one by one."""
    text, _ = _written()
    for at in sorted({at for sign in _signs(first) for at in _aliases(text, sign)}):
        yield from _behind(first, at)


@lru_cache(maxsize=8192)
def begins(first: str | float) -> bool:
    """Whether any alias has this as its first word: mostly the first that looks so does."""
    text, _ = _written()
    return any(_behind(first, at) for sign in _signs(first) for at in _aliases(text, sign))


def _signs(first: str | float) -> list[str]:
    """How a first word may be written in the tables."""
    if isinstance(first, str):  # "boundary" is "boundaries" in an alias
        return [first, f"{first[:-1]}ies"] if first[-1] == "y" else [first]
    if first % 1 or not 0 <= first <= _COUNTABLE:
        return []
    return [f"{first:g}", *(word for word, number in NUMBER_WORDS.items() if number == first)]


def _behind(first: str | float, at: int) -> Sequence[State]:
    """Where a text stands in the alias that begins there, after its first word."""
    text, ends = _written()
    kind, name, _ = lines()[bisect_right(ends, at)]
    return start(text[at : _end(text, at)], (kind, name)).ahead.get(first, ())


def _aliases(text: str, sign: str) -> Iterator[int]:
    """Where the aliases begin that may have `sign` as their first word, or as its beginning."""
    at = text.find(sign)
    while at > 0:
        before, behind = text[at - 2 : at], text[at + len(sign)]
        starts = before == ", " or before[1] in "(|" or (before == ") " and text[at - 3] == "|")
        if starts and (behind in "se" or not behind.isalpha() or sign[0] < "a"):
            yield at if before == ", " else text.rfind(", ", 0, at) + 2
        at = text.find(sign, at + 1)


def _end(text: str, at: int) -> int:
    """Where the alias that begins there ends."""
    line = text.index("\n", at)
    comma = text.find(", ", at, line)
    return comma if comma > 0 else line


def table(text: str) -> dict[str, list[str]]:
    """The names and aliases of a vocabulary table."""
    return {name: rest.split(", ") for name, rest in _named(text)}


def _named(text: str) -> list[tuple[str, str]]:
    written = text.replace("|\n    ", "|").replace("\n    ", " ").split("\n")
    return [(name, rest) for name, _, rest in [line.partition(": ") for line in written] if name]


def listed(text: str) -> list[str]:
    """The items of a comma-separated list that may run over several lines."""
    return text.replace("\n", " ").strip(" ,").split(", ")
