"""The attribute dictionary: which layers exist, which attributes each has, in which unit, with which label."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

ValueType = Literal["text", "integer", "number", "date", "code"]
_DTYPES: dict[str, str] = {
    "text": "object", "code": "object", "date": "object", "integer": "Int64", "number": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class Attribute:
    """One column of a layer; dates are ISO strings so that every store keeps them alike."""

    name: str
    value_type: ValueType
    unit: str
    required: bool
    default: str
    label_zh: str
    label_en: str
    meaning: str


@dataclass(frozen=True)
class Layer:
    """One table: its geometry kind, its id column, its attributes in order."""

    name: str
    geometry: Literal["Point", "LineString", "Polygon"]
    id_column: str
    label_zh: str
    label_en: str
    attributes: tuple[Attribute, ...]


def _rows(*path: str) -> Iterator[dict[str, Any]]:
    with files("gis").joinpath("data", *path).open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


@cache
def layers() -> dict[str, Layer]:
    """All layers by name, in drawing order of data/schema/layers.csv."""
    return {row["layer"]: _layer(row) for row in _rows("schema", "layers.csv")}


def _layer(row: dict[str, Any]) -> Layer:
    attributes = tuple(
        Attribute(
            a["attribute"], a["type"], a["unit"], a["required"] == "yes", a["default"],
            a["label_zh"], a["label_en"], a["meaning"] or "",
        )
        for a in _rows("schema", f"{row['layer']}.csv")
    )  # fmt: skip
    return Layer(
        row["layer"], row["geometry"], row["id_column"], row["label_zh"], row["label_en"], attributes
    )


def empty_layer(name: str, crs: object | None) -> gpd.GeoDataFrame:
    """A table of no rows with every declared column."""
    return conform(gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=crs), name)


def conform(table: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """
    Give the table exactly the declared columns, types and order; missing ones get their default.

    Values that do not fit their type become null: readers report those before they come here.
    """
    columns: dict[str, pd.Series] = {}
    for attribute in layers()[name].attributes:
        values = (
            table[attribute.name] if attribute.name in table.columns else pd.Series(None, index=table.index)
        )
        columns[attribute.name] = _typed(values, attribute)
    frame = pd.DataFrame(columns, index=table.index)
    return gpd.GeoDataFrame(frame, geometry=table.geometry, crs=table.crs).reset_index(drop=True)


def _typed(values: pd.Series, attribute: Attribute) -> pd.Series:
    if attribute.value_type == "integer":
        return pd.to_numeric(values, errors="coerce").round().astype("Int64")
    if attribute.value_type == "number":
        return pd.to_numeric(values, errors="coerce").astype("float64")
    text = values.astype("object").where(values.notna(), None)
    return text.fillna(attribute.default) if attribute.default else text.where(text.notna(), None)


@dataclass(frozen=True)
class Material:
    """One pipe material of data/materials.csv."""

    code: str
    label_zh: str
    label_en: str
    brittle: bool
    plastic: bool
    synonyms: tuple[str, ...]


@cache
def materials() -> dict[str, Material]:
    """Materials by code."""
    return {
        row["code"]: Material(
            row["code"], row["label_zh"], row["label_en"], row["brittle"] == "yes", row["plastic"] == "yes",
            tuple(row["synonyms"].split("|")),
        )
        for row in _rows("materials.csv")
    }  # fmt: skip
