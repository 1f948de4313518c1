"""
Coordinate systems: the projected working CRS in metres, and longitude/latitude for the wire.

Grids of 1954 Beijing and 1980 Xi'an are refused here: PROJ knows no parameters for them and would shift nothing
("ballpark"), tens of metres wrong; gis/frames takes them with a city's own. A network without CRS is a local plane
and passes through unchanged.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from pyproj.exceptions import CRSError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from gis.errors import GisInputError
from gis.frames.zones import CGCS2000_EPSG, is_legacy, plain_crs

# No grid is ever fetched: a transformation is the same on every machine.
set_network_enabled(active=False)

CHINA_LON = (73.5, 135.1)
CHINA_LAT = (17.5, 53.6)
FIRST_ZONE_EPSG, FIRST_ZONE_LON = 4534, 75  # CGCS2000 / 3-degree Gauss-Kruger CM 75E ... 4554 CM 135E
WGS84_EPSG = 4326
# Texts that would make PROJ open a file or an address.
LEADING_ELSEWHERE = ("init=", "grids=", "://", "+file", "@")


def parse_crs(text: str | None) -> CRS | None:
    """
    Give the CRS of a code, WKT or PROJ text; None stays None (local plane).

    Raises
    ------
    GisInputError
        `crs-unknown`, or `crs-legacy-datum` for 1954 Beijing and 1980 Xi'an.
    """
    if text is None or not str(text).strip():
        return None
    return accept_crs(any_crs(str(text)))


def any_crs(text: str) -> CRS:
    """
    Give the CRS of a code, WKT or PROJ text, of whatever datum.

    Raises
    ------
    GisInputError
        `crs-unknown`.
    """
    wanted = text.strip()
    if any(mark in wanted.casefold() for mark in LEADING_ELSEWHERE):
        raise GisInputError("crs-unknown", crs=wanted[:80])
    try:
        return CRS.from_user_input(wanted)
    except CRSError:
        raise GisInputError("crs-unknown", crs=wanted[:80]) from None


def accept_crs(crs: CRS) -> CRS:
    """Give the horizontal part of a CRS we may transform, by its EPSG code if it has one; a legacy datum is refused."""
    if crs.geodetic_crs is None:
        raise GisInputError("crs-unknown", crs=crs.name[:80])
    if is_legacy(crs):
        raise GisInputError("crs-legacy-datum", crs=crs.name[:80])
    return plain_crs(crs.to_2d())


def crs_text(crs: CRS | None) -> str | None:
    """Give `EPSG:n` where the CRS has a code, else its WKT; None stays None."""
    if crs is None:
        return None
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.to_wkt()


def is_metric(crs: CRS) -> bool:
    """Tell whether the CRS is projected with both axes in metres."""
    return bool(crs.is_projected) and all(axis.unit_name in {"metre", "meter"} for axis in crs.axis_info[:2])


def working_crs(source: CRS, centre_xy: tuple[float, float]) -> CRS:
    """
    Give the projected CRS in metres in which a network is kept.

    A metric projected source is kept. Otherwise the zone of `centre_xy` (in the source's own x, y): CGCS2000
    3-degree in China, elsewhere UTM on the source's own datum, so that no datum shift is made.
    """
    if is_metric(source):
        return source
    lon, lat = to_lonlat(source, *centre_xy)
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise GisInputError("crs-does-not-fit", crs=source.name)
    if _in_china(source, lon, lat):
        return CRS.from_epsg(china_zone_epsg(lon))
    return _utm(source, lon, lat)


def _in_china(source: CRS, lon_deg: float, lat_deg: float) -> bool:
    geodetic = source.geodetic_crs
    if geodetic is not None and geodetic.to_epsg() == CGCS2000_EPSG:
        return True
    return CHINA_LON[0] <= lon_deg <= CHINA_LON[1] and CHINA_LAT[0] <= lat_deg <= CHINA_LAT[1]


def lies_in_china(crs: CRS | None, geometries: Any) -> bool:
    """Tell whether the middle of geometries in a CRS lies in China; a local plane lies nowhere."""
    bounds = shapely.total_bounds(geometries)
    if crs is None or not np.isfinite(bounds).all():
        return False
    lon, lat = to_lonlat(crs, float(bounds[0] + bounds[2]) / 2.0, float(bounds[1] + bounds[3]) / 2.0)
    return bool(CHINA_LON[0] <= lon <= CHINA_LON[1] and CHINA_LAT[0] <= lat <= CHINA_LAT[1])


def china_zone_epsg(lon_deg: float) -> int:
    """
    Give the EPSG code of the CGCS2000 3-degree zone (easting 500 000, no prefix) nearest to a longitude.

    >>> china_zone_epsg(117.12), china_zone_epsg(118.38)
    (4548, 4548)
    >>> china_zone_epsg(118.6)
    4549
    """
    zone = round((min(max(lon_deg, 75.0), 135.0) - FIRST_ZONE_LON) / 3.0)
    return FIRST_ZONE_EPSG + zone


def _utm(source: CRS, lon_deg: float, lat_deg: float) -> CRS:
    geodetic = source.geodetic_crs
    area = AreaOfInterest(lon_deg, lat_deg, lon_deg, lat_deg)
    names = [geodetic.name] if geodetic is not None else []
    for name in (*names, "WGS 84"):
        found = query_utm_crs_info(datum_name=name, area_of_interest=area)
        if found:
            return CRS.from_epsg(int(found[0].code))
    raise GisInputError("crs-does-not-fit", crs=source.name)


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(CRS.from_user_input(source), CRS.from_user_input(target), always_xy=True)


def _key(crs: CRS) -> str:
    return crs_text(crs) or ""


def _lonlat_epsg(crs: CRS) -> int:
    geodetic = crs.geodetic_crs
    return CGCS2000_EPSG if geodetic is not None and geodetic.to_epsg() == CGCS2000_EPSG else WGS84_EPSG


def to_lonlat(crs: CRS | None, x: Any, y: Any) -> tuple[Any, Any]:
    """
    Give longitude and latitude [degrees] in CGCS2000/WGS 84; numbers or arrays.

    Without CRS the plane's own x, y come back. Inverse of `from_lonlat` to better than 1e-6 m.
    """
    if crs is None:
        return x, y
    return _transformer(_key(crs), f"EPSG:{_lonlat_epsg(crs)}").transform(x, y)


def from_lonlat(crs: CRS | None, lon: Any, lat: Any) -> tuple[Any, Any]:
    """Give x, y in the network's CRS of a longitude and latitude [degrees]; numbers or arrays."""
    if crs is None:
        return lon, lat
    return _transformer(_key(crs), f"EPSG:{_lonlat_epsg(crs)}").transform(lon, lat, direction="INVERSE")


def transform_xy(source: CRS | None, target: CRS | None, x: Any, y: Any) -> tuple[Any, Any]:
    """Give x, y of one CRS in another; unchanged when either is a local plane or both are the same."""
    if source is None or target is None or source == target:
        return x, y
    return _transformer(_key(source), _key(target)).transform(x, y)
