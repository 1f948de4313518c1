"""What is to be said of a grid fitted to control points, or checked on them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gis.frames.limits import limits
from gis.issues import DataIssue

if TYPE_CHECKING:
    from gis.errors import Param
    from gis.frames.plane import Fit

MOST_NAMED = 10


def fit_issues(
    fit: Fit, bounds: tuple[float, float, float, float], *, name: str, fitted: bool
) -> list[DataIssue]:
    """
    Give the residuals, and doubts about points too few, too far off or all on one side.

    `bounds` are west, south, east, north of the data, in the local grid.
    """
    allowed = limits("fit")
    worst, worst_mm = fit.worst
    told = sorted(zip(fit.residual_mm, fit.names, strict=True), reverse=True)[:MOST_NAMED]
    params: dict[str, Param] = {
        "count": len(fit.names), "worst": worst, "worst_mm": round(worst_mm),
        "rms_mm": "—" if math.isnan(fit.rms_mm) else round(fit.rms_mm),
        "points": "、".join(f"{point} {miss_mm:.0f}" for miss_mm, point in told),
    }  # fmt: skip
    rough = fit.rms_mm > allowed["warn_mm"]
    kind = "grid-fitted" if fitted else "grid-checked"
    issues = [DataIssue(kind, "warning" if rough else "repaired", "", name, None, params)]
    if fitted and len(fit.names) < allowed["fewest_points"]:
        few: dict[str, Param] = {"count": len(fit.names), "wanted": int(allowed["fewest_points"])}
        issues.append(DataIssue("grid-points-few", "warning", "", name, None, few))
    away_m = farthest_m(fit.middle_xy, bounds)
    stretch = fit.uncertainty_ratio(away_m)
    if fitted and stretch > allowed["stretch_ratio"]:
        far: dict[str, Param] = {"away_km": round(away_m / 1000.0, 1), "times": min(round(stretch, 1), 999.0)}
        issues.append(DataIssue("grid-points-one-side", "warning", "", name, None, far))
    return issues


def farthest_m(middle_xy: tuple[float, float], bounds: tuple[float, float, float, float]) -> float:
    """Distance of the farthest corner [m]."""
    west, south, east, north = bounds
    x, y = middle_xy
    return math.hypot(max(abs(x - west), abs(x - east)), max(abs(y - south), abs(y - north)))
