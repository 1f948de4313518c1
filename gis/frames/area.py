"""Whether places lie where their coordinate system is made for: a wrong zone or swapped axes put them far outside."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gis.crs import to_lonlat
from gis.errors import GisInputError

if TYPE_CHECKING:
    from pyproj import CRS

EDGE_DEG = (
    2.0  # how far outside its own area of use a CRS is still believed: cities on the border of two zones
)


def require_inside(crs: CRS, centre_xy: tuple[float, float], *, file: str) -> None:
    """
    Refuse places whose middle lies outside the area of use of their CRS; one that states no area is believed.

    Raises
    ------
    GisInputError
        `crs-swapped` when they would lie inside with x and y exchanged, else `crs-outside`.
    """
    x, y = centre_xy
    if _is_inside(crs, x, y):
        return
    place = f"{x:.10g}, {y:.10g}"
    code = "crs-swapped" if _is_inside(crs, y, x) else "crs-outside"
    raise GisInputError(code, file=file, crs=crs.name[:80], place=place)


def _is_inside(crs: CRS, x: float, y: float) -> bool:
    area = crs.area_of_use
    if area is None:
        return True
    lon, lat = to_lonlat(crs, x, y)
    return (
        math.isfinite(lon)
        and math.isfinite(lat)
        and area.west - EDGE_DEG <= lon <= area.east + EDGE_DEG
        and area.south - EDGE_DEG <= lat <= area.north + EDGE_DEG
    )
