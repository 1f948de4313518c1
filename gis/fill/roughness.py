"""How sure the roughness of each pipe is: given, or to be taken by material and age when a model is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.issues import DataIssue

if TYPE_CHECKING:
    import geopandas as gpd

    from gis.errors import Param


def mark_roughness(pipes: gpd.GeoDataFrame) -> list[DataIssue]:
    """
    Give pipes their `roughness_confidence`, in place, and one issue for those that have no roughness of their own.

    By known material and year it is `inferred`; where one of them is unknown, `filled`. The figure itself stays
    empty: hydraulics/data/pipes/roughness.csv has it, by the age at the network's own date.
    """
    own = np.zeros(len(pipes), dtype=bool)
    for name, is_smooth_known in (("roughness_c", False), ("wall_roughness_m", True), ("manning_n", False)):
        figures = pd.to_numeric(_column(pipes, name), errors="coerce").to_numpy(dtype=float)
        own |= (figures >= 0) if is_smooth_known else (figures > 0)
    no_material = (_column(pipes, "material").fillna("unknown") == "unknown").to_numpy(dtype=bool)
    no_year = _column(pipes, "install_year").isna().to_numpy(dtype=bool)
    given = _column(pipes, "roughness_confidence").fillna("unknown")
    pipes["roughness_confidence"] = np.where(
        own, given, np.where(no_material | no_year, "filled", "inferred")
    )
    lacking = ~own
    if not lacking.any():
        return []
    params: dict[str, Param] = {
        "count": int(lacking.sum()), "no_material": int((lacking & no_material).sum()),
        "no_year": int((lacking & no_year).sum()),
    }  # fmt: skip
    return [DataIssue("roughness-by-table", "repaired", "pipes", "*", None, params, "marked-filled")]


def _column(pipes: gpd.GeoDataFrame, name: str) -> pd.Series:
    return pipes[name] if name in pipes else pd.Series(None, index=pipes.index, dtype="object")
