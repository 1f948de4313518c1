"""The ground: one gentle slope, low waves, and a knoll at the far end of each source's area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from gis.sample.settings import FloatArray, parameters, stream


@dataclass(frozen=True)
class Terrain:
    """Ground elevation as a function of place."""

    centre_xy: FloatArray
    slope_xy: FloatArray
    waves_m: FloatArray
    knolls_xy: FloatArray

    def elevation_m(self, place_xy: FloatArray) -> FloatArray:
        """Elevation [m] at points (n, 2)."""
        p = parameters()["terrain"]
        away = place_xy - self.centre_xy
        ground: FloatArray = p["base_m"] + away @ self.slope_xy
        for amplitude, length, angle, phase in self.waves_m:
            along = away @ np.array([np.cos(angle), np.sin(angle)])
            ground = ground + amplitude * np.sin(2 * np.pi * along / length + phase)
        if len(self.knolls_xy):
            far, _ = cKDTree(self.knolls_xy).query(place_xy)
            ground = ground + p["knoll_m"] * np.exp(-((far / p["knoll_radius_m"]) ** 2))
        return ground


def shape_ground(place_xy: FloatArray, seed: int, *, knolls_xy: FloatArray) -> Terrain:
    """Shape the ground under the places of a city; the larger the city, the gentler its slope."""
    p, rng = parameters()["terrain"], stream(seed, "terrain")
    span_m = float(np.ptp(place_xy, axis=0).max())
    steepness = min(p["slope_m_km"] / 1000, p["range_m"] / max(span_m, 1.0))
    towards = rng.uniform(0.15 * np.pi, 0.4 * np.pi)
    slope = -steepness * np.array([np.cos(towards), np.sin(towards)])
    waves = np.array([[*wave, rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)] for wave in p["waves"]])
    return Terrain(place_xy.mean(axis=0), slope, waves, knolls_xy)


def terrain_grid(terrain: Terrain, place_xy: FloatArray, seed: int) -> tuple[FloatArray, FloatArray]:
    """Survey heights on a grid over the city and a little beyond: places (n, 2) and elevations [m]."""
    p, rng = parameters()["terrain"], stream(seed, "grid")
    low, high = place_xy.min(axis=0) - 150, place_xy.max(axis=0) + 150
    x, y = np.meshgrid(*(np.arange(a, b, p["grid_m"]) for a, b in zip(low, high, strict=True)))
    grid = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-20, 20, (x.size, 2))
    near, _ = cKDTree(place_xy).query(grid, distance_upper_bound=400.0)
    grid = np.round(grid[np.isfinite(near)], 3)
    return grid, np.round(terrain.elevation_m(grid) + rng.normal(0, p["survey_noise_m"], len(grid)), 2)
