"""The survey of a built service pipe: its points in order, from a table or a vector file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.asbuilt.built import SurveyedLine
from gis.errors import GisInputError
from gis.frames.frame import plain_frame
from gis.frames.parse import parse_frame
from gis.intake.cells.values import UNREADABLE, each, number
from gis.intake.reading import read_table
from gis.schema import data_rows, heading_words, plain_text
from gis.sources.folder import list_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    from gis.sources.raw import RawTable

FEWEST_POINTS = 2


def read_built_line(path: Path, *, crs: str | None, target: CRS | None) -> SurveyedLine:
    """
    Give the points of the first table that has some, in its order and in the CRS `target`.

    Tables carry northing and easting as survey sheets head them (X is the northing), vector files points or one line;
    ground elevation and cover are taken where a column has them. Positions are in `crs`, else as the file says, else
    in `target`.

    Raises
    ------
    GisInputError
        `asbuilt-survey-none` (no table with places), `asbuilt-survey-short` (one point is no line),
        `survey-value-missing` for a point without coordinates, and those of the readers.
    """
    for ref in list_tables([path]):
        raw = read_table(ref)
        xy = _places(raw)
        if xy is None:
            continue
        moved = _moved(raw, xy, crs=crs, target=target)
        if len(moved) < FEWEST_POINTS:
            raise GisInputError("asbuilt-survey-short", file=path.name, count=len(moved))
        return SurveyedLine(
            moved, _column(raw, "elevation_m", len(moved)), _column(raw, "cover_depth_m", len(moved))
        )
    raise GisInputError("asbuilt-survey-none", file=path.name)


def _places(raw: RawTable) -> NDArray[np.float64] | None:
    """Shape (points, 2): x, y as the source has them; None when the table has no places."""
    if raw.geometry is not None:
        shapes = raw.geometry[~shapely.is_missing(raw.geometry)]
        lines = shapes[np.isin(shapely.get_type_id(shapes), (1, 5))]
        chosen = lines[:1] if len(lines) else shapes
        return np.asarray(shapely.get_coordinates(chosen)) if len(chosen) else None
    northing, easting = (_heading(raw, _survey_words(name)) for name in ("northing_m", "easting_m"))
    if northing is None or easting is None:
        return None
    return np.column_stack([_numbers(raw, easting), _numbers(raw, northing)])


def _survey_words(attribute: str) -> dict[str, str]:
    rows = data_rows("mappings", "survey.csv")
    return {
        plain_text(r["heading"]): attribute
        for r in rows
        if r["table"] == "points" and r["attribute"] == attribute
    }


def _heading(raw: RawTable, words: Mapping[str, str]) -> str | None:
    return next((str(column) for column in raw.table.columns if plain_text(column) in words), None)


def _numbers(raw: RawTable, column: str) -> NDArray[np.float64]:
    values = each(raw.table[column], number)
    bad = [row for row, value in enumerate(values) if value is None or value is UNREADABLE]
    if bad:
        raise GisInputError(
            "survey-value-missing", file=raw.file_name, sheet=raw.ref.name, row=int(raw.table.index[bad[0]]),
            field=column, count=len(bad),
        )  # fmt: skip
    return np.asarray(values, dtype=np.float64)


def _column(raw: RawTable, attribute: str, count: int) -> NDArray[np.float64]:
    """Shape (points,): a measure of each point, NaN where the source has none or cannot be read."""
    layer = "nodes" if attribute == "elevation_m" else "pipes"
    words = {word: a for word, a in heading_words(layer).items() if a == attribute} | _survey_words(attribute)
    column = _heading(raw, words)
    if column is None or len(raw.table) != count:
        return np.full(count, np.nan)
    values: list[Any] = list(each(raw.table[column], number))
    return np.array([np.nan if v is None or v is UNREADABLE else float(v) for v in values])


def _moved(
    raw: RawTable, at_xy: NDArray[np.float64], *, crs: str | None, target: CRS | None
) -> NDArray[np.float64]:
    if target is None:
        return at_xy
    frame = parse_frame(crs) or plain_frame(raw.crs if raw.crs is not None else target)
    moved = np.column_stack(frame.xy(target, at_xy[:, 0], at_xy[:, 1]))
    if not np.isfinite(moved).all():
        raise GisInputError("crs-does-not-fit", crs=crs or target.name)
    return moved
