"""Aliases with choices, followed word by word: "(lr|learning rate) (floor|minimum|)" stands for six runs of words.

Choices are never spread out, since five thousand aliases stand for many times as many runs; what an alias says behind
its first word is looked at only when a text goes on with one of its words.
"""

from __future__ import annotations

from functools import lru_cache

from memorylab.core.tokens import NUMBER_WORDS, stem, tokens

Key = tuple[str | float, ...]  # words as the values of their tokens
Place = tuple[Key, str]  # within an alias: the words that must come next, and the part of the alias behind them


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


def after(alias: str, word: str | float) -> tuple[Place, ...]:
    """The places within an alias that its next word leads to."""
    sign = _sign(word)
    if alias[0] != "(":
        return _after(alias, word) if alias.startswith(sign) else ()
    choice = alias.partition(")")[0]
    return _after(alias, word) if sign in (alias if choice[-1] == "|" else choice) else ()


def _sign(word: str | float) -> str:
    """What an alias surely has of a word: a "boundary" is within "boundaries", a number may be spelled anyhow."""
    return (word[:-1] or word) if isinstance(word, str) else ""


@lru_cache(maxsize=32768)
def _after(alias: str, word: str | float) -> tuple[Place, ...]:
    if alias[0] == "(":
        choice, _, rest = alias[1:].partition(")")
        options = choice.split("|")
        rest = rest.lstrip()
    else:
        run, opened, rest = alias.partition(" (")
        options = [run]
        rest = f"({rest}" if opened else ""
    sign = _sign(word)
    found: list[Place] = []
    for option in options:
        if not option:
            found.extend(_after(rest, word) if rest else ())
        elif sign in option and (words := key(option))[0] == word:
            found.append((words[1:], rest))
    return tuple(found)


@lru_cache(maxsize=8192)
def may_end(rest: str) -> bool:
    """Whether an alias is complete without the rest of it."""
    if not rest:
        return True
    choice, _, rest = rest.partition(")")
    return choice[0] == "(" and choice[-1] == "|" and may_end(rest.lstrip())
