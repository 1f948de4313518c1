"""Days as numpy arrays: completed years at an anniversary, and the last day of a period of whole years."""

from __future__ import annotations

from calendar import isleap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray


def parse_days(values: pd.Series) -> NDArray[Any]:
    """ISO dates as datetime64[D]; what is no date becomes NaT. Time of day is dropped."""
    text = values.astype("string").str.slice(0, 10)
    parsed = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    return parsed.to_numpy().astype("datetime64[D]")


def day(value: date) -> np.datetime64:
    """One day as numpy keeps it."""
    return np.datetime64(value, "D")


def year_of(days: NDArray[Any]) -> NDArray[np.float64]:
    """Calendar year of each day; NaN where unknown."""
    years = days.astype("datetime64[Y]").astype("int64") + 1970.0
    return np.where(np.isnat(days), np.nan, years)


def completed_years(start: NDArray[Any], *, on: date) -> NDArray[np.float64]:
    """
    Whole years completed on a day, counted by anniversaries; NaN where the start is unknown.

    A start on 29 February completes its year on 28 February (Civil Code article 202: the last day of the month
    stands in for a missing day).
    """
    month = start.astype("datetime64[M]").astype("int64") % 12 + 1
    day_of_month = (start - start.astype("datetime64[M]")).astype("int64") + 1
    month_day = month * 100 + day_of_month
    if not isleap(on.year):
        month_day = np.where(month_day == 229, 228, month_day)
    before_anniversary = month_day > on.month * 100 + on.day
    return on.year - year_of(start) - before_anniversary


def plus_years(start: NDArray[Any], years: int) -> NDArray[Any]:
    """The same day some years later, 28 February for a missing 29th; NaT stays NaT."""
    moved = start.astype("datetime64[M]") + 12 * years
    last = (moved + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return np.minimum(moved.astype("datetime64[D]") + (start - start.astype("datetime64[M]")), last)


def laid_between(pipes: pd.DataFrame, convention: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """
    Earliest and latest possible day each pipe was laid; NaT, NaT where nothing is known.

    A year alone is kept as 1 January (gis/data/schema/pipes.csv), so 1 January means "in that year". `convention`:
    `interval` keeps both ends of the year, `first-day` and `last-day` take one of them.
    """
    given = parse_days(pipes["installed_on"])
    years = pd.to_numeric(pipes["install_year"], errors="coerce").astype("float64").to_numpy()
    of_year = np.where(np.isnan(years), 1970, years).astype("int64") - 1970
    new_year = of_year.astype("datetime64[Y]").astype("datetime64[D]")
    new_year[np.isnan(years)] = np.datetime64("NaT")
    first = np.where(np.isnat(given), new_year, given)
    only_year = first == first.astype("datetime64[Y]").astype("datetime64[D]")
    year_end = (first.astype("datetime64[Y]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    earliest = np.where(only_year & (convention == "last-day"), year_end, first)
    latest = np.where(only_year & (convention != "first-day"), year_end, first)
    return earliest, latest
