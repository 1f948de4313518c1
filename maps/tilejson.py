"""TileJSON 3.0: what is in the tiles of a set, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.schema import layers as schema_layers
from maps.layers import FULL_ZOOM, MapLayer, code_labels, layer_label, layers_of
from maps.tiling.web_mercator import MAX_ZOOM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.messages import Language


def tile_json(
    name: str, *, url: str, bounds: Sequence[float] | None, language: Language = "zh"
) -> dict[str, Any]:
    """
    Describe a tile set or a single layer.

    Parameters
    ----------
    url
        Address of its tiles with {z}, {x}, {y}.
    bounds
        West, south, east, north [degrees], or None.

    Raises
    ------
    MapError
        Nothing has that name.
    """
    members = layers_of(name)
    return {
        "tilejson": "3.0.0",
        "name": name,
        "scheme": "xyz",
        "tiles": [url],
        "minzoom": min(layer.min_zoom for layer in members),
        "maxzoom": min(MAX_ZOOM, max(FULL_ZOOM, *(layer.min_zoom for layer in members)) + 1),
        **({} if bounds is None else {"bounds": list(bounds)}),
        "vector_layers": [_described(layer, language) for layer in members],
    }


def _described(layer: MapLayer, language: Language) -> dict[str, Any]:
    return {
        "id": layer.name,
        "description": layer_label(layer.table, language),
        "minzoom": layer.min_zoom,
        "fields": _fields(layer, language),
    }


def _fields(layer: MapLayer, language: Language) -> dict[str, str]:
    """Attribute to its label, with the unit or what its codes mean."""
    declared = {a.name: a for a in schema_layers()[layer.table].attributes}
    fields = {}
    for name in (*layer.attributes, *layer.close_attributes):
        one = layer.given[name] if name in layer.given else declared[name]
        label = one.label_zh if language == "zh" else one.label_en
        words = code_labels(layer.table, name, language)
        told = ", ".join(f"{code} {word}" for code, word in words.items())
        fields[name] = f"{label} [{one.unit}]" if one.unit else f"{label}: {told}" if told else label
        if words:
            fields[f"{name}_zh"] = label
    return fields
