"""
Geometry of vector tiles in bulk: clip, bring to whole tile units, and write the drawing commands of MVT 2.1.

All features of a tile are handled by array operations; only the last cut into features is a loop.
Source: Mapbox Vector Tile Specification 2.1, chapter 4.3 (commands MoveTo 1, LineTo 2, ClosePath 7; zigzag deltas).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXTENT = 4096
BUFFER = 448  # units drawn beyond the edge: half the width of a 50 m street at the deepest tile, labels too
_DIMENSION = {"Point": 0, "LineString": 1, "Polygon": 2}
_SMALLEST = {"Point": 1, "LineString": 2, "Polygon": 3}
_MOVE_ONE, _LINE, _CLOSE = (1 << 3) | 1, 2, (1 << 3) | 7


@dataclass(frozen=True)
class Drawing:
    """
    Commands of the features that are left in the tile.

    Attributes
    ----------
    rows
        Shape (n,): position of each feature in the geometries given.
    commands
        All command integers one after the other.
    starts
        Shape (n + 1,): where each feature's commands begin; the last one is the end.
    """

    rows: NDArray[np.int64]
    commands: NDArray[np.int64]
    starts: NDArray[np.int64]


@dataclass(frozen=True)
class _Parts:
    """Whole-unit coordinates: `part[i]` is the part of coordinate i, `row[p]` the feature of part p."""

    xy: NDArray[np.int64]
    part: NDArray[np.int64]
    row: NDArray[np.int64]


def draw(geometries: Any, kind: str, *, west_m: float, north_m: float, size_m: float) -> Drawing:
    """
    Tile commands of geometries in Web Mercator.

    Parameters
    ----------
    geometries
        Array of shapely geometries; what lies outside the tile and its buffer is cut off.
    kind
        Point, LineString or Polygon: parts of another dimension (left over by cutting) are dropped.
    west_m, north_m, size_m
        Upper left corner and width of the tile [Web Mercator m].
    """
    parts = _whole_units(
        _cut(geometries, kind, west_m=west_m, north_m=north_m, size_m=size_m),
        kind, west_m=west_m, north_m=north_m, size_m=size_m,
    )  # fmt: skip
    return _commands(parts, kind)


def _cut(geometries: Any, kind: str, *, west_m: float, north_m: float, size_m: float) -> tuple[Any, Any]:
    """Simple parts inside the buffered tile, with the row each belongs to."""
    if kind == "Point":
        return shapely.get_parts(geometries, return_index=True)
    margin_m = size_m * BUFFER / EXTENT
    clipped = shapely.clip_by_rect(
        geometries,
        west_m - margin_m,
        north_m - size_m - margin_m,
        west_m + size_m + margin_m,
        north_m + margin_m,
    )
    pieces, rows = shapely.get_parts(clipped, return_index=True)
    keep = (shapely.get_dimensions(pieces) == _DIMENSION[kind]) & ~shapely.is_empty(pieces)
    pieces, rows = pieces[keep], rows[keep]
    if kind == "Polygon":
        # A polygon smaller than four square units would fold onto itself when rounded.
        large = shapely.area(pieces) > 4 * (size_m / EXTENT) ** 2
        # Counter-clockwise with y upwards is what the tile, with y downwards, calls an exterior ring.
        pieces, rows = shapely.orient_polygons(pieces[large]), rows[large]
    return pieces, rows


def _whole_units(cut: tuple[Any, Any], kind: str, *, west_m: float, north_m: float, size_m: float) -> _Parts:
    """Round to tile units; drop repeated vertices, closing vertices and parts that have become too short."""
    pieces, rows = cut
    if kind == "Polygon":
        pieces, owner = shapely.get_rings(pieces, return_index=True)
        rows = rows[owner]
    coordinates, part = shapely.get_coordinates(pieces, return_index=True)
    scale = EXTENT / size_m
    xy = np.column_stack([(coordinates[:, 0] - west_m) * scale, (north_m - coordinates[:, 1]) * scale])
    xy = np.rint(xy).astype(np.int64)
    first = np.r_[True, part[1:] != part[:-1]] if len(part) else np.zeros(0, dtype=bool)
    fresh = first | np.r_[True, (xy[1:] != xy[:-1]).any(axis=1)] if len(part) else first
    if kind == "Polygon":
        last = np.r_[first[1:], True] if len(part) else first
        fresh &= ~last
    xy, part = xy[fresh], part[fresh]
    count = np.bincount(part, minlength=len(rows))
    long_enough = count >= _SMALLEST[kind]
    inside = long_enough[part] if len(part) else np.zeros(0, dtype=bool)
    renumbered = np.cumsum(long_enough) - 1
    return _Parts(xy[inside], renumbered[part[inside]], np.asarray(rows)[long_enough])


def _commands(parts: _Parts, kind: str) -> Drawing:
    """Write MoveTo, LineTo and ClosePath with zigzag steps; the pen goes on from part to part of one feature."""
    if not len(parts.row):
        return Drawing(*(np.zeros(n, dtype=np.int64) for n in (0, 0, 1)))
    new_feature = np.r_[True, parts.row[1:] != parts.row[:-1]]
    count = np.bincount(parts.part, minlength=len(parts.row))
    begins = np.r_[0, np.cumsum(count)[:-1]]
    step = np.diff(parts.xy, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    opening = begins[new_feature]
    step[opening] = parts.xy[opening]
    zigzag = (step << 1) ^ (step >> 63)
    closing = 1 if kind == "Polygon" else 0
    length = np.where(count > 1, 2 * count + 2, 3) + closing
    offset = np.r_[0, np.cumsum(length)]
    commands = np.zeros(offset[-1], dtype=np.int64)
    commands[offset[:-1]] = _MOVE_ONE
    several = count > 1
    commands[offset[:-1][several] + 3] = ((count[several] - 1) << 3) | _LINE
    if closing:
        commands[offset[1:] - 1] = _CLOSE
    rank = np.arange(len(parts.part)) - begins[parts.part]
    place = offset[:-1][parts.part] + np.where(rank == 0, 1, 2 + 2 * rank)
    commands[place], commands[place + 1] = zigzag[:, 0], zigzag[:, 1]
    return Drawing(parts.row[new_feature], commands, np.r_[offset[:-1][new_feature], offset[-1]])
