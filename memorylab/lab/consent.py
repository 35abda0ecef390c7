"""Whether a person agrees: asked at a terminal, or shown by a token that agents aren't given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from memorylab import files
from memorylab.errors import InputError
from memorylab.lab.context import Context

TOKEN = "MEMORYLAB_ACCEPT_TOKEN"
_FILE = "consent.json"

Ask = Callable[[str], str]
"""Puts a question to a person and returns the answer; None stands for it where nobody sits at a terminal."""


def demand(context: Context, question: str, ask: Ask | None) -> None:
    """Go on only if a person agrees.

    Raises:
        InputError: nobody did; nothing was written.

    """
    given = context.environment.get(TOKEN)
    if given:
        if _known(context, given):
            return
        raise InputError(f"{TOKEN} isn't the token of this memory", "`memorylab accept --new-token` makes another one")
    if ask is None:
        raise InputError(
            "only a person can agree to that",
            f"call it at a terminal, or with a token in {TOKEN} (`memorylab accept --new-token` makes one)",
        )
    if ask(f"{question} Type yes: ").strip().lower() != "yes":
        raise InputError("nobody said yes, and nothing was written", "type yes to agree")


def new_token(context: Context, ask: Ask | None) -> str:
    """A token that stands for a person from now on; any earlier one no longer does. Only its checksum is stored.

    Raises:
        InputError: nobody agreed at a terminal.

    """
    if ask is None:
        raise InputError("a token is made at a terminal", "call it there")
    if ask("Make a token that agrees in your place, and forget any earlier one? Type yes: ").strip().lower() != "yes":
        raise InputError("nobody said yes, and nothing was written", "type yes to agree")
    import secrets

    token = f"memorylab-{secrets.token_hex(20)}"
    try:
        files.write_atomic(context.place.memory / _FILE, json.dumps({"sha256": _digest(token)}) + "\n")
    except OSError as error:
        raise files.explain(error, "keep the token's checksum") from error
    return token


def _known(context: Context, token: str) -> bool:
    import hmac  # with `secrets` 3 ms that each `log` would pay

    try:
        stored = json.loads((context.place.memory / _FILE).read_bytes())["sha256"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(stored, str) and hmac.compare_digest(stored.encode(), _digest(token).encode())


def _digest(token: str) -> str:
    """A token of 160 random bits needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
