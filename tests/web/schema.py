"""Holds a JSON document against a schema, as far as the dashboard's own schemas go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
}


def problems(value: Any, schema: Mapping[str, Any], components: Mapping[str, Any], at: str = "$") -> Iterator[str]:
    """What the value has that the schema doesn't allow, or doesn't tell; a field without a description is a fault."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        yield from problems(value, components[name], components, f"{at}<{name}>")
        return
    if "anyOf" in schema:
        tried = [list(problems(value, one, components, at)) for one in schema["anyOf"]]
        if all(tried):
            yield from min(tried, key=len)
        return
    kinds = schema.get("type", list(_TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(_is(value, kind) for kind in kinds):
        yield f"{at} is {value!r:.60}, not {kinds}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r:.60}, not one of {schema['enum']}"
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from problems(one, schema.get("items", {}), components, f"{at}[{number}]")
    elif isinstance(value, dict) and kinds == ["object"]:
        yield from _fields(value, schema, components, at)


def _fields(value: dict[str, Any], schema: Mapping[str, Any], components: Mapping[str, Any], at: str) -> Iterator[str]:
    known, more = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
    yield from (f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, one in value.items():
        if name in known:
            yield from problems(one, known[name], components, f"{at}.{name}")
        elif isinstance(more, dict):
            yield from problems(one, more, components, f"{at}.{name}")
        elif not more:
            yield f"{at}.{name} is not described"


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
