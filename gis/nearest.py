"""Nearest reserved tap-offs and nearest mains, exactly, by spatial index."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

# Relative room for the rounding of the tree's own distances; what it lets in is measured again and sorted exactly.
_ROUNDING = 1e-9


class TapoffHit(NamedTuple):
    """A tap-off near a place; `row` counts in the table the index was built from."""

    row: int
    tapoff_id: str
    distance_m: float


@dataclass(frozen=True)
class MainHit:
    """The nearest point of a pipe; `fraction` 0..1 is measured along its drawn length from its start node."""

    row: int
    pipe_id: str
    distance_m: float
    position_xy: tuple[float, float]
    fraction: float


class TapoffIndex:
    """
    Finds tap-offs by distance; one search tree for each status and one for all.

    Rows without a point are left out: they have no place to be near to.
    """

    def __init__(self, tapoffs: gpd.GeoDataFrame) -> None:
        points = np.asarray(tapoffs.geometry.array, dtype=object)
        placed = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
        centres = shapely.centroid(points[placed])
        self._ids = tapoffs["tapoff_id"].astype(str).to_numpy(dtype=object)
        status = tapoffs["status"].to_numpy()[placed]
        self._groups = {str(name): _Points(centres, placed, status == name) for name in set(status.tolist())}
        self._everything = _Points(centres, placed, np.ones(len(placed), dtype=bool))

    def near(
        self, xy: tuple[float, float], *, count: int, within_m: float, status: str | None = "free"
    ) -> list[TapoffHit]:
        """
        Nearest first, at most `count`, none farther than `within_m` [m]; equal distances are ordered by id.

        `status` None looks at every tap-off. A place that is not finite has nothing near it.
        """
        points = self._everything if status is None else self._groups.get(status)
        if points is None or count < 1 or not all(map(math.isfinite, xy)):
            return []
        near = points.clearly_near(xy, count, within_m)
        if near is not None:
            return [TapoffHit(row, self._ids[row], distance_m) for distance_m, row in near]
        found = sorted(
            (distance_m, self._ids[row], row) for distance_m, row in points.near(xy, count, within_m)
        )
        return [TapoffHit(row, tapoff_id, distance_m) for distance_m, tapoff_id, row in found[:count]]


class _Points:
    """Points of one status with their rows in the table."""

    def __init__(self, centres: NDArray[Any], rows: NDArray[np.intp], chosen: NDArray[np.bool_]) -> None:
        self._xy = shapely.get_coordinates(centres[chosen])
        self._rows = rows[chosen]
        from scipy.spatial import cKDTree  # half a second to load: only who asks waits

        self._tree = cKDTree(self._xy) if len(self._xy) else None

    def clearly_near(
        self, xy: tuple[float, float], count: int, within_m: float
    ) -> list[tuple[float, int]] | None:
        """
        The nearest points in order, (distance, row); None when two distances are too alike to tell which comes first.

        One search of the tree and nothing else: what most places need, at a third of the price.
        """
        if self._tree is None:
            return []
        distances, found = self._tree.query(xy, k=count + 1)
        distances_m, last_m = distances.tolist(), -math.inf
        for distance_m in distances_m:
            if (
                distance_m - last_m <= (distance_m + 1.0) * _ROUNDING
                or abs(distance_m - within_m) <= _ROUNDING
            ):
                return None
            if distance_m > within_m:
                break
            last_m = distance_m
        rows = self._rows
        return [
            (distance_m, int(rows[place]))
            for distance_m, place in zip(distances_m[:count], found.tolist()[:count], strict=True)
            if distance_m <= within_m
        ]

    def near(self, xy: tuple[float, float], count: int, within_m: float) -> list[tuple[float, int]]:
        """Every point as near as the count-th nearest, ties included: (distance, row), not sorted."""
        if self._tree is None:
            return []
        count = min(count, len(self._xy))
        distances_m, _ = self._tree.query(xy, k=[count])
        reach_m = min(float(distances_m[0]), within_m) * (1 + _ROUNDING) + _ROUNDING
        places = self._tree.query_ball_point(xy, reach_m)
        measured = ((math.dist(xy, self._xy[place]), int(self._rows[place])) for place in places)
        return [(distance_m, row) for distance_m, row in measured if distance_m <= within_m]


class MainIndex:
    """Finds the nearest points on pipes; rows without a line are left out."""

    def __init__(self, pipes: gpd.GeoDataFrame) -> None:
        lines = np.asarray(pipes.geometry.array, dtype=object)
        self._rows = np.flatnonzero(~(shapely.is_missing(lines) | shapely.is_empty(lines)))
        placed = lines[self._rows]
        # flat lines are not copied: a million of them are a quarter of a gigabyte
        self._lines = shapely.force_2d(placed) if shapely.has_z(placed).any() else placed
        self._ids = pipes["pipe_id"].to_numpy(dtype=object)
        self._tree = shapely.STRtree(self._lines)
        self._bounds = shapely.total_bounds(self._lines) if len(self._lines) else np.zeros(4)

    def near(
        self,
        xy: tuple[float, float],
        *,
        count: int,
        within_m: float,
        allowed: NDArray[np.bool_] | None = None,
    ) -> list[MainHit]:
        """
        Nearest first, at most `count`, none farther than `within_m` [m]; equal distances are ordered by id.

        `allowed`, shape (rows of the table,), says which pipes may answer; None allows all.
        """
        if count < 1 or not len(self._lines) or not all(map(math.isfinite, xy)):
            return []
        point = shapely.Point(xy)
        places, distances_m = self._window(point, count, within_m, allowed)
        ids = self._ids[self._rows[places]]
        order = np.lexsort((ids, distances_m))[:count]
        return [self._hit(point, int(places[k]), float(distances_m[k])) for k in order]

    def _window(
        self, point: shapely.Point, count: int, within_m: float, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Pipes within a circle that is doubled until it holds enough of them, or all there is to find."""
        limit_m = min(within_m, self._farthest_m(point))
        reach_m = min(2 * float(self._tree.query_nearest(point, return_distance=True)[1][0]) + 1.0, limit_m)
        while True:
            places = self._tree.query(point, predicate="dwithin", distance=reach_m * (1 + _ROUNDING))
            if allowed is not None:
                places = places[allowed[self._rows[places]]]
            distances_m = shapely.distance(point, self._lines[places])
            if np.count_nonzero(distances_m <= reach_m) >= count or reach_m >= limit_m:
                kept = distances_m <= within_m
                return places[kept], distances_m[kept]
            reach_m = min(2 * reach_m, limit_m)

    def _farthest_m(self, point: shapely.Point) -> float:
        """No pipe is farther than the farthest corner of them all, whatever the caller's limit."""
        west, south, east, north = self._bounds
        dx_m = max(abs(point.x - west), abs(point.x - east))
        dy_m = max(abs(point.y - south), abs(point.y - north))
        return math.hypot(dx_m, dy_m) * (1 + _ROUNDING) + _ROUNDING

    def _hit(self, point: shapely.Point, place: int, distance_m: float) -> MainHit:
        line, row = self._lines[place], int(self._rows[place])
        along_m = float(shapely.line_locate_point(line, point))
        foot = shapely.line_interpolate_point(line, along_m)
        fraction = min(along_m / line.length, 1.0) if line.length > 0 else 0.0
        return MainHit(row, str(self._ids[row]), distance_m, (foot.x, foot.y), fraction)
