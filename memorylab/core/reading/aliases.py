"""Aliases with choices, followed word by word: "(lr|learning rate) (floor|minimum|)" stands for six runs of words.

Choices are never spread out: two thousand lines of a table stand for sixty thousand runs of words.
"""

from __future__ import annotations

from functools import lru_cache

from memorylab.core.reading.tokens import NUMBER_WORDS, stem, tokens

Key = tuple[str | float, ...]  # words as the values of their tokens
Name = tuple[str, str]  # the kind of a term and its name


class State:
    """A place within an alias; the text behind it is taken apart when it is asked for, since most texts never are."""

    __slots__ = ("_ahead", "_name", "_named", "_rest")

    def __init__(self, rest: str, name: Name) -> None:
        self._rest = rest
        self._name = name
        self._ahead: dict[str | float, list[State]] | None = None
        self._named: list[Name] = []

    @property
    def ahead(self) -> dict[str | float, list[State]]:
        """Where each next word leads."""
        return self._ahead if self._ahead is not None else self._expand()

    @property
    def named(self) -> list[Name]:
        """What is named when no word follows."""
        if self._ahead is None:
            self._expand()
        return self._named

    def _expand(self) -> dict[str | float, list[State]]:
        ahead: dict[str | float, list[State]] = {}
        self._ahead = ahead
        if not self._rest:
            self._named = [self._name]
            return ahead
        options, behind = _choice(self._rest)
        then = State(behind, self._name)
        for option in options:
            if option:
                words = key(option)
                ahead.setdefault(words[0], []).append(_along(words[1:], then))
                continue
            self._named.extend(then.named)
            for word, states in then.ahead.items():
                ahead.setdefault(word, []).extend(states)
        return ahead


def _choice(rest: str) -> tuple[list[str], str]:
    """The options of an alias's next part, and the text behind it."""
    if rest[0] == "(":
        choice, _, behind = rest[1:].partition(")")
        return choice.split("|"), behind.strip()
    words, opens, behind = rest.partition("(")
    return [words], opens + behind


def _along(words: Key, then: State) -> State:
    """The state from which some words lead to another."""
    for word in reversed(words):
        before = State("", then._name)
        before._ahead = {word: [then]}
        then = before
    return then


def key(text: str) -> Key:
    """A run of words as the values of its tokens."""
    words = text.split()
    for word in words:
        if word in NUMBER_WORDS or not word[0].isalpha():
            return tuple(value for _, value in tokens(text))
    return tuple(map(stem, words))


@lru_cache(maxsize=16384)
def start(alias: str, name: Name) -> State:
    """The state before the first word of an alias."""
    return State(alias, name)
