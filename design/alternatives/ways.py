"""Other routes of a point of connection: really different ones are alternatives of their own, the others say why not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from design.points import Rejected, Way
from design.route.routing import routed_along
from design.route.running import is_mostly_paved
from gis.messages import Text
from gis.ways.others import MAIN_SHARE, other_routes

if TYPE_CHECKING:
    from design.alternatives.case import Case
    from design.route.routing import RoutedPoint
    from gis.corridors import Route
    from gis.ways.others import Differing, Other


GEOMETRIC = ("street", "side", "ground", "apart")


def other_ways(entry: RoutedPoint, case: Case) -> tuple[list[RoutedPoint], list[Rejected]]:
    """Other routes between the same tie-in and the site, and the ones that are none."""
    if entry.trace is None or entry.number != 1:
        return [], []
    terms = replace(case.search.routes, count=case.route_count)
    found: list[RoutedPoint] = []
    lost: list[Rejected] = []
    for other in other_routes(entry.trace, terms):
        if other.route is None:
            lost.append(Rejected(entry.point, _why_not(other, terms), way=_way(other)))
            continue
        routed = routed_along(entry.point, other.route, case.city)
        more_cny = max(_hindrance_cny(other.route) - _hindrance_cny(entry.route), 0.0)
        found.append(
            replace(routed, number=len(found) + 2, asked=_found(other, routed, entry), hindrance_cny=more_cny)
        )
    return found, lost


def _found(other: Other, routed: RoutedPoint, first: RoutedPoint) -> str:
    """What the route turned out to be, in the words of the questions: one may be answered by another's way."""
    if other.question not in GEOMETRIC:
        return other.question
    roads, firsts = _main_roads(routed), _main_roads(first)
    if roads != firsts:
        return "street" if roads else "apart"
    if is_mostly_paved(routed.runs) != is_mostly_paved(first.runs):
        return "ground"
    return "side" if roads else "apart"


def _main_roads(entry: RoutedPoint) -> set[str]:
    """Names of the roads a route follows."""
    along_m: dict[str, float] = {}
    for run in entry.runs:
        along_m[run.road_name] = along_m.get(run.road_name, 0.0) + run.length_m
    most_m = MAIN_SHARE * entry.route.length_m
    return {name for name, length_m in along_m.items() if name and length_m > most_m}


def _hindrance_cny(route: Route) -> float:
    """What a route is reckoned beyond its price."""
    return route.reckoned_cny - route.cost_cny


def _way(other: Other) -> Way:
    asked = Text("design", f"route.ask-{other.question}")
    return Way(None, other.question, asked, other.line, other.length_m)


def _why_not(other: Other, terms: Differing) -> Text:
    """Why a route was not worked out, with the figures that decided before any hydraulics."""
    return Text("design", f"reason.route-{other.lost}", {
        "asked": Text("design", f"route.ask-{other.question}"), "length_m": f"{other.length_m:.1f}",
        "first_length_m": f"{other.first_length_m:.1f}", "share_pct": f"{100.0 * other.alike_share:.0f}",
        "alike_to": other.alike_to, "longer_ratio": f"{terms.longer_ratio:g}", "dearer_ratio": f"{terms.dearer_ratio:g}",
        "spare_m": f"{terms.spare_m:g}", "count": terms.count, "reckoned_cny": f"{other.reckoned_cny:,.0f}",
        "first_reckoned_cny": f"{other.first_reckoned_cny:,.0f}",
    })  # fmt: skip
