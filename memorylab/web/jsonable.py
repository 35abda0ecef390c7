"""Ledger rows as JSON that every browser reads: a NaN that some tool wrote is null, half a character a `?`."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.responses import Response

_DEEPEST = 60


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


def answer(value: Any, status: int = 200) -> Response:
    """A JSON document as a response."""
    text = json.dumps(cleaned(value), ensure_ascii=False, allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")
