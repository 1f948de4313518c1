"""The terms routes are chosen by, from the dated rules: lanes beside the kerb, clearances, what each hindrance weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.ways.terms import Ban, Terms

if TYPE_CHECKING:
    from design.rules.ruleset import RuleSet


def route_terms(rules: RuleSet) -> Terms:
    """Terms of routing as the rules of that day have them."""

    def value(name: str) -> float:
        return rules.value(f"route-{name}").value

    return Terms(
        lanes_m=tuple(float(row["offset_m"]) for row in rules.table("route-lanes").rows),
        widths_m=_by_class(rules, "route-street-width", "width_m"),
        class_factors=_by_class(rules, "route-class-factor", "factor"),
        clearances_m=tuple(
            (str(row["kind"]), str(row["detail"] or ""), float(row["small_m"]))
            for row in rules.table("clearance-horizontal").rows
        ),
        bans=(
            Ban("opened_on", int(rules.value("moratorium-new-years").value)),
            Ban("paved_on", int(rules.value("moratorium-overhaul-years").value)),
        ),
        pavement_m=value("pavement"), median_m=value("median"), building_m=value("building"),
        narrow_m=value("narrow"), foreign_factor=value("foreign-factor"), building_factor=value("building-factor"),
        close_factor=value("close-factor"), water_factor=value("water-factor"),
        water_allowed=rules.value("route-water-allowed").is_on, bridge_factor=value("bridge-factor"),
        banned_factor=value("moratorium-factor"), clearance_factor=value("clearance-factor"),
        middle_factor=value("middle-factor"), crossing_m=value("crossing"), rail_m=value("rail"),
        bend_m=value("bend"), square_deg=rules.value("crossing-angle").value, leg_m=value("leg"),
        near_m=value("near"), direct_m=value("direct"), rung_m=value("rung"), around_m=value("around"),
    )  # fmt: skip


def _by_class(rules: RuleSet, table: str, column: str) -> tuple[tuple[str, float], ...]:
    return tuple((str(row["road_class"] or ""), float(row[column])) for row in rules.table(table).rows)
