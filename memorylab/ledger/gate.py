"""The one way into a ledger and out of it: every row that is stored or read passes here, whatever the store.

What comes out is sound: each known field has its shape (`memorylab.ledger.shapes`), texts can be stored and shown,
numbers are finite, nothing is nested beyond what can be written again. Whoever reads rows relies on that.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Mapping
from typing import Any

from memorylab.core.runs import redact
from memorylab.errors import LedgerError
from memorylab.ledger import chain, shapes
from memorylab.tuples import NamedTuple

MAX_LINE = 2 << 20
"""Bytes of the longest row; MemoryLab's own have some 10 kB. Reading the worst such line took 150 MB of memory."""
MAX_DEPTH = 48
"""How deep a row may be nested; MemoryLab's own are 7 deep, and what writes JSON calls itself at each level."""


_EMPTY = "an empty row"
_MOST_REREAD = 8
_READ: dict[bytes, bytes] = {}
"""Lines that were read singly of late, and what was made of them, which is some ten times as quick to get."""


class Decoded(NamedTuple):
    """What a stored line holds."""

    row: dict[str, Any] | None
    """The row, or None where there is none that anybody could use."""
    problem: str
    """Why there is none; empty where there is one."""
    dropped: tuple[str, ...] = ()
    """What stands in the line but is of no use, and is missing in the row."""


def encode(row: Mapping[str, Any]) -> bytes:
    """The row as it is stored, without secrets whoever made it: one line of JSON with its newline.

    It gets its place in the chain when it is appended.

    Raises:
        LedgerError: it holds something that JSON can't say, or is longer than any row that is read.

    """
    try:
        own = {name: value for name, value in row.items() if name != chain.FIELD}  # where it stood, not where it will
        line = _line(own)
        if redact.may_hold(line):
            line = _line(redact.everywhere(own))
    except (TypeError, ValueError, RecursionError) as error:
        raise LedgerError(f"a row can't be written as JSON: {error}") from error
    if len(line) + chain.ROOM > MAX_LINE:
        raise LedgerError(
            f"the row has {len(line) >> 20} MiB, and one of more than {MAX_LINE >> 20} MiB can't be read again",
            "shorten its texts",
        )
    return line


def _line(row: Mapping[str, Any]) -> bytes:
    text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def reread(line: bytes) -> Decoded:
    """The same as `decode`, for a line that one command reads more than once: the ledger's last, a champion's."""
    known = _READ.pop(line, None)
    if known is None:
        found = decode(line)
        known = marshal.dumps(tuple(found))
        if len(_READ) >= _MOST_REREAD:
            del _READ[next(iter(_READ))]
    else:
        found = Decoded(*marshal.loads(known))  # a row of its own: whoever got the first may have changed it
    _READ[line] = known
    return found


def decode(line: bytes) -> Decoded:
    """The sound row that a stored line holds; or None, and why it holds none. Never raises."""
    if len(line) > MAX_LINE:
        return Decoded(None, f"the line is longer than {MAX_LINE >> 20} MiB")
    if (bare := line.strip())[-1:] != b"}" or bare[:1] not in (b"{", b"\xef"):  # a million such lines cost a second
        return Decoded(None, "not a JSON object" if bare[:1] == b"[" else "not JSON")
    if bare == b"{}":
        return Decoded(None, _EMPTY)
    said: list[str] = []
    try:
        row = _parse(line, said)
    except (ValueError, RecursionError) as error:
        return Decoded(None, f"not JSON: {str(error)[:120]}")
    if not isinstance(row, dict):
        return Decoded(None, f"not a JSON object but {type(row).__name__}")
    _flatten(row, line, said)
    if row.get("kind", "") is None:
        del row["kind"]
    kind = row.get("kind", "run")
    if not isinstance(kind, str):
        return Decoded(None, "its kind is no text")
    shape, needed = shapes.KINDS.get(kind, (shapes.OTHER, ()))
    shape(row, "", said)
    for name in needed:
        if not row.get(name):
            return Decoded(None, f"a row of kind {kind} without a readable {name}: it says nothing")
    return Decoded(row, "", tuple(said))


def _parse(line: bytes, said: list[str]) -> Any:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("utf-8", "replace")
        said.append("bytes that are no text")
    value = _Reader(said).decode(text.removeprefix("\ufeff"))
    if b"\\u" in line and any(mark in line for mark in _UNSTORABLE):
        clean = _clean(value)
        if clean != value:
            said.append("characters that can't be stored")
        value = clean
    link = chain.read(line)
    if link is not None and link.whole:  # it passed the redactor on its way in, and is as it was then
        return value
    return redact.everywhere(value) if redact.may_hold(line) else value  # another tool's row, or an older one


_UNSTORABLE = (b"\\ud", b"\\uD", b"\\u0000")


class _Reader(json.JSONDecoder):
    """Reads JSON whose numbers are finite and whose keys stand once; says what it had to pass over."""

    def __init__(self, said: list[str]) -> None:
        self.said = said
        super().__init__(
            object_pairs_hook=self._object,
            parse_constant=self._endless,
            parse_float=self._float,
            parse_int=self._integer,
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            self.said.append("all but the last of equal keys in one object")
        return found

    def _endless(self, name: str) -> None:
        self.said.append(f"{name}, which is no measurement")

    def _float(self, digits: str) -> float | None:
        value = float(digits)
        if value - value == 0.0:
            return value
        self._endless("a number beyond 1.8e308")
        return None

    def _integer(self, digits: str) -> int | None:
        if len(digits) < 300:
            return int(digits)
        self._endless(f"a number of {len(digits):,} digits")
        return None


def _clean(value: Any) -> Any:
    """The same with what can't be stored (half characters, NUL) replaced, in keys as well."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        case list():
            return [_clean(item) for item in value]
        case dict():
            return {_clean(name): _clean(item) for name, item in value.items()}
    return value


def _flatten(row: dict[str, Any], line: bytes, said: list[str]) -> None:
    """Drop fields that are nested too deep."""
    if _is_flat(line):
        return
    for name, value in list(row.items()):
        if _is_deep(value):
            said.append(f"{name[:40]} (nested more than {MAX_DEPTH} deep)")
            del row[name]


_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")


def _is_flat(line: bytes) -> bool:
    """Whether a line's brackets are not nested too deep, found by peeling them; brackets in texts may make it no."""
    left = line.translate(None, _BRACKETS)
    for _ in range(MAX_DEPTH // 2):  # a round takes off two levels at most
        if not left:
            return True
        left = left.replace(b"[]", b"").replace(b"{}", b"")
    return not left


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            part
            for item in level
            if isinstance(item, list | dict)
            for part in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True
