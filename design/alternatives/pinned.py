"""The option an engineer pinned: his point, his route, his size, worked out like any other and shown first."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from design.alternatives.choosing import Choice
from design.alternatives.sketch import figures_of
from design.errors import RequestError
from design.options import work_out
from design.points import ConnectionPoint, Rejected, main_point, tapoff_point, tapoff_reason
from design.route.routing import RoutedPoint, corridors_by, route_points, routed_along, tariff_of

if TYPE_CHECKING:
    from design.alternatives.case import Case
    from design.alternatives.sketch import Figures
    from design.asked.pinned import Pin
    from design.option import SchemeOption

Whole = tuple["SchemeOption", "Figures"]
Xy = tuple[float, float]
_APART_M = 30.0  # a drawn route begins and ends nearer than this to the tie-in and the site


def pinned_option(pin: Pin, case: Case, *, to_xy: Callable[[Xy], Xy]) -> tuple[SchemeOption, Figures]:
    """
    Work out the pinned option; `to_xy` turns a place of the request into the working CRS.

    Raises
    ------
    RequestError
        `pin-unknown`: no such tap-off or pipe; `pin-unusable` with the reason; `pin-route-apart`.
    """
    point = _point(pin, case, case.branch_dn)
    entry = replace(_routed(pin, point, case, to_xy), dn_wish=pin.dn)
    result = work_out(
        entry, site=case.site, demand=case.demand, meter=case.meter, city=case.city, book=case.book
    )
    if isinstance(result, Rejected):
        raise _unusable(pin, result)
    option = replace(case.behind(result), pinned=pin)
    return option, replace(figures_of(option, case), pinned=True)


def pinned_first(pinned: Whole, choice: Choice, *, count: int) -> Choice:
    """The pinned option before those of the ranking; the same route is not shown twice."""
    key = pinned[0].routed.key
    others = [one for one in choice.shown if one[0].routed.key != key]
    left_out = [figures for _, figures in others[count - 1 :]]
    kept = [one for one in choice.losers if one.entry.key != key]
    spared = [one for one in choice.spared if one.entry.key != key]
    return Choice([pinned, *others[: count - 1]], [*left_out, *kept], spared, choice.lost)


def _point(pin: Pin, case: Case, branch_dn: int) -> ConnectionPoint:
    city, site_xy = case.city, case.site.xy
    if pin.tapoff_id is not None:
        table = city.network.tapoffs
        rows = np.flatnonzero((table["tapoff_id"] == pin.tapoff_id).to_numpy())
        if not len(rows):
            raise RequestError("pin-unknown", name=pin.tapoff_id)
        row = table.iloc[int(rows[0])]
        away_m = math.dist((row.geometry.x, row.geometry.y), site_xy)
        point = tapoff_point(row, away_m, city)
        reason = tapoff_reason(point, branch_dn, city)
        if reason is not None:
            raise _unusable(pin, Rejected(point, reason))
        return point
    names = city.network.pipes["pipe_id"].to_numpy()
    wanted = names == pin.pipe_id
    if not wanted.any():
        raise RequestError("pin-unknown", name=pin.pipe_id or "")
    hits = city.mains.near(site_xy, count=1, within_m=math.inf, allowed=wanted)
    if not hits:
        raise RequestError("pin-unknown", name=pin.pipe_id or "")
    return main_point(hits[0], city)


def _routed(pin: Pin, point: ConnectionPoint, case: Case, to_xy: Callable[[Xy], Xy]) -> RoutedPoint:
    city, book, site_xy = case.city, case.book, case.site.xy
    if pin.route is None:
        reach_m = max(2.0 * point.distance_m, case.search.outside_m)
        routed, lost = route_points([point], site_xy, city=city, book=book, reach_m=reach_m)
        if not routed:
            raise _unusable(pin, lost[0])
        return routed[0]
    drawn = [to_xy(place) for place in pin.route]
    for place, wanted in ((drawn[0], point.position_xy), (drawn[-1], site_xy)):
        if math.dist(place, wanted) > _APART_M:
            raise RequestError("pin-route-apart", away_m=round(math.dist(place, wanted), 1), most_m=_APART_M)
    vertices = [point.position_xy, *drawn[1:-1], site_xy]
    drawn_route = corridors_by(city, book).surveyed(vertices, tariff=tariff_of(city, book))
    return replace(routed_along(point, drawn_route, city), number=0)


def _unusable(pin: Pin, lost: Rejected) -> RequestError:
    name = pin.tapoff_id or pin.pipe_id or ""
    return RequestError(
        "pin-unusable", name=name, reason=f"{lost.reason.render('zh')} / {lost.reason.render('en')}"
    )
