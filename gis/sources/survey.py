"""
Survey point and line tables (点表/线表), as nodes and pipes.

Chinese survey sheets call the northing X and the easting Y. Lines name their ends by point number and have no
shape of their own; a line may be listed from both ends, which repair finds like any other double.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.errors import GisInputError
from gis.intake.mapping import FieldRule, LayerRule
from gis.intake.values import UNREADABLE, each, number, text
from gis.issues import DataIssue
from gis.schema import code_words, data_rows, plain_text
from gis.sources.combined import split
from gis.sources.raw import RawTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.repair.thresholds import Thresholds

TAPOFF_KIND = "tapoff"


@cache
def _headings(table: str) -> dict[str, str]:
    return {
        plain_text(row["heading"]): row["attribute"]
        for row in data_rows("mappings", "survey.csv")
        if row["table"] == table
    }


@cache
def _required(table: str) -> frozenset[str]:
    return frozenset(
        row["attribute"]
        for row in data_rows("mappings", "survey.csv")
        if row["table"] == table and row["required"] == "yes"
    )


def survey_headings() -> frozenset[str]:
    """All headings of survey tables, in plain text: what the heading row is found by."""
    return frozenset(_headings("points")) | frozenset(_headings("lines"))


def survey_role(raw: RawTable) -> str | None:
    """Tell by its headings whether a table is a point table (`points`), a line table (`lines`), `both`, or neither."""
    if raw.geometry is not None:
        return None
    roles = [table for table in ("lines", "points") if _required(table) <= set(_columns(raw, table))]
    return "both" if len(roles) > 1 else next(iter(roles), None)


def split_result_table(raw: RawTable) -> tuple[RawTable, RawTable]:
    """Give the point and the line table of a table that is both."""
    return split(raw, _columns(raw, "points"), _columns(raw, "lines"))


def _columns(raw: RawTable, table: str) -> dict[str, str]:
    """Column of each attribute: the synonym that stands first in data/mappings/survey.csv wins."""
    present = {plain_text(column): str(column) for column in reversed(list(raw.table.columns))}
    found: dict[str, str] = {}
    for heading, attribute in _headings(table).items():
        if heading in present:
            found.setdefault(attribute, present[heading])
    return found


def read_points(
    tables: Sequence[RawTable], limits: Thresholds
) -> tuple[RawTable, LayerRule, list[DataIssue]]:
    """
    Give the survey points as a table of nodes with geometry (x = easting, y = northing).

    Raises
    ------
    GisInputError
        `survey-value-missing` for a point without number or coordinates.
    """
    parts = [_point_part(raw) for raw in tables]
    points = pd.concat(parts)
    points, issues = _one_row_each(points, limits)
    rule = LayerRule(
        "nodes", fields={name: FieldRule(column=name) for name in ("node_id", "kind", "elevation_m")}
    )
    geometry = shapely.points(points["easting_m"].to_numpy(float), points["northing_m"].to_numpy(float))
    return RawTable(tables[0].ref, points, geometry), rule, issues


def _point_part(raw: RawTable) -> pd.DataFrame:
    columns = _columns(raw, "points")
    part = pd.DataFrame(index=raw.table.index)
    part["node_id"] = _needed(raw, columns["node_id"], text)
    for name in ("northing_m", "easting_m"):
        part[name] = _needed(raw, columns[name], number).astype(float)
    part["elevation_m"] = raw.table[columns["elevation_m"]] if "elevation_m" in columns else None
    part["kind"] = _kinds(raw, columns)
    return part


def _needed(raw: RawTable, column: str, read: Any) -> NDArray[Any]:
    values = each(raw.table[column], read)
    bad = np.array([value is None or value is UNREADABLE for value in values])
    if bad.any():
        row = raw.table.index[int(np.argmax(bad))]
        raise GisInputError(
            "survey-value-missing", file=raw.file_name, sheet=raw.ref.name, row=int(row), field=column,
            count=int(bad.sum()),
        )  # fmt: skip
    return values


def _kinds(raw: RawTable, columns: dict[str, str]) -> NDArray[np.object_]:
    """
    Kind of each point: reserved tap-off by either word, else the appurtenance, else the feature.

    A word in neither list stays as it is written, so that it is reported when the code is read.
    """
    words = code_words("nodes", "kind")
    kinds = np.full(len(raw.table), None, dtype=object)
    for name in ("feature", "appurtenance"):
        if name not in columns:
            continue
        found = each(raw.table[columns[name]], lambda value: words.get(plain_text(value), str(value)))
        given = np.array([kind is not None for kind in found])
        known = np.array([kind in words.values() for kind in found])
        use = given & (known | np.array([kind is None for kind in kinds])) & (kinds != TAPOFF_KIND)
        kinds = np.where(use, found, kinds)
    return kinds


def _one_row_each(points: pd.DataFrame, limits: Thresholds) -> tuple[pd.DataFrame, list[DataIssue]]:
    """Keep the first row of a point listed again; two places for one number are an error of the survey."""
    again = points["node_id"].duplicated()
    if not again.any():
        return points, []
    kept = points[~again]
    first = kept.set_index("node_id").loc[points.loc[again, "node_id"]]
    more = points[again]
    apart = np.hypot(
        more["easting_m"].to_numpy(float) - first["easting_m"].to_numpy(float),
        more["northing_m"].to_numpy(float) - first["northing_m"].to_numpy(float),
    )
    issues = [
        DataIssue(
            "point-twice", "error", "nodes", str(node_id), (float(x), float(y)), {"apart_m": round(float(d), 3)}
        )
        for node_id, x, y, d in zip(more["node_id"], more["easting_m"], more["northing_m"], apart, strict=True)
        if d > limits.same_point_m
    ]  # fmt: skip
    return kept, issues


def read_lines(tables: Sequence[RawTable], points: RawTable) -> list[tuple[RawTable, LayerRule]]:
    """
    Give the survey lines as tables of pipes with geometry and start and end node.

    Raises
    ------
    GisInputError
        `survey-value-missing`, or `survey-point-missing` for an end that is in no point table.
    """
    place = pd.Series(np.arange(len(points.table)), index=points.table["node_id"].to_numpy())
    coordinates = shapely.get_coordinates(points.geometry)
    return [_line_part(raw, place, coordinates, points) for raw in tables]


def _line_part(
    raw: RawTable, place: pd.Series, points_xy: NDArray[np.float64], points: RawTable
) -> tuple[RawTable, LayerRule]:
    columns = _columns(raw, "lines")
    part = pd.DataFrame({name: raw.table[column] for name, column in columns.items()}, index=raw.table.index)
    rows = []
    for name in ("start_node_id", "end_node_id"):
        part[name] = _needed(raw, columns[name], text)
        found = place.reindex(part[name])
        if found.isna().any():
            raise _point_missing(raw, part[name], found.isna().to_numpy(), columns[name])
        rows.append(found.to_numpy().astype(int))
    named = part["start_node_id"] + "-" + part["end_node_id"]
    part["pipe_id"] = part["pipe_id"].where(part["pipe_id"].notna(), named) if "pipe_id" in part else named
    geometry = shapely.linestrings(np.stack([points_xy[rows[0]], points_xy[rows[1]]], axis=1))
    fields = {name: FieldRule(column=name, heading=columns.get(name)) for name in part.columns}
    rule = LayerRule("pipes", fields=fields)
    return RawTable(raw.ref, part, geometry, points.crs), rule


def _point_missing(raw: RawTable, ids: pd.Series, missing: NDArray[np.bool_], column: str) -> GisInputError:
    at = int(np.argmax(missing))
    return GisInputError(
        "survey-point-missing", file=raw.file_name, sheet=raw.ref.name, row=int(raw.table.index[at]), field=column,
        point=str(ids.iloc[at]), count=int(missing.sum()),
    )  # fmt: skip
