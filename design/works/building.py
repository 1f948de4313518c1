"""Building 施工内容 of one routed point: what lies along the route, the casings it asks for, and the works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.checks.clearances import RouteContext, route_context
from design.route.routing import corridors_by
from design.sizing.series import nominal_dn
from design.works.casings import plan_casings
from design.works.permits import Permit, plan_permits
from design.works.plan import Works, design_cover_m, plan_works
from design.works.trees import near_trees, tree_findings

if TYPE_CHECKING:
    from design.book import Book
    from design.city import City
    from design.option import Site
    from design.route.routing import RoutedPoint
    from design.rules.ruleset import Finding
    from design.sizing.meters import Meter
    from design.sizing.service import ServicePipe
    from design.works.tapping import Tapping


def plan_building(
    entry: RoutedPoint, service: ServicePipe, tapping: Tapping, *, site: Site, meter: Meter, city: City, book: Book
) -> tuple[Works, RouteContext]:  # fmt: skip
    """Works of the connection and what lies along its route."""
    point, rules, outer_m = entry.point, book.rules, service.outer_diameter_m
    context = route_context(entry.line, corridors_by(city, book), outer_m=outer_m, tie_in_pipe=point.pipe_id)
    cover_m = design_cover_m(service.dn, entry.runs, rules)
    works = plan_works(
        service, meter, tapping, main_dn=nominal_dn(point.pipe_dn, point.pipe_material), route=entry.runs,
        inside_length_m=entry.inside_length_m, line=entry.line, has_valve=point.valve_id is not None, rules=rules,
        ground=site.ground, main_cover_m=point.cover_depth_m, tapoff_dn=nominal_dn(point.dn, point.pipe_material) if point.kind == "tapoff" else None,
        casings=plan_casings(entry.route, context, outer_m=outer_m, cover_m=cover_m, rules=rules),
        hydrants=site.hydrants, backflow=_backflow(site),
    )  # fmt: skip
    return works, context


def _backflow(site: Site) -> str:
    """Device the site must have behind its meter; "" where a check valve does."""
    devices = site.devices
    return devices.backflow.device if devices is not None and devices.backflow.is_required else ""


def permits_of(
    entry: RoutedPoint, works: Works, *, city: City, book: Book
) -> tuple[tuple[Permit, ...], list[Finding]]:
    """What the route needs from the authorities, and what is told of the trees beside it."""
    trees = near_trees(city, entry.line, book.rules)
    notes = entry.route.notes
    permits = plan_permits(works, on=book.today, rules=book.rules, notes=notes, trees=trees)
    return permits, tree_findings(trees, book.rules)
