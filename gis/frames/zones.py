"""
Gauss-Krüger zones of CGCS2000: known by what a CRS is made of, whatever its name, and by eastings.

Chinese files seldom carry an EPSG code, are named by hand, and disagree with their own figures on whether the
zone number stands in front of the easting (39 500 000) or not (500 000).
"""

from __future__ import annotations

import math

from pyproj import CRS

CGCS2000_EPSG = 4490
_AXIS_M, _FLATTENING = 6378137.0, 298.257222101
_LEGACY_NAMES = ("beijing", "xian", "xi'an", "xi_an")
_LEGACY_SPHERES = ((6378245.0, 298.3), (6378140.0, 298.257))
_NAMELESS = ("unknown", "unnamed", "local", "not specified", "custom", "user")
_NORTHING_M = (1.8e6, 6.0e6)  # 17 to 54 degrees north
_EASTING_M = (150_000.0, 850_000.0)  # a zone and as much again on either side
# step [degrees]: first zone, its meridian, its code with zone number, its code without
_SERIES = {3: (25, 75, 4513, 4534), 6: (13, 75, 4491, 4502)}
_ZONES = {3: range(25, 46), 6: range(13, 24)}


def zone_epsg(meridian_lon: float, *, step: int = 3, prefixed: bool = False) -> int | None:
    """
    Give the EPSG code of the CGCS2000 zone with a central meridian [degrees], None where there is none.

    >>> zone_epsg(117), zone_epsg(117, prefixed=True), zone_epsg(117, step=6, prefixed=True), zone_epsg(118.5)
    (4548, 4527, 4498, None)
    """
    first_zone, first_lon, with_number, without = _SERIES[step]
    place = (meridian_lon - first_lon) / step
    nth = round(place)
    if abs(place - nth) > 1e-9 or first_zone + nth not in _ZONES[step]:
        return None
    return (with_number if prefixed else without) + nth


def zone_of_easting(easting_m: float) -> tuple[int, int] | None:
    """
    Give (zone, step in degrees) of an easting with its zone number in front, None for one without.

    3-degree zones are numbered 25 to 45 in China, 6-degree zones 13 to 23: the number tells which they are.

    >>> zone_of_easting(39510730.161), zone_of_easting(20510730.161), zone_of_easting(510730.161)
    ((39, 3), (20, 6), None)
    """
    if not math.isfinite(easting_m):
        return None
    zone, rest_m = divmod(easting_m, 1_000_000.0)
    for step, zones in _ZONES.items():
        if int(zone) in zones and _EASTING_M[0] <= rest_m <= _EASTING_M[1]:
            return int(zone), step
    return None


def zone_meridian(zone: int, step: int) -> int:
    """
    Give the central meridian of a zone [degrees].

    >>> zone_meridian(39, 3), zone_meridian(20, 6)
    (117, 117)
    """
    first_zone, first_lon, _, _ = _SERIES[step]
    return first_lon + (zone - first_zone) * step


def plain_crs(crs: CRS) -> CRS:
    """
    Give the EPSG definition of a CGCS2000 grid or of CGCS2000 itself that goes under another name, else the CRS.

    A grid whose datum has no name counts as CGCS2000 when the figure of the Earth, the zone and the false easting do.
    """
    if crs.to_epsg() is not None or not _is_cgcs2000(crs):
        return crs
    if crs.is_geographic:
        return CRS.from_epsg(CGCS2000_EPSG)
    grid = transverse_mercator(crs)
    if grid is None:
        return crs
    meridian_lon, easting_m = grid
    for step in (3, 6):
        number = _SERIES[step][0] + (meridian_lon - 75) / step
        for prefixed, wanted_m in ((False, 500_000.0), (True, number * 1e6 + 500_000.0)):
            code = zone_epsg(meridian_lon, step=step, prefixed=prefixed)
            if code is not None and abs(easting_m - wanted_m) < 1e-3:
                return CRS.from_epsg(code)
    return crs


def transverse_mercator(crs: CRS) -> tuple[float, float] | None:
    """Give (central meridian [degrees], false easting [m]) of a Gauss-Krüger grid in metres, None for other CRSs."""
    operation = crs.coordinate_operation
    if not crs.is_projected or operation is None or operation.method_name != "Transverse Mercator":
        return None
    if any(axis.unit_name not in {"metre", "meter"} for axis in crs.axis_info[:2]):
        return None
    values = {param.name: float(param.value) for param in operation.params}
    if values.get("Scale factor at natural origin") != 1.0 or values.get("False northing") != 0.0:
        return None
    return values["Longitude of natural origin"], values["False easting"]


def _is_cgcs2000(crs: CRS) -> bool:
    name, fits = _figure(crs, ((_AXIS_M, _FLATTENING),))
    told = any(word in name for word in ("china", "cgcs2000"))
    return fits and (told or (crs.is_projected and name.startswith(_NAMELESS)))


def _figure(crs: CRS, spheres: tuple[tuple[float, float], ...]) -> tuple[str, bool]:
    """Name of the datum, plain, and whether the figure of the Earth is one of `spheres`."""
    geodetic, ellipsoid = crs.geodetic_crs, crs.ellipsoid
    if geodetic is None or ellipsoid is None:
        return "", False
    datum = "" if geodetic.datum is None else geodetic.datum.name
    name = f"{geodetic.name} {datum}".lower().replace("_", "").replace("d cgcs", "cgcs")
    fits = any(
        abs(ellipsoid.semi_major_metre - axis_m) < 0.5 and abs(ellipsoid.inverse_flattening - flat) < 1e-4
        for axis_m, flat in spheres
    )
    return name, fits


def is_legacy(crs: CRS) -> bool:
    """
    Tell whether coordinates are on the datum of 1954 Beijing or 1980 Xi'an, by name or by its figure of the Earth.

    PROJ knows no parameters for them and would shift nothing, tens of metres wrong.
    """
    name, fits = _figure(crs, _LEGACY_SPHERES)
    return any(old.replace("_", "") in name for old in _LEGACY_NAMES) or (fits and name.startswith(_NAMELESS))


def looks_like_zone(bounds: tuple[float, float, float, float]) -> bool:
    """Tell whether west, south, east, north can be a Gauss-Krüger grid in China without zone number."""
    west, south, east, north = bounds
    return (
        _EASTING_M[0] <= west <= east <= _EASTING_M[1] and _NORTHING_M[0] <= south <= north <= _NORTHING_M[1]
    )


def looks_like_degrees(bounds: tuple[float, float, float, float]) -> bool:
    """Tell whether west, south, east, north can only be longitude and latitude in China."""
    west, south, east, north = bounds
    return 73.0 <= west <= east <= 136.0 and 3.0 <= south <= north <= 54.0


def renumbered(crs: CRS, easting_m: float) -> CRS | None:
    """
    Give the zone a CGCS2000 grid must be for an easting that contradicts it by the zone number; None when it does not.

    The statement 500 000 and figures 39 510 730, or the reverse: same meridian, other false easting.

    Raises
    ------
    ValueError
        The number in the easting is that of another meridian.
    """
    grid = transverse_mercator(crs)
    if grid is None or not _is_cgcs2000(crs):
        return None
    meridian_lon, false_m = grid
    numbered, stated = zone_of_easting(easting_m), false_m > 1e6
    if numbered is None:
        return (
            _without_number(meridian_lon) if stated and _EASTING_M[0] <= easting_m <= _EASTING_M[1] else None
        )
    zone, step = numbered
    if abs(zone_meridian(zone, step) - meridian_lon) > 1e-9:
        raise ValueError(zone)
    code = zone_epsg(meridian_lon, step=step, prefixed=True)
    return None if code is None or code == crs.to_epsg() else CRS.from_epsg(code)


def _without_number(meridian_lon: float) -> CRS | None:
    code = zone_epsg(meridian_lon)
    return None if code is None else CRS.from_epsg(code)
