"""
Places that cannot be: (0, 0), axes swapped, another continent, metres among degrees; and places too coarse for pipes.

Each table is judged in its own plane before anything is concluded from where it lies, for one point at (0, 0) would
draw every middle and every outline after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.crs import CHINA_LAT, CHINA_LON
from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.schema import layers
from gis.sources.limits import load_file_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.errors import Param
    from gis.intake.mapping import LayerRule
    from gis.sources.limits import FileLimits
    from gis.sources.raw import RawTable

FARTHEST_DEG = 3.0  # as far as `farthest_m` on the ground
FEWEST_PLACES = 20  # fewer round figures may be chance, or an example
MIXED_SHARE = 0.2  # more rows elsewhere than this are no slips of the pen
DEGREES = (360.0, 90.0)


Source = tuple["RawTable", "LayerRule", bool]


def without_strays(tables: list[Source]) -> list[Source]:
    """
    Take the shape from every row that lies where its table does not, with an issue; and tell coarse coordinates.

    Raises
    ------
    GisInputError
        `coordinates-mixed` for a table that lies in two places.
    """
    limits = load_file_limits()
    return [
        (_without_strays(raw, raw.geometry, rule, limits), rule, surveyed)
        if raw.geometry is not None and len(raw.geometry)
        else (raw, rule, surveyed)
        for raw, rule, surveyed in tables
    ]


def _without_strays(
    raw: RawTable, geometry: NDArray[np.object_], rule: LayerRule, limits: FileLimits
) -> RawTable:
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    whole = np.isfinite(xy).all(axis=1)
    xy, owner = xy[whole], owner[whole]
    if not len(xy):
        return raw
    in_degrees = _in_degrees(raw, xy)
    reach = FARTHEST_DEG if in_degrees else limits.farthest_m
    middle_xy = np.array([_densest(xy[:, axis], limit=reach) for axis in (0, 1)])
    off = (np.abs(xy - middle_xy) > reach).any(axis=1)
    rows = np.unique(owner[off])
    if not len(rows):
        return replace(raw, issues=(*raw.issues, *_coarse(raw, xy, limits, in_degrees=in_degrees)))
    if len(rows) > max(MIXED_SHARE * len(np.unique(owner)), 1):
        if in_degrees and raw.crs is None and (np.abs(xy) <= DEGREES).all():
            return raw  # a drawing in metres from a corner near (0, 0) on
        _refuse_mixed(raw, xy, owner, off)
    first = {int(row): xy[np.flatnonzero(off & (owner == row))[0]] for row in rows}
    issues = [_stray(raw, rule, row, place, middle_xy=middle_xy, limit=reach) for row, place in first.items()]
    geometry = geometry.copy()
    geometry[rows] = None
    coarse = _coarse(raw, xy[~off], limits, in_degrees=in_degrees)
    return replace(raw, geometry=geometry, issues=(*raw.issues, *issues, *coarse))


def _in_degrees(raw: RawTable, places_xy: NDArray[np.float64]) -> bool:
    """By the file's own word, else where most of the figures are longitudes and latitudes in China."""
    if raw.crs is not None:
        return bool(raw.crs.is_geographic)
    low, high = np.array([CHINA_LON, CHINA_LAT]).T
    return bool(((places_xy >= low) & (places_xy <= high)).all(axis=1).mean() > 0.5)


def _densest(places_x: NDArray[np.float64], *, limit: float) -> float:
    """Give the middle of where most figures lie within `limit`; a mean would lie between two heaps."""
    ordered = np.sort(places_x)
    counts = np.searchsorted(ordered, ordered + limit, side="right") - np.arange(len(ordered))
    first = int(np.argmax(counts))
    return float(np.median(ordered[first : first + counts[first]]))


def _refuse_mixed(
    raw: RawTable, places_xy: NDArray[np.float64], owner: NDArray[np.int64], off: NDArray[np.bool_]
) -> None:
    here, there = int(np.argmin(off)), int(np.argmax(off))
    raise GisInputError(
        "coordinates-mixed", file=raw.file_name, table=raw.ref.name,
        row=int(raw.table.index[owner[here]]), place=_written(places_xy[here]),
        other_row=int(raw.table.index[owner[there]]), other_place=_written(places_xy[there]),
        count=len(np.unique(owner[off])),
    )  # fmt: skip


def _written(place_xy: NDArray[np.float64]) -> str:
    return f"{place_xy[0]:.10g}, {place_xy[1]:.10g}"


def _stray(
    raw: RawTable, rule: LayerRule, row: int, place_xy: NDArray[np.float64], *, middle_xy: NDArray[np.float64], limit: float
) -> DataIssue:  # fmt: skip
    if (np.abs(place_xy) < 1e-9).all():
        hint = "zero"
    elif (np.abs(place_xy[::-1] - middle_xy) <= limit).all():
        hint = "swapped"
    elif (np.abs(place_xy) <= DEGREES).all() != (np.abs(middle_xy) <= DEGREES).all():
        hint = "mixed"
    else:
        hint = "far"
    field = rule.fields.get(layers()[rule.layer].id_column)
    known = field is not None and field.column in raw.table
    subject = (
        str(raw.table[field.column].iloc[row]) if known and field is not None else f"{rule.layer}-{row + 1}"
    )
    params: dict[str, Param] = {
        "file": raw.file_name, "row": int(raw.table.index[row]), "place": _written(place_xy), "middle": _written(middle_xy),
    }  # fmt: skip
    return DataIssue(f"place-{hint}", "error", rule.layer, subject, None, params, "shape-left-out")


def _coarse(
    raw: RawTable, places_xy: NDArray[np.float64], limits: FileLimits, *, in_degrees: bool
) -> tuple[DataIssue, ...]:
    step = limits.coarse_deg if in_degrees else limits.coarse_m
    for some_xy in (places_xy[:1000], places_xy):  # the first ones nearly always tell
        steps = some_xy / step
        if not np.allclose(steps, np.round(steps), rtol=0.0, atol=1e-6):
            return ()
    if len(np.unique(places_xy, axis=0)) < FEWEST_PLACES:
        return ()
    params: dict[str, Param] = {"value": _written(places_xy[0]), "step": f"{step:g}"}
    kind = "coordinates-coarse-degrees" if in_degrees else "coordinates-coarse"
    return (DataIssue(kind, "warning", "", raw.file_name, None, params),)
