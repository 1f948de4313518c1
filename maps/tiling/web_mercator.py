"""The square of Web Mercator that is cut into tiles."""

from __future__ import annotations

import math

FULL_WIDTH_M = 2 * math.pi * 6378137.0
MAX_ZOOM = 22


def corner_m(z: int, x: int, y: int) -> tuple[float, float, float]:
    """West edge, north edge and width of a tile [Web Mercator m]."""
    size_m = FULL_WIDTH_M / 2**z
    return x * size_m - FULL_WIDTH_M / 2, FULL_WIDTH_M / 2 - y * size_m, size_m
