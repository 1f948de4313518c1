"""Working out one point of connection whole: tapping, hydraulic check, sizes, works, price, findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from design.checks.clearances import RouteContext
from design.checks.option import OptionFacts, check_option, is_feasible, neighbour_limit_m
from design.option import SchemeOption
from design.points import Rejected
from design.pressure.outage import tie_in_outage
from design.pressure.promised import promised_findings
from design.pressure.reliance import reliance, reliance_finding
from design.pricing.picking import picking_list
from design.pricing.quoting import quote_works
from design.rules.overrides import judged
from design.sizing.service import size_service_pipe, wished_size
from design.works.assemblies import standard_details
from design.works.building import permits_of, plan_building
from design.works.permits import total_workdays
from design.works.plan import count_bends
from design.works.tapping import reserved_tapping, tapping_method
from gis.errors import InputError
from gis.messages import Text
from hydraulics.pressure import check_connection

if TYPE_CHECKING:
    from design.book import Book
    from design.city import City
    from design.demand.total import DesignDemand
    from design.option import Site
    from design.points import Search
    from design.pricing.quote import Quote
    from design.route.routing import RoutedPoint
    from design.sizing.meters import Meter
    from design.sizing.service import ServicePipe, Sizing
    from design.works.plan import Works
    from design.works.tapping import Tapping
    from hydraulics.results import PressureCheck

SAME_PLACE_M = 5.0


def prefers(entry: RoutedPoint, search: Search) -> bool:
    """A free registered tap-off near enough to go before any new tap; a derived one must win by its price."""
    return _is_near_tapoff(entry, search) and not entry.point.is_derived


def _is_near_tapoff(entry: RoutedPoint, search: Search) -> bool:
    return entry.point.kind == "tapoff" and entry.route.length_m <= search.tapoff_first_m


def work_out(
    entry: RoutedPoint, *, site: Site, demand: DesignDemand, meter: Meter, city: City, book: Book
) -> SchemeOption | Rejected:
    """Give the complete option of one routed point, feasible or not; Rejected when it cannot be built at all."""
    point, rules = entry.point, book.rules
    try:
        check = check_connection(
            city.checker, point.tie_in, flow_m3s=demand.design_flow_m3s,
            limit_m=neighbour_limit_m(rules),
        )  # fmt: skip
    except InputError as error:
        return Rejected(point, check_failed(error))
    fitted = fit(entry, check, site=site, demand=demand, book=book)
    if isinstance(fitted, Rejected):
        return fitted
    done = _complete(
        entry, check, fitted.service, fitted.tapping, site=site, meter=meter, city=city, demand=demand, book=book
    )  # fmt: skip
    return replace(done, sizing=fitted.sizing)


@dataclass(frozen=True)
class Fitted:
    """The size sought, the pipe taken (the best there is where none holds every limit), and how it is tied in."""

    sizing: Sizing
    service: ServicePipe
    tapping: Tapping


def fit(
    entry: RoutedPoint, check: PressureCheck, *, site: Site, demand: DesignDemand, book: Book
) -> Fitted | Rejected:
    """Give the service pipe of a checked point and its tapping; Rejected where there is none."""
    point, sizing = entry.point, size_of(entry, check, site=site, demand=demand, book=book)
    service = sizing.pipe or sizing.by_velocity
    if service is None:
        return Rejected(point, Text("design", "reason.no-size", {"dn": point.dn}))
    tapping = tapping_of(entry, service, book)
    return Fitted(sizing, service, tapping) if tapping.allowed else Rejected(point, tapping.reason)


def check_failed(error: InputError) -> Text:
    """Why the model has no answer for a point."""
    return Text(error.room, f"error.{error.code}", error.params)


def size_of(
    entry: RoutedPoint, check: PressureCheck, *, site: Site, demand: DesignDemand, book: Book
) -> Sizing:
    """The smallest service pipe that leaves the site its head, or the one somebody decided on."""
    if entry.dn_wish is not None:
        return wished_size(
            demand.design_flow_m3s,
            entry.dn_wish,
            length_m=entry.route.length_m,
            rules=book.rules,
            max_dn=entry.point.dn,
        )
    available_m = check.tie_in_head_after_m - site.elevation_m - site.required_head_m
    available_m -= site.deducted_m
    return size_service_pipe(
        demand.design_flow_m3s, length_m=entry.route.length_m, available_head_m=available_m, rules=book.rules,
        max_dn=entry.point.dn, new_tap=entry.point.kind == "new-tap", bends=count_bends(entry.line), fire_m3s=site.fire_m3s,
    )  # fmt: skip


def tapping_of(entry: RoutedPoint, service: ServicePipe, book: Book) -> Tapping:
    """How the service pipe is tied in."""
    point = entry.point
    if point.kind == "tapoff":
        return reserved_tapping(point.dn, service.dn, rules=book.rules)
    return tapping_method(point.pipe_dn, service.dn, point.pipe_material, point.pipe_role, rules=book.rules)


def _complete(
    entry: RoutedPoint, check: PressureCheck, service: ServicePipe, tapping: Tapping, *, site: Site,
    meter: Meter, city: City, demand: DesignDemand, book: Book,
) -> SchemeOption:  # fmt: skip
    rules = book.rules
    works, context = plan_building(entry, service, tapping, site=site, meter=meter, city=city, book=book)
    quote = quote_works(works, rules, catalogue=book.catalogue, policy=book.policy)
    assemblies, missing = standard_details(works, rules)
    permits, beside = permits_of(entry, works, city=city, book=book)
    site_after_m = check.tie_in_head_after_m - site.elevation_m - service.headloss_m
    fire_m = _fire_head_m(entry, demand, site, city, book)
    facts = _facts(
        entry,
        check,
        works,
        quote,
        site_pressure_m=site_after_m,
        fire_head_m=fire_m,
        ground_m=city.tie_in_elevation_m(check.tie_in),
        site=site,
        context=context,
        demand=demand,
    )
    known = reliance(city, check.tie_in)
    sure = [] if known is None else [reliance_finding(known, rules)]
    promised = promised_findings(city, check, rules)
    checked = check_option(facts, rules, on=book.today)
    findings = judged((*checked, *promised, *sure, *demand.findings, *missing, *beside), book.overrides)
    return SchemeOption(
        rank=0, feasible=check.converged and is_feasible(list(findings)), routed=entry, tapping=tapping, works=works,
        check=check, tie_in_elevation_m=city.tie_in_elevation_m(check.tie_in),
        site_pressure_before_m=check.tie_in_head_before_m - site.elevation_m, site_pressure_after_m=site_after_m,
        margin_m=site_after_m - site.deducted_m - site.required_head_m, findings=findings,
        assemblies=assemblies, quote=quote, permits=permits, workdays=total_workdays(works, permits, rules),
        context=context, picking=picking_list(works, assemblies, rules),
        reliance=known,
        outage=tie_in_outage(city, entry.point.tie_in, rules) if tapping.outage else None,
    )  # fmt: skip


def _fire_head_m(
    entry: RoutedPoint, demand: DesignDemand, site: Site, city: City, book: Book
) -> float | None:
    """Head at the tie-in at the peak hour with the fire flow added [m]; None without a fire flow."""
    fire_m3s = demand.fire_flow_m3s or site.fire_m3s
    if fire_m3s <= 0.0:
        return None
    fire = check_connection(
        city.checker, entry.point.tie_in, flow_m3s=demand.design_flow_m3s + fire_m3s,
        limit_m=neighbour_limit_m(book.rules),
    )  # fmt: skip
    return fire.tie_in_head_after_m


def _facts(
    entry: RoutedPoint, check: PressureCheck, works: Works, quote: Quote, *, site_pressure_m: float,
    fire_head_m: float | None, ground_m: float, site: Site, context: RouteContext, demand: DesignDemand,
) -> OptionFacts:  # fmt: skip
    point, worst = entry.point, check.worst
    through_m3s = demand.design_flow_m3s + site.fire_m3s
    at_site_m = None
    if fire_head_m is not None and site.fire_m3s > 0.0:
        at_site_m = fire_head_m - site.elevation_m - works.service.headloss_at_m(through_m3s)
    return OptionFacts(
        storeys=site.storeys, direct_storeys=site.direct_storeys, deducted_m=site.deducted_m, works=works, site_pressure_m=site_pressure_m,
        tapoff_dn=point.dn if point.kind == "tapoff" else None, tapoff_derived=point.is_derived, tie_in_cover_m=point.cover_depth_m,
        worst_node=worst.node_id if worst else None, worst_before_m=worst.pressure_before_m if worst else None,
        worst_after_m=worst.pressure_after_m if worst else None,
        newly_below=check.newly_below, neighbour_limit_m=check.limit_m, quote=quote,
        fire_pressure_m=None if fire_head_m is None else fire_head_m - ground_m,
        fire_through_m3s=through_m3s if site.fire_m3s > 0.0 else 0.0, fire_site_pressure_m=at_site_m,
        route=entry.route, context=context,
    )  # fmt: skip
