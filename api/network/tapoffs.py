"""Nearest tap-offs, with route and pressure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.positions import wire_position
from design.pressure.reliance import elevation_confidence
from design.route.routing import corridors_by, tariff_of
from gis.units import mpa_from_head_m

if TYPE_CHECKING:
    from api.positions import Place
    from design.book import Book
    from design.city import City


def nearest_tapoffs(
    city: City, place: Place, *, book: Book | None, count: int, within_m: float, status: str | None
) -> list[dict[str, Any]]:
    """
    Nearest first; the route length follows the corridors, the pressure is the peak hour's.

    Without a book no routes are sought: the site card answers at once.
    """
    hits = city.tapoffs.near(place.xy, count=count, within_m=within_m, status=status)
    table = city.network.tapoffs
    lengths_m: list[float | None] = [None] * len(hits)
    if book is not None:
        points = [(table.geometry.iloc[hit.row].x, table.geometry.iloc[hit.row].y) for hit in hits]
        routes = corridors_by(city, book).routes(
            place.xy, points, reach_m=2.0 * within_m, tariff=tariff_of(city, book)
        )
        lengths_m = [None if route is None else route.length_m for route in routes]
    return [
        _row(city, table.iloc[hit.row], hit.distance_m, length_m)
        for hit, length_m in zip(hits, lengths_m, strict=True)
    ]


def _row(city: City, tapoff: Any, distance_m: float, route_length_m: float | None) -> dict[str, Any]:
    position = wire_position(city.network, (tapoff.geometry.x, tapoff.geometry.y))
    return {
        "id": tapoff["tapoff_id"], "dn": whole(tapoff["dn"]), "status": tapoff["status"],
        "pipe_id": tapoff["pipe_id"], "pipe_dn": whole(tapoff["pipe_dn"]), "distance_m": round(distance_m, 3),
        "route_length_m": None if route_length_m is None else round(route_length_m, 2), "position": list(position),
        "cover_depth_m": number(tapoff["cover_depth_m"]), "valve_id": tapoff["valve_id"],
        "peak_pressure_mpa": peak_pressure_mpa(city, tapoff["node_id"]), "confidence": tapoff["confidence"],
        "origin": tapoff["origin"], "reserved_until": text(tapoff["reserved_until"]),
        "last_visit": text(tapoff["last_visit"]), **_sureness(city, tapoff),
    }  # fmt: skip


def _sureness(city: City, tapoff: Any) -> dict[str, Any]:
    """How sure sizes and pressure are: of the stub, of the main it leaves, and of the ground the pressure counts from."""
    pipe = city.pipe_row(tapoff["pipe_id"])
    return {
        "dn_confidence": tapoff["dn_confidence"], "pipe_dn_confidence": None if pipe is None else pipe["dn_confidence"],
        "elevation_confidence": ground_confidence(city, tapoff["node_id"]),
    }  # fmt: skip


def ground_confidence(city: City, *node_ids: Any) -> str | None:
    """Worse confidence of the ground at nodes of the model; None where there is no model or it lacks one."""
    if not solves(city) or not all(node in city.session.node_position for node in node_ids):
        return None
    return elevation_confidence(city, *(city.node_row(node) for node in node_ids))


def peak_pressure_mpa(city: City, node_id: Any) -> float | None:
    """Peak-hour pressure at a node; None where no water reaches, or the model lacks the node or cannot be solved."""
    if not isinstance(node_id, str) or not solves(city) or not city.is_fed(node_id):
        return None
    pressure_m = city.session.base.pressure_m[city.node_row(node_id)]
    return round(mpa_from_head_m(float(pressure_m)), 4)


def solves(city: City) -> bool:
    """Tell whether there is a base state: where things lie can be told without one, and the card says why."""
    return city.problem is None


def whole(value: Any) -> int | None:
    """An integer of a nullable column."""
    return None if value is None or pd.isna(value) else int(value)


def number(value: Any) -> float | None:
    """A number of a nullable column, never NaN."""
    return None if value is None or pd.isna(value) or not math.isfinite(value) else round(float(value), 3)


def text(value: Any) -> str | None:
    """A text of a nullable column."""
    return None if value is None or pd.isna(value) else str(value)
