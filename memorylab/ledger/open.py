"""Turns a store's address, as written in `memorylab.toml` or `--store`, into a ledger."""

from __future__ import annotations

from pathlib import Path

from memorylab.errors import ConfigError
from memorylab.ledger.base import Ledger


def open_ledger(store: str | None, default: Path) -> Ledger:
    """The ledger at `store`: None or empty for the `default` file, else a path or `file:` address.

    Raises:
        ConfigError: the address names a kind of store that doesn't exist.

    """
    from memorylab.ledger.jsonl import JsonlLedger

    if not store:
        return JsonlLedger(default)
    scheme, colon, rest = store.partition(":")
    if not colon or len(scheme) == 1:  # a bare path, or a Windows drive letter
        return JsonlLedger(Path(store).resolve())  # a link that the settings name is meant
    if scheme == "file":
        return JsonlLedger((Path("/" + rest.lstrip("/")) if rest.startswith("/") else Path(rest)).resolve())
    raise ConfigError(
        f"unknown store {store!r}: there is no ledger for {scheme!r} addresses", "use a path or file:///path"
    )
