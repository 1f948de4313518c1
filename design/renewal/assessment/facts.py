"""Facts about every pipe on the assessment day: age, breaks, rate, hazard; what is unknown stays unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from design.renewal.assessment.dates import completed_years, day, laid_between, plus_years
from design.renewal.assessment.runs import run_numbers

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from design.renewal.parameters import RenewalParameters

# Three-valued answers; AND is the minimum, OR the maximum.
NO, MAYBE, YES = 0, 1, 2
_DAYS_A_YEAR = 365.2425
_COPIED = (
    "pipe_id", "dn", "material", "lining", "install_year", "installed_on", "length_m", "cover_depth_m", "role", "status",
    "road_name",
)  # fmt: skip


def at_least(sure: NDArray[Any], at_most: NDArray[Any], limit: float) -> NDArray[np.int8]:
    """YES where even the smaller figure reaches the limit, MAYBE where only the larger or an unknown one could."""
    return np.select([sure >= limit, (at_most >= limit) | np.isnan(at_most)], [YES, MAYBE], NO).astype("int8")


def collect_facts(
    pipes: gpd.GeoDataFrame, breaks: pd.DataFrame, *, on: date, parameters: RenewalParameters
) -> pd.DataFrame:
    """
    One row a pipe in service on the day, index = row in `pipes`.

    Notes
    -----
    `breaks` is the table of `assign_breaks` for these pipes. Adds age_years (surely completed) and
    age_possible_years (at most), own_breaks, own_breaks_possible, recent_breaks, recent_leaks,
    predecessor_breaks, run_length_m and run_recent_breaks (of the run the pipe belongs to, or of the pipe alone),
    rate_per_km_year (recent breaks of the run a km and year, over the years both recorded and in service), hazard
    (0 no, 1 possible, 2 yes).
    """
    earliest, latest = laid_between(pipes, parameters.assessment_year_only)
    table = pd.DataFrame(pipes[list(_COPIED)])
    table["age_years"] = np.maximum(completed_years(latest, on=on), 0.0)
    table["age_possible_years"] = completed_years(earliest, on=on)
    counts = _break_counts(breaks, len(pipes), on, parameters)
    table[list(counts.columns)] = counts
    run = run_numbers(pipes) if parameters.breaks_rate_basis == "run" else np.arange(len(pipes))
    table["run_length_m"] = np.bincount(run, table["length_m"].fillna(0.0))[run] if len(run) else 0.0
    table["run_recent_breaks"] = (
        np.bincount(run, table["recent_breaks"])[run].astype("int64") if len(run) else 0
    )
    table["rate_per_km_year"] = _rates(table, breaks, earliest, on, parameters)
    table["hazard"] = _hazard(table, breaks, on, parameters)
    in_service = ~pipes["status"].isin(parameters.assessment_exclude_status).to_numpy() & ~(
        earliest > day(on)
    )
    return table[in_service]


def _since(on: date, years: int) -> np.datetime64:
    return plus_years(np.array([day(on)]), -years)[0]


def _break_counts(breaks: pd.DataFrame, size: int, on: date, parameters: RenewalParameters) -> pd.DataFrame:
    row, own = breaks["pipe_row"].to_numpy(), (breaks["relation"] == "own").to_numpy()
    sure = own & (breaks["probability"].to_numpy() >= parameters.breaks_certain_share)
    occurred = breaks["occurred_on"].to_numpy().astype("datetime64[D]")
    recent = sure & (occurred > _since(on, parameters.breaks_window_years))
    leak = (breaks["kind"] == "leak").to_numpy()
    chosen = {
        "own_breaks": sure, "own_breaks_possible": own, "recent_breaks": recent, "recent_leaks": recent & leak,
        "predecessor_breaks": (breaks["relation"] == "predecessor").to_numpy(),
    }  # fmt: skip
    return pd.DataFrame({name: np.bincount(row[mask], minlength=size) for name, mask in chosen.items()})


def _rates(
    table: pd.DataFrame, breaks: pd.DataFrame, earliest: NDArray[Any], on: date, parameters: RenewalParameters
) -> NDArray[np.float64]:
    """Recent breaks of the run a km and year; at least one year counts, NaN for breaks on an unknown length."""
    recorded_years = float(parameters.breaks_window_years)
    start = parameters.breaks_known_since or breaks["occurred_on"].min()
    if not pd.isna(start):
        recorded_years = min(recorded_years, (pd.Timestamp(on) - pd.Timestamp(start)).days / _DAYS_A_YEAR)
    in_service = (day(on) - earliest).astype("timedelta64[D]").astype("float64") / _DAYS_A_YEAR
    in_service = np.where(np.isnat(earliest), recorded_years, in_service)
    years = np.maximum(np.minimum(in_service, recorded_years), 1.0)
    length_km = table["run_length_m"].where(table["run_length_m"] > 0).to_numpy() / 1000.0
    recent = table["run_recent_breaks"].to_numpy()
    return np.where(recent > 0, recent / (length_km * years), 0.0)


def _hazard(
    table: pd.DataFrame, breaks: pd.DataFrame, on: date, parameters: RenewalParameters
) -> NDArray[np.int8]:
    """Answer whether any of the chosen countable readings of 存在安全隐患 holds."""
    answers = [np.full(len(table), NO, dtype="int8")]
    if "own-breaks" in parameters.hazard_kinds:
        answers.append(_hazard_by_breaks(table, breaks, on, parameters))
    if "shallow-cover" in parameters.hazard_kinds:
        cover_m = table["cover_depth_m"].to_numpy()
        shallow = np.where(cover_m < parameters.hazard_min_cover_m, YES, NO)
        answers.append(np.where(np.isnan(cover_m), MAYBE, shallow))
    if "listed" in parameters.hazard_kinds:
        answers.append(np.where(table["pipe_id"].isin(parameters.hazard_pipe_ids), YES, NO))
    return np.max(np.stack(answers), axis=0).astype("int8")


def _hazard_by_breaks(
    table: pd.DataFrame, breaks: pd.DataFrame, on: date, parameters: RenewalParameters
) -> NDArray[np.int8]:
    # Without a single record nobody knows which pipe broke: that is not "no hazard".
    if breaks.empty:
        return np.full(len(table), MAYBE, dtype="int8")
    if not parameters.hazard_window_years:
        return at_least(
            table["own_breaks"].to_numpy(),
            table["own_breaks_possible"].to_numpy(),
            parameters.hazard_min_breaks,
        )
    recent = breaks["occurred_on"].to_numpy().astype("datetime64[D]") > _since(
        on, parameters.hazard_window_years
    )
    counts = _break_counts(breaks[recent], len(table), on, parameters)
    return at_least(
        counts["own_breaks"].to_numpy(),
        counts["own_breaks_possible"].to_numpy(),
        parameters.hazard_min_breaks,
    )
