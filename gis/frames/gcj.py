"""
GCJ-02 and BD-09, the shifted longitudes and latitudes of Chinese web maps, and the way back.

The published formulas: GCJ-02 is WGS 84 (or CGCS2000) plus a wave of some hundred metres on the ellipsoid of
Krassowsky; BD-09 (Baidu) turns and stretches GCJ-02 again. Outside China nothing is shifted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

Shifted = Literal["GCJ-02", "BD-09"]
_AXIS_M, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
_WEST_LON, _EAST_LON, _SOUTH_LAT, _NORTH_LAT = 72.004, 137.8347, 0.8293, 55.8271
_ROUNDS, _STILL_DEG = 30, 1e-12
_BAIDU_LON, _BAIDU_LAT, _WAVE = 0.0065, 0.006, 0.00002
_TURN = 0.000003


def shifted(lon: object, lat: object, to: Shifted) -> tuple[FloatArray, FloatArray]:
    """Give what a web map of the kind `to` calls a true longitude and latitude [degrees]; numbers or arrays."""
    x, y = _gcj(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    return _baidu(x, y) if to == "BD-09" else (x, y)


def unshifted(lon: object, lat: object, of: Shifted) -> tuple[FloatArray, FloatArray]:
    """Give the true longitude and latitude [degrees] of what a web map shows, to better than 1e-9 degree."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    if of == "BD-09":
        x, y = _inverse(_baidu, x, y)
    return _inverse(_gcj, x, y)


def _inverse(
    forward: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    at_lon: FloatArray, at_lat: FloatArray,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """The shift changes by some parts in a thousand over itself: taking it off again and again settles at once."""
    x, y = at_lon.copy(), at_lat.copy()
    for _ in range(_ROUNDS):
        seen_lon, seen_lat = forward(x, y)
        off_lon, off_lat = seen_lon - at_lon, seen_lat - at_lat
        x, y = x - off_lon, y - off_lat
        if max(np.nanmax(np.abs(off_lon), initial=0.0), np.nanmax(np.abs(off_lat), initial=0.0)) < _STILL_DEG:
            break
    return x, y


def _baidu(at_lon: FloatArray, at_lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    radius = np.hypot(at_lon, at_lat) + _WAVE * np.sin(at_lat * _X_PI)
    angle = np.arctan2(at_lat, at_lon) + _TURN * np.cos(at_lon * _X_PI)
    return radius * np.cos(angle) + _BAIDU_LON, radius * np.sin(angle) + _BAIDU_LAT


def _gcj(at_lon: FloatArray, at_lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    x, y = at_lon - 105.0, at_lat - 35.0
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(at_lat)
    magic = 1.0 - _ECCENTRICITY * np.sin(phi) ** 2
    north_deg = np.degrees(north * magic * np.sqrt(magic) / (_AXIS_M * (1.0 - _ECCENTRICITY)))
    east_deg = np.degrees(east * np.sqrt(magic) / (_AXIS_M * np.cos(phi)))
    inside = (at_lon >= _WEST_LON) & (at_lon <= _EAST_LON) & (at_lat >= _SOUTH_LAT) & (at_lat <= _NORTH_LAT)
    return at_lon + np.where(inside, east_deg, 0.0), at_lat + np.where(inside, north_deg, 0.0)
