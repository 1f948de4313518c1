"""The square of Web Mercator that is cut into tiles."""

from __future__ import annotations

import math

from maps.errors import MapError

FULL_WIDTH_M = 2 * math.pi * 6378137.0
MAX_ZOOM = 22


def corner_m(z: int, x: int, y: int) -> tuple[float, float, float]:
    """West edge, north edge and width of a tile [Web Mercator m]."""
    size_m = FULL_WIDTH_M / 2**z
    return x * size_m - FULL_WIDTH_M / 2, FULL_WIDTH_M / 2 - y * size_m, size_m


def require_tile(z: int, x: int, y: int) -> None:
    """
    Refuse the address of a tile outside the pyramid.

    Raises
    ------
    MapError
        `tile-out-of-range`.
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise MapError("tile-out-of-range", z=z, x=x, y=y)
