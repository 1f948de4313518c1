"""What a straight trench off the street runs through: parcels, their green, and buildings in its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.detour import shortest_around

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.network import Network

    FloatArray = NDArray[np.float64]


AROUND_M = 40.0  # how far beside a blocked line a way around is sought
MOST_OBSTACLES = 32  # the nearest ones: with more the search costs more than the answer is worth


@dataclass(frozen=True)
class Crossing:
    """
    How far each of n straight lines runs inside what it crosses [m], shape (n,) each.

    `green_m` and `soil_m` are all it runs in parcels; `foreign_m` is the share of that in parcels other than the
    site's own, `building_m` what it cuts through buildings other than the one the site stands in.
    """

    length_m: FloatArray
    green_m: FloatArray
    soil_m: FloatArray
    foreign_m: FloatArray
    building_m: FloatArray


class Ground:
    """Parcels and buildings of a city behind spatial indexes."""

    def __init__(self, network: Network) -> None:
        parcels = network.layer("parcels")
        self._parcels, rows = _areas(parcels.geometry.array)
        self._green = parcels["use"].to_numpy()[rows] == "green"
        self._parcel_tree = shapely.STRtree(self._parcels)
        self._buildings, _ = _areas(network.layer("buildings").geometry.array)
        self._building_tree = shapely.STRtree(self._buildings)

    def crossing(self, lines: NDArray[Any], home: Any) -> Crossing:
        """Measure lines; `home` is the point of the site, whose own parcel and building are no obstacle."""
        count = len(lines)
        line, parcel = self._parcel_tree.query(lines, predicate="intersects")
        inside_m = shapely.length(shapely.intersection(lines[line], self._parcels[parcel]))
        green = self._green[parcel]
        own = set(self._parcel_tree.query(home, predicate="intersects").tolist())
        foreign = np.array([int(p) not in own for p in parcel], dtype=bool)
        through, building = self._building_tree.query(lines, predicate="intersects")
        stands_in = set(self._building_tree.query(home, predicate="intersects").tolist())
        other = np.array([int(b) not in stands_in for b in building], dtype=bool)
        cut_m = shapely.length(shapely.intersection(lines[through], self._buildings[building]))
        return Crossing(
            length_m=shapely.length(lines),
            green_m=_summed(line[green], inside_m[green], count),
            soil_m=_summed(line[~green], inside_m[~green], count),
            foreign_m=_summed(line[foreign], inside_m[foreign], count),
            building_m=_summed(through[other], cut_m[other], count),
        )

    def around(self, line: Any, home: Any) -> Any:
        """Give the shortest way around the buildings in the way of a straight line, or the line where there is none."""
        touched = self._building_tree.query(line.buffer(AROUND_M), predicate="intersects")
        stands_in = self._building_tree.query(home, predicate="intersects")
        others = self._buildings[np.setdiff1d(touched, stands_in)]
        nearest = np.argsort(shapely.distance(others, line), kind="stable")[:MOST_OBSTACLES]
        found = shortest_around(line, others[nearest]) if len(others) else line
        # what was too far to be looked at must not be cut either
        return line if shapely.intersects(others, found).any() else found


def _summed(index: NDArray[np.intp], lengths_m: FloatArray, count: int) -> FloatArray:
    return np.bincount(index, lengths_m, count).astype(np.float64)


def _areas(geometries: Any) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Polygons that can be measured, mended where a ring crosses itself, with their rows."""
    given = np.asarray(geometries, dtype=object)
    rows = np.flatnonzero(~(shapely.is_missing(given) | shapely.is_empty(given)))
    areas = shapely.force_2d(given[rows])
    bad = ~shapely.is_valid(areas)
    areas[bad] = shapely.make_valid(areas[bad])
    return np.asarray(areas, dtype=object), rows
