"""
Vector tiles of a network version: Mapbox Vector Tiles 2.1 cut on demand from the layers in memory.

The first tile of a layer makes it ready once (`maps/tiling/prepare.py`); after that a tile costs a few milliseconds.
From zoom 11 on tiles hold rows as they are; below, lines are merged and simplified beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer

from maps.layers import CLOSE_ZOOM, GENERAL_ZOOM, MapLayer, code_labels, layers_of, map_layers
from maps.tiling.prepare import Prepared, is_general, prepare, prepare_general
from maps.tiling.quantise import EXTENT, draw
from maps.tiling.web_mercator import require_tile
from maps.tiling.wire import layer_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gis.network import Network

_LABELLED = (("streets", "name"), ("communities", "name"), ("sources", "name"), ("loggers", "name"),
             ("renovations", "name"), ("road_works", "name"))  # fmt: skip
# codes whose words are in labels
_CODED = (("pipes", "material"), ("tapoffs", "status"), ("tapoffs", "origin"))


class TileServer:
    """
    Tiles of one network version.

    Calls may come from several threads; who serves them sees to it that a layer is made ready once (`is_ready`).

    Parameters
    ----------
    network
        Needs a coordinate system; without one every tile is refused with `map-needs-crs`.
    given
        Computed attributes by name (`given` in data/layers.toml): each call gives shape (rows of the layer's table,),
        NaN where there is no value.
    """

    def __init__(
        self, network: Network, given: Mapping[str, Callable[[], NDArray[np.float64]]] | None = None
    ) -> None:
        self._network = network
        self._given = given or {}
        self._prepared: dict[tuple[str, int | None], Prepared] = {}

    def renewed(self, network: Network) -> TileServer:
        """Give the tiles of the same version with other states of its tap-offs; what is ready of the rest stays so."""
        server = TileServer(network, self._given)
        shown = {name for name, layer in map_layers().items() if layer.table == "tapoffs"}
        server._prepared = {key: made for key, made in self._prepared.items() if key[0] not in shown}
        return server

    def tile(self, layer: str, z: int, x: int, y: int) -> bytes:
        """
        One tile in MVT 2.1, empty bytes where nothing lies.

        Parameters
        ----------
        layer
            A tile set (ground, network, works, pressure, survey) or one layer of the schema.
        z, x, y
            Zoom, column from the west, row from the north, as in XYZ addresses.

        Raises
        ------
        MapError
            Unknown layer, address outside the pyramid, or a network without a coordinate system.
        """
        wanted = self._wanted(layer, z, x, y)
        return b"".join([self._layer(one, z=z, x=x, y=y) for one in wanted])

    def is_ready(self, layer: str, z: int) -> bool:
        """Tell whether a tile of that zoom can be cut at once."""
        return all(_key(one, z) in self._prepared for one in layers_of(layer) if z >= one.min_zoom)

    def make_ready(self, layer: str, z: int) -> None:
        """
        Make what tiles of that zoom need.

        Raises
        ------
        MapError
            As `tile`.
        """
        for one in layers_of(layer):
            if z >= one.min_zoom:
                self._prepare(one, z)

    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north [degrees] of the pipes; None without pipes or coordinate system."""
        if self._network.crs is None:
            return None
        pipes = self._network.pipes.geometry.to_numpy()
        box = shapely.total_bounds(pipes) if len(pipes) else np.full(4, np.nan)
        if not np.isfinite(box).all():
            return None
        return self._to_degrees().transform_bounds(*box)

    def places(self, layer: str) -> dict[str, tuple[float, float]]:
        """Lon, lat [degrees] in the middle of every feature of a layer by its id; empty without coordinate system."""
        if self._network.crs is None:
            return {}
        (one,) = layers_of(layer)
        table = self._network.layer(one.table)
        table = table[~np.asarray(table.geometry.isna() | table.geometry.is_empty, dtype=bool)]
        middle = shapely.get_coordinates(_middle(table.geometry.to_numpy(), one.geometry))
        lon, lat = self._to_degrees().transform(middle[:, 0], middle[:, 1])
        pairs = zip(np.round(lon, 9).tolist(), np.round(lat, 9).tolist(), strict=True)
        return dict(zip(table[one.id_column].astype(str), pairs, strict=True))

    def label_text(self) -> str:
        """Every character that labels can need, sorted: the page loads exactly these glyphs beforehand."""
        characters: set[str] = set()
        for layer, column in _LABELLED:
            characters.update("".join(self._network.layer(layer)[column].dropna().astype(str)))
        for layer, column in _CODED:
            words = code_labels(layer, column, "zh")
            codes = self._network.layer(layer)[column].dropna().unique()
            characters.update(*(words.get(str(code), "") for code in codes))
        return "".join(sorted(characters))

    def _to_degrees(self) -> Transformer:
        return Transformer.from_crs(self._network.crs, "EPSG:4326", always_xy=True)

    def _wanted(self, layer: str, z: int, x: int, y: int) -> list[MapLayer]:
        wanted = layers_of(layer)
        require_tile(z, x, y)
        return [one for one in wanted if z >= one.min_zoom]

    def _prepare(self, layer: MapLayer, z: int) -> Prepared:
        key = _key(layer, z)
        if key not in self._prepared:
            given = {name: self._given[name]() for name in layer.given}
            if is_general(layer, z):
                live = self._prepare(layer, GENERAL_ZOOM)
                self._prepared[key] = prepare_general(self._network, layer, given, live=live, z=z)
            else:
                self._prepared[key] = prepare(self._network, layer, given)
        return self._prepared[key]

    def _layer(self, layer: MapLayer, *, z: int, x: int, y: int) -> bytes:
        prepared = self._prepare(layer, z)
        drawing = draw(prepared.shapes, prepared.first_zoom, z=z, x=x, y=y)
        if not len(drawing.rows):
            return b""
        columns = (*prepared.columns, *prepared.close_columns) if z >= CLOSE_ZOOM else prepared.columns
        return layer_bytes(layer.name, layer.geometry, EXTENT, columns, drawing)


def _key(layer: MapLayer, z: int) -> tuple[str, int | None]:
    return layer.name, z if is_general(layer, z) else None


def _middle(geometries: Any, kind: str) -> Any:
    """A point on each geometry: half way along a line, inside a polygon."""
    if kind == "LineString":
        return shapely.line_interpolate_point(geometries, 0.5, normalized=True)
    return shapely.point_on_surface(geometries)
