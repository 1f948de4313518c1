"""All layers of a version in one GeoPackage."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.geopackage import ISSUES, sync, write_issues, write_layers, write_table
from gis.issues import kind_title
from gis.schema import layers
from gis.versions.diff import change_layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from gis.issues import DataIssue
    from gis.network import Network


def export_issues(issues: Sequence[DataIssue], crs: CRS | None, path: Path) -> None:
    """
    Write the issues of a version as a layer of points, for QGIS: kinds and repairs in words, coloured by severity.

    The counts by kind stand in a table `issue_kinds`.
    """
    write_issues(issues, path, crs, in_words=True)
    kinds = Counter((issue.severity, issue.kind) for issue in issues)
    counted = [
        (severity, kind, kind_title(kind, "zh"), kind_title(kind, "en"), count)
        for (severity, kind), count in kinds.most_common()
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "create table issue_kinds (fid integer primary key, severity text, kind text, title_zh text, title_en text, count integer)"
        )
        connection.executemany(
            "insert into issue_kinds (severity, kind, title_zh, title_en, count) values (?, ?, ?, ?, ?)",
            counted,
        )
        connection.execute(
            "insert into gpkg_contents (table_name, data_type, identifier) values ('issue_kinds', 'attributes', 'issue_kinds')"
        )
        _add_style(connection, ISSUES, "issues.qml")
    sync(path)


def _add_style(connection: sqlite3.Connection, layer: str, name: str) -> None:
    """Lay the default style of a layer into the file, where QGIS looks for it."""
    style = files("gis").joinpath("data", "qgis", name).read_text(encoding="utf-8")
    connection.execute(
        "create table if not exists layer_styles (id integer primary key autoincrement, f_table_catalog text, f_table_schema text,"
        " f_table_name text, f_geometry_column text, styleName text, styleQML text, styleSLD text, useAsDefault boolean,"
        " description text, owner text, ui text, update_time datetime default (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
    )
    (column,) = connection.execute(
        "select column_name from gpkg_geometry_columns where table_name = ?", (layer,)
    ).fetchone()
    connection.execute(
        "insert into layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, useAsDefault)"
        " values ('', '', ?, ?, ?, ?, 1)",
        (layer, column, layer, style),
    )
    connection.execute(
        "insert into gpkg_contents (table_name, data_type, identifier) values ('layer_styles', 'attributes', 'layer_styles')"
    )


def export_diff(old: Network, new: Network, path: Path) -> None:
    """Write the rows of `gis.versions.diff.change_layer` as layers `pipes_added`, `pipes_changed`, `pipes_removed`, and so on."""
    for name in layers():
        change = change_layer(old, new, name)
        for what in ("added", "changed", "removed"):
            table = getattr(change, what)
            if len(table) or name == "pipes":
                write_table(table, path, f"{name}_{what}", of=name)
    sync(path)


def export_version(network: Network, path: Path) -> dict[str, int]:
    """
    Write the layers that have rows, wholly or not at all; gives their counts.

    Raises
    ------
    GisInputError
        `export-folder-missing` when there is no folder to write into.
    """
    if not path.parent.is_dir():
        raise GisInputError("export-folder-missing", file=str(path))
    tables = {name: network.layer(name) for name in layers()}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".tapwright-") as folder:
        draft = Path(folder) / f"{path.stem}.gpkg"
        write_layers(tables, draft)
        sync(draft)
        draft.replace(path)
    return {name: len(table) for name, table in tables.items() if len(table)}
