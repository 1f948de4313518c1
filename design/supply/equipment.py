"""What the building needs behind the connection: booster, break tank, fire tank, with flow, lift and volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.demand.together import second_flow_m3s
from design.supply.pieces import piece
from gis.messages import Text
from gis.units import lps_from_m3s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.demand.total import DesignDemand
    from design.rules.ruleset import RuleSet
    from design.supply.floors import SupplyMode
    from design.supply.inlets import Inlets
    from design.supply.pieces import Equipment


def equipment_for(
    mode: SupplyMode, demand: DesignDemand, rules: RuleSet, *, inlets: Inlets, height_m: float, fire_short_m: float
) -> tuple[Equipment, ...]:  # fmt: skip
    """Pumps and tanks of a building; `fire_short_m` is how much head the fire flow lacks at the tie-in."""
    tank = _fire_tank(demand, rules, inlets, height_m=height_m, fire_short_m=fire_short_m)
    return (*_pumped(mode, demand, rules), *tank)


def _pumped(mode: SupplyMode, demand: DesignDemand, rules: RuleSet) -> list[Equipment]:
    found: list[Equipment] = []
    storeys = len(mode.floors)
    upper = [zone for zone in mode.zones if zone.mode != "direct"]
    for zone in upper:
        share = (zone.highest - zone.lowest + 1) / storeys
        told = {"low": zone.lowest, "high": zone.highest, "lift": zone.lift_m}
        found.append(
            piece(
                zone.mode if zone.mode == "booster" else "pump", Text("design", "equipment.pump-why", told),
                rules.value("direct-supply-storeys"), flow_m3s=_flow_m3s(demand, rules, share), lift_m=zone.lift_m,
            )
        )  # fmt: skip
    if any(zone.mode == "break-tank" for zone in upper):
        share = sum(zone.highest - zone.lowest + 1 for zone in upper) / storeys
        rule = rules.value("break-tank-share")
        told = {"share": rule.value, "day": demand.max_day_m3 * share}
        volume_m3 = rule.value * demand.max_day_m3 * share
        why = Text("design", "equipment.break-tank-why", told)
        found.append(piece("break-tank", why, rule, volume_m3=volume_m3))
    return found


def _flow_m3s(demand: DesignDemand, rules: RuleSet, share: float) -> float:
    """Design second flow of a share of the building [m3/s]."""
    if not demand.loads:
        return demand.design_flow_m3s * share
    return second_flow_m3s(demand.loads, rules, share=share)


def _fire_tank(
    demand: DesignDemand, rules: RuleSet, inlets: Inlets, *, height_m: float, fire_short_m: float
) -> Sequence[Equipment]:
    """A fire tank where the mains do not carry the fire, or one inlet alone must not be relied upon."""
    if demand.fire.outdoor_m3s + demand.fire.indoor_m3s <= 0.0:
        return ()
    high, outdoor = rules.value("fire-tank-height"), lps_from_m3s(demand.fire.outdoor_m3s)
    single = inlets.is_short or (inlets.is_single and height_m > high.value)
    if not single and fire_short_m <= 0.0:
        return ()
    key = "fire-tank-single" if single else "fire-tank-short"
    told = {"flow": outdoor, "height": height_m, "short": fire_short_m, "hours": demand.fire.duration_h}
    return (
        piece("fire-tank", Text("design", f"equipment.{key}", told), high, volume_m3=demand.fire.volume_m3),
    )
