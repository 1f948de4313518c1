"""Uses of one site put together: dwellings as one pipe, scattered public use as one building, the rest added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from design.demand.flows import (
    Branch,
    Scattered,
    alpha_c,
    mixed_alpha,
    mixed_u0_pct,
    residential_lps,
    scattered_lps,
    simultaneous_pct,
)
from design.demand.load import UseLoad, clause_of
from design.rules.ruleset import Clause, RuleSet
from gis.units import m3s_from_lps


@dataclass(frozen=True)
class Group:
    """Uses of one method with their common flow."""

    method: str
    flow_m3s: float
    clauses: tuple[Clause, ...]


def grouped(loads: Sequence[UseLoad], rules: RuleSet) -> list[Group]:
    """The groups of a site: dwellings, scattered public use, single uses, stated flows."""
    return [_residential(loads, rules), _scattered(loads, rules), _single(loads), _stated(loads)]


def second_flow_m3s(
    loads: Sequence[UseLoad], rules: RuleSet, *, share: float = 1.0, as_computed: bool = False
) -> float:
    """
    Design second flow of a site [m3/s]: computed groups added, never below their greatest hour, plus what was stated.

    `share` takes so much of every use (storeys supplied directly); `as_computed` leaves stated flows aside.
    """
    part = [_part(load, share) for load in loads]
    if as_computed:
        part = [replace(load, stated_m3s=None) if load.alone_m3s > 0.0 else load for load in part]
    groups = grouped(part, rules)
    computed = sum(group.flow_m3s for group in groups if group.method != "given")
    stated = sum(group.flow_m3s for group in groups if group.method == "given")
    return (
        max(computed, sum(load.peak_m3s for load in part if load.is_computed and not load.is_bound)) + stated
    )


def _part(load: UseLoad, share: float) -> UseLoad:
    if share == 1.0:
        return load
    return replace(
        load, day_m3=load.day_m3 * share, peak_m3s=load.peak_m3s * share, alone_m3s=load.alone_m3s * share,
        stated_m3s=None if load.stated_m3s is None else load.stated_m3s * share,
        fixture_units=load.fixture_units * share, flush_valves=round(load.flush_valves * share),
    )  # fmt: skip


def _residential(loads: Sequence[UseLoad], rules: RuleSet) -> Group:
    """All dwellings as one pipe: U0 weighted where kinds differ, then U and qg once (never a sum of branch flows)."""
    known = [load for load in loads if load.method == "probability" and load.is_computed]
    units = sum(load.fixture_units for load in known)
    if not units:
        return Group("residential-probability", 0.0, ())
    table, unit = rules.table("alpha-c"), rules.value("equivalent-flow")
    branches = [Branch(load.u0_pct, load.fixture_units) for load in known]
    u0 = mixed_u0_pct(branches)
    coefficient = alpha_c(u0, table.rows)
    u = simultaneous_pct(fixture_units=units, coefficient_c=coefficient)
    flow_lps = residential_lps(
        fixture_units=units, probability_pct=u0, coefficient_c=coefficient, unit_flow_lps=unit.value
    )
    formula = "U = 100·(1 + αc·(Ng − 1)^0.49)/√Ng"
    steps = [
        clause_of(table, "alpha-c", "U0 → αc", {"U0": u0}, coefficient, ""),
        clause_of(
            unit, "simultaneous", formula, {"αc": coefficient, "Ng": units}, u, "%", clause="3.7.5（式3.7.5-2）"
        ),
        clause_of(
            unit, "residential-flow", "qg = 0.2·max(U, U0)·Ng", {"U": u, "U0": u0, "Ng": units}, flow_lps, "L/s",
            clause="3.7.5（式3.7.5-3）",
        ),
    ]  # fmt: skip
    if len(branches) > 1:
        inputs = {f"U0_{i}·Ng_{i}": b.u0_pct * b.fixture_units for i, b in enumerate(branches, start=1)}
        mixed = clause_of(
            unit, "u0-mixed", "U0 = Σ(U0i·Ngi)/ΣNgi", inputs, u0, "%", clause="3.7.5（式3.7.5-4）"
        )
        steps.insert(0, mixed)
    return Group("residential-probability", m3s_from_lps(flow_lps), tuple(steps))


def _scattered(loads: Sequence[UseLoad], rules: RuleSet) -> Group:
    known = [load for load in loads if load.method == "alpha" and load.is_computed]
    if not known:
        return Group("alpha", 0.0, ())
    table, unit = rules.table("public-alpha"), rules.value("equivalent-flow")
    valve_units, valve_lps = (
        rules.value("flush-valve-equivalent").value,
        rules.value("flush-valve-flow").value,
    )
    uses = [Scattered(load.alpha, load.fixture_units, load.flush_valves, load.largest_lps) for load in known]
    if not any(use.fixture_units or use.flush_valves for use in uses):
        return Group("alpha", 0.0, ())
    flow_lps = scattered_lps(
        uses, unit_flow_lps=unit.value, valve_units=valve_units, valve_flow_lps=valve_lps
    )
    valves = sum(use.flush_valves for use in uses)
    alpha, units = mixed_alpha(uses, valve_units=valve_units), sum(use.fixture_units for use in uses)
    inputs: dict[str, float | int | str] = {"α": alpha, "Ng": units + valve_units * valves}
    if valves:
        inputs["flush_valves"] = valves
    formula = "qg = 0.2·α·√Ng" + (" + 1.20" if valves else "")
    steps = [clause_of(table, "alpha-flow", formula, inputs, flow_lps, "L/s")]
    if len({use.alpha for use in uses}) > 1:
        told = {f"α_{i}·Ng_{i}": use.alpha * use.fixture_units for i, use in enumerate(uses, start=1)}
        steps.insert(0, clause_of(table, "alpha-mixed", "α = Σ(αi·Ngi)/ΣNgi", told, alpha, ""))
    root = unit.value * alpha * (units + valve_units * valves) ** 0.5 + (valve_lps if valves else 0.0)
    if abs(root - flow_lps) > 1e-9:
        held = clause_of(table, "alpha-held", "qmax ≤ qg ≤ Σq", {"qg": root}, flow_lps, "L/s")
        steps.append(held)
    return Group("alpha", m3s_from_lps(flow_lps), tuple(steps))


def _single(loads: Sequence[UseLoad]) -> Group:
    """Concentrated uses and uses by quota or volume: each on its own, added."""
    known = [
        load for load in loads if load.method in {"dense", "quota", "volume", "district"} and load.is_computed
    ]
    methods = {load.method for load in known}
    return Group(methods.pop() if len(methods) == 1 else "mixed", sum(load.alone_m3s for load in known), ())


def _stated(loads: Sequence[UseLoad]) -> Group:
    return Group("given", sum(load.stated_m3s or 0.0 for load in loads), ())
