"""Terrain grids held against what was surveyed, before anything is taken from them: unit, datum, holes, place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gis.crs import transform_xy
from gis.errors import GisInputError
from gis.frames.limits import limits
from gis.frames.zones import plain_crs
from gis.issues import DataIssue
from gis.sources.raster import Grid, heights, read_grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gis.errors import Param
    from gis.intake.mapping_ground import RasterRule

    FloatArray = NDArray[np.float64]

FEET_RATIO = 1.0 / 0.3048
_LEVEL_M = 5.0  # a ratio of heights near sea level says nothing
MOST_POINTS = 20_000
MARGIN_M = 200.0
_STATED_TURN_DEG = 0.01


@dataclass(frozen=True)
class Terrain:
    """
    A grid as the network uses it.

    Attributes
    ----------
    network_crs, grid_crs
        None for both where the network is a local plane.
    unit_m
        Metres of one unit of its heights, `add_m` is added to them.
    stated_unit
        Somebody said the unit: file, mapping file or CRS.
    """

    grid: Grid
    network_crs: CRS | None
    grid_crs: CRS | None
    unit_m: float
    add_m: float
    nodata_m: float | None
    stated_unit: bool

    def heights_m(self, at_xy: FloatArray) -> FloatArray:
        """Shape (points,): ground at places in the network's CRS [m]; NaN outside, in holes and where no ground can be."""
        x, y = transform_xy(self.network_crs, self.grid_crs, at_xy[:, 0], at_xy[:, 1])
        found = heights(self.grid, np.asarray(x), np.asarray(y), nodata_m=self.nodata_m)
        allowed = limits("height")
        level_m = found * self.unit_m + self.add_m
        possible = (level_m >= allowed["lowest_m"]) & (level_m <= allowed["highest_m"])
        return np.where(possible, level_m, np.nan)

    def points(self, bounds: tuple[float, float, float, float]) -> tuple[FloatArray, FloatArray]:
        """
        Give a spread of at most 20,000 of its cells within bounds of the network [m], with their heights.

        For questions asked later at places between the nodes.
        """
        west, south, east, north = bounds
        west, south, east, north = west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M
        step_m = max(np.sqrt((east - west) * (north - south) / MOST_POINTS), self._cell_m())
        x = west + step_m * (np.arange(max(int((east - west) / step_m), 1)) + 0.5)
        y = south + step_m * (np.arange(max(int((north - south) / step_m), 1)) + 0.5)
        at_xy = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
        level_m = self.heights_m(at_xy)
        known = np.isfinite(level_m)
        return at_xy[known], level_m[known]

    def _cell_m(self) -> float:
        if self.grid_crs is not None and self.grid_crs.is_geographic:
            return 1.0
        a, b, *_ = self.grid.to_pixel
        metres = 1.0 if self.grid_crs is None else self.grid_crs.axis_info[0].unit_conversion_factor
        return float(metres / np.hypot(a, b))


def open_terrain(
    file: Path, rule: RasterRule | None, *, network_crs: CRS | None, pipes_crs: CRS | None
) -> tuple[Terrain, list[DataIssue]]:
    """
    Give a terrain grid by what its file, the mapping file or else the pipes say of it.

    Raises
    ------
    GisInputError
        `raster-frame` for a grid in a web map's or a city's own coordinates; those of `read_grid`.
    """
    grid = read_grid(file)
    if rule is not None and rule.frame is not None and rule.frame.to_base is not None:
        raise GisInputError("raster-frame", file=grid.name, crs=rule.frame.name)
    issues: list[DataIssue] = []
    stated = CRS(grid.crs_wkt) if grid.crs_wkt is not None else None
    given = rule.frame.base if rule is not None and rule.frame is not None else stated
    grid_crs = None if network_crs is None else plain_crs((given or pipes_crs or network_crs).to_2d())
    if network_crs is not None and given is None and grid_crs is not None:
        issues.append(DataIssue("crs-taken-over", "warning", "", grid.name, None, {"crs": grid_crs.name}))
    if abs(grid.turned_deg) > _STATED_TURN_DEG:
        turned: dict[str, Param] = {"turned_deg": round(grid.turned_deg, 2)}
        issues.append(DataIssue("terrain-turned", "warning", "terrain", grid.name, None, turned))
    unit_m = (rule.unit_m if rule is not None else None) or grid.unit_m or _vertical_unit_m(stated)
    if (
        unit_m is None
        and given is not None
        and given.axis_info[0].unit_conversion_factor != 1.0
        and given.is_projected
    ):
        issues.append(DataIssue("terrain-unit-unsaid", "warning", "terrain", grid.name))
    add_m = 0.0 if rule is None else rule.add_m
    nodata_m = None if rule is None else rule.nodata_m
    return Terrain(grid, network_crs, grid_crs, unit_m or 1.0, add_m, nodata_m, unit_m is not None), issues


def _vertical_unit_m(crs: CRS | None) -> float | None:
    """Unit of the vertical axis of a compound CRS [m]."""
    if crs is None or len(crs.axis_info) < 3:
        return None
    return float(crs.axis_info[2].unit_conversion_factor)


def checked_terrain(
    terrain: Terrain, known_xy: FloatArray, known_m: FloatArray, wanted_xy: FloatArray
) -> tuple[Terrain | None, list[DataIssue]]:
    """
    Give the grid when it can be believed, and what is to be said of it.

    It is held against surveyed heights: one in feet, or off by more than its spread, is not used until a person
    says what it is. Zeros in hilly ground are holes.
    """
    name = terrain.grid.name
    everywhere = terrain.heights_m(np.vstack([known_xy, wanted_xy]))
    if not np.isfinite(everywhere).any():
        return None, [DataIssue("terrain-elsewhere", "warning", "terrain", name)]
    terrain, issues = _without_zeros(terrain, everywhere)
    here_m = terrain.heights_m(known_xy)
    both = np.isfinite(here_m)
    if both.sum() < limits("height")["compare_m"]:
        return terrain, issues
    doubt = _feet(terrain, here_m[both], known_m[both]) or _offset(terrain, here_m[both] - known_m[both])
    if doubt is None:
        return terrain, issues
    kind, params = doubt
    return None, [
        *issues,
        DataIssue(kind, "error", "terrain", name, None, {"count": int(both.sum()), **params}),
    ]


def _without_zeros(terrain: Terrain, sampled_m: FloatArray) -> tuple[Terrain, list[DataIssue]]:
    zero = sampled_m == terrain.add_m
    rest = sampled_m[np.isfinite(sampled_m) & ~zero]
    said = terrain.nodata_m is not None
    if said or not zero.any() or not len(rest) or np.median(rest) < limits("height")["zero_from_m"]:
        return terrain, []
    params: dict[str, Param] = {"count": int(zero.sum())}
    issue = DataIssue("terrain-zeros", "warning", "terrain", terrain.grid.name, None, params)
    return replace(terrain, nodata_m=0.0), [issue]


def _feet(terrain: Terrain, here_m: FloatArray, known_m: FloatArray) -> tuple[str, dict[str, Param]] | None:
    high = np.abs(known_m) > _LEVEL_M
    if terrain.stated_unit or high.sum() < 0.5 * len(known_m):
        return None
    ratio = here_m[high] / known_m[high]
    middle, spread = float(np.median(ratio)), float(np.subtract(*np.percentile(ratio, [75, 25])))
    for wanted, kind in ((FEET_RATIO, "terrain-feet"), (1.0 / FEET_RATIO, "survey-feet")):
        if abs(middle / wanted - 1.0) < limits("height")["feet_tolerance"] + spread and spread < 0.1 * wanted:
            return kind, {"ratio": round(middle, 3)}
    return None


def _offset(terrain: Terrain, miss_m: FloatArray) -> tuple[str, dict[str, Param]] | None:
    allowed = limits("height")
    middle_m = float(np.median(miss_m))
    spread_m = float(np.median(np.abs(miss_m - middle_m)))
    if abs(middle_m) < max(allowed["offset_m"], allowed["spread_ratio"] * spread_m):
        return None
    add_m = round(terrain.add_m - middle_m, 2)
    return "terrain-offset", {"offset_m": round(middle_m, 2), "spread_m": round(spread_m, 2), "add_m": add_m}


def cell_table(terrain: Terrain, bounds: tuple[float, ...], *, crs: CRS | None, nth: int) -> gpd.GeoDataFrame:
    """Give cells of a grid as terrain points, marked as filled; `nth` tells grids apart in their ids."""
    west, south, east, north = bounds
    at_xy, level_m = terrain.points((west, south, east, north))
    ids = [f"DEM{nth}-{row + 1}" for row in range(len(at_xy))]
    columns = {"point_id": ids, "elevation_m": np.round(level_m, 3), "confidence": "filled"}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(at_xy), crs=crs)


def terrains(
    files: Sequence[Path], rules: Sequence[RasterRule], *, network_crs: CRS | None, pipes_crs: CRS | None
) -> tuple[list[Terrain], list[DataIssue]]:
    """Give every terrain grid of the sources."""
    found: list[Terrain] = []
    issues: list[DataIssue] = []
    for file in files:
        names = (file.name, file.parent.name)
        rule = next((rule for rule in rules if any(rule.fits(name) for name in names)), None)
        terrain, said = open_terrain(file, rule, network_crs=network_crs, pipes_crs=pipes_crs)
        found.append(terrain)
        issues += said
    return found, issues
