"""From a point of connection to the site: the route along streets, cut into stretches with the dates of their streets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import shapely

from design.points import ConnectionPoint, Rejected, Way
from design.pricing.catalogue import surface_costs
from design.route.running import how_it_runs
from design.route.terms import route_terms
from design.works.plan import RoadRun
from gis.messages import Text
from gis.ways.redline import red_line_crossing
from gis.ways.terms import Tariff

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from design.book import Book
    from design.city import City
    from gis.corridors import Corridors, Route, SurfaceRun
    from gis.ways.trace import Trace

Dates = tuple[date | None, date | None]


@dataclass(frozen=True)
class RoutedPoint:
    """
    A point of connection with its route.

    Attributes
    ----------
    inside_length_m
        The part of the route inside the red line of the site.
    dn_wish
        A size somebody decided on.
    trace
        What other routes of the point are asked of; None for a route somebody drew.
    number, asked
        Which of the routes of its point it is, 1 the cheapest, 0 drawn by hand; and by which question it was found.
    hindrance_cny
        What this route meets more than the cheapest of its point, as routes are reckoned: traffic, others' land, bans.
    """

    point: ConnectionPoint
    route: Route
    runs: tuple[RoadRun, ...]
    inside_length_m: float
    dn_wish: int | None = None
    trace: Trace | None = field(default=None, compare=False, repr=False)
    number: int = 1
    asked: str = ""
    hindrance_cny: float = 0.0

    @property
    def line(self) -> Any:
        """The route as a LineString in the working CRS."""
        return self.route.line

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes two the same: the point and which of its routes."""
        return (*self.point.key, self.number)

    @property
    def way(self) -> Way:
        """The route in words and figures."""
        return Way(
            self.number, self.asked, how_it_runs(self.runs, self.route), self.line, self.route.length_m
        )


def corridors_by(city: City, book: Book) -> Corridors:
    """Where a trench may run by the rules of the day."""
    return city.corridors(route_terms(book.rules))


def tariff_of(city: City, book: Book) -> Tariff:
    """What a metre of route costs by the prices of the day."""
    costs = city.once(("surface-costs", book.today), lambda: dict(surface_costs(book.catalogue, book.rules)))
    return Tariff(costs, on=book.today)


def route_points(
    points: Sequence[ConnectionPoint], site_xy: tuple[float, float], *, city: City, book: Book, reach_m: float
) -> tuple[list[RoutedPoint], list[Rejected]]:
    """Routes of all points, the one that counts least first; a point without one is rejected."""
    traces = corridors_by(city, book).traces(
        site_xy, [point.position_xy for point in points], reach_m=reach_m, tariff=tariff_of(city, book)
    )
    routed, lost = [], []
    for point, trace in zip(points, traces, strict=True):
        if trace is None:
            lost.append(Rejected(point, Text("design", "reason.no-route", {"reach_m": round(reach_m)})))
        else:
            routed.append(replace(routed_along(point, trace.route, city), trace=trace))
    routed.sort(key=lambda entry: (entry.route.reckoned_cny, entry.point.key))
    return routed, lost


def routed_along(point: ConnectionPoint, route: Route, city: City) -> RoutedPoint:
    """A point with a route to the site, cut at the red line and into stretches."""
    site = shapely.Point(route.line.coords[-1])
    crossing = shapely.Point(red_line_crossing(route.line, site, parcels=city.network.layer("parcels")))
    inside_m = max(route.length_m - float(route.line.project(crossing)), 0.0)
    return RoutedPoint(point, route, tuple(_joined(route.surfaces, _street_dates(city))), inside_m)


@dataclass(frozen=True)
class Laid:
    """A new main's route, cut into stretches with the dates of their streets."""

    route: Route
    runs: tuple[RoadRun, ...]

    @property
    def line(self) -> Any:
        """The route as a LineString in the working CRS."""
        return self.route.line


def laid_along(
    places_xy: Sequence[tuple[float, float]], city: City, book: Book, *, straight: bool
) -> Laid | None:
    """The route of a new main: `straight` through all the places, else the least-cost one from the first to the last."""
    corridors, tariff = corridors_by(city, book), tariff_of(city, book)
    if straight:
        route: Route | None = corridors.surveyed(places_xy, tariff=tariff)
    else:
        first, last = places_xy[0], places_xy[-1]
        reach_m = 2.0 * math.dist(first, last)
        route = corridors.routes(last, [first], reach_m=reach_m, tariff=tariff)[0]
    return None if route is None else Laid(route, tuple(_joined(route.surfaces, _street_dates(city))))


def _joined(runs: Sequence[SurfaceRun], dates: dict[str, Dates]) -> Iterator[RoadRun]:
    """Neighbouring stretches of one surface, road and date as one: a street may be drawn in many pieces."""
    last: RoadRun | None = None
    for run in runs:
        opened, paved = dates.get(run.street_id or "", (None, None))
        road = RoadRun(
            run.surface,
            run.length_m,
            run.road_name or "",
            run.road_class or "",
            opened_on=opened,
            paved_on=paved,
        )
        if last is not None and last.like(road):
            last = last.longer(road.length_m)
            continue
        if last is not None:
            yield last
        last = road
    if last is not None:
        yield last


def _street_dates(city: City) -> dict[str, Dates]:
    """When every street was opened and last overhauled, by id; streets without dates are left out."""

    def read() -> dict[str, Dates]:
        streets = city.network.layer("streets")
        dated = streets[streets["opened_on"].notna() | streets["paved_on"].notna()]
        return {
            str(name): (_day(opened), _day(paved))
            for name, opened, paved in zip(
                dated["street_id"], dated["opened_on"], dated["paved_on"], strict=True
            )
        }

    return city.once(("street-dates",), read)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
