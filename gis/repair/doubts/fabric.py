"""A repaired network as arrays, for doubts that look at how pipes lie and join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.repair.topology import Lines

if TYPE_CHECKING:
    from typing import Any

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.repair.topology import BoolArray, FloatArray, IntArray

ABANDONED = "abandoned"


@dataclass(frozen=True)
class Fabric:
    """
    Pipes and nodes as arrays; every array of pipes has one entry a row of the pipes table.

    Attributes
    ----------
    lines
        Start and end are rows of the nodes table.
    live
        In the ground and not abandoned.
    bore_m
        Inner diameter, else the nominal one; NaN where neither is known.
    """

    pipes: gpd.GeoDataFrame
    lines: Lines
    live: BoolArray
    ids: NDArray[np.object_]
    node_ids: NDArray[np.object_]
    places_xy: FloatArray
    length_m: FloatArray
    bore_m: FloatArray

    def middle(self, row: int | np.signedinteger[Any]) -> tuple[float, float]:
        """A point in the middle of a pipe."""
        point = shapely.line_interpolate_point(self.lines.geometry[row], 0.5, normalized=True)
        return float(point.x), float(point.y)

    def place(self, node: int | np.signedinteger[Any]) -> tuple[float, float]:
        """Where a node lies."""
        return float(self.places_xy[node, 0]), float(self.places_xy[node, 1])

    def pair(self, one: int | np.signedinteger[Any], other: int | np.signedinteger[Any]) -> tuple[str, str]:
        """Ids of two pipes, shortest and then first in the alphabet first: a pair is named alike in every import."""
        a, b = sorted((str(self.ids[one]), str(self.ids[other])), key=lambda name: (len(name), name))
        return a, b

    def column(self, name: str) -> FloatArray:
        """Numbers of a column of the pipes table, NaN where there is none."""
        return _numbers(self.pipes, name)

    def degree(self) -> IntArray:
        """Live pipes at each node."""
        rows = self.live
        both = np.concatenate([self.lines.start[rows], self.lines.end[rows]])
        return np.bincount(both, minlength=len(self.places_xy))


def weave(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> Fabric:
    """Give the arrays of a repaired network."""
    row_of = pd.Index(nodes["node_id"])
    start, end = (row_of.get_indexer(pipes[name]) for name in ("start_node_id", "end_node_id"))
    geometry = pipes.geometry.to_numpy()
    count = np.arange(len(pipes))
    lines = Lines(
        geometry, start.astype(np.int64), end.astype(np.int64), count, np.zeros(len(pipes), dtype=np.int64)
    )
    bore_m = _numbers(pipes, "inner_diameter_m")
    bore_m = np.where(bore_m > 0, bore_m, _numbers(pipes, "dn") / 1000.0)
    points = nodes.geometry.to_numpy()
    return Fabric(
        pipes, lines, _live(pipes), pipes["pipe_id"].to_numpy(object), nodes["node_id"].to_numpy(object),
        np.column_stack([shapely.get_x(points), shapely.get_y(points)]), _numbers(pipes, "length_m"), bore_m,
    )  # fmt: skip


def _live(pipes: gpd.GeoDataFrame) -> BoolArray:
    if "status" not in pipes:
        return np.ones(len(pipes), dtype=bool)
    live: BoolArray = (pipes["status"] != ABANDONED).to_numpy(dtype=bool)
    return live


def _numbers(table: Any, name: str) -> FloatArray:
    if name not in table:
        return np.full(len(table), np.nan)
    values: FloatArray = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return values
