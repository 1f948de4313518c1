"""Works 工程内容: what one connection builds: pipe, trench, tie-in, meter, valves; the basis of every quantity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from shapely.geometry import LineString

from design.meters import Meter
from design.rules import RuleSet
from design.sizing import ServicePipe
from design.tapping import Tapping

PUBLIC_ROADS = ("expressway", "arterial", "secondary", "branch")
SURFACES = ("asphalt", "concrete", "paving-brick", "gravel", "soil", "green")
_BEND_STEPS_DEG = (11.25, 22.5, 45.0, 90.0)


@dataclass(frozen=True)
class RoadRun:
    """
    A stretch of the route in one surface of one road.

    `opened_on` and `paved_on` are those of the street: when it was put into use, when last overhauled.
    """

    surface: str
    length_m: float
    road_name: str = ""
    road_class: str = ""
    opened_on: date | None = None
    paved_on: date | None = None

    def like(self, other: RoadRun) -> bool:
        """Same surface of the same road with the same dates."""
        return replace(self, length_m=0.0) == replace(other, length_m=0.0)

    def longer(self, length_m: float) -> RoadRun:
        """The same stretch, so much longer."""
        return replace(self, length_m=self.length_m + length_m)

    @property
    def is_public_road(self) -> bool:
        """A city road, whose authority permits and restores."""
        return self.road_class in PUBLIC_ROADS and self.surface != "green"


@dataclass(frozen=True)
class Trench:
    """Cross-section of the trench; `slope_ratio` is horizontal to vertical, 0 for upright sides."""

    width_m: float
    depth_m: float
    bedding_m: float
    slope_ratio: float

    @property
    def area_m2(self) -> float:
        """Area of the cross-section."""
        return (self.width_m + self.slope_ratio * self.depth_m) * self.depth_m

    @property
    def top_width_m(self) -> float:
        """Width at the surface: what has to be opened and restored."""
        return self.width_m + 2.0 * self.slope_ratio * self.depth_m


@dataclass(frozen=True)
class Works:
    """
    What will be built.

    Attributes
    ----------
    runs
        The whole route by surface, from tie-in to meter, outside stretches first.
    inside_length_m
        How much of the route lies inside the red line, at its site end.
    bends
        Fittings as (degrees, count) of the standard angles.
    thrust_blocks
        Concrete blocks for bends, tee and cap; 0 for fused pipe.
    valve_wells
        Wells with a valve: at the tie-in, unless the reserved tap-off has one.
    """

    service: ServicePipe
    meter: Meter
    tapping: Tapping
    main_dn: int
    runs: tuple[RoadRun, ...]
    inside_length_m: float
    cover_depth_m: float
    trench: Trench
    bends: tuple[tuple[float, int], ...]
    thrust_blocks: int
    valve_wells: int

    @property
    def length_m(self) -> float:
        """Length of the route."""
        return sum(run.length_m for run in self.runs)

    @property
    def outside_length_m(self) -> float:
        """Length outside the red line."""
        return self.length_m - self.inside_length_m


def plan_works(
    service: ServicePipe, meter: Meter, tapping: Tapping, *, main_dn: int, route: Sequence[RoadRun],
    inside_length_m: float, line: LineString | None, has_valve: bool, rules: RuleSet,
) -> Works:  # fmt: skip
    """
    The works of one connection.

    Notes
    -----
    route
        Stretches from tie-in to site; empty surfaces count as asphalt.
    inside_length_m
        Part of the route inside the red line; cut to the route's length.
    line
        The route in metres, for its bends; None counts one right angle.
    has_valve
        The reserved tap-off brings its own valve.
    """
    length_m = sum(run.length_m for run in route)
    cover_m = design_cover_m(service.dn, route, rules)
    bends = ((90.0, 1),) if line is None else count_bends(line)
    at_valve = 0 if tapping.method == "reserved" and has_valve else 1
    return Works(
        service=service, meter=meter, tapping=tapping, main_dn=main_dn, runs=tuple(route),
        inside_length_m=min(max(inside_length_m, 0.0), length_m), cover_depth_m=cover_m,
        trench=plan_trench(service.outer_diameter_m, cover_depth_m=cover_m, rules=rules), bends=bends,
        thrust_blocks=_thrust_blocks(service.material, bends, rules), valve_wells=at_valve,
    )  # fmt: skip


def required_cover_m(route: Sequence[RoadRun], rules: RuleSet) -> float:
    """Least cover a standard asks for along a route [m]: carriageway or footway, and frost depth with its margin."""
    road = any(run.is_public_road for run in route)
    load = rules.value("cover-carriageway" if road else "cover-footway").value
    return max(load, rules.value("frost-depth").value + rules.value("frost-margin").value)


def design_cover_m(dn: int, route: Sequence[RoadRun], rules: RuleSet) -> float:
    """Cover to build with [m]: the standard's, and the utility's habit by size where that is deeper."""
    habit = rules.value("cover-small" if dn < 100 else "cover-large").value
    return max(required_cover_m(route, rules), habit)


def plan_trench(outer_diameter_m: float, *, cover_depth_m: float, rules: RuleSet) -> Trench:
    """
    Trench of a pipe: B = D0 + 2 b1 (GB 50268 4.3.2), depth = cover + D0 + bedding.

    Sides are sloped only below the depth where the soil of the rules needs it; no sheeting is planned.
    """
    bedding = rules.value("trench-bedding").value
    depth = cover_depth_m + outer_diameter_m + bedding
    slope = rules.value("trench-slope").value if depth > rules.value("trench-vertical-depth").value else 0.0
    return Trench(trench_width_m(outer_diameter_m, rules), depth, bedding, slope)


def trench_width_m(outer_diameter_m: float, rules: RuleSet) -> float:
    """Bottom width of a trench without sheeting [m]."""
    rows = rules.table("trench-working-width").rows
    side = next(
        (r["width_mm"] for r in rows if outer_diameter_m * 1000.0 <= r["outer_max_mm"]), rows[-1]["width_mm"]
    )
    return outer_diameter_m + 2.0 * float(side) / 1000.0


def count_bends(line: LineString) -> tuple[tuple[float, int], ...]:
    """
    Bends of a route as (standard angle in degrees, count); turns below half of 11.25 are taken by the joints.

    >>> count_bends(LineString([(0, 0), (10, 0), (10, 10), (20, 20)]))
    ((45.0, 1), (90.0, 1))
    """
    points = list(line.simplify(0.05).coords)
    found: dict[float, int] = {}
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        turn = abs(_heading_deg(at, after) - _heading_deg(before, at)) % 360.0
        turn = min(turn, 360.0 - turn)
        if turn >= _BEND_STEPS_DEG[0] / 2.0:
            step = min(_BEND_STEPS_DEG, key=lambda angle: abs(angle - turn))
            found[step] = found.get(step, 0) + 1
    return tuple(sorted(found.items()))


def _heading_deg(start: tuple[float, ...], end: tuple[float, ...]) -> float:
    return math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))


def _thrust_blocks(material: str, bends: Sequence[tuple[float, int]], rules: RuleSet) -> int:
    """Push-in joints need a block at each bend from the rule's angle on, and one at the tie-in."""
    if material != "DI":
        return 0
    return 1 + sum(count for angle, count in bends if angle >= rules.value("thrust-angle").value)
