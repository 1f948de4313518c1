"""What one use draws alone: dwellings by probability, public buildings by alpha, concentrated use by percentages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from design.asked.uses import use_types
from design.demand.areas import by_volume, district
from design.demand.flows import Scattered, alpha_c, dense_lps, residential_lps, scattered_lps, u0_pct
from design.demand.load import Notes, UseLoad, clause_of, given_or, stated_only, with_volume
from design.demand.quotas import (
    by_quota,
    day_and_hour,
    estimate,
    named,
    quota_and_factor,
    quota_row,
    quota_volume,
    size_of,
)
from design.errors import RequestError
from design.rules.ruleset import RuleSet, finding
from gis.units import m3s_from_lps

if TYPE_CHECKING:
    from design.asked.uses import Use, UseType

_VALVE = "wc-flush-valve"
_OF_U0 = {"quota_lpcd", "persons_per_dwelling", "hourly_factor", "fixture_units_per_dwelling"}


def load_of(use: Use, rules: RuleSet, *, place: str) -> UseLoad:
    """What one use draws; `place` names it in errors, e.g. `use[1]`."""
    if use.use_type is None:
        return replace(
            stated_only(use, rules), label=use.label, label_en=use.label, hourly_share=use.hourly_share
        )
    kind, notes = use_types()[use.use_type], Notes()
    load = _by_method(use, kind, rules, notes, place=place)
    return replace(
        load, pattern=kind.pattern, label=use.label or kind.label_zh, label_en=use.label or kind.label_en,
        hourly_share=use.hourly_share,
    )  # fmt: skip


def _by_method(use: Use, kind: UseType, rules: RuleSet, notes: Notes, *, place: str) -> UseLoad:
    if kind.method == "district":
        return district(use, kind, rules, notes)
    if kind.method == "volume":
        return by_volume(use, kind, rules, notes)
    count = size_of(use, kind, rules, notes)
    if kind.method == "probability":
        return _dwellings(use, kind, rules, notes, dwelling_count=count)
    day_m3, peak_m3s, hours_h = quota_volume(use, kind, rules, notes, size_count=count)
    if kind.method == "alpha":
        load = _public(use, kind, rules, notes, size_count=count)
    elif kind.method == "dense" and use.fixtures:
        load = _dense(use, kind, rules, notes, place=place)
    else:
        load = by_quota(kind, rules, notes, peak_m3s=peak_m3s)
    return replace(with_volume(load, use, rules, notes, day_m3=day_m3, peak_m3s=peak_m3s), hours_h=hours_h)


def _dwellings(use: Use, kind: UseType, rules: RuleSet, notes: Notes, *, dwelling_count: float) -> UseLoad:
    if dwelling_count == 0.0:
        return with_volume(
            UseLoad("probability", False, 0.0, 0.0, 0.0), use, rules, notes, day_m3=0.0, peak_m3s=0.0
        )
    unit, hours = rules.value("equivalent-flow"), rules.value("residential-hours").value
    table, _ = quota_row(rules, kind)
    people, fixtures = rules.value("persons-per-dwelling"), rules.value("dwelling-fixture-units")
    persons = given_or(use, "persons_per_dwelling", people.value, people.unit, notes, people)
    units = given_or(use, "fixture_units_per_dwelling", fixtures.value, fixtures.unit, notes, fixtures)
    quota, kh = quota_and_factor(use, kind, rules, notes)
    u0 = u0_pct(
        quota_lpcd=quota, dwelling_persons=persons, hourly_factor=kh, dwelling_units=units, hours_h=hours,
        unit_flow_lps=unit.value,
    )  # fmt: skip
    inputs = {"qL": quota, "m": persons, "Kh": kh, "Ng": units, "T": hours}
    formula = "U0 = 100·qL·m·Kh/(0.2·Ng·T·3600)"
    notes.clauses.append(clause_of(unit, "u0", formula, inputs, u0, "%", clause="3.7.5（式3.7.5-1）"))
    if set(use.figures) & _OF_U0:
        _typical(kind, rules, notes, probability_pct=u0)
    day_m3, peak_m3s = day_and_hour(
        table, notes, size_count=dwelling_count * persons, quota_lpcd=quota, hours_h=hours, hourly_factor=kh
    )
    total = dwelling_count * units
    alone = residential_lps(
        fixture_units=total, probability_pct=u0, coefficient_c=alpha_c(u0, rules.table("alpha-c").rows),
        unit_flow_lps=unit.value,
    )  # fmt: skip
    load = UseLoad("probability", kind.even, 0.0, 0.0, m3s_from_lps(alone), fixture_units=total, u0_pct=u0)
    return with_volume(load, use, rules, notes, day_m3=day_m3, peak_m3s=peak_m3s)


def _typical(kind: UseType, rules: RuleSet, notes: Notes, *, probability_pct: float) -> None:
    """Doubt a U0 far from what such dwellings have: a slip in persons, quota or fixture units shows here first."""
    table = rules.table("u0-typical")
    row = table.row("quota_row", kind.quota_row)
    if row is None or row["low_pct"] <= probability_pct <= row["high_pct"]:
        return
    limit = row["low_pct"] if probability_pct < row["low_pct"] else row["high_pct"]
    notes.findings.append(
        finding(
            table, "u0-typical", measured=probability_pct, limit=float(limit), unit="%", verdict="warn",
            building=named(kind), low=float(row["low_pct"]), high=float(row["high_pct"]),
        )
    )  # fmt: skip


def _public(use: Use, kind: UseType, rules: RuleSet, notes: Notes, *, size_count: float) -> UseLoad:
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
    use: Use, kind: UseType, rules: RuleSet, notes: Notes, *, size_count: float
) -> tuple[float, float]:
    """Ng without flush valves and the largest single fixture [L/s]: counted, stated, or by the size of the building."""
    if use.fixtures:
        return _counted_units(use, rules, notes)
    if "fixture_units" in use.figures:
        return use.figures["fixture_units"], 0.0
    each = kind.unit_fixture_units or 0.0
    inputs = {"n": size_count, "N": each}
    notes.clauses.append(estimate("assumed-fixture_units", "Ng = n·N", inputs, size_count * each, rules))
    return size_count * each, 0.0


def _counted_units(use: Use, rules: RuleSet, notes: Notes) -> tuple[float, float]:
    """Ng of counted fixtures and the largest of them [L/s]; a flow of the maker's makes its own equivalent."""
    table, unit_lps = rules.table("fixtures"), rules.value("equivalent-flow").value
    units, largest = 0.0, 0.0
    for code, count in use.fixtures.items():
        row = table.row("fixture", code)
        if code == _VALVE or row is None:
            continue
        flow_lps = _flow_lps(use, code, row, "use.fixtures")
        own = code in use.fixture_flows_lps or row["equivalent"] is None
        units += count * (flow_lps / unit_lps if own else float(row["equivalent"]))
        largest = max(largest, flow_lps if count else 0.0)
    notes.clauses.append(clause_of(table, "fixture-units", "Ng = Σn·N", dict(use.fixtures), units, ""))
    return units, largest


def _flow_lps(use: Use, code: str, row: Mapping[str, Any], place: str) -> float:
    """Rated flow of a fixture [L/s]; kitchen equipment has none in the standard: its maker's must be given."""
    flow_lps = use.fixture_flows_lps.get(code, row["flow_lps"])
    if flow_lps is None:
        raise RequestError("fixture-flow-needed", field=f"{place}.{code}")
    return float(flow_lps)


def _dense(use: Use, kind: UseType, rules: RuleSet, notes: Notes, *, place: str) -> UseLoad:
    fixtures, percents = rules.table("fixtures"), rules.table("dense-percent")
    known = {row["fixture"]: row for row in percents.rows if row["dense_row"] == kind.dense_row}
    counted = []
    for code, count in use.fixtures.items():
        row = fixtures.row("fixture", code)
        if code not in known or row is None:
            raise RequestError("fixture-not-dense", field=f"{place}.fixtures.{code}", known=", ".join(known))
        flow_lps = _flow_lps(use, code, row, f"{place}.fixtures")
        counted.append((code, flow_lps, count, _percent(use, known[code])))
    flow = dense_lps(counted, valve=_VALVE, valve_flow_lps=rules.value("flush-valve-flow").value)
    inputs: dict[str, float | int | str] = {
        code: f"{each:g}×{count}×{percent:g}%" for code, each, count, percent in counted
    }
    notes.clauses.append(clause_of(percents, "dense-flow", "qg = Σ(qg0·n0·bg)", inputs, flow, "L/s"))
    return UseLoad("dense", kind.even, 0.0, 0.0, m3s_from_lps(flow))


def _percent(use: Use, row: Mapping[str, Any]) -> float:
    """Percentage in simultaneous use: the table's, or the asked place between its lower and upper end."""
    place = use.figures.get("simultaneous_share")
    if place is None:
        return float(row["used_pct"])
    return float(row["low_pct"] + place * (row["high_pct"] - row["low_pct"]))
