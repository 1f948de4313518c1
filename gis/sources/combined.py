"""
Result tables (管线点成果表): one sheet with points and lines, a row for each neighbour of a point.

The point's own columns stand only in its first row. A line is listed from both ends, which repair finds like any
other double. Layout F1 of the survey formats in use; sheets are named by the code of the utility.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from gis.schema import data_rows, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.sources.raw import RawTable

DEPTH = "埋深"
START_DEPTH, END_DEPTH = "起点埋深", "终点埋深"


@cache
def _other_sheets() -> frozenset[str]:
    return frozenset(
        plain_text(row["sheet"])
        for row in data_rows("mappings", "survey_sheets.csv")
        if row["utility"] != "water"
    )


def of_other_utility(raw: RawTable) -> bool:
    """Tell whether a sheet bears the code of another utility than water."""
    return plain_text(raw.ref.name) in _other_sheets()


def split(raw: RawTable, points: Mapping[str, str], lines: Mapping[str, str]) -> tuple[RawTable, RawTable]:
    """
    Give the point table and the line table that a result table holds.

    Parameters
    ----------
    points, lines
        Column of each attribute, as the survey headings know them; both name the same column for the point.
    """
    table = raw.table.copy()
    number = points["node_id"]
    first = table[number].notna() & (table[number].ffill() != table[number].ffill().shift())
    table[number] = table[number].ffill()
    depth = next((column for column in table.columns if plain_text(column) == DEPTH), None)
    if depth is not None and START_DEPTH not in table:
        own = table.loc[first].drop_duplicates(number).set_index(number)[depth]
        table[START_DEPTH] = table[number].map(own)
        table[END_DEPTH] = table[lines["end_node_id"]].map(own)
    joined = table[lines["end_node_id"]].notna()
    of_points = [column for column in points.values() if column != number]
    return replace(raw, table=table.loc[first]), replace(
        raw, table=pd.DataFrame(table.loc[joined].drop(columns=of_points))
    )
