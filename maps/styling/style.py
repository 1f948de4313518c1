"""
The map style that MapLibre draws: sources, layers, and in `metadata` what the layer switch and cards need.

No glyphs and no sprite: labels are drawn in the browser with the page's own Noto Sans SC, icons by the page
(names in `data/style.toml`). Colours, classes and words come from that file.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gis.files.shipped import shipped_table
from maps.layers import TILE_MAX_ZOOM, attribute_card, code_labels, map_layers, tilesets
from maps.styling.ground import ground_layers
from maps.styling.network import colouring_paint, network_layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.messages import Language


# Where tiles are served, each under /<version>/<tile set>/{z}/{x}/{y}.mvt.
TILES = "/api/v1/tiles"


@cache
def palette() -> dict[str, Any]:
    """Colours, colourings and groups of data/style.toml."""
    return shipped_table("maps", "style.toml")


def map_style(
    version: str,
    bounds: Sequence[float] | None,
    language: Language = "zh",
    *,
    label_text: str = "",
) -> dict[str, Any]:
    """
    Style document of a network version.

    Parameters
    ----------
    version
        Id of the network version: part of every tile address.
    bounds
        West, south, east, north [degrees]: no tile is asked for outside; None for no limit.
    language
        Of every word in labels, legends and cards.
    label_text
        Every character of the labels (`TileServer.label_text`), which the page loads before it draws.
    """
    colours = palette()
    return {
        "version": 8,
        "name": "tapwright",
        "sources": {
            name: _source(f"{TILES}/{version}/{name}", members, bounds) for name, members in tilesets().items()
        },
        "layers": [*ground_layers(colours), *network_layers(colours, language)],
        "metadata": {
            "tapwright:version": version,
            "tapwright:label_text": label_text,
            "tapwright:colourings": [_colouring(row, language) for row in colours["colouring"]],
            "tapwright:groups": [_group(row, colours, language) for row in colours["group"]],
            "tapwright:cards": {
                name: attribute_card(name, language) for name, layer in map_layers().items() if layer.table == name
            },
        },
    }  # fmt: skip


def _source(url: str, members: Sequence[str], bounds: Sequence[float] | None) -> dict[str, Any]:
    source: dict[str, Any] = {
        "type": "vector",
        "tiles": [url + "/{z}/{x}/{y}.mvt"],
        "minzoom": min(map_layers()[name].min_zoom for name in members),
        "maxzoom": TILE_MAX_ZOOM,
        "promoteId": {name: map_layers()[name].id_column for name in members if _has_id(name)},
    }
    if bounds is not None:
        source["bounds"] = list(bounds)
    return source


def _has_id(name: str) -> bool:
    layer = map_layers()[name]
    return layer.id_column in layer.attributes


def _word(row: Mapping[str, Any], name: str, language: Language) -> str:
    return str(row[f"{name}_{language}"])


def _colouring(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """One way to colour pipes: the MapLibre expression, its legend, and the layer over the pipes that draws it, if any."""
    legend = [{"colour": one["colour"], "label": _class_label(one, row, language)} for one in row["class"]]
    if "other_colour" in row:
        legend.append({"colour": row["other_colour"], "label": _word(row, "other", language)})
    return {
        "id": row["id"], "label": _word(row, "label", language), "paint": colouring_paint(row), "legend": legend,
        "layer": row.get("layer"),
    }  # fmt: skip


def _class_label(one: Mapping[str, Any], row: Mapping[str, Any], language: Language) -> str:
    if "label" in one:
        return str(one["label"])
    words = code_labels("pipes", row["attribute"], language)
    return ("、" if language == "zh" else ", ").join(words[code] for code in one["codes"])


def _group(row: Mapping[str, Any], colours: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {
        "id": row["id"], "label": _word(row, "label", language), "layers": row["layers"], "visible": row["visible"],
        "legend": [_legend_row(one, colours, language) for one in row.get("legend", ())],
    }  # fmt: skip


def _legend_row(one: Mapping[str, Any], colours: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Symbol (icon name, or colour of a line or an area) and its word."""
    if "code" in one:
        label = code_labels(one["layer"], one["attribute"], language)[one["code"]]
    else:
        label = _word(one, "label", language)
    if "icon" in one:
        return {"symbol": "icon", "icon": one["icon"], "label": label}
    symbol = "line" if "line" in one else "area"
    table, _, key = one[symbol].partition(".")
    return {"symbol": symbol, "colour": colours[table][key], "label": label}
