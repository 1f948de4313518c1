"""Fixes that leave the network as it is: a larger tie-in than the stub, a booster on the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.checks.option import service_head_m
from design.fixes.fix import Fix
from design.fixes.judge import equipment_quote, judge
from design.pricing.quote import ZERO
from design.pricing.quoting import quote_works
from design.sizing.series import nominal_dn
from design.supply.pieces import piece
from design.supply.second import PUMPS_AND_TANK
from design.works.building import plan_building
from design.works.tapping import tapping_method
from gis.messages import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from design.alternatives.case import Case
    from design.option import SchemeOption
    from design.supply.pieces import Equipment


def larger_tie_in(option: SchemeOption, case: Case) -> Iterator[Fix]:
    """A tap of its own into the main instead of the reserved stub that is too small for the loss."""
    point, rules = option.point, case.book.rules
    if point.kind != "tapoff" or not point.pipe_dn:
        return
    most = nominal_dn(point.pipe_dn, point.pipe_material)
    check = option.check
    verdict = judge(option, case, check.tie_in_head_after_m, check.after, max_dn=most)
    tapping = tapping_method(
        point.pipe_dn, verdict.service.dn, point.pipe_material, point.pipe_role, rules=rules
    )
    if not verdict.passes or verdict.service.dn <= point.dn or not tapping.allowed:
        return
    works, _ = plan_building(
        option.routed,
        verdict.service,
        tapping,
        site=case.site,
        meter=case.meter,
        city=case.city,
        book=case.book,
    )
    total = quote_works(works, rules, catalogue=case.book.catalogue, policy=case.book.policy).total_cny
    told = {"pipe": point.pipe_id, "dn": verdict.service.dn, "stub_dn": point.dn, "tapoff": point.tapoff_id}
    yield Fix(
        kind="larger-tie-in", what=Text("design", "fix.larger-tie-in", told),
        extra_cny=total - option.quote.total_cny, total_cny=total, margin_m=verdict.margin_m,
        before_m=option.site_pressure_after_m, after_m=verdict.site_pressure_m, tie_in_head_m=verdict.head_m,
        below_before_count=len(check.newly_below), below_after_count=verdict.below_count, dn=verdict.service.dn,
        service_dn=verdict.service.dn,
    )  # fmt: skip


def booster(option: SchemeOption, case: Case) -> Iterator[Fix]:
    """
    Pumps on the site, with a tank where the main is too small or too low to be drawn on directly.

    They lift the applicant, but leave everybody else where the demand puts them. What the option has in its quote
    already (a tower is boosted anyway, then from a lower storey) costs nothing more.
    """
    check, rules = option.check, case.book.rules
    at_site_m = option.site_pressure_after_m - case.site.deducted_m
    if check.newly_below or not check.converged or option.margin_m >= 0.0:
        return
    if at_site_m < service_head_m(1, rules):
        return
    lift_m = -option.margin_m
    pieces = _pumped(option) or (_own_booster(case, lift_m),)
    has_them = any(line.share == "secondary-supply" for line in option.quote.lines)
    quote = None if has_them else equipment_quote(pieces, case)
    extra = ZERO if quote is None else quote.total_cny
    tanked = any(one.kind == "break-tank" for one in pieces)
    told = {"lift_m": f"{lift_m:.1f}", "flow_lps": f"{case.demand.design_flow_m3s * 1000.0:.2f}"}
    yield Fix(
        kind="booster", what=Text("design", f"fix.booster{'-tank' if tanked else ''}", told), extra_cny=extra,
        total_cny=option.quote.total_cny + extra, margin_m=0.0, before_m=option.site_pressure_after_m,
        after_m=option.site_pressure_after_m + lift_m, tie_in_head_m=check.tie_in_head_after_m, below_before_count=0, below_after_count=0,
        service_dn=option.service.dn, lines=() if quote is None else tuple(dict(line.doc()) for line in quote.lines),
    )  # fmt: skip


def _pumped(option: SchemeOption) -> tuple[Equipment, ...]:
    """Pumps and break tank of the option's supply mode."""
    pieces = () if option.supply is None else option.supply.equipment
    return tuple(one for one in pieces if one.kind in PUMPS_AND_TANK)


def _own_booster(case: Case, lift_m: float) -> Equipment:
    rule = case.book.rules.value("direct-supply-storeys")
    why = Text("design", "equipment.pump-why", {"low": 1, "high": case.site.storeys, "lift": lift_m})
    return piece("booster", why, rule, flow_m3s=case.demand.design_flow_m3s, lift_m=lift_m)
