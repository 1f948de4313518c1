"""From a point of connection to the site: the route along streets, cut into stretches with the dates of their streets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import shapely

from design.catalogue import surface_costs
from design.points import ConnectionPoint, Rejected
from design.works import RoadRun
from gis.messages import Text
from gis.ways.redline import red_line_crossing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.book import Book
    from design.city import City
    from gis.corridors import Route

NEAR_STREET_M = 3.0


@dataclass(frozen=True)
class RoutedPoint:
    """
    A point of connection with its route.

    `inside_length_m` is the part of the route inside the red line of the site; `line` runs from tie-in to site.
    """

    point: ConnectionPoint
    route: Route
    runs: tuple[RoadRun, ...]
    inside_length_m: float

    @property
    def line(self) -> Any:
        """The route as a LineString in the working CRS."""
        return self.route.line


def route_points(
    points: Sequence[ConnectionPoint], site_xy: tuple[float, float], *, city: City, book: Book, reach_m: float
) -> tuple[list[RoutedPoint], list[Rejected]]:
    """Routes of all points, cheapest first; a point without one is rejected."""
    costs = city.once(
        ("surface-costs", book.today),
        lambda: {name: float(price) for name, price in surface_costs(book.catalogue, book.rules).items()},
    )
    routes = city.corridors.routes(
        site_xy, [point.position_xy for point in points], reach_m=reach_m, surface_cost_cny_m=costs
    )
    routed, lost = [], []
    for point, route in zip(points, routes, strict=True):
        if route is None:
            lost.append(Rejected(point, Text("design", "reason.no-route", {"reach_m": round(reach_m)})))
        else:
            routed.append(_routed(point, route, city))
    routed.sort(key=lambda entry: (entry.route.cost_cny, entry.point.key))
    return routed, lost


def _routed(point: ConnectionPoint, route: Route, city: City) -> RoutedPoint:
    site = shapely.Point(route.line.coords[-1])
    crossing = shapely.Point(red_line_crossing(route.line, site, parcels=city.network.layer("parcels")))
    inside_m = max(route.length_m - float(route.line.project(crossing)), 0.0)
    dates = _street_dates(route, city)
    runs = tuple(
        RoadRun(
            run.surface, run.length_m, run.road_name or "", run.road_class or "",
            *dates.get(run.road_name or "", (None, None)),
        )
        for run in route.surfaces
    )  # fmt: skip
    return RoutedPoint(point, route, runs, inside_m)


def _street_dates(route: Route, city: City) -> dict[str, tuple[date | None, date | None]]:
    """Give by road name when the streets the route touches were opened and last overhauled; the latest counts."""
    streets = city.network.layer("streets")
    if route.basis != "streets" or streets.empty:
        return {}
    found: dict[str, tuple[date | None, date | None]] = {}
    for row in streets.sindex.query(route.line, predicate="dwithin", distance=NEAR_STREET_M):
        street = streets.iloc[row]
        opened, paved = found.get(street["name"] or "", (None, None))
        found[street["name"] or ""] = (_later(opened, street["opened_on"]), _later(paved, street["paved_on"]))
    return found


def _later(known: date | None, text: Any) -> date | None:
    try:
        day = date.fromisoformat(str(text)[:10])
    except ValueError:
        return known
    return day if known is None else max(known, day)
