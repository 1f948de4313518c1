"""Casings 钢套管: where the service pipe needs a steel casing around it, by what the route crosses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from design.works.plan import Casing

if TYPE_CHECKING:
    from design.checks.clearances import RouteContext
    from design.rules.ruleset import RuleSet
    from gis.corridors import Route


def plan_casings(
    route: Route, context: RouteContext, *, outer_m: float, cover_m: float, rules: RuleSet
) -> tuple[Casing, ...]:
    """
    Casings along a route: under roads of the rule's classes, railways, and where it passes below a sewer.

    A casing is never longer than the route. A sewer without a known depth asks for none: its crossing is a finding.
    """
    step = rules.value("casing-step").value
    dn = int(-(-(outer_m * 1000.0 + step) // 50) * 50)
    found = [
        *_under_roads(route, dn, rules),
        *_under_rails(route, dn, rules),
        *_below_sewers(context, dn, outer_m=outer_m, cover_m=cover_m, rules=rules),
    ]
    return tuple(
        Casing(c.reason, c.subject, c.at_m, min(c.length_m, route.length_m), c.dn)
        for c in sorted(found, key=lambda c: c.at_m)
    )


def _under_roads(route: Route, dn: int, rules: RuleSet) -> Iterator[Casing]:
    cased = {row["road_class"] for row in rules.table("casing-roads").rows}
    widths = {str(row["road_class"] or ""): row["width_m"] for row in rules.table("route-street-width").rows}
    for crossing in route.street_crossings:
        if crossing.road_class in cased:
            width = float(widths.get(crossing.road_class, widths[""]))
            yield Casing("road", crossing.road_name, crossing.at_m, width, dn)


def _under_rails(route: Route, dn: int, rules: RuleSet) -> Iterator[Casing]:
    for note in route.notes:
        if note.kind == "rail":
            yield Casing("rail", note.subject, note.at_m, rules.value("casing-rail-length").value, dn)


def _below_sewers(
    context: RouteContext, dn: int, *, outer_m: float, cover_m: float, rules: RuleSet
) -> Iterator[Casing]:
    side = rules.value("casing-sewer-side").value
    for crossing in context.crossed:
        if crossing.kind not in {"sewer", "storm"} or crossing.cover_m is None:
            continue
        if cover_m >= crossing.cover_m + crossing.height_m:
            length = 2.0 * side + max(crossing.height_m, outer_m)
            yield Casing(crossing.kind, crossing.utility_id, crossing.at_m, length, dn)
