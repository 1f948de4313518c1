"""Which line of one table runs where a line of another does: points along every line, told by the nearest of its size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.files.shipped import shipped_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.results import FloatArray

    Lines = NDArray[np.object_]

_STEP_M, _SLANT = 0.5, 0.3


@dataclass(frozen=True)
class Terms:
    """How near, how parallel, and how different two pipes may be: data/model/compare.toml says what each means."""

    reach_m: float
    samples: int
    along_cos_ratio: float
    tie_m: float
    size_metres_ratio: float
    covered_share: float
    pair_share: float
    alike_share: float
    size_share: float
    size_m: float
    length_share: float
    length_m: float


@cache
def load_terms() -> Terms:
    """The terms in force."""
    return Terms(**shipped_table("hydraulics", "model", "compare.toml"))


@dataclass(frozen=True)
class Told:
    """
    Points along lines and the line of the other table that each lies on.

    Attributes
    ----------
    other
        Shape (lines, samples): row in the other table, -1 where none is near.
    away_m
        Shape (lines, samples): how far it is; NaN for none.
    """

    other: NDArray[np.int64]
    away_m: FloatArray

    @property
    def covered_share(self) -> FloatArray:
        """Shape (lines,): share of each line that has a counterpart."""
        return np.asarray((self.other >= 0).mean(axis=1), dtype=np.float64)

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Every line with every counterpart it has: row here, row there, and how many points they share."""
        row = np.repeat(np.arange(len(self.other)), self.other.shape[1])
        there = self.other.ravel()
        found, points = np.unique(np.column_stack([row, there])[there >= 0], axis=0, return_counts=True)
        return found[:, 0], found[:, 1], points


def told(lines: Lines, bore_m: FloatArray, *, by: Lines, by_bore_m: FloatArray, terms: Terms) -> Told:
    """
    Say for points along `lines` which of the lines `by` they lie on.

    Lines without geometry have no counterpart. Of several lines in reach and running the same way the nearest is
    taken, a difference in bore counting as distance; and that one must not lie on another of `lines` instead.
    """
    shape = (len(lines), terms.samples)
    other, away_m = np.full(shape, -1, dtype=np.int64), np.full(shape, np.nan)
    rows = np.flatnonzero(~(shapely.is_missing(lines) | shapely.is_empty(lines)))
    points, ways_xy = _sampled(lines[rows], terms.samples)
    at, candidate = shapely.STRtree(by).query(points.ravel(), predicate="dwithin", distance=terms.reach_m)
    if len(at):
        place, chosen, distance_m = _nearest(
            points.ravel()[at], ways_xy.reshape(-1, 2)[at], at, candidate, by=by,
            is_short=(shapely.length(lines[rows]) < terms.reach_m)[at // terms.samples],
            bore_gap_m=np.abs(bore_m[rows][at // terms.samples] - by_bore_m[candidate]), terms=terms,
        )  # fmt: skip
        row, sample = rows[place // terms.samples], place % terms.samples
        kept = _answered(points.ravel()[place], lines[row], by[chosen], lines, terms)
        other[row[kept], sample[kept]], away_m[row[kept], sample[kept]] = chosen[kept], distance_m[kept]
    return Told(other, away_m)


def _answered(points: Lines, own: Lines, chosen: Lines, lines: Lines, terms: Terms) -> NDArray[np.bool_]:
    """Say for every point whether the line it chose has none of `lines` that is nearer to it than the point's own."""
    there = shapely.line_interpolate_point(chosen, shapely.line_locate_point(chosen, points))

    own_m, best_m = shapely.distance(there, own), np.full(len(there), np.inf)
    at, candidate = shapely.STRtree(lines).query(there, predicate="dwithin", distance=terms.reach_m)
    np.minimum.at(best_m, at, shapely.distance(there[at], lines[candidate]))
    return own_m <= best_m + terms.tie_m


def _sampled(lines: Lines, count: int) -> tuple[Lines, FloatArray]:
    """Points along every line, and the way the line runs there."""
    at_m = shapely.length(lines)[:, None] * (np.arange(count) + 0.5)[None, :] / count
    return shapely.line_interpolate_point(lines[:, None], at_m), _ways(lines[:, None], at_m)


def _ways(lines: Any, at_m: FloatArray) -> FloatArray:
    """Unit vectors along lines at distances from their starts."""
    before = shapely.line_interpolate_point(lines, np.maximum(at_m - _STEP_M, 0.0))
    after = shapely.line_interpolate_point(lines, at_m + _STEP_M)
    way = np.stack(
        [shapely.get_x(after) - shapely.get_x(before), shapely.get_y(after) - shapely.get_y(before)], -1
    )
    length = np.linalg.norm(way, axis=-1, keepdims=True)
    return np.divide(way, length, out=np.zeros_like(way), where=length > 0)


def _nearest(
    points: Lines, ways_xy: FloatArray, at: NDArray[np.int64], candidate: NDArray[np.int64], *, by: Lines,
    is_short: NDArray[np.bool_], bore_gap_m: FloatArray, terms: Terms,
) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:  # fmt: skip
    """Place of each point that has one, its line, and the distance."""
    there = by[candidate]
    away_m = shapely.distance(points, there)
    at_m = shapely.line_locate_point(there, points)
    foot = shapely.line_interpolate_point(there, at_m)
    beside = np.stack(
        [shapely.get_x(foot) - shapely.get_x(points), shapely.get_y(foot) - shapely.get_y(points)], -1
    )
    # Past the end of a line that goes on in the same way one is no longer beside it.
    past_m = np.abs((ways_xy * beside).sum(axis=1))
    along = np.abs((ways_xy * _ways(there, at_m)).sum(axis=1))
    # The way of a line shorter than the reach is that of a slip of the pen.
    along[is_short | (shapely.length(there) < terms.reach_m)] = 1.0
    fits = np.flatnonzero((along >= terms.along_cos_ratio) & (past_m <= terms.tie_m + _SLANT * away_m))
    cost = away_m + terms.size_metres_ratio * np.nan_to_num(bore_gap_m)
    order = fits[np.lexsort((candidate[fits], cost[fits], at[fits]))]
    place, first = np.unique(at[order], return_index=True)
    best = order[first]
    return place, candidate[best], away_m[best]
