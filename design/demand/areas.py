"""Demand known by volume or for a whole area: process and make-up water by the day, districts by GB 50013 quotas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from design.demand.load import Notes, UseLoad, assumed_clause, clause_of, given_or, with_volume
from design.errors import DesignDataError
from design.rules.ruleset import RuleSet, RuleTable, finding
from gis.units import SECONDS_PER_HOUR, lps_from_m3s

if TYPE_CHECKING:
    from design.asked.uses import Use, UseType

ZONES = ("one", "two")
CITY_SIZES = ("super", "mega", "large-1", "large-2", "medium", "small-1", "small-2")


def by_volume(use: Use, kind: UseType, rules: RuleSet, notes: Notes) -> UseLoad:
    """A use known by what it takes a day: spread over its hours, the greatest by its factor."""
    hours_rule, factor_rule = rules.value("volume-hours"), rules.value("volume-factor")
    day_m3 = use.figures.get("daily_m3", 0.0)
    hours = given_or(use, "hours_h", hours_rule.value, hours_rule.unit, notes, hours_rule)
    kh = given_or(use, "hourly_factor", factor_rule.value, "", notes, factor_rule)
    hour_m3h = day_m3 / hours * kh
    inputs = {"Qd": day_m3, "T": hours, "Kh": kh}
    notes.clauses.append(clause_of(factor_rule, "quota-hour", "Qh = Qd/T·Kh", inputs, hour_m3h, "m³/h"))
    peak_m3s = hour_m3h / SECONDS_PER_HOUR
    load = UseLoad("volume", kind.even or kh == 1.0, 0.0, 0.0, peak_m3s, hours_h=hours)
    return with_volume(load, use, rules, notes, day_m3=day_m3, peak_m3s=peak_m3s)


def district(use: Use, kind: UseType, rules: RuleSet, notes: Notes) -> UseLoad:
    """
    A whole area by GB 50013 4.0: comprehensive quota, industry, roads and greens, then leakage and unforeseen water.

    The greatest hour is the design flow: a network carries it, not a second flow of fixtures.
    """
    table, row = _city_row(use, rules, notes)
    low, high = float(row["min_l"]), float(row["max_l"])
    middle = low + rules.value("quota-position").value * (high - low)
    quota = given_or(use, "quota_lpcd", middle, "L/(人·d)", notes, table)
    if not low <= quota <= high:
        notes.findings.append(
            finding(
                table, "quota-range", measured=quota, limit=low if quota < low else high, unit="L/(人·d)",
                verdict="warn", building=kind.label_zh, low=low, high=high,
            )
        )  # fmt: skip
    persons = use.figures.get("persons", 0.0)
    homes_m3 = persons * quota / 1000.0
    notes.clauses.append(
        clause_of(table, "quota-day", "Qd = n·q/1000", {"n": persons, "q": quota}, homes_m3, "m³/d")
    )
    works_m3, green_m3 = use.figures.get("industry_m3d", 0.0), use.figures.get("road_green_m3d", 0.0)
    day_m3 = district_day_m3(
        domestic_m3=homes_m3, industry_m3=works_m3, road_green_m3=green_m3, rules=rules, notes=notes
    )
    factor = rules.value("city-hourly-factor")
    kh = given_or(use, "hourly_factor", factor.value, "", notes, factor)
    hour_m3h = day_m3 / 24.0 * kh
    inputs = {"Qd": day_m3, "T": 24.0, "Kh": kh}
    notes.clauses.append(clause_of(factor, "quota-hour", "Qh = Qd/T·Kh", inputs, hour_m3h, "m³/h"))
    peak_m3s = hour_m3h / SECONDS_PER_HOUR
    notes.clauses.append(
        clause_of(factor, "quota-flow", "q = Qh/3.6", {"Qh": hour_m3h}, lps_from_m3s(peak_m3s), "L/s")
    )
    load = UseLoad("district", False, 0.0, 0.0, peak_m3s)
    return with_volume(load, use, rules, notes, day_m3=day_m3, peak_m3s=peak_m3s)


def district_day_m3(
    *, domestic_m3: float, industry_m3: float, road_green_m3: float, rules: RuleSet, notes: Notes
) -> float:
    """Greatest day of an area [m3] with leakage (4.0.7) and unforeseen water (4.0.8) on top."""
    leak, spare = rules.value("city-leakage-share"), rules.value("city-unforeseen-share")
    used_m3 = domestic_m3 + industry_m3 + road_green_m3
    leaked_m3 = leak.value * used_m3
    unforeseen_m3 = spare.value * (used_m3 + leaked_m3)
    total_m3 = used_m3 + leaked_m3 + unforeseen_m3
    three = {"Q1": domestic_m3, "Q2": industry_m3, "Q3": road_green_m3}
    notes.clauses += [
        clause_of(leak, "city-leakage", "Q4 = r·(Q1+Q2+Q3)", {**three, "r": leak.value}, leaked_m3, "m³/d"),
        clause_of(
            spare, "city-unforeseen", "Q5 = s·(Q1+Q2+Q3+Q4)", {**three, "Q4": leaked_m3, "s": spare.value},
            unforeseen_m3, "m³/d",
        ),
        clause_of(spare, "city-day", "Qd = ΣQi", {**three, "Q4": leaked_m3, "Q5": unforeseen_m3}, total_m3, "m³/d"),
    ]  # fmt: skip
    return total_m3


def _city_row(use: Use, rules: RuleSet, notes: Notes) -> tuple[RuleTable, Mapping[str, Any]]:
    """The row of the city quotas: zone and size as given, else those of the utility's rules."""
    table = rules.table("city-quotas")
    zone, size = use.words.get("zone"), use.words.get("city_size")
    if zone is None:
        rule = rules.value("city-zone")
        zone = ZONES[int(rule.value) - 1]
        notes.clauses.append(assumed_clause("zone", rule.value, rule.unit, rule))
    if size is None:
        rule = rules.value("city-size")
        size = CITY_SIZES[int(rule.value) - 1]
        notes.clauses.append(assumed_clause("city_size", rule.value, rule.unit, rule))
    for row in table.rows:
        if (row["measure"], row["zone"], row["city_size"]) == ("day-total", zone, size):
            return table, row
    raise DesignDataError("rule-missing", rule=f"city-quotas/{zone}/{size}", on=rules.on.isoformat())
