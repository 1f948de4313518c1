"""Digging 沟槽: the trench of a pipe by depth, soil, surface and groundwater: upright, sloped or between sheeting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from design.errors import DesignDataError
from design.rules.ruleset import RuleSet

SAME_M = 1e-6  # depths are sums of figures: equal means equal to the hundredth of a millimetre
Support = Literal["none", "slope", "sheeting"]
ROCK = "rock"


@dataclass(frozen=True)
class GroundConditions:
    """
    What the trench is dug in: class of the soil by table `trench-support`, and how deep the groundwater stands.

    `groundwater_depth_m` is None where it lies below any trench; `soil_stated` is False for the default of the rules.
    """

    soil: str
    groundwater_depth_m: float | None = None
    soil_stated: bool = True

    def is_wet(self, depth_m: float) -> bool:
        """The groundwater stands above the bottom of a trench of that depth."""
        return self.groundwater_depth_m is not None and self.groundwater_depth_m < depth_m - SAME_M


@dataclass(frozen=True)
class Trench:
    """
    Cross-section of the trench; `slope_ratio` is horizontal to vertical, 0 for upright sides.

    `width_m` is the width of the bottom with the room the sheeting takes.
    """

    width_m: float
    depth_m: float
    bedding_m: float
    slope_ratio: float
    support: Support = "none"

    @property
    def area_m2(self) -> float:
        """Area of the cross-section."""
        return (self.width_m + self.slope_ratio * self.depth_m) * self.depth_m

    @property
    def top_width_m(self) -> float:
        """Width at the surface: what has to be opened and restored."""
        return self.width_m + 2.0 * self.slope_ratio * self.depth_m


def default_ground(rules: RuleSet) -> GroundConditions:
    """Soil and groundwater the rules assume where nobody has looked: rule `soil-class`, groundwater below the trench."""
    number = int(rules.value("soil-class").value)
    row = rules.table("trench-support").row("class", number)
    if row is None:
        raise DesignDataError("rule-missing", rule=f"trench-support/{number}", on=rules.on.isoformat())
    return GroundConditions(str(row["soil"]), None, soil_stated=False)


def soil_codes(rules: RuleSet) -> tuple[str, ...]:
    """Classes of soil a request may name."""
    return tuple(str(row["soil"]) for row in rules.table("trench-support").rows)


def plan_trench(
    outer_diameter_m: float, *, cover_depth_m: float, rules: RuleSet, ground: GroundConditions | None = None,
    confined: bool = False, narrow: bool = False,
) -> Trench:  # fmt: skip
    """
    Trench of a pipe: B = D0 + 2 b1 (GB 50268 4.3.2), depth = cover + D0 + bedding.

    Upright down to the depth the soil stands by itself. Below it the sides slope in the open; where there is no room
    for slopes (`confined`: a paved surface) they are sheeted, which widens the bottom by b2 on each side. A `narrow`
    street and a wet trench are sheeted from a lesser depth on.
    """
    bedding = rules.value("trench-bedding").value
    depth = cover_depth_m + outer_diameter_m + bedding
    ground = ground or default_ground(rules)
    soil = rules.table("trench-support").row("soil", ground.soil)
    if soil is None:
        raise DesignDataError("soil-unknown", soil=ground.soil, known=", ".join(soil_codes(rules)))
    width = trench_width_m(outer_diameter_m, rules)
    if _needs_sheeting(depth, soil["upright_m"], ground, rules, confined=confined, narrow=narrow):
        room = 2.0 * rules.value("sheeting-thickness").value
        return Trench(width + room, depth, bedding, 0.0, "sheeting")
    if depth > float(soil["upright_m"]) + SAME_M and float(soil["slope_ratio"]) > 0.0:
        return Trench(width, depth, bedding, float(soil["slope_ratio"]), "slope")
    return Trench(width, depth, bedding, 0.0)


def _needs_sheeting(
    depth_m: float,
    upright_m: float,
    ground: GroundConditions,
    rules: RuleSet,
    *,
    confined: bool,
    narrow: bool,
) -> bool:
    if ground.soil == ROCK:
        return False
    if ground.is_wet(depth_m) and depth_m > rules.value("sheeting-wet-depth").value + SAME_M:
        return True
    if narrow and depth_m > rules.value("sheeting-narrow-depth").value + SAME_M:
        return True
    return confined and depth_m > upright_m + SAME_M


def trench_width_m(outer_diameter_m: float, rules: RuleSet) -> float:
    """Bottom width of a trench without sheeting [m]."""
    return outer_diameter_m + 2.0 * side_room_m(outer_diameter_m, rules)


def side_room_m(outer_diameter_m: float, rules: RuleSet) -> float:
    """Room to work beside a pipe, b1 [m]."""
    rows = rules.table("trench-working-width").rows
    side = next(
        (r["width_mm"] for r in rows if outer_diameter_m * 1000.0 <= r["outer_max_mm"]), rows[-1]["width_mm"]
    )
    return float(side) / 1000.0


def trench_volumes_m3(trench: Trench, *, length_m: float, outer_diameter_m: float) -> dict[str, float]:
    """
    Earthwork of a trench [m3]: excavation, bedding, backfill and spoil (what bedding and pipe push out).

    >>> v = trench_volumes_m3(Trench(0.718, 1.2, 0.1, 0.0), length_m=30, outer_diameter_m=0.118)
    >>> {name: round(volume, 2) for name, volume in v.items()}
    {'excavation': 25.85, 'bedding': 2.15, 'backfill': 23.37, 'spoil': 2.48}
    """
    excavation = trench.area_m2 * length_m
    bedding = (trench.width_m + trench.slope_ratio * trench.bedding_m) * trench.bedding_m * length_m
    spoil = bedding + math.pi / 4.0 * outer_diameter_m**2 * length_m
    return {"excavation": excavation, "bedding": bedding, "backfill": excavation - spoil, "spoil": spoil}
