"""Legs: from a site or a tie-in square to the streets beside it, around what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.graph import measured
from gis.ways.lanes import PAST_M
from gis.ways.orthogonal import way_around

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.ways.ground import Ground, Home
    from gis.ways.streets import Streets
    from gis.ways.terms import Terms

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

SITE_LEGS, TARGET_LEGS, MORE_LEGS = (
    4,
    2,
    10,
)  # on how many of the nearest ways a site or a tie-in may come out
ALSO_M = 60.0  # ways so much farther than twice the nearest are considered too
FAR_AROUND = (
    2.5  # a way around that is so much longer than the straight leg is sought with the narrow clearance too
)
ON_IT_M = 1e-6
SPUR_M = 1.0  # a way around runs on so far over the first lane where it comes to it
BESIDE_M = 0.5  # so far beside the end of a way a point still faces it
SQUARE = 0.26  # cosine up to which a leg to a bend counts as square: 15 degrees


def legs_of(
    point: Any, edges: IntArray, *, streets: Streets, ground: Ground, home: Home, terms: Terms
) -> NDArray[Any]:
    """
    Lines that start at a point and lead over the lanes of those ways, for a point in a street to both its sides.

    Ways that end before the point faces them are left out where it faces another.
    """
    feet = [_Foot.of(streets, edge, point) for edge in edges.tolist()]
    faced = [
        foot
        for k, foot in enumerate(feet)
        if foot.is_square or any(foot.bends_with(other) for n, other in enumerate(feet) if n != k)
    ]
    lines = [
        leg
        for foot in faced or feet
        for leg in _legs(shapely.get_coordinates(point)[0], foot, streets=streets, ground=ground, home=home, terms=terms)
    ]  # fmt: skip
    out = np.empty(len(lines), dtype=object)
    out[:] = lines
    return out


@dataclass(frozen=True)
class _Foot:
    """Nearest point of a way: the way's direction there, the unit vector towards it, how far it is."""

    foot_xy: FloatArray
    along_xy: FloatArray
    across_xy: FloatArray
    off_m: float
    half_m: float
    slant_ratio: float

    @classmethod
    def of(cls, streets: Streets, edge: int, point: Any) -> _Foot:
        line = streets.graph.lines[edge]
        at_m = float(shapely.line_locate_point(line, point))
        vertices_xy, measures_m = measured(line)
        k = min(max(int(np.searchsorted(measures_m, at_m)) - 1, 0), len(vertices_xy) - 2)
        step = vertices_xy[k + 1] - vertices_xy[k]
        along = step / max(float(np.hypot(*step)), 1e-12)
        foot_xy = vertices_xy[k] + along * (at_m - measures_m[k])
        across = foot_xy - shapely.get_coordinates(point)[0]
        off_m = float(np.hypot(*across))
        half_m = float(streets.half_m(np.asarray([edge]))[0])
        if off_m < ON_IT_M:
            return cls(foot_xy, along, np.array([-along[1], along[0]]), 0.0, half_m, 0.0)
        across = across / off_m
        inner = 0.0 < at_m < float(measures_m[-1])
        slant = 0.0 if inner else abs(float(across @ along))
        return cls(foot_xy, along, across, off_m, half_m, slant)

    @property
    def is_square(self) -> bool:
        """Whether the point stands beside the way; the nearest point at a bend is as square to it as can be."""
        return self.slant_ratio * self.off_m <= BESIDE_M

    def bends_with(self, other: _Foot) -> bool:
        """Whether two ways that meet in their feet are one street with a slight bend there."""
        same = float(np.hypot(*(self.foot_xy - other.foot_xy))) < ON_IT_M
        return same and max(self.slant_ratio, other.slant_ratio) <= SQUARE


def nearest_edges(streets: Streets, point: Any, *, count: int, near_m: float) -> IntArray:
    """Give the nearest ways of a point within `near_m`, nearest first; none that is much farther than the nearest."""
    graph = streets.graph
    if not len(graph.lines):
        return np.zeros(0, dtype=np.intp)
    _, nearest_m = graph.tree.query_nearest(point, return_distance=True, all_matches=False)
    radius_m = min(2.0 * float(nearest_m[0]) + ALSO_M, near_m) + 1e-6
    edges = graph.tree.query(point, predicate="dwithin", distance=radius_m)
    distances_m = shapely.distance(point, graph.lines[edges])
    found: IntArray = edges[np.lexsort((edges, distances_m))][:count]
    return found


def _legs(
    here_xy: FloatArray, foot: _Foot, *, streets: Streets, ground: Ground, home: Home, terms: Terms
) -> list[Any]:
    wide_m = foot.half_m + max(streets.lanes_m) + PAST_M
    far_xy = foot.foot_xy + foot.across_xy * (wide_m if foot.slant_ratio <= SQUARE else PAST_M)
    if foot.off_m >= foot.half_m + max(streets.lanes_m):
        gate_xy = foot.foot_xy - foot.across_xy * (foot.half_m + streets.lanes_m[0])
        return [_led_around(here_xy, gate_xy, far_xy, ground=ground, home=home, terms=terms)]
    legs = [shapely.LineString([here_xy, far_xy])]
    if foot.slant_ratio <= SQUARE:
        legs.append(shapely.LineString([here_xy, foot.foot_xy - foot.across_xy * wide_m]))
    return legs


def _led_around(
    here_xy: FloatArray, gate_xy: FloatArray, far_xy: FloatArray, *, ground: Ground, home: Home, terms: Terms
) -> Any:  # fmt: skip
    """The straight leg through a gate on the first lane, or a way around to that gate where the leg is blocked."""
    straight = shapely.LineString([here_xy, far_xy])
    off_street = shapely.LineString([here_xy, gate_xy])
    window = off_street.buffer(terms.around_m)
    best: Any = None
    ends = shapely.MultiPoint([here_xy, gate_xy])
    for clear_m, foreign in ((terms.building_m, True), (terms.narrow_m, True), (terms.narrow_m, False)):
        obstacles = ground.obstacles(
            window, home, ends, clear_m=clear_m, strip_m=terms.narrow_m, foreign=foreign
        )
        if not shapely.intersects(obstacles, off_street).any():
            return straight if best is None or best.length > straight.length * FAR_AROUND else best
        path = way_around(here_xy, gate_xy, obstacles, bend_m=terms.bend_m, around_m=terms.around_m)
        if path is not None:
            found = shapely.LineString(np.concatenate([_with_spur(path, gate_xy), [far_xy]]))
            if best is None or found.length < best.length:
                best = found
            if found.length <= FAR_AROUND * straight.length:
                return best
    return straight if best is None else best


def _with_spur(path_xy: FloatArray, gate_xy: FloatArray) -> FloatArray:
    """
    Run on over the lane where the path first comes to it, and back.

    The rest of the path lies along the lane to the gate: the spur surely meets the lane, though it may be curved.
    """
    towards = path_xy[-1] - path_xy[0]
    towards = towards / max(float(np.hypot(*towards)), 1e-12)
    level = (path_xy - gate_xy) @ towards
    first = int(np.argmax(level > -ON_IT_M))
    if first in {0, len(path_xy) - 1}:
        return path_xy
    spur = path_xy[first] + towards * SPUR_M
    return np.concatenate([path_xy[: first + 1], [spur], path_xy[first:]])
