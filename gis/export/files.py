"""Layers as GBK shapefiles or as a file geodatabase, with Chinese names."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pyogrio

from gis.export.labels import labelled
from gis.files.gdal import remarks_of_gdal
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

NAME_BYTES = 10  # of a DBF field
GBK, WIDER = "GBK", "GB18030"
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def shapefile_names() -> set[str]:
    """Give the names of all files that an export as shapefiles may write."""
    return {f"{layer.label_zh}{part}" for layer in layers().values() for part in PARTS}


def write_shapefiles(tables: Mapping[str, gpd.GeoDataFrame], folder: Path) -> None:
    """Write one shapefile for each layer, attributes in GBK with a .cpg that says so."""
    for name, table in tables.items():
        file = folder / f"{layers()[name].label_zh}.shp"
        words = labelled(table, name)
        words = words.rename(
            columns=short_names([str(column) for column in words.columns if column != "geometry"])
        )
        with remarks_of_gdal(), warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # that names are short and a plane has no CRS is what was asked for
            pyogrio.write_dataframe(
                words,
                file,
                driver="ESRI Shapefile",
                encoding=_encoding(words),
                geometry_type=layers()[name].geometry,
            )


def _encoding(words: gpd.GeoDataFrame) -> str:
    """GBK, and the wider GB18030 only where a rare character of a name needs it."""
    texts = {
        text
        for column in words.columns
        if words[column].dtype == object and column != words.geometry.name
        for text in words[column].dropna().unique()
        if isinstance(text, str) and not text.isascii()
    }
    try:
        "".join(sorted(texts)).encode(GBK)
    except UnicodeEncodeError:
        return WIDER
    return GBK


def short_names(names: list[str]) -> dict[str, str]:
    """
    Give each heading at most ten bytes of GBK, whole characters, no two alike.

    >>> short_names(["管段编号", "海曾威廉系数", "海曾威廉系统"])
    {'管段编号': '管段编号', '海曾威廉系数': '海曾威廉系', '海曾威廉系统': '海曾威廉1'}
    """
    given: dict[str, str] = {}
    for name in names:
        short, nth = _cut(name, NAME_BYTES), 0
        while short.casefold() in {other.casefold() for other in given.values()}:
            nth += 1
            short = _cut(name, NAME_BYTES - len(str(nth))) + str(nth)
        given[name] = short
    return given


def _cut(name: str, most_bytes: int) -> str:
    return name.encode(GBK, errors="replace")[:most_bytes].decode(GBK, errors="ignore")


def write_geodatabase(tables: Mapping[str, gpd.GeoDataFrame], folder: Path) -> None:
    """Write a file geodatabase, one feature class for each layer."""
    for name, table in tables.items():
        with remarks_of_gdal(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a plane without CRS is remarked upon
            pyogrio.write_dataframe(
                labelled(table, name), folder, layer=layers()[name].label_zh, driver="OpenFileGDB",
                geometry_type=layers()[name].geometry, append=folder.exists(), promote_to_multi=False,
            )  # fmt: skip
