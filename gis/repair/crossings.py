"""Lines that cross without a node, and lines that run on each other: found by boxes, then by shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.repair.topology import FloatArray, IntArray, Lines

CHUNK = 100_000  # lines asked at once: bounds the memory of the pairs of boxes


@dataclass(frozen=True)
class Crossings:
    """Pairs of line rows, how many times they cross, and where they do first (shape (pairs, 2))."""

    a: IntArray
    b: IntArray
    count: IntArray
    at_xy: FloatArray

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True)
class Overlaps:
    """Pairs of line rows, the length they share, and the middle of it (shape (pairs, 2))."""

    a: IntArray
    b: IntArray
    length_m: FloatArray
    at_xy: FloatArray

    def __len__(self) -> int:
        return len(self.a)


def close_pairs(lines: Lines, within_m: float) -> tuple[IntArray, IntArray]:
    """Give the pairs of lines, first row below second, whose boxes come within a distance."""
    bounds = shapely.bounds(lines.geometry)
    boxes = shapely.box(
        bounds[:, 0] - within_m, bounds[:, 1] - within_m, bounds[:, 2] + within_m, bounds[:, 3] + within_m
    )
    tree = shapely.STRtree(lines.geometry)
    found = []
    for first in range(0, len(lines), CHUNK):
        a, b = tree.query(boxes[first : first + CHUNK])
        a = a + first
        found.append(np.stack([a[a < b], b[a < b]]))
    pairs = np.concatenate(found, axis=1) if found else np.empty((2, 0), dtype=np.int64)
    order = np.lexsort((pairs[1], pairs[0]))
    return pairs[0][order].astype(np.int64), pairs[1][order].astype(np.int64)


def crossings(lines: Lines, a: IntArray, b: IntArray) -> Crossings:
    """Give those of the pairs that cross in a point that is an end of neither."""
    straight = shapely.get_num_coordinates(lines.geometry) == 2
    simple = straight[a] & straight[b]
    crossed = np.zeros(len(a), dtype=bool)
    crossed[simple] = _straight_cross(lines, a[simple], b[simple])
    bent = np.flatnonzero(~simple)
    bent = bent[shapely.intersects(lines.geometry[a[bent]], lines.geometry[b[bent]])]
    crossed[bent] = shapely.crosses(lines.geometry[a[bent]], lines.geometry[b[bent]])
    a, b = a[crossed], b[crossed]
    shared = shapely.intersection(lines.geometry[a], lines.geometry[b])
    points, pair = shapely.get_parts(shared, return_index=True)
    inner = _inside(lines, a[pair], b[pair], points)
    points, pair = points[inner], pair[inner]
    count = np.bincount(pair, minlength=len(a))
    kept, first = np.unique(pair, return_index=True)
    return Crossings(a[kept], b[kept], count[kept], shapely.get_coordinates(points[first]).reshape(-1, 2))


def _inside(lines: Lines, a: IntArray, b: IntArray, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which shared points are points and no end of either line."""
    inner: NDArray[np.bool_] = shapely.get_type_id(points) == 0
    for rows in (a, b):
        for place in (0, -1):
            ends = shapely.get_point(lines.geometry[rows], place)
            inner &= ~(shapely.distance(ends, points) < 1e-6)
    return inner


def _straight_cross(lines: Lines, a: IntArray, b: IntArray) -> NDArray[np.bool_]:
    """Tell whether two straight lines pass through each other, ends not counted."""
    first = shapely.get_coordinates(shapely.get_point(lines.geometry, 0))
    last = shapely.get_coordinates(shapely.get_point(lines.geometry, -1))
    p, q, r, s = first[a], last[a], first[b], last[b]

    def side(u_xy: FloatArray, v_xy: FloatArray, w_xy: FloatArray) -> FloatArray:
        turn: FloatArray = (v_xy[:, 0] - u_xy[:, 0]) * (w_xy[:, 1] - u_xy[:, 1]) - (
            v_xy[:, 1] - u_xy[:, 1]
        ) * (w_xy[:, 0] - u_xy[:, 0])
        return turn

    both: NDArray[np.bool_] = (side(p, q, r) * side(p, q, s) < 0) & (side(r, s, p) * side(r, s, q) < 0)
    return both


def overlaps(lines: Lines, a: IntArray, b: IntArray, *, within_m: float, least_m: float) -> Overlaps:
    """Give those of the pairs that run within `within_m` of each other for at least `least_m`."""
    long = shapely.length(lines.geometry) >= least_m
    rows = np.flatnonzero(long[a] & long[b])
    rows = rows[_may_overlap(lines, a[rows], b[rows], within_m=within_m, least_m=least_m)]
    rows = rows[shapely.dwithin(lines.geometry[a[rows]], lines.geometry[b[rows]], within_m)]
    a, b = a[rows], b[rows]
    shared = shapely.intersection(
        lines.geometry[a], shapely.buffer(lines.geometry[b], within_m, cap_style="flat", quad_segs=2)
    )
    length_m = shapely.length(shared)
    enough = length_m >= least_m
    middle = shapely.point_on_surface(shared[enough])
    return Overlaps(a[enough], b[enough], length_m[enough], shapely.get_coordinates(middle).reshape(-1, 2))


def _may_overlap(
    lines: Lines, a: IntArray, b: IntArray, *, within_m: float, least_m: float
) -> NDArray[np.bool_]:
    """Two straight lines must point the same way; bent ones are looked at in any case."""
    straight = shapely.get_num_coordinates(lines.geometry) == 2
    start = shapely.get_coordinates(shapely.get_point(lines.geometry, 0))
    along = shapely.get_coordinates(shapely.get_point(lines.geometry, -1)) - start
    length_m = np.hypot(*along.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = along / length_m[:, None]
    turn = np.abs(unit[a, 0] * unit[b, 1] - unit[a, 1] * unit[b, 0])
    # Over least_m two lines within a band of 2 * within_m cannot turn more than this.
    aligned: NDArray[np.bool_] = turn <= 2.0 * within_m / least_m
    return aligned | ~(straight[a] & straight[b])


def unexplained(crossed: Crossings, cover_m: FloatArray, clear_depth_m: float) -> Crossings:
    """Leave out pairs whose recorded cover (one a line, NaN where unknown) shows that one passes over the other."""
    with np.errstate(invalid="ignore"):
        keep = ~(np.abs(cover_m[crossed.a] - cover_m[crossed.b]) > clear_depth_m)
    return Crossings(crossed.a[keep], crossed.b[keep], crossed.count[keep], crossed.at_xy[keep])
