"""Ties each row that MemoryLab appends to the row before it, so that a row of other origin, or a gap, shows.

A row's last field is `chain`: twelve hexadecimal digits that name the row before it (the start of the SHA-256 of its
stored text; of nothing for the first), and twelve that seal this row (the same of those twelve, a newline, and the
row's stored text without this field). Lines that hold no row are no links: to set one aside breaks nothing.

Who computes this as it is done here can append what it likes: the chain tells what was done in passing, not what was
forged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorylab.tuples import NamedTuple

FIELD = "chain"
_DIGITS = 12
ROOM = len(f',"{FIELD}":""') + 2 * _DIGITS
"""Bytes that the field takes."""
_MARK = f'"{FIELD}":"'.encode()
_HEXADECIMAL = frozenset("0123456789abcdef")


class Link(NamedTuple):
    """What a row's chain field says."""

    before: str
    """Names the row behind which it was appended."""
    own: str
    """Names the row itself."""
    whole: bool
    """The row is as it was appended."""


class Broken(NamedTuple):
    """A row at which the chain is broken."""

    line: int
    own: str
    changed: bool
    """The row itself isn't as it was appended; else it is one before it that was changed or removed."""


class Chain:
    """Follows a ledger's chain from its beginning, and keeps where it is broken."""

    def __init__(self) -> None:
        self.broken: list[Broken] = []
        self.foreign: list[tuple[int, str]] = []
        """Lines and names of the runs that something else appended after the chain had begun."""
        self.known: set[str] = set()
        """Where it is broken as far as a repair took note of it."""
        self._begun = False
        self._last = b""
        self._explained = False
        """Something is wrong with the line before that was told already."""

    def add(self, number: int, row: Mapping[str, Any] | None, line: bytes) -> None:
        """Go on with the next line and the row that it holds, if any."""
        if row is None:
            self._explained = True
            return
        link = read(line)
        if link is not None and not link.whole:
            self.broken.append(Broken(number, link.own, True))
        elif link is not None and link.before != name_of(self._last) and not self._explained:
            self.broken.append(Broken(number, link.own, False))
        elif link is None and self._begun and row.get("kind", "run") == "run":
            self.foreign.append((number, str(row.get("run_id") or "")))
        self._begun = self._begun or (link is not None and link.whole)
        self._explained = link is not None and not link.whole
        self._last = line
        if row.get("kind") == "repair":
            self.known.update(row.get("gaps") or ())


def name_of(line: bytes) -> str:
    """The name of a stored row; of no row for an empty line. White space at its end doesn't count."""
    return _digits(line.strip())


def seal(line: bytes, before: str) -> bytes:
    """A row as `gate.encode` made it, with its place in the chain behind the row of this name."""
    text = line.strip()
    comma = b"" if text == b"{}" else b","
    return text[:-1] + comma + _MARK + f'{before}{_seal(text, before)}"}}\n'.encode()


def read(line: bytes) -> Link | None:
    """The link that a stored line is; None for one that was not made by `seal`."""
    text, end = line.strip(), 2 * _DIGITS + 2
    own = text[-end:-2].decode("ascii", "replace")
    if text[-end - len(_MARK) : -end] != _MARK or text[-2:] != b'"}' or not _is_value(own):
        return None
    before = own[:_DIGITS]
    return Link(before, own, _seal(text[: -end - len(_MARK)].removesuffix(b",") + b"}", before) == own[_DIGITS:])


def _is_value(value: str) -> bool:
    return len(value) == 2 * _DIGITS and _HEXADECIMAL.issuperset(value)


def _seal(text: bytes, before: str) -> str:
    return _digits(before.encode() + b"\n" + text)


def _digits(data: bytes) -> str:
    from hashlib import sha256  # a check without news links nothing

    return sha256(data).hexdigest()[:_DIGITS]
