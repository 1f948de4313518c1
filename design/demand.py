"""DesignDemand 设计用水量: what the site will draw (second flow, greatest hour and day, fire); every figure a Clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from design.flows import (
    Branch,
    Scattered,
    alpha_c,
    mixed_alpha,
    mixed_u0_pct,
    residential_lps,
    scattered_lps,
    simultaneous_pct,
)
from design.request import ConnectionRequest
from design.rules import Clause, Finding, RuleSet, finding
from design.uses import UseLoad, assumed_clause, clause_of, load_of
from design.wire import DemandDoc
from gis.units import lps_from_m3s, m3s_from_lps


@dataclass(frozen=True)
class DesignDemand:
    """
    What the site will draw.

    Attributes
    ----------
    design_flow_m3s
        Design second flow 设计秒流量: sizes service pipe and meter.
    peak_hour_m3s
        Average flow of the greatest hour of the greatest day.
    fire_flow_m3s
        Outdoor fire flow: for checking only, never added to daily demand.
    even_use
        True where most of the flow is even (baths, laundries, tank filling): the meter is then chosen by Q3.
    clauses
        Every formula used and every figure assumed, in the order of the calculation.
    findings
        Doubts: a stated flow below the computed one, a quota outside its range.
    """

    design_flow_m3s: float
    peak_hour_m3s: float
    max_day_m3: float
    fire_flow_m3s: float
    method: str
    even_use: bool
    clauses: tuple[Clause, ...]
    findings: tuple[Finding, ...] = ()

    def doc(self) -> DemandDoc:
        """As the scheme document carries it."""
        return {
            "design_flow_lps": lps_from_m3s(self.design_flow_m3s), "peak_hour_lps": lps_from_m3s(self.peak_hour_m3s),
            "max_day_m3": self.max_day_m3, "fire_flow_lps": lps_from_m3s(self.fire_flow_m3s), "method": self.method,
            "even_use": self.even_use, "clauses": [clause.doc() for clause in self.clauses],
        }  # fmt: skip


def design_demand(request: ConnectionRequest, rules: RuleSet) -> DesignDemand:
    """
    Demand of a request by GB 50015-2019.

    Dwellings go together by the probability method, public buildings with scattered use together by alpha; both,
    concentrated uses and uses known by quota only are added. A flow the applicant states replaces the computed
    one of that use and is compared with it.

    Raises
    ------
    RequestError
        A fixture that the table of simultaneous use does not have for that building.
    """
    loads = [load_of(use, rules, place=f"use[{i}]") for i, use in enumerate(request.uses)]
    groups = [_residential(loads, rules), _scattered(loads, rules), _single(loads), _stated(loads)]
    clauses = [*_assumptions(request, rules), *(c for load in loads for c in load.clauses)]
    clauses += [clause for group in groups for clause in group.clauses]
    peak_m3s = sum(load.peak_m3s for load in loads)
    day_m3 = sum(load.day_m3 for load in loads)
    flow_m3s = _together(groups, loads)
    clauses += _totals(request, rules, flow_m3s=flow_m3s, peak_m3s=peak_m3s, day_m3=day_m3)
    used = [group.method for group in groups if group.flow_m3s > 0.0]
    return DesignDemand(
        design_flow_m3s=flow_m3s, peak_hour_m3s=peak_m3s, max_day_m3=day_m3,
        fire_flow_m3s=request.outdoor_fire_m3s or 0.0, method=used[0] if len(used) == 1 else "mixed",
        even_use=_mostly_even(loads), clauses=tuple(clauses),
        findings=tuple(f for load in loads for f in load.findings) + _compared(loads, rules),
    )  # fmt: skip


def _together(groups: Sequence[_Group], loads: Sequence[UseLoad]) -> float:
    """Computed groups added, never below their greatest hour, plus what the applicant stated [m3/s]."""
    computed = sum(group.flow_m3s for group in groups if group.method != "given")
    stated = sum(group.flow_m3s for group in groups if group.method == "given")
    return max(computed, sum(load.peak_m3s for load in loads if load.stated_m3s is None)) + stated


@dataclass(frozen=True)
class _Group:
    method: str
    flow_m3s: float
    clauses: tuple[Clause, ...]


def _residential(loads: Sequence[UseLoad], rules: RuleSet) -> _Group:
    """All dwellings as one pipe: U0 weighted where kinds differ, then U and qg once (never a sum of branch flows)."""
    known = [load for load in loads if load.method == "probability" and load.stated_m3s is None]
    if not known:
        return _Group("residential-probability", 0.0, ())
    table, unit = rules.table("alpha-c"), rules.value("equivalent-flow")
    branches = [Branch(load.u0_pct, load.fixture_units) for load in known]
    units = sum(branch.fixture_units for branch in branches)
    u0 = mixed_u0_pct(branches)
    coefficient = alpha_c(u0, table.rows)
    u = simultaneous_pct(fixture_units=units, coefficient_c=coefficient)
    flow_lps = residential_lps(
        fixture_units=units, probability_pct=u0, coefficient_c=coefficient, unit_flow_lps=unit.value
    )
    steps = [
        clause_of(table, "alpha-c", "U0 → αc", {"U0": u0}, coefficient, ""),
        clause_of(
            unit,
            "simultaneous",
            "U = 100·(1 + αc·(Ng − 1)^0.49)/√Ng",
            {"αc": coefficient, "Ng": units},
            u,
            "%",
        ),
        clause_of(
            unit,
            "residential-flow",
            "qg = 0.2·max(U, U0)·Ng",
            {"U": u, "U0": u0, "Ng": units},
            flow_lps,
            "L/s",
        ),
    ]
    if len(branches) > 1:
        inputs = {f"U0_{i}·Ng_{i}": b.u0_pct * b.fixture_units for i, b in enumerate(branches, start=1)}
        steps.insert(0, clause_of(unit, "u0-mixed", "U0 = Σ(U0i·Ngi)/ΣNgi", inputs, u0, "%"))
    return _Group("residential-probability", m3s_from_lps(flow_lps), tuple(steps))


def _scattered(loads: Sequence[UseLoad], rules: RuleSet) -> _Group:
    known = [load for load in loads if load.method == "alpha" and load.stated_m3s is None]
    if not known:
        return _Group("alpha", 0.0, ())
    table, unit = rules.table("public-alpha"), rules.value("equivalent-flow")
    valve_units = rules.value("flush-valve-equivalent").value
    uses = [Scattered(load.alpha, load.fixture_units, load.flush_valves, load.largest_lps) for load in known]
    flow_lps = scattered_lps(
        uses, unit_flow_lps=unit.value, valve_units=valve_units,
        valve_flow_lps=rules.value("flush-valve-flow").value,
    )  # fmt: skip
    valves = sum(use.flush_valves for use in uses)
    inputs: dict[str, float | int | str] = {
        "α": mixed_alpha(uses, valve_units=valve_units),
        "Ng": sum(use.fixture_units for use in uses) + valve_units * valves,
    }
    if valves:
        inputs["flush_valves"] = valves
    formula = "qg = 0.2·α·√Ng" + (" + 1.20" if valves else "")
    return _Group(
        "alpha", m3s_from_lps(flow_lps), (clause_of(table, "alpha-flow", formula, inputs, flow_lps, "L/s"),)
    )


def _single(loads: Sequence[UseLoad]) -> _Group:
    """Concentrated uses and uses by quota: each on its own, added."""
    known = [load for load in loads if load.method in {"dense", "quota"} and load.stated_m3s is None]
    methods = {load.method for load in known}
    return _Group(methods.pop() if len(methods) == 1 else "mixed", sum(load.alone_m3s for load in known), ())


def _stated(loads: Sequence[UseLoad]) -> _Group:
    return _Group("given", sum(load.stated_m3s or 0.0 for load in loads), ())


def _assumptions(request: ConnectionRequest, rules: RuleSet) -> list[Clause]:
    return [
        assumed_clause("storeys", float(request.storeys), "层", rules.value("direct-supply-storeys"))
        for name in request.assumptions
        if name == "site.storeys"
    ]


def _totals(
    request: ConnectionRequest, rules: RuleSet, *, flow_m3s: float, peak_m3s: float, day_m3: float
) -> list[Clause]:
    unit, unforeseen = rules.value("equivalent-flow"), rules.value("unforeseen-share")
    inputs: dict[str, float | int | str] = {"Qh": lps_from_m3s(peak_m3s)}
    found = [
        clause_of(
            unit, "total-flow", "qg = max(Σqg, ΣQh)", inputs, lps_from_m3s(flow_m3s), "L/s", clause="3.7.4"
        ),
        clause_of(
            unforeseen, "unforeseen", "Qu = 0.10·Qd", {"Qd": day_m3}, unforeseen.value * day_m3, "m³/d"
        ),
    ]
    if request.outdoor_fire_m3s:
        table = rules.table("outdoor-fire")
        fire_lps = lps_from_m3s(request.outdoor_fire_m3s)
        found.append(clause_of(table, "fire", "", {"outdoor_lps": fire_lps}, fire_lps, "L/s"))
    return found


def _mostly_even(loads: Sequence[UseLoad]) -> bool:
    flows = [(load.stated_m3s or load.alone_m3s, load.even) for load in loads]
    return sum(flow for flow, even in flows if even) > 0.5 * sum(flow for flow, _ in flows)


def _compared(loads: Sequence[UseLoad], rules: RuleSet) -> tuple[Finding, ...]:
    """Stated flows held against the computed ones."""
    ratio = rules.value("given-flow-ratio")
    found = []
    for load in loads:
        if load.stated_m3s is None or load.alone_m3s <= 0.0:
            continue
        verdict = "pass" if load.stated_m3s >= ratio.value * load.alone_m3s else "warn"
        found.append(
            finding(
                ratio,
                "given-flow",
                measured=lps_from_m3s(load.stated_m3s),
                limit=ratio.value * lps_from_m3s(load.alone_m3s),
                unit="L/s",
                verdict="pass" if verdict == "pass" else "warn",
                computed=lps_from_m3s(load.alone_m3s),
            )
        )
    return tuple(found)
