"""Grading: each reading of the national list, frozen at the start of past years, against what broke in those years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from design.renewal.assessment.dates import laid_between, year_of
from design.renewal.assessment.facts import YES
from design.renewal.assessment.verdicts import MaterialLookup

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from design.renewal.assessment.criteria import Criteria
    from design.renewal.parameters import RenewalParameters

READINGS = ("class", "class-or-aged", "class-or-aged-broken")


@dataclass(frozen=True)
class Grade:
    """One reading over the graded years: share of the exposed length it listed, share of the breaks it caught."""

    reading: str
    first_year: int
    last_year: int
    length_share_pct: float
    breaks_share_pct: float
    listed_km_years: float
    breaks: int
    breaks_all: int


def grade_readings(
    pipes: gpd.GeoDataFrame,
    breaks: pd.DataFrame,
    criteria: Criteria,
    *,
    on: date,
    parameters: RenewalParameters,
) -> list[Grade]:
    """
    Grade `class` (by material alone), `class-or-aged` (or 30 years) and `class-or-aged-broken` (or 30 years and a break).

    Notes
    -----
    `breaks` is the table of `assign_breaks` for these pipes; only own breaks count. For each of the last
    `grading.years` full calendar years of records before `on`: pipes laid in an earlier year, the age they
    reach in that year, breaks of earlier years known, breaks of that year to be caught. Sums over the years.
    Pipes without a year or a length are left out. Removed pipes are not in the register, so their breaks are
    not counted either. Empty without a full year of records.
    """
    own = breaks[breaks["relation"] == "own"]
    years = _graded_years(breaks, on, parameters.grading_years)
    if not years:
        return []
    row = own["pipe_row"].to_numpy()
    broke = year_of(own["occurred_on"].to_numpy().astype("datetime64[D]"))
    laid = year_of(laid_between(pipes, "first-day")[0])
    length_m = np.nan_to_num(pipes["length_m"].to_numpy())
    lookup = MaterialLookup(pipes, criteria)
    by_class = np.max([lookup.in_class(c) for c in criteria.classes], axis=0) == YES
    sums = np.zeros((len(READINGS) + 1, 2))
    for year in years:
        exposed = laid < year
        prior = np.bincount(row[broke < year], minlength=len(pipes)) > 0
        now = np.bincount(row[broke == year], minlength=len(pipes))
        old = year - laid >= criteria.aged_min_years
        for at, listed in enumerate((by_class, by_class | old, by_class | (old & prior), True)):
            sums[at] += (length_m * (exposed & listed)).sum(), (now * (exposed & listed)).sum()
    return [_grade(name, years, sums[at], sums[-1]) for at, name in enumerate(READINGS)]


def _graded_years(breaks: pd.DataFrame, on: date, count: int) -> list[int]:
    """The last full calendar years with records up to the day."""
    if breaks.empty or not count:
        return []
    first, last = breaks["occurred_on"].min(), breaks["occurred_on"].max()
    until = on.year if (on.month, on.day) == (12, 31) else on.year - 1
    # Records that stop in mid-year leave that year incomplete; a last record in December closes it.
    complete = last.year if last.month == 12 else last.year - 1
    return list(range(max(first.year + 1, min(until, complete) - count + 1), min(until, complete) + 1))


def _grade(reading: str, years: list[int], part: NDArray[Any], whole: NDArray[Any]) -> Grade:
    length_pct, breaks_pct = (float(100.0 * p / w) if w else 0.0 for p, w in zip(part, whole, strict=True))
    return Grade(
        reading, years[0], years[-1], round(length_pct, 2), round(breaks_pct, 2), round(float(part[0]) / 1000.0, 3),
        int(part[1]), int(whole[1]),
    )  # fmt: skip
