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

from maps.tiling.runs import runs
from maps.tiling.shapes import DIMENSION
from maps.tiling.web_mercator import corner_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maps.tiling.shapes import Shapes

EXTENT = 4096
BUFFER = 448  # units drawn beyond the edge: half the width of a 50 m street at the deepest tile, labels too
_SMALLEST = {"Point": 1, "LineString": 2, "Polygon": 3}
_MOVE_ONE, _LINE, _CLOSE = (1 << 3) | 1, 2, (1 << 3) | 7


@dataclass(frozen=True)
class Drawing:
    """
    Commands of the features that are left in the tile.

    Attributes
    ----------
    rows
        Shape (n,): row of each feature in the layer, ascending.
    commands
        All command integers one after the other.
    starts
        Shape (n + 1,): where each feature's commands begin; the last one is the end.
    """

    rows: NDArray[np.int64]
    commands: NDArray[np.int64]
    starts: NDArray[np.int64]


@dataclass(frozen=True)
class _Frame:
    """Upper left corner, width and buffer of a tile [Web Mercator m]."""

    west_m: float
    north_m: float
    size_m: float

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the tile with its buffer."""
        margin_m = self.size_m * BUFFER / EXTENT
        west_m, north_m = self.west_m - margin_m, self.north_m + margin_m
        width_m = self.size_m + 2 * margin_m
        return west_m, north_m - width_m, west_m + width_m, north_m


@dataclass(frozen=True)
class _Rings:
    """Coordinates one ring (or line, or point) after the other: `ring[i]` is the ring of coordinate i, `row[r]` its row."""

    xy: NDArray[Any]
    ring: NDArray[np.int64]
    row: NDArray[np.int64]


def draw(shapes: Shapes, first_zoom: NDArray[np.int8], *, z: int, x: int, y: int) -> Drawing:
    """
    Tile commands of the shapes that lie in a tile and are drawn at its zoom.

    Parameters
    ----------
    shapes
        What lies outside the tile and its buffer is cut off.
    first_zoom
        Shape (rows,): zoom from which each row is drawn.
    z, x, y
        Address of the tile.
    """
    frame = _Frame(*corner_m(z, x, y))
    parts = shapes.near(frame.box())
    parts = parts[first_zoom[shapes.part_row[parts]] <= z]
    if shapes.kind == "Polygon":
        # A polygon smaller than four square units would fold onto itself when rounded.
        parts = parts[shapes.areas_m2[parts] > 4 * (frame.size_m / EXTENT) ** 2]
    return _commands(_whole_units(_cut(shapes, parts, frame), shapes.kind, frame), shapes.kind)


def _cut(shapes: Shapes, parts: NDArray[np.int64], frame: _Frame) -> _Rings:
    """Give parts inside the frame as they are, and what is inside of those that cross it."""
    west_m, south_m, east_m, north_m = frame.box()
    boxes_m = shapes.boxes_m[parts]
    inside = (boxes_m[:, :2] >= (west_m, south_m)).all(axis=1) & (boxes_m[:, 2:] <= (east_m, north_m)).all(
        axis=1
    )
    whole = _gathered(shapes, parts[inside])
    if inside.all():
        return whole
    pieces = shapely.clip_by_rect(shapes.geometries(parts[~inside]), west_m, south_m, east_m, north_m)
    return _sorted(whole, _pieces(pieces, shapes.part_row[parts[~inside]], shapes.kind, frame))


def _gathered(shapes: Shapes, parts: NDArray[np.int64]) -> _Rings:
    rings, owner = shapes.rings(parts)
    counts = shapes.ring_starts[rings + 1] - shapes.ring_starts[rings]
    xy = shapes.xy_m[runs(shapes.ring_starts[rings], counts)]
    return _Rings(xy, np.repeat(np.arange(len(rings)), counts), shapes.part_row[parts][owner])


def _pieces(geometries: Any, rows: NDArray[np.int64], kind: str, frame: _Frame) -> _Rings:
    """Take cut geometries apart; parts of another dimension, left over by cutting, are dropped."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    keep = (shapely.get_dimensions(parts) == DIMENSION[kind]) & ~shapely.is_empty(parts)
    parts, rows = parts[keep], rows[owner[keep]]
    if kind == "Polygon":
        large = shapely.area(parts) > 4 * (frame.size_m / EXTENT) ** 2
        parts, owner = shapely.get_rings(shapely.orient_polygons(parts[large]), return_index=True)
        rows = rows[large][owner]
    xy, ring = shapely.get_coordinates(parts, return_index=True)
    return _Rings(xy, ring, rows)


def _sorted(one: _Rings, other: _Rings) -> _Rings:
    """Bring two lots together, rings of a row one after the other."""
    xy = np.concatenate([one.xy, other.xy])
    row = np.concatenate([one.row, other.row])
    counts = np.concatenate(
        [np.bincount(lot.ring, minlength=len(lot.row)) for lot in (one, other)]
    ).astype(np.int64)  # fmt: skip
    order = np.argsort(row, kind="stable")
    begins = np.cumsum(counts) - counts
    return _Rings(
        xy[runs(begins[order], counts[order])], np.repeat(np.arange(len(row)), counts[order]), row[order]
    )


def _whole_units(rings: _Rings, kind: str, frame: _Frame) -> _Rings:
    """Round to tile units; drop repeated vertices, closing vertices and rings that have become too short."""
    if not len(rings.ring):
        return _Rings(np.zeros((0, 2), dtype=np.int64), rings.ring, rings.row[:0])
    scale = EXTENT / frame.size_m
    xy = np.rint((rings.xy - (frame.west_m, frame.north_m)) * (scale, -scale)).astype(np.int64)
    first = np.r_[True, rings.ring[1:] != rings.ring[:-1]]
    fresh = first | np.r_[True, (xy[1:] != xy[:-1]).any(axis=1)]
    if kind == "Polygon":
        fresh &= ~np.r_[first[1:], True]
    xy, ring = xy[fresh], rings.ring[fresh]
    long_enough = np.bincount(ring, minlength=len(rings.row)) >= _SMALLEST[kind]
    inside = long_enough[ring]
    renumbered = np.cumsum(long_enough) - 1
    return _Rings(xy[inside], renumbered[ring[inside]], rings.row[long_enough])


def _commands(rings: _Rings, kind: str) -> Drawing:
    """Write MoveTo, LineTo and ClosePath with zigzag steps; the pen goes on from ring to ring of one feature."""
    if not len(rings.row):
        return Drawing(*(np.zeros(n, dtype=np.int64) for n in (0, 0, 1)))
    new_feature = np.r_[True, rings.row[1:] != rings.row[:-1]]
    count = np.bincount(rings.ring, minlength=len(rings.row))
    begins = np.r_[0, np.cumsum(count)[:-1]]
    step = np.diff(rings.xy, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    opening = begins[new_feature]
    step[opening] = rings.xy[opening]
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
    rank = np.arange(len(rings.ring)) - begins[rings.ring]
    place = offset[:-1][rings.ring] + np.where(rank == 0, 1, 2 + 2 * rank)
    commands[place], commands[place + 1] = zigzag[:, 0], zigzag[:, 1]
    return Drawing(rings.row[new_feature], commands, np.r_[offset[:-1][new_feature], offset[-1]])
