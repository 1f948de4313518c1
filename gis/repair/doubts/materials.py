"""Years before a material existed and sizes it was never made in, from data/material_limits.csv."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.schema import data_rows

if TYPE_CHECKING:
    from gis.intake.normalise import Working
    from gis.repair.thresholds import Thresholds

LEAVE_OUT, LEFT_OUT = "leave-out", "value-left-out"


@cache
def material_limits() -> dict[str, dict[str, float]]:
    """First year, smallest and largest size label of each material; NaN where nothing bounds it."""
    wanted = ("first_year", "smallest_dn", "largest_dn")
    return {
        row["material"]: {name: float(row[name]) if row[name] else float("nan") for name in wanted}
        for row in data_rows("material_limits.csv")
    }


def doubt_materials(pipes: Working, limits: Thresholds) -> None:
    """Report pipes older than their material and sizes it is not made in; left out only where the rule says so."""
    table = pipes.table
    if "material" not in table:
        return
    known = material_limits()
    bounds = {
        name: table["material"]
        .map({code: values[name] for code, values in known.items()})
        .to_numpy(dtype=float)
        for name in ("first_year", "smallest_dn", "largest_dn")
    }
    year, dn = _numbers(table, "install_year"), _numbers(table, "dn")
    with np.errstate(invalid="ignore"):
        early = year < bounds["first_year"]
        unmade = (dn < bounds["smallest_dn"]) | (dn > bounds["largest_dn"])
    said = table["material"].to_numpy(object)
    for kind, wrong, columns in (
        ("year-before-material", early, ("install_year", "installed_on")),
        ("dn-not-made", unmade & ~early, ("material",)),
    ):
        if not limits.lists(kind) or not wrong.any():
            continue
        leave_out = limits.does(kind) == LEAVE_OUT
        pipes.report(
            wrong, kind, "warning",
            lambda i: {
                "material": str(said[i]),
                **({"value": int(year[i]), "first_year": int(bounds["first_year"][i])} if early[i] else {
                    "dn": int(dn[i]), "smallest_dn": int(bounds["smallest_dn"][i]),
                    "largest_dn": int(bounds["largest_dn"][i]),
                }),
            },
            LEFT_OUT if leave_out else None,
        )  # fmt: skip
        if leave_out:
            for column in columns:
                if column in table:
                    table[column] = table[column].mask(wrong)


def _numbers(table: Any, name: str) -> np.ndarray:
    if name not in table:
        return np.full(len(table), np.nan)
    values: np.ndarray = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return values
