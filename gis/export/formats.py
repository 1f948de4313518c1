"""One door for all formats: which there are, what each writes, and what it has to leave out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gis.crs import crs_text
from gis.export.labels import present
from gis.schema import layers
from gis.sources.folder import EXPORT_SIDECAR

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from pyproj import CRS

FORMATS = ("gpkg", "survey", "shp", "dxf", "gdb")
FOLDERS = frozenset({"survey", "shp"})  # written as files of a folder; gdb is a folder that is one source


@dataclass(frozen=True)
class Exported:
    """
    Rows written by layer, and what the format has no place for: whole layers, and rows without shape by layer.
    """

    counts: Mapping[str, int]
    left_out: tuple[str, ...] = ()
    shapeless: Mapping[str, int] = field(default_factory=dict)


def export_tables(
    tables: Mapping[str, gpd.GeoDataFrame], crs: CRS | None, path: Path, *, form: str
) -> Exported:
    """
    Write layers as survey workbooks (`survey`), GBK shapefiles (`shp`), a drawing (`dxf`) or a geodatabase (`gdb`).

    `path` is a folder that is there for `survey` and `shp`, a file for `dxf`, a folder not there yet for `gdb`.
    Where the format itself cannot hold the coordinate system it is told in `tapwright.json` beside the tables.
    """
    chosen = {name: table for name, table in present(tables).items() if len(table)}
    left_out: list[str] = []
    if form == "survey":
        from gis.export.survey import write_survey

        left_out = write_survey({**_empty(tables), **chosen}, path)
        (path / EXPORT_SIDECAR).write_text(
            json.dumps({"crs": crs_text(crs)}, ensure_ascii=False), encoding="utf-8"
        )
    elif form == "shp":
        from gis.export.files import write_shapefiles

        write_shapefiles(chosen, path)
    elif form == "gdb":
        from gis.export.files import write_geodatabase

        write_geodatabase(chosen, path)
    else:
        from gis.export.drawing import write_drawing

        write_drawing(chosen, crs_text(crs), path)
    drawn = {"dxf": set(chosen), "survey": {"pipes", "nodes"}}.get(form, set())
    bare = {name: int(table.geometry.isna().sum()) for name, table in chosen.items() if name in drawn}
    counts = {name: len(table) - bare.get(name, 0) for name, table in chosen.items() if name not in left_out}
    return Exported(counts, tuple(left_out), {name: count for name, count in bare.items() if count})


def _empty(tables: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    return {name: tables[name] for name in ("pipes", "nodes") if name in tables and name in layers()}
