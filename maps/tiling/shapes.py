"""Shapes of a layer in Web Mercator as plain arrays, with an index of boxes: what a tile needs is gathered, not copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from maps.tiling.runs import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMENSION = {"Point": 0, "LineString": 1, "Polygon": 2}
_BLOCK = 64  # neighbours in one box of the index
_GRID_BITS = 16


@dataclass(frozen=True)
class Shapes:
    """
    Simple parts of every row's geometry.

    Attributes
    ----------
    xy_m
        Shape (vertices, 2) [Web Mercator m].
    ring_starts
        Where each line, ring or point begins in `xy_m`; the last one is the end.
    part_starts
        Where each part begins among the rings; the last one is the end. A line or a point is a part of one ring.
    part_row
        Row of each part, ascending.
    boxes_m, areas_m2
        Shape (parts, 4): west, south, east, north; shape (parts,), zero but for polygons.
    order, block_boxes_m
        Parts along a space-filling curve, and the box of every block of them.
    """

    kind: str
    xy_m: NDArray[np.float64]
    ring_starts: NDArray[np.int64]
    part_starts: NDArray[np.int64]
    part_row: NDArray[np.int64]
    boxes_m: NDArray[np.float64]
    areas_m2: NDArray[np.float64]
    order: NDArray[np.int64]
    block_boxes_m: NDArray[np.float64]

    def near(self, box: tuple[float, float, float, float]) -> NDArray[np.int64]:
        """Parts whose boxes touch the box, ascending."""
        blocks = np.flatnonzero(_touching(self.block_boxes_m, box))
        begins = blocks * _BLOCK
        places = runs(begins, np.minimum(_BLOCK, len(self.order) - begins))
        parts = self.order[places]
        return np.sort(parts[_touching(self.boxes_m[parts], box)])

    def geometries(self, parts: NDArray[np.int64]) -> NDArray[np.object_]:
        """Give parts as geometries."""
        rings, ring_part = self.rings(parts)
        counts = self.ring_starts[rings + 1] - self.ring_starts[rings]
        coordinates = self.xy_m[runs(self.ring_starts[rings], counts)]
        owner = np.repeat(np.arange(len(rings)), counts)
        if self.kind == "Point":
            return np.asarray(shapely.points(coordinates))
        if self.kind == "LineString":
            return np.asarray(shapely.linestrings(coordinates, indices=owner))
        return np.asarray(
            shapely.polygons(shapely.linearrings(coordinates, indices=owner), indices=ring_part)
        )

    def rings(self, parts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the rings of parts, and the place of each one's part in the list given."""
        counts = self.part_starts[parts + 1] - self.part_starts[parts]
        return runs(self.part_starts[parts], counts), np.repeat(np.arange(len(parts)), counts)


def _touching(boxes_m: NDArray[np.float64], box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    west, south, east, north = box
    return (
        (boxes_m[:, 0] <= east) & (boxes_m[:, 2] >= west) & (boxes_m[:, 1] <= north) & (boxes_m[:, 3] >= south)
    )  # fmt: skip


def shapes_of(geometries: Any, kind: str) -> Shapes:
    """Take geometries apart; parts of another dimension than `kind`, empty and infinite ones are left out."""
    parts, rows = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    keep = (shapely.get_dimensions(parts) == DIMENSION[kind]) & ~shapely.is_empty(parts)
    # A place outside what the projection can map comes out infinite.
    keep &= np.isfinite(shapely.bounds(parts).reshape(-1, 4)).all(axis=1)
    parts, rows = parts[keep], rows[keep]
    if kind == "Polygon":
        # Counter-clockwise with y upwards is what the tile, with y downwards, calls an exterior ring.
        parts = shapely.orient_polygons(parts)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
    else:
        rings, ring_part = parts, np.arange(len(parts))
    boxes_m = shapely.bounds(parts).reshape(-1, 4)
    order = _curve_order(boxes_m)
    return Shapes(
        kind=kind, xy_m=shapely.get_coordinates(rings), ring_starts=_starts(shapely.get_num_coordinates(rings)),
        part_starts=_starts(np.bincount(ring_part, minlength=len(parts))), part_row=np.asarray(rows, dtype=np.int64),
        boxes_m=boxes_m, areas_m2=shapely.area(parts), order=order, block_boxes_m=_block_boxes(boxes_m[order]),
    )  # fmt: skip


def _starts(counts: Any) -> NDArray[np.int64]:
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def _curve_order(boxes_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Order of the boxes' middles along a Z curve."""
    if not len(boxes_m):
        return np.zeros(0, dtype=np.int64)
    middle = (boxes_m[:, :2] + boxes_m[:, 2:]) / 2
    low = middle.min(axis=0)
    span = max(float((middle.max(axis=0) - low).max()), 1e-9)
    cells = ((middle - low) / span * ((1 << _GRID_BITS) - 1)).astype(np.uint64)
    return np.argsort(_spread(cells[:, 0]) | (_spread(cells[:, 1]) << np.uint64(1)), kind="stable")


def _spread(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put a zero between the bits of 16-bit numbers."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values


def _block_boxes(boxes_m: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(boxes_m):
        return np.zeros((0, 4))
    begins = np.arange(0, len(boxes_m), _BLOCK)
    lows = np.minimum.reduceat(boxes_m[:, :2], begins)
    highs = np.maximum.reduceat(boxes_m[:, 2:], begins)
    return np.concatenate([lows, highs], axis=1)
