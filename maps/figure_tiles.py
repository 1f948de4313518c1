"""
Computed figures as vector tiles: a hundred thousand points or lines, from afar those that would not be hidden by another.

From afar only the gravest row of each class in each cell of a few pixels is drawn: what is left out would be covered by
one of its own colour, and a filter by class needs no other tiles. From FULL_ZOOM on every row is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from maps.errors import MapError
from maps.figures import class_numbers, figure_classes
from maps.tiling.quantise import EXTENT, draw
from maps.tiling.shapes import shapes_of
from maps.tiling.values import Column, number_column, text_column
from maps.tiling.web_mercator import FULL_WIDTH_M, require_tile
from maps.tiling.wire import layer_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from maps.figures import FigureKind, FigureLayer
    from maps.tiling.shapes import Shapes

MIN_ZOOM, CLOSE_ZOOM, FULL_ZOOM = 8, 14, 15
CELLS = 128  # along the side of a tile: 4 px of one drawn 512 px wide
LONG_CELLS = 4  # a line as long as so many cells is seen beside its neighbours
CLASS = "class"


@dataclass(frozen=True)
class _Drawn:
    """A layer ready for cutting."""

    layer: FigureLayer
    shapes: Shapes
    columns: tuple[Column, ...]
    close_columns: tuple[Column, ...]
    first_zoom: NDArray[np.int8]


class FigureTiles:
    """
    Tiles of one run.

    Each feature has its place in `figure_classes` as `class`, 0 the gravest, and the attributes of its layer. Calls may
    come from several threads.

    Raises
    ------
    MapError
        `map-needs-crs`.
    """

    def __init__(self, kind: FigureKind, layers: Sequence[FigureLayer]) -> None:
        self._drawn: list[_Drawn] = []
        self.counts = np.zeros(len(figure_classes(kind)), dtype=np.int64)
        self.bounds: tuple[float, float, float, float] | None = None
        for layer in layers:
            numbers = class_numbers(kind, layer)
            self.counts += np.bincount(numbers, minlength=len(self.counts))
            self._drawn.append(_drawn(layer, numbers, rising=kind == "capacity"))
        self.bounds = _bounds([one.shapes for one in self._drawn])

    def tile(self, z: int, x: int, y: int) -> bytes:
        """
        One tile in MVT 2.1, empty bytes where nothing lies.

        Raises
        ------
        MapError
            Address outside the pyramid.
        """
        require_tile(z, x, y)
        return b"".join(_tile(one, z=z, x=x, y=y) for one in self._drawn)


def _tile(one: _Drawn, *, z: int, x: int, y: int) -> bytes:
    drawing = draw(one.shapes, one.first_zoom, z=z, x=x, y=y)
    if not len(drawing.rows):
        return b""
    columns = (*one.columns, *one.close_columns) if z >= CLOSE_ZOOM else one.columns
    return layer_bytes(one.layer.name, one.layer.geometry, EXTENT, columns, drawing)


def _drawn(layer: FigureLayer, numbers: NDArray[np.int64], *, rising: bool) -> _Drawn:
    table = layer.table
    if table.crs is None:
        raise MapError("map-needs-crs", version=layer.name)
    project = Transformer.from_crs(table.crs, "EPSG:3857", always_xy=True).transform
    shapes = shapes_of(
        shapely.transform(table.geometry.to_numpy(), project, interleaved=False), layer.geometry
    )
    figure_lps = table[layer.figure].to_numpy(dtype=float, na_value=0.0)
    gravity = np.lexsort((figure_lps if rising else -figure_lps, numbers))
    columns = [number_column(CLASS, numbers, np.arange(numbers.max(initial=0) + 1, dtype=float))]
    columns += [_column(name, table[name]) for name in layer.attributes if name in table]
    close = tuple(_column(name, table[name]) for name in layer.close_attributes if name in table)
    zooms = np.full(len(table), FULL_ZOOM, dtype=np.int8)
    np.minimum.at(zooms, shapes.part_row, _first_zooms(shapes, numbers, np.argsort(gravity)))
    return _Drawn(layer, shapes, tuple(columns), close, zooms)


def _first_zooms(shapes: Shapes, numbers: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int8]:
    """
    Zoom from which each part is drawn.

    Parameters
    ----------
    numbers, place
        Class of each row, and its place among all by gravity, 0 the gravest.
    """
    rows, boxes_m = shapes.part_row, shapes.boxes_m
    middle_m, extent_m = (boxes_m[:, :2] + boxes_m[:, 2:]) / 2, np.hypot(*(boxes_m[:, 2:] - boxes_m[:, :2]).T)
    order = np.argsort(place[rows], kind="stable")
    zooms = np.full(len(rows), FULL_ZOOM, dtype=np.int8)
    for z in range(FULL_ZOOM - 1, MIN_ZOOM - 1, -1):
        cell_m = FULL_WIDTH_M / 2**z / CELLS
        cells = np.floor((middle_m + FULL_WIDTH_M / 2) / cell_m).astype(np.int64)[order]
        key = (numbers[rows][order] << 56) | (cells[:, 0] << 28) | cells[:, 1]
        _, gravest = np.unique(key, return_index=True)
        zooms[order[gravest]] = z
        zooms[extent_m >= LONG_CELLS * cell_m] = z
    return zooms


def _column(name: str, values: pd.Series) -> Column:
    codes, distinct = pd.factorize(values)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return number_column(name, codes, np.round(np.asarray(distinct, dtype=np.float64), 3))
    return text_column(name, codes, [str(value) for value in distinct.tolist()])


def _bounds(shapes: Sequence[Shapes]) -> tuple[float, float, float, float] | None:
    """West, south, east, north [degrees] of everything that is drawn."""
    boxes: list[Any] = [one.boxes_m for one in shapes if len(one.boxes_m)]
    if not boxes:
        return None
    every = np.concatenate(boxes)
    to_degrees = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    return to_degrees.transform_bounds(*every[:, :2].min(axis=0), *every[:, 2:].max(axis=0))
