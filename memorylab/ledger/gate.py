"""The one way into a ledger and out of it: every row that is stored or read passes here, whatever the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from memorylab.core.runs import redact
from memorylab.errors import LedgerError


def encode(row: Mapping[str, Any]) -> bytes:
    """The row as it is stored: one line of JSON with its newline, without secrets whoever made it.

    Raises:
        LedgerError: it holds something that JSON can't say.

    """
    try:
        line = _line(row)
        return _line(redact.everywhere(row)) if redact.may_hold(line) else line
    except (TypeError, ValueError, RecursionError) as error:
        raise LedgerError(f"a row can't be written as JSON: {error}") from error


def _line(row: Mapping[str, Any]) -> bytes:
    text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def decode(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """The row that a stored line holds; or None, and why it holds none."""
    try:
        row = json.loads(line)
        if b"\\ud" in line or b"\\uD" in line:
            row = json.loads(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
        row = redact.everywhere(row) if redact.may_hold(line) else row  # another tool's row, or an older one of ours
    except (ValueError, RecursionError) as error:
        return None, f"not JSON: {str(error)[:120]}"
    if not isinstance(row, dict):
        return None, f"not a JSON object but {type(row).__name__}"
    return row, ""
