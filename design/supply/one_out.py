"""One main out 一路停水: whether each of two inlets alone still supplies the site while the main of the other is shut."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from design.pressure.outage import closures_of, segments_at
from design.rules.overrides import judged
from design.rules.ruleset import finding
from gis.units import mpa_from_head_m
from hydraulics.demand.reserved import shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.book import Book
    from design.city import City
    from design.demand.total import DesignDemand
    from design.option import SchemeOption, Site
    from design.points import ConnectionPoint
    from design.rules.ruleset import Finding, RuleSet

LARGE_NODES = (
    20_000  # on a large network EPANET takes as long as all the rest of an option: there only the first
)


def with_one_main_out(
    options: Sequence[SchemeOption], demand: DesignDemand, site: Site, *, city: City, book: Book
) -> tuple[SchemeOption, ...]:
    """Options with two inlets get a finding on the share of the flow that either supplies alone, by EPANET."""
    count = 1 if len(city.session.index.node_ids) > LARGE_NODES else len(options)
    return tuple(
        option if option.second is None or place >= count else _told(option, demand, site, city, book)
        for place, option in enumerate(options)
    )


def _told(option: SchemeOption, demand: DesignDemand, site: Site, city: City, book: Book) -> SchemeOption:
    second, rules = option.second, book.rules
    if second is None:
        return option
    flow_m3s = demand.design_flow_m3s * rules.value("accident-share").value
    pairs = ((option, second.point), (second, option.point))
    left_m = min(_pressure_m(way, out, flow_m3s, site, city, rules) for way, out in pairs)
    return replace(
        option, findings=(*option.findings, *judged([_finding(left_m, site, rules)], book.overrides))
    )


def _finding(left_m: float, site: Site, rules: RuleSet) -> Finding:
    rule = rules.value("accident-share")
    measured, limit = mpa_from_head_m(left_m), mpa_from_head_m(site.required_head_m + site.deducted_m)
    return finding(
        rule, "one-main-out", measured=measured, limit=limit, unit="MPa", share=rule.value,
        verdict="pass" if measured * 1000.0 >= limit * 1000.0 - 1e-6 else "warn",
    )  # fmt: skip


def _pressure_m(
    way: SchemeOption, out: ConnectionPoint, flow_m3s: float, site: Site, city: City, rules: RuleSet
) -> float:
    """
    Pressure at the site through one inlet while the main of the other is shut between its nearest valves [m].

    Zero where that leaves this inlet's own main without water.
    """
    closures = closures_of(city, rules)
    dry, _ = closures.graph.dry(segments_at(closures, out))
    dry_nodes = np.flatnonzero(dry[closures.plan.segments.node])
    told = [
        (node, share)
        for node, share in shares(city.session.model, way.point.tie_in)
        if node not in set(dry_nodes.tolist())
    ]
    if not told:
        return 0.0
    if not any(share for _, share in told):
        # the tie-in stands at the end that is dry: what is left comes from the other
        told = [(node, 1.0) for node, _ in told]
    whole = sum(share for _, share in told)
    after = city.session.solve_without(
        closures.links_at(dry).tolist(), dry=dry_nodes.tolist(),
        extra_m3s={node: flow_m3s * share / whole for node, share in told},
    )  # fmt: skip
    head_m = float(sum(after.head_m[node] * share / whole for node, share in told))
    return head_m - site.elevation_m - way.service.headloss_at_m(flow_m3s)
