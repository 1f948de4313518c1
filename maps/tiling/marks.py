"""
Marks in vector tiles: thousands of points of a few kinds, gathered where they lie close and single from near.

A tile never holds more marks than it has cells, so that a city with 200,000 doubts is as quick as one with ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Transformer

from maps.tiling.quantise import EXTENT, Drawing
from maps.tiling.values import column
from maps.tiling.web_mercator import corner_m, require_tile
from maps.tiling.wire import layer_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from maps.tiling.values import Column

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
        require_tile(z, x, y)
        west_m, north_m, size_m = corner_m(z, x, y)
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
        places = np.arange(len(along))
        units = [(np.clip(share, 0, 1) * EXTENT).astype(np.int64) for share in (along, down)]
        commands = np.column_stack([np.full(len(places), _MOVE_ONE), units[0] << 1, units[1] << 1])
        drawing = Drawing(places, commands.ravel(), 3 * np.arange(len(places) + 1))
        columns = [*self._counts(rows, of, len(places)), self._single(rows, of, len(places))]
        return layer_bytes(self._layer, "Point", EXTENT, columns, drawing)

    def _counts(self, rows: NDArray[np.int64], of: NDArray[np.int64], places: int) -> list[Column]:
        """A column for each kind that occurs: how many of it stand at each place, null for none."""
        found = []
        for group in np.unique(self._group[rows]).tolist():
            count = np.bincount(of[self._group[rows] == group], minlength=places)
            kind, severity = self._groups[group]
            distinct, codes = np.unique(count[count > 0], return_inverse=True)
            placed = np.full(places, -1, dtype=np.int64)
            placed[count > 0] = codes
            found.append(column(f"{kind}|{severity}", placed, distinct.tolist()))
        return found

    def _single(self, rows: NDArray[np.int64], of: NDArray[np.int64], places: int) -> Column:
        """The id of a mark that is alone at its place."""
        codes = np.full(places, -1, dtype=np.int64)
        codes[of] = np.where(np.bincount(of, minlength=places)[of] == 1, np.arange(len(of)), -1)
        return column("id", codes, [self._ids[row] for row in self._order[rows].tolist()])
