"""The seven-parameter transform (布尔莎七参数) from a grid of 1954 Beijing or 1980 Xi'an to CGCS2000, by PROJ."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pyproj import CRS, Transformer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

Rotation = Literal["coordinate-frame", "position-vector"]
_CGCS2000 = "+a=6378137 +rf=298.257222101"


@dataclass(frozen=True)
class Helmert:
    """
    Seven parameters, never shown, and the old grid they lead from.

    Attributes
    ----------
    shift_m, rotation_arc_s, scale_ppm
        As on a surveyor's sheet; rotations in seconds of arc.
    rotation
        Which way angles count: 布尔莎 and most Chinese sheets have `coordinate-frame` (EPSG 9607).
    """

    source: CRS
    shift_m: tuple[float, float, float] = field(repr=False)
    rotation_arc_s: tuple[float, float, float] = field(repr=False)
    scale_ppm: float = field(repr=False)
    rotation: Rotation = "coordinate-frame"

    def __call__(self, x: Any, y: Any) -> tuple[FloatArray, FloatArray]:
        """Give CGCS2000 longitude and latitude [degrees] of easting and northing in the old grid; numbers or arrays."""
        lon, lat = self._to_degrees.transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        moved_lon, moved_lat, _ = self._shift.transform(lon, lat, np.zeros_like(lon))
        return np.asarray(moved_lon), np.asarray(moved_lat)

    @cached_property
    def _to_degrees(self) -> Transformer:
        return Transformer.from_crs(self.source, self.source.geodetic_crs, always_xy=True)

    @cached_property
    def _shift(self) -> Transformer:
        ellipsoid = self.source.ellipsoid
        if ellipsoid is None:
            raise ValueError("no ellipsoid")
        old = f"+a={ellipsoid.semi_major_metre!r} +rf={ellipsoid.inverse_flattening!r}"
        x, y, z = self.shift_m
        rx, ry, rz = self.rotation_arc_s
        return Transformer.from_pipeline(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=cart {old} "
            f"+step +proj=helmert +x={x!r} +y={y!r} +z={z!r} +rx={rx!r} +ry={ry!r} +rz={rz!r} +s={self.scale_ppm!r} "
            f"+convention={self.rotation.replace('-', '_')} "
            f"+step +inv +proj=cart {_CGCS2000} +step +proj=unitconvert +xy_in=rad +xy_out=deg"
        )
