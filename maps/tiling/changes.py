"""Differences of two versions as vector tiles: what came, changed and went, each thing with its layer, id and change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer

from gis.schema import layers
from maps.tiling.quantise import EXTENT, draw
from maps.tiling.shapes import shapes_of
from maps.tiling.thin import first_zooms
from maps.tiling.values import column
from maps.tiling.web_mercator import require_tile
from maps.tiling.wire import layer_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.versions.diff import LayerChange
    from maps.tiling.shapes import Shapes
    from maps.tiling.values import Column

KINDS = ("added", "changed", "removed", "former")
LOWEST, FULL_ZOOM = 5, 14
_GEOMETRIES = ("Polygon", "LineString", "Point")


@dataclass(frozen=True)
class _Drawn:
    """All changed things of one geometry kind."""

    kind: str
    shapes: Shapes
    columns: tuple[Column, ...]
    first_zoom: NDArray[np.int8]


class ChangeTiles:
    """
    Tiles of the differences between two versions.

    Tile layers are named after the geometry (Point, LineString, Polygon); a feature has `layer`, `id` and `change`:
    added, changed, removed, or `former` for the old shape of a thing whose shape changed.
    """

    def __init__(self, changes: Mapping[str, LayerChange]) -> None:
        self._drawn = [_drawn(changes, kind) for kind in _GEOMETRIES]

    def tile(self, z: int, x: int, y: int) -> bytes:
        """
        One tile in MVT 2.1, empty bytes where nothing changed.

        Raises
        ------
        MapError
            Address outside the pyramid.
        """
        require_tile(z, x, y)
        return b"".join(_layer(one, z=z, x=x, y=y) for one in self._drawn)


def _layer(one: _Drawn, *, z: int, x: int, y: int) -> bytes:
    drawing = draw(one.shapes, one.first_zoom, z=z, x=x, y=y)
    return layer_bytes(one.kind, one.kind, EXTENT, one.columns, drawing) if len(drawing.rows) else b""


def _drawn(changes: Mapping[str, LayerChange], geometry: str) -> _Drawn:
    shapes: list[NDArray[Any]] = [np.empty(0, dtype=object)]
    names: list[str] = []
    kinds: list[str] = []
    ids: list[str] = []
    for name, change in changes.items():
        if layers()[name].geometry != geometry:
            continue
        for kind, table in _tables(change):
            if len(table) and table.crs is not None:
                shapes.append(_mercator(table))
                names += [name] * len(table)
                kinds += [kind] * len(table)
                ids += table[layers()[name].id_column].astype(str).tolist()
    made = shapes_of(np.concatenate(shapes), geometry)
    columns = (_coded("layer", names), _coded("change", kinds), _coded("id", ids))
    return _Drawn(geometry, made, columns, _zooms(made, len(names)))


def _tables(change: LayerChange) -> list[tuple[str, gpd.GeoDataFrame]]:
    moved = ["geometry" in fields.split(", ") for fields in change.changed["changed_fields"]]
    former = change.before[np.array(moved, dtype=bool)]
    return [
        ("added", change.added),
        ("changed", change.changed),
        ("removed", change.removed),
        ("former", former),
    ]


def _mercator(table: gpd.GeoDataFrame) -> NDArray[Any]:
    project = Transformer.from_crs(table.crs, "EPSG:3857", always_xy=True).transform
    moved: NDArray[Any] = shapely.transform(table.geometry.to_numpy(), project, interleaved=False)
    return moved


def _coded(name: str, values: Sequence[str]) -> Column:
    distinct, codes = np.unique(np.array(values, dtype=object).astype(str), return_inverse=True)
    return column(name, codes.reshape(-1), distinct.tolist())


def _zooms(shapes: Shapes, rows: int) -> NDArray[np.int8]:
    """Larger things first where there are too many for a tile."""
    zooms = np.full(rows, FULL_ZOOM, dtype=np.int8)
    low, high = shapes.boxes_m[:, :2], shapes.boxes_m[:, 2:]
    own = first_zooms(
        np.zeros(len(low), dtype=np.int64), np.hypot(*(high - low).T), (low + high) / 2, lowest=LOWEST, full=FULL_ZOOM
    )  # fmt: skip
    np.minimum.at(zooms, shapes.part_row, np.where(own == LOWEST, 0, own).astype(np.int8))
    return zooms
