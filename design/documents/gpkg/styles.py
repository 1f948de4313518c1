"""Default styles of a GeoPackage's layers, as QGIS keeps them in the table `layer_styles`."""

from __future__ import annotations

from functools import cache
from typing import Any

from gis.files.shipped import shipped_table

_PAGE = (
    "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
    '<qgis styleCategories="Symbology" version="3.28"><renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0">'
    '<symbols><symbol type="{symbol}" name="0" alpha="1" clip_to_extent="1"><layer class="{kind}" enabled="1" pass="0" locked="0">'
    '<Option type="Map">{options}</Option></layer></symbol></symbols></renderer-v2></qgis>'
)


@cache
def _looks() -> dict[str, dict[str, Any]]:
    return shipped_table("design", "gpkg_styles.toml")


def style_rows(layers: list[str], *, stamp: str) -> list[dict[str, Any]]:
    """Rows of `layer_styles` for those layers that have a look; `stamp` is the scheme's own time, so that files repeat."""
    return [
        {
            "f_table_catalog": "", "f_table_schema": "", "f_table_name": name, "f_geometry_column": "geom",
            "styleName": name, "styleQML": _qml(_looks()[name]), "styleSLD": "", "useAsDefault": True, "description": "",
            "owner": "", "ui": "", "update_time": stamp,
        }
        for name in layers
        if name in _looks()
    ]  # fmt: skip


def _qml(look: dict[str, Any]) -> str:
    """One symbol for the whole layer."""
    if look["symbol"] == "line":
        options = {
            "line_color": f"{look['colour']},255",
            "line_width": look["size_mm"],
            "line_width_unit": "MM",
        }
    else:
        options = {
            "color": f"{look['colour']},255", "name": look["shape"], "size": look["size_mm"], "size_unit": "MM",
            "outline_color": "255,255,255,255",
        }  # fmt: skip
    told = "".join(
        f'<Option type="QString" name="{name}" value="{value}"/>' for name, value in options.items()
    )
    kind = "SimpleLine" if look["symbol"] == "line" else "SimpleMarker"
    return _PAGE.format(symbol=look["symbol"], kind=kind, options=told)
