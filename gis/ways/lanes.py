"""Lanes along streets, and the rungs on which a trench may cross from one side to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.graph import measured
from gis.ways.segments import Segments, chains, joined, length_of, lines_of
from gis.ways.streets import bodies

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.ways.ground import Surroundings
    from gis.ways.terms import Terms

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

WIGGLE_M = 0.15  # corners of a lane that a spade would not follow
CORNER_DEG = 20.0
FARTHEST_M = 120.0  # wider than any street
PAST_M = 0.3  # rungs end a little beyond the last lane, so that they surely meet it
AHEAD_M = 0.4


@dataclass(frozen=True)
class Tracks:
    """Lanes and middles of streets: segments in one numbering of nodes; `middle` marks those along the middle."""

    segments: Segments
    middle: NDArray[np.bool_]
    next_node: int


def lay_tracks(around: Surroundings, terms: Terms) -> tuple[Tracks, NDArray[Any]]:
    """Give the lanes of all streets of a window and their middles, and the areas within the first lane."""
    streets = around.streets
    areas = [_areas(around, off_m, terms) for off_m in streets.lanes_m]
    node, parts = 0, []
    for area in areas:
        made, _, node = chains(_rings(area), first_node=node)
        parts.append(made)
    middles, node = _middles(around, first_node=node)
    parts.append(middles)
    segments = joined(parts)
    middle = np.arange(len(segments)) >= len(segments) - len(middles)
    return Tracks(segments, middle, node), (areas[0] if areas else np.zeros(0, dtype=object))


def _areas(around: Surroundings, off_m: float, terms: Terms) -> NDArray[Any]:
    """All streets together, so far beyond the kerb: their outlines are lanes that turn with the corners of the blocks."""
    areas = bodies(around.streets, around.edges, off_m)
    if not len(areas):
        return np.zeros(0, dtype=object)
    whole = shapely.union_all(areas)
    polygons = shapely.get_parts(whole)
    kept = [shapely.Polygon(p.exterior, _blocks(p, terms)) for p in polygons if p.geom_type == "Polygon"]
    found = shapely.simplify(np.asarray(kept, dtype=object), WIGGLE_M)
    return np.asarray(found[~shapely.is_empty(found)], dtype=object)


def _rings(areas: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(shapely.get_rings(areas), dtype=object)


def _blocks(polygon: Any, terms: Terms) -> list[Any]:
    """Holes wide enough to be a block of houses and not the strip between two carriageways."""
    holes = [shapely.Polygon(ring) for ring in polygon.interiors]
    return [hole.exterior for hole in holes if not shapely.buffer(hole, -terms.median_m / 2.0).is_empty]


def _middles(around: Surroundings, *, first_node: int) -> tuple[Segments, int]:
    """Centre lines; streets meet in the nodes of their graph."""
    graph, edges = around.streets.graph, around.edges
    made, owner, node = chains(graph.lines[edges], first_node=first_node)
    ends = np.unique(np.concatenate([graph.starts[edges], graph.ends[edges]]))
    of_graph = node + np.searchsorted(ends, np.concatenate([graph.starts[edges], graph.ends[edges]]))
    count = len(edges)
    tails, heads = made.tails.copy(), made.heads.copy()
    first = np.searchsorted(owner, np.arange(count))
    last = np.searchsorted(owner, np.arange(count), side="right") - 1
    tails[first], heads[last] = of_graph[:count], of_graph[count:]
    return Segments(made.a_xy, made.b_xy, tails, heads), node + len(ends)


def lay_rungs(around: Surroundings, areas: NDArray[Any], terms: Terms) -> NDArray[Any]:
    """Lines across streets: straight on at the corners of blocks, and every so far between them."""
    if not len(areas):
        return np.zeros(0, dtype=object)
    return np.concatenate([_corner_rungs(around, areas, terms), _spaced_rungs(around, terms)])


def _spaced_rungs(around: Surroundings, terms: Terms) -> NDArray[Any]:
    graph = around.streets.graph
    halves_m = around.streets.half_m(around.edges)
    lines: list[Any] = []
    for edge, half_m in zip(around.edges.tolist(), halves_m.tolist(), strict=True):
        length_m = float(graph.lengths_m[edge])
        count = int(length_m // terms.rung_m)
        lines += [
            square_rung(graph.lines[edge], length_m * (k + 0.5) / count, half_m, terms) for k in range(count)
        ]
    out = np.empty(len(lines), dtype=object)
    out[:] = lines
    return out


def square_rung(line: Any, at_m: float, half_m: float, terms: Terms) -> Any:
    """A line square across a street, from beyond its outermost lane on one side to the other."""
    vertices_xy, measures_m = measured(line)
    k = min(max(int(np.searchsorted(measures_m, at_m)) - 1, 0), len(vertices_xy) - 2)
    step = vertices_xy[k + 1] - vertices_xy[k]
    along = step / np.hypot(*step)
    foot = vertices_xy[k] + along * (at_m - measures_m[k])
    across = np.array([-along[1], along[0]]) * (half_m + max(terms.lanes_m) + PAST_M)
    return shapely.LineString([foot - across, foot + across])


def _corner_rungs(around: Surroundings, areas: NDArray[Any], terms: Terms) -> NDArray[Any]:
    """
    From every corner of a block straight on over the street beside it, to the far side.

    Where that would cross too much aslant, square over the street instead.
    """
    rings = _rings(areas)
    starts_xy, ahead_xy = _corners(rings)
    inside = _within(areas, starts_xy + ahead_xy * AHEAD_M)
    starts_xy, ahead_xy = starts_xy[inside], ahead_xy[inside]
    sine = np.sin(np.radians(terms.square_deg))
    foot_xy, along_xy = _street_ahead(around, starts_xy, ahead_xy)
    slanted = np.abs(ahead_xy[:, 0] * along_xy[:, 1] - ahead_xy[:, 1] * along_xy[:, 0]) < sine
    square_xy = foot_xy - starts_xy
    off_m = length_of(square_xy)
    usable = slanted & (off_m > 0.1)
    ahead_xy[usable] = square_xy[usable] / off_m[usable, None]
    good = ~slanted | usable
    starts_xy, ahead_xy = starts_xy[good], ahead_xy[good]
    reach_m = _far_side_m(starts_xy, ahead_xy, rings)
    crossed = np.isfinite(reach_m)
    starts_xy, ahead_xy, reach_m = starts_xy[crossed], ahead_xy[crossed], reach_m[crossed]
    past_m = (max(terms.lanes_m) - terms.lanes_m[0]) + PAST_M
    return lines_of(starts_xy - ahead_xy * PAST_M, starts_xy + ahead_xy * (reach_m + past_m)[:, None])


def _corners(rings: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Corners of rings with the directions in which their two sides run on, shape (n, 2) each."""
    starts, ahead = [], []
    for ring in rings:
        xy = shapely.get_coordinates(ring)[:-1]
        before, after = np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0)
        come, back = xy - before, xy - after
        come, back = come / length_of(come)[:, None], back / length_of(back)[:, None]
        turned = np.degrees(np.arccos(np.clip(-(come * back).sum(axis=1), -1.0, 1.0))) > CORNER_DEG
        starts += [xy[turned], xy[turned]]
        ahead += [come[turned], back[turned]]
    return np.concatenate(starts), np.concatenate(ahead)


def _within(areas: NDArray[Any], points_xy: FloatArray) -> NDArray[np.bool_]:
    inside = np.zeros(len(points_xy), dtype=bool)
    shapely.prepare(areas)  # a town of streets is one polygon of thousands of corners
    for area in areas:
        inside |= shapely.intersects_xy(area, points_xy[:, 0], points_xy[:, 1])
    return inside


def _street_ahead(
    around: Surroundings, starts_xy: FloatArray, ahead_xy: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Nearest point on the first centre line ahead, and its direction there; zeros where there is none."""
    lines = around.streets.graph.lines[around.edges]
    rays = lines_of(starts_xy, starts_xy + ahead_xy * FARTHEST_M)
    ray, edge = shapely.STRtree(lines).query(rays, predicate="intersects")
    away_m = shapely.distance(shapely.points(starts_xy[ray]), shapely.intersection(rays[ray], lines[edge]))
    order = np.lexsort((edge, away_m, ray))
    ray, edge = ray[order], edge[order]
    known, first = np.unique(ray, return_index=True)
    foot_xy, along_xy = starts_xy.copy(), np.zeros_like(starts_xy)
    line, start = lines[edge[first]], shapely.points(starts_xy[known])
    at_m = shapely.line_locate_point(line, start)
    foot_xy[known] = shapely.get_coordinates(shapely.line_interpolate_point(line, at_m))
    crossed_m = shapely.line_locate_point(line, _first_points(rays[known], line))
    low = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(crossed_m - 0.5, 0.0)))
    high = shapely.get_coordinates(shapely.line_interpolate_point(line, crossed_m + 0.5))
    steps = high - low
    along_xy[known] = steps / np.maximum(length_of(steps), 1e-9)[:, None]
    return foot_xy, along_xy


def _first_points(rays: NDArray[Any], lines: NDArray[Any]) -> NDArray[Any]:
    """Where each ray meets its line, or one of the places."""
    return np.asarray(shapely.point_on_surface(shapely.intersection(rays, lines)), dtype=object)


def _far_side_m(starts_xy: FloatArray, ahead_xy: FloatArray, rings: NDArray[Any]) -> FloatArray:
    """How far ahead the next lane lies [m]; infinite where there is none."""
    rays = lines_of(starts_xy + ahead_xy * AHEAD_M, starts_xy + ahead_xy * FARTHEST_M)
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    same = owner[1:] == owner[:-1]
    sides = lines_of(xy[:-1][same], xy[1:][same])
    ray, side = shapely.STRtree(sides).query(rays, predicate="intersects")
    gap_m = shapely.distance(shapely.points(starts_xy[ray]), shapely.intersection(rays[ray], sides[side]))
    found = np.full(len(rays), np.inf)
    np.minimum.at(found, ray, gap_m)
    return found
