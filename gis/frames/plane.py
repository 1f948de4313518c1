"""
The plane similarity (四参数) between a city's own grid and a CGCS2000 grid, given or fitted to control points.

With N north and E east, as surveyors write it:

    N' = north + k (N cos a - E sin a)
    E' = east  + k (N sin a + E cos a)        k = 1 + scale, a = rotation
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

ARC_SECOND = math.pi / 180.0 / 3600.0


@dataclass(frozen=True)
class Similarity:
    """
    Four parameters, never shown: they are a city's secret.

    `turn` is k (cos a + i sin a) and `shift` north + i east, for points as N + i E taken from `origin`.
    """

    turn: complex = field(repr=False)
    shift: complex = field(repr=False)
    origin: complex = field(default=0j, repr=False)

    @classmethod
    def of_parameters(cls, north_m: float, east_m: float, *, rotation_arc_s: float, scale_ppm: float) -> Similarity:  # fmt: skip
        """Give the transform of the four figures of a surveyor's sheet."""
        angle = rotation_arc_s * ARC_SECOND
        size = 1.0 + scale_ppm * 1e-6
        return cls(size * complex(math.cos(angle), math.sin(angle)), complex(north_m, east_m))

    def __call__(self, x: Any, y: Any) -> tuple[FloatArray, FloatArray]:
        """Give easting and northing in the target grid of easting `x` and northing `y`; numbers or arrays."""
        local = np.asarray(y, dtype=float) + 1j * np.asarray(x, dtype=float)
        target = self.shift + self.turn * (local - self.origin)
        return np.asarray(target.imag), np.asarray(target.real)

    @property
    def scale_ppm(self) -> float:
        """How much longer the target's metre counts [ppm]."""
        return (abs(self.turn) - 1.0) * 1e6


@dataclass(frozen=True)
class Fit:
    """
    How well control points agree.

    Attributes
    ----------
    names, residual_mm
        Each point and how far the transform misses it.
    rms_mm
        Root mean square per point, by the freedom that is left; NaN with two points, where none is.
    spread_m
        Root mean square distance of the points from their middle.
    """

    names: tuple[str, ...]
    residual_mm: FloatArray = field(repr=False)
    rms_mm: float
    spread_m: float
    middle_xy: tuple[float, float] = field(repr=False)

    @property
    def worst(self) -> tuple[str, float]:
        """The point that is missed by most, and by how much [mm]."""
        row = int(np.argmax(self.residual_mm))
        return self.names[row], float(self.residual_mm[row])

    def uncertainty_ratio(self, away_m: float) -> float:
        """How many times as uncertain a place so far from the middle of the points is as that middle."""
        if self.spread_m <= 0.0:
            return math.inf
        return math.sqrt(1.0 + (away_m / self.spread_m) ** 2)


def fit_similarity(local_xy: FloatArray, target_xy: FloatArray) -> Similarity:
    """
    Fit the four parameters to pairs of points by least squares; arrays of shape (points, 2), two points at least.

    Raises
    ------
    ValueError
        All points at one place.
    """
    local, target = _complex(local_xy), _complex(target_xy)
    origin, middle = local.mean(), target.mean()
    around = local - origin
    weight = float((np.abs(around) ** 2).sum())
    if weight <= 1e-6:
        raise ValueError("one place")
    turn = complex((np.conj(around) * (target - middle)).sum() / weight)
    return Similarity(turn, complex(middle), complex(origin))


def check_points(
    transform: Any, local_xy: FloatArray, target_xy: FloatArray, *, names: Sequence[str], fitted: bool
) -> Fit:
    """Hold a transform against pairs of points; one fitted to them has four degrees of freedom less."""
    x, y = transform(local_xy[:, 0], local_xy[:, 1])
    miss_mm = 1000.0 * np.hypot(x - target_xy[:, 0], y - target_xy[:, 1])
    freedom = 2 * len(names) - (4 if fitted else 0)
    rms_mm = math.sqrt(2.0 * float((miss_mm**2).sum()) / freedom) if freedom > 0 else math.nan
    middle = local_xy.mean(axis=0)
    spread_m = math.sqrt(float(((local_xy - middle) ** 2).sum()) / len(names))
    return Fit(tuple(names), miss_mm, rms_mm, spread_m, (float(middle[0]), float(middle[1])))


def _complex(at_xy: FloatArray) -> NDArray[np.complex128]:
    return np.asarray(at_xy[:, 1] + 1j * at_xy[:, 0])
