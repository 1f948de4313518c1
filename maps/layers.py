"""What the map shows of each layer: which tile set, from which zoom, which attributes, under which label."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gis.files.shipped import shipped_table
from gis.schema import codes
from gis.schema import layers as schema_layers
from maps.errors import MapError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.messages import Language


CLOSE_ZOOM = 16
TILE_MAX_ZOOM = 17  # the page enlarges these beyond
FULL_ZOOM = 14  # from here on every row of a layer is drawn
GENERAL_ZOOM = 11  # below, lines are merged and simplified beforehand


@dataclass(frozen=True)
class GivenAttribute:
    """An attribute that is computed from the network, in words."""

    label_zh: str
    label_en: str
    unit: str


@dataclass(frozen=True)
class MapLayer:
    """
    One layer of the schema as the map uses it.

    Attributes
    ----------
    table
        Layer of the schema it shows: its own name, or that of the layer whose rows it draws again.
    geometry
        Point, LineString or Polygon as drawn.
    attributes, close_attributes
        Columns in every tile, and those only in tiles of CLOSE_ZOOM and up.
    min_zoom
        Zoom below which the layer is left out wholly.
    major_column, major_values, size_column
        What is drawn first where a tile would hold too many: rows with one of these values, then larger sizes.
    merged_by
        Attributes that survive below GENERAL_ZOOM, where lines that share them become one, each with the step its
        numbers are rounded down to (0: as they are). Empty: drawn row by row at every zoom.
    given
        Attributes that are no columns of the table: numbers that whoever serves the tiles provides.
    """

    name: str
    table: str
    geometry: str
    id_column: str
    attributes: tuple[str, ...]
    close_attributes: tuple[str, ...]
    min_zoom: int
    major_column: str | None
    major_values: tuple[str, ...]
    size_column: str | None
    merged_by: Mapping[str, float]
    given: Mapping[str, GivenAttribute]


@cache
def _document() -> dict[str, Any]:
    return shipped_table("maps", "layers.toml")


@cache
def map_layers() -> dict[str, MapLayer]:
    """Layers in tiles by name."""
    return {name: _map_layer(name, row) for name, row in _document()["layers"].items()}


def _map_layer(name: str, row: Mapping[str, Any]) -> MapLayer:
    table = row.get("points_of", row.get("again", name))
    schema = schema_layers()[table]
    return MapLayer(
        name=name,
        table=table,
        geometry="Point" if "points_of" in row else schema.geometry,
        id_column=schema.id_column,
        attributes=tuple(row["attributes"]),
        close_attributes=tuple(row.get("close_attributes", ())),
        min_zoom=row["min_zoom"],
        major_column=row.get("major_column"),
        major_values=tuple(row.get("major_values", ())),
        size_column=row.get("size_column"),
        merged_by=row.get("merged_by", {}),
        given={name: GivenAttribute(**words) for name, words in row.get("given", {}).items()},
    )


def tilesets() -> dict[str, tuple[str, ...]]:
    """Names under which several layers are served in one tile."""
    return {name: tuple(members) for name, members in _document()["tilesets"].items()}


def layers_of(name: str) -> tuple[MapLayer, ...]:
    """
    Layers behind the name of a tile set or of a single layer.

    Raises
    ------
    MapError
        Nothing has that name.
    """
    known = map_layers()
    if name in known:
        return (known[name],)
    if name in tilesets():
        return tuple(known[member] for member in tilesets()[name])
    raise MapError("unknown-tile-layer", layer=name, known=", ".join((*tilesets(), *known)))


def code_labels(layer: str, attribute: str, language: Language) -> dict[str, str]:
    """What a person reads for each code of an attribute; empty when it is not a code list."""
    return {
        code: entry.label_zh if language == "zh" else entry.label_en
        for code, entry in codes(layer, attribute).items()
    }


def layer_label(name: str, language: Language) -> str:
    """Name of a layer for a person."""
    layer = schema_layers()[name]
    return layer.label_zh if language == "zh" else layer.label_en


def attribute_card(name: str, language: Language) -> dict[str, Any]:
    """How to show a clicked feature of a layer: title, id attribute, rows of label, unit and code labels."""
    schema = schema_layers()[name]
    layer = map_layers()[name]
    shown = {*layer.attributes, *layer.close_attributes}
    return {
        "label": layer_label(name, language),
        "id": schema.id_column,
        "attributes": [
            {
                "name": a.name,
                "label": a.label_zh if language == "zh" else a.label_en,
                "unit": a.unit,
                "codes": code_labels(name, a.name, language),
            }
            for a in schema.attributes
            if a.name in shown
        ],
    }
