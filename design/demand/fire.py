"""Fire demand 消防用水: outdoor flow by GB 50974 table 3.3.2, its duration and volume; never part of the daily demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.asked.uses import use_types
from design.demand.load import assumed_clause, clause_of
from design.errors import RequestError
from design.rules.ruleset import Clause, Finding, RuleSet, RuleTable, RuleValue, finding
from gis.messages import Text
from gis.units import lps_from_m3s, m3s_from_lps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.request import ConnectionRequest
    from design.wire.demand import FireDoc

_BOUNDS_M3 = (1500, 3000, 5000, 20000, 50000)


@dataclass(frozen=True)
class FireDemand:
    """
    What the fire brigade needs at the site.

    Attributes
    ----------
    outdoor_m3s, indoor_m3s
        Flows; the outdoor one as stated, else as computed.
    computed_m3s
        Outdoor flow of the table, or None where no building was named.
    row
        Row of the table; "" where the flow was only stated.
    duration_h
        How long it lasts; 0 without a fire flow.
    """

    outdoor_m3s: float = 0.0
    indoor_m3s: float = 0.0
    computed_m3s: float | None = None
    row: str = ""
    height_m: float = 0.0
    duration_h: float = 0.0
    clauses: tuple[Clause, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def volume_m3(self) -> float:
        """Water of one fire, outdoor and indoor."""
        return (self.outdoor_m3s + self.indoor_m3s) * self.duration_h * 3600.0

    def doc(self) -> FireDoc:
        """As the scheme document carries it."""
        return {
            "outdoor_lps": lps_from_m3s(self.outdoor_m3s), "indoor_lps": lps_from_m3s(self.indoor_m3s),
            "computed_lps": None if self.computed_m3s is None else lps_from_m3s(self.computed_m3s),
            "building": self.row, "duration_h": self.duration_h, "volume_m3": self.volume_m3,
        }  # fmt: skip


NO_FIRE = FireDemand()


def fire_demand(request: ConnectionRequest, rules: RuleSet, *, persons_count: float = 0.0) -> FireDemand:
    """
    Fire demand of a request; `persons_count` is the population of its districts.

    Raises
    ------
    RequestError
        A building is named without its volume or floor area.
    """
    asked = request.fire
    if not asked.is_asked and asked.outdoor_m3s is None and asked.indoor_m3s is None:
        return NO_FIRE
    height_m = building_height_m(request, rules)
    clauses: list[Clause] = []
    findings: list[Finding] = []
    computed, row = _computed(request, rules, clauses, findings, height_m=height_m)
    outdoor = asked.outdoor_m3s if asked.outdoor_m3s is not None else computed or 0.0
    if asked.outdoor_m3s is not None:
        lps = lps_from_m3s(outdoor)
        clauses.append(clause_of(rules.table("outdoor-fire"), "fire", "", {"outdoor_lps": lps}, lps, "L/s"))
        if computed is not None:
            findings.append(_compared(outdoor, computed, rules.table("outdoor-fire")))
    duration = _duration(request, rules, clauses, row=row, height_m=height_m)
    found = FireDemand(
        outdoor, asked.indoor_m3s or 0.0, computed, row, height_m, duration, tuple(clauses), tuple(findings)
    )
    inputs = {"q": lps_from_m3s(outdoor + found.indoor_m3s), "t": duration}
    volume = clause_of(
        rules.table("fire-duration"), "fire-volume", "V = 3.6·q·t", inputs, found.volume_m3, "m³"
    )
    city = _city(persons_count, rules)
    return FireDemand(**{**found.__dict__, "clauses": (*clauses, volume, *city)})


def outdoor_fire_lps(row: Mapping[str, Any], volume_m3: float) -> tuple[float, bool]:
    """
    Outdoor hydrant flow of a row of table 3.3.2 for a building volume [L/s], and whether the table has that case.

    Where it has a dash the nearest value of the row stands in.
    """
    cells = [row[f"upto_{bound}"] for bound in _BOUNDS_M3] + [row["above_50000"]]
    place = sum(volume_m3 > bound for bound in _BOUNDS_M3)
    if cells[place] is not None:
        return float(cells[place]), True
    nearest = min((i for i, cell in enumerate(cells) if cell is not None), key=lambda i: abs(i - place))
    return float(cells[nearest]), False


def building_height_m(request: ConnectionRequest, rules: RuleSet) -> float:
    """Height of the building [m]: as given, else its storeys."""
    if request.fire.height_m is not None:
        return request.fire.height_m
    return request.storeys * storey_height_m(request, rules)


def storey_height_m(request: ConnectionRequest, rules: RuleSet) -> float:
    """Height of one storey [m]: as given, else by what the building is for."""
    if request.supply.storey_height_m is not None:
        return request.supply.storey_height_m
    return rules.value("storey-height-dwelling" if is_residential(request) else "storey-height-public").value


def is_residential(request: ConnectionRequest) -> bool:
    """Dwellings and nothing else (a use known by its flow only says nothing)."""
    kinds = [use_types()[use.use_type].method for use in request.uses if use.use_type is not None]
    return bool(kinds) and all(kind == "probability" for kind in kinds)


def _computed(
    request: ConnectionRequest, rules: RuleSet, clauses: list[Clause], findings: list[Finding], *, height_m: float
) -> tuple[float | None, str]:  # fmt: skip
    asked, table = request.fire, rules.table("outdoor-fire")
    if not asked.is_asked:
        return None, ""
    building = asked.building or ("residential" if is_residential(request) else "public")
    high = building == "public" and height_m > rules.value("fire-high-public").value
    key = {"public": "public-high" if high else "public-low"}.get(building, building)
    row = next(
        (r for r in table.rows if r["fire_row"] == key and r["resistance"] in {0, max(asked.resistance, 2)}),
        None,
    )
    if row is None:
        raise RequestError("fire-row-missing", field="fire.resistance", building=building)
    volume_m3 = _volume_m3(request, rules, clauses, building)
    flow_lps, known = outdoor_fire_lps(row, volume_m3)
    huge = rules.value("fire-huge-area")
    if (asked.floor_area_m2 or 0.0) > huge.value:
        flow_lps = 2.0 * max(
            float(row[name]) for name in row if name.startswith(("upto", "above")) and row[name]
        )
        clauses.append(clause_of(huge, "fire-doubled", "q = 2·q_max", {"A": asked.floor_area_m2 or 0.0}, flow_lps, "L/s"))  # fmt: skip
    inputs: dict[str, float | int | str] = {"V": volume_m3, "h": height_m, "building": str(row["label_zh"])}
    clauses.append(clause_of(table, "fire-table", "V → q", inputs, flow_lps, "L/s"))
    if not known:
        findings.append(
            finding(
                table, "fire-table", measured=volume_m3, limit=flow_lps, unit="m³", verdict="warn",
                building=str(row["label_zh"]),
            )
        )  # fmt: skip
    return m3s_from_lps(flow_lps), key


def _volume_m3(request: ConnectionRequest, rules: RuleSet, clauses: list[Clause], building: str) -> float:
    """Volume of the building [m3]: as given, or floor area times the height of a storey; dwellings need none."""
    asked = request.fire
    if asked.volume_m3 is not None:
        return asked.volume_m3
    if asked.floor_area_m2 is not None:
        height_m = storey_height_m(request, rules)
        rule = rules.value("storey-height-public")
        volume_m3 = asked.floor_area_m2 * height_m
        inputs = {"A": asked.floor_area_m2, "h": height_m}
        clauses.append(clause_of(rule, "fire-building-volume", "V = A·h", inputs, volume_m3, "m³"))
        return volume_m3
    if building == "residential":
        return 0.0
    raise RequestError("field-missing", field="fire.volume_m3", allowed="volume_m3, floor_area_m2")


def _duration(
    request: ConnectionRequest, rules: RuleSet, clauses: list[Clause], *, row: str, height_m: float
) -> float:
    """Hours the fire lasts, by table 3.6.2; commercial and important high buildings longer."""
    asked, table = request.fire, rules.table("fire-duration")
    if asked.duration_h is not None:
        return asked.duration_h
    key = row or ("residential" if is_residential(request) else "public-low")
    commercial = any(use.use_type in rules.table("fire-commercial").column("use") for use in request.uses)
    important = asked.important and height_m > rules.value("fire-important-height").value
    if key == "public-high" and (commercial or important):
        key = "public-high-important"
    found = table.row("fire_row", key)
    hours = float(found["hours_h"]) if found else 2.0
    clauses.append(assumed_clause("fire_duration", hours, "h", table))
    return hours


def _city(persons_count: float, rules: RuleSet) -> list[Clause]:
    """Simultaneous fires of a city part by its population (table 3.2.2), where there is one."""
    if persons_count <= 0.0:
        return []
    table = rules.table("city-fire")
    row = next((r for r in table.rows if persons_count <= r["persons_max"]), table.rows[-1])
    inputs = {"N": persons_count, "n": int(row["fires"]), "q": float(row["flow_lps"])}
    return [clause_of(table, "fire-city", "Q = n·q", inputs, float(row["fires"] * row["flow_lps"]), "L/s")]


def _compared(stated_m3s: float, computed_m3s: float, table: RuleTable | RuleValue) -> Finding:
    """A stated fire flow held against the table."""
    stated, computed = lps_from_m3s(stated_m3s), lps_from_m3s(computed_m3s)
    return finding(
        table, "fire-flow", measured=stated, limit=computed, unit="L/s",
        verdict="pass" if stated >= computed - 1e-9 else "warn",
        said=None if abs(stated - computed) < 1e-9 or stated < computed
        else Text("design", "finding.fire-flow-more", {"measured": stated, "limit": computed}),
    )  # fmt: skip
