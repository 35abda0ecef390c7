"""Reads what an address asks for: every state of a page is its address, and an address may say anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote, urlencode

from memorylab.errors import InputError, UsageError
from memorylab.index.pages import Filter
from memorylab.lab.browsing import MOST, SORTS, Sort
from memorylab.records import ENDINGS, MODES, finite, texts
from memorylab.records import text as plain
from memorylab.tuples import NamedTuple

LONGEST = 500
WORDS = 2_000
"""Characters of a description or a hypothesis."""
TAGS, TAG = 50, 100
"""How many tags an idea may have, and the characters of each."""
PATCH, LINES = 64_000, 1_000
"""Characters and lines of a patch: one that doesn't fit the code here is read statement by statement."""
_TIME = r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\dZ?)?)?)?)?)?"
FILTERS = ("q", "status", "family", "tag", "commit", "since", "until", "knob", "direction", "error", "arena")


class TooLong(UsageError):
    """What was sent is longer than what is worth reading."""

    def __init__(self, what: str, most: str, hint: str = "shorten it") -> None:
        super().__init__(f"{what} is longer than {most}", hint)


class Asked(NamedTuple):
    """An idea as a request words it."""

    description: str
    tags: list[str]
    family: str
    hypothesis: str
    patch: str


class Listing(NamedTuple):
    """A page of runs as its address names it."""

    wanted: Filter
    sort: Sort
    after: str
    before: str
    limit: int


def text(params: Mapping[str, str], name: str, longest: int = LONGEST) -> str:
    """One parameter, empty where it isn't given.

    Raises:
        UsageError: it is longer than anything that could be found.

    """
    value = params.get(name, "").strip()
    if len(value) > longest:
        raise UsageError(f"{name} is longer than {longest} characters", "shorten it")
    return value


def choice(params: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    """One of several words, empty where none is given.

    Raises:
        UsageError: it is another one.

    """
    value = text(params, name)
    if value and value not in known:
        raise UsageError(f"{name} can't be {value[:40]!r}", f"it is one of {', '.join(known)}")
    return value


def whole(params: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    """A whole number within bounds, None where none is given.

    Raises:
        UsageError: it is none, or outside.

    """
    value = text(params, name)
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", value) or not low <= int(value) <= high:
        raise UsageError(f"{name} can't be {value[:40]!r}", f"it is a number from {low} to {high}")
    return int(value)


def hours(params: Mapping[str, str]) -> float | None:
    """The hours that a report covers; None for all.

    Raises:
        UsageError: it is no number of hours.

    """
    value = text(params, "hours")
    number = finite(value) if value else None
    if value and (number is None or not 0 < number <= 1e6):
        raise UsageError(f"hours can't be {value[:40]!r}", "it is a number above 0; leave it out for all runs")
    return number


def listing(params: Mapping[str, str]) -> Listing:
    """A page of runs.

    Raises:
        UsageError: a parameter can't be what it is.

    """
    wanted = Filter(
        words=text(params, "q"),
        status=choice(params, "status", ENDINGS),
        family=text(params, "family"),
        tag=text(params, "tag"),
        commit=text(params, "commit"),
        since=_time(params, "since"),
        until=_time(params, "until"),
        knob=text(params, "knob"),
        direction=choice(params, "direction", ("up", "down")),
        error=text(params, "error"),
        arena=whole(params, "arena", 1, 10**9),
    )
    sort = cast(Sort, choice(params, "sort", SORTS) or "newest")
    limit = whole(params, "limit", 1, MOST) or 50
    return Listing(wanted, sort, text(params, "after", 60), text(params, "before", 60), limit)


def mode(params: Mapping[str, str]) -> str | None:
    """The guard's mode; None for the workspace's own.

    Raises:
        UsageError: there is no such mode.

    """
    return choice(params, "mode", MODES) or None


def idea(params: Mapping[str, Any]) -> Asked:
    """The idea that is to be checked; empty where none is given.

    Raises:
        TooLong: it is longer than an idea is.
        InputError: the patch is no text.

    """
    told = {name: plain(params.get(name)) for name in ("description", "family", "hypothesis")}
    for name, most in (("description", WORDS), ("family", TAG), ("hypothesis", WORDS)):
        if len(told[name]) > most:
            raise TooLong(name, f"{most:,} characters")
    tags, patch = texts(params.get("tags")), params.get("patch") or ""
    if not isinstance(patch, str):
        raise InputError("patch is no text", "give a unified diff of the files that experiments change")
    if len(tags) > TAGS:
        raise TooLong("the list of tags", f"{TAGS} tags")
    if any(len(tag) > TAG for tag in tags):
        raise TooLong("a tag", f"{TAG} characters")
    for size, most, unit in ((len(patch), PATCH, "characters"), (len(patch.splitlines()), LINES, "lines")):
        if size > most:
            raise TooLong("the patch", f"{most:,} {unit}", "`memorylab check --diff` reads longer ones")
    return Asked(told["description"].strip(), tags, told["family"].strip(), told["hypothesis"].strip(), patch)


def address(path: str, **params: object) -> str:
    """A path with its parameters; empty ones are left out."""
    given = {name: str(value) for name, value in params.items() if value not in (None, "")}
    encoded = urlencode(given, errors="replace", quote_via=quote)
    return f"{path}?{encoded}" if encoded else path


def _time(params: Mapping[str, str], name: str) -> str:
    value = text(params, name, 40).replace(" ", "T")
    if value and not _is_time(value):
        raise UsageError(f"{name} can't be {value[:40]!r}", "write a date such as 2026-01-31, with a time if you like")
    return value


def _is_time(value: str) -> bool:
    """Whether it is the beginning of a moment that the calendar has."""
    if not re.fullmatch(_TIME, value, re.ASCII):
        return False
    try:
        datetime.fromisoformat(value + "2000-01-01T00:00:00Z"[len(value) :])
    except ValueError:
        return False
    return True
