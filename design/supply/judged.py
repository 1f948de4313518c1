"""Findings on supply: static pressure, backflow, meter turndown, frost, hydrants near by, and the age of the main."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from design.renewal.assessment.criteria import load_criteria
from design.rules.ruleset import Finding, RuleSet, finding
from gis.errors import Param
from gis.messages import Text
from gis.units import lps_from_m3s, mpa_from_head_m

if TYPE_CHECKING:
    from datetime import date

    from design.city import City
    from design.demand.total import DesignDemand
    from design.points import ConnectionPoint
    from design.sizing.meters import Meter
    from design.supply.devices import InletDevices
    from design.supply.floors import SupplyMode
    from design.wire.demand import Verdict

_SAME = 1e-9


@dataclass(frozen=True)
class HydrantsNear:
    """Hydrants around a site: distance of the nearest [m], how many within reach, widest gap from one to the next [m]."""

    nearest_m: float | None
    within_count: int
    gap_m: float | None


def supply_findings(
    mode: SupplyMode, devices: InletDevices, demand: DesignDemand, rules: RuleSet, *, cover_m: float,
    hydrants: HydrantsNear | None, own_count: int = 0,
) -> list[Finding]:  # fmt: skip
    """Findings on how the site is supplied; `own_count` is of the hydrants it gets on its own account."""
    return [
        *floor_findings(mode, rules), *assumed_finding(mode, demand, rules), *static_findings(mode, rules),
        *frost_finding(cover_m, rules), *meter_findings(devices.meter, rules), *_backflow(devices, rules),
        *hydrant_findings(hydrants, demand, rules, own_count=own_count),
    ]  # fmt: skip


def static_findings(mode: SupplyMode, rules: RuleSet) -> Iterator[Finding]:
    """Greatest pressure at the lowest fixtures of each zone, and at the inlet."""
    if mode.static_m is not None:
        inlet = rules.value("inlet-pressure-max")
        yield _at_most(mode.static_m, inlet.value, "inlet-pressure", inlet.rule_id, rules)
    for zone in mode.zones:
        if zone.static_m is not None:
            rule = rules.value(mode.static_rule)
            verdict: Verdict = "warn" if zone.is_reduced else "pass"
            yield finding(
                rule, "static-pressure", measured=mpa_from_head_m(zone.static_m), limit=rule.value, unit="MPa",
                verdict=verdict, low=zone.lowest, high=zone.highest,
            )  # fmt: skip


def _at_most(head_m: float, limit: float, kind: str, rule_id: str, rules: RuleSet) -> Finding:
    measured = mpa_from_head_m(head_m)
    verdict: Verdict = "pass" if measured * 1000.0 <= limit * 1000.0 + 1e-6 else "warn"
    return finding(rules.value(rule_id), kind, measured=measured, limit=limit, unit="MPa", verdict=verdict)


def reducer_finding(mode: SupplyMode, *, asked_count: int, rules: RuleSet) -> Iterator[Finding]:
    """Whether a pressure reducer at the inlet leaves the storeys asked of the main their head."""
    if mode.prv_loss_m > 0.0:
        held: Verdict = "pass" if mode.direct_count >= asked_count else "warn"
        yield finding(
            rules.value("prv-ratio"), "reducer", measured=float(mode.direct_count), limit=float(asked_count), unit="层",
            verdict=held, loss=mode.prv_loss_m,
        )  # fmt: skip


def floor_findings(mode: SupplyMode, rules: RuleSet) -> Iterator[Finding]:
    """Direct storeys whose fixtures are left with less than they work with: taller storeys than the standard has in mind."""
    rule = rules.value("fixture-head-least")
    direct = [floor for floor in mode.floors if floor.mode == "direct"]
    if not direct:
        return
    worst = min(direct, key=lambda floor: floor.fixture_m)
    measured = mpa_from_head_m(worst.fixture_m)
    held: Verdict = "pass" if measured * 1000.0 >= rule.value * 1000.0 - 1e-6 else "warn"
    yield finding(
        rule, "floor-pressure", measured=measured, limit=rule.value, unit=rule.unit, verdict=held, floor=worst.number,
        storey=mode.storey_m,
    )  # fmt: skip


def assumed_finding(mode: SupplyMode, demand: DesignDemand, rules: RuleSet) -> Iterator[Finding]:
    """Say where the flow was taken for a booster on the main and the main is too small for one."""
    inlet = demand.inlet
    if inlet is None or not inlet.assumed or inlet.mode != "boost":
        return
    if any(zone.mode == "break-tank" for zone in mode.zones):
        flow = lps_from_m3s(inlet.flow_m3s)
        yield finding(rules.value("booster-main-ratio"), "supply-assumed", measured=flow, limit=flow, unit="L/s", verdict="warn")  # fmt: skip


def frost_finding(cover_m: float, rules: RuleSet) -> Iterator[Finding]:
    """Cover against the frost depth with its margin."""
    depth, margin = rules.value("frost-depth"), rules.value("frost-margin")
    limit = depth.value + margin.value
    verdict: Verdict = "pass" if cover_m >= limit - _SAME else "fail"
    yield finding(
        depth,
        "frost",
        measured=cover_m,
        limit=limit,
        unit="m",
        verdict=verdict,
        frost=depth.value,
        margin=margin.value,
    )


def meter_findings(meter: Meter, rules: RuleSet) -> Iterator[Finding]:
    """How much of the day's water runs below what the meter measures well."""
    if meter.low_share is None or meter.least_m3h is None:
        return
    rule = rules.value("meter-low-share")
    verdict: Verdict = "pass" if meter.low_share <= rule.value + _SAME else "warn"
    yield finding(
        rule, "meter-turndown", measured=meter.low_share, limit=rule.value, unit="share", verdict=verdict,
        share=100.0 * meter.low_share, least=meter.least_m3h, q1=meter.q1_m3h, q2=meter.q2_m3h, ratio=float(meter.ratio_r),
    )  # fmt: skip


def _backflow(devices: InletDevices, rules: RuleSet) -> Iterator[Finding]:
    flow = devices.backflow
    rule = rules.table("backflow-hazard")
    said = Text("design", "finding.backflow-none")
    if flow.is_required:
        why = flow.reasons[0]
        if len(flow.reasons) > 1:
            why = Text("design", "backflow.and", {"first": flow.reasons[0], "second": flow.reasons[1]})
        told: dict[str, Param | Text] = {
            "device": Text("design", f"backflow.device-{flow.device}"), "dn": flow.dn,
            "loss": mpa_from_head_m(flow.headloss_m), "why": why,
        }  # fmt: skip
        said = Text("design", "finding.backflow-needed", told)
    yield finding(
        rule, "backflow", measured=mpa_from_head_m(flow.headloss_m), limit=0.0, unit="MPa", verdict="pass", said=said
    )  # fmt: skip


def hydrants_near(city: City, site_xy: tuple[float, float], rules: RuleSet) -> HydrantsNear | None:
    """Hydrants around a site; None where the city records none at all."""
    places = city.once("hydrant-places", lambda: _hydrant_places(city))
    if not len(places):
        return None
    away = np.hypot(places[:, 0] - site_xy[0], places[:, 1] - site_xy[1])
    reach = rules.value("hydrant-reach").value
    near = places[away <= reach]
    gap = None
    if len(near):
        gaps = np.hypot(places[:, 0, None] - near[None, :, 0], places[:, 1, None] - near[None, :, 1])
        gaps[gaps == 0.0] = np.inf
        gap = float(gaps.min(axis=0).max()) if len(places) > 1 else None
    return HydrantsNear(float(away.min()), len(near), gap)


def _hydrant_places(city: City) -> np.ndarray:
    table = city.network.layer("hydrants")
    table = table[table.geometry.notna()]
    return np.column_stack([table.geometry.x, table.geometry.y]).reshape(-1, 2)


def hydrant_findings(
    near: HydrantsNear | None, demand: DesignDemand, rules: RuleSet, *, own_count: int = 0
) -> Iterator[Finding]:
    """Reach and spacing of the hydrants around the site, and whether they and the site's own yield its fire flow."""
    if near is None or demand.fire.outdoor_m3s <= 0.0 or near.nearest_m is None:
        return
    reach, spacing, each = (rules.value(f"hydrant-{name}") for name in ("reach", "spacing", "flow"))
    held: Verdict = "pass" if near.nearest_m <= reach.value + _SAME else "warn"
    yield finding(reach, "hydrant-reach", measured=near.nearest_m, limit=reach.value, unit="m", verdict=held)
    if near.gap_m is not None:
        close: Verdict = "pass" if near.gap_m <= spacing.value + _SAME else "warn"
        yield finding(
            spacing, "hydrant-spacing", measured=near.gap_m, limit=spacing.value, unit="m", verdict=close
        )
    count = near.within_count + own_count
    flow, wanted = count * each.value, lps_from_m3s(demand.fire.outdoor_m3s)
    enough: Verdict = "pass" if flow >= wanted - _SAME else "warn"
    yield finding(
        each, "hydrant-flow", measured=flow, limit=wanted, unit="L/s", verdict=enough, count=float(count),
        reach=reach.value,
    )  # fmt: skip


def renewal_findings(point: ConnectionPoint, city: City, rules: RuleSet, *, on: date) -> Iterator[Finding]:
    """Whether the main is due for renewal: by its material, or old enough to be on the list."""
    row = city.pipe_row(point.pipe_id)
    if row is None:
        return
    switch, aged = rules.value("tap-renewal"), rules.value("tap-aged-years")
    age = None if pd.isna(row["install_year"]) else float(on.year - int(row["install_year"]))
    listed = _listed_material(str(row["material"]), str(row["lining"]), on)
    old = age is not None and age >= aged.value
    key = "material" if listed else "age" if old else "unknown" if age is None else "none"
    banned: Verdict = "fail" if switch.is_on and point.kind == "new-tap" else "warn"
    told: dict[str, Param | Text] = {
        "pipe": point.pipe_id or "", "material": listed, "measured": age or 0.0, "limit": aged.value,
    }  # fmt: skip
    yield finding(
        aged, "renewal-due", measured=age or 0.0, limit=aged.value, unit=aged.unit,
        verdict=banned if listed or old else "pass", said=Text("design", f"finding.renewal-{key}", told),
    )  # fmt: skip


def _listed_material(material: str, lining: str, on: date) -> Text | None:
    """The class of the national list a pipe belongs to whatever its age, None for none or unsure."""
    for entry in load_criteria(on=on, count_pccp_as_cement=False).classes:
        if material in entry.materials and entry.lining in {"any", lining}:
            return Text("design", f"renewal.{entry.code}")
    return None
