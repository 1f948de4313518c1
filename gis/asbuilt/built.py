"""Built connection 竣工接户: what was built, as the scheme planned it or as it was surveyed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

from gis.errors import GisInputError
from gis.files.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Built:
    """
    One connection, in the working CRS of the network.

    Attributes
    ----------
    kind
        `tapoff` from a reserved tap-off, `new-tap` cut into a main.
    tapoff_id, pipe_id
        Where it leaves the network; the main may have other ids in the current version.
    tie_in_xy, line
        Tie-in, and the service pipe from there to the meter.
    length_m
        Laid length; by plan the length of the route.
    dn, outer_diameter_m
        Nominal size, and the outer diameter that plastic pipe is called by.
    has_valve
        A valve was set at the tie-in.
    design_flow_m3s
        What the scheme was checked with.
    elevations_m, covers_m
        Ground and cover at the surveyed points, NaN where unknown; empty without survey.
    """

    scheme_id: str
    name: str
    kind: Literal["tapoff", "new-tap"]
    tapoff_id: str | None
    pipe_id: str | None
    tie_in_xy: tuple[float, float]
    line: shapely.LineString
    length_m: float
    dn: int
    material: str
    outer_diameter_m: float
    inner_diameter_m: float
    has_valve: bool
    meter_dn: int
    use: str
    dwellings: int | None
    storeys: int | None
    design_flow_m3s: float
    site_elevation_m: float | None
    road_name: str | None
    built_on: date
    surveyed: bool = False
    elevations_m: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    covers_m: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    doubts: Sequence[tuple[str, dict[str, str | float]]] = ()


@dataclass(frozen=True)
class Limits:
    """See data/asbuilt.toml."""

    main_reach_m: float
    survey_reach_m: float
    site_reach_m: float
    node_reach_m: float
    length_ratio: float


@cache
def load_limits() -> Limits:
    """Read data/asbuilt.toml."""
    given = shipped_table("gis", "asbuilt.toml")
    return Limits(**{name: float(value) for name, value in given.items()})


@dataclass(frozen=True)
class SurveyedLine:
    """Points of a built service pipe in the order they were surveyed: shape (points, 2), (points,) and (points,)."""

    points_xy: NDArray[np.float64]
    elevations_m: NDArray[np.float64]
    covers_m: NDArray[np.float64]


def as_surveyed(built: Built, survey: SurveyedLine, limits: Limits) -> Built:
    """
    Give the connection where it was surveyed instead of where it was planned.

    The points may be in either direction. What differs much from the plan is doubted.

    Raises
    ------
    GisInputError
        `asbuilt-survey-far`: neither end lies near the planned tie-in.
    """
    planned = np.array(built.tie_in_xy)
    away_m = [float(np.hypot(*(survey.points_xy[end] - planned))) for end in (0, -1)]
    turned = away_m[1] < away_m[0]
    if min(away_m) > limits.survey_reach_m:
        raise GisInputError(
            "asbuilt-survey-far", scheme=built.scheme_id, away_m=round(min(away_m), 2),
            reach_m=limits.survey_reach_m,
        )  # fmt: skip
    order = slice(None, None, -1) if turned else slice(None)
    points_xy = survey.points_xy[order]
    line = shapely.LineString(points_xy)
    doubts: list[tuple[str, dict[str, str | float]]] = []
    if abs(line.length - built.length_m) > limits.length_ratio * built.length_m:
        told: dict[str, str | float] = {
            "planned_m": round(built.length_m, 2),
            "built_m": round(line.length, 2),
        }
        doubts.append(("asbuilt-length", told))
    site_m = float(np.hypot(*(points_xy[-1] - np.array(built.line.coords[-1]))))
    if site_m > limits.site_reach_m:
        doubts.append(("asbuilt-off-site", {"away_m": round(site_m, 2)}))
    return replace(
        built, tie_in_xy=(float(points_xy[0, 0]), float(points_xy[0, 1])), line=line, length_m=float(line.length),
        surveyed=True, elevations_m=survey.elevations_m[order], covers_m=survey.covers_m[order], doubts=tuple(doubts),
    )  # fmt: skip
