"""Hazen-Williams C of pipes by material, lining and age, from data/pipes/roughness.csv."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from hydraulics.results import FloatArray

UNKNOWN_AGE_YEARS = 30.0  # the middle of the table: neither flatters an old pipe nor condemns a new one
_ANY = "any"


@cache
def age_curves() -> dict[tuple[str, str], tuple[tuple[float, ...], tuple[float, ...]]]:
    """(material, lining) to ages [years] and C; lining `any` serves every lining that has no rows of its own."""
    rows: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with files("hydraulics").joinpath("data", "pipes", "roughness.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            key = (row["material"], row["lining"])
            rows.setdefault(key, []).append((float(row["age_years"]), float(row["c"])))
    return {
        key: (tuple(age for age, _ in points), tuple(c for _, c in points)) for key, points in rows.items()
    }


def reference_year(pipes: pd.DataFrame) -> int | None:
    """
    Year that ages are counted from: that of the youngest pipe.

    Not today: a network version must give the same heads whenever it is opened. And not that of a service pipe captured
    from its scheme: one house more does not age the town.
    """
    years = pipes["install_year"][pipes["scheme_id"].isna()].dropna()
    return int(years.max()) if len(years) else None


def roughness_c(pipes: pd.DataFrame) -> FloatArray:
    """
    Shape (pipes,): Hazen-Williams C, the pipe's own where it has one.

    Between the ages of the table linear, beyond them constant; a pipe of unknown year counts as 30 years old.
    """
    year = reference_year(pipes)
    years = pipes["install_year"].to_numpy(dtype=np.float64, na_value=np.nan)
    age_years = np.where(np.isnan(years), UNKNOWN_AGE_YEARS, np.maximum((year or 0) - years, 0.0))
    own_c = pipes["roughness_c"].to_numpy(dtype=np.float64, na_value=np.nan)
    table_c = np.full(len(pipes), np.nan)
    keys = (
        pipes["material"].fillna("unknown").astype(str) + "|" + pipes["lining"].fillna("unknown").astype(str)
    )
    for key, rows in keys.groupby(keys).indices.items():
        ages, cs = _curve(*str(key).split("|"))
        table_c[rows] = np.interp(age_years[rows], ages, cs)
    return np.where(own_c > 0, own_c, table_c)


def _curve(material: str, lining: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    curves = age_curves()
    for key in ((material, lining), (material, _ANY)):
        if key in curves:
            return curves[key]
    return curves["unknown", _ANY]


def new_pipe_c(material: str) -> float:
    """Hazen-Williams C of a new pipe of that material."""
    return float(_curve(material, "unknown")[1][0])
