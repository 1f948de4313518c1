"""
A network as a DXF drawing: a layer for each size and material of pipe, a block for each kind of thing.

What a layer's name cannot hold (ids, dates, lengths) travels as extended data `label=value` of the application
TAPWRIGHT, and the coordinate system as a property of the drawing; gis.sources.drawing reads both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from gis.export.labels import labelled
from gis.schema import codes, layers
from gis.sources.drawing import APPLICATION, CRS_PROPERTY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

RELEASE = "R2010"
IN_LAYER_NAMES = ("dn", "material")  # said once: whoever moves a line to another layer changes its size
LONGEST_BYTES = 250  # of one string of extended data
COLOURS = {"pipes": 5, "nodes": 8, "valves": 1, "hydrants": 1, "tapoffs": 6, "customers": 3, "sources": 4}
SYMBOL_M = 0.5
NOT_IN_NAMES = str.maketrans(dict.fromkeys('<>/\\":;?*|=`,', "_"))


def write_drawing(tables: Mapping[str, gpd.GeoDataFrame], crs: str | None, file: Path) -> None:
    """Write the layers into model space, in metres of their own CRS."""
    import ezdxf
    from ezdxf import units

    document = ezdxf.new(RELEASE)
    document.units = units.M
    document.appids.add(APPLICATION)
    if crs:
        document.header.custom_vars.append(CRS_PROPERTY, crs)
    for name, table in tables.items():
        if layers()[name].geometry == "Point":
            _add_symbol(document, layers()[name].label_zh)
        words = labelled(table.drop(columns=list(IN_LAYER_NAMES)) if name == "pipes" else table, name)
        places = layer_names(table, name)
        for place in dict.fromkeys(places):
            if place not in document.layers:
                document.layers.add(place, color=COLOURS.get(name, 7))
        _draw(document.modelspace(), words, places, layers()[name].label_zh)
    document.saveas(file)


def layer_names(table: gpd.GeoDataFrame, name: str) -> list[str]:
    """
    Give the drawing layer of each row: 给水-DN300-球墨铸铁 for pipes, 给水-管点 for nodes, else the layer's own label.
    """
    if name == "nodes":
        return ["给水-管点"] * len(table)
    if name != "pipes":
        return [layers()[name].label_zh] * len(table)
    words = {code: entry.label_zh for code, entry in codes("pipes", "material").items()}
    names = [
        f"给水-{'管径不明' if _blank(dn) else f'DN{int(dn)}'}-{words.get(material, material)}"
        for dn, material in zip(table["dn"], table["material"], strict=True)
    ]
    return [one.translate(NOT_IN_NAMES) for one in names]


def _blank(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124 - NaN is the only value that differs from itself


def _add_symbol(document: Any, name: str) -> None:
    block = document.blocks.new(name)
    block.add_circle((0, 0), SYMBOL_M)


def _draw(space: Any, words: gpd.GeoDataFrame, places: list[str], symbol: str) -> None:
    headings = [str(column) for column in words.columns if column != words.geometry.name]
    columns = [
        words[heading].astype("object").where(words[heading].notna(), None).tolist() for heading in headings
    ]
    for row, (shape, place) in enumerate(zip(words.geometry.to_numpy(), places, strict=True)):
        data = [(heading, column[row]) for heading, column in zip(headings, columns, strict=True)]
        for entity in _entities(space, shape, symbol, {"layer": place}):
            entity.set_xdata(APPLICATION, [(1000, text) for text in _texts(data)])


def _entities(space: Any, shape: Any, symbol: str, attributes: dict[str, Any]) -> list[Any]:
    if shape is None or shape.is_empty:
        return []
    if shape.geom_type == "Point":
        return [space.add_blockref(symbol, (shape.x, shape.y), dxfattribs=attributes)]
    if shape.geom_type == "Polygon":
        return [space.add_lwpolyline(list(shape.exterior.coords)[:-1], close=True, dxfattribs=attributes)]
    if shape.geom_type == "LineString":
        points = [point[:2] for point in shape.coords]
        if len(points) == 2:
            return [space.add_line(*points, dxfattribs=attributes)]
        return [space.add_lwpolyline(points, dxfattribs=attributes)]
    parts = shapely.get_parts(shape)
    return [one for part in parts for one in _entities(space, part, symbol, attributes)]


def _texts(data: list[tuple[str, Any]]) -> list[str]:
    """Strings that no program cuts: a long value goes on in strings that begin with the same heading."""
    texts = []
    for heading, value in data:
        if value is None:
            continue
        left = str(value).replace("\n", " ").replace("\r", " ")
        while True:
            room = LONGEST_BYTES - len(heading.encode()) - 1
            part = left.encode()[:room].decode(errors="ignore")
            texts.append(f"{heading}={part}")
            left = left[len(part) :]
            if not left:
                break
    return texts
