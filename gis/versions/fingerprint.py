"""What makes two network versions the same: a hash of their content, whatever order rows came in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.schema import layers

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.version import Candidate

PLACE_GRAIN_M = 1e-5  # coordinates that differ by less are the same place


def version_id(candidate: Candidate) -> str:
    """Give the id of a candidate's content: `v` and 12 hex digits. Its layers are in order of id already."""
    digest = hashlib.blake2b(digest_size=6)
    digest.update(f"{candidate.crs}|{candidate.synthetic}".encode())
    for name in layers():
        table = candidate.layers.get(name)
        if table is not None and len(table):
            digest.update(name.encode())
            _add_table(digest, table)
    for issue in sorted(f"{issue.issue_id}{issue.severity}" for issue in candidate.issues):
        digest.update(issue.encode())
    datum = candidate.vertical_datum
    if datum and not datum.get("assumed"):  # said: another version than the one it was assumed of
        digest.update(f"{datum.get('code')}|{datum.get('from_zh')}".encode())
    if candidate.model_inp is not None:
        digest.update(candidate.model_inp.read_bytes())
    return f"v{digest.hexdigest()}"


def _add_table(digest: Any, table: gpd.GeoDataFrame) -> None:
    for column in table.columns:
        # A column without values is as good as none: a version keeps its id when a release declares more columns.
        if column != table.geometry.name and table[column].notna().any():
            digest.update(column.encode())
            digest.update(_column_bytes(table[column]))
    geometry = table.geometry.to_numpy()
    grains = np.round(shapely.get_coordinates(geometry) / PLACE_GRAIN_M)
    digest.update(grains.astype(np.int64).tobytes())
    digest.update(shapely.get_num_coordinates(geometry).tobytes())
    digest.update(shapely.get_type_id(geometry).tobytes())


def _column_bytes(values: pd.Series) -> bytes:
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isnan(numbers), np.nan, np.round(numbers, 9) + 0.0).tobytes()
    texts = values.to_numpy(dtype=object)
    try:
        return "\x1f".join(np.where(values.isna(), "\x00", texts).tolist()).encode()
    except TypeError:  # something that is no text
        return "\x1f".join("\x00" if value is None else str(value) for value in values).encode()


def row_fingerprints(table: gpd.GeoDataFrame) -> pd.Series:
    """Give one number for each row's content, for comparing two versions in one process."""
    prints = np.zeros(len(table), dtype=np.uint64)
    for column in table.columns:
        prints = _mixed(prints * _STEP + column_prints(table, str(column)))
    return pd.Series(prints, index=pd.RangeIndex(len(table)))


def column_prints(table: gpd.GeoDataFrame, column: str) -> NDArray[np.uint64]:
    """Give one number for each row's value in one column, the shape's included."""
    if column == table.geometry.name:
        return _shape_prints(table.geometry.to_numpy())
    return _value_prints(table[column])


_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over all (the finaliser of SplitMix64); sums and products wrap, as they should."""
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))


def _value_prints(values: pd.Series) -> NDArray[np.uint64]:
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = np.round(values.to_numpy(dtype=float, na_value=np.nan), 9) + 0.0
        return np.asarray(pd.util.hash_array(np.where(np.isnan(numbers), np.nan, numbers)), dtype=np.uint64)
    texts = values.astype("object").where(values.notna(), "\x00").to_numpy(dtype=object)
    return np.asarray(pd.util.hash_array(texts), dtype=np.uint64)


def _shape_prints(shapes: NDArray[np.object_]) -> NDArray[np.uint64]:
    """One number a shape: its type and, in their order, its points to the grain of places."""
    parts = shapely.get_num_geometries(shapes).astype(np.int64) * 64 + shapely.get_type_id(shapes)
    prints = _mixed((parts + 7).astype(np.uint64))
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    if not len(points):
        return _mixed(prints)
    grains = np.round(points / PLACE_GRAIN_M).astype(np.int64).astype(np.uint64)
    first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    place = np.arange(len(owner)) - np.repeat(first, np.diff(np.append(first, len(owner))))
    each = _mixed(_mixed(grains[:, 0] + place.astype(np.uint64) * _STEP) * _STEP + grains[:, 1])
    prints[owner[first]] += np.add.reduceat(each, first)
    return _mixed(prints)
