"""Aliases with choices, followed word by word: "(lr|learning rate) (floor|minimum|)" stands for six runs of words.

Choices are never spread out: two thousand lines of a table stand for sixty thousand runs of words.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from memorylab.core.tokens import NUMBER_WORDS, stem, tokens

Key = tuple[str | float, ...]  # words as the values of their tokens
Name = tuple[str, str]  # the kind of a term and its name


class State(NamedTuple):
    """A place within aliases: where each next word leads, and what is named when none follows."""

    ahead: dict[str | float, list[State]]
    named: list[Name]


@lru_cache(maxsize=16384)
def key(text: str) -> Key:
    """A run of words as the values of its tokens."""
    words = text.split()
    for word in words:
        if word in NUMBER_WORDS or not word[0].isalpha():
            return tuple(value for _, value in tokens(text))
    return tuple(map(stem, words))


def first_words(alias: str) -> list[str]:
    """The words that an alias may start with, and some more of its first choice: finding them must cost little."""
    if alias[0] != "(":
        return [alias.partition(" ")[0]]
    choice, _, rest = alias.partition(")")
    words = choice[1:].replace("|", " ").split(" ")
    return words if words[-1] else words[:-1] + first_words(rest[1:])


def may_start(alias: str, sign: str) -> bool:
    """Whether an alias may start with a word that has these letters: a cheap test before an alias is taken apart."""
    if alias[0] != "(":
        return alias.startswith(sign)
    choice = alias.partition(")")[0]
    return sign in (alias if choice[-1] == "|" else choice)


@lru_cache(maxsize=16384)
def start(alias: str, name: Name) -> State:
    """The state before the first word of an alias."""
    state = State({}, [name])
    for choice in reversed(_choices(alias)):
        before = State({}, [])
        for option in choice:
            if not option:
                before.named.extend(state.named)
                for word, states in state.ahead.items():
                    before.ahead.setdefault(word, []).extend(states)
                continue
            then = state
            for word in reversed(option[1:]):
                then = State({word: [then]}, [])
            before.ahead.setdefault(option[0], []).append(then)
        state = before
    return state


def _choices(alias: str) -> list[list[Key]]:
    """The parts of an alias in order, each as its options."""
    found: list[list[Key]] = []
    for part in alias.split("("):
        choice, closed, rest = part.partition(")")
        if closed:
            found.append([key(option) for option in choice.split("|")])
        else:
            rest = part
        if rest.strip():
            found.append([key(rest)])
    return found
