"""The attribute dictionary: which layers exist, which attributes each has, in which unit, with which label."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

ValueType = Literal["text", "integer", "number", "date", "code"]


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


def data_rows(*path: str) -> Iterator[dict[str, Any]]:
    with files("gis").joinpath("data", *path).open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


@cache
def layers() -> dict[str, Layer]:
    """All layers by name, in drawing order of data/schema/layers.csv."""
    return {row["layer"]: _layer(row) for row in data_rows("schema", "layers.csv")}


def _layer(row: dict[str, Any]) -> Layer:
    attributes = tuple(
        Attribute(
            a["attribute"], a["type"], a["unit"], a["required"] == "yes", a["default"],
            a["label_zh"], a["label_en"], a["meaning"] or "",
        )
        for a in data_rows("schema", f"{row['layer']}.csv")
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
    return _texts(values, attribute.default or None)


def _texts(values: pd.Series, default: str | None) -> pd.Series:
    """Texts as plain objects, equal ones the same object: a city says few things, but each a million times."""
    numbers, distinct = pd.factorize(values)
    known = np.empty(len(distinct) + 1, dtype=object)
    known[:-1], known[-1] = (
        distinct.to_numpy(dtype=object) if hasattr(distinct, "to_numpy") else distinct,
        default,
    )
    return pd.Series(known[numbers], index=values.index, dtype="object")


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
        for row in data_rows("materials.csv")
    }  # fmt: skip


@dataclass(frozen=True)
class Code:
    """One value of a code list, with its labels and what sources call it."""

    code: str
    label_zh: str
    label_en: str
    synonyms: tuple[str, ...]


def plain_text(value: object) -> str:
    """
    Give a word as it is compared: full-width made half-width, no spaces, no bracketed unit, lower case.

    >>> plain_text("管径或断面尺寸（ｍｍ）"), plain_text(" De 110 ")
    ('管径或断面尺寸', 'de110')
    """
    text = unicodedata.normalize("NFKC", str(value)).strip().casefold()
    return re.sub(r"[\s_]+", "", re.sub(r"(?<=.)[\(\[].*?[\)\]]", "", text))


@cache
def codes(layer: str, attribute: str) -> dict[str, Code]:
    """Give the code list of an attribute by code; empty for an attribute without one."""
    if attribute == "material":
        return {m.code: Code(m.code, m.label_zh, m.label_en, m.synonyms) for m in materials().values()}
    key = "confidence" if attribute.endswith("_confidence") else attribute
    wanted = {f"{layer}.{key}", f"*.{key}"}
    return {
        row["code"]: Code(
            row["code"], row["label_zh"], row["label_en"], tuple(s for s in row["synonyms"].split("|") if s)
        )
        for row in data_rows("schema", "codes.csv")
        if row["key"] in wanted
    }


@cache
def code_words(layer: str, attribute: str) -> dict[str, str]:
    """Give the code of every word a source may use for it; words are in `plain_text` form, codes win over synonyms."""
    found: dict[str, str] = {}
    entries = codes(layer, attribute).values()
    for word, code in [
        *((entry.code, entry.code) for entry in entries),
        *((label, entry.code) for entry in entries for label in (entry.label_zh, entry.label_en)),
        *((synonym, entry.code) for entry in entries for synonym in entry.synonyms),
    ]:
        found.setdefault(plain_text(word), code)
    return found


@cache
def layer_words() -> dict[str, str]:
    """Give the layer of every name a file, sheet or layer may bear, in `plain_text` form."""
    return {
        plain_text(word): layer.name
        for layer in layers().values()
        for word in (layer.label_en, layer.name, layer.label_zh)
    }


@cache
def heading_words(layer: str) -> dict[str, str]:
    """Give the attribute of every column heading known for a layer, in `plain_text` form."""
    found: dict[str, str] = {}
    for attribute in layers()[layer].attributes:
        for word in (attribute.name, attribute.label_zh, attribute.label_en):
            found.setdefault(plain_text(word), attribute.name)
    for row in data_rows("mappings", "synonyms.csv"):
        # attributes that are worked up further (depths of both ends) stand under their layer only
        if row["layer"] == layer or (row["layer"] == "*" and row["attribute"] in found.values()):
            found.setdefault(plain_text(row["heading"]), row["attribute"])
    return found
