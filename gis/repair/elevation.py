"""Ground elevation of nodes: surveyed where it is, otherwise weighted by distance from the nearest known points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.issues import DataIssue

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.repair.thresholds import Thresholds

NEIGHBOURS = 4


def fill_elevations(
    nodes: gpd.GeoDataFrame, terrain: gpd.GeoDataFrame | None, limits: Thresholds
) -> tuple[gpd.GeoDataFrame, list[DataIssue]]:
    """
    Give the nodes with `elevation_m` and `elevation_confidence` completed.

    Missing elevations are the inverse-square-distance mean of the four nearest points with one (terrain and surveyed
    nodes) within `elevation_reach_m`, and are marked `filled`; out of reach they stay null, with one issue.
    """
    table = nodes.copy()
    known = pd.to_numeric(table.get("elevation_m", pd.Series(np.nan, index=table.index)), errors="coerce")
    confidence = table.get("elevation_confidence", pd.Series(None, index=table.index, dtype="object"))
    missing = known.isna().to_numpy()
    filled = np.full(int(missing.sum()), np.nan)
    points, heights = _known_points(table, known, terrain)
    if missing.any() and len(points):
        filled = _weighted(points, heights, _xy(table)[missing], reach_m=limits.elevation_reach_m)
    values = known.to_numpy(dtype=float, copy=True)
    values[missing] = filled
    table["elevation_m"] = values
    state = np.where(
        missing, np.where(np.isfinite(values), "filled", "unknown"), confidence.fillna("unknown")
    )
    table["elevation_confidence"] = state
    unknown = int(np.isnan(values).sum())
    issues = []
    if unknown:
        issues.append(DataIssue("elevation-missing", "warning", "nodes", "*", None, {"count": unknown}))
    return table, issues


def _xy(table: gpd.GeoDataFrame) -> NDArray[np.float64]:
    geometry = table.geometry.to_numpy()
    return np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)])


def _known_points(
    nodes: gpd.GeoDataFrame, known: pd.Series, terrain: gpd.GeoDataFrame | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    have = known.notna().to_numpy()
    places, heights = [_xy(nodes)[have]], [known.to_numpy(dtype=float)[have]]
    if terrain is not None and len(terrain):
        level = pd.to_numeric(terrain["elevation_m"], errors="coerce").to_numpy(dtype=float)
        places.append(_xy(terrain)[np.isfinite(level)])
        heights.append(level[np.isfinite(level)])
    return np.vstack(places), np.concatenate(heights)


def _weighted(
    known_xy: NDArray[np.float64],
    height_m: NDArray[np.float64],
    wanted_xy: NDArray[np.float64],
    *,
    reach_m: float,
) -> NDArray[np.float64]:
    count = min(NEIGHBOURS, len(known_xy))
    away_m, near = cKDTree(known_xy).query(wanted_xy, k=count, distance_upper_bound=reach_m)
    away_m, near = away_m.reshape(len(wanted_xy), count), near.reshape(len(wanted_xy), count)
    weight = np.where(np.isfinite(away_m), 1.0 / np.maximum(away_m, 1e-3) ** 2, 0.0)
    total = weight.sum(axis=1)
    level = np.append(height_m, 0.0)[near]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: NDArray[np.float64] = (weight * level).sum(axis=1) / total
    return np.where(total > 0, mean, np.nan)
