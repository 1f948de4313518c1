"""Fixes that leave the network as it is: a larger tie-in than the stub, a booster on the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.fixes.fix import Fix, fix_terms
from design.fixes.judge import item_quote, judge
from design.pricing.quoting import quote_works
from design.sizing.series import nominal_dn
from design.works.building import plan_building
from design.works.tapping import tapping_method
from gis.messages import Text
from gis.units import head_m_from_mpa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from design.alternatives.case import Case
    from design.option import SchemeOption


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
    """A booster on the site: it lifts the applicant, but leaves everybody else where the demand puts them."""
    check = option.check
    suction_m = option.site_pressure_after_m - case.site.deducted_m
    least_m = head_m_from_mpa(fix_terms().booster_suction_mpa)
    if check.newly_below or not check.converged or option.margin_m >= 0.0 or suction_m < least_m:
        return
    quote = item_quote("booster-set", case)
    lift_m = -option.margin_m
    told = {"lift_m": f"{lift_m:.1f}", "flow_lps": f"{case.demand.design_flow_m3s * 1000.0:.2f}"}
    yield Fix(
        kind="booster", what=Text("design", "fix.booster", told), extra_cny=quote.total_cny,
        total_cny=option.quote.total_cny + quote.total_cny, margin_m=0.0, before_m=option.site_pressure_after_m,
        after_m=option.site_pressure_after_m + lift_m, tie_in_head_m=check.tie_in_head_after_m, below_before_count=0, below_after_count=0,
        service_dn=option.service.dn, lines=tuple(dict(line.doc()) for line in quote.lines),
    )  # fmt: skip
