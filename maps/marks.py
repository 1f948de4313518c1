"""
Marks in vector tiles: thousands of points of a few kinds, gathered where they lie close and single from near.

A tile never holds more marks than it has cells, so that a city with 200,000 doubts is as quick as one with ten.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from pyproj import Transformer

from maps.errors import MapError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

EXTENT = 4096
FULL_WIDTH_M = 2 * math.pi * 6378137.0
MAX_ZOOM = 22
SINGLE_ZOOM = 17  # from here on every mark stands for itself
CELLS = 10  # cells along the side of a tile below that zoom: 50 px of a tile drawn 512 px wide
_MOVE_ONE = (1 << 3) | 1


@dataclass(frozen=True)
class Mark:
    """One point: its id, the kind it is filtered by, and what its colour says."""

    mark_id: str
    kind: str
    severity: str
    place_xy: tuple[float, float]


class MarkTiles:
    """
    Tiles of marks given in one CRS.

    Each feature tells how many marks of which kind it stands for, under the keys `<kind>|<severity>`: a filter by kind
    adds up the kinds that are wanted and needs no new tiles. One that stands for a single mark also has its `id`.
    """

    def __init__(self, marks: Sequence[Mark], crs: CRS | None, *, layer: str) -> None:
        self._layer = layer
        self._ids = [mark.mark_id for mark in marks] if crs is not None else []
        self._groups = sorted({(mark.kind, mark.severity) for mark in marks})
        number = {group: k for k, group in enumerate(self._groups)}
        given = np.array([mark.place_xy for mark in marks], dtype=float).reshape(-1, 2)
        if crs is None:
            given = given[:0]
        group = np.array([number[mark.kind, mark.severity] for mark in marks][: len(given)], dtype=np.int64)
        x, y = np.empty(0), np.empty(0)
        if len(given):
            to_map = Transformer.from_crs(crs, "EPSG:3857", always_xy=True)
            x, y = (np.asarray(part) for part in to_map.transform(given[:, 0], given[:, 1]))
        order = np.argsort(x, kind="stable")
        self._order, self._x, self._y, self._group = order, x[order], y[order], group[order]

    def tile(self, z: int, x: int, y: int) -> bytes:
        """
        One tile in MVT 2.1, empty bytes where nothing lies.

        Raises
        ------
        MapError
            Address outside the pyramid.
        """
        if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
            raise MapError("tile-out-of-range", z=z, x=x, y=y)
        size_m = FULL_WIDTH_M / 2**z
        west_m, north_m = x * size_m - FULL_WIDTH_M / 2, FULL_WIDTH_M / 2 - y * size_m
        first, last = np.searchsorted(self._x, [west_m, west_m + size_m])
        inside = (self._y[first:last] <= north_m) & (self._y[first:last] > north_m - size_m)
        rows = first + np.flatnonzero(inside)
        if not len(rows):
            return b""
        along = (self._x[rows] - west_m) / size_m
        down = (north_m - self._y[rows]) / size_m
        if z >= SINGLE_ZOOM:
            return self._written(rows, np.arange(len(rows)), along, down)
        cell = [np.minimum((share * CELLS).astype(int), CELLS - 1) for share in (along, down)]
        _, of, count = np.unique(cell[0] * CELLS + cell[1], return_inverse=True, return_counts=True)
        return self._written(rows, of, np.bincount(of, along) / count, np.bincount(of, down) / count)

    def _written(
        self, rows: NDArray[np.int64], of: NDArray[np.int64], along: NDArray[Any], down: NDArray[Any]
    ) -> bytes:
        """Write one feature a place: `of` says which place each row belongs to."""
        message = vector_tile_pb2.tile()
        part = message.layers.add(name=self._layer, version=2, extent=EXTENT)
        part.keys.extend([*(f"{kind}|{severity}" for kind, severity in self._groups), "id"])
        numbers: dict[object, int] = {}

        def value(content: str | int) -> int:
            if content not in numbers:
                numbers[content] = len(part.values)
                slot = part.values.add()
                if isinstance(content, str):
                    slot.string_value = content
                else:
                    slot.sint_value = content
            return numbers[content]

        units = [(np.clip(share, 0, 1) * EXTENT).astype(int).tolist() for share in (along, down)]
        tags: list[list[int]] = [[] for _ in along]
        pairs, many = np.unique(np.column_stack([of, self._group[rows]]), axis=0, return_counts=True)
        for (place, group), count in zip(pairs.tolist(), many.tolist(), strict=True):
            tags[place] += [group, value(count)]
        total = np.bincount(of, minlength=len(along))
        for place, row in zip(of.tolist(), rows.tolist(), strict=True):
            if total[place] == 1:
                tags[place] += [len(self._groups), value(self._ids[self._order[row]])]
        for own, right, below in zip(tags, *units, strict=True):
            part.features.add(type=1, tags=own, geometry=[_MOVE_ONE, right << 1, below << 1])
        return bytes(message.SerializeToString())
