"""What a source leaves out and neighbours tell: sizes of pipes, each marked as filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.issues import DataIssue
from gis.repair.diameters import inner_diameter_m, read_size

if TYPE_CHECKING:
    import geopandas as gpd


def fill_sizes(pipes: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[DataIssue]]:
    """
    Give pipes without a size that of their neighbours: the smaller of the largest pipes at either end.

    Filled pipes have `dn_confidence` filled and an issue; where no neighbour knows, the size stays null and the
    issue is an error.
    """
    dn = pd.to_numeric(pipes["dn"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    missing = np.isnan(dn)
    if not missing.any():
        return pipes, []
    table = pipes.copy()
    largest = (
        pd.DataFrame(
            {"node": np.concatenate([pipes["start_node_id"], pipes["end_node_id"]]), "dn": np.tile(dn, 2)}
        )
        .groupby("node")["dn"]
        .max()
    )
    ends = np.column_stack(
        [largest.reindex(pipes[end][missing]).to_numpy() for end in ("start_node_id", "end_node_id")]
    )
    known = np.where(np.isnan(ends), np.inf, ends).min(axis=1)
    filled = dn.copy()
    filled[missing] = np.where(np.isfinite(known), known, np.nan)
    table["dn"] = pd.array(np.where(np.isnan(filled), None, filled), dtype="Int64")
    gained = missing & ~np.isnan(filled)
    table.loc[gained, "dn_confidence"] = "filled"
    table.loc[gained, "inner_diameter_m"] = [
        inner_diameter_m(read_size(size), material or "unknown")
        for size, material in zip(filled[gained], table.loc[gained, "material"], strict=True)
    ]
    return table, _issues(table, missing, gained)


def _issues(table: gpd.GeoDataFrame, missing: np.ndarray, gained: np.ndarray) -> list[DataIssue]:
    issues = []
    for row in np.flatnonzero(missing):
        middle = shapely.line_interpolate_point(table.geometry.iloc[row], 0.5, normalized=True)
        pipe, place = str(table["pipe_id"].iloc[row]), (middle.x, middle.y)
        if gained[row]:
            params = {"dn": int(table["dn"].iloc[row])}
            issues.append(DataIssue("dn-missing", "repaired", "pipes", pipe, place, params, "dn-filled"))
        else:
            issues.append(DataIssue("dn-missing", "error", "pipes", pipe, place))
    return issues
