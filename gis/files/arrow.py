"""Tables as Arrow, a stretch of rows at a time: how layers go into files and databases without a second copy in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

CHUNK_ROWS = 100_000
GEOMETRY = "geometry"


def arrow_stream(table: gpd.GeoDataFrame) -> pa.RecordBatchReader:
    """Give a table as a stream of batches; geometries as ISO WKB in a column `geometry`."""
    plain = table.drop(columns=table.geometry.name)
    kinds = {str(column): _kind(plain[column]) for column in plain.columns}
    schema = pa.schema([*kinds.items(), (GEOMETRY, pa.binary())])
    return pa.RecordBatchReader.from_batches(schema, _batches(table, plain, schema))


def _batches(table: gpd.GeoDataFrame, plain: pd.DataFrame, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    shapes = table.geometry.to_numpy()
    for start in range(0, len(table), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        arrays = [
            arrow_column(plain[column].iloc[rows], schema.field(column).type) for column in plain.columns
        ]
        wkb = pa.array(shapely.to_wkb(shapes[rows], flavor="iso"), pa.binary())
        yield pa.record_batch([*arrays, wkb], schema=schema)


def _kind(values: pd.Series) -> pa.DataType:
    if pd.api.types.is_integer_dtype(values.dtype):
        return pa.int64()
    return pa.float64() if pd.api.types.is_float_dtype(values.dtype) else pa.string()


def arrow_column(values: pd.Series, kind: pa.DataType) -> pa.Array:
    """Give values as an array; whatever is not text in a column of texts is written out."""
    if not pa.types.is_string(kind):
        return pa.Array.from_pandas(values, type=kind)
    try:
        return pa.array(values.to_numpy(dtype=object), kind, from_pandas=True)
    except pa.ArrowTypeError:
        known = values.notna()
        return pa.array(values.astype("object").where(known, None).map(str, na_action="ignore"), kind)
