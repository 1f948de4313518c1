"""Greatest day and hour of a use by its quota: size, quota, hours and hourly factor, each given or assumed and said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from design.demand.load import Notes, UseLoad, clause_of, given_or
from design.errors import DesignDataError
from design.request import request_defaults
from design.rules.ruleset import Clause, RuleSet, RuleTable, finding, full_clause
from gis.messages import Text
from gis.units import SECONDS_PER_HOUR, lps_from_m3s

if TYPE_CHECKING:
    from design.asked.uses import Use, UseType


def size_of(use: Use, kind: UseType, rules: RuleSet, notes: Notes) -> float:
    """How many units of the quota the use has (persons, beds, m2 ...), from floor area where it must be; 0 unknown."""
    given = next((use.figures[name] for name in kind.figures if name in use.figures), None)
    if given is not None:
        return given
    area = use.figures.get("area_m2")
    if area is None or kind.area_per_unit_m2 is None:
        return 0.0
    count = max(1.0, float(-(-area // kind.area_per_unit_m2)))
    notes.clauses.append(
        estimate("size-by-area", "n = A/a", {"A": area, "a": kind.area_per_unit_m2}, count, rules)
    )
    return count


def estimate(key: str, formula: str, inputs: Mapping[str, float], value: float, rules: RuleSet) -> Clause:
    """A figure estimated from the size of the building: no standard says it."""
    source = str(request_defaults()["floor_area_source"])
    return Clause(
        Text("design", f"clause.{key}"), formula, dict(inputs), value, "", full_clause(rules.value("quota-position")),
        source, "design",
    )  # fmt: skip


def quota_row(rules: RuleSet, kind: UseType) -> tuple[RuleTable, Mapping[str, Any]]:
    """The row of the quota tables for a kind of use."""
    table = rules.table("dwelling-quotas" if kind.method == "probability" else "public-quotas")
    row = table.row("quota_row", kind.quota_row)
    if row is None:
        raise DesignDataError(
            "rule-missing", rule=f"{table.rule_id}/{kind.quota_row}", on=rules.on.isoformat()
        )
    return table, row


def quota_and_factor(use: Use, kind: UseType, rules: RuleSet, notes: Notes) -> tuple[float, float]:
    """Quota [L per unit and day] and hourly factor; a default Kh falls as the quota rises in its range."""
    table, row = quota_row(rules, kind)
    position = rules.value("quota-position").value
    low, high = float(row["day_min_l"]), float(row["day_max_l"])
    unit = f"L/({row.get('unit_zh', '人·d')})"
    quota = given_or(use, "quota_lpcd", low + position * (high - low), unit, notes, table)
    place = position if high == low else min(1.0, max(0.0, (quota - low) / (high - low)))
    factor = row["kh_max"] - place * (row["kh_max"] - row["kh_min"])
    kh = given_or(use, "hourly_factor", float(factor), "", notes, table)
    if not low <= quota <= high:
        notes.findings.append(
            finding(
                table, "quota-range", measured=quota, limit=low if quota < low else high, unit=unit, verdict="warn",
                building=named(kind), low=low, high=high,
            )
        )  # fmt: skip
    return quota, kh


def quota_volume(
    use: Use, kind: UseType, rules: RuleSet, notes: Notes, *, size_count: float
) -> tuple[float, float, float]:
    """Greatest day [m3], greatest hour [m3/s] and hours of use by quota; 0, 0, 24 where the size is not known."""
    if not kind.quota_row or size_count == 0.0:
        return 0.0, 0.0, 24.0
    table, row = quota_row(rules, kind)
    quota, kh = quota_and_factor(use, kind, rules, notes)
    hours = given_or(use, "hours_h", float(row["hours_min"]), "h", notes, table)
    day_m3, peak_m3s = day_and_hour(
        table, notes, size_count=size_count, quota_lpcd=quota, hours_h=hours, hourly_factor=kh
    )
    return day_m3, peak_m3s, hours


def day_and_hour(
    table: RuleTable,
    notes: Notes,
    *,
    size_count: float,
    quota_lpcd: float,
    hours_h: float,
    hourly_factor: float,
) -> tuple[float, float]:
    """Greatest day [m3] and average flow of the greatest hour [m3/s]."""
    day_m3 = size_count * quota_lpcd / 1000.0
    hour_m3h = day_m3 / hours_h * hourly_factor
    day = {"n": size_count, "q": quota_lpcd}
    hour = {"Qd": day_m3, "T": hours_h, "Kh": hourly_factor}
    notes.clauses += [
        clause_of(table, "quota-day", "Qd = n·q/1000", day, day_m3, "m³/d"),
        clause_of(table, "quota-hour", "Qh = Qd/T·Kh", hour, hour_m3h, "m³/h"),
    ]
    return day_m3, hour_m3h / SECONDS_PER_HOUR


def by_quota(kind: UseType, rules: RuleSet, notes: Notes, *, peak_m3s: float) -> UseLoad:
    """The greatest hour's average stands for the design flow; a concentrated use without fixtures is doubtful."""
    flow = lps_from_m3s(peak_m3s)
    table = rules.table("public-quotas")
    notes.clauses.append(clause_of(table, "quota-flow", "q = Qh/3.6", {"Qh": flow * 3.6}, flow, "L/s"))
    if kind.method == "dense":
        notes.findings.append(
            finding(
                rules.table("dense-percent"), "fixtures-needed", measured=flow, limit=flow, unit="L/s", verdict="warn",
                building=named(kind),
            )
        )  # fmt: skip
    return UseLoad("quota", kind.even, 0.0, 0.0, peak_m3s)


def named(kind: UseType) -> str:
    """A kind of use as a sentence names it."""
    return f"{kind.label_zh}（{kind.code}）"
