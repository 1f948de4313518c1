"""A way around obstacles in right angles, as pipes are set out along houses; aslant only where that is the only way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.graph import Arcs, cheapest_paths
from gis.ways.segments import lines_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

MOST_OBSTACLES = 28  # the nearest ones: with more the search costs more than the answer is worth
BEYOND_M = 0.02  # lines run this far outside the cleared outlines
TOUCH_M = 0.01
LANE_SHARE = 0.5  # what a metre along the lane counts: a leg goes straight out to it and turns there


def way_around(
    start_xy: FloatArray, goal_xy: FloatArray, obstacles: NDArray[Any], *, bend_m: float, around_m: float
) -> FloatArray | None:
    """
    Vertices from start to goal past obstacles, in right angles to the line between them; None where there is no way.

    The goal lies on a lane square to that line. Of the ways along the outlines of obstacles (turned into that
    direction) the one with the least length and `bend_m` for each bend. What the ends stand in is no obstacle: the
    caller leaves it out.
    """
    between = shapely.LineString([start_xy, goal_xy])
    near = obstacles[shapely.distance(obstacles, between) <= around_m]
    near = near[np.argsort(shapely.distance(near, between), kind="stable")[:MOST_OBSTACLES]]
    turn = _turning(goal_xy - start_xy)
    flat = shapely.transform(near, lambda xy: xy @ turn.T) if len(near) else near
    path = _in_right_angles(turn @ start_xy, turn @ goal_xy, flat, bend_m=bend_m, around_m=around_m)
    found = _aslant(start_xy, goal_xy, near, around_m=around_m) if path is None else path @ turn
    # what was too far to be looked at must not be cut either
    if found is None or shapely.intersects(obstacles, shapely.LineString(found)).any():
        return None
    return found


def _turning(step_xy: FloatArray) -> FloatArray:
    """Matrix that turns a direction into the x axis."""
    length_m = float(np.hypot(*step_xy))
    cosine, sine = (step_xy / length_m) if length_m > 0.0 else (1.0, 0.0)
    return np.array([[cosine, sine], [-sine, cosine]])


def _in_right_angles(
    start_xy: FloatArray, goal_xy: FloatArray, obstacles: NDArray[Any], *, bend_m: float, around_m: float
) -> FloatArray | None:
    boxes = shapely.bounds(obstacles).reshape(-1, 4) + np.array([-1, -1, 1, 1]) * BEYOND_M
    xs, ys = (
        _levels(np.concatenate([boxes[:, k], boxes[:, k + 2]]), start_xy[k], goal_xy[k], around_m)
        for k in (0, 1)
    )
    tails, heads = _grid_steps(len(xs), len(ys))
    places = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=2).reshape(-1, 2)
    hit, _ = shapely.STRtree(obstacles).query(lines_of(places[tails], places[heads]), predicate="intersects")
    free = np.ones(len(tails), dtype=bool)
    free[hit] = False
    path = _with_bends(places, tails[free], heads[free], start_xy, goal_xy, bend_m=bend_m)
    return None if path is None else _corners_only(places[path])


def _levels(edges_m: FloatArray, start_m: float, goal_m: float, around_m: float) -> FloatArray:
    """Coordinates at which to turn: edges of obstacles not farther than `around_m` beside both ends, and the ends."""
    low_m, high_m = min(start_m, goal_m) - around_m, max(start_m, goal_m) + around_m
    kept = edges_m[(edges_m >= low_m) & (edges_m <= high_m)]
    return np.unique(np.concatenate([kept, [start_m, goal_m]]))


def _grid_steps(across_count: int, along_count: int) -> tuple[IntArray, IntArray]:
    """Neighbours in a grid of places numbered by column: first the steps in x, then those in y."""
    number = np.arange(across_count * along_count).reshape(across_count, along_count)
    tails = np.concatenate([number[:-1].ravel(), number[:, :-1].ravel()])
    return tails, np.concatenate([number[1:].ravel(), number[:, 1:].ravel()])


def _with_bends(
    places_xy: FloatArray, tails: IntArray, heads: IntArray, start_xy: FloatArray, goal_xy: FloatArray, *, bend_m: float
) -> list[int] | None:  # fmt: skip
    """Places of the cheapest path; every place is there twice, once for each direction of walking."""
    count = len(places_xy)
    steps = places_xy[heads] - places_xy[tails]
    upward = np.abs(steps[:, 1]) > np.abs(steps[:, 0])
    level = np.where(upward, count, 0)
    on_lane = np.abs(places_xy[tails, 0] - goal_xy[0]) + np.abs(places_xy[heads, 0] - goal_xy[0]) < TOUCH_M
    lengths_m = np.abs(steps).sum(axis=1) * np.where(on_lane, LANE_SHARE, 1.0)
    every = np.arange(count)
    one = np.concatenate([tails + level, heads + level, every, every + count])
    two = np.concatenate([heads + level, tails + level, every + count, every])
    costs = np.concatenate([lengths_m, lengths_m, np.full(2 * count, bend_m)])
    first = int(np.argmin(np.abs(places_xy - start_xy).sum(axis=1)))
    costs[2 * len(tails) + first] = 0.0  # a path may set out in either direction
    last = int(np.argmin(np.abs(places_xy - goal_xy).sum(axis=1)))
    arcs = Arcs(one, two, costs, np.arange(len(one)))
    # the leg to the goal is walked in its own direction: the x axis points from start to goal
    (path,) = cheapest_paths(arcs, nodes=2 * count, source=first, targets=[last])
    return None if path is None else [first, *(int(two[label]) % count for label in path)]


def _corners_only(path_xy: FloatArray) -> FloatArray:
    moved = np.concatenate([[True], np.abs(np.diff(path_xy, axis=0)).sum(axis=1) > 0.0])
    path_xy = path_xy[moved]
    steps = np.sign(np.round(np.diff(path_xy, axis=0), 9))
    turned = np.concatenate([[True], np.any(steps[1:] != steps[:-1], axis=1), [True]])
    return path_xy[turned]


def _aslant(
    start_xy: FloatArray, goal_xy: FloatArray, obstacles: NDArray[Any], *, around_m: float
) -> FloatArray | None:
    """Shortest line from corner to corner of the obstacles."""
    outlines = shapely.buffer(obstacles, BEYOND_M, join_style="mitre")
    corners_xy = np.unique(shapely.get_coordinates(shapely.simplify(outlines, 0.3)), axis=0)
    tree = shapely.STRtree(obstacles)
    between = shapely.LineString([start_xy, goal_xy])
    corners_xy = corners_xy[shapely.distance(shapely.points(corners_xy), between) <= around_m]
    inside, _ = tree.query(shapely.points(corners_xy), predicate="intersects")
    corners_xy = np.delete(corners_xy, np.unique(inside), axis=0)
    points = np.concatenate([[start_xy, goal_xy], corners_xy])
    a, b = np.triu_indices(len(points), k=1)
    hit, _ = tree.query(lines_of(points[a], points[b]), predicate="intersects")
    free = np.ones(len(a), dtype=bool)
    free[hit] = False
    a, b = a[free], b[free]
    lengths_m = np.hypot(*(points[b] - points[a]).T)
    arcs = Arcs(np.concatenate([a, b]), np.concatenate([b, a]), np.tile(lengths_m, 2), np.arange(2 * len(a)))
    (path,) = cheapest_paths(arcs, nodes=len(points), source=0, targets=[1])
    return None if path is None else points[[0, *(int(arcs.heads[label]) for label in path)]]
