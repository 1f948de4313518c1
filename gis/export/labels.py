"""Layers as people read them: Chinese headings by the attribute dictionary, code values in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from gis.schema import codes, layers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.schema import Attribute


def labelled(table: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Give a layer with `label_zh` as headings, code labels for codes, and without columns that are all empty."""
    columns: dict[str, pd.Series] = {}
    for attribute in layers()[layer].attributes:
        if attribute.name in table and (attribute.required or table[attribute.name].notna().any()):
            columns[attribute.label_zh] = in_words(table[attribute.name], layer, attribute)
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=table.index), geometry=table.geometry, crs=table.crs)


def in_words(values: pd.Series, layer: str, attribute: Attribute) -> pd.Series:
    """Give code values as their labels, text as plain objects, numbers as they are."""
    if attribute.value_type == "code":
        words = {code: entry.label_zh for code, entry in codes(layer, attribute.name).items()}
        values = values.map(lambda value: words.get(value, value), na_action="ignore")
    if attribute.value_type in {"integer", "number"}:
        return values
    plain = values.astype("object")
    return plain.where(plain.notna(), None)


def present(tables: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Give the layers that have rows, in the order of the schema; `pipes` always."""
    return {
        name: tables[name] for name in layers() if name in tables and (len(tables[name]) or name == "pipes")
    }


def plain_cells(values: pd.Series) -> list[Any]:
    """Give values as a worksheet takes them: text, numbers, None; nothing that XML forbids, no text beyond a cell."""
    return [_cell(value) for value in values.astype("object").where(values.notna(), None)]


LONGEST_CELL = 32_000


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = "".join(letter for letter in str(value) if letter >= " " or letter in "\n\t")
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"
