"""Nearest tap-offs and the site card: what stands around a point, in one answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from api.positions import wire_position
from design.routing import corridors_by, tariff_of
from gis.units import mpa_from_head_m
from hydraulics.errors import HydraulicsError

if TYPE_CHECKING:
    from api.positions import Place
    from design.book import Book
    from design.city import City

CARD_PIPES_COUNT = 8
CARD_TAPOFFS_COUNT = 3
CARD_VALVES_COUNT = 5


def nearest_tapoffs(
    city: City, place: Place, *, book: Book, count: int, within_m: float, status: str | None
) -> list[dict[str, Any]]:
    """Nearest first; the route length follows the corridors, the pressure is the peak hour's."""
    hits = city.tapoffs.near(place.xy, count=count, within_m=within_m, status=status)
    table = city.network.tapoffs
    points = [(table.geometry.iloc[hit.row].x, table.geometry.iloc[hit.row].y) for hit in hits]
    routes = corridors_by(city, book).routes(
        place.xy, points, reach_m=2.0 * within_m, tariff=tariff_of(city, book)
    )
    return [
        _row(city, table.iloc[hit.row], hit.distance_m, None if route is None else route.length_m)
        for hit, route in zip(hits, routes, strict=True)
    ]


def _row(city: City, tapoff: Any, distance_m: float, route_length_m: float | None) -> dict[str, Any]:
    position = wire_position(city.network, (tapoff.geometry.x, tapoff.geometry.y))
    return {
        "id": tapoff["tapoff_id"], "dn": whole(tapoff["dn"]), "status": tapoff["status"],
        "pipe_id": tapoff["pipe_id"], "pipe_dn": whole(tapoff["pipe_dn"]), "distance_m": round(distance_m, 3),
        "route_length_m": None if route_length_m is None else round(route_length_m, 2), "position": list(position),
        "cover_depth_m": number(tapoff["cover_depth_m"]), "valve_id": tapoff["valve_id"],
        "peak_pressure_mpa": peak_pressure_mpa(city, tapoff["node_id"]), "confidence": tapoff["confidence"],
        "origin": tapoff["origin"],
    }  # fmt: skip


def peak_pressure_mpa(city: City, node_id: Any) -> float | None:
    """Peak-hour pressure at a node; None where no water reaches, or the model lacks the node or cannot be solved."""
    if not isinstance(node_id, str) or not _solves(city) or not city.is_fed(node_id):
        return None
    pressure_m = city.session.base.pressure_m[city.node_row(node_id)]
    return round(mpa_from_head_m(float(pressure_m)), 4)


def _solves(city: City) -> bool:
    """Where a tap-off lies can be told without a source too; what stops the model is said by check and scheme."""

    def solved() -> bool:
        try:
            return city.session is not None
        except HydraulicsError:
            return False

    return bool(city.once("model-solves", solved))


def card(city: City, place: Place, *, book: Book, reach_m: float) -> dict[str, Any]:
    """Pipes with size, material, depth, age and confidence, pressure, tap-offs and valves near a point."""
    hits = city.mains.near(place.xy, count=CARD_PIPES_COUNT, within_m=reach_m)
    ground_m = city.elevation_m(*place.xy)
    return {
        "position": list(place.wire),
        "elevation_m": None if ground_m is None else round(ground_m, 2),
        "pipes": [_pipe(city, hit) for hit in hits],
        "peak_pressure_mpa": next(
            (p for hit in hits if (p := _pipe_pressure_mpa(city, hit)) is not None), None
        ),
        "tapoffs": nearest_tapoffs(
            city, place, book=book, count=CARD_TAPOFFS_COUNT, within_m=2.0 * reach_m, status=None
        ),
        "valves": _valves(city, place, reach_m=reach_m),
        "network_version": city.network.version,
        "synthetic": city.network.synthetic,
    }


def _pipe(city: City, hit: Any) -> dict[str, Any]:
    pipe = city.network.pipes.iloc[hit.row]
    return {
        "id": hit.pipe_id, "dn": whole(pipe["dn"]), "material": pipe["material"], "role": pipe["role"],
        "status": pipe["status"], "install_year": whole(pipe["install_year"]),
        "cover_depth_m": number(pipe["cover_depth_m"]), "road_name": pipe["road_name"],
        "dn_confidence": pipe["dn_confidence"], "material_confidence": pipe["material_confidence"],
        "install_year_confidence": pipe["install_year_confidence"],
        "cover_depth_confidence": pipe["cover_depth_confidence"], "distance_m": round(hit.distance_m, 2),
        "peak_pressure_mpa": _pipe_pressure_mpa(city, hit),
    }  # fmt: skip


def _pipe_pressure_mpa(city: City, hit: Any) -> float | None:
    pipe = city.network.pipes.iloc[hit.row]
    ends = [peak_pressure_mpa(city, pipe["start_node_id"]), peak_pressure_mpa(city, pipe["end_node_id"])]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return known[0] if known else None
    return round(known[0] + (known[1] - known[0]) * hit.fraction, 4)


def _valves(city: City, place: Place, *, reach_m: float) -> list[dict[str, Any]]:
    valves = city.network.layer("valves")
    tree = city.once("valve-tree", lambda: shapely.STRtree(valves.geometry.to_numpy()))
    site = shapely.Point(place.xy)
    rows = tree.query(site, predicate="dwithin", distance=reach_m)
    gaps_m = shapely.distance(valves.geometry.to_numpy()[rows], site)
    nearest = [(float(gaps_m[k]), valves.iloc[rows[k]]) for k in np.argsort(gaps_m)[:CARD_VALVES_COUNT]]
    return [
        {"id": valve["valve_id"], "dn": whole(valve["dn"]), "kind": valve["kind"], "state": valve["state"],
         "distance_m": round(gap_m, 2)}
        for gap_m, valve in nearest
    ]  # fmt: skip


def whole(value: Any) -> int | None:
    """An integer of a nullable column."""
    return None if value is None or pd.isna(value) else int(value)


def number(value: Any) -> float | None:
    """A number of a nullable column, never NaN."""
    return None if value is None or pd.isna(value) or not math.isfinite(value) else round(float(value), 3)
