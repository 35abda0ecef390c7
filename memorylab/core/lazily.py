"""Patterns that are compiled when they are first used: most logs need few of them, and compiling all takes 50 ms."""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazily:
    def __init__(self, text: str, flags: int) -> None:
        self._told = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._told), name)
        setattr(self, name, found)
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """The compiled pattern, as soon as somebody asks it something.

    >>> pattern("b+").search("abbc")[0]
    'bb'
    """
    return cast("re.Pattern[str]", _Lazily(text, flags))
