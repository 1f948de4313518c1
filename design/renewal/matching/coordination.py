"""Coordination 协同: which pipe goes along with whose works in which year, and which may not be dug up until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from design.renewal.assessment.dates import day, plus_years
from design.renewal.matching.bans import active_bans
from design.renewal.matching.overlaps import overlaps
from design.renewal.matching.programmes import open_programmes
from gis.progress import SILENT

if TYPE_CHECKING:
    from datetime import date

    from design.renewal.assessment.condition import Assessment
    from design.renewal.parameters import RenewalParameters
    from gis.network import Network
    from gis.progress import Progress

_A_DAY = pd.Timedelta(days=1)
OUTCOMES = ("with-programme", "after-ban", "conflict", "undated", "free", "no-place")


@dataclass(frozen=True, eq=False)
class Coordination:
    """
    Candidates matched with programmes and no-dig periods.

    Attributes
    ----------
    pipes
        One row a candidate, in the assessment's order, index = row in the pipes layer: pipe_id, blocked_through, ban (row
        in `bans` or -1), earliest (first day a dig of its own is allowed), match (row in `matches` of the recommended
        programme or -1), outcome, recommended_year (NaN for none).
    matches
        One row a pipe and programme that run together: pipe_row, programme (row in `programmes`), overlap_m,
        overlap_share, window_from, window_to, feasible.
    programmes, bans
        Tables of `open_programmes` and `active_bans`.
    gaps
        Counts of what could not be used: programmes without dates or place, streets without dates, pipes without place.
    """

    assessment: Assessment
    on: date
    horizon_years: int
    parameters: RenewalParameters
    pipes: pd.DataFrame
    matches: pd.DataFrame
    programmes: pd.DataFrame
    bans: pd.DataFrame
    gaps: dict[str, int]


def coordinate(
    assessment: Assessment, network: Network, *, on: date, horizon_years: int | None = None,
    parameters: RenewalParameters, progress: Progress = SILENT,
) -> Coordination:  # fmt: skip
    """
    Match the candidates of an assessment with road works, renovations and no-dig periods.

    A pipe goes with the programme that can take it first (then the longer overlap, then the id): after it the road is
    closed to digging. Within a no-dig period only works that open the road themselves can take it. `horizon_years`
    None takes the parameter.
    """
    years = horizon_years or parameters.coordination_horizon_years
    progress.step("coordination", 0, 3)
    layers = {name: network.layer(name) for name in ("road_works", "renovations", "streets")}
    candidates = assessment.candidates(parameters.coordination_certainties)
    programmes = open_programmes(layers, on=on, horizon_years=years, parameters=parameters)
    bans = active_bans(layers, on=on, parameters=parameters)
    lines = network.pipes.geometry.to_numpy()[candidates.index]
    least = {
        "min_overlap_m": parameters.coordination_min_overlap_m,
        "min_overlap_share": parameters.coordination_min_overlap_share,
    }
    progress.step("coordination", 1, 3)
    blocked = overlaps(lines, bans["area"].to_numpy(), **least)
    progress.step("coordination", 2, 3)
    joined = overlaps(lines, programmes["area"].to_numpy(), **least)
    pipes = _blocked_pipes(candidates, blocked, bans, on)
    matches = _timed(joined, pipes, programmes)
    pipes = _recommended(pipes, matches, on, years)
    progress.step("coordination", 3, 3)
    gaps = _gaps(layers, candidates, programmes)
    return Coordination(assessment, on, years, parameters, pipes, matches, programmes, bans, gaps)


def _blocked_pipes(
    candidates: pd.DataFrame, blocked: pd.DataFrame, bans: pd.DataFrame, on: date
) -> pd.DataFrame:
    """Candidates with their last blocked day, the ban that sets it, and the first day a dig of their own is allowed."""
    pipes = pd.DataFrame(candidates[["pipe_id", "length_m", "has_place"]])
    through = bans["through"].to_numpy()[blocked["area"].to_numpy()]
    last = (
        blocked.assign(through=through)
        .sort_values(["line", "through", "overlap_m"])
        .drop_duplicates("line", keep="last")
    )
    pipes["ban"] = -1
    pipes["blocked_through"] = pd.Series(np.datetime64("NaT"), index=pipes.index, dtype="datetime64[s]")
    at = pipes.index[last["line"].to_numpy()]
    pipes.loc[at, "ban"] = last["area"].to_numpy()
    pipes.loc[at, "blocked_through"] = last["through"].to_numpy()
    pipes["earliest"] = (pipes["blocked_through"] + _A_DAY).fillna(pd.Timestamp(on))
    return pipes


def _timed(joined: pd.DataFrame, pipes: pd.DataFrame, programmes: pd.DataFrame) -> pd.DataFrame:
    """Matches in place with the days on which the pipe may be laid within the programme."""
    programme = joined["area"].to_numpy()
    line = joined["line"].to_numpy()
    start = programmes["window_start"].to_numpy()[programme]
    end = programmes["window_end"].to_numpy()[programme]
    rebuilds = programmes["rebuilds"].to_numpy(dtype=bool)[programme]
    allowed = pipes["earliest"].to_numpy()[line]
    from_day = np.where(rebuilds, start, np.maximum(start, allowed))
    return pd.DataFrame(
        {
            "pipe_row": pipes.index.to_numpy()[line], "programme": programme, "overlap_m": joined["overlap_m"],
            "overlap_share": joined["overlap_share"], "window_from": from_day, "window_to": end,
            "feasible": from_day <= end,
        }
    )  # fmt: skip


def _recommended(pipes: pd.DataFrame, matches: pd.DataFrame, on: date, years: int) -> pd.DataFrame:
    """Add the recommended match, the outcome and the year."""
    order = ["pipe_row", "window_from", "overlap_m", "programme"]
    first = matches[matches["feasible"]].sort_values(order, ascending=[True, True, False, True])
    first = first.drop_duplicates("pipe_row")
    pipes = pipes.assign(match=-1)
    pipes.loc[first["pipe_row"], "match"] = first.index.to_numpy()
    horizon_end = pd.Timestamp(plus_years(np.array([day(on)]), years)[0])
    blocked = pipes["ban"] >= 0
    missed = pipes.index.isin(matches.loc[matches["window_from"] > matches["window_to"], "pipe_row"])
    undated = pipes.index.isin(matches.loc[matches["window_from"].isna(), "pipe_row"])
    cases = {
        "no-place": ~pipes["has_place"], "with-programme": pipes["match"] >= 0, "conflict": missed, "after-ban": blocked,
        "undated": undated,
    }  # fmt: skip
    pipes["outcome"] = np.select(list(cases.values()), list(cases), "free")
    day_chosen = pipes["earliest"].where(blocked & (pipes["earliest"] <= horizon_end))
    day_chosen.loc[first["pipe_row"]] = first["window_from"].to_numpy()
    pipes["recommended_year"] = day_chosen.dt.year
    return pipes


def _gaps(layers: dict[str, Any], candidates: pd.DataFrame, programmes: pd.DataFrame) -> dict[str, int]:
    streets = layers["streets"]
    undated = streets["opened_on"].isna() & streets["paved_on"].isna()
    no_area = np.array([area is None or area.is_empty for area in programmes["area"]], dtype=bool)
    return {
        "pipes_without_place": int((~candidates["has_place"]).sum()),
        "programmes_without_dates": int(programmes["window_start"].isna().sum()),
        "programmes_without_place": int(no_area.sum()),
        "streets_without_dates": int(undated.sum()),
        "streets": len(streets),
    }
