"""
The law by which a model of the GIS counts losses, and its figure of every pipe.

Hazen-Williams C by material, lining and age, from data/pipes/roughness.csv, unless the pipes bring wall roughness or
Manning's n of their own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from gis.issues import DataIssue

if TYPE_CHECKING:
    import pandas as pd

    from gis.errors import Param
    from hydraulics.results import FloatArray
    from hydraulics.tables import HeadlossFormula

UNKNOWN_AGE_YEARS = 30.0  # the middle of the table: neither flatters an old pipe nor condemns a new one
_ANY = "any"
SMOOTH_WALL_M, SMOOTH_N = 0.01e-3, 0.009  # new plastic pipe (GB 50013-2018 appendix A)
_OWN_COLUMNS = {"D-W": "wall_roughness_m", "C-M": "manning_n"}
_MM = 1000.0


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


@dataclass(frozen=True)
class Friction:
    """
    The head-loss law of a model and what it counts with.

    Attributes
    ----------
    roughness_factor
        Shape (pipes,): C, millimetres or Manning's n, as EPANET wants it.
    doubts
        What was assumed for pipes without a figure of that law, and which figures of another law are not used.
    """

    formula: HeadlossFormula
    roughness_factor: FloatArray
    doubts: tuple[DataIssue, ...] = ()


def friction_of(pipes: pd.DataFrame) -> Friction:
    """
    Give the law that more than half of the pipe length brings figures of, Hazen-Williams where none does.

    By wall roughness or n, a pipe without one takes the middle of its material (else of all), a service pipe captured
    from its scheme that of new plastic.
    """
    own = {formula: _own(pipes, column) for formula, column in _OWN_COLUMNS.items()}
    length_m = pipes["length_m"].to_numpy(dtype=np.float64)
    share = {formula: length_m[np.isfinite(figures)].sum() for formula, figures in own.items()}
    formula: HeadlossFormula = "H-W"
    for name in ("D-W", "C-M"):
        if share[name] > length_m.sum() / 2.0:
            formula = name
    if formula == "H-W":
        return Friction(formula, roughness_c(pipes), _unused(pipes, own))
    figures, lacking = own[formula], ~np.isfinite(own[formula])
    new = pipes["scheme_id"].notna().to_numpy() & lacking
    smooth = SMOOTH_WALL_M * _MM if formula == "D-W" else SMOOTH_N
    filled = np.where(new, smooth, _middles(figures, pipes["material"]))
    assumed = np.flatnonzero(lacking & ~new)
    doubts = [_doubt("friction-assumed", pipes, assumed, formula=formula)] if len(assumed) else []
    others = {name: figures for name, figures in own.items() if name != formula}
    return Friction(formula, np.where(lacking, filled, figures), (*doubts, *_unused(pipes, others)))


def _own(pipes: pd.DataFrame, column: str) -> FloatArray:
    """Shape (pipes,): the pipes' own figures, in EPANET's unit, NaN where there is none; only walls may be smooth (0)."""
    if column not in pipes:
        return np.full(len(pipes), np.nan)
    given = pipes[column].to_numpy(dtype=np.float64, na_value=np.nan)
    if column == "manning_n":
        return np.where(given > 0, given, np.nan)
    return np.where(given >= 0, given * _MM, np.nan)


def _middles(own_factor: FloatArray, material: pd.Series) -> FloatArray:
    """Shape (pipes,): the middle figure among pipes of the same material, of all pipes where that material has none."""
    middle = np.full(len(own_factor), np.nanmedian(own_factor))
    words = material.fillna("unknown").astype(str)
    for rows in words.groupby(words).indices.values():
        known = own_factor[rows][np.isfinite(own_factor[rows])]
        if len(known):
            middle[rows] = np.median(known)
    return middle


def _unused(pipes: pd.DataFrame, others: dict[str, FloatArray]) -> tuple[DataIssue, ...]:
    return tuple(
        _doubt("friction-not-used", pipes, rows, formula=name)
        for name, figures in others.items()
        if len(rows := np.flatnonzero(np.isfinite(figures)))
    )


def _doubt(
    kind: str, pipes: pd.DataFrame, rows: np.ndarray[tuple[int], np.dtype[np.intp]], *, formula: str
) -> DataIssue:
    params: dict[str, Param] = {"count": len(rows), "formula": formula}
    return DataIssue(kind, "warning", "pipes", str(pipes["pipe_id"].iloc[int(rows[0])]), None, params)


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
