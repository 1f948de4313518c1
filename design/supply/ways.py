"""Ways to tie in: every method for one place, which is allowed, which is taken, and what its outage takes from others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from design.pressure.outage import tie_in_outage
from design.sizing.series import nominal_dn
from gis.messages import Text

if TYPE_CHECKING:
    from design.city import City
    from design.option import SchemeOption
    from design.rules.ruleset import RuleSet
    from design.wire.supply import TieInMethodDoc

_METHODS = ("reserved", "saddle", "sleeve", "cut-in")


@dataclass(frozen=True)
class TieInWay:
    """One method at one place; `valves`, `customers` only where the main must be shut off and valves are recorded."""

    method: str
    allowed: bool
    chosen: bool
    reason: Text
    valves: int | None = None
    customers: int | None = None

    @property
    def outage(self) -> bool:
        """The main is shut off for it."""
        return self.method == "cut-in"

    def doc(self) -> TieInMethodDoc:
        """As the scheme document carries it."""
        name = Text("design", f"tapping.{self.method}")
        return {
            "method": self.method, "name": name.render("zh"), "name_en": name.render("en"), "allowed": self.allowed,
            "chosen": self.chosen, "outage": self.outage, "reason": self.reason.render("zh"),
            "reason_en": self.reason.render("en"), "valves_to_close": self.valves, "customers_out": self.customers,
        }  # fmt: skip


def tie_in_ways(option: SchemeOption, *, city: City, rules: RuleSet) -> tuple[TieInWay, ...]:
    """All four methods at the place of an option, the chosen one among them."""
    return tuple(_way(method, option, city, rules) for method in _METHODS)


def _way(method: str, option: SchemeOption, city: City, rules: RuleSet) -> TieInWay:
    point, taken = option.point, option.tapping
    if method == taken.method:
        way = TieInWay(method, taken.allowed, True, taken.reason)
    elif method == "reserved":
        return TieInWay(method, False, False, Text("design", "tapping.no-stub"))
    else:
        way = TieInWay(method, *_rule_based(method, option, rules, point.pipe_dn))
    if not way.outage:
        return way
    closed = option.outage or tie_in_outage(city, point.tie_in, rules)
    if not closed.is_known:
        return way
    return TieInWay(way.method, way.allowed, way.chosen, way.reason, len(closed.valves), closed.customers_out)


def _rule_based(
    method: str, option: SchemeOption, rules: RuleSet, main_label: int
) -> tuple[bool, bool, Text]:
    """Whether the rules allow a method that was not taken, and why it was not."""
    point, dn = option.point, option.service.dn
    main = nominal_dn(main_label, point.pipe_material)
    ratio = dn / main if main else 0.0
    told = {"main_dn": main, "branch_dn": dn, "ratio": ratio}
    row = rules.table("tapping-materials").row("material", point.pipe_material)
    brittle = row is not None and row["action"] == "cut-in"
    if point.pipe_role in {r["role"] for r in rules.table("tapping-roles").rows if r["action"] == "banned"}:
        return False, False, Text("design", "tapping.role-banned", {"role": point.pipe_role})
    if method in {"saddle", "sleeve"} and brittle:
        return False, False, Text("design", "tapping.way-brittle", told)
    if method == "saddle":
        fits = ratio <= rules.value("saddle-ratio").value and dn <= rules.value("saddle-branch-dn").value
        return fits, False, Text("design", "tapping.way-fits" if fits else "tapping.way-saddle", told)
    if method == "sleeve":
        fits = ratio <= rules.value("sleeve-ratio").value
        return fits, False, Text("design", "tapping.way-fits" if fits else "tapping.way-sleeve", told)
    return dn <= main, False, Text("design", "tapping.way-outage", told)
