"""Drawings that are not in metres, and drawings with a turned system of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.sources.limits import load_file_limits

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

INSERT_UNITS = {1: "in", 2: "ft", 4: "mm", 5: "cm", 6: "m", 14: "dm"}  # $INSUNITS of DXF
MIDDLE_SHARE = (5.0, 95.0)  # a frame or a stray at the origin does not count


def require_metres(geometry: NDArray[np.object_], file: Path, *, stated: int) -> None:
    """
    Refuse a drawing whose figures cannot be metres; what it states of itself only serves as a guess.

    Raises
    ------
    GisInputError
        `drawing-units`, saying what to write into a mapping file.
    """
    places = shapely.get_coordinates(shapely.centroid(geometry))
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places):
        return
    low, high = np.percentile(places, MIDDLE_SHARE, axis=0)
    limits = load_file_limits()
    width_m, largest_m = float((high - low).max()), float(np.abs([low, high]).max())
    if width_m <= limits.widest_m and largest_m <= limits.largest_m:
        return
    guess = INSERT_UNITS.get(stated, "mm")
    raise GisInputError(
        "drawing-units", file=file.name, width_km=round(width_m / 1000.0), largest=f"{largest_m:.10g}",
        unit="mm" if guess == "m" else guess,
    )  # fmt: skip


def axes_issues(header: Any, file: Path) -> tuple[DataIssue, ...]:
    """Say that a drawing was made in turned or moved axes: its file holds the axes of the world all the same."""
    origin, axis = header.get("$UCSORG", (0.0, 0.0, 0.0)), header.get("$UCSXDIR", (1.0, 0.0, 0.0))
    if np.allclose(tuple(axis), (1.0, 0.0, 0.0)) and np.allclose(tuple(origin)[:2], (0.0, 0.0)):
        return ()
    return (DataIssue("drawing-axes", "warning", "", file.name),)
