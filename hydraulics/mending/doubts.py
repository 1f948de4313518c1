"""What the text of a model says that EPANET takes without a word: impossible curves, rules at odds, unused sections."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from gis.issues import DataIssue
from hydraulics.errors import ModelInputError
from hydraulics.mending.contradictions import contradictions
from hydraulics.mending.limits import load_model_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.errors import Param
    from gis.issues import Severity
    from hydraulics.inp.read import ModelFile

NOT_USED = (
    "QUALITY",
    "SOURCES",
    "MIXING",
    "REACTIONS",
    "ENERGY",
)  # emitters are part of the hydraulics and are used
Points = list[tuple[float, float]]


def refuse_impossible_curves(file: ModelFile, name: str) -> None:
    """
    Refuse a curve in use that falls back in x, or has more points than any real one.

    Raises
    ------
    ModelInputError
        `model-curve-falls`, `model-curve-long`, `model-curve-single` with the curve and who uses it.
    """
    used, limit = _users(file), load_model_limits().most_curve_points
    for curve, points in _curves(file).items():
        if curve not in used:
            continue
        x = [point[0] for point in points]
        params: dict[str, Param] = {
            "file": name,
            "curve": curve,
            "user": used[curve][0],
            "count": len(points),
        }
        if len(points) > limit:
            raise ModelInputError("model-curve-long", **params, limit=limit)
        if any(later <= earlier for earlier, later in pairwise(x)):
            raise ModelInputError("model-curve-falls", **params)
        # A pump may be given by one point: EPANET draws its curve through it (manual 3.1, pump curve).
        if len(points) == 1 and used[curve][1] != "PUMPS":
            raise ModelInputError("model-curve-single", **params)


def _curves(file: ModelFile) -> dict[str, Points]:
    curves: dict[str, Points] = defaultdict(list)
    for row in file.section("CURV"):
        try:
            curves[row[0]].append((float(row[1]), float(row[2])))
        except (IndexError, ValueError):
            continue  # EPANET has refused the file for it
    return curves


def _users(file: ModelFile) -> dict[str, tuple[str, str]]:
    """Curve to the thing that uses it and its section."""
    used: dict[str, tuple[str, str]] = {}
    for row in file.section("PUMP"):
        for word, value in pairwise(row[3:]):
            if word.upper().startswith("HEAD"):
                used.setdefault(value, (row[0], "PUMPS"))
    for row in file.section("VALV"):
        if len(row) > 5 and row[4].upper() == "GPV":
            used.setdefault(row[5], (row[0], "VALVES"))
    for row in file.section("TANK"):
        if len(row) > 7 and row[7] != "*":
            used.setdefault(row[7], (row[0], "TANKS"))
    return used


def text_issues(file: ModelFile, name: str) -> Iterator[DataIssue]:
    """Sections that are kept and not used; controls and rules that say two things of one link."""
    unused = [section for section in NOT_USED if file.section(section[:4])]
    if unused:
        params: dict[str, Param] = {"sections": ", ".join(unused)}
        yield DataIssue("model-sections-unused", "warning", "", name, None, params)
    for found in contradictions(file):
        kind: tuple[str, Severity] = (
            ("model-rules-differ", "warning") if found.is_settled else ("model-controls-contradict", "error")
        )
        yield DataIssue(*kind, "pipes", found.link, None, {"file": name, "field": found.condition})
