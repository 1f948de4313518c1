"""Which tables the given paths hold: files as named, folders with all files of a known kind in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.schema import data_rows
from gis.sources.drawing import drawing_tables
from gis.sources.postgis.copied import copied_tables, is_copy
from gis.sources.raster import is_raster
from gis.sources.raw import TableRef
from gis.sources.sheets.tables import workbook_tables
from gis.sources.vectors.esri import is_rest_answer
from gis.sources.vectors.vector import vector_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VECTOR_SUFFIXES = {".shp", ".gpkg", ".geojson", ".json"}
WORKBOOK_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".ods"}
RASTER = "raster"
HARMLESS = {"drawing-empty": "left-out-empty-drawing", "drawing-is-dwg": "left-out-drawing"}
SYNTHETIC_MARK = "SYNTHETIC.txt"
SIDECAR = "sample.json"
EXPORT_SIDECAR = "tapwright.json"
MARKS = frozenset({SYNTHETIC_MARK, SIDECAR, EXPORT_SIDECAR})
SHAPEFILE_PARTS = frozenset(
    {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".qmd", ".fix", ".xml"}
)


@dataclass(frozen=True)
class Listed:
    """Tables that can be read, and an issue for each file of data in a folder that cannot."""

    tables: tuple[TableRef, ...]
    issues: tuple[DataIssue, ...] = ()


def list_tables(paths: Sequence[Path]) -> list[TableRef]:
    """List every table of the files and folders, in the order of names; raises as `list_sources`."""
    return list(list_sources(paths).tables)


def list_sources(paths: Sequence[Path]) -> Listed:
    """
    List every table of the files and folders, in the order of names.

    What is given itself must be readable, but for the parts of a shapefile given beside it. What merely lies in a
    folder and holds data we do not read (DWG, a zip, an EPANET model, KML...), or is a drawing of nothing, is left out
    with an issue that tells the way.

    Raises
    ------
    GisInputError
        `source-missing`, `source-kind`, `source-kml`, `source-folder-empty`, `source-folder-unread`, `file-unreadable`.
    """
    tables: list[TableRef] = []
    issues: list[DataIssue] = []
    for path in without_companions(paths):
        if is_copy(path):
            tables += copied_tables(path)
        elif is_geodatabase(path):
            tables += vector_tables(path)
        elif path.is_dir():
            found = _in_folder(path)
            tables += found.tables
            issues += found.issues
        elif path.is_file():
            tables += file_tables(path)
        else:
            raise GisInputError("source-missing", file=str(path))
    return Listed(tuple(dict.fromkeys(tables)), tuple(issues))


def without_companions(paths: Sequence[Path]) -> list[Path]:
    """Leave out what is no table but belongs to one that is given too, as when a shell names every file of a folder."""
    shapes = {path.with_suffix("") for path in paths if path.suffix.lower() == ".shp"}
    own = [
        path
        for path in paths
        if path.name not in MARKS
        and not (path.suffix.lower() in SHAPEFILE_PARTS and path.with_suffix("").with_suffix("") in shapes)
    ]
    return own or list(paths)


def _in_folder(folder: Path) -> Listed:
    tables: list[TableRef] = []
    issues = [
        DataIssue(kind, "warning", "", file.relative_to(folder).as_posix())
        for file in sorted(folder.rglob("*"))
        if (kind := _left_out_kind(file)) is not None
    ]
    for file in readable_files(folder):
        try:
            tables += file_tables(file)
        except GisInputError as error:
            if error.code not in HARMLESS:
                raise
            subject = file.relative_to(folder).as_posix()
            issues.append(DataIssue(HARMLESS[error.code], "warning", "", subject))
    if not tables:
        names = ", ".join(issue.subject for issue in issues[:10])
        code = "source-folder-unread" if names else "source-folder-empty"
        raise GisInputError(code, file=folder.name or str(folder), **({"files": names} if names else {}))
    return Listed(tuple(tables), tuple(issues))


def readable_files(folder: Path) -> list[Path]:
    """List the files of a folder that hold tables, in the order of names; a geodatabase is one of them."""
    return [file for file in sorted(folder.rglob("*")) if _readable(file)]


@cache
def _left_out_kinds() -> dict[str, str]:
    return {row["suffix"]: row["kind"] for row in data_rows("mappings", "left_out.csv")}


def _left_out_kind(file: Path) -> str | None:
    if not file.is_file() or _is_part(file):
        return None
    return _left_out_kinds().get(file.suffix.lower())


def _is_part(file: Path) -> bool:
    """A file of a geodatabase, a lock, a hidden file: nothing by itself."""
    inside = any(parent.suffix.lower() == ".gdb" for parent in file.parents)
    return inside or file.name.startswith(("~$", "."))


def is_geodatabase(path: Path) -> bool:
    """Tell whether a path is a file geodatabase: a folder that is one source."""
    return path.is_dir() and path.suffix.lower() == ".gdb"


def _readable(file: Path) -> bool:
    suffix = file.suffix.lower()
    if is_geodatabase(file):
        return True
    if not file.is_file() or _is_part(file):
        return False
    if suffix == ".json":
        return _is_feature_collection(file)
    return suffix in VECTOR_SUFFIXES | WORKBOOK_SUFFIXES | {".csv", ".dxf"} or is_raster(file)


def _is_feature_collection(file: Path) -> bool:
    with file.open("rb") as stream:
        return b'"FeatureCollection"' in stream.read(400) or is_rest_answer(file)


def file_tables(file: Path) -> list[TableRef]:
    """List the tables of one file."""
    suffix = file.suffix.lower()
    if suffix in VECTOR_SUFFIXES or is_geodatabase(file):
        return vector_tables(file)
    if suffix in WORKBOOK_SUFFIXES:
        return workbook_tables(file)
    if suffix == ".dxf":
        return drawing_tables(file)
    if suffix == ".dwg":
        raise GisInputError("drawing-is-dwg", file=file.name)
    if suffix == ".csv":
        return [TableRef(file, file.stem, "csv")]
    if is_raster(file):
        return [TableRef(file, file.stem, RASTER)]
    if suffix in {".kml", ".kmz"}:
        raise GisInputError("source-kml", file=file.name)
    raise GisInputError("source-kind", file=file.name)


def is_synthetic(paths: Sequence[Path]) -> bool:
    """Tell whether the sources are the product's own sample city."""
    return any((path if path.is_dir() else path.parent).joinpath(SYNTHETIC_MARK).is_file() for path in paths)


def stated_crs(paths: Sequence[Path]) -> str | None:
    """Give the CRS that the sidecar of a source folder states for its tables, None without one."""
    return _sidecar(paths, "crs")


def stated_vertical(paths: Sequence[Path]) -> str | None:
    """Give the height datum that the sidecar of a source folder states, None without one."""
    return _sidecar(paths, "vertical_datum")


def _sidecar(paths: Sequence[Path], key: str) -> str | None:
    for path in paths:
        for name in (SIDECAR, EXPORT_SIDECAR):
            sidecar = (path if path.is_dir() else path.parent) / name
            if sidecar.is_file():
                document: Any = json.loads(sidecar.read_text(encoding="utf-8"))
                if isinstance(document, dict) and isinstance(document.get(key), str):
                    return str(document[key])
    return None
