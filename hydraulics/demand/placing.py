"""Demand by place: which pipe a meter or a parcel draws from, and what is left without one."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.files.shipped import shipped_table
from gis.units import SECONDS_PER_DAY

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hydraulics.results import FloatArray

_LITRES_PER_M3 = 1000.0


@dataclass(frozen=True)
class AttachRule:
    """Which pipes may be tapped: roles, the largest bore, and how far away one may be."""

    roles: tuple[str, ...]
    largest_bore_m: float
    reach_m: float


@cache
def attach_rule() -> AttachRule:
    """The rule in force (data/demand/attach.toml)."""
    row = shipped_table("hydraulics", "demand", "attach.toml")
    return AttachRule(tuple(row["roles"]), float(row["largest_bore_m"]), float(row["reach_m"]))


def nearest_pipe(shapes: NDArray[np.object_], pipes: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Row of the nearest pipe that may be tapped for each shape; -1 where it has no place or none is in reach."""
    rule, rows = attach_rule(), np.full(len(shapes), -1, dtype=np.int64)
    may = pipes["role"].isin(rule.roles) & (pipes["status"] == "open")
    may &= ~(pipes["inner_diameter_m"] > rule.largest_bore_m)
    allowed = np.flatnonzero(may.to_numpy())
    placed = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if len(placed) and len(allowed):
        tree = shapely.STRtree(pipes.geometry.to_numpy()[allowed])
        asked, nearest = tree.query_nearest(shapes[placed], max_distance=rule.reach_m, all_matches=False)
        rows[placed[asked]] = allowed[nearest]
    return rows


@cache
def land_indices() -> dict[str, float]:
    """Peak-day use of a square metre of land by its use [L/d] (data/demand/area.csv)."""
    with files("hydraulics").joinpath("data", "demand", "area.csv").open(encoding="utf-8") as stream:
        return {row["use"]: float(row["lpd_m2"]) for row in csv.DictReader(stream)}


def land_flows_m3s(parcels: gpd.GeoDataFrame, *, hourly_factor: float) -> FloatArray:
    """Shape (parcels,): peak-hour demand by area and use of the land; losses are in the indices."""
    index = parcels["use"].map(land_indices()).fillna(land_indices()["other"]).to_numpy(np.float64)
    area_m2 = np.nan_to_num(shapely.area(parcels.geometry.to_numpy()))
    return np.asarray(area_m2 * index / _LITRES_PER_M3 / SECONDS_PER_DAY * hourly_factor, dtype=np.float64)
