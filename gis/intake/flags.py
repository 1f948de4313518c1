"""Switches of a mapping file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.errors import GisInputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def flag(document: Mapping[str, Any], key: str, file: Path) -> bool:
    """Give a switch that is true or false, false when it is not there; GisInputError `mapping-flag`."""
    value = document.get(key, False)
    if not isinstance(value, bool):
        raise GisInputError("mapping-flag", file=file.name, key=key, value=str(value)[:40])
    return value
