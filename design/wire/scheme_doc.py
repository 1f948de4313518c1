"""The scheme as the document everybody reads: positions in lon/lat, figures rounded once, sentences rendered."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from design.checks.scenarios import scenario_doc
from design.pressure.outage import outage_doc
from design.pressure.range import tie_in_range
from design.pressure.supply_path import supply_path
from design.route.profile import crossings, near_utilities, stations, works_doc
from design.supply.docs import budget_doc, inlets_doc
from design.supply.ways import tie_in_ways
from design.wire.summary import summary_of
from gis.crs import to_lonlat
from gis.messages import Text
from gis.units import mpa_from_head_m

if TYPE_CHECKING:
    from design.city import City
    from design.option import SchemeOption
    from design.points import ConnectionPoint, Rejected, Way
    from design.rules.ruleset import RuleSet
    from design.scheme import ConnectionScheme
    from design.wire.route import WayDoc
    from design.wire.scheme import (
        CheckDoc,
        ConnectionDoc,
        NeighbourDoc,
        OptionDoc,
        ProvenanceDoc,
        RangeDoc,
        RejectedDoc,
        RouteDoc,
        SchemeDoc,
        ServicePipeDoc,
    )
    from design.wire.supply import InletsDoc
    from gis.corridors import Route
    from hydraulics.results import NodePressure
    from hydraulics.uncertainty.band import PressureRange

REJECTED_SHOWN = 40
RANGED_NODES = 20_000
MPA_DIGITS, M_DIGITS = 4, 4


def scheme_document(scheme: ConnectionScheme, *, city: City, software: str) -> SchemeDoc:
    """Give the scheme document; its id follows from request and provenance, so equal questions get equal ids."""
    provenance = _provenance(scheme, city, software)
    best = scheme.options[0]
    return {
        "id": _scheme_id(scheme, provenance),
        "name": scheme.request.name,
        "feasible": best.feasible,
        "summary": summary_of(scheme, "zh"),
        "summary_en": summary_of(scheme, "en"),
        "request": dict(scheme.request.document),
        "demand": _rounded(scheme.demand.doc()),
        "supply_mode": None if best.supply is None else _rounded(best.supply.doc()),
        "overrides": [applied.doc() for applied in scheme.book.overrides],
        "options": [_option(option, scheme, city) for option in scheme.options],
        "fixes": [fix.doc(lambda xy: _wire(xy, city)) for fix in scheme.fixes],
        "rejected": [_rejected(entry, city) for entry in scheme.rejected[:REJECTED_SHOWN]],
        "provenance": provenance,
    }


def _scheme_id(scheme: ConnectionScheme, provenance: ProvenanceDoc) -> str:
    fixed = {key: value for key, value in provenance.items() if key != "created"}
    text = json.dumps([dict(scheme.request.document), fixed], sort_keys=True, ensure_ascii=False, default=str)
    return "S" + hashlib.blake2s(text.encode(), digest_size=6).hexdigest()


def _provenance(scheme: ConnectionScheme, city: City, software: str) -> ProvenanceDoc:
    network = city.network
    return {
        "network_version": network.version,
        "tapoff_register": network.register,
        "network_source": network.source,
        "synthetic": network.synthetic,
        "crs": None if network.crs is None else network.crs.to_string(),
        "vertical_datum": dict(network.vertical_datum),
        "rules": list(scheme.book.rules.provenance),
        "prices": scheme.book.catalogue.provenance,
        "weights": scheme.weights.doc(),
        "policy": scheme.book.policy.policy_id,
        "reserved": [entry.doc() for entry in city.reserved],
        "day": scheme.book.today.isoformat(),
        "engine": scheme.options[0].check.engine,
        "software": software,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _option(option: SchemeOption, scheme: ConnectionScheme, city: City) -> OptionDoc:
    return {
        "rank": option.rank,
        "feasible": option.feasible,
        "connection": _connection(option, city),
        "route": _route(option, city, scheme.book.rules),
        "works": works_doc(option.works),
        "service_pipe": _service_pipe(option),
        "meter": _rounded(option.meter.doc()),
        "devices": None if option.devices is None else _rounded(option.devices.doc()),
        "budget": _rounded(budget_doc(option, scheme.site)),
        "supply_mode": None if option.supply is None else _rounded(option.supply.doc()),
        "inlets": _inlets(option, scheme, city),
        "tie_in_methods": [way.doc() for way in tie_in_ways(option, city=city, rules=scheme.book.rules)],
        "check": _check(option, scheme, city),
        "scenarios": [scenario_doc(found, city) for found in option.scenarios],
        "outage": None if option.outage is None else outage_doc(option.outage, city),
        "findings": [_rounded(finding.doc()) for finding in option.findings],
        "assemblies": [assembly.doc() for assembly in option.assemblies],
        "quote": option.quote.doc(),
        "permits": [_rounded(permit.doc()) for permit in option.permits],
        "picking_list": [picked.doc(number) for number, picked in enumerate(option.picking, 1)],
        "workdays": option.workdays,
        "score": None if option.score is None else option.score.doc(),
        "pinned": None
        if option.pinned is None
        else {
            "reason": option.pinned.reason,
            "by": option.pinned.by,
            "route_given": option.pinned.route is not None,
            "dn": option.pinned.dn,
        },
        "reasons": [reason.render("zh") for reason in option.reasons],
        "reasons_en": [reason.render("en") for reason in option.reasons],
    }


def _inlets(option: SchemeOption, scheme: ConnectionScheme, city: City) -> InletsDoc:
    """The inlets; the second with all that the first one has, in the same shapes."""
    found = inlets_doc(option, lambda xy: _wire(xy, city))
    second = option.second
    if second is None or found["second"] is None:
        return found
    check, ground_m = second.check, second.tie_in_elevation_m
    found["second"] |= {
        "feasible": second.feasible,
        "connection": _connection(second, city),
        "route": _route(second, city, scheme.book.rules),
        "works": works_doc(second.works),
        "service_pipe": _service_pipe(second),
        "meter": _rounded(second.meter.doc()),
        "backflow": None if option.devices is None else _rounded(option.devices.backflow.doc()),
        "budget": _rounded(
            budget_doc(replace(second, devices=option.devices, supply=option.supply), scheme.site)
        ),
        "tie_in_pressure_after_mpa": _mpa(check.tie_in_head_after_m - ground_m),
        "site_pressure_after_mpa": _mpa(second.site_pressure_after_m),
        "margin_m": round(second.margin_m, M_DIGITS),
        "outage": None if second.outage is None else outage_doc(second.outage, city),
        "findings": [_rounded(one.doc()) for one in second.findings],
        "assemblies": [assembly.doc() for assembly in second.assemblies],
        "permits": [_rounded(permit.doc()) for permit in second.permits],
        "quote_net_cny": f"{_net_of(option, 'second-inlet'):f}",
    }
    return found


def _net_of(option: SchemeOption, share: str) -> Decimal:
    """Net price of one part of a scheme, without the fees in percent."""
    return sum((line.amount_cny for line in option.quote.lines if line.share == share), Decimal("0.00"))


def _service_pipe(option: SchemeOption) -> ServicePipeDoc:
    """The pipe, with the smaller sizes that lost and why."""
    lost = () if option.sizing is None else option.sizing.lost
    found: ServicePipeDoc = _rounded(option.service.doc())
    found["lost"] = [entry.reason.render("zh") for entry in lost]
    found["lost_en"] = [entry.reason.render("en") for entry in lost]
    return found


def _connection(option: SchemeOption, city: City) -> ConnectionDoc:
    point = option.point
    return {
        "kind": point.kind, "tapoff_id": point.tapoff_id, "pipe_id": point.pipe_id, "pipe_dn": point.pipe_dn,
        "pipe_material": point.pipe_material, "node_id": point.node_id, "fraction": round(point.fraction, 9),
        "dn": point.dn, "position": _wire(point.position_xy, city), "method": option.tapping.method,
        "method_text": option.tapping.name.render("zh"), "cover_depth_m": point.cover_depth_m,
        "valve_id": point.valve_id, "status": point.status, "confidence": point.confidence, "origin": point.origin,
        "distance_m": round(point.distance_m, 3),
    }  # fmt: skip


def _rejected_connection(point: ConnectionPoint, city: City) -> dict[str, Any]:
    return {
        "kind": point.kind, "tapoff_id": point.tapoff_id, "pipe_id": point.pipe_id, "pipe_dn": point.pipe_dn,
        "dn": point.dn, "status": point.status, "position": _wire(point.position_xy, city),
        "distance_m": round(point.distance_m, 3),
    }  # fmt: skip


def _wire(xy: tuple[float, ...], city: City) -> list[float]:
    x, y = (xy[0], xy[1]) if city.network.crs is None else to_lonlat(city.network.crs, xy[0], xy[1])
    return [round(x, 9), round(y, 9)]


def _route(option: SchemeOption, city: City, rules: RuleSet) -> RouteDoc:
    route = option.routed.route
    return {
        **_way(option.routed.way),
        "geometry": _geometry(route.line, city),
        "surfaces": [
            {
                "surface": run.surface, "length_m": round(run.length_m, 3), "road_name": run.road_name,
                "road_class": run.road_class,
            }
            for run in option.routed.runs
        ],
        "basis": route.basis,
        "basis_text": basis_text(route).render("zh"),
        "profile": stations(option.routed, option.works, option.context, city),
        "crossings": crossings(option.context, option.works, rules),
        "near_utilities": near_utilities(option.context, option.works, rules),
        "street_crossings": [
            {
                "road_name": crossing.road_name, "road_class": crossing.road_class, "at_m": round(crossing.at_m, 3),
                "angle_deg": round(crossing.angle_deg, 1),
            }
            for crossing in route.street_crossings
        ],
    }  # fmt: skip


def _geometry(line: Any, city: City) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [_wire(xy, city) for xy in line.coords]}


def _way(way: Way) -> WayDoc:
    """Which of the routes of its point it is, by which question it was found, and how it runs."""
    asked = Text("design", f"route.ask-{way.asked or ('cheapest' if way.number else 'drawn')}")
    return {
        "number": way.number, "length_m": round(way.length_m, 3), "asked": way.asked or None,
        "asked_text": asked.render("zh"), "asked_text_en": asked.render("en"),
        "how": way.how.render("zh"), "how_en": way.how.render("en"),
    }  # fmt: skip


def basis_text(route: Route) -> Text:
    """Along what the route was sought, in words; without streets it says so."""
    unconnected = route.reason == "unconnected" and route.basis != "streets"
    return Text("design", f"route.{route.basis}{'-unconnected' if unconnected else ''}")


def _range(band: PressureRange, city: City) -> RangeDoc:
    """The range, with the place of the reading that would decide it."""
    told = cast("RangeDoc", band.doc())
    if told["measure_at"] is not None:
        place = city.node_positions.get(told["measure_at"]["node_id"])
        told["measure_at"]["position"] = None if place is None else list(_wire(place, city))
    return told


def _check(option: SchemeOption, scheme: ConnectionScheme, city: City) -> CheckDoc:
    check, site = option.check, scheme.site
    ground_m = option.tie_in_elevation_m
    worst = check.worst
    # What the tie-in needs is what leaves the site with nothing to spare.
    needed_m = check.tie_in_head_after_m - ground_m - option.margin_m
    # On a large network the range costs as much as all the rest of an option: there only the first choice has it.
    ranged = option.rank == 1 or len(city.session.index.node_ids) <= RANGED_NODES
    band = tie_in_range(city, check, required_pressure_m=needed_m) if ranged else None
    calibrated = city.session.model.calibration
    return {
        "engine": check.engine,
        "scenario": "peak",
        "converged": check.converged,
        "pressure_required_mpa": _mpa(site.required_head_m),
        "site_elevation_m": round(site.elevation_m, M_DIGITS),
        "site_elevation_origin": site.elevation_origin,
        "site_pressure_before_mpa": _mpa(option.site_pressure_before_m),
        "site_pressure_after_mpa": _mpa(option.site_pressure_after_m),
        "margin_m": round(option.margin_m, M_DIGITS),
        "tie_in_head_before_m": round(check.tie_in_head_before_m, M_DIGITS),
        "tie_in_head_after_m": round(check.tie_in_head_after_m, M_DIGITS),
        "tie_in_pressure_before_mpa": _mpa(check.tie_in_head_before_m - ground_m),
        "tie_in_pressure_after_mpa": _mpa(check.tie_in_head_after_m - ground_m),
        "neighbour_limit_mpa": _mpa(check.limit_m),
        "worst_neighbour": None if worst is None else _neighbour(worst, city),
        "newly_below_limit": [_neighbour(node, city) for node in check.newly_below],
        "most_affected": [_neighbour(node, city) for node in check.most_affected],
        "relies_on": None if option.reliance is None else option.reliance.doc(),
        "range": None if band is None else _range(band, city),
        "calibration": None if calibrated is None else calibrated.note(),
        "supply_path": supply_path(check, city, tie_in_ground_m=ground_m),
    }


def _neighbour(node: NodePressure, city: City) -> NeighbourDoc:
    place = city.node_positions.get(node.node_id)
    return {
        "node_id": node.node_id,
        "position": None if place is None else _wire(place, city),
        "elevation_m": round(node.elevation_m, M_DIGITS),
        "pressure_before_m": round(node.pressure_before_m, M_DIGITS),
        "pressure_after_m": round(node.pressure_after_m, M_DIGITS),
        "pressure_before_mpa": _mpa(node.pressure_before_m),
        "pressure_after_mpa": _mpa(node.pressure_after_m),
    }


def _mpa(pressure_m: float) -> float:
    return round(mpa_from_head_m(pressure_m), MPA_DIGITS)


def _rejected(entry: Rejected, city: City) -> RejectedDoc:
    way = entry.way
    return {
        "route": None if way is None else {**_way(way), "geometry": _geometry(way.line, city)},
        "connection": _rejected_connection(entry.point, city),
        "score": None if entry.score is None else entry.score.doc(),
        "reason": entry.reason.render("zh"),
        "reason_en": entry.reason.render("en"),
    }


def _rounded(document: Any) -> Any:
    """Round every float of a document to six digits after the point: more is noise of the arithmetic."""
    if isinstance(document, float):
        return round(document, 6)
    if isinstance(document, dict):
        return {key: _rounded(value) for key, value in document.items()}
    if isinstance(document, list):
        return [_rounded(value) for value in document]
    return document
