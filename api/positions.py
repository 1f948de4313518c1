"""Positions at the edge: lon, lat or another CRS in; the network's own plane inside; lon, lat out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from pyproj import CRS

from api.errors import CallError
from gis.crs import from_lonlat, to_lonlat
from gis.frames.parse import parse_frame

if TYPE_CHECKING:
    from gis.frames.frame import Frame
    from gis.network import Network


@dataclass(frozen=True)
class Place:
    """A point in the network's working CRS, and as it goes back out."""

    xy: tuple[float, float]
    wire: tuple[float, float]


def position_of(network: Network, position: tuple[float, float], crs: str | None) -> Place:
    """
    Turn a caller's position into the network's plane.

    Without `crs` it is lon, lat; for a network without a CRS it is its plain x, y.

    Raises
    ------
    CallError
        Not finite, not a lon/lat, or a CRS given to a network that has none.
    """
    x, y = position
    if not (math.isfinite(x) and math.isfinite(y)):
        raise CallError("position", field="position", value=f"{x}, {y}")
    if network.crs is None:
        if crs is not None:
            raise CallError("crs-without-network-crs", crs=crs)
        return Place((x, y), (x, y))
    if crs is None:
        if not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0):
            raise CallError("not-lonlat", value=f"{x}, {y}")
        xy = from_lonlat(network.crs, x, y)
    else:
        given = parse_frame(crs)
        if given is None:
            raise CallError("crs-empty")
        moved_x, moved_y = given.xy(network.crs, x, y)
        xy = (float(moved_x), float(moved_y))
    if not (math.isfinite(xy[0]) and math.isfinite(xy[1])):
        raise CallError("outside-crs", value=f"{x}, {y}", crs=network.crs.to_string())
    return Place(xy, wire_position(network, xy))


LONLAT = "EPSG:4490"


def without_grid_file(crs: str | None, places: Any) -> tuple[str | None, Any]:
    """
    Give a CRS and places that may leave this machine: those of a grid file become longitude and latitude here.

    `places` is a position, a ring or polygon of them, as a request has them; everything else comes back as it is.
    """
    if crs is None or not crs.strip().lower().endswith(".toml"):
        return crs, places
    frame = parse_frame(crs, folder=Path())
    return (crs, places) if frame is None else (LONLAT, _moved(places, frame))


def _moved(places: Any, frame: Frame) -> Any:
    if isinstance(places, dict):
        return {key: _moved(value, frame) if key == "coordinates" else value for key, value in places.items()}
    if not isinstance(places, list | tuple):
        return places
    if len(places) == 2 and all(isinstance(value, int | float) for value in places):
        lon, lat = frame.xy(CRS(LONLAT), *places)
        return [round(float(lon), 10), round(float(lat), 10)]
    return [_moved(place, frame) for place in places]


def wire_position(network: Network, xy: tuple[float, float]) -> tuple[float, float]:
    """Position as it goes out: lon, lat with nine decimals, or plain x, y."""
    x, y = xy if network.crs is None else to_lonlat(network.crs, *xy)
    return round(x, 9), round(y, 9)


def bounds_lonlat(network: Network) -> list[float] | None:
    """West, south, east, north of the pipes; None when nothing has a place."""
    pipes = network.pipes
    if not len(pipes):
        return None
    west, south, east, north = shapely.total_bounds(pipes.geometry.to_numpy())
    if not math.isfinite(west):
        return None
    corners = [
        wire_position(network, xy) for xy in ((west, south), (east, north), (west, north), (east, south))
    ]
    lons, lats = zip(*corners, strict=True)
    return [min(lons), min(lats), max(lons), max(lats)]
