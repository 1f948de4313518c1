"""Sizes of pipes that a source leaves out, from their neighbours: each marked as filled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.issues import DataIssue
from gis.repair.diameters import inner_diameter_m, read_size

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.errors import Param

    FloatArray = NDArray[np.float64]

SHOWN = 5
MOST_LISTED = 200  # pipes without any size are listed one by one up to so many
MOST_ROUNDS = 50  # along a chain of pipes without size a round fills one from either end


def fill_sizes(pipes: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[DataIssue]]:
    """
    Give pipes without a size that of their neighbours, and an issue each, or one for all where they are many.

    Between two known ends the smaller of the largest pipes there; a branch with one known end takes the smallest
    pipe there. Filled pipes have `dn_confidence` filled; where no neighbour knows, the size stays null.
    """
    dn = pd.to_numeric(pipes["dn"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    missing = np.isnan(dn)
    if not missing.any():
        return pipes, []
    table = pipes.copy()
    filled = dn.copy()
    nodes, ends = _ends(pipes)
    for _ in range(MOST_ROUNDS):
        found = _from_neighbours(filled, ends, len(nodes))
        gained = np.isnan(filled) & np.isfinite(found)
        if not gained.any():
            break
        filled[gained] = found[gained]
    gained = missing & np.isfinite(filled)
    table["dn"] = pd.array(np.where(np.isnan(filled), None, filled), dtype="Int64")
    table.loc[gained, "dn_confidence"] = "filled"
    table.loc[gained, "inner_diameter_m"] = [
        inner_diameter_m(read_size(size), material or "unknown")
        for size, material in zip(filled[gained], table.loc[gained, "material"], strict=True)
    ]
    return table, [*_filled(table, gained), *_unknown(table, missing & ~gained)]


def _ends(pipes: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    codes, nodes = pd.factorize(np.concatenate([pipes["start_node_id"], pipes["end_node_id"]]))
    return np.asarray(nodes), codes.reshape(2, -1).T


def _from_neighbours(dn: FloatArray, ends: NDArray[np.int64], count: int) -> FloatArray:
    known = np.isfinite(dn)
    largest, smallest = np.full(count, -np.inf), np.full(count, np.inf)
    for side in (0, 1):
        np.maximum.at(largest, ends[known, side], dn[known])
        np.minimum.at(smallest, ends[known, side], dn[known])
    big, small = largest[ends], smallest[ends]
    between = np.isfinite(big).all(axis=1)
    found = np.where(between, big.min(axis=1), small.min(axis=1))
    return np.where(np.isfinite(found), found, np.nan)


def _filled(table: gpd.GeoDataFrame, gained: NDArray[np.bool_]) -> list[DataIssue]:
    rows = np.flatnonzero(gained)
    sizes = table["dn"].to_numpy()[rows]
    if len(rows) <= MOST_LISTED:
        return [
            DataIssue("dn-missing", "repaired", "pipes", pipe, place, {"dn": int(size)}, "dn-filled")
            for pipe, place, size in zip(*_named(table, rows), sizes, strict=True)
        ]
    told = Counter(int(size) for size in sizes)
    params: dict[str, Param] = {
        "count": len(rows), "length_m": round(float(table["length_m"].to_numpy(dtype=float)[rows].sum())),
        "sizes": "、".join(f"DN{size} × {times}" for size, times in told.most_common(SHOWN)),
    }  # fmt: skip
    return [DataIssue("dn-by-neighbours", "repaired", "pipes", "*", None, params, "marked-filled")]


def _unknown(table: gpd.GeoDataFrame, lost: NDArray[np.bool_]) -> list[DataIssue]:
    rows = np.flatnonzero(lost)
    if len(rows) <= MOST_LISTED:
        return [
            DataIssue("dn-missing", "error", "pipes", pipe, place)
            for pipe, place in zip(*_named(table, rows), strict=True)
        ]
    ids, places = _named(table, rows[:SHOWN])
    params: dict[str, Param] = {"count": len(rows), "pipes": "、".join(ids)}
    return [DataIssue("dn-missing-many", "error", "pipes", "*", places[0], params)]


def _named(table: gpd.GeoDataFrame, rows: NDArray[np.int64]) -> tuple[list[str], list[tuple[float, float]]]:
    middles = shapely.line_interpolate_point(table.geometry.to_numpy()[rows], 0.5, normalized=True)
    ids = [str(pipe) for pipe in table["pipe_id"].to_numpy()[rows]]
    return ids, [(middle.x, middle.y) for middle in middles]
