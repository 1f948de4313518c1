"""The second inlet 第二路引入管: worked out like the first, on a main that stays in service when the first is shut."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from design.checks.prices import price_findings
from design.options import work_out
from design.points import Rejected
from design.pressure.outage import stay_apart
from design.pricing.earth import construction_days
from design.pricing.equipment import equipment_quantities
from design.pricing.picking import joined_lists
from design.pricing.quantities import quantities_of
from design.pricing.quoting import quote_works
from design.rules.overrides import judged
from design.rules.ruleset import finding
from design.works.permits import joined_permits, total_workdays
from gis.messages import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.book import Book
    from design.city import City
    from design.demand.total import DesignDemand
    from design.option import SchemeOption, Site
    from design.pricing.quantity import Quantity
    from design.route.routing import RoutedPoint
    from design.rules.ruleset import Finding, RuleSet
    from design.supply.floors import SupplyMode
    from design.supply.pieces import Equipment

TRIALS = 3
PUMPS_AND_TANK = frozenset({"booster", "pump", "break-tank"})
_PRICES = frozenset({"price-expired", "price-borrowed", "one-fee"})


@dataclass(frozen=True)
class Around:
    """What a second inlet is worked out with: all places that were routed, and what is the same for the whole plan."""

    candidates: Sequence[RoutedPoint]
    site: Site
    demand: DesignDemand
    city: City
    book: Book


def second_inlet(first: SchemeOption, around: Around) -> SchemeOption | None:
    """
    The best second inlet: of the next places on another main the first that passes every check, else the nearest.

    It carries the whole flow alone, with a meter and backflow preventer of its own; None where no other main takes it.
    """
    others = [
        entry
        for entry in around.candidates
        if entry.point.pipe_id not in {None, first.point.pipe_id}
        and stay_apart(around.city, first.point, entry.point, around.book.rules)
    ]
    least_m = around.book.rules.value("second-inlet-apart").value
    others.sort(
        key=lambda entry: (apart_m(first, entry) < least_m, entry.route.reckoned_cny, entry.point.key)
    )
    site = replace(around.site, hydrants=0)
    tried: list[SchemeOption] = []
    if site.devices is None:
        return None
    for entry in others:
        result = work_out(
            entry, site=site, demand=around.demand, meter=site.devices.meter, city=around.city, book=around.book
        )  # fmt: skip
        if isinstance(result, Rejected):
            continue
        if result.feasible:
            return result
        tried.append(result)
        if len(tried) == TRIALS:
            break
    return tried[0] if tried else None


def apart_m(first: SchemeOption, second: RoutedPoint) -> float:
    """Straight distance between the tie-ins of two inlets [m]."""
    return math.dist(first.point.position_xy, second.point.position_xy)


def second_findings(
    first: SchemeOption, second: SchemeOption, rules: RuleSet, *, is_firm: bool
) -> list[Finding]:
    """How far apart the inlets are, and what the second fails or is warned of; a failure counts where two are a must."""
    least, distance_m = rules.value("second-inlet-apart"), apart_m(first, second.routed)
    apart = finding(
        least, "second-inlet-apart", measured=distance_m, limit=least.value, unit=least.unit,
        verdict="pass" if distance_m >= least.value else "warn",
    )  # fmt: skip
    known = {(found.kind, found.text.render("zh")) for found in first.findings}
    told = [found for found in second.findings if found.verdict != "pass"]
    return [apart] + [
        replace(
            found, verdict="fail" if found.verdict == "fail" and is_firm else "warn",
            text=Text("design", "finding.second-inlet", {"what": found.text}),
        )
        for found in told
        if (found.kind, found.text.render("zh")) not in known and found.kind not in _PRICES
    ]  # fmt: skip


def meant(mode: SupplyMode, margin_m: float) -> tuple[Equipment, ...]:
    """
    Pumps and tanks that belong to a scheme with that margin.

    Where it fails for want of head, pumps for storeys that were to be supplied directly are a fix and not part of it.
    """
    meant_direct = mode.asked_count >= len(mode.floors)
    left_out = PUMPS_AND_TANK if margin_m < 0.0 and meant_direct else frozenset()
    return tuple(one for one in mode.equipment if one.kind not in left_out)


def completed(option: SchemeOption, book: Book) -> SchemeOption:
    """The option with everything its scheme builds in quote, picking list, permits and days: both inlets, pumps, tanks."""
    second = option.second
    also: list[Quantity] = []
    if second is not None:
        also += [replace(one, share="second-inlet") for one in quantities_of(second.works, book.rules)]
    if option.supply is not None:
        also += equipment_quantities(meant(option.supply, option.margin_m))
    if not also:
        return option
    quote = quote_works(option.works, book.rules, catalogue=book.catalogue, policy=book.policy, also=also)
    prices = price_findings(quote, book.rules, on=book.today, meter_dn=option.meter.dn)
    findings = (
        *(found for found in option.findings if found.kind not in _PRICES),
        *judged(list(prices), book.overrides),
    )
    option = replace(option, quote=quote, findings=findings)
    if second is None:
        return option
    permits = joined_permits(option.permits, second.permits)
    days = total_workdays(option.works, permits, book.rules) + construction_days(second.works, book.rules)
    picking = joined_lists(option.picking, second.picking)
    return replace(option, permits=permits, workdays=days, picking=picking)
