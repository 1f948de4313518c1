"""What is believed of coordinates and heights, from data/coordinates.toml."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gis.files.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def limits(table: str) -> Mapping[str, float]:
    """Give the figures of one table of data/coordinates.toml; units are in their names."""
    return {key: float(value) for key, value in shipped_table("gis", "coordinates.toml")[table].items()}
