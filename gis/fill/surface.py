"""
The ground between known points: linear over the triangles between them, else weighted by distance.

A triangle with long sides says little; how little is for the caller, who gets the longest side of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import Delaunay, QhullError, cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

NEIGHBOURS = 4
_AROUND = 24  # known points kept around each wanted one: the triangle it lies in is made of them
_SAME_PLACE_M = 1e-3


@dataclass(frozen=True)
class PointSurface:
    """Known heights; `at_xy` of shape (points, 2)."""

    at_xy: FloatArray
    height_m: FloatArray

    def __len__(self) -> int:
        return len(self.at_xy)

    def without(self, rows: NDArray[np.int64]) -> PointSurface:
        """Give the surface of the other points."""
        keep = np.ones(len(self), dtype=bool)
        keep[rows] = False
        return PointSurface(self.at_xy[keep], self.height_m[keep])

    def over_triangles(self, wanted_xy: FloatArray) -> tuple[FloatArray, FloatArray]:
        """
        Give heights over the Delaunay triangles of the points, and the longest side of each triangle [m].

        NaN and infinity outside all triangles.
        """
        height_m, side_m = np.full(len(wanted_xy), np.nan), np.full(len(wanted_xy), np.inf)
        near = self._around(wanted_xy)
        if len(near) < 3:
            return height_m, side_m
        origin = near.at_xy.mean(axis=0)
        try:
            mesh = Delaunay(near.at_xy - origin)
        except QhullError:  # all on one line
            return height_m, side_m
        found = mesh.find_simplex(wanted_xy - origin)
        rows = np.flatnonzero(found >= 0)
        corners = mesh.simplices[found[rows]]
        frame = mesh.transform[found[rows]]
        two = np.einsum("nij,nj->ni", frame[:, :2], wanted_xy[rows] - origin - frame[:, 2])
        weights = np.column_stack([two, 1.0 - two.sum(axis=1)])
        places = near.at_xy[corners]
        sides = np.linalg.norm(places - np.roll(places, 1, axis=1), axis=2)
        good = np.isfinite(weights).all(axis=1)
        height_m[rows[good]] = (weights * near.height_m[corners]).sum(axis=1)[good]
        side_m[rows[good]] = sides.max(axis=1)[good]
        return height_m, side_m

    def _around(self, wanted_xy: FloatArray) -> PointSurface:
        """Only points near what is wanted: a million points need not be meshed for ten."""
        unique = PointSurface(*_one_each(self.at_xy, self.height_m))
        if len(wanted_xy) * _AROUND >= len(unique):
            return unique
        _, near = cKDTree(unique.at_xy).query(wanted_xy, k=min(_AROUND, len(unique)))
        rows = np.unique(near)
        return PointSurface(unique.at_xy[rows], unique.height_m[rows])

    def by_distance(self, wanted_xy: FloatArray, *, reach_m: float) -> FloatArray:
        """Give the inverse-square-distance mean of the four nearest points within reach, NaN where there is none."""
        if not len(self) or not len(wanted_xy):
            return np.full(len(wanted_xy), np.nan)
        count = min(NEIGHBOURS, len(self))
        away_m, near = cKDTree(self.at_xy).query(wanted_xy, k=count, distance_upper_bound=reach_m)
        away_m, near = away_m.reshape(len(wanted_xy), count), near.reshape(len(wanted_xy), count)
        weight = np.where(np.isfinite(away_m), 1.0 / np.maximum(away_m, _SAME_PLACE_M) ** 2, 0.0)
        total = weight.sum(axis=1)
        level_m = np.append(self.height_m, 0.0)[near]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean: FloatArray = (weight * level_m).sum(axis=1) / total
        return np.where(total > 0, mean, np.nan)


def _one_each(at_xy: FloatArray, height_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One point a place, with the mean height of those there: doubles make triangles of nothing."""
    grains, rows = np.unique(np.round(at_xy / _SAME_PLACE_M).astype(np.int64), axis=0, return_inverse=True)
    count = np.bincount(rows.ravel(), minlength=len(grains))
    mean = np.bincount(rows.ravel(), weights=height_m, minlength=len(grains)) / count
    first = np.full(len(grains), len(at_xy))
    np.minimum.at(first, rows.ravel(), np.arange(len(at_xy)))
    return at_xy[first], mean
