"""Ground elevation of nodes: as given, else over the triangles of survey points, from a terrain grid, or by distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.fill.surface import PointSurface
from gis.fill.terrain import Terrain, checked_terrain
from gis.frames.limits import limits as believed
from gis.issues import DataIssue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.errors import Param
    from gis.repair.thresholds import Thresholds

    FloatArray = NDArray[np.float64]

WAYS = ("triangles", "grid", "distance")
FEWEST_CHECKED = 20
FOLDS = 5
SHOWN = 5


@dataclass(frozen=True)
class Ground:
    """Everything that says how high the ground is."""

    points: PointSurface
    grids: tuple[Terrain, ...]
    reach_m: float

    def levels_m(self, wanted_xy: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
        """
        Give ground elevations, NaN where nothing is known, and the way each was found (place in `WAYS`, -1 for none).

        Triangles of near points come first, then grids, then wide triangles, then the nearest points.
        """
        near = believed("fill")
        level_m, way = np.full(len(wanted_xy), np.nan), np.full(len(wanted_xy), -1)
        flat_m, side_m = self.points.over_triangles(wanted_xy)
        tries = [(0, np.where(side_m <= near["edge_m"], flat_m, np.nan))]
        tries += [(1, grid.heights_m(wanted_xy)) for grid in self.grids]
        tries.append((0, np.where(side_m <= near["far_edge_m"], flat_m, np.nan)))
        tries.append((2, self.points.by_distance(wanted_xy, reach_m=self.reach_m)))
        for nth, found_m in tries:
            take = np.isnan(level_m) & np.isfinite(found_m)
            level_m[take], way[take] = found_m[take], nth
        return level_m, way


def fill_elevations(
    nodes: gpd.GeoDataFrame,
    terrain: gpd.GeoDataFrame | None,
    limits: Thresholds,
    grids: Sequence[Terrain] = (),
) -> tuple[gpd.GeoDataFrame, tuple[Terrain, ...], list[DataIssue]]:
    """
    Give the nodes with elevation, confidence and method completed, the grids that are believed, and one issue a way.

    What was filled is `filled`, and its issue says how well that way does on known points; what nothing is known of
    stays null.
    """
    table = nodes.copy()
    at_xy = _places(table)
    known_m, issues = _given(table, at_xy)
    points = _known_points(at_xy, known_m, terrain)
    missing = np.isnan(known_m) & np.isfinite(at_xy).all(axis=1)
    believed_grids, doubts = _believed(grids, at_xy, known_m)
    issues += doubts
    ground = Ground(points, tuple(believed_grids), limits.elevation_reach_m)
    level_m, way = ground.levels_m(at_xy[missing])
    values, method = known_m.copy(), np.full(len(known_m), None, dtype=object)
    method[np.isfinite(known_m)] = "given"
    values[missing] = level_m
    method[missing] = np.array([*WAYS, None], dtype=object)[way]
    confidence = table.get("elevation_confidence", pd.Series(None, index=table.index, dtype="object"))
    filled = missing & np.isfinite(values)
    table["elevation_m"] = values
    table["elevation_method"] = method
    table["elevation_confidence"] = np.where(
        filled, "filled", np.where(np.isnan(values), "unknown", confidence.fillna("unknown"))
    )
    issues += _said(ground, way)
    unknown = int(np.isnan(values).sum())
    if unknown:
        issues.append(DataIssue("elevation-missing", "warning", "nodes", "*", None, {"count": unknown}))
    return table, ground.grids, issues


def _places(table: gpd.GeoDataFrame) -> FloatArray:
    geometry = table.geometry.to_numpy()
    return np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)])


def _given(table: gpd.GeoDataFrame, at_xy: FloatArray) -> tuple[FloatArray, list[DataIssue]]:
    """Heights as given [m]; codes for "none" such as -9999 are left out, with one issue."""
    column = table.get("elevation_m", pd.Series(np.nan, index=table.index))
    given_m = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, copy=True)
    allowed = believed("height")
    wrong = np.flatnonzero((given_m < allowed["lowest_m"]) | (given_m > allowed["highest_m"]))
    if not len(wrong):
        return given_m, []
    ids = table["node_id"].to_numpy(dtype=object)
    params: dict[str, Param] = {
        "count": len(wrong), "values": "、".join(f"{value:g}" for value in np.unique(given_m[wrong])[:SHOWN]),
        "nodes": "、".join(str(ids[row]) for row in wrong[:SHOWN]),
    }  # fmt: skip
    x, y = at_xy[wrong[0]].tolist()
    given_m[wrong] = np.nan
    place = (x, y) if np.isfinite(x) else None
    return given_m, [
        DataIssue("elevation-impossible", "warning", "nodes", "*", place, params, "value-left-out")
    ]


def _known_points(at_xy: FloatArray, known_m: FloatArray, terrain: gpd.GeoDataFrame | None) -> PointSurface:
    have = np.isfinite(known_m) & np.isfinite(at_xy).all(axis=1)
    places, heights = [at_xy[have]], [known_m[have]]
    if terrain is not None and len(terrain):
        level = pd.to_numeric(terrain["elevation_m"], errors="coerce").to_numpy(dtype=float)
        allowed = believed("height")
        good = (level >= allowed["lowest_m"]) & (level <= allowed["highest_m"])
        places.append(_places(terrain)[good])
        heights.append(level[good])
    return PointSurface(np.vstack(places), np.concatenate(heights))


def _believed(
    grids: Sequence[Terrain], at_xy: FloatArray, known_m: FloatArray
) -> tuple[list[Terrain], list[DataIssue]]:
    have = np.isfinite(known_m) & np.isfinite(at_xy).all(axis=1)
    wanted = ~np.isfinite(known_m) & np.isfinite(at_xy).all(axis=1)
    found: list[Terrain] = []
    issues: list[DataIssue] = []
    for grid in grids:
        good, said = checked_terrain(grid, at_xy[have], known_m[have], at_xy[wanted])
        issues += said
        found += [good] if good is not None else []
    return found, issues


def _said(ground: Ground, way: NDArray[np.int64]) -> list[DataIssue]:
    """One issue for each way of filling: how many, and how far it misses known points that it was not shown."""
    miss_m, checked_way = _held_out(ground) if (way >= 0).any() else (np.empty(0), np.empty(0))
    issues = []
    for nth, name in enumerate(WAYS):
        count = int((way == nth).sum())
        if not count:
            continue
        errors = np.abs(miss_m[checked_way == nth])
        told = len(errors) >= FEWEST_CHECKED
        params: dict[str, Param] = {
            "count": count, "checked": len(errors),
            "median_m": round(float(np.median(errors)), 2) if told else "—",
            "p95_m": round(float(np.percentile(errors, 95)), 2) if told else "—",
        }  # fmt: skip
        issues.append(
            DataIssue(f"elevation-by-{name}", "repaired", "nodes", "*", None, params, "marked-filled")
        )
    return issues


def _held_out(ground: Ground) -> tuple[FloatArray, NDArray[np.int64]]:
    """
    What each way says of known points it has not seen, less what they are [m]; grids never saw any.

    Every way is tried on every point, so that one that is used seldom is checked as well.
    """
    points = ground.points
    most = int(believed("fill")["held_out_count"])
    rows = np.unique(np.linspace(0, len(points) - 1, min(most, len(points))).astype(np.int64))
    folds = [rows] if len(points) > FOLDS * most else [rows[n::FOLDS] for n in range(FOLDS)]
    parts = [_missed(ground, fold) for fold in folds if len(fold)]
    miss_m = np.concatenate([part for part, _ in parts]) if parts else np.empty(0)
    way = np.concatenate([part for _, part in parts]) if parts else np.empty(0, dtype=np.int64)
    return miss_m, way


def _missed(ground: Ground, rows: NDArray[np.int64]) -> tuple[FloatArray, NDArray[np.int64]]:
    points = ground.points
    rest, at_xy, true_m = points.without(rows), points.at_xy[rows], points.height_m[rows]
    flat_m, side_m = rest.over_triangles(at_xy)
    flat_m = np.where(side_m <= believed("fill")["far_edge_m"], flat_m, np.nan)
    grid_m = np.full(len(rows), np.nan)
    for grid in ground.grids:
        grid_m = np.where(np.isnan(grid_m), grid.heights_m(at_xy), grid_m)
    tries = (flat_m, grid_m, rest.by_distance(at_xy, reach_m=ground.reach_m))
    miss_m = np.concatenate([found - true_m for found in tries])
    way = np.repeat(np.arange(len(WAYS)), len(rows))
    known = np.isfinite(miss_m)
    return miss_m[known], way[known]
