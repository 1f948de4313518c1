"""A mapping as the page edits it (JSON) and as it is kept (TOML): the same content both ways."""

from __future__ import annotations

import json
import math
import re
import tomllib
from typing import TYPE_CHECKING, Any

from api.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")
DEEPEST = 8


def document_of(text: str) -> dict[str, Any]:
    """
    Read the text of a mapping file.

    Raises
    ------
    CallError
        `mapping-text` with the place of the first fault.
    """
    try:
        document: dict[str, Any] = json.loads(json.dumps(tomllib.loads(text), default=str))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CallError("mapping-text", problem=str(error)) from None
    return document


def text_of(document: Mapping[str, Any]) -> str:
    """
    Write a mapping file.

    Raises
    ------
    CallError
        `mapping-text` for what TOML cannot say, such as null or nests without end.
    """
    plain = {
        key: value for key, value in document.items() if not _is_tables(value) and not isinstance(value, dict)
    }
    lines = [f"{_key(key)} = {_inline(value)}" for key, value in plain.items()]
    for key, value in document.items():
        if isinstance(value, dict):
            lines += ["", f"[{_key(key)}]", *(f"{_key(k)} = {_inline(v)}" for k, v in value.items())]
        elif _is_tables(value):
            for entry in value:
                lines += ["", f"[[{_key(key)}]]", *_entry(entry)]
    return "\n".join(lines) + "\n"


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _entry(entry: Mapping[str, Any]) -> list[str]:
    """One table of an array; its `fields` a line each, as a person would write them."""
    lines = []
    for key, value in entry.items():
        if key == "fields" and isinstance(value, dict):
            lines += [f"fields.{_key(name)} = {_inline(rule)}" for name, rule in value.items()]
        else:
            lines.append(f"{_key(key)} = {_inline(value)}")
    return lines


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _inline(value: Any, depth: int = 0) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    if depth < DEEPEST and isinstance(value, list):
        return f"[{', '.join(_inline(item, depth + 1) for item in value)}]"
    if depth < DEEPEST and isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(k)} = {_inline(v, depth + 1)}' for k, v in value.items())} }}"
    raise CallError("mapping-text", problem=json.dumps(value, ensure_ascii=False, default=str)[:80])
