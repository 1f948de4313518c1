"""Tables of a database that were copied into a scratch folder, as every other source table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pyarrow import feather
from pyproj import CRS

from gis.issues import DataIssue
from gis.sources.raw import RawTable, TableRef

if TYPE_CHECKING:
    from pathlib import Path

LIST = "tapwright-database.json"
LISTED_ENCODING = "utf-8"
SHAPES = "geometry"
KIND = "database"


def is_copy(path: Path) -> bool:
    """Tell whether a folder holds tables copied from a database."""
    return path.is_dir() and (path / LIST).is_file()


def copied_tables(folder: Path) -> list[TableRef]:
    """List the tables of a copy; the folder bears the name of the database."""
    return [TableRef(folder, entry["name"], KIND) for entry in _entries(folder)]


def _entries(folder: Path) -> list[dict[str, Any]]:
    return list(json.loads((folder / LIST).read_text(encoding=LISTED_ENCODING)))


def _entry(ref: TableRef) -> dict[str, Any]:
    return next(entry for entry in _entries(ref.file) if entry["name"] == ref.name)


def has_shapes(ref: TableRef) -> bool:
    """Tell whether a copied table has a column of shapes."""
    return bool(_entry(ref)["shapes"])


def row_count(ref: TableRef) -> int:
    """Count the rows of the table in the database."""
    return int(_entry(ref)["rows"])


def headings(ref: TableRef) -> RawTable:
    """Give the table without its rows: enough to know it by its headings."""
    return RawTable(ref, pd.DataFrame(columns=_entry(ref)["columns"], dtype="object"))


def read_copied(ref: TableRef) -> RawTable:
    """Read a copied table; the index is the running number of the row."""
    entry = _entry(ref)
    columns = feather.read_table(ref.file / entry["file"]).columns
    names = entry["columns"]
    index = pd.RangeIndex(1, (len(columns[0]) if columns else 0) + 1)
    table = pd.DataFrame(
        {name: _series(column, index) for name, column in zip(names, columns, strict=False)}, index=index
    )
    if not entry["shapes"]:
        return RawTable(ref, table)
    shapes = np.asarray(shapely.from_wkb(columns[-1].to_numpy().astype(object)))
    issues: tuple[DataIssue, ...] = ()
    if entry["other_shapes"]:
        params = {"columns": ", ".join(entry["other_shapes"])}
        issues = (
            DataIssue("source-shapes-several", "warning", "", f"{ref.file.name}:{ref.name}", None, params),
        )
    crs = CRS.from_wkt(entry["crs"]) if entry["crs"] else None
    return RawTable(ref, table, shapes, crs, issues=issues)


def _series(column: pa.ChunkedArray, index: pd.Index) -> pd.Series:
    """Text as plain objects with None, numbers as pandas gives them."""
    if pa.types.is_large_string(column.type):
        return pd.Series(column.to_numpy().astype(object), index=index, dtype="object")
    return pd.Series(column.to_pandas().to_numpy(), index=index)
