"""
Vector files through GDAL: shapefile, GeoPackage, file geodatabase, GeoJSON, ArcGIS REST JSON; local files only.

GDAL is never left to guess the format: many of its formats (VRT, GDALG, WMS...) are small texts that lead elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import GisInputError
from gis.files.gdal import remarks_of_gdal
from gis.frames.zones import plain_crs
from gis.sources.raw import RawTable, TableRef
from gis.sources.vectors.geopackage_file import require_whole_geopackage
from gis.sources.vectors.large import require_few_vertices
from gis.sources.vectors.shapefile import require_parts
from gis.sources.vectors.sound import sound_source

if TYPE_CHECKING:
    from gis.issues import DataIssue

HEIGHT = "Z"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
CONTAINERS = {".gpkg", ".gdb"}
READ_FAILURES = (
    DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, UnicodeDecodeError, OSError, ValueError,
)  # fmt: skip


def vector_tables(file: Path) -> list[TableRef]:
    """
    List the layers of a vector file.

    Raises
    ------
    GisInputError
        `file-unreadable`, `shapefile-…`, `geopackage-damaged`, `geodatabase-part-missing`.
    """
    if file.suffix.lower() == ".gdb":
        _require_whole_geodatabase(file)
        return _layers(file)
    _require_signature(file)
    if file.suffix.lower() == ".gpkg":
        require_whole_geopackage(file)
        with sound_source(TableRef(file, "", "vector")) as sound:
            return [replace(ref, file=file) for ref in _layers(Path(sound.source))]
    if file.suffix.lower() == ".shp":
        require_parts(file)
    return [TableRef(file, file.stem, "vector")]


def _layers(file: Path) -> list[TableRef]:
    try:
        with remarks_of_gdal():
            names = [str(name) for name, _ in pyogrio.list_layers(file)]
    except READ_FAILURES as error:
        raise _unreadable(file, error) from None
    return [TableRef(file, name, "vector") for name in names]


def _require_whole_geodatabase(folder: Path) -> None:
    """Every table that the catalogue of the geodatabase names must be there, with its index."""
    try:
        with remarks_of_gdal():
            catalogue = pyogrio.read_dataframe(
                folder,
                layer="GDB_SystemCatalog",
                read_geometry=False,
                fid_as_index=True,
                LIST_ALL_TABLES="YES",
            )
    except READ_FAILURES as error:
        raise _unreadable(folder, error) from None
    needed = (~catalogue["Name"].str.startswith("GDB_")) | (catalogue["Name"] == "GDB_Items")
    for number in catalogue.index[needed]:
        for suffix in (".gdbtable", ".gdbtablx"):
            part = f"a{int(number):08x}{suffix}"
            if not (folder / part).is_file():
                raise GisInputError("geodatabase-part-missing", file=folder.name, part=part)


def _require_signature(file: Path) -> None:
    """A name may lie: GDAL is only given what begins like the format its suffix promises."""
    start = file.read_bytes()[:64] if file.stat().st_size < 64 else _start(file)
    if file.suffix.lower() == ".gpkg":
        fits = start.startswith(b"SQLite format 3\0")
    elif file.suffix.lower() == ".shp":
        fits = start.startswith(b"\x00\x00\x27\x0a")
    else:
        fits = start.startswith(UTF16_MARKS) or start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    if not fits:
        raise GisInputError("file-unreadable", file=file.name, problem=f"not {file.suffix}")


def _start(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(64)


def _unreadable(file: Path, error: Exception) -> GisInputError:
    return GisInputError("file-unreadable", file=file.name, problem=str(error).splitlines()[0][:200])


def read_vector(ref: TableRef, *, max_rows: int | None = None) -> RawTable:
    """
    Read one layer: attributes as they stand, geometries in the file's own CRS; with `max_rows` only the first ones.

    Raises
    ------
    GisInputError
        `file-unreadable`, `shape-too-large`, and what `sound_source` raises.
    """
    try:
        with sound_source(ref) as sound:
            frame, issues = sound.frame(ref.file.name, max_rows)
    except READ_FAILURES as error:
        raise _unreadable(ref.file, error) from None
    raw = _raw(ref, frame, cut_headings=ref.file.suffix.lower() == ".shp", issues=issues)
    require_few_vertices(raw)
    return replace(raw, table=sound.esri.worded(raw.table), aliases=sound.esri.aliases)


def count_rows(ref: TableRef) -> int | None:
    """Count the features of a layer without reading them; None where the file itself does not say."""
    if ref.file.suffix.lower() not in {".shp", *CONTAINERS}:
        return None
    try:
        with sound_source(ref) as sound, remarks_of_gdal():
            return int(pyogrio.read_info(sound.source, layer=sound.layer)["features"])
    except READ_FAILURES as error:
        raise _unreadable(ref.file, error) from None


def _raw(ref: TableRef, frame: Any, *, cut_headings: bool, issues: tuple[DataIssue, ...]) -> RawTable:
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    if not isinstance(frame, gpd.GeoDataFrame):
        return RawTable(ref, frame, cut_headings=cut_headings, issues=issues)
    geometry = frame.geometry.to_numpy()
    table = _with_heights(pd.DataFrame(frame.drop(columns=frame.geometry.name)), geometry)
    return RawTable(ref, table, geometry, _crs(ref, frame), cut_headings, issues)


def _with_heights(table: pd.DataFrame, geometry: Any) -> pd.DataFrame:
    """Points in space carry their height as a column of its own, so that a rule can take it and say its unit."""
    known = geometry[~shapely.is_missing(geometry)]
    if (
        HEIGHT in table
        or not len(known)
        or (shapely.get_type_id(known) != 0).any()
        or not shapely.has_z(known).any()
    ):
        return table
    heights = shapely.get_z(geometry)
    return table.assign(
        **{HEIGHT: pd.Series(heights, index=table.index).astype("object").where(np.isfinite(heights), None)}
    )


def _crs(ref: TableRef, frame: gpd.GeoDataFrame) -> CRS | None:
    """GeoJSON without a statement is longitude/latitude by its standard; figures beyond that say it is not."""
    if frame.crs is None:
        return None
    try:
        crs = CRS.from_user_input(frame.crs)
    except CRSError:
        return None
    if ref.file.suffix.lower() in {".geojson", ".json"} and crs.is_geographic and len(frame):
        west, south, east, north = frame.total_bounds
        if max(abs(west), abs(east)) > 360 or max(abs(south), abs(north)) > 90:
            return None
    return plain_crs(crs.to_2d())
