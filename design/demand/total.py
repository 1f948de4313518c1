"""DesignDemand 设计用水量: what the site will draw (second flow, greatest hour and day, fire); every figure a Clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from design.demand.day import DayProfile, day_profile
from design.demand.fire import NO_FIRE, FireDemand, fire_demand
from design.demand.inlet import InletFlow, inlet_flow
from design.demand.load import UseLoad, assumed_clause, clause_of
from design.demand.together import grouped, second_flow_m3s
from design.demand.uses import load_of
from design.rules.ruleset import Clause, Finding, RuleSet, finding
from gis.messages import Text
from gis.units import SECONDS_PER_HOUR, lps_from_m3s

if TYPE_CHECKING:
    from design.request import ConnectionRequest
    from design.wire.demand import DemandDoc


@dataclass(frozen=True)
class DesignDemand:
    """
    What the site will draw.

    Attributes
    ----------
    design_flow_m3s
        What the inlet carries: sizes service pipe and meter. The design second flow 设计秒流量, unless a tank is filled.
    peak_hour_m3s
        Average flow of the greatest hour of the greatest day.
    max_day_m3, unforeseen_m3
        Greatest day of the uses, and leakage and unforeseen water on top of it.
    fire_flow_m3s
        Outdoor fire flow: for checking only, never added to daily demand.
    even_use
        True where most of the flow is even (baths, laundries, tank filling): the meter is then chosen by Q3.
    clauses
        Every formula used and every figure assumed, in the order of the calculation.
    findings
        Doubts: a stated flow unlike the computed one, a quota outside its range.
    """

    design_flow_m3s: float
    peak_hour_m3s: float
    max_day_m3: float
    fire_flow_m3s: float
    method: str
    even_use: bool
    clauses: tuple[Clause, ...]
    findings: tuple[Finding, ...] = ()
    unforeseen_m3: float = 0.0
    computed_m3s: float | None = None
    fire: FireDemand = NO_FIRE
    inlet: InletFlow | None = None
    profile: DayProfile | None = None
    loads: tuple[UseLoad, ...] = ()

    def doc(self) -> DemandDoc:
        """As the scheme document carries it."""
        return {
            "design_flow_lps": lps_from_m3s(self.design_flow_m3s), "peak_hour_lps": lps_from_m3s(self.peak_hour_m3s),
            "max_day_m3": self.max_day_m3, "unforeseen_m3": self.unforeseen_m3,
            "fire_flow_lps": lps_from_m3s(self.fire_flow_m3s), "method": self.method, "even_use": self.even_use,
            "computed_flow_lps": None if self.computed_m3s is None else lps_from_m3s(self.computed_m3s),
            "fire": self.fire.doc(), "inlet": None if self.inlet is None else self.inlet.doc(),
            "profile": None if self.profile is None else self.profile.doc(),
            "clauses": [clause.doc() for clause in self.clauses],
        }  # fmt: skip


def design_demand(request: ConnectionRequest, rules: RuleSet) -> DesignDemand:
    """
    Demand of a request by GB 50015-2019.

    Dwellings go together by the probability method, public buildings with scattered use together by alpha; both,
    concentrated uses and uses known by quota only are added. A flow the applicant states replaces the computed
    one, of that use or of the whole site, and is compared with it.

    Raises
    ------
    RequestError
        A fixture that the table of simultaneous use does not have for that building.
    """
    loads = [load_of(use, rules, place=f"use[{i}]") for i, use in enumerate(request.uses)]
    groups = grouped(loads, rules)
    peak_m3s, day_m3 = sum(load.peak_m3s for load in loads), sum(load.day_m3 for load in loads)
    second_m3s = second_flow_m3s(loads, rules)
    inlet = inlet_flow(
        request, rules, second_m3s=second_m3s, peak_m3s=peak_m3s,
        average_m3s=sum(load.day_m3 / (load.hours_h * SECONDS_PER_HOUR) for load in loads),
        direct_second_m3s=lambda share: second_flow_m3s(loads, rules, share=share),
    )  # fmt: skip
    fire = fire_demand(request, rules, persons_count=_city_persons(request))
    clauses = [*_assumptions(request, rules), *(c for load in loads for c in load.clauses)]
    clauses += [clause for group in groups for clause in group.clauses]
    clauses += _totals(loads, rules, second_m3s=second_m3s, peak_m3s=peak_m3s, day_m3=day_m3)
    profile, stated_m3s = day_profile(loads, rules), request.stated_flow_m3s
    used = [group.method for group in groups if group.flow_m3s > 0.0]
    return DesignDemand(
        design_flow_m3s=inlet.flow_m3s if stated_m3s is None else stated_m3s, peak_hour_m3s=peak_m3s, max_day_m3=day_m3,
        fire_flow_m3s=fire.outdoor_m3s, method="given" if stated_m3s is not None else used[0] if len(used) == 1 else "mixed",
        even_use=inlet.mode == "tank" or _mostly_even(loads),
        clauses=(*clauses, *inlet.clauses, *_profile_clause(profile, rules), *_whole_clause(stated_m3s, rules), *fire.clauses),
        findings=(
            *(f for load in loads for f in load.findings), *_compared(loads, rules),
            *_patterns(loads, rules), *_whole(stated_m3s, inlet.flow_m3s, rules), *fire.findings,
        ),
        unforeseen_m3=_unforeseen_m3(loads, rules),
        computed_m3s=_computed_m3s(loads, rules, stated_m3s=stated_m3s, inlet_m3s=inlet.flow_m3s),
        fire=fire, inlet=inlet, profile=profile, loads=tuple(loads),
    )  # fmt: skip


def _city_persons(request: ConnectionRequest) -> float:
    return sum(use.figures.get("persons", 0.0) for use in request.uses if use.use_type == "district")


def _unforeseen_m3(loads: Sequence[UseLoad], rules: RuleSet) -> float:
    """Leakage and unforeseen water of a building's day [m3]; a district has its own in its day."""
    share = rules.value("unforeseen-share").value
    return share * sum(load.day_m3 for load in loads if load.method != "district")


def _computed_m3s(
    loads: Sequence[UseLoad], rules: RuleSet, *, stated_m3s: float | None, inlet_m3s: float
) -> float | None:
    """What the uses give where a flow was stated for the site or one of them; None where nothing was stated or computed."""
    if stated_m3s is not None:
        return inlet_m3s or None
    if all(load.is_computed for load in loads) or not any(load.alone_m3s > 0.0 for load in loads):
        return None
    return second_flow_m3s(loads, rules, as_computed=True)


def _assumptions(request: ConnectionRequest, rules: RuleSet) -> list[Clause]:
    return [
        assumed_clause("storeys", float(request.storeys), "层", rules.value("direct-supply-storeys"))
        for name in request.assumptions
        if name == "site.storeys"
    ]


def _totals(
    loads: Sequence[UseLoad], rules: RuleSet, *, second_m3s: float, peak_m3s: float, day_m3: float
) -> list[Clause]:
    unit, unforeseen = rules.value("equivalent-flow"), rules.value("unforeseen-share")
    inputs: dict[str, float | int | str] = {"Qh": lps_from_m3s(peak_m3s)}
    spare_m3 = _unforeseen_m3(loads, rules)
    of_m3 = sum(load.day_m3 for load in loads if load.method != "district")
    return [
        clause_of(
            unit, "total-flow", "qg = max(Σqg, ΣQh)", inputs, lps_from_m3s(second_m3s), "L/s", clause="3.7.4"
        ),
        clause_of(
            unforeseen, "unforeseen", "Qu = s·Qd", {"Qd": of_m3, "s": unforeseen.value}, spare_m3, "m³/d"
        ),
        clause_of(unforeseen, "day-total", "Q = Qd + Qu", {"Qd": day_m3, "Qu": spare_m3}, day_m3 + spare_m3, "m³/d"),
    ]  # fmt: skip


def _profile_clause(profile: DayProfile, rules: RuleSet) -> list[Clause]:
    mean = profile.day_m3 / 24.0
    inputs = {"Qmax": max(profile.hourly_m3h), "Qd": profile.day_m3, "hour": profile.peak_hour}
    if not mean:
        return []
    return [clause_of(rules.table("day-patterns"), "day-factor", "K = Qmax/(Qd/24)", inputs, profile.peak_factor, "")]  # fmt: skip


def _whole_clause(stated_m3s: float | None, rules: RuleSet) -> list[Clause]:
    if stated_m3s is None:
        return []
    return [clause_of(rules.value("given-flow-ratio"), "given-flow", "", {}, lps_from_m3s(stated_m3s), "L/s")]


def _mostly_even(loads: Sequence[UseLoad]) -> bool:
    flows = [(load.stated_m3s or load.alone_m3s, load.even) for load in loads]
    return sum(flow for flow, even in flows if even) > 0.5 * sum(flow for flow, _ in flows)


def _compared(loads: Sequence[UseLoad], rules: RuleSet) -> tuple[Finding, ...]:
    """Stated flows of single uses held against the computed ones."""
    return tuple(
        stated_finding(load.stated_m3s, load.alone_m3s, rules)
        for load in loads
        if load.stated_m3s is not None and load.alone_m3s > 0.0
    )


def _patterns(loads: Sequence[UseLoad], rules: RuleSet) -> Iterator[Finding]:
    """A measured day against the hourly factor the greatest hour was computed with."""
    rule = rules.value("pattern-factor-share")
    for load in loads:
        if load.hourly_share:
            measured = 24.0 * max(load.hourly_share)
            near = abs(measured - load.peak_factor) <= rule.value * load.peak_factor + 1e-9
            yield finding(
                rule, "pattern-factor", measured=measured, limit=load.peak_factor, unit="",
                verdict="pass" if near else "warn", use=load.label,
            )  # fmt: skip


def _whole(stated_m3s: float | None, computed_m3s: float, rules: RuleSet) -> tuple[Finding, ...]:
    return (
        ()
        if stated_m3s is None or computed_m3s <= 0.0
        else (stated_finding(stated_m3s, computed_m3s, rules),)
    )


def stated_finding(stated_m3s: float, computed_m3s: float, rules: RuleSet) -> Finding:
    """A stated flow against the computed one: too little starves the building, too much oversizes pipe and meter."""
    low, high = rules.value("given-flow-ratio"), rules.value("given-flow-ratio-high")
    stated, computed = lps_from_m3s(stated_m3s), lps_from_m3s(computed_m3s)
    told = {"measured": stated, "computed": computed, "share": 100.0 * (stated / computed - 1.0)}
    key, rule, verdict = "given-flow-pass", low, "pass"
    if stated < low.value * computed - 1e-9:
        key, verdict = "given-flow-warn", "warn"
    elif stated > high.value * computed + 1e-9:
        key, rule, verdict = "given-flow-high", high, "warn"
    return finding(
        rule, "given-flow", measured=stated, limit=rule.value * computed, unit="L/s",
        verdict="pass" if verdict == "pass" else "warn", said=Text("design", f"finding.{key}", told),
    )  # fmt: skip
