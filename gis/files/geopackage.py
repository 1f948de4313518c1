"""Layers in and out of GeoPackage files; read-only when reading, one transaction a layer when writing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from gis.errors import WorkspaceError
from gis.files.arrow import GEOMETRY, arrow_stream
from gis.files.gdal import remarks_of_gdal
from gis.schema import conform, empty_layer, layers
from gis.versions.issue_table import issue_table, issues_of, with_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    from pyproj import CRS

    from gis.issues import DataIssue

ISSUES = "issues"


def write_layers(tables: Mapping[str, gpd.GeoDataFrame], file: Path) -> None:
    """Write every layer that has rows, in the order of the schema; `pipes` always."""
    for name in layers():
        table = tables.get(name)
        if table is not None and (len(table) or name == "pipes"):
            _write(table, file, name, geometry_type(table, name))


def write_table(table: gpd.GeoDataFrame, file: Path, name: str, *, of: str) -> None:
    """Write rows of the schema layer `of` as a layer `name`, none as well."""
    _write(table, file, name, geometry_type(table, of))


def geometry_type(table: gpd.GeoDataFrame, name: str) -> str:
    """Give the type that all shapes of a layer (or of the issues) have: LineString, MultiLineString, ... or Unknown."""
    declared = "Point" if name == ISSUES else layers()[name].geometry
    kinds = set(shapely.get_type_id(table.geometry.to_numpy()).tolist()) - {-1}
    single = {"Point": 0, "LineString": 1, "Polygon": 3}[declared]
    if kinds <= {single}:
        return declared
    return f"Multi{declared}" if kinds <= {single + 3 if single else 4} else "Unknown"


def _write(table: gpd.GeoDataFrame, file: Path, name: str, geometry_type: str) -> None:
    with remarks_of_gdal():  # it remarks that a local plane has no CRS, and that is right
        pyogrio.write_arrow(
            arrow_stream(table), file, layer=name, driver="GPKG", geometry_name=GEOMETRY, geometry_type=geometry_type,
            crs=None if table.crs is None else table.crs.to_wkt(), append=file.exists(), layer_options={"SPATIAL_INDEX": "YES"},
        )  # fmt: skip


def write_issues(issues: Sequence[DataIssue], file: Path, crs: CRS | None, *, in_words: bool = False) -> None:
    """Write the issues as a point layer, so that QGIS shows where they are; `in_words` with titles and repairs."""
    table = issue_table(issues, crs)
    _write(with_words(table, issues) if in_words else table, file, ISSUES, "Point")


def read_layer(file: Path, name: str, crs: CRS | None) -> gpd.GeoDataFrame:
    """Give one layer with the columns of its schema; empty when the file has none."""
    table = _read(file, name)
    if table is None:
        return empty_layer(name, crs)
    return conform(table.set_crs(crs, allow_override=True) if crs is not None else table, name)


def _read(file: Path, name: str) -> gpd.GeoDataFrame | None:
    try:
        return pyogrio.read_dataframe(file, layer=name, use_arrow=True, IMMUTABLE="YES")
    except (DataLayerError, DataSourceError) as error:
        if name in _layer_names(file):
            raise _damaged(file, error) from None
        return None


def require_layer(file: Path, name: str) -> None:
    """
    See that a file of a version can be opened, before anyone waits for what is in it.

    Raises
    ------
    WorkspaceError
        `version-unreadable`.
    """
    if name not in _layer_names(file):
        raise _damaged(file, LookupError(name))


def _layer_names(file: Path) -> set[str]:
    try:
        return {str(layer) for layer, _ in pyogrio.list_layers(file)}
    except DataSourceError as error:
        raise _damaged(file, error) from None


def _damaged(file: Path, error: Exception) -> WorkspaceError:
    return WorkspaceError(
        "version-unreadable", version=file.parent.name, file=str(file), problem=str(error)[:120]
    )


def read_issues(file: Path) -> list[DataIssue]:
    """Give the issues of a version."""
    table = _read(file, ISSUES)
    return [] if table is None else issues_of(table)


def sync(path: Path) -> None:
    """Bring a file or folder safely to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
