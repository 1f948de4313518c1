"""What lies behind the tie-in of one option: floors and zones, pumps and tanks, a second inlet, with their findings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from design.checks.option import is_feasible, neighbour_limit_m
from design.demand.fire import building_height_m
from design.pressure.reliance import still_way
from design.rules.overrides import judged
from design.sizing.series import nominal_dn
from design.supply.equipment import equipment_for
from design.supply.floors import supply_mode
from design.supply.inlets import ONE_INLET, Inlets
from design.supply.judged import hydrants_near, reducer_finding, renewal_findings, supply_findings
from design.supply.second import Around, completed, meant, second_findings, second_inlet
from gis.units import head_m_from_mpa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.book import Book
    from design.city import City
    from design.demand.total import DesignDemand
    from design.option import SchemeOption, Site
    from design.points import ConnectionPoint
    from design.request import ConnectionRequest
    from design.route.routing import RoutedPoint
    from design.rules.ruleset import RuleSet
    from design.sizing.service import ServicePipe
    from design.supply.floors import SupplyMode
    from design.supply.pieces import Equipment
    from hydraulics.results import TieIn


def behind_tie_in(
    option: SchemeOption, candidates: Sequence[RoutedPoint], *, request: ConnectionRequest, site: Site,
    demand: DesignDemand, city: City, book: Book,
) -> SchemeOption:  # fmt: skip
    """
    The option with how its site is supplied; `candidates` are all places that were routed, for a second inlet.

    Findings that fail make it infeasible like any other.
    """
    rules = book.rules
    second = None
    if site.need is not None and site.need.count > 1:
        second = second_inlet(option, Around(candidates, site, demand, city, book))
    inlets = _inlets(site, second)
    still_m = static_head_m(city, option.point.tie_in, site.elevation_m)
    mode = _mode(
        option.point, option.service, option.site_pressure_after_m, still_m, request=request, site=site, rules=rules
    )  # fmt: skip
    mode = replace(
        mode,
        equipment=equipment_for(
            mode, demand, rules, inlets=inlets, height_m=building_height_m(request, rules),
            fire_short_m=_fire_short_m(option, rules),
        ),
    )  # fmt: skip
    found = [
        *inlets.findings(rules),
        *([] if second is None else second_findings(option, second, rules, is_firm=inlets.need.is_firm)),
        *reducer_finding(mode, asked_count=mode.asked_count, rules=rules),
        *renewal_findings(option.point, city, rules, on=book.today),
    ]
    if site.devices is not None:
        near = hydrants_near(city, site.xy, rules)
        found += supply_findings(
            mode,
            site.devices,
            demand,
            rules,
            cover_m=option.works.cover_depth_m,
            hydrants=near,
            own_count=site.hydrants,
        )
    findings = (*option.findings, *judged(found, book.overrides))
    option = replace(
        option, findings=findings, supply=mode, inlets=inlets, devices=site.devices, second=second
    )
    option = completed(option, book)
    return replace(option, feasible=option.check.converged and is_feasible(list(option.findings)))


def pumps_at(
    point: ConnectionPoint, service: ServicePipe, site_pressure_m: float, margin_m: float, *, request: ConnectionRequest,
    site: Site, demand: DesignDemand, rules: RuleSet,
) -> tuple[Equipment, ...]:  # fmt: skip
    """Pumps and tanks of a place by its pressure at the site alone: what its scheme will have at least."""
    mode = _mode(point, service, site_pressure_m, None, request=request, site=site, rules=rules)
    is_one = site.need is None or site.need.count < 2  # a second inlet may spare the fire tank
    pieces = equipment_for(
        mode, demand, rules, inlets=Inlets(ONE_INLET, None), fire_short_m=0.0,
        height_m=building_height_m(request, rules) if is_one else 0.0,
    )  # fmt: skip
    return meant(replace(mode, equipment=pieces), margin_m)


def _mode(
    point: ConnectionPoint, service: ServicePipe, site_pressure_m: float, still_m: float | None, *,
    request: ConnectionRequest, site: Site, rules: RuleSet,
) -> SupplyMode:  # fmt: skip
    head_m = site_pressure_m - site.deducted_m
    prv_loss_m, still_m = behind_reducer(head_m, still_m, set_m=request.supply.prv_m, rules=rules)
    mode = supply_mode(
        request, rules, available_m=head_m - prv_loss_m, static_m=still_m, asked_mode=request.supply.mode,
        may_boost=_may_boost(point, service, head_m, rules),
    )  # fmt: skip
    asked_count = site.direct_storeys or min(site.storeys, int(rules.value("direct-supply-storeys").value))
    return replace(mode, prv_loss_m=prv_loss_m, asked_count=asked_count)


def behind_reducer(
    head_m: float, static_m: float | None, *, set_m: float | None, rules: RuleSet
) -> tuple[float, float | None]:
    """Head a pressure reducer takes at the lowest hour, and static head behind it [m]; 0 where there is none."""
    if set_m is None:
        return 0.0, static_m
    taken_m = max(0.0, head_m - rules.value("prv-ratio").value * set_m)
    return taken_m, None if static_m is None else min(static_m, set_m)


def static_head_m(city: City, tie_in: TieIn, elevation_m: float) -> float | None:
    """
    Head above the site when nothing is drawn [m], None where no source is found.

    Taken as the greatest head on the water's way to the tie-in at the peak hour: what stands there once nothing
    flows, short of what a pump gives above its duty point.
    """
    session, feeding = city.session, city.feeding
    index = session.index
    if tie_in.node_id is not None:
        node = city.node_row(tie_in.node_id)
    else:
        link = session.link_position[tie_in.pipe_id or ""]
        ends = [int(index.link_start[link]), int(index.link_end[link])]
        node = max(ends, key=lambda end: float(np.nan_to_num(session.base.head_m[end], nan=-np.inf)))
    still, node = still_way(city, node)
    links = [*still, *feeding.way(node)]
    nodes = [node, *index.link_start[links].tolist(), *index.link_end[links].tolist()]
    heads = session.base.head_m[nodes]
    heads = heads[np.isfinite(heads)]
    return float(heads.max()) - elevation_m if len(heads) else None


def _inlets(site: Site, second: SchemeOption | None) -> Inlets:
    need = site.need or ONE_INLET
    return Inlets(need, None) if second is None else Inlets(need, second.routed, second.service.dn)


def _may_boost(point: ConnectionPoint, service: ServicePipe, head_m: float, rules: RuleSet) -> bool:
    """The main is large enough for a pump drawing on it, and keeps the pressure of the network's end there."""
    if head_m < neighbour_limit_m(rules):
        return False
    main = nominal_dn(point.pipe_dn, point.pipe_material)
    return bool(main) and service.dn / main <= rules.value("booster-main-ratio").value + 1e-9


def _fire_short_m(option: SchemeOption, rules: RuleSet) -> float:
    """How much head the tie-in lacks under the fire flow [m]; 0 where it has enough or none was asked for."""
    fire = next((found for found in option.findings if found.kind == "fire"), None)
    if fire is None:
        return 0.0
    return max(0.0, head_m_from_mpa(rules.value("fire-network-pressure").value - fire.measured))
