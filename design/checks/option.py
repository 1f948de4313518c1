"""Checks of one option: every rule applied, both ways, as Findings with measured value, limit and clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from design.checks.clearances import RouteContext, clearance_findings
from design.checks.prices import price_findings
from design.checks.route import route_findings
from design.pricing.quote import Quote
from design.rules.ruleset import Finding, RuleSet, finding
from design.wire.demand import Verdict
from design.works.moratorium import moratorium_findings
from design.works.plan import Works, required_cover_m
from gis.corridors import Route
from gis.messages import Text
from gis.units import head_m_from_mpa, mpa_from_head_m
from hydraulics.results import NodePressure

_TOLERANCE_KPA = 1e-6
_SHOWN_COUNT = 5


@dataclass(frozen=True)
class OptionFacts:
    """
    What is known of one option when it is checked.

    Attributes
    ----------
    storeys
        Highest storey to be supplied.
    site_pressure_m
        Pressure at the connection after: tie-in head after, less site level, less loss of the service pipe.
    tapoff_dn
        DN of the reserved tap-off, None for a new tap.
    tapoff_derived
        No register tells of the tap-off, only the drawing.
    tie_in_cover_m
        Cover of main or stub at the tie-in, None when unknown.
    worst_node, worst_before_m, worst_after_m
        Demand node with the lowest pressure after; None in a network without demand.
    newly_below, neighbour_limit_m
        Demand nodes that had the neighbours' limit before and miss it after, worst first; that limit.
    fire_pressure_m
        Pressure at the tie-in with the fire flow added, None when no fire flow was asked for.
    direct_storeys, deducted_m
        Storeys asked of the main, 0 for the cap of the rules; loss of meter and devices where policy deducts it.
    fire_through_m3s, fire_site_pressure_m
        Design and fire flow where both pass the service pipe, else 0; pressure at its end under them.
    route, context
        Where the route runs and what lies along it; None where only the works are judged.
    """

    storeys: int
    works: Works
    site_pressure_m: float
    tapoff_dn: int | None
    tapoff_derived: bool
    tie_in_cover_m: float | None
    worst_node: str | None
    worst_before_m: float | None
    worst_after_m: float | None
    newly_below: tuple[NodePressure, ...]
    neighbour_limit_m: float
    fire_pressure_m: float | None
    quote: Quote
    route: Route | None = None
    context: RouteContext | None = None
    direct_storeys: int = 0
    deducted_m: float = 0.0
    fire_through_m3s: float = 0.0
    fire_site_pressure_m: float | None = None


def check_option(facts: OptionFacts, rules: RuleSet, *, on: date) -> list[Finding]:
    """All findings of an option, those on pressure first; an option is feasible when none of them is a fail."""
    return [
        *_service_head(facts, rules),
        *_network(facts, rules),
        *_pipe(facts, rules),
        *_tie_in(facts, rules),
        *_cover(facts, rules),
        *_meter(facts, rules),
        *_fire(facts, rules),
        *_route(facts, rules),
        *moratorium_findings(facts.works, on=on, rules=rules),
        *price_findings(facts.quote, rules, on=on, meter_dn=facts.works.meter.dn),
    ]


def is_feasible(findings: list[Finding]) -> bool:
    """No finding is a fail."""
    return all(found.verdict != "fail" for found in findings)


def service_head_m(storeys: int, rules: RuleSet) -> float:
    """
    Least service head at the connection for directly served storeys [m] (GB 50013 3.0.10).

    10 m for one storey, 12 m for two, 4 m more for each further one.
    """
    if storeys <= 1:
        return rules.value("service-head-first").value
    return rules.value("service-head-second").value + rules.value("service-head-further").value * (
        storeys - 2
    )


def required_head_m(storeys: int, rules: RuleSet, *, cap: int | None = None) -> float:
    """Head to hold at the connection [m]: storeys above the cap (of the rules where None) are left to a booster."""
    direct = min(storeys, int(rules.value("direct-supply-storeys").value) if cap is None else cap)
    return service_head_m(direct, rules) + rules.value("pressure-margin").value


def neighbour_limit_m(rules: RuleSet) -> float:
    """Least pressure at the neighbours [m], from the 0.14 MPa of the network end."""
    return head_m_from_mpa(rules.value("network-end-pressure").value)


def _service_head(facts: OptionFacts, rules: RuleSet) -> Iterator[Finding]:
    cap = rules.value("direct-supply-storeys")
    direct = facts.direct_storeys or min(facts.storeys, int(cap.value))
    required_m = service_head_m(direct, rules) + rules.value("pressure-margin").value
    measured, limit = mpa_from_head_m(facts.site_pressure_m - facts.deducted_m), mpa_from_head_m(required_m)
    short_m = head_m_from_mpa(limit - measured)
    verdict = _at_least(measured, limit)
    told = {"measured": measured, "limit": limit, "storeys": direct, "short": short_m}
    slightly = short_m <= rules.value("pressure-marginal").value
    way = Text("design", f"finding.service-head-fail-{'review' if slightly else 'booster'}", told)
    yield finding(
        rules.value("service-head-first" if direct == 1 else "service-head-further"), "service-head",
        measured=measured, limit=limit, unit="MPa", verdict=verdict, said=way if verdict == "fail" else None,
        storeys=direct,
    )  # fmt: skip
    beyond = {"measured": float(direct), "limit": cap.value}
    above = facts.storeys > direct or facts.storeys > cap.value
    yield finding(
        cap, "direct-storeys", measured=float(facts.storeys), limit=float(direct) if above else cap.value, unit="层",
        verdict="warn" if above else "pass", low=direct + 1, high=facts.storeys,
        said=None if facts.storeys > direct or not above else Text("design", "finding.direct-storeys-beyond", beyond),
    )  # fmt: skip


def _network(facts: OptionFacts, rules: RuleSet) -> Iterator[Finding]:
    if facts.worst_node is not None and facts.worst_before_m is not None and facts.worst_after_m is not None:
        yield worst_finding(facts.worst_node, facts.worst_before_m, facts.worst_after_m, rules=rules)
    yield neighbours_finding(facts.newly_below, rules, limit_m=facts.neighbour_limit_m)


def worst_finding(node: str, pressure_before_m: float, pressure_after_m: float, *, rules: RuleSet) -> Finding:
    """The demand node with the lowest pressure after, against the network-end pressure."""
    rule = rules.value("network-end-pressure")
    before, after = mpa_from_head_m(pressure_before_m), mpa_from_head_m(pressure_after_m)
    held = _at_least(after, rule.value)
    was_low: Verdict = "warn" if _at_least(before, rule.value) == "fail" else "fail"
    return finding(
        rule, "network-pressure", measured=after, limit=rule.value, unit=rule.unit,
        verdict="pass" if held == "pass" else was_low, node=node, before=before,
        lack=lack(head_m_from_mpa(rule.value) - pressure_after_m),
    )  # fmt: skip


def neighbours_finding(newly_below: Sequence[NodePressure], rules: RuleSet, *, limit_m: float) -> Finding:
    """Demand nodes that had the limit before and miss it after, worst first, each with what it lacks."""
    count = len(newly_below)
    shown = "、".join(
        f"{n.node_id} (−{lack(limit_m - n.pressure_after_m)} m)" for n in newly_below[:_SHOWN_COUNT]
    )
    return finding(
        rules.value("network-end-pressure"), "neighbours", measured=float(count), limit=0.0, unit="个",
        verdict="fail" if count else "pass", nodes=shown + (" …" if count > _SHOWN_COUNT else ""),
    )  # fmt: skip


def lack(missing_m: float) -> str:
    """Say what a pressure misses in so many digits that it is never nothing."""
    digits = 2 if missing_m >= 0.1 else 3 if missing_m >= 0.001 else 4
    return f"{missing_m:.{digits}f}" if missing_m >= 0.0001 else "<0.0001"


def _pipe(facts: OptionFacts, rules: RuleSet) -> Iterator[Finding]:
    service = facts.works.service
    fast = service.velocity_mps > service.velocity_limit_mps
    yield finding(
        rules.table("service-velocity"), "velocity", measured=service.velocity_mps, limit=service.velocity_limit_mps,
        unit="m/s", verdict="fail" if fast else "pass", series=service.series,
    )  # fmt: skip
    low = rules.value("low-velocity")
    yield finding(
        low, "low-velocity", measured=service.velocity_mps, limit=low.value, unit="m/s",
        verdict="pass" if service.velocity_mps >= low.value else "warn",
    )  # fmt: skip
    most = rules.value("service-loss-max")
    if most.value > 0.0:
        yield finding(
            most, "service-loss", measured=service.headloss_m, limit=most.value, unit="m",
            verdict="pass" if service.headloss_m <= most.value + 1e-9 else "fail", series=service.series,
        )  # fmt: skip
    longest = rules.value("route-length-max")
    yield finding(
        longest, "route-length", measured=facts.works.length_m, limit=longest.value, unit="m",
        verdict="pass" if facts.works.length_m <= longest.value else "warn",
    )  # fmt: skip


def _tie_in(facts: OptionFacts, rules: RuleSet) -> Iterator[Finding]:
    tapping, dn = facts.works.tapping, facts.works.service.dn
    if facts.tapoff_dn is not None:
        yield finding(
            rules.value("tapoff-not-smaller"), "tapoff-size", measured=float(facts.tapoff_dn), limit=float(dn),
            unit="DN", verdict="pass" if facts.tapoff_dn >= dn else "fail",
        )  # fmt: skip
        if facts.tapoff_derived:
            yield finding(
                rules.value("tapoff-confirmed"),
                "tapoff-derived",
                measured=0.0,
                limit=1.0,
                unit="",
                verdict="warn",
            )
        return
    verdict: Verdict = "fail" if not tapping.allowed else "warn" if tapping.outage else "pass"
    yield finding(
        rules.value("sleeve-ratio" if tapping.method != "saddle" else "saddle-ratio"), "tapping",
        measured=tapping.ratio,
        limit=rules.value("saddle-ratio" if tapping.method == "saddle" else "sleeve-ratio").value, unit="",
        verdict=verdict, said=tapping.reason,
    )  # fmt: skip


def _cover(facts: OptionFacts, rules: RuleSet) -> Iterator[Finding]:
    road = any(run.is_public_road for run in facts.works.runs)
    rule = rules.value("cover-carriageway" if road else "cover-footway")
    limit = required_cover_m(facts.works.runs, rules)
    yield finding(
        rule, "cover", measured=facts.works.cover_depth_m, limit=limit, unit="m",
        verdict="pass" if facts.works.cover_depth_m >= limit - 1e-9 else "fail",
    )  # fmt: skip
    if facts.tie_in_cover_m is not None:
        yield finding(
            rule, "tie-in-cover", measured=facts.tie_in_cover_m, limit=limit, unit="m",
            verdict="pass" if facts.tie_in_cover_m >= limit - 1e-9 else "warn",
        )  # fmt: skip


def _meter(facts: OptionFacts, rules: RuleSet) -> Iterator[Finding]:
    meter = facts.works.meter
    rule = rules.value("meter-loss-domestic")
    yield finding(
        rule, "meter-loss", measured=meter.headloss_mpa, limit=rule.value, unit=rule.unit,
        verdict="pass" if meter.headloss_mpa <= rule.value else "fail", dn=meter.dn,
    )  # fmt: skip
    if meter.fire_headloss_mpa is not None:
        fire = rules.value("meter-loss-fire")
        yield finding(
            fire, "meter-fire-loss", measured=meter.fire_headloss_mpa, limit=fire.value, unit=fire.unit,
            verdict="pass" if meter.fire_headloss_mpa <= fire.value else "fail", dn=meter.dn,
        )  # fmt: skip


def _fire(facts: OptionFacts, rules: RuleSet) -> Iterator[Finding]:
    through_mps = facts.works.service.velocity_at_mps(facts.fire_through_m3s)
    if facts.fire_through_m3s > 0.0:
        fast = rules.value("fire-velocity")
        yield finding(
            fast, "fire-velocity", measured=through_mps, limit=fast.value, unit=fast.unit,
            verdict="pass" if through_mps <= fast.value + 1e-9 else "fail", series=facts.works.service.series,
        )  # fmt: skip
    if facts.fire_site_pressure_m is not None:
        least = rules.value("fire-network-pressure")
        left = mpa_from_head_m(facts.fire_site_pressure_m)
        yield finding(
            least, "fire-site", measured=left, limit=least.value, unit=least.unit,
            verdict="pass" if _at_least(left, least.value) == "pass" else "warn",
        )  # fmt: skip
    if facts.fire_pressure_m is None:
        return
    rule = rules.value("fire-network-pressure")
    measured = mpa_from_head_m(facts.fire_pressure_m)
    yield finding(
        rule, "fire", measured=measured, limit=rule.value, unit=rule.unit,
        verdict="pass" if _at_least(measured, rule.value) == "pass" else "warn",
    )  # fmt: skip


def _route(facts: OptionFacts, rules: RuleSet) -> Iterator[Finding]:
    if facts.route is not None:
        yield from route_findings(facts.route, rules)
    if facts.context is not None:
        service = facts.works.service
        yield from clearance_findings(
            facts.context, dn=service.dn, outer_m=service.outer_diameter_m, cover_m=facts.works.cover_depth_m, rules=rules
        )  # fmt: skip


def _at_least(measured: float, limit: float) -> Verdict:
    """Pressures compared in kPa: 14 m and 0.14 MPa are not the same."""
    return "pass" if measured * 1000.0 >= limit * 1000.0 - _TOLERANCE_KPA else "fail"
