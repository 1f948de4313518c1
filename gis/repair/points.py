"""Line ends without a recorded node, matched with the known points near them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.repair.thresholds import Thresholds
    from gis.repair.topology import FloatArray, IntArray

NEAREST = 6  # points looked at for each end
WORST = 3.0  # times the expected error: a length that is off by more says nothing more
CLEAR = 1.0  # the best choice must be better than the next by this, else both are named


@dataclass(frozen=True)
class Matches:
    """Shape (ends,), starts first: row of the point of each end, and of the one that might be it as well; -1 for none."""

    point: IntArray
    second: IntArray


def match_points(
    ends_xy: FloatArray,
    points_xy: FloatArray,
    *,
    drawn_m: FloatArray,
    recorded_m: FloatArray,
    limits: Thresholds,
) -> Matches:
    """
    Give each line the pair of points that fits best: near its ends, equally far from both, and as far apart as recorded.

    A line drawn out of place is so as a whole (moved, turned or stretched about its middle): its ends are off by the
    same amount, and its true length is the drawn one times the ratio of the points' distance to that of its ends.
    Where a length is recorded (NaN where not) it must agree to `length_error_m` and `length_error_share`. Only points
    within `point_reach_m` are considered; a line is never turned round.
    """
    count = len(ends_xy) // 2
    nothing = np.full(2 * count, -1, dtype=np.int64)
    if not len(points_xy) or limits.point_reach_m <= 0:
        return Matches(nothing, nothing.copy())
    near = min(NEAREST, len(points_xy))
    away_m, point = cKDTree(points_xy).query(ends_xy, k=near, distance_upper_bound=limits.point_reach_m)
    away_m, point = away_m.reshape(2 * count, near), point.reshape(2 * count, near)
    cost = _costs(ends_xy, points_xy, away_m, point, drawn_m, recorded_m, limits).reshape(count, near * near)
    order = np.argsort(cost, axis=1, kind="stable")
    rows = np.arange(count)
    best = order[:, 0]
    best_cost = cost[rows, best]
    found = np.isfinite(best_cost)
    chosen = np.where(found, best // near, 0), np.where(found, best % near, 0)
    points = np.concatenate([point[:count][rows, chosen[0]], point[count:][rows, chosen[1]]])
    # With no pair in reach each end stands for itself: its nearest point, if any.
    points = np.where(np.tile(found, 2), points, np.where(np.isfinite(away_m[:, 0]), point[:, 0], -1))
    return Matches(points.astype(np.int64), _seconds(cost, best_cost, points, point, near))


def _costs(
    ends_xy: FloatArray, points_xy: FloatArray, away_m: FloatArray, point: IntArray,
    drawn_m: FloatArray, recorded_m: FloatArray, limits: Thresholds,
) -> FloatArray:  # fmt: skip
    """Shape (lines, near, near): squares of shift and length error in expected errors; infinite for what cannot be."""
    count, near = len(ends_xy) // 2, point.shape[1]
    padded = np.vstack([points_xy, [np.nan, np.nan]])
    start, end = padded[point[:count]], padded[point[count:]]
    span = end[:, None, :, :] - start[:, :, None, :]
    chord = (ends_xy[count:] - ends_xy[:count])[:, None, None, :]
    chord_m = np.hypot(chord[..., 0], chord[..., 1])
    span_m = np.hypot(span[..., 0], span[..., 1])
    du, dv = away_m[:count][:, :, None], away_m[count:][:, None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = (du**2 + dv**2 + (du - dv) ** 2) / (limits.point_reach_m / 2.0) ** 2
        length_m = drawn_m[:, None, None] * span_m / chord_m
        allowed_m = limits.length_error_m + limits.length_error_share * recorded_m[:, None, None]
        error = np.minimum(np.abs(length_m - recorded_m[:, None, None]) / allowed_m, WORST)
    cost = shift + np.nan_to_num(error, nan=0.0) ** 2
    impossible = (
        (point[:count][:, :, None] == point[count:][:, None, :]) | ~np.isfinite(du) | ~np.isfinite(dv)
    )
    impossible = impossible | ((span * chord).sum(axis=3) < 0)
    costs: FloatArray = np.where(impossible | ~np.isfinite(cost), np.inf, cost).reshape(count, near, near)
    return costs


def _seconds(
    cost_score: FloatArray, best_score: FloatArray, points: IntArray, point: IntArray, near: int
) -> IntArray:
    """For each end another point that fits almost as well, -1 where the choice is clear."""
    count = len(cost_score)
    grid = cost_score.reshape(count, near, near)
    second = np.full(2 * count, -1, dtype=np.int64)
    for half, by_point in ((0, grid.min(axis=2)), (1, grid.min(axis=1))):
        rows = slice(half * count, (half + 1) * count)
        other = np.where(point[rows] == points[rows][:, None], np.inf, by_point)
        at = np.argmin(other, axis=1)
        with np.errstate(invalid="ignore"):
            unclear = other[np.arange(count), at] - best_score < CLEAR
        second[rows] = np.where(unclear, point[rows][np.arange(count), at], -1)
    return second


def shared_out(point: IntArray, points_xy: FloatArray, rank: IntArray) -> IntArray:
    """
    Deal ends out among points at one and the same place, so that none stays without a line.

    Such points are the two sides of a pump or valve: which side a line is on, places cannot tell. `rank` orders ends.
    """
    groups: NDArray[np.int64] = np.unique(points_xy, axis=0, return_inverse=True)[1].reshape(-1)
    size = np.bincount(groups)
    if size.max(initial=0) < 2:
        return point
    dealt = point.copy()
    matched = np.flatnonzero(point >= 0)
    matched = matched[size[groups[point[matched]]] > 1]
    for group in np.unique(groups[point[matched]]):
        members = np.flatnonzero(groups == group)
        ends = matched[groups[point[matched]] == group]
        ends = ends[np.argsort(rank[ends], kind="stable")]
        dealt[ends] = members[np.arange(len(ends)) % len(members)]
    return dealt
