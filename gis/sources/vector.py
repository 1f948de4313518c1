"""Vector files through GDAL: shapefile, GeoPackage, GeoJSON; read-only, local files only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.crs import accept_crs
from gis.errors import GisInputError
from gis.gdal import remarks_of_gdal
from gis.issues import DataIssue
from gis.sources.encoding import dbf_encoding
from gis.sources.raw import RawTable, TableRef

if TYPE_CHECKING:
    from pathlib import Path

READ_FAILURES = (
    DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, UnicodeDecodeError, OSError, ValueError,
)  # fmt: skip


def vector_tables(file: Path) -> list[TableRef]:
    """
    List the layers of a vector file.

    Raises
    ------
    GisInputError
        `file-unreadable`, `shapefile-part-missing`.
    """
    if file.suffix.lower() == ".shp":
        _require_parts(file)
        return [TableRef(file, file.stem, "vector")]
    _require_signature(file)
    if file.suffix.lower() != ".gpkg":
        return [TableRef(file, file.stem, "vector")]
    try:
        with remarks_of_gdal():
            names = [str(name) for name, _ in pyogrio.list_layers(file)]
    except READ_FAILURES as error:
        raise _unreadable(file, error) from None
    return [TableRef(file, name, "vector") for name in names]


def _require_parts(file: Path) -> None:
    for suffix in (".shx", ".dbf"):
        if not (file.with_suffix(suffix).is_file() or file.with_suffix(suffix.upper()).is_file()):
            raise GisInputError("shapefile-part-missing", file=file.name, part=file.with_suffix(suffix).name)


def _require_signature(file: Path) -> None:
    """A name may lie: GDAL is only given what begins like the format its suffix promises."""
    start = file.read_bytes()[:64] if file.stat().st_size < 64 else _start(file)
    if file.suffix.lower() == ".gpkg":
        fits = start.startswith(b"SQLite format 3\0")
    else:
        fits = start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    if not fits:
        raise GisInputError("file-unreadable", file=file.name, problem=f"not {file.suffix}")


def _start(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(64)


def _unreadable(file: Path, error: Exception) -> GisInputError:
    return GisInputError("file-unreadable", file=file.name, problem=str(error).splitlines()[0][:200])


def read_vector(ref: TableRef) -> RawTable:
    """
    Read one layer: attributes as they stand, geometries in the file's own CRS.

    Raises
    ------
    GisInputError
        `file-unreadable`, `crs-legacy-datum`.
    """
    options: dict[str, Any] = {}
    issues: tuple[DataIssue, ...] = ()
    shapefile = ref.file.suffix.lower() == ".shp"
    if shapefile:
        options["encoding"], wrong = dbf_encoding(_part(ref.file, ".dbf"))
        if wrong:
            params = {"stated": wrong, "used": options["encoding"]}
            issues = (
                DataIssue("encoding-wrong", "repaired", "", ref.file.name, None, params, "encoding-used"),
            )
    else:
        options["layer"] = ref.name if ref.file.suffix.lower() == ".gpkg" else None
    try:
        with remarks_of_gdal() as remarks:
            frame = pyogrio.read_dataframe(ref.file, **options)
    except READ_FAILURES as error:
        raise _unreadable(ref.file, error) from None
    issues += tuple(
        DataIssue("file-remark", "warning", "", ref.file.name, None, {"field": text}) for text in remarks
    )
    return _raw(ref, frame, cut_headings=shapefile, issues=issues)


def _part(file: Path, suffix: str) -> Path:
    lower = file.with_suffix(suffix)
    return lower if lower.is_file() else file.with_suffix(suffix.upper())


def _raw(ref: TableRef, frame: Any, *, cut_headings: bool, issues: tuple[DataIssue, ...]) -> RawTable:
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    if not isinstance(frame, gpd.GeoDataFrame):
        return RawTable(ref, frame, cut_headings=cut_headings, issues=issues)
    geometry = frame.geometry.to_numpy()
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return RawTable(ref, table, geometry, _crs(ref, frame), cut_headings, issues)


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
    return accept_crs(crs)
