"""
Vector tiles of a network version: Mapbox Vector Tiles cut on demand from the layers in memory.

The first tile of a layer projects it to Web Mercator once and indexes it; after that a tile costs a few
milliseconds per thousand features. Feature wire format by `mapbox_vector_tile`; geometry by `maps/quantise.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from pyproj import Transformer

from maps.errors import MapError
from maps.layers import CLOSE_ZOOM, MapLayer, layers_of, map_layers
from maps.quantise import BUFFER, EXTENT, draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.network import Network

MAX_ZOOM = 22
FULL_WIDTH_M = 2 * math.pi * 6378137.0
CROWD = 2500  # minor features a tile may hold on average before they wait for the next zoom
_LABELLED = (("streets", "name"), ("communities", "name"), ("sources", "name"), ("loggers", "name"),
             ("renovations", "name"), ("road_works", "name"))  # fmt: skip
_GEOMETRY_TYPE = {"Point": 1, "LineString": 2, "Polygon": 3}


@dataclass(frozen=True)
class _Column:
    """An attribute as codes into its distinct values; -1 where it is null."""

    name: str
    codes: NDArray[np.int64]
    values: list[str | int | float]


@dataclass(frozen=True)
class _Prepared:
    """A layer ready for cutting: geometries in Web Mercator, tree, first zoom of every row, attributes."""

    geometries: Any
    tree: Any
    first_zoom: NDArray[np.int64]
    columns: tuple[_Column, ...]


class TileServer:
    """
    Tiles of one network version.

    Parameters
    ----------
    network
        Needs a coordinate system; without one every tile is refused with `map-needs-crs`.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._prepared: dict[str, _Prepared] = {}

    def tile(self, layer: str, z: int, x: int, y: int) -> bytes:
        """
        One tile in MVT 2.1, empty bytes where nothing lies.

        Parameters
        ----------
        layer
            A tile set (ground, network, works) or one layer of the schema.
        z, x, y
            Zoom, column from the west, row from the north, as in XYZ addresses.

        Raises
        ------
        MapError
            Unknown layer, address outside the pyramid, or a network without a coordinate system.
        """
        wanted = layers_of(layer)
        if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
            raise MapError("tile-out-of-range", z=z, x=x, y=y)
        message = vector_tile_pb2.tile()
        for one in wanted:
            if z >= one.min_zoom:
                self._add_layer(message, one, z=z, x=x, y=y)
        return bytes(message.SerializeToString())

    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north [degrees] of the pipes; None without pipes or coordinate system."""
        if self._network.crs is None:
            return None
        geometries = self._prepare(map_layers()["pipes"]).geometries
        if not len(geometries):
            return None
        to_degrees = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
        return to_degrees.transform_bounds(*shapely.total_bounds(geometries))

    def places(self, layer: str) -> dict[str, tuple[float, float]]:
        """Lon, lat [degrees] in the middle of every feature of a layer by its id; empty without coordinate system."""
        if self._network.crs is None:
            return {}
        (one,) = layers_of(layer)
        prepared = self._prepare(one)
        to_degrees = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
        middle = shapely.get_coordinates(_middle(prepared.geometries, one.geometry))
        lon, lat = to_degrees.transform(middle[:, 0], middle[:, 1])
        ids = next(column for column in prepared.columns if column.name == one.id_column)
        pairs = zip(np.round(lon, 9).tolist(), np.round(lat, 9).tolist(), strict=True)
        return {
            str(ids.values[code]): pair
            for code, pair in zip(ids.codes.tolist(), pairs, strict=True)
            if code >= 0
        }

    def label_text(self) -> str:
        """Every character that labels can need, sorted: the page loads exactly these glyphs beforehand."""
        characters: set[str] = set()
        for layer, column in _LABELLED:
            characters.update("".join(self._network.layer(layer)[column].dropna().astype(str)))
        return "".join(sorted(characters))

    def _prepare(self, layer: MapLayer) -> _Prepared:
        if layer.name not in self._prepared:
            self._prepared[layer.name] = _prepare(self._network, layer)
        return self._prepared[layer.name]

    def _add_layer(self, message: Any, layer: MapLayer, *, z: int, x: int, y: int) -> None:
        prepared = self._prepare(layer)
        size_m = FULL_WIDTH_M / 2**z
        west_m, north_m = x * size_m - FULL_WIDTH_M / 2, FULL_WIDTH_M / 2 - y * size_m
        margin_m = size_m * BUFFER / EXTENT
        window = shapely.box(
            west_m - margin_m, north_m - size_m - margin_m, west_m + size_m + margin_m, north_m + margin_m
        )
        rows = np.sort(prepared.tree.query(window))
        rows = rows[prepared.first_zoom[rows] <= z]
        drawing = draw(
            prepared.geometries[rows], layer.geometry, west_m=west_m, north_m=north_m, size_m=size_m
        )
        if not len(drawing.rows):
            return
        part = message.layers.add(name=layer.name, version=2, extent=EXTENT)
        columns = [c for c in prepared.columns if z >= CLOSE_ZOOM or c.name in layer.attributes]
        tags = _tags(part, columns, rows[drawing.rows])
        kind = _GEOMETRY_TYPE[layer.geometry]
        commands, starts = drawing.commands.tolist(), drawing.starts.tolist()
        for i, feature_tags in enumerate(tags):
            part.features.add(type=kind, tags=feature_tags, geometry=commands[starts[i] : starts[i + 1]])


def _prepare(network: Network, layer: MapLayer) -> _Prepared:
    """Project, index and encode a layer once."""
    if network.crs is None:
        raise MapError("map-needs-crs", version=network.version)
    table = network.layer(layer.table)
    there = ~np.asarray(table.geometry.isna() | table.geometry.is_empty, dtype=bool)
    table = table[there]
    project = Transformer.from_crs(network.crs, "EPSG:3857", always_xy=True).transform
    geometries = shapely.transform(table.geometry.to_numpy(), project, interleaved=False)
    if layer.name != layer.table:
        geometries = shapely.point_on_surface(geometries)
    names = (*layer.attributes, *layer.close_attributes)
    columns = tuple(_column(table[name], name) for name in names if name in table.columns)
    return _Prepared(geometries, shapely.STRtree(geometries), _first_zooms(table, layer, geometries), columns)


def _middle(geometries: Any, kind: str) -> Any:
    """A point on each geometry: half way along a line, inside a polygon."""
    if kind == "LineString":
        return shapely.line_interpolate_point(geometries, 0.5, normalized=True)
    return shapely.point_on_surface(geometries)


def _column(values: pd.Series, name: str) -> _Column:
    codes, distinct = pd.factorize(values)
    return _Column(name, np.asarray(codes, dtype=np.int64), [_plain(value) for value in distinct.tolist()])


def _plain(value: Any) -> str | int | float:
    """A value as tiles carry it; numbers with at most three decimals, whole ones without."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 3)
    return value if isinstance(value, int) else str(value)


def _first_zooms(table: Any, layer: MapLayer, geometries: Any) -> NDArray[np.int64]:
    """First zoom of each row: major rows at the layer's own, the rest when a tile holds few enough of them."""
    zooms = np.full(len(geometries), layer.min_zoom, dtype=np.int64)
    minor = np.ones(len(geometries), dtype=bool)
    if layer.major_column is not None:
        minor = ~np.asarray(table[layer.major_column].isin(layer.major_values), dtype=bool)
    if minor.sum() > CROWD:
        west_m, south_m, east_m, north_m = shapely.total_bounds(geometries)
        span_m = max(east_m - west_m, north_m - south_m, 1.0)
        # Each zoom step puts a quarter of the features into a tile; `covering` is the zoom of one tile for all.
        covering = math.log2(FULL_WIDTH_M / span_m)
        zooms[minor] = max(layer.min_zoom, math.ceil(covering + math.log(minor.sum() / CROWD, 4)))
    return np.minimum(zooms, max(14, layer.min_zoom))


def _tags(part: Any, columns: Sequence[_Column], rows: NDArray[np.int64]) -> list[list[int]]:
    """Fill the keys and values of a tile layer; give each feature's pairs of key and value numbers."""
    pairs: list[list[int]] = [[] for _ in range(len(rows))]
    for key, column in enumerate(columns):
        part.keys.append(column.name)
        used, local = np.unique(column.codes[rows], return_inverse=True)
        first = len(part.values)
        nulls = int(len(used) > 0 and used[0] < 0)
        for code in used[nulls:].tolist():
            _add_value(part.values.add(), column.values[code])
        for pair, number in zip(pairs, (local - nulls).tolist(), strict=True):
            if number >= 0:
                pair += (key, first + number)
    return pairs


def _add_value(slot: Any, value: str | int | float) -> None:
    if isinstance(value, str):
        slot.string_value = value
    elif isinstance(value, int):
        slot.sint_value = value
    else:
        slot.double_value = value
