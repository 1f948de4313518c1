"""The data files each room ships with: figures, rules and terms that are never written in code."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def shipped_table(room: str, *path: str) -> dict[str, Any]:
    """Give the content of a TOML file below `data` of a room, read anew at each call."""
    return tomllib.loads(files(room).joinpath("data", *path).read_text(encoding="utf-8"))
