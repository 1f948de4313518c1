"""Years and depths that cannot be: left out or doubted, each with the value the source had."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.intake.mapping import EXTRA_ATTRIBUTES
from gis.issues import DataIssue
from gis.schema import layers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.errors import Param
    from gis.intake.normalise import Working
    from gis.repair.thresholds import Thresholds

LEAVE_OUT, LEFT_OUT = "leave-out", "value-left-out"


def finish_years(working: Working, limits: Thresholds) -> None:
    """Complete date and year from each other; a year before water works or after today is left out."""
    table = working.table
    if "installed_on" not in table and "install_year" not in table:
        return
    dates = table.get("installed_on", pd.Series(None, index=table.index, dtype="object"))
    years = pd.to_numeric(table.get("install_year", pd.Series(np.nan, index=table.index)), errors="coerce")
    years = years.fillna(pd.to_numeric(dates.str.slice(0, 4), errors="coerce"))
    wrong = ((years < limits.earliest_year) | (years > dt.date.today().year)).to_numpy()
    if _reported(working, "year-impossible", wrong, years.map(float), limits):
        dates, years = dates.mask(wrong), years.mask(wrong)
    text_years = years.astype("Int64").astype("string") + "-01-01"
    table["installed_on"] = dates.where(dates.notna(), text_years.astype("object")).where(years.notna(), None)
    if "install_year" in {a.name for a in layers()[working.layer].attributes}:
        table["install_year"] = years


def finish_depths(working: Working, limits: Thresholds) -> None:
    """
    Give cover depth as the mean of both ends; zero or less is left out, very deep is doubted.

    Zero at many things is one doubt and not many: it stands for a depth that nobody wrote down.
    """
    table = working.table
    ends = [name for name in EXTRA_ATTRIBUTES["pipes"] if name in table]
    if ends and "cover_depth_m" not in table:
        both = table[ends].apply(pd.to_numeric, errors="coerce")
        table["cover_depth_m"] = both.where(both > 0).mean(axis=1).where(both.notna().any(axis=1))
        table["cover_depth_m"] = table["cover_depth_m"].fillna(both.min(axis=1))
    if "cover_depth_m" not in table:
        return
    depth_m = pd.to_numeric(table["cover_depth_m"], errors="coerce")
    zero = (depth_m == 0).to_numpy()
    if (
        zero.sum() >= limits.alike_least_count
        and zero.mean() >= limits.zero_share
        and limits.lists("value-zero")
    ):
        if report_zeros(working, "cover_depth_m", zero, limits):
            depth_m = depth_m.mask(zero)
    else:
        depth_m = depth_m.mask(zero & _reported(working, "depth-impossible", zero, depth_m, limits))
    for kind, wrong in (
        ("depth-impossible", (depth_m < 0).to_numpy()),
        ("depth-doubtful", (depth_m > limits.deepest_cover_m).to_numpy()),
    ):
        depth_m = depth_m.mask(wrong & _reported(working, kind, wrong, depth_m, limits))
    table["cover_depth_m"] = depth_m


def _reported(
    working: Working, kind: str, wrong: NDArray[np.bool_], values: pd.Series, limits: Thresholds
) -> bool:
    """List what is wrong as the rule says; tells whether it is to be left out."""
    leave_out = limits.does(kind) == LEAVE_OUT
    numbers = values.to_numpy(dtype=float)
    whole = kind.startswith("year")
    if limits.lists(kind):
        working.report(
            wrong, kind, "warning",
            lambda i: {"value": int(numbers[i]) if whole else float(numbers[i])},
            LEFT_OUT if leave_out else None,
        )  # fmt: skip
    return leave_out


def report_zeros(working: Working, attribute: str, zero: NDArray[np.bool_], limits: Thresholds) -> bool:
    """Say once that zero stands for not recorded; tells whether it is to be left out."""
    leave_out = limits.does("value-zero") == LEAVE_OUT
    row = int(np.argmax(zero))
    x, y = working.positions()[row].tolist()
    params: dict[str, Param] = {"attribute": attribute, "count": int(zero.sum()), "total": len(zero)}
    place = (x, y) if np.isfinite(x) else None
    repair = LEFT_OUT if leave_out else None
    working.issues.append(DataIssue("value-zero", "warning", working.layer, "*", place, params, repair))
    return leave_out
