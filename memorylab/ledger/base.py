"""What a ledger is: an append-only sequence of rows behind two methods, so that any log can be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from memorylab.tuples import NamedTuple


class Entry(NamedTuple):
    """One stored row, or the place where one can't be read."""

    after: int
    """The position before this entry: `read(after)` yields it first."""
    position: int
    """The position behind it: `read(position)` goes on with the next one."""
    row: dict[str, Any] | None
    """The sound row that `gate.decode` made of the stored text, or None where it made none."""
    problem: str
    """Why there is no row; empty where there is one."""
    digest: int
    """A checksum of the stored text, by which an index notices that it belongs to another ledger."""
    dropped: tuple[str, ...] = ()
    """What the stored text says that is of no use, and that the row lacks."""
    text: bytes = b""
    """The stored text, by which `memorylab.ledger.chain` tells whether the row stands where it was appended."""


class Ledger(Protocol):
    """An append-only log of rows. Positions are opaque integers that only grow; 0 is before the first row."""

    @property
    def url(self) -> str:
        """Where it is, in words that a user can act on."""

    def read(self, after: int = 0) -> Iterator[Entry]:
        """Yield the complete entries behind position `after`, in order; a row half written is not there yet.

        Raises:
            LedgerError: the store can't be read.

        """

    def append(self, rows: Sequence[Mapping[str, Any]], expect: int | None = None) -> int:
        """Store all of `rows` durably, or none, and return the new end position: the acknowledgement.

        Each is stored as `gate.encode` and `chain.seal` make it, sealed behind the row before it.

        With `expect`, do so only if that is still the end, which makes read-judge-append one step among many writers.

        Raises:
            LedgerMoved: somebody else appended since `expect`; read on and try again.
            LedgerError: nothing was stored, and why.

        """
