"""
Survey point and line tables (点表/线表), as nodes and pipes.

Chinese survey sheets call the northing X and the easting Y. Lines name their ends by point number and have no
shape of their own; a line may be listed from both ends, which repair finds like any other double. Which column is
what stands in a rule: found by the headings in data/mappings/survey.csv, or written in a mapping file.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.errors import GisInputError
from gis.intake.cells.angles import angle_issues, coordinate
from gis.intake.cells.values import UNREADABLE, code, each, text
from gis.intake.mapping import FieldRule, LayerRule
from gis.intake.normalise import TAPOFF_KIND
from gis.issues import DataIssue
from gis.schema import code_words, data_rows, layers, plain_text
from gis.sources.raw import RawTable
from gis.sources.sheets.combined import DEPTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.repair.thresholds import Thresholds

ABANDONED = "abandoned"
END_PLACES = ("start_easting_m", "start_northing_m", "end_easting_m", "end_northing_m")


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


def survey_rules(raw: RawTable) -> tuple[LayerRule, ...]:
    """Give the rules of a survey table known by its headings: for its points, its lines, both, or none."""
    if raw.geometry is not None:
        return ()
    roles = [table for table in ("points", "lines") if _required(table) <= set(_columns(raw, table))]
    way = "result" if len(roles) > 1 else None
    makers = {"points": _points_rule, "lines": _lines_rule}
    return tuple(replace(makers[role](raw), survey=way or role) for role in roles)


def _points_rule(raw: RawTable) -> LayerRule:
    columns = _columns(raw, "points")
    fields: dict[str, FieldRule] = {}
    for name in ("node_id", "elevation_m"):
        if name in columns:
            fields[name] = FieldRule(column=columns[name])
    fields = {**_labels(raw, "nodes"), **fields}
    kinds = [columns[name] for name in ("appurtenance", "feature") if name in columns]
    if kinds:
        fields["kind"] = FieldRule(column=kinds[0], others=tuple(kinds[1:]))
    return LayerRule("nodes", fields=fields, x_column=columns["easting_m"], y_column=columns["northing_m"])


def _lines_rule(raw: RawTable) -> LayerRule:
    columns = _columns(raw, "lines")
    depth = next((str(column) for column in raw.table.columns if plain_text(column) == DEPTH), None)
    if depth is not None and "start_depth_m" not in columns:
        columns["start_depth_m"] = depth
    places = [columns.pop(name, None) for name in END_PLACES]
    fields = {name: FieldRule(column=column) for name, column in columns.items()}
    rule = LayerRule("pipes", fields={**_labels(raw, "pipes"), **fields})
    if any(place is None for place in places):
        return rule
    x, y, end_x, end_y = places
    return replace(rule, x_column=x, y_column=y, end_x_column=end_x, end_y_column=end_y)


def _labels(raw: RawTable, layer: str) -> dict[str, FieldRule]:
    """Columns that bear an attribute's own label, beside what survey tables usually have."""
    of_label = {plain_text(attribute.label_zh): attribute.name for attribute in layers()[layer].attributes}
    return {
        of_label[plain_text(column)]: FieldRule(column=str(column))
        for column in reversed(list(raw.table.columns))
        if plain_text(column) in of_label
    }


def _columns(raw: RawTable, table: str) -> dict[str, str]:
    """Column of each attribute: the synonym that stands first in data/mappings/survey.csv wins."""
    present = {plain_text(column): str(column) for column in reversed(list(raw.table.columns))}
    found: dict[str, str] = {}
    for heading, attribute in _headings(table).items():
        if heading in present:
            found.setdefault(attribute, present[heading])
    return found


Survey = tuple[RawTable, LayerRule]


def read_points(
    tables: Sequence[Survey], lines: Sequence[Survey], limits: Thresholds
) -> tuple[list[Survey], list[DataIssue]]:
    """
    Give the survey points as tables of nodes with geometry (x = easting, y = northing), one for each source table.

    Points that only a line with the coordinates of its ends knows come last, from those lines.

    Raises
    ------
    GisInputError
        `survey-value-missing` for a point without number or coordinates.
    """
    everything = [*tables, *(end for raw, rule in lines if rule.end_x_column for end in line_ends(raw, rule))]
    parts = [_point_part(raw, rule).assign(part=at) for at, (raw, rule) in enumerate(everything)]
    kept, issues = _one_row_each(pd.concat(parts), limits)
    found = []
    for at, (raw, rule) in enumerate(everything):
        points = kept[kept["part"] == at]
        geometry = shapely.points(points["easting_m"].to_numpy(float), points["northing_m"].to_numpy(float))
        told = angle_issues(raw, rule.place_columns)
        found.append((RawTable(raw.ref, points, geometry, issues=(*raw.issues, *told)), _by_attribute(rule)))
    return found, issues


def line_ends(raw: RawTable, rule: LayerRule) -> tuple[Survey, Survey]:
    """Give the start and the end points of lines that carry the coordinates of both, as two tables of points."""
    columns = (
        ("start_node_id", rule.x_column, rule.y_column),
        ("end_node_id", rule.end_x_column, rule.end_y_column),
    )
    start, end = (
        (
            _with_places(raw, x, y),
            replace(rule, layer="nodes", fields={"node_id": rule.fields[name]}, x_column=x, y_column=y),
        )
        for name, x, y in columns
    )
    return start, end


def _with_places(raw: RawTable, *columns: str | None) -> RawTable:
    """Rows with both coordinates; a point without them must be in a table of points."""
    given = raw.table[list(columns)].notna().all(axis=1)
    return replace(raw, table=raw.table[given], issues=())


def _by_attribute(rule: LayerRule) -> LayerRule:
    """The rule for a table whose columns have become attributes; units and codes stay."""
    fields = {
        name: replace(field, column=name, heading=field.heading or field.column)
        for name, field in rule.fields.items()
    }
    return LayerRule(rule.layer, crs=rule.crs, fields=fields, frame=rule.frame)


def _point_part(raw: RawTable, rule: LayerRule) -> pd.DataFrame:
    part = _taken(raw, rule)
    part["node_id"] = _needed(raw, rule.fields["node_id"].column, text)
    part["northing_m"] = _needed(raw, rule.y_column, coordinate).astype(float)
    part["easting_m"] = _needed(raw, rule.x_column, coordinate).astype(float)
    if "kind" in rule.fields and rule.fields["kind"].column is not None:
        part["kind"] = _kinds(raw, rule.fields["kind"])
    return part


def _taken(raw: RawTable, rule: LayerRule) -> pd.DataFrame:
    """Columns by attribute; those that only fill blanks keep their own name, constants have no column."""
    part = pd.DataFrame(index=raw.table.index)
    for name, field in rule.fields.items():
        part[name] = raw.table[field.column] if field.column is not None else field.value
        for other in field.others:
            part[other] = raw.table[other]
    return part


def _needed(raw: RawTable, column: Any, read: Any) -> NDArray[Any]:
    values = each(raw.table[column], read)
    bad = np.array([value is None or value is UNREADABLE for value in values])
    if bad.any():
        row = raw.table.index[int(np.argmax(bad))]
        raise GisInputError(
            "survey-value-missing", file=raw.file_name, sheet=raw.ref.name, row=int(row), field=column,
            count=int(bad.sum()),
        )  # fmt: skip
    return values


def _kinds(raw: RawTable, field: FieldRule) -> NDArray[np.object_]:
    """
    Kind of each point: reserved tap-off by any of the words, else the first column that is known (appurtenance), else the next.

    A word in no list stays as it is written, so that it is reported when the code is read.
    """
    words = {**code_words("nodes", "kind"), **field.codes}
    kinds = np.full(len(raw.table), None, dtype=object)
    for column in reversed([str(field.column), *field.others]):
        found = each(raw.table[column], lambda value: words.get(plain_text(value), str(value)))
        given = np.array([kind is not None for kind in found], dtype=bool)
        known = np.array([kind in words.values() for kind in found], dtype=bool)
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


def read_lines(tables: Sequence[Survey], points: Sequence[Survey]) -> list[Survey]:
    """
    Give the survey lines as tables of pipes with geometry and start and end node.

    A line out of use that is listed from both ends is taken once: repair, which sees to those in use, leaves it alone.

    Raises
    ------
    GisInputError
        `survey-value-missing`, or `survey-point-missing` for an end that is in no point table.
    """
    ids = np.concatenate([raw.table["node_id"].to_numpy() for raw, _ in points])
    place = pd.Series(np.arange(len(ids)), index=ids)
    coordinates = shapely.get_coordinates(np.concatenate([raw.geometry for raw, _ in points]))
    of_points = next((rule for _, rule in points if rule.frame or rule.crs), LayerRule("nodes"))
    return _each_once([_line_part(raw, rule, place, coordinates, of_points) for raw, rule in tables])


def _each_once(parts: Sequence[Survey]) -> list[Survey]:
    """The lines without doubles of those out of use; the one whose name comes first stays, in whatever order they come."""
    listed = [
        part.table[["start_node_id", "end_node_id", "pipe_id"]].assign(
            part=at, row=np.arange(len(part.table))
        )[_abandoned(part, rule)]
        for at, (part, rule) in enumerate(parts)
    ]
    old = pd.concat(listed).sort_values(["pipe_id", "part", "row"]) if listed else pd.DataFrame()
    if not len(old):
        return list(parts)
    pair = [tuple(sorted(ends)) for ends in old[["start_node_id", "end_node_id"]].itertuples(index=False)]
    old["first"] = old.groupby(pd.Series(pair, index=old.index, dtype="object").to_numpy())[
        "pipe_id"
    ].transform("first")
    old["again"] = pd.Series(pair).duplicated().to_numpy()
    again = old[old["again"]]
    return [(_without(raw, again[again["part"] == at]), rule) for at, (raw, rule) in enumerate(parts)]


def _without(raw: RawTable, doubles: pd.DataFrame) -> RawTable:
    kept = np.ones(len(raw.table), dtype=bool)
    kept[doubles["row"].to_numpy(dtype=np.int64)] = False
    issues = tuple(
        DataIssue("pipe-twice", "repaired", "pipes", pipe, None, {"other": first}, "pipe-dropped")
        for pipe, first in zip(doubles["pipe_id"], doubles["first"], strict=True)
    )
    geometry = None if raw.geometry is None else raw.geometry[kept]
    return replace(raw, table=raw.table[kept], geometry=geometry, issues=(*raw.issues, *issues))


def _abandoned(raw: RawTable, rule: LayerRule) -> NDArray[np.bool_]:
    field = rule.fields.get("status")
    if field is None or field.column is None:
        return np.zeros(len(raw.table), dtype=bool)
    read = code("pipes", "status")
    found = each(raw.table[field.column], lambda value: field.codes.get(plain_text(value)) or read(value))
    return np.array([value == ABANDONED for value in found], dtype=bool)


def _line_part(
    raw: RawTable, rule: LayerRule, place: pd.Series, points_xy: NDArray[np.float64], of_points: LayerRule
) -> Survey:
    part = _taken(raw, rule)
    rows = []
    for name in ("start_node_id", "end_node_id"):
        column = str(rule.fields[name].column)
        part[name] = _needed(raw, column, text)
        found = place.reindex(part[name])
        if found.isna().any():
            raise _point_missing(raw, part[name], found.isna().to_numpy(), column)
        rows.append(found.to_numpy().astype(int))
    named = part["start_node_id"] + "-" + part["end_node_id"]
    part["pipe_id"] = part["pipe_id"].where(part["pipe_id"].notna(), named) if "pipe_id" in part else named
    geometry = shapely.linestrings(np.stack([points_xy[rows[0]], points_xy[rows[1]]], axis=1))
    ready = _by_attribute(rule)
    ready = replace(
        ready,
        fields={**ready.fields, "pipe_id": FieldRule(column="pipe_id")},
        crs=of_points.crs,
        frame=of_points.frame,
    )
    return RawTable(raw.ref, part, geometry, issues=raw.issues), ready


def _point_missing(raw: RawTable, ids: pd.Series, missing: NDArray[np.bool_], column: str) -> GisInputError:
    at = int(np.argmax(missing))
    return GisInputError(
        "survey-point-missing", file=raw.file_name, sheet=raw.ref.name, row=int(raw.table.index[at]), field=column,
        point=str(ids.iloc[at]), count=int(missing.sum()),
    )  # fmt: skip
