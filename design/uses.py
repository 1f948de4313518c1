"""UseLoad: what one use draws on its own, and what the flow formulas need of it, with a clause for every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from design.errors import DesignDataError, RequestError
from design.flows import Scattered, alpha_c, dense_lps, residential_lps, scattered_lps, u0_pct
from design.request import Use, UseType, request_defaults, use_types
from design.rules import Clause, Finding, RuleSet, RuleTable, RuleValue, finding, full_clause
from gis.messages import Text
from gis.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, lps_from_m3s, m3s_from_lps

_VALVE = "wc-flush-valve"


@dataclass(frozen=True)
class UseLoad:
    """
    One use, computed alone.

    `fixture_units` leaves out delayed flush valves; `alone_m3s` is the design flow of this use by itself;
    `stated_m3s` what the applicant gave instead.
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
    clauses: tuple[Clause, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass
class _Notes:
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


def assumed_clause(
    key: str, value: float, unit: str, rule: RuleValue | RuleTable, *, clause: str = ""
) -> Clause:
    """A figure the request left out, named by message `clause.assumed-<key>`."""
    return clause_of(rule, f"assumed-{key}", "", {}, value, unit, clause=clause)


def load_of(use: Use, rules: RuleSet, *, place: str) -> UseLoad:
    """What one use draws; `place` names it in errors, e.g. `use[1]`."""
    if use.use_type is None:
        return _stated_only(use, rules)
    kind, notes = use_types()[use.use_type], _Notes()
    count = _size(use, kind, rules, notes)
    if kind.method == "probability":
        return _dwellings(use, kind, rules, notes, dwelling_count=count)
    day_m3, peak_m3s = _quota(use, kind, rules, notes, size_count=count)
    if kind.method == "alpha":
        load = _public(use, kind, rules, notes, size_count=count)
    elif kind.method == "dense" and use.fixtures:
        load = _dense(use, kind, rules, notes, place=place)
    else:
        load = _by_quota(kind, rules, notes, peak_m3s=peak_m3s)
    return _with_volume(load, use, rules, notes, day_m3=day_m3, peak_m3s=peak_m3s)


def _stated_only(use: Use, rules: RuleSet) -> UseLoad:
    """Known by its flow only: the greatest hour is at most that flow, the day at most that flow over Kh."""
    flow_m3s = use.design_flow_m3s or 0.0
    kh, table = _stated_peak(rules)
    day_m3 = flow_m3s * SECONDS_PER_DAY / kh
    lps = lps_from_m3s(flow_m3s)
    clauses = (
        clause_of(table, "given-flow", "", {}, lps, "L/s"),
        clause_of(table, "given-day", "Qd = q·86.4/Kh", {"q": lps, "Kh": kh}, day_m3, "m³/d"),
    )
    return UseLoad("given", False, day_m3, flow_m3s, 0.0, stated_m3s=flow_m3s, clauses=clauses)


def _stated_peak(rules: RuleSet) -> tuple[float, RuleTable]:
    table = rules.table("dwelling-quotas")
    row = table.rows[0]
    return (row["kh_max"] + row["kh_min"]) / 2.0, table


def _size(use: Use, kind: UseType, rules: RuleSet, notes: _Notes) -> float:
    """How many units of the quota the use has (persons, beds, m2 ...), from floor area where it must be; 0 unknown."""
    given = next((use.figures[name] for name in kind.figures if name in use.figures), None)
    if given is not None:
        return given
    area = use.figures.get("area_m2")
    if area is None or kind.area_per_unit_m2 is None:
        return 0.0
    count = max(1.0, float(-(-area // kind.area_per_unit_m2)))
    position = rules.value("quota-position")
    notes.clauses.append(
        Clause(
            Text("design", "clause.size-by-area"),
            "n = A/a",
            {"A": area, "a": kind.area_per_unit_m2},
            count,
            "",
            full_clause(position),
            str(request_defaults()["floor_area_source"]),
            "design",
        )
    )
    return count


def _given_or(
    use: Use,
    key: str,
    value: float,
    unit: str,
    notes: _Notes,
    rule: RuleValue | RuleTable,
    *,
    clause: str = "",
) -> float:
    """A figure of the request, or its default with a clause that says it was assumed."""
    if key in use.figures:
        return use.figures[key]
    notes.clauses.append(assumed_clause(key, value, unit, rule, clause=clause))
    return value


def _quota_row(rules: RuleSet, kind: UseType) -> tuple[RuleTable, Mapping[str, Any]]:
    table = rules.table("dwelling-quotas" if kind.method == "probability" else "public-quotas")
    row = table.row("quota_row", kind.quota_row)
    if row is None:
        raise DesignDataError(
            "rule-missing", rule=f"{table.rule_id}/{kind.quota_row}", on=rules.on.isoformat()
        )
    return table, row


def _quota_and_factor(use: Use, kind: UseType, rules: RuleSet, notes: _Notes) -> tuple[float, float]:
    """Quota [L per unit and day] and hourly factor; a default Kh falls as the quota rises in its range."""
    table, row = _quota_row(rules, kind)
    position = rules.value("quota-position").value
    low, high = float(row["day_min_l"]), float(row["day_max_l"])
    unit = f"L/({row.get('unit_zh', '人·d')})"
    quota = _given_or(use, "quota_lpcd", low + position * (high - low), unit, notes, table)
    place = position if high == low else min(1.0, max(0.0, (quota - low) / (high - low)))
    factor = row["kh_max"] - place * (row["kh_max"] - row["kh_min"])
    kh = _given_or(use, "hourly_factor", float(factor), "", notes, table)
    if not low <= quota <= high:
        notes.findings.append(
            finding(
                table,
                "quota-range",
                measured=quota,
                limit=low if quota < low else high,
                unit=unit,
                verdict="warn",
                building=_named(kind),
                low=low,
                high=high,
            )
        )
    return quota, kh


def _quota(
    use: Use, kind: UseType, rules: RuleSet, notes: _Notes, *, size_count: float
) -> tuple[float, float]:
    """Greatest day [m3] and greatest hour [m3/s] by quota; both 0 where the size is not known."""
    if not kind.quota_row or size_count == 0.0:
        return 0.0, 0.0
    table, row = _quota_row(rules, kind)
    quota, kh = _quota_and_factor(use, kind, rules, notes)
    hours = _given_or(use, "hours_h", float(row["hours_min"]), "h", notes, table)
    return _day_and_hour(
        table, notes, size_count=size_count, quota_lpcd=quota, hours_h=hours, hourly_factor=kh
    )


def _day_and_hour(
    table: RuleTable,
    notes: _Notes,
    *,
    size_count: float,
    quota_lpcd: float,
    hours_h: float,
    hourly_factor: float,
) -> tuple[float, float]:
    day_m3 = size_count * quota_lpcd / 1000.0
    hour_m3h = day_m3 / hours_h * hourly_factor
    day = {"n": size_count, "q": quota_lpcd}
    hour = {"Qd": day_m3, "T": hours_h, "Kh": hourly_factor}
    notes.clauses += [
        clause_of(table, "quota-day", "Qd = n·q/1000", day, day_m3, "m³/d"),
        clause_of(table, "quota-hour", "Qh = Qd/T·Kh", hour, hour_m3h, "m³/h"),
    ]
    return day_m3, hour_m3h / SECONDS_PER_HOUR


def _dwellings(use: Use, kind: UseType, rules: RuleSet, notes: _Notes, *, dwelling_count: float) -> UseLoad:
    if dwelling_count == 0.0:
        return _with_volume(
            UseLoad("probability", False, 0.0, 0.0, 0.0), use, rules, notes, day_m3=0.0, peak_m3s=0.0
        )
    unit, hours = rules.value("equivalent-flow"), rules.value("residential-hours").value
    table, _ = _quota_row(rules, kind)
    people, fixtures = rules.value("persons-per-dwelling"), rules.value("dwelling-fixture-units")
    persons = _given_or(use, "persons_per_dwelling", people.value, people.unit, notes, people)
    units = _given_or(use, "fixture_units_per_dwelling", fixtures.value, fixtures.unit, notes, fixtures)
    quota, kh = _quota_and_factor(use, kind, rules, notes)
    u0 = u0_pct(
        quota_lpcd=quota, dwelling_persons=persons, hourly_factor=kh, dwelling_units=units, hours_h=hours,
        unit_flow_lps=unit.value,
    )  # fmt: skip
    inputs = {"qL": quota, "m": persons, "Kh": kh, "Ng": units, "T": hours}
    notes.clauses.append(clause_of(unit, "u0", "U0 = 100·qL·m·Kh/(0.2·Ng·T·3600)", inputs, u0, "%"))
    day_m3, peak_m3s = _day_and_hour(
        table, notes, size_count=dwelling_count * persons, quota_lpcd=quota, hours_h=hours, hourly_factor=kh
    )
    total = dwelling_count * units
    alone = residential_lps(
        fixture_units=total, probability_pct=u0, coefficient_c=alpha_c(u0, rules.table("alpha-c").rows),
        unit_flow_lps=unit.value,
    )  # fmt: skip
    load = UseLoad("probability", kind.even, 0.0, 0.0, m3s_from_lps(alone), fixture_units=total, u0_pct=u0)
    return _with_volume(load, use, rules, notes, day_m3=day_m3, peak_m3s=peak_m3s)


def _public(use: Use, kind: UseType, rules: RuleSet, notes: _Notes, *, size_count: float) -> UseLoad:
    row = rules.table("public-alpha").row("alpha_row", kind.alpha_row)
    alpha = float(row["alpha"]) if row else 0.0
    units, largest = _fixture_units(use, kind, rules, notes, size_count=size_count)
    valves = int(use.figures.get("flush_valves", 0)) + use.fixtures.get(_VALVE, 0)
    alone = scattered_lps(
        [Scattered(alpha, units, valves, largest)], unit_flow_lps=rules.value("equivalent-flow").value,
        valve_units=rules.value("flush-valve-equivalent").value,
        valve_flow_lps=rules.value("flush-valve-flow").value,
    )  # fmt: skip
    return UseLoad(
        "alpha", kind.even, 0.0, 0.0, m3s_from_lps(alone), fixture_units=units, flush_valves=valves,
        largest_lps=largest, alpha=alpha,
    )  # fmt: skip


def _fixture_units(
    use: Use, kind: UseType, rules: RuleSet, notes: _Notes, *, size_count: float
) -> tuple[float, float]:
    """Ng without flush valves and the largest single fixture [L/s]: counted, stated, or by the size of the building."""
    if use.fixtures:
        table = rules.table("fixtures")
        rows = {code: table.row("fixture", code) or {} for code in use.fixtures if code != _VALVE}
        units = sum(rows[code]["equivalent"] * count for code, count in use.fixtures.items() if code in rows)
        largest = max((float(rows[code]["flow_lps"]) for code in rows if use.fixtures[code]), default=0.0)
        notes.clauses.append(
            clause_of(table, "fixture-units", "Ng = Σn·N", dict(use.fixtures), float(units), "")
        )
        return float(units), largest
    if "fixture_units" in use.figures:
        return use.figures["fixture_units"], 0.0
    each = kind.unit_fixture_units or 0.0
    notes.clauses.append(
        Clause(
            Text("design", "clause.assumed-fixture_units"),
            "Ng = n·N",
            {"n": size_count, "N": each},
            size_count * each,
            "",
            full_clause(rules.value("quota-position")),
            str(request_defaults()["floor_area_source"]),
            "design",
        )
    )
    return size_count * each, 0.0


def _dense(use: Use, kind: UseType, rules: RuleSet, notes: _Notes, *, place: str) -> UseLoad:
    fixtures, percents = rules.table("fixtures"), rules.table("dense-percent")
    known = {row["fixture"]: row["used_pct"] for row in percents.rows if row["dense_row"] == kind.dense_row}
    counted = []
    for code, count in use.fixtures.items():
        row = fixtures.row("fixture", code)
        if code not in known or row is None:
            raise RequestError("fixture-not-dense", field=f"{place}.fixtures.{code}", known=", ".join(known))
        counted.append((code, float(row["flow_lps"]), count, float(known[code])))
    flow = dense_lps(counted, valve=_VALVE, valve_flow_lps=rules.value("flush-valve-flow").value)
    inputs: dict[str, float | int | str] = {
        code: f"{each:g}×{count}×{percent:g}%" for code, each, count, percent in counted
    }
    notes.clauses.append(clause_of(percents, "dense-flow", "qg = Σ(qg0·n0·bg)", inputs, flow, "L/s"))
    return UseLoad("dense", kind.even, 0.0, 0.0, m3s_from_lps(flow))


def _by_quota(kind: UseType, rules: RuleSet, notes: _Notes, *, peak_m3s: float) -> UseLoad:
    """The greatest hour's average stands for the design flow; a concentrated use without fixtures is doubtful."""
    flow = lps_from_m3s(peak_m3s)
    table = rules.table("public-quotas")
    notes.clauses.append(clause_of(table, "quota-flow", "q = Qh/3.6", {"Qh": flow * 3.6}, flow, "L/s"))
    if kind.method == "dense":
        notes.findings.append(
            finding(
                rules.table("dense-percent"),
                "fixtures-needed",
                measured=flow,
                limit=flow,
                unit="L/s",
                verdict="warn",
                building=_named(kind),
            )
        )
    return UseLoad("quota", kind.even, 0.0, 0.0, peak_m3s)


def _named(kind: UseType) -> str:
    return f"{kind.label_zh}（{kind.code}）"


def _with_volume(
    load: UseLoad, use: Use, rules: RuleSet, notes: _Notes, *, day_m3: float, peak_m3s: float
) -> UseLoad:
    """Day and hour put in; where only fixtures or a stated flow are known, both follow from the flow (upper bound)."""
    flow_m3s = load.alone_m3s if use.design_flow_m3s is None else use.design_flow_m3s
    if peak_m3s == 0.0:
        kh, table = _stated_peak(rules)
        peak_m3s, day_m3 = flow_m3s, flow_m3s * SECONDS_PER_DAY / kh
        inputs = {"q": lps_from_m3s(flow_m3s), "Kh": kh}
        notes.clauses.append(clause_of(table, "given-day", "Qd = q·86.4/Kh", inputs, day_m3, "m³/d"))
    if use.design_flow_m3s is not None:
        stated = lps_from_m3s(use.design_flow_m3s)
        notes.clauses.append(clause_of(rules.value("given-flow-ratio"), "given-flow", "", {}, stated, "L/s"))
    return UseLoad(
        load.method, load.even, day_m3, peak_m3s, load.alone_m3s, use.design_flow_m3s, load.fixture_units,
        load.flush_valves, load.largest_lps, load.u0_pct, load.alpha, tuple(notes.clauses), tuple(notes.findings),
    )  # fmt: skip
