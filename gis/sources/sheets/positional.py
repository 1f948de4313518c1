"""
Result tables known by the position of their columns (layout F2), whatever stands in the heading rows.

Two variants are in use, data from the third row on; X is the northing. Column letters are inferred from the tool that
reads them (engineering reference 9.4), so the numbers themselves must look like coordinates before a sheet is taken.

    V1  A number, B neighbour, C feature or appurtenance, D X, E Y, F ground, G depth, J size, K material, P laying
    V2  A number, B neighbour, D feature, E appurtenance, F X, G Y, H ground, I level of pipe, L depths "d1/d2"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.intake.cells.values import UNREADABLE, is_blank, material, number
from gis.repair.diameters import read_size

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_ROW = 2  # two heading rows stand above the data
MOST_BLANK_ROWS = 10
NARROWEST = 11  # both variants have size and material beyond the tenth column
LOOKED_AT = 300  # rows that decide whether the rest is looked at
LEAST_SHARE = 0.9
V1 = {"点号": 0, "连接点号": 1, "附属物": 2, "X": 3, "Y": 4, "地面高程": 5, "埋深": 6, "管径": 9, "材质": 10}
V2 = {"点号": 0, "连接点号": 1, "特征": 3, "附属物": 4, "X": 5, "Y": 6, "地面高程": 7}
LEVEL_COLUMN, DEPTHS_COLUMN = 8, 11
V2_OPEN = (2, 9, 10, *range(12, 20))  # of V2 nobody states where size and material stand: their values tell
NORTHING_M, EASTING_M = (1.0e6, 6.5e6), (1.0e5, 46.0e6)


def by_position(rows: Sequence[Sequence[Any]]) -> pd.DataFrame | None:
    """
    Give the sheet as a result table with headings, None where it is none of the two variants.

    The index is the row as spreadsheets count it.
    """
    start = _data(rows[:LOOKED_AT])
    if len(start) < 2 or start.shape[1] < NARROWEST or not (_is_variant(start, V1) or _is_variant(start, V2)):
        return None
    data = _data(rows)
    if _is_variant(data, V1):
        return _headed(data, {name: at for name, at in V1.items() if at < data.shape[1]})
    if _is_variant(data, V2):
        return _second(data)
    return None


def _data(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Rows from the third on, up to ten blank ones: below them stand legends and signatures."""
    kept: list[int] = []
    for at in range(FIRST_ROW, len(rows)):
        if all(is_blank(cell) for cell in rows[at]):
            if kept and at - kept[-1] >= MOST_BLANK_ROWS:
                break
        else:
            kept.append(at)
    index = pd.Index([at + 1 for at in kept])
    cells = [[None if isinstance(cell, str) and not cell else cell for cell in rows[at]] for at in kept]
    return pd.DataFrame(cells, index=index, dtype="object")


def _is_variant(data: pd.DataFrame, columns: dict[str, int]) -> bool:
    """Numbers in the first column, neighbours in the second that are points of the first, coordinates where they belong."""
    if max(columns["X"], columns["Y"]) >= data.shape[1]:
        return False
    north, east = _numbers(data[columns["X"]]), _numbers(data[columns["Y"]])
    placed = data[columns["X"]].notna().to_numpy()
    if placed.sum() < 2:
        return False
    fits = (north > NORTHING_M[0]) & (north < NORTHING_M[1]) & (east > EASTING_M[0]) & (east < EASTING_M[1])
    numbers = {str(cell) for cell in data[0].dropna()}
    named = data[1].dropna().astype(str)
    return bool(fits[placed].mean() >= LEAST_SHARE and len(named) and named.isin(numbers).mean() >= 0.5)


def _numbers(column: pd.Series) -> np.ndarray:
    read = [None if is_blank(cell) else number(cell) for cell in column]
    return np.array(
        [np.nan if value is None or value is UNREADABLE else value for value in read], dtype=float
    )


def _headed(data: pd.DataFrame, columns: dict[str, int]) -> pd.DataFrame:
    table = data[list(columns.values())].copy()
    table.columns = pd.Index(list(columns))
    return table


def _second(data: pd.DataFrame) -> pd.DataFrame:
    table = _headed(data, V2)
    if data.shape[1] > LEVEL_COLUMN:
        depth_m = _numbers(data[V2["地面高程"]]) - _numbers(data[LEVEL_COLUMN])
        table["埋深"] = (
            pd.Series(depth_m, index=data.index).round(3).astype("object").where(np.isfinite(depth_m), None)
        )
    if data.shape[1] > DEPTHS_COLUMN:
        both = data[DEPTHS_COLUMN].map(
            lambda cell: str(cell).replace("／", "/").split("/"), na_action="ignore"
        )
        pair = both.map(len, na_action="ignore") == 2
        if pair.any():
            table["起点埋深"] = both.where(pair).map(lambda parts: parts[0], na_action="ignore")
            table["终点埋深"] = both.where(pair).map(lambda parts: parts[1], na_action="ignore")
    open_columns = [at for at in V2_OPEN if at < data.shape[1]]
    for heading, fits in (("材质", _is_material), ("管径", _is_size)):
        shares = {at: _share(data[at], fits) for at in open_columns}
        best = max(shares, key=lambda at: shares[at], default=None)
        if best is not None and shares[best] >= 0.5:
            table[heading] = data[best]
            open_columns.remove(best)
    return table


def _share(column: pd.Series, fits: Any) -> float:
    cells = [cell for cell in column if not is_blank(cell)]
    return float(np.mean([fits(cell) for cell in cells])) if cells else 0.0


def _is_material(cell: Any) -> bool:
    return not isinstance(cell, float | int) and material(cell) is not UNREADABLE


def _is_size(cell: Any) -> bool:
    size = read_size(cell)
    return size.kind in {"nominal", "outside", "rectangle"} and (size.dn is None or size.dn >= 15)
