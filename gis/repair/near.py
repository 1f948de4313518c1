"""Dead ends that almost meet another end or line: too far for the error of survey, too near to be by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.repair.topology import is_among

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from gis.repair.topology import FloatArray, IntArray, Lines

MOST_STEPS = 40  # pipes walked in the neighbourhood of an end; more than this within a few metres is a tangle


@dataclass(frozen=True)
class NearMisses:
    """
    One row a dead end.

    Attributes
    ----------
    end, own
        Node index of the dead end and row of its line.
    node
        Node it almost meets, -1 where it is the middle of a line.
    line, at_m
        Line it almost meets and distance along it.
    away_m
        Gap.
    """

    end: IntArray
    own: IntArray
    node: IntArray
    line: IntArray
    at_m: FloatArray
    away_m: FloatArray

    def __len__(self) -> int:
        return len(self.end)

    def take(self, rows: Any) -> NearMisses:
        """Give some of them."""
        return NearMisses(
            self.end[rows],
            self.own[rows],
            self.node[rows],
            self.line[rows],
            self.at_m[rows],
            self.away_m[rows],
        )


def near_misses(lines: Lines, places_xy: FloatArray, *, within_m: float, walk_m: float) -> NearMisses:
    """
    Give for each dead end the nearest end or line within `within_m` that it does not reach through pipes in `walk_m`.

    Two dead ends that almost meet each other are one near miss, of the western one.
    """
    degree = np.bincount(np.concatenate([lines.start, lines.end]), minlength=len(places_xy))
    dead = np.flatnonzero(degree == 1)
    found = _close_lines(lines, places_xy, dead, within_m)
    if not len(found):
        return found
    found = found.take(~_reached(lines, len(places_xy), found, walk_m))
    found = _nearest_each(found, places_xy)
    return found.take(~_told_by_other_end(found, places_xy))


def _close_lines(lines: Lines, places_xy: FloatArray, dead: IntArray, within_m: float) -> NearMisses:
    """All pairs of a dead end and a line of others that comes near it."""
    own_of = np.full(len(places_xy), -1, dtype=np.int64)
    own_of[lines.start] = np.arange(len(lines))
    own_of[lines.end] = np.where(own_of[lines.end] < 0, np.arange(len(lines)), own_of[lines.end])
    points = shapely.points(places_xy[dead])
    if len(dead) and within_m > 0:
        place, row = shapely.STRtree(lines.geometry).query(points, predicate="dwithin", distance=within_m)
    else:
        place, row = np.empty((2, 0), dtype=np.int64)
    end = dead[place]
    foreign = (lines.start[row] != end) & (lines.end[row] != end)
    end, row, points = end[foreign], row[foreign], points[place[foreign]]
    ends = np.column_stack([lines.start[row], lines.end[row]])
    to_ends_m = np.hypot(*np.moveaxis(places_xy[ends] - places_xy[end][:, None, :], 2, 0))
    nearer = np.argmin(to_ends_m, axis=1) if len(end) else np.empty(0, dtype=np.int64)
    to_end_m = to_ends_m[np.arange(len(end)), nearer]
    node = np.where(to_end_m <= within_m, ends[np.arange(len(end)), nearer], -1)
    away_m = np.where(node >= 0, to_end_m, shapely.distance(lines.geometry[row], points))
    at_m = shapely.line_locate_point(lines.geometry[row], points)
    return NearMisses(end, own_of[end], node, row.astype(np.int64), at_m, away_m)


def _reached(lines: Lines, count: int, found: NearMisses, walk_m: float) -> NDArray[np.bool_]:
    """Tell which near things lie in the neighbourhood of their end anyway."""
    keys = neighbourhood(lines, count, np.unique(found.end), walk_m)
    by_start = is_among(found.end * count + lines.start[found.line], keys)
    by_end = is_among(found.end * count + lines.end[found.line], keys)
    return by_start | by_end


def neighbourhood(lines: Lines, count: int, seeds: IntArray, walk_m: float) -> IntArray:
    """Give what nodes `seeds` reach through lines of `walk_m` in all, as sorted keys `seed * count + node`."""
    length_m = shapely.length(lines.geometry)
    both = np.concatenate([lines.start, lines.end])
    order = np.argsort(both, kind="stable")
    first = np.searchsorted(both[order], np.arange(count + 1))
    far = np.concatenate([lines.end, lines.start])[order]
    step_m = np.concatenate([length_m, length_m])[order]
    seed, node, walked_m = seeds, seeds, np.zeros(len(seeds))
    known = np.sort(seeds * count + seeds)
    for _ in range(MOST_STEPS):
        many = first[node + 1] - first[node]
        at = np.repeat(first[node], many) + np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        seed, walked_m = np.repeat(seed, many), np.repeat(walked_m, many) + step_m[at]
        node = far[at]
        fresh = (walked_m <= walk_m) & ~is_among(seed * count + node, known)
        seed, node, walked_m = seed[fresh], node[fresh], walked_m[fresh]
        if not len(seed):
            break
        order_by_walk = np.lexsort((walked_m, seed * count + node))
        seed, node, walked_m = seed[order_by_walk], node[order_by_walk], walked_m[order_by_walk]
        new, single = np.unique(seed * count + node, return_index=True)
        seed, node, walked_m = seed[single], node[single], walked_m[single]
        known = np.union1d(known, new)
    return known


def _nearest_each(found: NearMisses, places_xy: FloatArray) -> NearMisses:
    """Of several near things an end rather than a line, then the nearest; at equal distance the western one."""
    target = np.where(found.node >= 0, found.node, found.end)
    order = np.lexsort(
        (places_xy[target, 1], places_xy[target, 0], np.round(found.away_m, 6), found.node < 0, found.end)
    )
    first = np.append(True, np.diff(found.end[order]) != 0)[: len(order)]
    return found.take(order[first])


def _told_by_other_end(found: NearMisses, places_xy: FloatArray) -> NDArray[np.bool_]:
    chosen = dict(zip(found.end.tolist(), found.node.tolist(), strict=True))
    xy = places_xy.tolist() if len(found) else []
    return np.array(
        [chosen.get(node) == end and (xy[node], node) < (xy[end], end) for end, node in chosen.items()],
        dtype=bool,
    )
