"""A route made of a walk along ways and two legs beside them, with what each metre runs under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.ways.graph import LineGraph
    from gis.ways.ground import Crossing, Ground

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

Basis = Literal["streets", "pipes", "straight"]
SITE_LEGS, TARGET_LEGS = 3, 2  # how many of the nearest ways a site, a target may come out on
# How much dearer a metre through a building or another's land is reckoned when ways are compared. Not a price:
# large enough that any detour within reach is preferred, finite so that a boxed-in site still gets an answer.
BUILDING_FACTOR, FOREIGN_FACTOR = 200.0, 10.0
PAVEMENT = "paving-brick"


@dataclass(frozen=True)
class SurfaceRun:
    """A part of a route under one surface; road name and class only where it runs in a known road."""

    surface: str
    length_m: float
    road_name: str | None
    road_class: str | None


@dataclass(frozen=True)
class Route:
    """
    A trench from the tie-in to the site.

    `line` starts at the tie-in; `surfaces` follow it and add up to `length_m`; `cost_cny` is their price by the
    caller's table, crossings included; `basis` says along what it was sought.
    """

    line: shapely.LineString
    length_m: float
    surfaces: tuple[SurfaceRun, ...]
    cost_cny: float
    basis: Basis


@dataclass(frozen=True)
class Ways:
    """A graph of ways with what is known of each row of its source table."""

    basis: Basis
    graph: LineGraph
    surfaces: Sequence[str]
    names: Sequence[str | None]
    classes: Sequence[str | None]
    half_widths_m: FloatArray

    def near(self, site: Any, reach_m: float) -> bool:
        """Whether any way comes within reach of the site."""
        return bool(len(self.graph.tree.query(site, predicate="dwithin", distance=reach_m)))

    def run(self, edge: int, length_m: float) -> SurfaceRun:
        """A stretch along an edge."""
        row = self.graph.rows[edge]
        return SurfaceRun(self.surfaces[row], length_m, self.names[row], self.classes[row])


@dataclass(frozen=True)
class Legs:
    """
    Straight lines from ways to places, n of them.

    `edges`, `at_m`: the foot on the way; `places`: which place (site or target number) the leg leads to.
    """

    edges: IntArray
    at_m: FloatArray
    places: IntArray
    lines: NDArray[Any]
    crossing: Crossing
    street_m: FloatArray

    @property
    def pavement_m(self) -> FloatArray:
        """What is neither street nor parcel [m]."""
        c = self.crossing
        return np.maximum(c.length_m - self.street_m - c.green_m - c.soil_m, 0.0)


def surface_price(table: Mapping[str, float], surface: str) -> float:
    """Price of a metre under a surface [CNY]; the dearest known one when the table does not name it."""
    return table[surface] if surface in table else max(table.values(), default=1.0)


def price_cny(runs: Sequence[SurfaceRun], table: Mapping[str, float]) -> float:
    """What the surfaces of a route cost by the caller's table [CNY]."""
    return sum(run.length_m * surface_price(table, run.surface) for run in runs)


def leg_runs(ways: Ways, legs: Legs, leg: int) -> list[SurfaceRun]:
    """Surfaces from the way outwards: carriageway, pavement, then what lies inside the red line."""
    street = ways.run(int(legs.edges[leg]), float(legs.street_m[leg]))
    pavement = SurfaceRun(PAVEMENT, float(legs.pavement_m[leg]), street.road_name, street.road_class)
    return [street, pavement, *parcel_runs(legs.crossing, leg)]


def parcel_runs(crossing: Crossing, line: int) -> list[SurfaceRun]:
    """What a line runs under inside parcels."""
    return [
        SurfaceRun("green", float(crossing.green_m[line]), None, None),
        SurfaceRun("soil", float(crossing.soil_m[line]), None, None),
    ]


def joined(runs: Sequence[SurfaceRun]) -> tuple[SurfaceRun, ...]:
    """Neighbouring stretches of the same surface and road as one; nothing of no length."""
    out: list[SurfaceRun] = []
    for run in runs:
        if run.length_m <= 0.0:
            continue
        last = out[-1] if out else None
        same = last and (last.surface, last.road_name, last.road_class) == (
            run.surface, run.road_name, run.road_class,
        )  # fmt: skip
        if last and same:
            out[-1] = SurfaceRun(run.surface, last.length_m + run.length_m, run.road_name, run.road_class)
        else:
            out.append(run)
    return tuple(out)


def obstacle_m(crossing: Crossing) -> FloatArray:
    """Metres by which obstacles make lines longer when ways are compared, shape (n,)."""
    extra_m: FloatArray = BUILDING_FACTOR * crossing.building_m + FOREIGN_FACTOR * crossing.foreign_m
    return extra_m


def make_legs(
    ways: Ways, ground: Ground, points: NDArray[Any], home: Any, *, count: int, reach_m: float
) -> Legs:
    """
    Straight legs from the `count` nearest ways to each of n points, around buildings where they stand in the way.

    A way much farther than the nearest one is not considered: the nearest leads there. Where none of them belongs
    to the greatest connected part, the nearest way that does is added, for the others may lead nowhere.
    """
    edges, places = _all_nearest(ways.graph, points, count, reach_m)
    at_m = shapely.line_locate_point(ways.graph.lines[edges], points[places])
    feet = shapely.line_interpolate_point(ways.graph.lines[edges], at_m)
    ends = np.stack([shapely.get_coordinates(feet), shapely.get_coordinates(points[places])], axis=1)
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    crossing = ground.crossing(lines, home)
    connected = np.isin(edges, ways.graph.connected)
    if _led_around(lines, places, crossing.building_m > 0.0, connected, ground=ground, home=home):
        crossing = ground.crossing(lines, home)
    half_m = ways.half_widths_m[ways.graph.rows[edges]]
    outside_m = crossing.length_m - crossing.green_m - crossing.soil_m
    return Legs(edges, at_m, places, lines, crossing, np.minimum(half_m, np.maximum(outside_m, 0.0)))


def _led_around(
    lines: NDArray[Any],
    places: IntArray,
    blocked: NDArray[np.bool_],
    connected: NDArray[np.bool_],
    *,
    ground: Ground,
    home: Any,
) -> bool:
    """Lead blocked legs around buildings, in place; a place with one good leg to a connected way needs no other."""
    changed, served = False, set()
    for leg, place in enumerate(places.tolist()):
        if place in served:
            continue
        if blocked[leg]:
            around = ground.around(lines[leg], home)
            if around is lines[leg]:
                continue
            lines[leg], changed = around, True
        if connected[leg]:
            served.add(place)
    return changed


def _all_nearest(
    graph: LineGraph, points: NDArray[Any], count: int, reach_m: float
) -> tuple[IntArray, IntArray]:
    edges, places = _nearest_ways(graph, points, count, reach_m)
    served = np.unique(places[np.isin(edges, graph.connected)])
    lost = np.setdiff1d(np.arange(len(points)), served)
    if not len(lost):
        return edges, places
    place, edge = graph.connected_tree.query_nearest(
        points[lost], max_distance=max(reach_m, 1e-6), all_matches=False
    )
    return np.concatenate([edges, graph.connected[edge]]), np.concatenate([places, lost[place]])


def _nearest_ways(
    graph: LineGraph, points: NDArray[Any], count: int, reach_m: float
) -> tuple[IntArray, IntArray]:
    (_, _), nearest_m = graph.tree.query_nearest(points, return_distance=True, all_matches=False)
    radius_m = np.minimum(2 * nearest_m + 50.0, np.maximum(reach_m, nearest_m)) + 1e-6
    places, edges = graph.tree.query(points, predicate="dwithin", distance=radius_m)
    distances_m = shapely.distance(points[places], graph.lines[edges])
    order = np.lexsort((edges, distances_m, places))
    places, edges = places[order], edges[order]
    first = np.searchsorted(places, places)
    kept = np.arange(len(places)) - first < count
    return edges[kept], places[kept]
