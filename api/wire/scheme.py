"""JSON schemas of the scheme document, read off its typed dictionaries, for the API's description."""

from __future__ import annotations

import types
from typing import (
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}
PREFIX = "#/components/schemas/"


def schemas_of(wire_type: type) -> dict[str, Any]:
    """Schemas by name of a typed dictionary and of all it refers to."""
    found: dict[str, Any] = {}
    _schema(wire_type, found)
    return found


def _schema(hint: Any, found: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return _schema(arguments[0], found)
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if is_typeddict(hint):
        return _object(hint, found)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(argument, found) for argument in arguments]}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], found)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], found)}
    raise TypeError(f"no schema for {hint}")


def _object(wire_type: Any, found: dict[str, Any]) -> dict[str, Any]:
    name = wire_type.__name__
    if name not in found:
        found[name] = {}
        hints = get_type_hints(wire_type, include_extras=True)
        found[name] = {
            "type": "object",
            "title": name,
            "properties": {key: _schema(hint, found) for key, hint in hints.items()},
            "required": sorted(wire_type.__required_keys__),
        }
    return {"$ref": f"{PREFIX}{name}"}
