"""A layer made ready for cutting: shapes in Web Mercator, attributes written, first zoom of every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from maps.errors import MapError
from maps.layers import FULL_ZOOM, GENERAL_ZOOM, code_labels
from maps.tiling.shapes import Shapes, shapes_of
from maps.tiling.thin import GENERAL_CROWD, first_zooms, fitting, merged_lines, ranks
from maps.tiling.values import Column, number_column, text_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.network import Network
    from maps.layers import MapLayer


@dataclass(frozen=True)
class Prepared:
    """
    A layer ready for cutting.

    Attributes
    ----------
    columns, close_columns
        Attributes of every tile, and those of close ones alone. Of a code there is also its Chinese word, as NAME_zh.
    first_zoom
        Shape (rows,).
    """

    shapes: Shapes
    columns: tuple[Column, ...]
    close_columns: tuple[Column, ...]
    first_zoom: NDArray[np.int8]


def prepare(network: Network, layer: MapLayer, given: Mapping[str, NDArray[np.float64]]) -> Prepared:
    """
    Project, index and write a layer once.

    Parameters
    ----------
    given
        Values of the attributes `layer.given`, shape (rows of the table,); NaN where there is none.

    Raises
    ------
    MapError
        `map-needs-crs`.
    """
    table = network.layer(layer.table)
    shapes = shapes_of(_projected(network, layer), layer.geometry)
    full = max(FULL_ZOOM, layer.min_zoom)
    lowest = max(layer.min_zoom, GENERAL_ZOOM) if layer.merged_by else layer.min_zoom
    zooms = np.full(len(table), full, dtype=np.int8)
    every = np.arange(len(shapes.part_row))
    np.minimum.at(
        zooms,
        shapes.part_row,
        first_zooms(*_importance(table, layer, shapes, every), lowest=lowest, full=full),
    )
    values = {name: pd.Series(given[name]) for name in layer.given}
    return Prepared(
        shapes, _columns(table, layer.attributes, values),
        (*_columns(table, layer.close_attributes, values), *_words(table, layer)), zooms,
    )  # fmt: skip


def prepare_general(
    network: Network, layer: MapLayer, given: Mapping[str, NDArray[np.float64]], *, live: Prepared, z: int
) -> Prepared:
    """Give a layer for one zoom below GENERAL_ZOOM: lines that share `layer.merged_by` as one, simplified."""
    table, shapes = network.layer(layer.table), live.shapes
    # Rows that are not drawn at the zoom above are not drawn here either.
    parts = np.flatnonzero(live.first_zoom[shapes.part_row] <= GENERAL_ZOOM)
    parts = parts[fitting(*_importance(table, layer, shapes, parts), z=z, crowd=GENERAL_CROWD)]
    rows = shapes.part_row[parts]
    codes, columns = [], []
    for name, step in layer.merged_by.items():
        values = pd.Series(given[name]) if name in layer.given else table[name]
        of_row, distinct = _coded(_stepped(values.iloc[rows], step))
        codes.append(of_row)
        columns.append((name, of_row, distinct))
    lines, first = merged_lines(shapes.geometries(parts), codes, z=z)
    written = tuple(_column(name, of_row[first], distinct) for name, of_row, distinct in columns)
    return Prepared(shapes_of(lines, layer.geometry), written, (), np.full(len(lines), z, dtype=np.int8))


def is_general(layer: MapLayer, z: int) -> bool:
    """Tell whether a tile of that zoom shows merged lines."""
    return bool(layer.merged_by) and z < GENERAL_ZOOM


def _projected(network: Network, layer: MapLayer) -> NDArray[np.object_]:
    if network.crs is None:
        raise MapError("map-needs-crs", version=network.version)
    project = Transformer.from_crs(network.crs, "EPSG:3857", always_xy=True).transform
    shapes = network.layer(layer.table).geometry.to_numpy()
    geometries: NDArray[np.object_] = shapely.transform(shapes, project, interleaved=False)
    if layer.geometry == "Point" and layer.table != layer.name:
        return np.asarray(shapely.point_on_surface(geometries))
    return geometries


def _importance(
    table: Any, layer: MapLayer, shapes: Shapes, parts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Class, extent [m] and middle of parts."""
    rows, boxes = shapes.part_row[parts], shapes.boxes_m[parts]
    major, dn = np.zeros(len(rows), dtype=bool), np.zeros(len(rows))
    if layer.major_column is not None:
        major = np.asarray(table[layer.major_column].isin(layer.major_values), dtype=bool)[rows]
    if layer.size_column is not None:
        dn = table[layer.size_column].to_numpy(dtype=float, na_value=np.nan)[rows]
    corners = boxes[:, :2], boxes[:, 2:]
    return ranks(major, dn), np.hypot(*(corners[1] - corners[0]).T), (corners[0] + corners[1]) / 2


def _columns(table: Any, names: tuple[str, ...], given: Mapping[str, pd.Series]) -> tuple[Column, ...]:
    there = [name for name in names if name in given or name in table.columns]
    return tuple(_column(name, *_coded(given[name] if name in given else table[name])) for name in there)


def _words(table: Any, layer: MapLayer) -> tuple[Column, ...]:
    """What a person reads for the codes of a layer."""
    found = []
    for name in (*layer.attributes, *layer.close_attributes):
        words = code_labels(layer.table, name, "zh")
        if words and name in table.columns:
            codes, values = _coded(table[name])
            found.append(
                text_column(f"{name}_zh", codes, [words.get(str(value), str(value)) for value in values])
            )
    return tuple(found)


def _stepped(values: pd.Series, step_units: float) -> pd.Series:
    """Round down to multiples of a step; a number that is one but for its last binary digits stays."""
    return np.floor(values / step_units + 1e-9) * step_units if step_units else values


def _coded(values: pd.Series) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Codes and distinct values of an attribute: numbers with at most three decimals, or texts."""
    codes, distinct = pd.factorize(values)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return np.asarray(codes, dtype=np.int64), np.round(np.asarray(distinct, dtype=np.float64), 3)
    return np.asarray(codes, dtype=np.int64), np.array(
        [str(value) for value in distinct.tolist()], dtype=object
    )


def _column(name: str, codes: NDArray[np.int64], distinct: NDArray[Any]) -> Column:
    if distinct.dtype == object:
        return text_column(name, codes, distinct.tolist())
    # a number no tile can carry is none
    finite = np.append(np.isfinite(distinct), False)
    return number_column(name, np.where(finite[codes], codes, -1), np.nan_to_num(distinct))
