"""Names for people in a GeoPackage: titles of its layers and aliases of its columns, as GDAL and QGIS read them."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"


@cache
def _labels() -> dict[tuple[str, str], tuple[str, str]]:
    """Chinese and English label by layer and column; `*` stands for every layer, an empty column for the layer itself."""
    with files("design").joinpath("data", "gpkg_columns.csv").open(encoding="utf-8") as stream:
        return {
            (row["layer"], row["column"]): (row["label_zh"], row["label_en"])
            for row in csv.DictReader(stream)
        }


def name_layers(path: Path) -> None:
    """Write the titles and aliases into a GeoPackage that was just made: Chinese as the alias, English as the description."""
    labels = _labels()
    with closing(sqlite3.connect(path)) as package, package:
        package.execute(
            "PRAGMA synchronous = OFF"
        )  # the file was made a moment ago: if the machine dies it is made again
        package.execute(
            "CREATE TABLE IF NOT EXISTS gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,"
            " title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,"
            " CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name))"
        )
        extension = ("gpkg_data_columns", None, "gpkg_schema", _EXTENSION, "read-write")
        known = package.execute(
            "SELECT 1 FROM gpkg_extensions WHERE table_name = ?", extension[:1]
        ).fetchone()
        if known is None:
            package.execute("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", extension)
        for (layer,) in package.execute("SELECT table_name FROM gpkg_contents").fetchall():
            if told := labels.get((layer, "")):
                package.execute(
                    "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
                    (*told, layer),
                )
            for _, column, *_ in package.execute(f'PRAGMA table_info("{layer}")').fetchall():
                if told := labels.get((layer, column)) or labels.get(("*", column)):
                    package.execute(
                        "INSERT OR IGNORE INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)",
                        (layer, column, told[0], told[0], told[1]),
                    )
