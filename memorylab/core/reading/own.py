"""The words that a workspace adds to the built-in vocabulary, as its `memorylab.toml` declares them."""

from __future__ import annotations

import zlib

from memorylab.tuples import NamedTuple


class Own(NamedTuple):
    """A user's own terms: knobs with their other names, families by target, and which targets change each other."""

    aliases: tuple[tuple[str, tuple[str, ...]], ...] = ()
    families: tuple[tuple[str, str], ...] = ()
    interacts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def checksum(self) -> str:
        """Changes with the terms; empty where there are none."""
        return f"{zlib.crc32(repr(tuple(self)).encode()):08x}" if any(self) else ""
