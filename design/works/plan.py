"""Works 工程内容: what one connection builds: pipe, trench, tie-in, meter, valves; the basis of every quantity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from shapely.geometry import LineString

from design.rules.ruleset import RuleSet
from design.sizing.meters import Meter
from design.sizing.service import ServicePipe
from design.works.digging import GroundConditions, Trench, default_ground, plan_trench
from design.works.tapping import Tapping
from design.works.thrust import ThrustBlock, plan_blocks

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
class Casing:
    """A steel casing around the service pipe where it crosses something; `reason` is road | rail | sewer | storm."""

    reason: str
    subject: str
    at_m: float
    length_m: float
    dn: int


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
    blocks
        Concrete blocks against thrust; none for fused pipe.
    valve_wells
        Wells with a valve: at the tie-in, unless the reserved tap-off has one.
    ground
        Soil and groundwater; `trench` is the section in open ground, `confined_trench` that under a paved surface,
        `narrow_trench` that in a lane; None where it is the same.
    tie_in_depth_m
        Depth of the working pit at the tie-in.
    tapoff_dn
        Size of the reserved tap-off, None at a new tap.
    casings, hydrants
        Steel casings at crossings; hydrants the site gets on its own account.
    backflow
        Device against backflow behind the meter, "" where a check valve does.
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
    blocks: tuple[ThrustBlock, ...]
    valve_wells: int
    ground: GroundConditions
    tie_in_depth_m: float
    confined_trench: Trench | None = None
    narrow_trench: Trench | None = None
    tapoff_dn: int | None = None
    casings: tuple[Casing, ...] = ()
    hydrants: int = 0
    backflow: str = ""

    @property
    def length_m(self) -> float:
        """Length of the route."""
        return sum(run.length_m for run in self.runs)

    @property
    def outside_length_m(self) -> float:
        """Length outside the red line."""
        return self.length_m - self.inside_length_m

    @property
    def block_count(self) -> int:
        """Thrust blocks in all."""
        return sum(block.count for block in self.blocks)

    @property
    def place(self) -> str:
        """What lies over the tie-in: road | green | other."""
        first = self.runs[0] if self.runs else None
        if first is None or first.surface in {"soil", ""}:
            return "other"
        return "green" if first.surface == "green" else "road"

    def trench_of(self, run: RoadRun) -> Trench:
        """Cross-section under a run: no room for slopes beneath a pavement, least of all in a lane."""
        if run.surface in {"soil", "green"}:
            return self.trench
        lane = self.narrow_trench if run.road_class == "lane" else None
        return lane or self.confined_trench or self.trench


def plan_works(
    service: ServicePipe, meter: Meter, tapping: Tapping, *, main_dn: int, route: Sequence[RoadRun],
    inside_length_m: float, line: LineString | None, has_valve: bool, rules: RuleSet,
    ground: GroundConditions | None = None, main_cover_m: float | None = None, tapoff_dn: int | None = None,
    casings: Sequence[Casing] = (), hydrants: int = 0, backflow: str = "",
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
    ground, main_cover_m
        Soil and groundwater, the rules' where nobody has looked; cover of the main at the tie-in where known.
    """
    length_m = sum(run.length_m for run in route)
    cover_m = design_cover_m(service.dn, route, rules)
    bends = ((90.0, 1),) if line is None else count_bends(line)
    at_valve = 0 if tapping.method == "reserved" and has_valve else 1
    ground = ground or default_ground(rules)
    outer_m = service.outer_diameter_m

    def trench(**kind: bool) -> Trench:
        return plan_trench(outer_m, cover_depth_m=cover_m, rules=rules, ground=ground, **kind)

    pit_m = max(cover_m, main_cover_m or 0.0) + main_dn / 1000.0 + rules.value("pit-below-main").value
    return Works(
        service=service, meter=meter, tapping=tapping, main_dn=main_dn, runs=tuple(route),
        inside_length_m=min(max(inside_length_m, 0.0), length_m), cover_depth_m=cover_m,
        trench=trench(), confined_trench=trench(confined=True), narrow_trench=trench(confined=True, narrow=True),
        bends=bends, blocks=plan_blocks(service.material, service.dn, outer_m, bends=bends, rules=rules),
        valve_wells=at_valve, ground=ground, tie_in_depth_m=pit_m, tapoff_dn=tapoff_dn, casings=tuple(casings),
        hydrants=hydrants, backflow=backflow,
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
