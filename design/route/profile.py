"""Profile 纵断面: ground, top of pipe and what is crossed, station by station along a route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from design.checks.clearances import RouteContext, horizontal_limit_m, vertical_gap_m, vertical_limit_m

if TYPE_CHECKING:
    from design.city import City
    from design.route.routing import RoutedPoint
    from design.rules.ruleset import RuleSet
    from design.wire.scheme import CrossingDoc, NearUtilityDoc, StationDoc, WorksDoc
    from design.works.plan import Works

STATION_M = 10.0
SAME_PLACE_M = 0.05


def stations(routed: RoutedPoint, works: Works, context: RouteContext, city: City) -> list[StationDoc]:
    """
    Ground and top of pipe at the ends, the bends, the crossings and every `STATION_M` [m]; heights where terrain is known.

    The pipe keeps its cover: its top follows the ground.
    """
    line, cover_m, outer_m = routed.line, works.cover_depth_m, works.service.outer_diameter_m
    found = []
    for at_m, kind in _marks(routed, context):
        place = line.interpolate(at_m)
        ground_m = city.elevation_m(place.x, place.y)
        found.append(
            {
                "at_m": round(at_m, 3),
                "kind": kind,
                "ground_m": None if ground_m is None else round(ground_m, 3),
                "cover_m": round(cover_m, 3),
                "pipe_top_m": None if ground_m is None else round(ground_m - cover_m, 3),
                "pipe_bottom_m": None if ground_m is None else round(ground_m - cover_m - outer_m, 3),
            }
        )
    return found  # type: ignore[return-value]


def _marks(routed: RoutedPoint, context: RouteContext) -> list[tuple[float, str]]:
    """Distances along the route with why they are marked; of two at one place the first of end, crossing, bend."""
    length_m = float(routed.route.length_m)
    steps = np.hypot(*np.diff(np.asarray(routed.line.coords), axis=0)[:, :2].T)
    marks = [(0.0, "tie-in"), (length_m, "site")]
    marks += [(crossing.at_m, "crossing") for crossing in context.crossed]
    marks += [(crossing.at_m, "street") for crossing in routed.route.street_crossings]
    marks += [(float(at_m), "bend") for at_m in np.cumsum(steps)[:-1]]
    marks += [(float(at_m), "station") for at_m in np.arange(STATION_M, length_m, STATION_M)]
    kept: list[tuple[float, str]] = []
    for at_m, kind in marks:
        if all(abs(at_m - other) > SAME_PLACE_M for other, _ in kept):
            kept.append((at_m, kind))
    return sorted(kept)


def crossings(context: RouteContext, works: Works, rules: RuleSet) -> list[CrossingDoc]:
    """Every utility the route crosses, along the route."""
    outer_m = works.service.outer_diameter_m
    found: list[CrossingDoc] = []
    for crossing in context.crossed:
        gap_m = vertical_gap_m(crossing, cover_m=works.cover_depth_m, outer_m=outer_m)
        found.append(
            {
                "utility_id": crossing.utility_id, "kind": crossing.kind, "detail": crossing.detail,
                "at_m": round(crossing.at_m, 3), "angle_deg": round(crossing.angle_deg, 1),
                "cover_m": crossing.cover_m, "height_m": round(crossing.height_m, 3), "gap_m": None if gap_m is None else round(gap_m, 3),
                "limit_m": vertical_limit_m(crossing.kind, crossing.detail, rules=rules),
            }
        )  # fmt: skip
    return found


def near_utilities(context: RouteContext, works: Works, rules: RuleSet) -> list[NearUtilityDoc]:
    """Every utility beside the route, along the route."""
    return [
        {
            "utility_id": near.utility_id, "kind": near.kind, "detail": near.detail, "at_m": round(near.at_m, 3),
            "distance_m": round(near.distance_m, 3),
            "limit_m": horizontal_limit_m(near.kind, near.detail, dn=works.service.dn, rules=rules),
        }
        for near in context.beside
    ]  # fmt: skip


def works_doc(works: Works) -> WorksDoc:
    """What is dug and built, as the drawings dimension it."""
    trench = works.trench
    return {
        "outside_length_m": round(works.outside_length_m, 3), "inside_length_m": round(works.inside_length_m, 3),
        "cover_depth_m": round(works.cover_depth_m, 3), "trench_width_m": round(trench.width_m, 3),
        "trench_top_width_m": round(trench.top_width_m, 3), "trench_depth_m": round(trench.depth_m, 3),
        "bedding_m": round(trench.bedding_m, 3), "bends": [[degrees, count] for degrees, count in works.bends],
        "thrust_blocks": works.block_count, "valve_wells": works.valve_wells,
    }  # fmt: skip
