"""The shortest way around buildings: corner to corner, as a trench would be set out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.graph import Arcs, cheapest_paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLEARANCE_M = 1.5  # trench to building wall as it is wanted
NARROW_M = 0.4  # and as it is put up with in a gap between houses, where the wanted one leads far around
FAR_AROUND = 1.3
_TOUCH_M = 0.05


def shortest_around(line: Any, buildings: NDArray[Any]) -> Any:
    """
    Shortest line between the ends of `line` that crosses no building; `line` itself when there is none.

    Corners to turn at are those of the buildings, `CLEARANCE_M` from their walls, or `NARROW_M` where that is the
    only way or spares a way around of more than `FAR_AROUND` times the straight line.
    """
    wide = _around_at(line, buildings, CLEARANCE_M)
    if wide is not None and wide.length <= FAR_AROUND * line.length:
        return wide
    narrow = _around_at(line, buildings, NARROW_M)
    found = [way for way in (wide, narrow) if way is not None]
    return min(found, key=lambda way: way.length, default=line)


def _around_at(line: Any, buildings: NDArray[Any], clearance_m: float) -> Any | None:
    outlines = shapely.convex_hull(shapely.buffer(buildings, clearance_m, join_style="mitre"))
    corners_xy = shapely.get_coordinates(shapely.simplify(outlines, clearance_m / 4))
    walls = shapely.STRtree(shapely.buffer(buildings, clearance_m - _TOUCH_M, join_style="mitre"))
    tight = shapely.STRtree(buildings)
    corners_xy = corners_xy[_outside(corners_xy, tight)]
    ends = shapely.get_coordinates(line)
    points = np.concatenate([ends[[0, -1]], np.unique(corners_xy, axis=0)])
    a, b = np.triu_indices(len(points), k=1)
    sights = shapely.linestrings(np.stack([points[a], points[b]], axis=1))
    free = np.ones(len(a), dtype=bool)
    free[np.unique(tight.query(sights, predicate="intersects")[0])] = False
    # Between corners the full clearance holds; the ends may stand closer to a wall than that.
    inner = (a >= 2) & (b >= 2)
    close = np.unique(walls.query(sights[inner], predicate="intersects")[0])
    free[np.flatnonzero(inner)[close]] = False
    a, b, lengths_m = a[free], b[free], shapely.length(sights[free])
    labels = np.arange(2 * len(a))
    arcs = Arcs(np.concatenate([a, b]), np.concatenate([b, a]), np.tile(lengths_m, 2), labels)
    path = cheapest_paths(arcs, nodes=len(points), source=0, targets=[1])[0]
    if path is None:
        return None
    return shapely.LineString(points[[0, *(int(arcs.heads[label]) for label in path)]])


def _outside(corners_xy: NDArray[np.float64], buildings: shapely.STRtree) -> NDArray[np.bool_]:
    inside = np.unique(buildings.query(shapely.points(corners_xy), predicate="intersects")[0])
    keep = np.ones(len(corners_xy), dtype=bool)
    keep[inside] = False
    return keep
