"""One inlet or two: who must be fed from two mains, and from where a second inlet could come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from design.demand.fire import building_height_m, is_residential
from design.rules.ruleset import Finding, finding
from gis.errors import Param
from gis.messages import Text
from gis.units import lps_from_m3s

if TYPE_CHECKING:
    from design.demand.total import DesignDemand
    from design.request import ConnectionRequest
    from design.route.routing import RoutedPoint
    from design.rules.ruleset import RuleSet
    from design.wire.demand import Verdict


@dataclass(frozen=True)
class InletNeed:
    """How many inlets a site needs; `is_firm` where the request itself asks for two."""

    count: int
    reasons: tuple[Text, ...]
    rule_id: str
    is_firm: bool = False


ONE_INLET = InletNeed(1, (), "two-main-fire")


@dataclass(frozen=True)
class Inlets:
    """The inlets of one option: what is needed, and the best second place on another main with its size."""

    need: InletNeed
    second: RoutedPoint | None
    second_dn: int = 0

    @property
    def is_single(self) -> bool:
        """Only one main feeds the site, though it may need two."""
        return self.need.count < 2 or self.second is None

    @property
    def is_short(self) -> bool:
        """Two are needed and no second was found."""
        return self.need.count > 1 and self.second is None

    def findings(self, rules: RuleSet) -> tuple[Finding, ...]:
        """Whether two mains feed a site that needs them."""
        if self.need.count < 2:
            return ()
        rule = (
            rules.value(self.need.rule_id)
            if self.need.rule_id in rules.values
            else rules.table(self.need.rule_id)
        )
        why = self.need.reasons[0]
        if self.second is None:
            verdict: Verdict = "fail" if self.need.is_firm else "warn"
            said = Text("design", "finding.two-mains-missing", {"why": why})
            return (
                finding(rule, "two-mains", measured=1.0, limit=2.0, unit="路", verdict=verdict, said=said),
            )
        point = self.second.point
        told: dict[str, Param | Text] = {
            "why": why,
            "where": point.tapoff_id or point.pipe_id or "",
            "length_m": self.second.route.length_m,
            "dn": self.second_dn,
        }
        said = Text("design", "finding.two-mains-found", told)
        return (finding(rule, "two-mains", measured=2.0, limit=2.0, unit="路", verdict="pass", said=said),)


def inlet_need(request: ConnectionRequest, demand: DesignDemand, rules: RuleSet) -> InletNeed:
    """How many inlets: two for much fire water (not for dwellings up to 54 m), for users that must not run dry."""
    reasons: list[tuple[str, Text]] = []
    firm = request.supply.inlets == 2 or request.supply.important
    if firm:
        key = "asked" if request.supply.inlets == 2 else "important"
        reasons.append(("two-main-uses", Text("design", f"inlets.{key}")))
    fire_lps, limit = lps_from_m3s(demand.fire.outdoor_m3s), rules.value("two-main-fire")
    height_m = building_height_m(request, rules)
    homes = demand.fire.row == "residential" if demand.fire.row else is_residential(request)
    low_homes = homes and height_m <= rules.value("two-main-dwelling-height").value
    if fire_lps > limit.value + 1e-9 and not low_homes:
        reasons.append(
            (limit.rule_id, Text("design", "inlets.fire", {"flow": fire_lps, "limit": limit.value}))
        )
    if any(use.use_type in rules.table("two-main-uses").column("use") for use in request.uses):
        reasons.append(("two-main-uses", Text("design", "inlets.use")))
    if not reasons or request.supply.inlets == 1:
        return InletNeed(1, (), limit.rule_id)
    return InletNeed(2, tuple(text for _, text in reasons), reasons[0][0], firm)
