"""From source columns to our attributes: right type, SI unit, code; whatever cannot be read leaves an issue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import GisInputError
from gis.intake.cells.angles import angle_issues, coordinate
from gis.intake.cells.shapes import broken_shapes, kind_fits, mended, single_points
from gis.intake.cells.values import UNITS, UNREADABLE, code, date, each, number, text, unit_in_heading
from gis.issues import DataIssue
from gis.repair.diameters import Size, inner_diameter_m, read_size
from gis.schema import layers, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from gis.frames.frame import Frame
    from gis.intake.mapping import FieldRule, LayerRule
    from gis.issues import Severity
    from gis.sources.raw import RawTable

SIZE_ATTRIBUTES = {"dn", "pipe_dn", "meter_dn"}
LARGEST_DN = 4000
NUMBERS = {"integer", "number"}
TAPOFF_KIND = "tapoff"  # a point that any of its words calls reserved is reserved
PLACED_LAYERS = {
    "streets", "blocks", "parcels", "buildings", "communities", "utilities", "terrain", "waters", "railways",
    "trees",
}  # fmt: skip


@dataclass
class Working:
    """
    Rows of one layer on their way: typed columns, geometry in the working CRS, and what was doubtful.

    `table` also has `source_file` and `source_row`, so that later findings can name the place in the file.
    """

    layer: str
    table: gpd.GeoDataFrame
    issues: list[DataIssue]

    def positions(self) -> NDArray[np.float64]:
        """Shape (rows, 2): a point on each geometry, NaN without one."""
        geometry = self.table.geometry.to_numpy()
        centres = shapely.centroid(geometry)
        lines = shapely.get_type_id(geometry) == 1
        centres[lines] = shapely.line_interpolate_point(geometry[lines], 0.5, normalized=True)
        return np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])

    def place_in_file(self, row: int) -> dict[str, Any]:
        """File and row, for sentences."""
        return {"file": self.table["source_file"].iloc[row], "row": int(self.table["source_row"].iloc[row])}

    def report(
        self, where: NDArray[np.bool_], kind: str, severity: Severity, params: Callable[[int], dict[str, Any]],
        repair: str | None = None,
    ) -> None:  # fmt: skip
        """Add an issue for every row that `where` marks."""
        rows = np.flatnonzero(where)
        if not len(rows):
            return
        ids = self.table[layers()[self.layer].id_column].to_numpy()
        places = Working(self.layer, self.table.iloc[rows], []).positions()
        for row, (x, y) in zip(rows, places, strict=True):
            place = (float(x), float(y)) if np.isfinite(x) and np.isfinite(y) else None
            subject = str(ids[row]) if ids[row] is not None else f"{self.layer}-{row + 1}"
            self.issues.append(
                DataIssue(kind, severity, self.layer, subject, place, params(int(row)), repair)
            )


def normalise(raw: RawTable, rule: LayerRule, *, frame: Frame | None, target: CRS | None) -> Working:
    """
    Give the rows a rule takes from a source table.

    Raises
    ------
    GisInputError
        `column-missing` when the rule names a column the table has not; `coordinate-unreadable`;
        `crs-does-not-fit`.
    """
    require_columns(raw, rule)
    chosen = _chosen_rows(raw, rule)
    source = raw.table[chosen]
    shapes = _geometry(raw, rule, chosen)
    broken = broken_shapes(shapes)
    shapes[broken] = None
    geometry = shapely.force_2d(shapes) if frame is None else frame.moved(shapes, target)
    columns: dict[str, Any] = {"source_file": raw.file_name, "source_row": source.index.to_numpy()}
    unread: list[tuple[str, FieldRule, NDArray[np.bool_]]] = []
    for attribute, field in rule.fields.items():
        values = _read(rule.layer, attribute, field, source)
        bad = np.array([value is UNREADABLE for value in values], dtype=bool)
        values[bad] = None
        columns[attribute] = values
        unread.append((attribute, field, bad))
    id_column = layers()[rule.layer].id_column
    columns.setdefault(id_column, np.full(len(source), None, dtype=object))
    index = pd.RangeIndex(len(source))
    table = pd.DataFrame({name: _series(rule.layer, name, values, index) for name, values in columns.items()})
    working = Working(rule.layer, gpd.GeoDataFrame(table, geometry=geometry, crs=target), list(raw.issues))
    for attribute, field, bad in unread:
        _report_unread(working, attribute, field, bad, source)
    working.report(broken, "coordinates-broken", "error", working.place_in_file)
    return finish_shapes(working)


def _series(layer: str, attribute: str, values: Any, index: pd.RangeIndex) -> pd.Series:
    """Numbers as such; texts and sizes as plain objects, for look-ups in string arrays are an order slower."""
    kinds = {a.name: a.value_type for a in layers()[layer].attributes}
    if attribute == "source_row" or (kinds.get(attribute) in NUMBERS and attribute not in SIZE_ATTRIBUTES):
        return pd.Series(values, index=index).astype("int64" if attribute == "source_row" else "float64")
    return pd.Series(values, index=index, dtype="object")


def placed(raw: RawTable, rule: LayerRule) -> tuple[RawTable, LayerRule]:
    """
    Give a table whose rule names columns with coordinates as one with shapes; angles are read as degrees.

    Raises
    ------
    GisInputError
        `column-missing`, `coordinate-unreadable`.
    """
    if not rule.place_columns:
        return raw, rule
    require_columns(raw, rule)
    chosen = _chosen_rows(raw, rule)
    shapes = np.full(len(raw.table), None, dtype=object)
    shapes[chosen] = _geometry(raw, rule, chosen)
    told = angle_issues(raw, rule.place_columns)
    bare = replace(rule, x_column=None, y_column=None, end_x_column=None, end_y_column=None)
    return replace(raw, geometry=shapes, issues=(*raw.issues, *told)), bare


def finish_shapes(working: Working) -> Working:
    """
    Give rows whose shape is of the layer's kind: others are reported and lose it, crossed outlines are mended.

    In layers that are nothing without a place, rows without one are reported and left out.
    """
    layer, table = working.layer, working.table
    shapes = table.geometry.to_numpy().copy()
    wrong = ~kind_fits(shapes, layers()[layer].geometry)
    working.report(wrong, "shape-of-other-kind", "error", working.place_in_file)
    shapes[wrong] = None
    shapes, crossed = mended(single_points(shapes))
    working.report(crossed, "outline-crossed", "repaired", working.place_in_file, "outline-mended")
    working.table = table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))
    lost = shapely.is_missing(shapes) & (layer in PLACED_LAYERS)
    working.report(lost, "without-shape", "error", working.place_in_file)
    working.table = working.table[~lost].reset_index(drop=True)
    return working


def require_columns(raw: RawTable, rule: LayerRule) -> None:
    """Refuse a rule that names a column the table has not: `column-missing`."""
    wanted = [field.column for field in rule.fields.values() if field.column is not None]
    wanted += [other for field in rule.fields.values() for other in field.others]
    wanted += [*rule.where, *rule.place_columns]
    present = {str(column) for column in raw.table.columns}
    for column in wanted:
        if column not in present:
            raise GisInputError(
                "column-missing", file=raw.file_name, table=raw.ref.name, field=column,
                present=", ".join(sorted(present)[:40]),
            )  # fmt: skip


def _chosen_rows(raw: RawTable, rule: LayerRule) -> NDArray[np.bool_]:
    chosen = np.ones(len(raw.table), dtype=bool)
    for column, words in rule.where.items():
        wanted = {plain_text(word) for word in words}
        chosen &= np.array([v is not None and plain_text(v) in wanted for v in each(raw.table[column], text)])
    return chosen


def _geometry(raw: RawTable, rule: LayerRule, chosen: NDArray[np.bool_]) -> NDArray[np.object_]:
    if rule.x_column is None or rule.y_column is None:
        if raw.geometry is None:
            return np.full(int(chosen.sum()), None, dtype=object)
        return raw.geometry[chosen].copy()
    table = raw.table[chosen]
    start_xy = _coordinates(raw, table, rule.x_column, rule.y_column)
    if rule.end_x_column is None or rule.end_y_column is None:
        return _placed(shapely.points(start_xy), _whole(start_xy))
    end_xy = _coordinates(raw, table, rule.end_x_column, rule.end_y_column)
    whole = _whole(np.hstack([start_xy, end_xy]))
    return _placed(shapely.linestrings(np.stack([start_xy, end_xy], axis=1)), whole)


def _whole(places_xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(places_xy).all(axis=1), dtype=np.bool_)


def _placed(shapes: Any, whole: NDArray[np.bool_]) -> NDArray[np.object_]:
    found: NDArray[np.object_] = np.asarray(shapes, dtype=object)
    found[~whole] = None
    return found


def _coordinates(raw: RawTable, table: pd.DataFrame, *columns: str) -> NDArray[np.float64]:
    """Shape (rows, 2); NaN where a cell is blank."""
    xy = []
    for column in columns:
        values = each(table[column], coordinate)
        bad = np.array([value is UNREADABLE for value in values])
        if bad.any():
            row = int(table.index[int(np.argmax(bad))])
            raise GisInputError("coordinate-unreadable", file=raw.file_name, row=row, field=column)
        xy.append(np.array([np.nan if value is None else value for value in values], dtype=float))
    return np.column_stack(xy)


def _read(layer: str, attribute: str, field: FieldRule, source: pd.DataFrame) -> NDArray[np.object_]:
    reader = _reader(layer, attribute, field)
    if field.column is None:
        return each(pd.Series([field.value] * len(source), dtype="object"), reader)
    values = each(source[field.column], reader)
    for column in field.others:
        more = each(source[column], reader)
        blank = np.array([value is None or value is UNREADABLE for value in values], dtype=bool)
        fills = blank & np.array(
            [value is not None and value is not UNREADABLE for value in more], dtype=bool
        )
        values = np.where(fills | (more == TAPOFF_KIND), more, values)
    return values


def _reader(layer: str, attribute: str, field: FieldRule) -> Callable[[Any], Any]:
    declared = {a.name: a for a in layers()[layer].attributes}.get(attribute)
    kind = declared.value_type if declared else "number"
    if field.codes:
        plain = _reader(layer, attribute, replace(field, codes={}))
        return lambda value: plain(field.codes.get(plain_text(text(value) or "")) or value)
    if attribute in SIZE_ATTRIBUTES:
        return _size_reader(field.unit)
    if kind == "code":
        return code(layer, attribute)
    if kind == "date":
        return date
    if kind == "text":
        return text
    ours = declared.unit if declared else "m"
    factor = _factor(field.unit or unit_in_heading(field.heading or field.column, ours), ours)
    return lambda value: found * factor if isinstance(found := number(value), float) else UNREADABLE


def _factor(unit: str | None, ours: str) -> float:
    return 1.0 if unit is None else UNITS[unit] / UNITS.get(ours, 1.0)


def _size_reader(unit: str | None) -> Callable[[Any], Any]:
    if unit is None or unit == "mm":
        return read_size

    def read(value: Any) -> Any:
        found = number(value)
        if not isinstance(found, float):
            return UNREADABLE
        millimetres = found * UNITS[unit] * 1000.0
        kind = "nominal" if millimetres > 0 else "missing"
        return Size(kind, round(millimetres) or None, exact_m=millimetres / 1000.0)  # type: ignore[arg-type]

    return read


def _report_unread(
    working: Working, attribute: str, field: FieldRule, bad: NDArray[np.bool_], source: pd.DataFrame
) -> None:
    if not bad.any() or field.column is None:
        return
    values = source[field.column].to_numpy()
    files, rows = working.table["source_file"].to_numpy(), working.table["source_row"].to_numpy()
    kind = "code-unknown" if attribute in _code_attributes(working.layer) else "value-unreadable"
    working.report(
        bad, kind, "warning",
        lambda i: {"file": files[i], "row": int(rows[i]), "field": field.heading or str(field.column), "value": str(values[i])[:80]},
    )  # fmt: skip


def _code_attributes(layer: str) -> set[str]:
    return {a.name for a in layers()[layer].attributes if a.value_type == "code"}


def joined(parts: Sequence[Working], layer: str, crs: CRS | None) -> Working:
    """Put the parts of one layer together; ids become whole and single."""
    tables = [part.table for part in parts]
    table = gpd.GeoDataFrame(
        pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0], geometry="geometry", crs=crs
    )
    whole = Working(layer, table, [issue for part in parts for issue in part.issues])
    _single_ids(whole)
    return whole


def _single_ids(working: Working) -> None:
    """Name rows without id by layer and row; the second and later bearers of an id get `~2`, `~3`."""
    column = layers()[working.layer].id_column
    ids = working.table[column].astype("object")
    nameless = ids.isna()
    working.table[column] = ids.where(~nameless, [f"{working.layer}-{row + 1}" for row in range(len(ids))])
    nth = working.table.groupby(column).cumcount()
    twice = (nth > 0).to_numpy()
    if not twice.any():
        return
    numbered = working.table[column] + "~" + (nth + 1).astype(str)
    working.table[column] = working.table[column].where(~twice, numbered)
    # A survey may list a line twice: whether a pipe of the same name is another pipe is known after repair.
    if working.layer != "pipes":
        report_renamed(working, twice)


def report_renamed(working: Working, renamed: NDArray[np.bool_]) -> None:
    """Say which things got a number behind the id they share with another."""
    ids = working.table[layers()[working.layer].id_column].to_numpy()
    working.report(
        renamed, "id-twice", "repaired", lambda i: {"first": str(ids[i]).partition("~")[0]}, "id-numbered"
    )


def finish_sizes(working: Working) -> None:
    """Turn what was read as sizes into labels; unreadable and unround ones are reported and left out."""
    for attribute in sorted(SIZE_ATTRIBUTES & set(working.table.columns)):
        sizes = working.table[attribute].to_numpy()
        kinds = np.array([size.kind if isinstance(size, Size) else "missing" for size in sizes])
        labels = [size.dn if isinstance(size, Size) else None for size in sizes]
        huge = np.array([label is not None and label > LARGEST_DN for label in labels])
        working.report(
            (kinds == "rectangle") | (kinds == "unreadable") | huge, "size-unreadable", "warning",
            lambda i, a=attribute, s=sizes: {"field": a, "value": s[i].written},  # type: ignore[misc]
        )  # fmt: skip
        several = np.array([isinstance(size, Size) and size.count > 1 for size in sizes])
        working.report(several, "size-several", "warning", lambda i, s=sizes: {"value": s[i].written})  # type: ignore[misc]
        if working.layer == "pipes":
            _bores(working, sizes)
        working.table[attribute] = pd.array(
            [None if big else label for label, big in zip(labels, huge, strict=True)], dtype="Int64"
        )


def _bores(working: Working, sizes: NDArray[np.object_]) -> None:
    """Work out inner diameters where the source gives none."""
    if "material" not in working.table:
        working.table["material"] = None
    materials = working.table["material"].fillna("unknown").to_numpy()
    known: dict[tuple[Any, str], float | None] = {}
    for size, material in zip(sizes, materials, strict=True):
        if (size, material) not in known:
            known[size, material] = inner_diameter_m(size, str(material)) if isinstance(size, Size) else None
    bores_m = np.array([known[pair] for pair in zip(sizes, materials, strict=True)], dtype=float)
    given = working.table.get("inner_diameter_m", pd.Series(np.nan, index=working.table.index))
    working.table["inner_diameter_m"] = pd.to_numeric(given, errors="coerce").fillna(pd.Series(bores_m))
