"""
How far one layer lies beside the one it should follow: the shift that brings most of its points onto the other.

All shifts are tried at once on a raster (a correlation by Fourier transform), then the best is made sharp on the lines
themselves. A shift counts only when it brings many more points onto the lines than lie there by chance or unshifted:
in a town of equal blocks a shift by one block fits nearly as well as none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import fft, ndimage
from scipy.spatial import cKDTree

from gis.frames.limits import limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_ROUNDS = 25
_TUKEY_M = 30.0
_SPACING_M, _MOST = 5.0, 150_000
_STILL_M = 0.01


@dataclass(frozen=True)
class Shift:
    """
    A layer's offset from the other.

    Attributes
    ----------
    east_m, north_m
        How far the layer lies east and north of where it should.
    on_share, unshifted_share
        Share of its points that lie on the other layer once moved back, and as they are.
    """

    east_m: float
    north_m: float
    on_share: float
    unshifted_share: float

    @property
    def length_m(self) -> float:
        """Distance [m]."""
        return float(np.hypot(self.east_m, self.north_m))


def measure_shift(points_xy: FloatArray, lines: NDArray[np.object_]) -> Shift | None:
    """
    Measure how far points lie beside lines they should lie on [m]; None when they lie there, or nothing can be said.

    `points_xy` of shape (points, 2); points along lines for a layer of lines (`sampled`).
    """
    allowed = limits("shift")
    window = _window(points_xy, allowed["window_m"] / 2.0)
    placed_xy = points_xy[window]
    if len(placed_xy) < allowed["fewest_points"]:
        return None
    around = shapely.box(
        *(placed_xy.min(axis=0) - allowed["reach_m"]), *(placed_xy.max(axis=0) + allowed["reach_m"])
    )
    near = lines[shapely.intersects(lines, around)]
    target_xy = sampled(near, _SPACING_M, most=_MOST)
    if len(target_xy) < allowed["fewest_points"]:
        return None
    start = _best(placed_xy, target_xy)
    if start is None:
        return None
    tree = cKDTree(target_xy)
    away = _sharpened(placed_xy, target_xy, tree, start)
    east_m, north_m = (float(value) for value in away)
    shift = Shift(east_m, north_m, _on_share(placed_xy - away, tree), _on_share(placed_xy, tree))
    return shift if shift.length_m >= allowed["warn_m"] and shift.on_share > shift.unshifted_share else None


def _on_share(placed_xy: FloatArray, tree: cKDTree) -> float:
    away_m, _ = tree.query(placed_xy)
    return float(np.mean(away_m <= limits("shift")["on_m"]))


def sampled(lines: NDArray[np.object_], spacing_m: float, *, most: int) -> FloatArray:
    """Give points along lines, evenly over their whole length, of shape (points, 2)."""
    at_xy, owner = shapely.get_coordinates(lines, return_index=True)
    inner = np.flatnonzero(owner[1:] == owner[:-1])
    start, step = at_xy[inner], at_xy[inner + 1] - at_xy[inner]
    length_m = np.hypot(step[:, 0], step[:, 1])
    good = np.isfinite(length_m) & (length_m > 0.0)
    start, step, length_m = start[good], step[good], length_m[good]
    total_m = float(length_m.sum())
    if not total_m:
        return np.empty((0, 2))
    every_m = max(spacing_m, total_m / most)
    along_m = np.arange(every_m / 2.0, total_m, every_m)
    ends_m = np.cumsum(length_m)
    row = np.minimum(np.searchsorted(ends_m, along_m), len(length_m) - 1)
    share = (along_m - (ends_m[row] - length_m[row])) / length_m[row]
    return np.asarray(start[row] + share[:, None] * step[row])


def _window(points_xy: FloatArray, half_m: float) -> NDArray[np.int64]:
    """Rows of an even selection of the points around their middle."""
    middle = np.median(points_xy, axis=0)
    inside = np.flatnonzero((np.abs(points_xy - middle) <= half_m).all(axis=1))
    most = int(limits("shift")["points_count"])
    step = max(len(inside) // most, 1)
    return inside[::step]


def _best(placed_xy: FloatArray, target_xy: FloatArray) -> FloatArray | None:
    """
    Give the shift that fits best by far [m], None when the points fit as they lie or nowhere.

    Far shifts are judged by a generous nearness, for layers are drawn at some distance; near ones by a narrow one.
    """
    allowed = limits("shift")
    cell_m, reach = allowed["cell_m"], int(allowed["reach_m"] / allowed["cell_m"])
    wide = _fits(placed_xy, target_xy, reach=reach, cells=round(allowed["near_m"] / cell_m))
    chance, best = float(np.median(wide)), float(wide.max())
    gain = (best - chance) / max(1.0 - chance, 1e-9)
    if gain >= allowed["least_share"] and wide[reach, reach] - chance <= allowed["improve_ratio"] * (
        best - chance
    ):
        return _back_m(wide, cell_m)
    beside = round(allowed["beside_m"] / cell_m)
    close = _fits(placed_xy, target_xy, reach=beside, cells=1)
    if close.max() - close[beside, beside] < allowed["clear_share"]:
        return None
    return _back_m(close, cell_m)


def _back_m(fit_share: FloatArray, cell_m: float) -> FloatArray:
    """How far the points lie off [m] when this shift fits best: the way back."""
    at = np.unravel_index(int(np.argmax(fit_share)), fit_share.shape)
    return -(np.array(at, dtype=float) - fit_share.shape[0] // 2) * cell_m


def _fits(placed_xy: FloatArray, target_xy: FloatArray, *, reach: int, cells: int) -> FloatArray:
    """Share of points that lie within some cells of the target, for every shift of up to `reach` cells."""
    cell_m = limits("shift")["cell_m"]
    corner = np.minimum(placed_xy.min(axis=0), target_xy.min(axis=0)) - reach * cell_m
    places = [np.floor((xy - corner) / cell_m).astype(np.int64) for xy in (placed_xy, target_xy)]
    shape = tuple(int(n) for n in np.maximum(places[0].max(axis=0), places[1].max(axis=0)) + 1 + reach)
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(places[1].T)] = True
    disc = np.hypot(*np.mgrid[-cells : cells + 1, -cells : cells + 1]) <= cells + 1e-9
    count = np.zeros(shape)
    np.add.at(count, tuple(places[0].T), 1.0)
    size = [fft.next_fast_len(n, real=True) for n in shape]
    marked = ndimage.binary_dilation(mask, disc).astype(float)
    hits = fft.irfft2(fft.rfft2(marked, size) * np.conj(fft.rfft2(count, size)), size) / len(placed_xy)
    steps = np.arange(-reach, reach + 1)
    return np.asarray(
        hits[np.ix_(steps, steps)]
    )  # negative steps wrap to the far end, where the transform has them


def _sharpened(
    placed_xy: FloatArray, target_xy: FloatArray, tree: cKDTree, start_xy: FloatArray
) -> FloatArray:
    """Bring the moved points onto the lines by least squares of their distances across the line, far ones let go."""
    normal = _normals(target_xy, tree)
    shift = start_xy.copy()
    for _ in range(_ROUNDS):
        away_m, row = tree.query(placed_xy - shift)
        across = np.einsum("ij,ij->i", placed_xy - shift - target_xy[row], normal[row])
        weight = np.where(away_m < _TUKEY_M, (1.0 - (np.minimum(away_m, _TUKEY_M) / _TUKEY_M) ** 2) ** 2, 0.0)
        n = normal[row]
        system = (n * weight[:, None]).T @ n + 1e-9 * np.eye(2)
        step = np.linalg.solve(system, (n * (weight * across)[:, None]).sum(axis=0))
        shift += step
        if np.hypot(*step) < _STILL_M:
            break
    return shift


def _normals(target_xy: FloatArray, tree: cKDTree) -> FloatArray:
    """Unit vectors across the line at each of its points, from the two nearest points of it."""
    _, near = tree.query(target_xy, k=3)
    along = target_xy[near[:, 2]] - target_xy[near[:, 1]]
    size = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    return np.column_stack([-along[:, 1], along[:, 0]]) / size[:, None]
