"""
The same value far too often: defaults of forms and programs that stand for nothing.

Judged against the distribution: a share no real network has, or a round year that towers above the years around it.
One doubt a value and column, with the count; its place is the first thing that has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.intake.cells.plausible import LEAVE_OUT, LEFT_OUT, report_zeros
from gis.issues import DataIssue
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.errors import Param
    from gis.intake.normalise import Working
    from gis.repair.thresholds import Thresholds
    from gis.repair.topology import BoolArray, FloatArray

KIND = "value-placeholder"
SPIKE_LEAST_SHARE = 0.05
AROUND_YEARS = 5
ROUND_YEARS = 5


def doubt_alike(working: Working, limits: Thresholds) -> None:
    """Report values that are hardly values, and left out where the rule says so; elevations of zero between hills."""
    if working.layer == "nodes":
        _zero_levels(working, limits)
    if not limits.lists(KIND):
        return
    for attribute, chosen, value in list(_suspects(working, limits)):
        _report(working, attribute, chosen, value, limits)


def _suspects(working: Working, limits: Thresholds) -> Iterator[tuple[str, BoolArray, Param]]:
    table = working.table
    numbers = {"dn": limits.alike_dn_share, "cover_depth_m": limits.alike_depth_share}
    for attribute, share in numbers.items():
        if attribute in table:
            values = _numbers(table[attribute])
            for value in _dominant(values, share, limits):
                yield attribute, values == value, float(value) if attribute.endswith("_m") else int(value)
    if "install_year" in {a.name for a in layers()[working.layer].attributes} and "install_year" in table:
        years = _numbers(table["install_year"])
        for year in _doubtful_years(years, limits):
            yield "install_year", years == year, year
    if working.layer == "pipes" and "material" in table and _one_material(table, limits):
        counted = table["material"].dropna()
        code = str(counted[counted != "unknown"].mode().iloc[0])
        yield "material", (table["material"] == code).to_numpy(dtype=bool), code


def _dominant(values: Any, share: float, limits: Thresholds) -> list[float]:
    known = values[np.isfinite(values) & (values != 0)]
    if len(known) < limits.alike_least_count:
        return []
    found, count = np.unique(known, return_counts=True)
    return [float(found[at]) for at in np.flatnonzero(count >= share * len(known))]


def _doubtful_years(years: FloatArray, limits: Thresholds) -> list[int]:
    """Years that too many share, and round ones far above the years around them."""
    known = years[np.isfinite(years)]
    if len(known) < limits.alike_least_count:
        return []
    found, count = np.unique(known.astype(np.int64), return_counts=True)
    of_year = dict(zip(found.tolist(), count.tolist(), strict=True))
    doubtful = []
    for year, n in of_year.items():
        around = [of_year.get(year + step, 0) for step in range(-AROUND_YEARS, AROUND_YEARS + 1) if step]
        is_round = year % ROUND_YEARS == 0 or year in limits.dummy_years
        towers = n >= limits.alike_spike_ratio * max(1.0, float(np.mean(around)))
        if n >= limits.alike_year_share * len(known) or (
            is_round and towers and n >= SPIKE_LEAST_SHARE * len(known)
        ):
            doubtful.append(year)
    return doubtful


def _one_material(table: pd.DataFrame, limits: Thresholds) -> bool:
    """One material over many decades."""
    known = table["material"][table["material"].notna() & (table["material"] != "unknown")]
    if len(known) < limits.alike_least_count or "install_year" not in table:
        return False
    years = _numbers(table["install_year"])
    years = years[np.isfinite(years)]
    if len(years) < limits.alike_least_count:
        return False
    low, high = np.percentile(years, [5, 95])
    share = float(known.value_counts(normalize=True).iloc[0])
    return share >= limits.alike_material_share and high - low >= limits.alike_material_years


def _report(working: Working, attribute: str, chosen: BoolArray, value: Param, limits: Thresholds) -> None:
    """Say it once where it is only doubted; of each thing where its value is left out."""
    count, total = int(chosen.sum()), int(working.table[attribute].notna().sum())
    params: dict[str, Param] = {
        "attribute": attribute, "value": value, "count": count, "total": total,
        "share_pct": round(100.0 * count / total, 1),
    }  # fmt: skip
    if limits.does(KIND) != LEAVE_OUT:
        x, y = working.positions()[int(np.argmax(chosen))].tolist()
        place = (x, y) if np.isfinite(x) else None
        working.issues.append(DataIssue(KIND, "warning", working.layer, "*", place, params))
        return
    working.report(chosen, KIND, "warning", lambda _: params, LEFT_OUT)
    columns = ("install_year", "installed_on") if attribute == "install_year" else (attribute,)
    for column in columns:
        if column in working.table:
            working.table[column] = working.table[column].mask(chosen)


def _zero_levels(working: Working, limits: Thresholds) -> None:
    if "elevation_m" not in working.table or not limits.lists("value-zero"):
        return
    level_m = _numbers(working.table["elevation_m"])
    zero = level_m == 0
    others = level_m[np.isfinite(level_m) & ~zero]
    if not zero.any() or len(others) < limits.alike_least_count:
        return
    if np.percentile(others, 10) > limits.zero_level_m and report_zeros(working, "elevation_m", zero, limits):
        working.table["elevation_m"] = pd.Series(level_m, index=working.table.index).mask(zero)


def _numbers(values: Any) -> Any:
    numbers: FloatArray = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return numbers
