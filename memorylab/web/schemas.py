"""Makes the JSON schemas of an OpenAPI document from types: a typed dictionary or named tuple is a component."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

from memorylab import records

_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}


class Schemas:
    """The components that were needed so far."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type.

        Raises:
            TypeError: it is none that JSON has.

        """
        origin, inner = get_origin(kind), get_args(kind)
        if kind is Any:
            return {}
        if kind in _PLAIN:
            return {"type": _PLAIN[kind]}
        if origin is Literal:
            return {"type": "string", "enum": list(inner)}
        if origin in (Union, UnionType):
            return _any_of([self.of(one) for one in inner])
        if origin in (list, Sequence):
            return {"type": "array", "items": self.of(inner[0])}
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if is_typeddict(kind) or hasattr(kind, "_fields"):
            return self._component(kind)
        raise TypeError(f"{kind} is no JSON")

    def _component(self, kind: type) -> dict[str, Any]:
        name = kind.__name__
        if name not in self.components:
            self.components[name] = {}  # it may hold itself
            hints = get_type_hints(kind, include_extras=True)
            found: dict[str, Any] = {
                "type": "object",
                "description": inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " "),
                "properties": {field: self.of(_bare(hint)) for field, hint in hints.items()},
                "required": [field for field, hint in hints.items() if _required(kind, field, hint)],
            }
            if kind.__module__ == records.__name__ and is_typeddict(kind):
                # A part of a ledger row: other tools leave fields out, and what they add is kept.
                found |= {"additionalProperties": True, "required": []}
            self.components[name] = {key: value for key, value in found.items() if value}
        return {"$ref": f"#/components/schemas/{name}"}


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in (Required, NotRequired) else hint


def _required(kind: type, field: str, hint: Any) -> bool:
    """Whether a field is always there; the class alone can't say, since its annotations are texts."""
    marked = get_origin(hint)
    if marked in (Required, NotRequired):
        return marked is Required
    return field in getattr(kind, "__required_keys__", (field,))


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """One of several schemas, in short where they are plain types."""
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}
