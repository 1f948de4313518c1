"""What is believed of coordinates and heights, from data/coordinates.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def limits(table: str) -> Mapping[str, float]:
    """Give the figures of one table of data/coordinates.toml; units are in their names."""
    text = files("gis").joinpath("data", "coordinates.toml").read_text(encoding="utf-8")
    return {key: float(value) for key, value in tomllib.loads(text)[table].items()}
