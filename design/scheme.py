"""
ConnectionScheme 接水方案: the story of one connection, as an engineer would tell it.

Demand becomes flows; points of connection are found, free reserved tap-offs first; each is routed along the streets,
sized, checked at the peak hour for the applicant and for everybody else, and priced; the best is the scheme, and every
loser keeps its reason. An infeasible scheme is still a complete answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from design.alternatives.case import Case
from design.alternatives.choosing import choose
from design.alternatives.pinned import pinned_first, pinned_option
from design.alternatives.weights import Weights, weights_of
from design.asked.overriding import rules_as_asked
from design.book import Book
from design.checks.option import required_head_m
from design.checks.scenarios import in_scenarios
from design.demand.total import DesignDemand, design_demand
from design.errors import RequestError
from design.fixes.cheapest import fixes_for
from design.fixes.fix import Fix
from design.option import SchemeOption, Site
from design.points import Rejected, Search, points_near, search_defaults
from design.ranking import explained, with_fix_told
from design.route.routing import route_points
from design.rules.overrides import with_overrides
from design.sizing.meters import select_meter
from design.sizing.service import size_service_pipe
from design.supply.behind import behind_tie_in, pumps_at
from design.supply.devices import inlet_devices
from design.supply.inlets import inlet_need
from design.supply.one_out import with_one_main_out
from design.works.digging import GroundConditions, default_ground, soil_codes
from gis.progress import SILENT
from gis.units import m3s_from_lps
from hydraulics.pressure import confirmed

if TYPE_CHECKING:
    from collections.abc import Callable

    from design.city import City
    from design.request import ConnectionRequest
    from design.rules.ruleset import RuleSet
    from design.sizing.meters import Meter
    from gis.progress import Progress


@dataclass(frozen=True)
class ConnectionScheme:
    """Ranked options for one request, the rejected points with their reasons, and what it was computed from."""

    request: ConnectionRequest
    site: Site
    demand: DesignDemand
    options: tuple[SchemeOption, ...]
    rejected: tuple[Rejected, ...]
    book: Book
    weights: Weights
    fixes: tuple[Fix, ...] = ()

    @property
    def best(self) -> SchemeOption:
        """The scheme to build, or the one that misses by least."""
        return self.options[0]


def _as_given(place: tuple[float, float]) -> tuple[float, float]:
    return place


def plan_connection(
    request: ConnectionRequest,
    site_xy: tuple[float, float],
    *,
    city: City,
    book: Book,
    progress: Progress = SILENT,
    search: Search | None = None,
    to_xy: Callable[[tuple[float, float]], tuple[float, float]] = _as_given,
) -> ConnectionScheme:
    """
    Plan the connection of a site.

    Parameters
    ----------
    site_xy
        The site in the network's working CRS.
    to_xy
        Turns another place of the request into it.

    Raises
    ------
    RequestError
        The site lies outside the network, or nothing within reach can take the connection.
    HydraulicsError, DesignDataError
        The model cannot be solved; a rule or price that is needed is missing.
    """
    search = search or search_defaults()
    rules, overrides = with_overrides(rules_as_asked(request, book.rules), request.overrides)
    book = replace(book, rules=rules, overrides=overrides)
    demand = design_demand(request, book.rules)
    meter = select_meter(demand, book.rules, wish=request.meter)
    site = find_site(request, site_xy, city=city, book=book, demand=demand, meter=meter)
    branch_dn = smallest_branch_dn(demand, book, fire_m3s=site.fire_m3s)
    points, rejected = points_near(
        site_xy, city=city, rules=book.rules, branch_dn=branch_dn,
        wanted=request.option_count + search.spare_options, search=search,
    )  # fmt: skip
    reach_m = max([search.outside_m, *(2.0 * point.distance_m for point in points)])
    routed, unrouted = route_points(points, site_xy, city=city, book=book, reach_m=reach_m)
    behind = partial(
        behind_tie_in, candidates=routed, request=request, site=site, demand=demand, city=city, book=book
    )
    weights = weights_of(request.document)
    pumps = partial(pumps_at, request=request, site=site, demand=demand, rules=book.rules)
    case = Case(
        site, demand, meter, city, book, search, weights, request.option_count, request.route_count, behind, pumps,
        branch_dn,
    )  # fmt: skip
    choice = choose(routed, case, progress=progress)
    if request.pin is not None:
        choice = pinned_first(pinned_option(request.pin, case, to_xy=to_xy), choice, count=case.count)
    shown, unbuilt = choice.shown, [*choice.lost, *rejected, *unrouted]
    if not shown:
        raise _nothing(unbuilt, search)
    if not confirmed(city.checker, shown[0][0].check):
        return plan_connection(
            request, site_xy, city=city.by_epanet_alone(), book=book, progress=progress, search=search, to_xy=to_xy
        )  # fmt: skip
    options, lost = explained(choice, unbuilt, search=search)
    options = in_scenarios(options, demand, city=city, book=book, every=request.scenarios == "all")
    options = with_one_main_out(options, demand, site, city=city, book=book)
    fixes = () if options[0].feasible else fixes_for(options[0], case, progress=progress)
    options = with_fix_told(options, fixes)
    return ConnectionScheme(request, site, demand, options, tuple(lost), book, weights, fixes)


def find_site(
    request: ConnectionRequest, site_xy: tuple[float, float], *, city: City, book: Book, demand: DesignDemand,
    meter: Meter,
) -> Site:  # fmt: skip
    """Ground level, required head, devices and inlets of the site."""
    ground_m = city.elevation_m(*site_xy)
    given, rules = request.elevation_m, book.rules
    origin = "request" if given is not None else "terrain" if ground_m is not None else "unknown"
    direct, need = _direct_storeys(request, rules), inlet_need(request, demand, rules)
    return Site(
        xy=site_xy,
        elevation_m=given if given is not None else ground_m if ground_m is not None else 0.0,
        elevation_origin=origin,
        required_head_m=required_head_m(direct or request.storeys, rules, cap=direct or None),
        storeys=request.storeys,
        ground=_ground(request, book),
        hydrants=request.hydrants,
        direct_storeys=direct,
        devices=inlet_devices(request, demand, meter, rules, two_inlets=need.count > 1),
        need=need,
        fire_m3s=fire_through_m3s(request, demand, rules),
    )


def _direct_storeys(request: ConnectionRequest, rules: RuleSet) -> int:
    """Storeys the request wants from the main, 0 where it leaves that to the cap of the rules; a tank fills at the ground."""
    asked = request.supply
    if asked.mode == "auto":
        return 0
    if asked.mode == "direct":
        return request.storeys
    wanted = asked.direct_storeys or (
        int(rules.value("direct-supply-storeys").value) if asked.mode == "mixed" else 1
    )
    return 1 if asked.mode == "tank" else min(request.storeys, wanted)


def _ground(request: ConnectionRequest, book: Book) -> GroundConditions | None:
    """Soil and groundwater where the request states either; the rules fill the other."""
    if request.soil is None and request.groundwater_depth_m is None:
        return None
    if request.soil is not None and request.soil not in soil_codes(book.rules):
        raise RequestError("soil-unknown", soil=request.soil, known=", ".join(soil_codes(book.rules)))
    soil = request.soil or default_ground(book.rules).soil
    return GroundConditions(soil, request.groundwater_depth_m, soil_stated=request.soil is not None)


def fire_through_m3s(request: ConnectionRequest, demand: DesignDemand, rules: RuleSet) -> float:
    """Fire flow that passes the service pipe [m3/s]: the meter lets it through, or the site has hydrants of its own."""
    if not request.hydrants and not rules.value("meter-passes-fire").is_on:
        return 0.0
    own_m3s = request.hydrants * m3s_from_lps(rules.value("hydrant-flow").value)
    return demand.fire_flow_m3s or own_m3s


def smallest_branch_dn(demand: DesignDemand, book: Book, *, fire_m3s: float = 0.0) -> int:
    """Smallest DN the service pipe can have by velocity alone; what a tap-off or main must at least offer."""
    sizing = size_service_pipe(
        demand.design_flow_m3s, length_m=0.0, available_head_m=None, rules=book.rules, fire_m3s=fire_m3s
    )
    if sizing.pipe is None:
        raise RequestError("flow-too-large", flow_lps=round(demand.design_flow_m3s * 1000.0, 1))
    return sizing.pipe.dn


def _nothing(rejected: list[Rejected], search: Search) -> RequestError:
    """Nothing can be built: the first reasons go into the sentence."""
    told = "；".join(f"{entry.reason.render('zh')} / {entry.reason.render('en')}" for entry in rejected[:2])
    return RequestError("nothing-in-reach", reach_m=round(search.outside_m), reasons=told or "—")
