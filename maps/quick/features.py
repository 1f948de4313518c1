"""Tables as the quick maps hold them: GeoJSON in lon, lat (or plain x, y), each feature with its label, pop-up rows and look."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from maps.layers import attribute_card
from maps.plan.layers import main_style, picture_style

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from gis.messages import Language

Rows = list[tuple[str, str]]
_WIRE_CRS = 4490  # CGCS2000 lon, lat
_MIN_STREET_M = 2.0


def feature(
    geometry: Any, *, look: Mapping[str, Any], label: str = "", rows: Iterable[Sequence[str]] = (), lasting: bool = False
) -> dict[str, Any]:  # fmt: skip
    """
    One GeoJSON feature: `t` its label (always shown when `lasting`), `p` its pop-up rows, `s` its Leaflet style.

    All texts stay texts: the page puts them into text nodes.
    """
    shape = geometry if isinstance(geometry, dict) else json.loads(shapely.to_geojson(geometry))
    properties = {"t": label, "p": [[str(a), str(b)] for a, b in rows], "s": dict(look)}
    return {"type": "Feature", "geometry": shape, "properties": properties | ({"k": 1} if lasting else {})}


def on_the_map(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows that have a place, in lon, lat; a table without a CRS keeps its plain coordinates."""
    placed = table[table.geometry.notna() & ~table.geometry.is_empty]
    if placed.crs is None or placed.crs.is_geographic:
        return placed
    return placed.to_crs(_WIRE_CRS)


def layer_features(name: str, table: gpd.GeoDataFrame, language: Language) -> list[dict[str, Any]]:
    """Features of a layer of the schema, with the attributes of its card as pop-up."""
    if len(table) == 0:
        return []
    placed = on_the_map(_street_bodies(table) if name == "streets" else table)
    card = attribute_card(name, language)
    columns = [entry for entry in card["attributes"] if entry["name"] in placed.columns]
    geometries = json.loads("[" + ",".join(shapely.to_geojson(_rounded(placed))) + "]")
    records = placed[[entry["name"] for entry in columns]].to_dict("records")
    extra = [_look(name, row) for row in placed.to_dict("records")]
    found = []
    for geometry, record, look in zip(geometries, records, extra, strict=True):
        rows = [
            (entry["label"], _shown(record[entry["name"]], entry))
            for entry in columns
            if pd.notna(record[entry["name"]])
        ]
        found.append(feature(geometry, look=look, label=_label(name, record, card), rows=rows))
    return found


def _rounded(table: gpd.GeoDataFrame) -> Any:
    """Geometry at about 1 cm: enough for the eye, half the size of the page."""
    plain = table.crs is None
    return shapely.transform(table.geometry.to_numpy(), lambda xy: np.round(xy, 3 if plain else 7))


def _street_bodies(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets as areas of their width, where the coordinates are metres."""
    if table.crs is not None and table.crs.is_geographic:
        return table
    by_class = picture_style()["street_width_m"]
    given = table["width_m"].astype("float64")
    widths = given.where(given > _MIN_STREET_M, table["road_class"].map(by_class).fillna(by_class["branch"]))
    return table.set_geometry(shapely.buffer(table.geometry.to_numpy(), widths.to_numpy() / 2, quad_segs=4))


def _look(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    style = picture_style()
    if name == "pipes":
        main = main_style(int(row["dn"]) if pd.notna(row["dn"]) else 0)
        dashed = {"dashArray": "2 5"} if row.get("status") in {"closed", "abandoned"} else {}
        return {"color": main["colour"], "weight": 2.0 + 5.0 * main["width_mm"], "opacity": 0.9, **dashed}
    if name == "utilities":
        colour = style["utility"].get(row["kind"], style["utility"]["other"])
        return {"color": colour, "weight": 1.5, "dashArray": "6 4"}
    if name == "tapoffs":
        free = row["status"] == "free"
        return _dot(style["symbol"]["tapoff"], radius=7, filled=free)
    if name in {"valves", "hydrants"}:
        return _dot(style["symbol"][name[:-1]], radius=4, filled=name == "hydrants")
    return _area_look(name, row["geometry"].geom_type)


def _dot(colour: str, *, radius: int, filled: bool) -> dict[str, Any]:
    return {
        "radius": radius,
        "color": colour,
        "weight": 2,
        "fillColor": colour if filled else "#ffffff",
        "fillOpacity": 1.0,
    }


def _area_look(name: str, kind: str) -> dict[str, Any]:
    style = picture_style()
    if name == "streets":
        fill = style["street"]["fill"]
        return (
            {"color": fill, "weight": 8}
            if kind == "LineString"
            else {"stroke": False, "fillColor": fill, "fillOpacity": 1.0}
        )
    if name == "buildings":
        look = style["building"]
        return {"color": look["line"], "weight": 1, "fillColor": look["fill"], "fillOpacity": 0.8}
    return {"color": style["parcel"]["line"], "weight": 1.5, "dashArray": "10 4 2 4", "fillOpacity": 0.02}


def _label(name: str, record: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    for column in ("name", card["id"]):
        if pd.notna(record.get(column)) and record[column] != "":
            return f"{card['label']} {record[column]}"
    dn: Any = record.get("dn")
    return f"{card['label']} DN{int(dn)}" if pd.notna(dn) and name != "utilities" else str(card["label"])


def _shown(value: Any, entry: Mapping[str, Any]) -> str:
    if isinstance(value, float):
        value = int(value) if value.is_integer() else round(value, 3)
    text = entry["codes"].get(value, str(value))
    return f"{text} {entry['unit']}".strip()
