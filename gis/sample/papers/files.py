"""Writes a city's source files: survey workbooks, GBK shapefiles, one GeoPackage."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyogrio

from gis.files.workbook import Sheet, write_workbook
from gis.progress import Progress
from gis.sample.papers.labels import chinese_table
from gis.sample.papers.maps import land_tables, street_table, utility_table
from gis.sample.papers.operation import (
    break_table,
    customer_table,
    height_table,
    logger_table,
    points,
    renovation_table,
    road_work_table,
    source_table,
)
from gis.sample.papers.records import Roads, road_history
from gis.sample.papers.tables import (
    Numbers,
    line_sheet,
    number,
    point_sheet,
    road_names_of,
    tapoff_sheet,
    valve_columns,
)
from gis.sample.pipes.survey import HYDRANT
from gis.sample.settings import parameters
from gis.sample.town.names_of import Names, name_all
from gis.schema import layers

if TYPE_CHECKING:
    import geopandas as gpd

    from gis.sample.district import City

LINES_A_WORKBOOK = 100_000
SURVEY = "给水管线成果"
OPERATION = "运行数据.gpkg"
Counts = dict[str, int]


def write_city(city: City, out: Path, progress: Progress) -> tuple[list[str], Counts]:
    """Write everything but the notes; gives all file names, the notes' too, and how many of each thing there are."""
    words, numbers = name_all(city.layout, city.seed), number(city)
    files, counts = _write_survey(city, numbers, words, out)
    progress.step("sample-maps", 3, 5)
    roads = road_history(city.layout.streets, city.opened_year, words.streets, city.seed)
    maps = {
        "streets": street_table(city, words, roads),
        **land_tables(city, words),
        "utilities": utility_table(city, words),
    }
    for layer, table in maps.items():
        counts[layer] = len(table)
        files += _write_shapefile(out / f"{layers()[layer].label_zh}.shp", table)
    progress.step("sample-operation", 4, 5)
    for layer, table in _operation(city, numbers, words, roads).items():
        counts[layer] = len(table)
        pyogrio.write_dataframe(table, out / OPERATION, layer=layers()[layer].label_zh, driver="GPKG")
    _date_geopackage(out / OPERATION)
    ordered = {layer: counts[layer] for layer in layers() if layer in counts}
    return sorted([*files, OPERATION, "SYNTHETIC.txt", "sample.json"]), ordered


def _operation(city: City, numbers: Numbers, words: Names, roads: Roads) -> dict[str, gpd.GeoDataFrame]:
    point, columns = valve_columns(city, numbers)
    return {
        "customers": customer_table(city, numbers, words),
        "sources": source_table(city, numbers),
        "loggers": logger_table(city, numbers),
        "valves": chinese_table("valves", columns, points(city.register.place_xy[point])),
        "breaks": break_table(city, numbers),
        "road_works": road_work_table(city, roads),
        "renovations": renovation_table(city, words),
        "terrain": height_table(city),
    }


def _write_survey(city: City, numbers: Numbers, words: Names, out: Path) -> tuple[list[str], Counts]:
    roads = road_names_of(city, words.streets, words.lanes)
    point, line = point_sheet(city, numbers, roads), line_sheet(city, numbers, roads)
    valve_point, columns = valve_columns(city, numbers)
    tapoffs = tapoff_sheet(city, numbers, valve_point, columns["valve_id"], words.streets)
    files = _write_parts(out, point, line)
    write_workbook(out / "预留口台账.xlsx", {"预留口": tapoffs})
    planted = city.register.planted
    counts = {
        "pipes": int(city.register.shown.sum()) + planted["tees_not_split"],
        "nodes": len(numbers.point_order) - planted["ends_off"],
        "hydrants": int((city.register.kind == HYDRANT).sum()),
        "tapoffs": len(city.layout.mains.stub_end),
    }
    return [*files, "预留口台账.xlsx"], counts


def _write_parts(out: Path, point: Sheet, line: Sheet) -> list[str]:
    """One workbook for every 100,000 lines, each with its share of the points."""
    parts = -(-len(line["点号"]) // LINES_A_WORKBOOK)
    files = []
    for part in range(parts):
        name = f"{SURVEY}.xlsx" if part == 0 else f"{SURVEY}_{part + 1:03d}.xlsx"
        write_workbook(out / name, {"点表": _share(point, part, parts), "线表": _share(line, part, parts)})
        files.append(name)
    return files


def _share(sheet: Sheet, part: int, parts: int) -> Sheet:
    count = len(sheet["点号"])
    bounds = np.linspace(0, count, parts + 1).astype(int)
    return {name: values[bounds[part] : bounds[part + 1]] for name, values in sheet.items()}


def _write_shapefile(path: Path, table: gpd.GeoDataFrame) -> list[str]:
    """Write GBK with its .cpg, dated on the story's day."""
    pyogrio.write_dataframe(
        table, path, driver="ESRI Shapefile", encoding="GBK", DBF_DATE_LAST_UPDATE=parameters()["today"]
    )
    return [path.with_suffix(suffix).name for suffix in (".cpg", ".dbf", ".prj", ".shp", ".shx")]


def _date_geopackage(path: Path) -> None:
    """Date the tables on the story's day: GDAL writes the hour of writing."""
    with sqlite3.connect(path) as book:
        book.execute("UPDATE gpkg_contents SET last_change = ?", (f"{parameters()['today']}T00:00:00.000Z",))
    book.close()
