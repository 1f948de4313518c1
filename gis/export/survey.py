"""
A network as survey tables: 点表 and 线表 (X northing, Y easting) and the registers of what stands on it, as workbooks.

A survey line is straight: a pipe with bends becomes several lines, the first of its name, the others ID/2, ID/3, with
a point of their own at each bend. Tables longer than a worksheet are parted over several workbooks, with an index of what stands where.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.export.labels import in_words, labelled, plain_cells
from gis.files.workbook import write_workbook
from gis.schema import codes, layers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

ROWS_EACH = 1_000_000  # a worksheet ends at 1,048,576
POINTS, LINES = "点表", "线表"
BOOK, INDEX_BOOK, INDEX = "给水管线成果.xlsx", "目录.xlsx", "目录"
NEAREST_BEND_M = 0.2  # points of a survey that lie nearer are taken for one when they are read
APPURTENANCES = frozenset({"valve", "hydrant", "source", "tank", "reservoir"})
HEADINGS = {  # of lines, as survey tables have them; every other attribute bears its own label
    "start_node_id": "点号", "end_node_id": "连接点号", "dn": "管径或断面尺寸(mm)", "material": "材质", "installed_on": "埋设日期",
    "status": "使用状态", "role": "管线类别", "road_name": "道路名称",
}  # fmt: skip


def survey_books(tables: Mapping[str, gpd.GeoDataFrame]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Give the sheets (heading to cells) by name, and the layers that survey tables have no place for."""
    bent = _straightened(tables["pipes"])
    sheets = {POINTS: _points(tables["nodes"], bent), LINES: _lines(bent)}
    left_out = []
    for name, table in tables.items():
        if name in {"pipes", "nodes"} or not len(table):
            continue
        if layers()[name].geometry == "Point":
            sheets[layers()[name].label_zh] = _register(table, name)
        else:
            left_out.append(name)
    return sheets, left_out


def write_survey(tables: Mapping[str, gpd.GeoDataFrame], folder: Path) -> list[str]:
    """Write the workbooks into a folder; gives the layers that were left out."""
    sheets, left_out = survey_books(tables)
    longest = max(_rows(columns) for columns in sheets.values())
    parts = max(-(-longest // ROWS_EACH), 1)
    names = [BOOK if parts == 1 else f"{Path(BOOK).stem}_{part + 1:03d}.xlsx" for part in range(parts)]
    books = {name: _part(sheets, part) for part, name in enumerate(names)}
    for name, some in books.items():
        write_workbook(folder / name, some)
    if parts > 1:
        write_workbook(folder / INDEX_BOOK, {INDEX: _index(books)})
    return left_out


def _part(sheets: Mapping[str, dict[str, Any]], part: int) -> dict[str, dict[str, Any]]:
    """Rows of every sheet that stand in one workbook; sheets that ended before are not in it."""
    rows = slice(part * ROWS_EACH, (part + 1) * ROWS_EACH)
    return {
        name: {heading: cells[rows] for heading, cells in columns.items()}
        for name, columns in sheets.items()
        if part == 0 or _rows(columns) > part * ROWS_EACH
    }


def _rows(columns: Mapping[str, Any]) -> int:
    return len(next(iter(columns.values())))


def _index(books: Mapping[str, dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Which rows of which table stand in which workbook, rows counted from 1 over all workbooks."""
    table: dict[str, Any] = {"文件": [], "工作表": [], "起始行": [], "终止行": [], "行数": []}
    before: dict[str, int] = {}
    for book, sheets in books.items():
        for name, columns in sheets.items():
            count, first = _rows(columns), before.get(name, 0)
            for heading, cell in zip(
                table, (book, name, first + min(count, 1), first + count, count), strict=True
            ):
                table[heading].append(cell)
            before[name] = first + count
    return table


def _straightened(pipes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Pipes as straight pieces between points, lengths shared out by drawn length; `bend_x`, `bend_y` of a new point.

    Pipes without geometry have no points to lie between and are not among them.
    """
    plain = shapely.remove_repeated_points(pipes.geometry.to_numpy(), NEAREST_BEND_M)
    coordinates, owner = shapely.get_coordinates(plain, return_index=True)
    first = np.flatnonzero(owner[1:] == owner[:-1])
    row = owner[first]
    start_xy, end_xy = coordinates[first], coordinates[first + 1]
    nth = pd.Series(row).groupby(row).cumcount().to_numpy()
    count = np.bincount(row, minlength=len(pipes))[row]
    piece_m = np.hypot(*(end_xy - start_xy).T)
    whole_m = np.bincount(row, piece_m, minlength=len(pipes))[row]
    table = pipes.iloc[row].reset_index(drop=True)
    ids = table["pipe_id"].astype(str)
    table["start_node_id"] = np.where(
        nth == 0, table["start_node_id"], ids + "-" + pd.Series(nth.astype(str))
    )
    table["end_node_id"] = np.where(
        nth == count - 1, table["end_node_id"], ids + "-" + pd.Series((nth + 1).astype(str))
    )
    table["pipe_id"] = np.where(nth == 0, ids, ids + "/" + pd.Series((nth + 1).astype(str)))
    share = np.divide(piece_m, whole_m, out=np.ones_like(piece_m), where=whole_m > 0)
    table["length_m"] = table["length_m"].to_numpy(dtype=float) * share
    table["bend_x"] = np.where(nth > 0, start_xy[:, 0], np.nan)
    table["bend_y"] = np.where(nth > 0, start_xy[:, 1], np.nan)
    return table


def _points(nodes: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> dict[str, Any]:
    bends = lines[lines["bend_x"].notna()]
    words = {code: entry.label_zh for code, entry in codes("nodes", "kind").items()}
    fitting = nodes["kind"].isin(APPURTENANCES)
    kind = nodes["kind"].map(words)
    extra = [None] * len(bends)
    sheet: dict[str, Any] = {
        "点号": [*nodes["node_id"], *bends["start_node_id"]],
        "X坐标": _figures([*shapely.get_y(nodes.geometry.to_numpy()), *bends["bend_y"]]),
        "Y坐标": _figures([*shapely.get_x(nodes.geometry.to_numpy()), *bends["bend_x"]]),
        "地面高程": [*plain_cells(nodes["elevation_m"]), *extra],
        "特征点": [*kind.mask(fitting, None).where(~fitting, None), *([words["bend"]] * len(bends))],
        "附属物名称": [*kind.where(fitting, None), *extra],
    }  # fmt: skip
    for attribute in layers()["nodes"].attributes:
        if attribute.name not in {"node_id", "kind", "elevation_m"} and nodes[attribute.name].notna().any():
            values = in_words(nodes[attribute.name], "nodes", attribute)
            sheet[attribute.label_zh] = [*plain_cells(values), *extra]
    return sheet


def _figures(values: list[Any]) -> list[float]:
    """Tenths of a millimetre: finer than any survey, and no digits of binary noise."""
    return [round(float(value), 4) for value in values]


def _lines(lines: gpd.GeoDataFrame) -> dict[str, Any]:
    sheet: dict[str, Any] = {}
    order = {name: at for at, name in enumerate(HEADINGS)}
    for attribute in sorted(layers()["pipes"].attributes, key=lambda one: order.get(one.name, len(order))):
        values = lines[attribute.name]
        if attribute.required or values.notna().any():
            heading = HEADINGS.get(attribute.name, attribute.label_zh)
            sheet[heading] = plain_cells(in_words(values, "pipes", attribute))
    return sheet


def _register(table: gpd.GeoDataFrame, layer: str) -> dict[str, Any]:
    words = labelled(table, layer)
    sheet = {str(name): plain_cells(words[name]) for name in words.columns if name != words.geometry.name}
    places = table.geometry.to_numpy()
    placed = ~shapely.is_missing(places)
    if placed.any():
        for heading, values in (("X坐标", shapely.get_y(places)), ("Y坐标", shapely.get_x(places))):
            sheet[heading] = [
                round(float(value), 4) if there else None for value, there in zip(values, placed, strict=True)
            ]
    return sheet
