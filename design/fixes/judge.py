"""Judging a change: does the option pass with it, and what does it cost, by the same sizes, quantities and prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from design.checks.option import neighbour_limit_m
from design.options import tapping_of
from design.pricing.earth import earthworks, occupation_fee, own_surfaces, restoration_fees
from design.pricing.equipment import equipment_quantities
from design.pricing.fittings import pipe, structures
from design.pricing.quantity import Quantity, basis
from design.pricing.quote import Quote, price_quantities
from design.pricing.quoting import quote_works
from design.sizing.service import service_pipe, size_service_pipe
from design.works.building import plan_building
from design.works.plan import count_bends, plan_works

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.alternatives.case import Case
    from design.option import SchemeOption
    from design.route.routing import Laid
    from design.sizing.series import PipeSize
    from design.sizing.service import ServicePipe
    from design.supply.pieces import Equipment
    from hydraulics.results import Solution


@dataclass(frozen=True)
class Verdict:
    """What a change does for an option; `service` is the pipe that is then the smallest that holds."""

    passes: bool
    margin_m: float
    site_pressure_m: float
    head_m: float
    below_count: int
    service: ServicePipe


def judge(
    option: SchemeOption, case: Case, head_m: float, after: Solution, *, max_dn: int | None = None
) -> Verdict:
    """Whether the site has its head and nobody newly falls below the limit, with the head at the tie-in and the state."""
    site, entry = case.site, option.routed
    available_m = head_m - site.elevation_m - site.required_head_m - site.deducted_m
    sizing = size_service_pipe(
        case.demand.design_flow_m3s, length_m=entry.route.length_m, available_head_m=available_m,
        rules=case.book.rules, max_dn=max_dn or entry.point.dn, new_tap=entry.point.kind == "new-tap",
        bends=count_bends(entry.line), fire_m3s=site.fire_m3s,
    )  # fmt: skip
    service = sizing.pipe or option.service
    margin_m = available_m - service.headloss_m
    below = newly_below(case, after)
    return Verdict(
        margin_m >= 0.0 and not below and after.converged, margin_m,
        head_m - site.elevation_m - service.headloss_m, head_m, below, service,
    )  # fmt: skip


def newly_below(case: Case, after: Solution) -> int:
    """Demand nodes that had the limit at the base and miss it after."""
    checker = case.city.checker
    index, before = checker.index, checker.base.pressure_m
    limit_m = neighbour_limit_m(case.book.rules)
    asked = index.is_junction & index.is_fed & (index.demand_m3s > 0)
    with np.errstate(invalid="ignore"):
        return int((asked & (before >= limit_m) & ~(after.pressure_m >= limit_m)).sum())


def connection_cny(option: SchemeOption, case: Case, service: ServicePipe) -> Decimal:
    """Price of the connection itself with another service pipe; that of the option where it is the same."""
    if service.series == option.service.series and service.dn == option.service.dn:
        return option.quote.total_cny
    tapping = tapping_of(option.routed, service, case.book)
    works, _ = plan_building(
        option.routed, service, tapping, site=case.site, meter=case.meter, city=case.city, book=case.book
    )
    return quote_works(
        works, case.book.rules, catalogue=case.book.catalogue, policy=case.book.policy
    ).total_cny


def item_quote(code: str, case: Case) -> Quote:
    """Price of one piece of the catalogue, taxed as everything is."""
    piece = Quantity(code, Decimal("1.00"), "outside-red-line", basis("fix"))
    return price_quantities((piece,), case.book.catalogue, case.book.policy)


def equipment_quote(pieces: Sequence[Equipment], case: Case) -> Quote:
    """Price of pumps and tanks from their parts, taxed as everything is."""
    return price_quantities(equipment_quantities(pieces), case.book.catalogue, case.book.policy)


def main_quote(option: SchemeOption, case: Case, size: PipeSize, laid: Laid) -> Quote:
    """Price of a new main along a route: trench, pipe, fittings and valve, surfaces and fees; no meter, no service."""
    rules = case.book.rules
    stand_in = service_pipe(size, case.demand.design_flow_m3s, length_m=laid.route.length_m, rules=rules)
    works = plan_works(
        stand_in, case.meter, option.tapping, main_dn=size.dn, route=laid.runs, inside_length_m=0.0, line=laid.line,
        has_valve=False, rules=rules, ground=case.site.ground,
    )  # fmt: skip
    runs = works.runs
    side: Any = "outside-red-line"
    quantities = [
        *earthworks(works, runs, side, rules), *own_surfaces(works, runs, side, rules),
        *pipe(works, rules, laid.route.length_m, side), *structures(works, rules),
        *restoration_fees(works, runs, rules), *occupation_fee(runs, rules),
    ]  # fmt: skip
    catalogue = case.book.catalogue
    return price_quantities(
        tuple(one for one in quantities if one.quantity > 0), catalogue, case.book.policy, fees=catalogue.fees
    )
