"""The scheme as a GeoPackage in the survey's own coordinates: options, connections, site, pressures, quote lines."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from shapely.geometry import LineString, Point, Polygon, shape

from design.documents.gpkg.names import name_layers
from design.documents.gpkg.styles import style_rows
from design.documents.reading import second_inlet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from design.wire.scheme import NeighbourDoc, OptionDoc, SchemeDoc

    ToXY = Callable[[float, float], tuple[float, float]]


# What a route tells of the option as a whole, not of its second inlet.
_OF_OPTION = ("site_pressure_before_mpa", "total_cny", "customer_total_cny", "workdays")


def write_gpkg(scheme: SchemeDoc, path: Path, *, crs: object | None, to_xy: ToXY) -> None:
    """
    Write the layers `route`, `connection`, `site`, `pressures`, `rejected`, `fixes` and the tables `quote_lines`, `findings`.

    All options are there; `rank` tells them apart, `inlet` their first and second inlet, `feasible` which may be built. Positions of the document go
    through `to_xy` (lon, lat to x, y) into `crs`; a network without a CRS passes None and its plain coordinates.
    Figures keep the units of the document, named in the columns. An existing file is replaced.
    """
    path.unlink(missing_ok=True)
    options = scheme["options"]
    # Heads and prices of the check are those of the option: a second inlet has its own few figures.
    inlets = [
        (n, inlet) for o in options for n, inlet in enumerate((o, second_inlet(o)), 1) if inlet is not None
    ]
    _layer(path, "route", [_route(inlet, scheme, to_xy, number=n) for n, inlet in inlets], crs=crs)
    _layer(path, "connection", [_connection(inlet, to_xy, number=n) for n, inlet in inlets], crs=crs)
    _layer(path, "site", _site(scheme, to_xy), crs=crs)
    _layer(path, "pressures", [row for o in options for row in _pressures(o, to_xy)], crs=crs)
    _layer(path, "rejected", _rejected(scheme, to_xy), crs=crs)
    _layer(path, "fixes", _fixes(scheme, to_xy), crs=crs)
    lines: list[dict[str, Any]] = [
        {"rank": o["rank"], **line} for o in options for line in o["quote"]["lines"]
    ]
    _table(path, "quote_lines", lines)
    _table(path, "findings", [{"rank": o["rank"], **finding} for o in options for finding in o["findings"]])
    made = scheme["provenance"]
    drawn = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
    _table(path, "layer_styles", style_rows(drawn, stamp=made["created"]))
    _table(
        path,
        "provenance",
        [{"id": scheme["id"], "name": scheme["name"], **made, "rules": "\n".join(made["rules"])}],
    )
    name_layers(path)


def _layer(path: Path, name: str, rows: list[dict[str, Any]], *, crs: object | None) -> None:
    if not rows:
        return
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=crs)
    with warnings.catch_warnings():
        # A model file may have no CRS at all: then the layer has none, which is the truth and no news.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(table, path, layer=name, driver="GPKG")


def _table(path: Path, name: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        pyogrio.write_dataframe(pd.DataFrame(rows), path, layer=name, driver="GPKG")


def _route(option: OptionDoc, scheme: SchemeDoc, to_xy: ToXY, *, number: int) -> dict[str, Any]:
    pipe, check, quote, route = option["service_pipe"], option["check"], option["quote"], option["route"]
    facts = {
        "scheme": scheme["id"], "rank": option["rank"], "inlet": number, "feasible": option["feasible"],
        "length_m": route["length_m"], "basis": route["basis"], "dn": pipe["dn"], "material": pipe["material"],
        "series": pipe["series"], "inner_diameter_mm": pipe["inner_diameter_mm"], "velocity_mps": pipe["velocity_mps"],
        "headloss_m": pipe["headloss_m"], "meter_dn": option["meter"]["dn"], "meter_q3_m3h": option["meter"]["q3_m3h"],
        "site_pressure_before_mpa": check["site_pressure_before_mpa"],
        "site_pressure_after_mpa": check["site_pressure_after_mpa"],
        "pressure_required_mpa": check["pressure_required_mpa"], "total_cny": quote["total_cny"],
        "customer_total_cny": quote["customer_total_cny"], "workdays": option["workdays"],
    }  # fmt: skip
    if number > 1:
        own = {
            **dict.fromkeys(_OF_OPTION),
            "site_pressure_after_mpa": dict(option).get("site_pressure_after_mpa"),
        }
        facts |= own
    return {
        **facts,
        "geometry": LineString([to_xy(*place[:2]) for place in route["geometry"]["coordinates"]]),
    }


def _connection(option: OptionDoc, to_xy: ToXY, *, number: int) -> dict[str, Any]:
    tie, check = option["connection"], option["check"]
    facts = {key: value for key, value in tie.items() if key != "position"}
    return {
        "rank": option["rank"], "inlet": number, "feasible": option["feasible"], **facts,
        "head_before_m": check["tie_in_head_before_m"] if number == 1 else None,
        "head_after_m": check["tie_in_head_after_m"] if number == 1 else None,
        "geometry": Point(to_xy(tie["position"][0], tie["position"][1])),
    }  # fmt: skip


def _fixes(scheme: SchemeDoc, to_xy: ToXY) -> list[dict[str, Any]]:
    """What would make the scheme feasible, where it has a place."""
    keys = ("kind", "what", "what_en", "dn", "length_m", "extra_cny", "total_cny", "margin_m", "checked_by")
    found = []
    for fix in scheme.get("fixes") or []:
        if place := fix["geometry"]:
            plane = shapely.transform(shape(place), lambda xy: np.array([to_xy(x, y) for x, y in xy]))
            found.append({**{key: fix.get(key) for key in keys}, "geometry": plane})
    return found


def _site(scheme: SchemeDoc, to_xy: ToXY) -> list[dict[str, Any]]:
    site = scheme["request"].get("site") or {}
    place = _site_shape(site, to_xy)
    if place is None:
        return []
    facts = {
        "scheme": scheme["id"],
        "name": scheme["name"],
        "design_flow_lps": scheme["demand"]["design_flow_lps"],
    }
    return [
        {**facts, "elevation_m": site.get("elevation_m"), "storeys": site.get("storeys"), "geometry": place}
    ]


def _site_shape(site: dict[str, Any], to_xy: ToXY) -> Point | Polygon | None:
    outline, position = site.get("polygon"), site.get("position")
    if position:
        return Point(to_xy(position[0], position[1]))
    if outline:
        lonlat = shape(outline) if isinstance(outline, dict) else Polygon(outline)
        return Polygon([to_xy(x, y) for x, y in lonlat.exterior.coords]).representative_point()
    return None


def _pressures(option: OptionDoc, to_xy: ToXY) -> list[dict[str, Any]]:
    check = option["check"]
    worst = [check["worst_neighbour"]] if check["worst_neighbour"] else []
    groups = (
        ("worst", worst),
        ("newly-below", check["newly_below_limit"]),
        ("most-affected", check["most_affected"]),
    )
    return [_neighbour(option["rank"], kind, node, to_xy) for kind, nodes in groups for node in nodes]


def _neighbour(rank: int, kind: str, node: NeighbourDoc, to_xy: ToXY) -> dict[str, Any]:
    facts = {key: value for key, value in node.items() if key != "position"}
    place = node["position"]
    return {
        "rank": rank,
        "kind": kind,
        **facts,
        "geometry": Point(to_xy(place[0], place[1])) if place else None,
    }


def _rejected(scheme: SchemeDoc, to_xy: ToXY) -> list[dict[str, Any]]:
    columns = ("kind", "tapoff_id", "pipe_id", "pipe_dn")
    return [
        {
            **{column: entry["connection"].get(column) for column in columns},
            "reason": entry["reason"], "reason_en": entry["reason_en"],
            "geometry": Point(to_xy(*place[:2])) if (place := entry["connection"].get("position")) else None,
        }
        for entry in scheme["rejected"]
    ]  # fmt: skip
