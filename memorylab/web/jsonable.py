"""Ledger rows as JSON that every browser reads, and as a page can show: a row may hold anything of any size."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import Any

from starlette.responses import Response

_DEEPEST = 60
_LONGEST, _MOST = 20_000, 60
"""Characters of a text and items of a list that a page shows of."""


def cleaned(value: Any, depth: int = 0) -> Any:
    """The value with what JSON can't say replaced."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): cleaned(item, depth + 1) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return cleaned(value._asdict(), depth)
    if isinstance(value, list | tuple | set | frozenset):
        return [cleaned(item, depth + 1) for item in value]
    return value


def clipped(value: Any, depth: int = 0) -> Any:
    """As much of a row as a page shows: whoever wants all of it finds the row under `/api/run`."""
    if isinstance(value, str):
        return value[:_LONGEST]
    if depth > 8:
        return None
    if isinstance(value, dict):
        return {str(key)[:200]: clipped(item, depth + 1) for key, item in islice(value.items(), 2 * _MOST)}
    if isinstance(value, list):
        return [clipped(item, depth + 1) for item in value[:_MOST]]
    return value


def answer(value: Any, status: int = 200) -> Response:
    """A JSON document as a response."""
    text = json.dumps(cleaned(value), ensure_ascii=False, allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")
