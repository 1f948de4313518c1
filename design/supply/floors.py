"""SupplyMode 供水方式: which storeys the main supplies at its lowest pressure, in what zones the others, and with what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from design.checks.option import service_head_m
from design.demand.fire import storey_height_m
from design.supply.pieces import Equipment
from gis.messages import Language, Text
from gis.units import head_m_from_mpa, mpa_from_head_m

if TYPE_CHECKING:
    from design.request import ConnectionRequest
    from design.rules.ruleset import RuleSet
    from design.wire.supply import FloorDoc, SupplyModeDoc, ZoneDoc

_SAME_M = 1e-9
DIRECT, BOOSTED, TANKED = "direct", "booster", "break-tank"


@dataclass(frozen=True)
class Floor:
    """
    One storey.

    Attributes
    ----------
    required_m, available_m
        Head asked for at the user connection to supply it directly, and head there is at the lowest hour.
    fixture_m
        Head that would be left at its fixtures if supplied directly.
    static_m
        Head at its fixtures when nothing flows, of the zone it belongs to; None where the source is unknown.
    is_reduced
        The branch asks for a pressure reducer.
    needed_m
        Least head its fixtures work with.
    """

    number: int
    required_m: float
    available_m: float
    fixture_m: float
    static_m: float | None
    mode: str
    is_reduced: bool
    needed_m: float = 0.0

    def doc(self) -> FloorDoc:
        """As the scheme document carries it."""
        return {
            "floor": self.number, "required_head_m": self.required_m, "available_head_m": self.available_m,
            "fixture_pressure_mpa": mpa_from_head_m(self.fixture_m),
            "pressure_mpa": max(0.0, mpa_from_head_m(self.fixture_m)), "needed_mpa": mpa_from_head_m(self.needed_m),
            "static_pressure_mpa": None if self.static_m is None else mpa_from_head_m(self.static_m),
            "mode": self.mode, "reduce": self.is_reduced,
        }  # fmt: skip


@dataclass(frozen=True)
class Zone:
    """Storeys supplied alike: head at the foot of the riser, and what a pump adds to what the main gives."""

    number: int
    lowest: int
    highest: int
    mode: str
    base_m: float
    lift_m: float
    static_m: float | None
    is_reduced: bool

    @property
    def text(self) -> Text:
        """What is done for these storeys."""
        told = {
            "low": self.lowest,
            "high": self.highest,
            "base": mpa_from_head_m(self.base_m),
            "lift": self.lift_m,
        }
        return Text("design", f"zone.{self.mode}", told)

    def doc(self) -> ZoneDoc:
        """As the scheme document carries it."""
        text = self.text
        return {
            "zone": self.number, "from_floor": self.lowest, "to_floor": self.highest, "mode": self.mode,
            "lift_m": self.lift_m, "head_at_base_m": self.base_m,
            "static_pressure_mpa": None if self.static_m is None else mpa_from_head_m(self.static_m),
            "reduce": self.is_reduced, "text": text.render("zh"), "text_en": text.render("en"),
        }  # fmt: skip


@dataclass(frozen=True)
class SupplyMode:
    """
    How every storey of the building is supplied at the lowest pressure of the peak hour.

    `asked_count` is how many storeys the main is asked to supply directly.
    """

    mode: str
    storey_m: float
    available_m: float
    static_m: float | None
    floors: tuple[Floor, ...]
    zones: tuple[Zone, ...]
    equipment: tuple[Equipment, ...] = ()
    source: str = ""
    static_rule: str = "static-max"
    prv_loss_m: float = 0.0
    asked_count: int = 0

    @property
    def direct_count(self) -> int:
        """Storeys the main supplies directly."""
        return sum(floor.mode == DIRECT for floor in self.floors)

    def text(self, language: Language) -> str:
        """Zones and what they need, in sentences."""
        parts = [zone.text.render(language) for zone in self.zones]
        parts += [piece.text.render(language) for piece in self.equipment]
        return ("；" if language == "zh" else "; ").join(parts)

    def doc(self) -> SupplyModeDoc:
        """As the scheme document carries it."""
        return {
            "mode": self.mode, "text": self.text("zh"), "text_en": self.text("en"),
            "storey_height_m": self.storey_m, "available_head_m": self.available_m,
            "static_head_m": self.static_m, "direct_floors": self.direct_count,
            "floors": [floor.doc() for floor in self.floors], "zones": [zone.doc() for zone in self.zones],
            "equipment": [piece.doc() for piece in self.equipment], "source": self.source, "confidence": "design",
        }  # fmt: skip


def direct_floors(available_m: float, *, storeys: int, cap: int, rules: RuleSet) -> int:
    """Storeys from the ground that the head at the connection supplies directly, never more than the cap."""
    count = 0
    while count < min(storeys, cap) and service_head_m(count + 1, rules) <= available_m + _SAME_M:
        count += 1
    return count


def supply_mode(
    request: ConnectionRequest, rules: RuleSet, *, available_m: float, static_m: float | None, may_boost: bool,
    asked_mode: str,
) -> SupplyMode:  # fmt: skip
    """
    Floors and zones of a building.

    Parameters
    ----------
    available_m
        Head above the site's ground at the user connection in the lowest hour, devices deducted where they count.
    static_m
        The same when nothing flows, None where the source is not known.
    may_boost
        The main is large enough for a booster drawing on it; else the upper storeys get a tank.
    asked_mode
        auto | direct | boost | tank | mixed
    """
    storey_m = storey_height_m(request, rules)
    cap = {"direct": request.storeys, "tank": 0}.get(
        asked_mode, int(rules.value("direct-supply-storeys").value)
    )
    if asked_mode in {"boost", "mixed"} and request.supply.direct_storeys:
        cap = request.supply.direct_storeys
    count = direct_floors(available_m, storeys=request.storeys, cap=cap, rules=rules)
    pumped = (
        TANKED if asked_mode in {"tank", "mixed"} or (asked_mode != "boost" and not may_boost) else BOOSTED
    )
    zones = _zones(
        request, rules, count, pumped, storey_m=storey_m, available_m=available_m, static_m=static_m
    )
    floors = tuple(
        _floor(zone, number, rules, storey_m=storey_m, available_m=available_m)
        for zone in zones
        for number in range(zone.lowest, zone.highest + 1)
    )
    overall = DIRECT if count == request.storeys else pumped if not count else "mixed"
    return SupplyMode(
        overall,
        storey_m,
        available_m,
        static_m,
        floors,
        zones,
        source=rules.value("storey-loss").source,
        static_rule=static_rule(request, rules),
    )


def fixture_height_m(number: int, *, storey_m: float, rules: RuleSet) -> float:
    """Height of the fixtures of a storey above the ground [m]."""
    return (number - 1) * storey_m + rules.value("fixture-height").value


def zone_head_m(highest: int, *, storey_m: float, rules: RuleSet) -> float:
    """Head at the foot of a riser that still works the fixtures of its highest storey [m]."""
    least_m = head_m_from_mpa(rules.value("fixture-head-least").value)
    return (
        fixture_height_m(highest, storey_m=storey_m, rules=rules)
        + least_m
        + highest * rules.value("storey-loss").value
    )


def static_rule(request: ConnectionRequest, rules: RuleSet) -> str:
    """The rule on static pressure at the lowest fixture of a zone: central hot water has its own."""
    hot = rules.table("hot-water-uses").column("use")
    return "static-max-hot" if any(use.use_type in hot for use in request.uses) else "static-max"


def _zones(
    request: ConnectionRequest, rules: RuleSet, count: int, pumped: str, *, storey_m: float, available_m: float,
    static_m: float | None,
) -> tuple[Zone, ...]:  # fmt: skip
    """The direct zone, then as few pumped zones as the static limit allows, of heights as equal as can be."""
    limit_m = head_m_from_mpa(rules.value(static_rule(request, rules)).value)
    found: list[Zone] = []
    if count:
        lowest_m = (
            None if static_m is None else static_m - fixture_height_m(1, storey_m=storey_m, rules=rules)
        )
        too_much = lowest_m is not None and lowest_m > limit_m
        found.append(Zone(1, 1, count, DIRECT, available_m, 0.0, lowest_m, too_much))
    rest = request.storeys - count
    for number in range(1, rest + 1):
        size = math.ceil(rest / number)
        parts = [(count + i * size + 1, min(count + (i + 1) * size, request.storeys)) for i in range(number)]
        parts = [part for part in parts if part[0] <= part[1]]
        statics = [_static_m(low, high, storey_m=storey_m, rules=rules) for low, high in parts]
        if max(statics) <= limit_m or number == rest:
            break
    else:
        parts, statics = [], []
    for (low, high), lowest in zip(parts, statics, strict=True):
        base_m = zone_head_m(high, storey_m=storey_m, rules=rules)
        lift_m = base_m if pumped == TANKED else max(0.0, base_m - available_m)
        found.append(Zone(len(found) + 1, low, high, pumped, base_m, lift_m, lowest, lowest > limit_m))
    return tuple(found)


def _static_m(lowest: int, highest: int, *, storey_m: float, rules: RuleSet) -> float:
    """Static head at the lowest fixture of a pumped zone [m]."""
    head_m = zone_head_m(highest, storey_m=storey_m, rules=rules)
    return head_m - fixture_height_m(lowest, storey_m=storey_m, rules=rules)


def _floor(zone: Zone, number: int, rules: RuleSet, *, storey_m: float, available_m: float) -> Floor:
    height_m = fixture_height_m(number, storey_m=storey_m, rules=rules)
    lowest_m = fixture_height_m(zone.lowest, storey_m=storey_m, rules=rules)
    static_m = None if zone.static_m is None else zone.static_m - (height_m - lowest_m)
    reduced = static_m is not None and static_m > head_m_from_mpa(rules.value("branch-pressure-max").value)
    return Floor(
        number, service_head_m(number, rules), available_m,
        available_m - height_m - number * rules.value("storey-loss").value, static_m, zone.mode, reduced,
        head_m_from_mpa(rules.value("fixture-head-least").value),
    )  # fmt: skip
