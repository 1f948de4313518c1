"""The trenches a path can become: along the middle of the way, along its side, or straight across."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.graph import stretch
from gis.ways.trench import (
    PAVEMENT,
    Legs,
    SurfaceRun,
    Ways,
    leg_runs,
    obstacle_m,
    parcel_runs,
    price_cny,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.ways.ground import Crossing, Ground

    FloatArray = NDArray[np.float64]

DIRECT_M = 40.0  # up to here a straight trench from main to site is worth considering
PAVEMENT_WIDTH_M = 8.0  # beyond carriageway and pavement there is somebody's land
SQUARE = 0.02  # cosine up to which a leg counts as leaving its way at a right angle


@dataclass(frozen=True)
class Scene:
    """All one call looks at; `dearest_cny_m` is the price of a metre that obstacles are reckoned in."""

    ways: Ways
    ground: Ground
    site: Any
    targets: NDArray[Any]
    prices: Mapping[str, float]
    crossing_cny: float
    out: Legs
    back: Legs

    @property
    def dearest_cny_m(self) -> float:
        return max(max(self.prices.values(), default=1.0), 1e-3)


@dataclass(frozen=True)
class Trench:
    """A candidate from tie-in to site; `hindrance_m` is what obstacles add when candidates are compared."""

    vertices_xy: FloatArray
    runs: list[SurfaceRun]
    hindrance_m: float
    junctions: int


@dataclass(frozen=True)
class Piece:
    """A walk along an edge between two places on it, in the direction from the site to the tie-in."""

    edge: int
    from_m: float
    to_m: float
    junction_ends: int


def reckoned_cny(scene: Scene, trench: Trench) -> float:
    """What a trench costs when it is compared with others: price, junctions and hindrance [CNY]."""
    junctions_cny = trench.junctions * scene.crossing_cny
    return price_cny(trench.runs, scene.prices) + junctions_cny + trench.hindrance_m * scene.dearest_cny_m


def candidates(scene: Scene, target: int, out_leg: int, walk: list[Piece], back_leg: int) -> list[Trench]:
    """Every way to dig one found path; `walk` leads from the site's foot to the target's."""
    parts = [stretch(scene.ways.graph.lines[p.edge], p.to_m, p.from_m) for p in reversed(walk)]
    middle = _along_the_middle(scene, out_leg, walk, back_leg, parts)
    side = _along_the_side(scene, out_leg, walk, back_leg, parts)
    direct = _straight_across(scene, target, out_leg, back_leg)
    return [trench for trench in (middle, side, direct) if trench is not None]


def _along_the_middle(
    scene: Scene, out_leg: int, walk: list[Piece], back_leg: int, parts: list[FloatArray]
) -> Trench:
    """Tie-in, its leg, the centre line, the site's leg."""
    to_target = shapely.get_coordinates(scene.back.lines[back_leg])[::-1]
    to_site = shapely.get_coordinates(scene.out.lines[out_leg])
    runs = leg_runs(scene.ways, scene.back, back_leg)[::-1]
    for piece in reversed(walk):
        runs.append(scene.ways.run(piece.edge, abs(piece.to_m - piece.from_m)))
    runs += leg_runs(scene.ways, scene.out, out_leg)
    hindrance_m = obstacle_m(scene.back.crossing)[back_leg] + obstacle_m(scene.out.crossing)[out_leg]
    return Trench(np.concatenate([to_target, *parts, to_site]), runs, float(hindrance_m), _junctions(walk))


def _junctions(walk: list[Piece]) -> int:
    """A junction passed is the end of two pieces."""
    return sum(piece.junction_ends for piece in walk) // 2


def _along_the_side(
    scene: Scene, out_leg: int, walk: list[Piece], back_leg: int, parts: list[FloatArray]
) -> Trench | None:
    """
    Parallel to the centre line at the tie-in's own distance from it, then off to the site.

    None where legs do not leave at right angles, where the parallel breaks up at a sharp bend, or where it would
    cut through a building.
    """
    to_target = shapely.get_coordinates(scene.back.lines[back_leg])
    to_site = shapely.get_coordinates(scene.out.lines[out_leg])
    pieces = [p for p in reversed(walk) if abs(p.to_m - p.from_m) > 1e-6]
    if len(to_target) != 2 or len(to_site) != 2 or not pieces:
        return None
    line = _without_repeats(np.concatenate(parts))
    target_off_m = _offset_m(line[1] - line[0], to_target)
    site_off_m = _offset_m(line[-1] - line[-2], to_site)
    if target_off_m is None or site_off_m is None or abs(target_off_m) > _side_reach_m(scene, pieces):
        return None
    shifted = shapely.offset_curve(
        shapely.LineString(line), target_off_m, join_style="mitre", mitre_limit=3.0
    )
    if shifted.geom_type != "LineString" or shifted.is_empty:
        return None
    parallel_xy = shapely.get_coordinates(shifted)
    if np.hypot(*(parallel_xy[0] - to_target[1])) > 0.01:
        return None
    parallel_xy[0] = to_target[1]
    return _side_trench(scene, parallel_xy, pieces, out_leg, offsets_m=(target_off_m, site_off_m), walk=walk)


def _side_reach_m(scene: Scene, pieces: list[Piece]) -> float:
    rows = scene.ways.graph.rows[[piece.edge for piece in pieces]]
    return float(scene.ways.half_widths_m[rows].min()) + PAVEMENT_WIDTH_M


def _without_repeats(vertices_xy: FloatArray) -> FloatArray:
    moved = np.hypot(*np.diff(vertices_xy, axis=0).T) > 1e-6
    return vertices_xy[np.concatenate([[True], moved])]


def _offset_m(direction_xy: FloatArray, leg_xy: FloatArray) -> float | None:
    """Signed distance of a leg's end from a way, left positive [m]; None when it leaves askew."""
    across = leg_xy[1] - leg_xy[0]
    length_m = float(np.hypot(*across))
    if length_m < 1e-6:
        return 0.0
    unit = direction_xy / np.hypot(*direction_xy)
    if abs(float(unit @ across)) > SQUARE * length_m:
        return None
    return length_m if unit[0] * across[1] - unit[1] * across[0] > 0 else -length_m


def _side_trench(
    scene: Scene,
    parallel_xy: FloatArray,
    pieces: list[Piece],
    out_leg: int,
    *,
    offsets_m: tuple[float, float],
    walk: list[Piece],
) -> Trench | None:
    site_xy = np.asarray([[scene.site.x, scene.site.y]])
    along, last = (
        shapely.LineString(parallel_xy),
        shapely.LineString(np.concatenate([parallel_xy[-1:], site_xy])),
    )
    crossing = scene.ground.crossing(np.asarray([along, last], dtype=object), scene.site)
    if crossing.building_m[0] > 0.0:
        return None
    lengths_m = np.array([abs(p.to_m - p.from_m) for p in pieces])
    runs = []
    for piece, length_m in zip(pieces, lengths_m * (along.length / lengths_m.sum()), strict=True):
        street = scene.ways.run(piece.edge, float(length_m))
        half_m = scene.ways.half_widths_m[scene.ways.graph.rows[piece.edge]]
        on_pavement = abs(offsets_m[0]) > half_m and scene.ways.basis == "streets"
        surface = PAVEMENT if on_pavement else street.surface
        runs.append(SurfaceRun(surface, street.length_m, street.road_name, street.road_class))
    half_m = float(scene.ways.half_widths_m[scene.ways.graph.rows[scene.out.edges[out_leg]]])
    low_m, high_m = sorted(offsets_m)
    street_m = max(0.0, min(high_m, half_m) - max(low_m, -half_m))
    runs += _last_runs(scene, out_leg, last, crossing, street_m)
    return Trench(
        np.concatenate([parallel_xy, site_xy]), runs, float(obstacle_m(crossing).sum()), _junctions(walk)
    )


def _last_runs(
    scene: Scene, out_leg: int, line: Any, crossing: Crossing, street_m: float, *, dug_m: float = 0.0
) -> list[SurfaceRun]:
    """
    Surfaces of a leg that starts at the side of the way; the last line of `crossing` is that leg.

    `dug_m` [m] of it are accounted for already.
    """
    outside_m = max(_outside_m(line, crossing) - dug_m, 0.0)
    inside = parcel_runs(crossing, -1)
    street_m = min(street_m, outside_m)
    street = scene.ways.run(int(scene.out.edges[out_leg]), street_m)
    pavement = SurfaceRun(PAVEMENT, outside_m - street_m, street.road_name, street.road_class)
    return [street, pavement, *inside]


def _outside_m(line: Any, crossing: Crossing) -> float:
    """What of the last measured line lies in no parcel [m]."""
    return max(float(line.length - crossing.green_m[-1] - crossing.soil_m[-1]), 0.0)


def _straight_across(scene: Scene, target: int, out_leg: int, back_leg: int) -> Trench | None:
    """A short straight line, the carriageway under it counted from the ways at both its ends."""
    line = shapely.LineString([scene.targets[target], scene.site])
    if line.length > DIRECT_M:
        return None
    crossing = scene.ground.crossing(np.asarray([line], dtype=object), scene.site)
    rest = line.difference(_carriageway(scene, int(scene.back.edges[back_leg])))
    near_m = float(line.length - rest.length)
    far_m = float(shapely.length(rest.intersection(_carriageway(scene, int(scene.out.edges[out_leg])))))
    tie_in = scene.ways.run(int(scene.back.edges[back_leg]), min(near_m, _outside_m(line, crossing)))
    runs = [tie_in, *_last_runs(scene, out_leg, line, crossing, far_m, dug_m=tie_in.length_m)]
    return Trench(shapely.get_coordinates(line), runs, float(obstacle_m(crossing)[0]), 0)


def _carriageway(scene: Scene, edge: int) -> Any:
    half_m = scene.ways.half_widths_m[scene.ways.graph.rows[edge]]
    return shapely.buffer(scene.ways.graph.lines[edge], max(float(half_m), 1e-6), cap_style="flat")
