"""UseLoad: what one use draws on its own, with the notes gathered on the way: a clause for every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from design.rules.ruleset import Clause, Finding, RuleSet, RuleTable, RuleValue, full_clause
from gis.messages import Text
from gis.units import SECONDS_PER_DAY, lps_from_m3s

if TYPE_CHECKING:
    from design.asked.uses import Use


@dataclass(frozen=True)
class UseLoad:
    """
    One use, computed alone.

    Attributes
    ----------
    method
        probability | alpha | dense | quota | volume | district | given
    day_m3, hours_h, peak_m3s
        Greatest day, the hours it is drawn in, and the average flow of its greatest hour.
    alone_m3s
        Design flow of this use by itself.
    stated_m3s
        What the applicant gave instead, or None.
    fixture_units
        Without delayed flush valves.
    pattern, label
        Day pattern of the use, and what people call it.
    hourly_share
        The day as measured, 24 shares; empty where a pattern stands for it.
    is_bound
        Day and hour are upper bounds drawn from the flow: the size of the use is not known.
    """

    method: str
    even: bool
    day_m3: float
    peak_m3s: float
    alone_m3s: float
    stated_m3s: float | None = None
    fixture_units: float = 0.0
    flush_valves: int = 0
    largest_lps: float = 0.0
    u0_pct: float = 0.0
    alpha: float = 0.0
    hours_h: float = 24.0
    pattern: str = "residential"
    label: str = ""
    label_en: str = ""
    is_bound: bool = False
    hourly_share: tuple[float, ...] = ()
    clauses: tuple[Clause, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def peak_factor(self) -> float:
        """Greatest hour over the mean of 24 hours."""
        return self.peak_m3s * SECONDS_PER_DAY / self.day_m3 if self.day_m3 else 1.0

    @property
    def is_computed(self) -> bool:
        """The applicant states no flow for it."""
        return self.stated_m3s is None


@dataclass
class Notes:
    """Clauses and findings gathered while one use is worked out."""

    clauses: list[Clause] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def clause_of(
    rule: RuleValue | RuleTable, key: str, formula: str, inputs: Mapping[str, float | int | str], value: float,
    unit: str, *, clause: str = "",
) -> Clause:  # fmt: skip
    """A Clause under `rule`, named by message `clause.<key>`."""
    said = f"{rule.standard} {clause}" if clause else full_clause(rule)
    return Clause(
        Text("design", f"clause.{key}"), formula, inputs, value, unit, said, rule.source, rule.confidence
    )


def assumed_clause(key: str, value: float, unit: str, rule: RuleValue | RuleTable) -> Clause:
    """A figure the request left out, named by message `clause.assumed-<key>`."""
    return clause_of(rule, f"assumed-{key}", "", {}, value, unit)


def given_or(
    use: Use, key: str, value: float, unit: str, notes: Notes, rule: RuleValue | RuleTable
) -> float:  # fmt: skip
    """A figure of the request, or its default with a clause that says it was assumed."""
    if key in use.figures:
        return use.figures[key]
    notes.clauses.append(assumed_clause(key, value, unit, rule))
    return value


def stated_peak(rules: RuleSet) -> tuple[float, RuleTable]:
    """Hourly factor taken where only a flow is known, and the table it comes from."""
    table = rules.table("dwelling-quotas")
    row = table.rows[0]
    return (row["kh_max"] + row["kh_min"]) / 2.0, table


def stated_only(use: Use, rules: RuleSet) -> UseLoad:
    """Known by its flow only: the greatest hour is at most that flow, the day at most that flow over Kh."""
    flow_m3s = use.design_flow_m3s or 0.0
    kh, table = stated_peak(rules)
    day_m3 = flow_m3s * SECONDS_PER_DAY / kh
    lps = lps_from_m3s(flow_m3s)
    clauses = (
        clause_of(table, "given-flow", "", {}, lps, "L/s"),
        clause_of(table, "given-day", "Qd = q·86.4/Kh", {"q": lps, "Kh": kh}, day_m3, "m³/d"),
    )
    return UseLoad("given", False, day_m3, flow_m3s, 0.0, stated_m3s=flow_m3s, clauses=clauses)


def with_volume(
    load: UseLoad, use: Use, rules: RuleSet, notes: Notes, *, day_m3: float, peak_m3s: float
) -> UseLoad:
    """Day and hour put in; where only fixtures or a stated flow are known, both follow from the flow (upper bound)."""
    flow_m3s = load.alone_m3s if use.design_flow_m3s is None else use.design_flow_m3s
    bound = peak_m3s == 0.0
    if bound:
        kh, table = stated_peak(rules)
        peak_m3s, day_m3 = flow_m3s, flow_m3s * SECONDS_PER_DAY / kh
        inputs = {"q": lps_from_m3s(flow_m3s), "Kh": kh}
        notes.clauses.append(clause_of(table, "given-day", "Qd = q·86.4/Kh", inputs, day_m3, "m³/d"))
    if use.design_flow_m3s is not None:
        stated = lps_from_m3s(use.design_flow_m3s)
        notes.clauses.append(clause_of(rules.value("given-flow-ratio"), "given-flow", "", {}, stated, "L/s"))
    return replace(
        load, day_m3=day_m3, peak_m3s=peak_m3s, stated_m3s=use.design_flow_m3s, is_bound=bound,
        clauses=tuple(notes.clauses), findings=tuple(notes.findings),
    )  # fmt: skip
