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
    geometry = table.geometry.to_numpy()
    plain = pd.DataFrame(table.drop(columns=table.geometry.name))
    for column in plain.columns:
        if not pd.api.types.is_numeric_dtype(plain[column].dtype):
            plain[column] = plain[column].map(lambda value: "\x00" if value is None else str(value))
        else:
            plain[column] = np.round(plain[column].to_numpy(dtype=float, na_value=np.nan), 9) + 0.0
    plain["geometry"] = shapely.to_wkb(
        shapely.set_precision(geometry, PLACE_GRAIN_M, mode="pointwise"), hex=True
    )
    return pd.util.hash_pandas_object(plain.fillna({"geometry": ""}), index=False)
