"""From source columns to our attributes: right type, SI unit, code; whatever cannot be read leaves an issue."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import transform_geometries
from gis.errors import GisInputError
from gis.intake.mapping import EXTRA_ATTRIBUTES
from gis.intake.shapes import broken_shapes, kind_fits, mended, single_points
from gis.intake.values import EARLIEST_YEAR, UNITS, UNREADABLE, code, date, each, number, text
from gis.issues import DataIssue
from gis.repair.diameters import Size, inner_diameter_m, read_size
from gis.schema import layers, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from gis.intake.mapping import FieldRule, LayerRule
    from gis.issues import Severity
    from gis.repair.thresholds import Thresholds
    from gis.sources.raw import RawTable

SIZE_ATTRIBUTES = {"dn", "pipe_dn", "meter_dn"}
LARGEST_DN = 4000
PLACED_LAYERS = {
    "streets",
    "blocks",
    "parcels",
    "buildings",
    "communities",
    "utilities",
    "terrain",
    "waters",
    "railways",
}


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


def normalise(raw: RawTable, rule: LayerRule, *, source_crs: CRS | None, target: CRS | None) -> Working:
    """
    Give the rows a rule takes from a source table.

    Raises
    ------
    GisInputError
        `column-missing` when the rule names a column the table has not; `coordinate-unreadable`;
        `crs-does-not-fit`.
    """
    _require_columns(raw, rule)
    chosen = _chosen_rows(raw, rule)
    source = raw.table[chosen]
    shapes = _geometry(raw, rule, chosen)
    broken = broken_shapes(shapes)
    shapes[broken] = None
    geometry = transform_geometries(shapes, source_crs, target)
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
    # Plain objects: look-ups in string arrays are an order slower.
    frame = pd.DataFrame(
        {name: pd.Series(values, index=index, dtype="object") for name, values in columns.items()}
    )
    working = Working(rule.layer, gpd.GeoDataFrame(frame, geometry=geometry, crs=target), list(raw.issues))
    for attribute, field, bad in unread:
        _report_unread(working, attribute, field, bad, source)
    working.report(broken, "coordinates-broken", "error", working.place_in_file)
    return finish_shapes(working)


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


def _require_columns(raw: RawTable, rule: LayerRule) -> None:
    wanted = [field.column for field in rule.fields.values() if field.column is not None]
    wanted += [*rule.where, *(c for c in (rule.x_column, rule.y_column) if c is not None)]
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
    xy = []
    for column in (rule.x_column, rule.y_column):
        values = each(table[column], number)
        bad = np.array([value is UNREADABLE for value in values])
        if bad.any():
            row = int(table.index[int(np.argmax(bad))])
            raise GisInputError("coordinate-unreadable", file=raw.file_name, row=row, field=column)
        xy.append(np.array([np.nan if value is None else value for value in values], dtype=float))
    points: NDArray[np.object_] = shapely.points(*xy)
    points[~np.isfinite(xy[0]) | ~np.isfinite(xy[1])] = None
    return points


def _read(layer: str, attribute: str, field: FieldRule, source: pd.DataFrame) -> NDArray[np.object_]:
    if field.column is None:
        values = pd.Series([field.value] * len(source), dtype="object")
    else:
        values = source[field.column]
    return each(values, _reader(layer, attribute, field))


def _reader(layer: str, attribute: str, field: FieldRule) -> Callable[[Any], Any]:
    declared = {a.name: a for a in layers()[layer].attributes}.get(attribute)
    kind = declared.value_type if declared else "number"
    if field.codes:
        plain = code(layer, attribute) if kind == "code" else text
        return lambda value: field.codes.get(plain_text(text(value) or "")) or plain(value)
    if attribute in SIZE_ATTRIBUTES:
        return _size_reader(field.unit)
    if kind == "code":
        return code(layer, attribute)
    if kind == "date":
        return date
    if kind == "text":
        return text
    factor = _factor(field.unit, declared.unit if declared else "m")
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
    # A survey may list a line twice: whether a pipe of the same name is another pipe is known after repair.
    if working.layer != "pipes":
        report_renamed(working, twice)
    numbered = working.table[column] + "~" + (nth + 1).astype(str)
    working.table[column] = working.table[column].where(~twice, numbered)


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


def finish_years(working: Working) -> None:
    """Complete date and year from each other; a year before water works or after today is left out."""
    table = working.table
    if "installed_on" not in table and "install_year" not in table:
        return
    dates = table.get("installed_on", pd.Series(None, index=table.index, dtype="object"))
    years = pd.to_numeric(table.get("install_year", pd.Series(np.nan, index=table.index)), errors="coerce")
    years = years.fillna(pd.to_numeric(dates.str.slice(0, 4), errors="coerce"))
    wrong = ((years < EARLIEST_YEAR) | (years > dt.date.today().year)).to_numpy()
    working.report(
        wrong, "year-impossible", "warning", lambda i: {"value": int(years.iloc[i])}, "value-left-out"
    )
    years = years.mask(wrong)
    text_years = years.astype("Int64").astype("string") + "-01-01"
    table["installed_on"] = (
        dates.mask(wrong).where(dates.notna(), text_years.astype("object")).where(years.notna(), None)
    )
    if "install_year" in {a.name for a in layers()[working.layer].attributes}:
        table["install_year"] = years


def finish_depths(working: Working, limits: Thresholds) -> None:
    """Give cover depth as the mean of both ends; zero or less is left out, very deep is doubted."""
    table = working.table
    ends = [name for name in EXTRA_ATTRIBUTES["pipes"] if name in table]
    if ends and "cover_depth_m" not in table:
        both = table[ends].apply(pd.to_numeric, errors="coerce")
        table["cover_depth_m"] = both.where(both > 0).mean(axis=1).where(both.notna().any(axis=1))
        table["cover_depth_m"] = table["cover_depth_m"].fillna(both.min(axis=1))
    if "cover_depth_m" not in table:
        return
    depth_m = pd.to_numeric(table["cover_depth_m"], errors="coerce")
    impossible = (depth_m <= 0).to_numpy()
    working.report(
        impossible,
        "depth-impossible",
        "warning",
        lambda i: {"value": float(depth_m.iloc[i])},
        "value-left-out",
    )
    working.report(
        (depth_m > limits.deepest_cover_m).to_numpy(), "depth-doubtful", "warning",
        lambda i: {"value": float(depth_m.iloc[i])},
    )  # fmt: skip
    table["cover_depth_m"] = depth_m.mask(impossible)
