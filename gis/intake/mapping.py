"""
Mapping files (TOML): which source table is which of our layers, column by column; the schema's own labels need none.

    format = 1
    crs = "EPSG:3547"                      # for tables whose file states none; more in gis/intake/mapping_ground.py
    unit = "mm"                            # of the coordinates of drawings, where it is not metres
    encoding = "GB18030"                   # of shapefiles and texts, where what they state or seem to be is wrong
    [repair]                               # thresholds of data/repair.toml that this source needs otherwise
    snap_m = 0.5
    [repair.rules]                         # and what is done about a kind of doubt
    crossing = "join"
    [[layer]]
    layer = "pipes"                        # ours
    file = "ky4_pipes*.geojson"            # pattern for the file name
    table = "arc"                          # layer or sheet; left out where the file has one
    where = { STATUS = ["ACTIVE"] }        # rows to take
    fields.pipe_id = "name"                # attribute = column
    fields.dn = { column = "diameter", unit = "m" }
    fields.inner_diameter_m = { column = "KIND", unit = "mm", table = "kinds", key = "id", value = "bore" }   # code table
    fields.material = { column = "MAT", codes = { CI = "GCI" } }
    fields.status = { value = "open" }     # constant
    fields.kind = { columns = ["附属物", "特征"] }   # the first that is filled; a reserved tap-off in any of them wins
    x = "Y坐标"                            # easting or longitude of a table without shapes, y = northing or latitude
    end_x = "ZDYZB"                        # with end_y: the other end of a line that is given by two points
    survey = "points"                      # survey tables: points (layer nodes) | lines (pipes) | result (both, on one sheet)
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch, fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from gis.errors import GisInputError
from gis.intake.cells.values import UNITS
from gis.intake.flags import flag
from gis.intake.mapping_ground import (
    LENGTH_UNITS,
    Control,
    RasterRule,
    control_of,
    frame_of,
    rasters_of,
    vertical_of,
)
from gis.repair.thresholds import allowed_rules, load_thresholds
from gis.schema import data_rows, heading_words, layer_words, layers, plain_text
from gis.sources.encoding import known_encoding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gis.frames.frame import Frame
    from gis.frames.vertical import VerticalDatum
    from gis.sources.raw import RawTable, TableRef

FORMAT = 1
EXTRA_ATTRIBUTES = {"pipes": ("start_depth_m", "end_depth_m"), "nodes": ("cover_depth_m",)}
_KEYS = {
    "derive_tapoffs",
    "encoding",
    "unit",
    "format",
    "crs",
    "vertical_datum",
    "control",
    "raster",
    "repair",
    "layer",
}
_LAYER_KEYS = {"layer", "file", "table", "crs", "where", "fields", "x", "y", "end_x", "end_y", "survey"}
_FIELD_KEYS = {"column", "columns", "unit", "codes", "value", "table", "key"}
SURVEY_WAYS: dict[str, tuple[str, ...]] = {
    "points": ("nodes",),
    "lines": ("pipes",),
    "result": ("nodes", "pipes"),
}


@dataclass(frozen=True)
class LookUp:
    """A code table: a table of the source by name, its column of codes and its column of what they stand for."""

    table: str
    key: str
    value: str


@dataclass(frozen=True)
class FieldRule:
    """
    Where an attribute comes from: a column (with unit and code list) or a constant; `heading` is for messages.

    `others` are columns that fill what the first leaves blank; `look_up` is read into `codes` with the source.
    """

    column: str | None = None
    unit: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    value: Any = None
    heading: str | None = None
    others: tuple[str, ...] = ()
    look_up: LookUp | None = None


@dataclass(frozen=True)
class LayerRule:
    """
    How one source table becomes rows of one of our layers.

    Attributes
    ----------
    file, table
        Patterns (`*`, `?`) for the file's name and its layer or sheet, without regard to case.
    x_column, y_column
        Easting (or longitude) and northing (or latitude) of a table without geometry.
    end_x_column, end_y_column
        The same of the other end, for lines.
    where
        Column to the values a row must have one of.
    survey
        `points`, `lines` or `result` for a survey table (gis.sources.sheets.survey), None for others.
    crs, frame
        What the coordinates are counted in, as a proposal has it or as the mapping file has been read.
    """

    layer: str
    file: str = "*"
    table: str = "*"
    crs: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[str, FieldRule] = field(default_factory=dict)
    x_column: str | None = None
    y_column: str | None = None
    end_x_column: str | None = None
    end_y_column: str | None = None
    survey: str | None = None
    frame: Frame | None = None

    @property
    def place_columns(self) -> tuple[str, ...]:
        """Columns that hold coordinates."""
        columns = (self.x_column, self.y_column, self.end_x_column, self.end_y_column)
        return tuple(column for column in columns if column is not None)

    def fits(self, ref: TableRef) -> bool:
        """Tell whether the rule speaks of this table."""
        return fnmatch(ref.file.name.casefold(), self.file.casefold()) and fnmatch(
            ref.name.casefold(), self.table.casefold()
        )


@dataclass(frozen=True)
class SourceMapping:
    """A whole mapping file."""

    rules: tuple[LayerRule, ...] = ()
    crs: str | None = None
    repair: Mapping[str, float] = field(default_factory=dict)
    repair_rules: Mapping[str, str] = field(default_factory=dict)
    vertical: VerticalDatum | None = None
    control: Control | None = None
    rasters: tuple[RasterRule, ...] = ()
    frame: Frame | None = None
    encoding: str | None = None
    unit_m: float = 1.0
    derive_tapoffs: bool = False

    def rules_for(self, ref: TableRef) -> list[LayerRule]:
        """Give the rules that speak of a table."""
        return [rule for rule in self.rules if rule.fits(ref)]


NO_MAPPING = SourceMapping()


def load_mapping(file: Path) -> SourceMapping:
    """
    Read a mapping file.

    Raises
    ------
    GisInputError
        `mapping-unreadable` with the place, `mapping-key`, `mapping-layer`, `mapping-attribute`, `mapping-unit`,
        `encoding-unknown`.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GisInputError("mapping-unreadable", file=file.name, problem=str(error)) from None
    _only(document, _KEYS, file)
    if document.get("format") != FORMAT:
        raise GisInputError(
            "mapping-format", file=file.name, found=str(document.get("format")), wanted=FORMAT
        )
    entries = document.get("layer", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise GisInputError("mapping-unreadable", file=file.name, problem="[[layer]]")
    rules = tuple(_layer_rule(entry, file) for entry in entries)
    repair = dict(document.get("repair", {}))
    kinds = _repair_rules(repair.pop("rules", {}), file)
    encoding = known_encoding(str(document["encoding"])) if "encoding" in document else None
    return SourceMapping(
        rules, None, _repair(repair, file), kinds, vertical_of(document.get("vertical_datum"), file),
        control_of(document.get("control"), file), rasters_of(document.get("raster"), file),
        frame_of(document.get("crs"), file), encoding, _unit_m(document.get("unit", "m"), file),
        flag(document, "derive_tapoffs", file),
    )  # fmt: skip


def _only(table: Mapping[str, Any], allowed: set[str], file: Path) -> None:
    for key in table:
        if key not in allowed:
            raise GisInputError("mapping-key", file=file.name, key=key, allowed=", ".join(sorted(allowed)))


def _unit_m(name: Any, file: Path) -> float:
    if name not in LENGTH_UNITS:
        raise GisInputError(
            "mapping-unit", file=file.name, unit=str(name)[:40], known=", ".join(LENGTH_UNITS)
        )
    return LENGTH_UNITS[name]


def _repair(table: Any, file: Path) -> dict[str, float]:
    known = load_thresholds().names()
    _only(table, set(known), file)
    for key, value in table.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise GisInputError("mapping-number", file=file.name, key=key, value=str(value))
    return {key: float(value) for key, value in table.items()}


def _repair_rules(table: Mapping[str, Any], file: Path) -> dict[str, str]:
    known = allowed_rules()
    _only(table, set(known), file)
    for kind, action in table.items():
        if action not in known[kind]:
            allowed = ", ".join(known[kind])
            raise GisInputError("mapping-rule", file=file.name, kind=kind, value=str(action), allowed=allowed)
    return {kind: str(action) for kind, action in table.items()}


def _layer_rule(entry: dict[str, Any], file: Path) -> LayerRule:
    _only(entry, _LAYER_KEYS, file)
    name = str(entry.get("layer", ""))
    if name not in layers():
        raise GisInputError("mapping-layer", file=file.name, layer=name, known=", ".join(layers()))
    known = {a.name for a in layers()[name].attributes} | set(EXTRA_ATTRIBUTES.get(name, ()))
    fields: dict[str, FieldRule] = {}
    for attribute, spec in entry.get("fields", {}).items():
        if attribute not in known:
            raise GisInputError("mapping-attribute", file=file.name, layer=name, attribute=attribute)
        fields[attribute] = _field_rule(spec, file)
    where = {column: _words(wanted) for column, wanted in entry.get("where", {}).items()}
    rule = LayerRule(
        name, str(entry.get("file", "*")), str(entry.get("table", "*")), None, where, fields,
        entry.get("x"), entry.get("y"), entry.get("end_x"), entry.get("end_y"), entry.get("survey"),
        frame_of(entry.get("crs"), file),
    )  # fmt: skip
    _see_places(rule, file)
    return rule


def _see_places(rule: LayerRule, file: Path) -> None:
    """Coordinates come in pairs, and a survey table names its points."""
    if len(rule.place_columns) % 2 or (rule.end_x_column is None) != (rule.end_y_column is None):
        raise GisInputError("mapping-coordinates", file=file.name, layer=rule.layer)
    if rule.survey is None:
        return
    if rule.layer not in SURVEY_WAYS.get(rule.survey, ()):
        raise GisInputError("mapping-survey", file=file.name, layer=rule.layer, survey=str(rule.survey))
    needed = ("node_id", "x", "y") if rule.layer == "nodes" else ("start_node_id", "end_node_id")
    placed = ("x", "y") if rule.x_column is not None else ()
    if not set(needed) <= {name for name, rule in rule.fields.items() if rule.column}.union(placed):
        raise GisInputError(
            "mapping-survey-fields", file=file.name, layer=rule.layer, fields=", ".join(needed)
        )


def _words(wanted: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in (wanted if isinstance(wanted, list) else [wanted]))


def _field_rule(spec: Any, file: Path) -> FieldRule:
    if isinstance(spec, str):
        return FieldRule(column=spec)
    if not isinstance(spec, dict):
        raise GisInputError("mapping-unreadable", file=file.name, problem=f"fields: {spec!r}")
    _only(spec, _FIELD_KEYS, file)
    unit = spec.get("unit")
    if unit is not None and unit not in UNITS:
        raise GisInputError("mapping-unit", file=file.name, unit=str(unit), known=", ".join(UNITS))
    codes = {plain_text(word): str(code) for word, code in spec.get("codes", {}).items()}
    columns = _words(spec.get("columns", spec.get("column", [])))
    look_up = _look_up(spec, columns, file)
    value = None if look_up else spec.get("value")
    return FieldRule(next(iter(columns), None), unit, codes, value, others=columns[1:], look_up=look_up)


def _look_up(spec: Mapping[str, Any], columns: tuple[str, ...], file: Path) -> LookUp | None:
    if "table" not in spec and "key" not in spec:
        return None
    parts = [spec.get(name) for name in ("table", "key", "value")]
    if not columns or not all(isinstance(part, str) for part in parts):
        raise GisInputError("mapping-look-up", file=file.name, column="、".join(columns) or "?")
    return LookUp(*(str(part) for part in parts))


def layer_by_name(ref: TableRef) -> str | None:
    """
    Give the layer whose label or usual name a file, sheet or layer bears; a part number behind it (`_002`) is passed over.

    For a workbook or container the name of the table counts; a workbook's file name is no help.
    """
    known = _usual_name(ref)
    return known[0] if known is not None else None


def constants_by_name(ref: TableRef) -> dict[str, FieldRule]:
    """Give the attributes that the usual name of a table tells of all its rows (data/mappings/tables.csv)."""
    known = _usual_name(ref)
    if known is None or not known[1]:
        return {}
    attribute, _, value = known[1].partition("=")
    return {attribute: FieldRule(value=value)}


def _usual_name(ref: TableRef) -> tuple[str, str] | None:
    plain = plain_text(ref.name)
    shorter = plain_text(ref.name.rstrip("0123456789").rstrip("_- ")) if ref.name[-1:].isdigit() else plain
    for name in (shorter, plain):
        if name in layer_words():
            return layer_words()[name], ""
        if name in _usual_names():
            return _usual_names()[name]
    return None


@cache
def _usual_names() -> dict[str, tuple[str, str]]:
    rows = data_rows("mappings", "tables.csv")
    return {plain_text(row["name"]): (row["layer"], row["constant"]) for row in rows}


def drawing_rule(raw: RawTable) -> LayerRule | None:
    """
    Give the rule for a drawing layer named after its utility (data/mappings/drawing.csv) or bearing a layer's name.

    None for other names. A drawing has no ids but its handles, unless its entities carry some.
    """
    name = plain_text(raw.ref.name)
    for row in reversed([*data_rows("mappings", "drawing.csv")]):
        if fnmatchcase(name, plain_text(row["pattern"])):
            kind = {"kind": FieldRule(value=row["utility"])} if row["utility"] else {}
            return _drawn_rule(raw, row["layer"], kind)
    layer = layer_by_name(raw.ref)
    return _drawn_rule(raw, layer, constants_by_name(raw.ref)) if layer else None


def _drawn_rule(raw: RawTable, layer: str, constants: Mapping[str, FieldRule]) -> LayerRule:
    known = rule_by_headings(layer, raw)
    fields = {layers()[layer].id_column: FieldRule(column="编号"), **constants}
    return replace(known, fields={**fields, **known.fields})


def rule_by_headings(layer: str, raw: RawTable) -> LayerRule:
    """Give the rule that takes every column whose heading (or alias) is a word for one of the layer's attributes."""
    fields: dict[str, FieldRule] = {}
    for heading, attribute in matched_headings(raw.table.columns, layer, cut=raw.cut_headings).items():
        first = fields.setdefault(attribute, FieldRule(column=heading))
        if (layer, attribute) == ("nodes", "kind") and first.column != heading:
            fields[attribute] = replace(first, others=(*first.others, heading))
    by_alias = {alias: column for column, alias in reversed([*raw.aliases.items()]) if column in raw.table}
    for alias, attribute in matched_headings(by_alias, layer, cut=False).items():
        fields.setdefault(attribute, FieldRule(column=by_alias[alias], heading=alias))
    return LayerRule(layer, fields=fields)


def matched_headings(headings: Iterable[Any], layer: str, *, cut: bool) -> dict[str, str]:
    """Give the attribute of each heading that is understood; `cut` also takes the first 10 bytes of a label."""
    words = heading_words(layer)
    found: dict[str, str] = {}
    for heading in headings:
        plain = plain_text(heading)
        attribute = words.get(plain) or (_by_start(plain, words) if cut else None)
        if attribute is not None and plain:
            found[str(heading)] = attribute
    return found


def _by_start(plain: str, words: Mapping[str, str]) -> str | None:
    """A heading cut by the format stands for the only attribute that begins like it."""
    if len(plain.encode("gb18030")) < 9 and len(plain.encode()) < 9:
        return None
    begun = {attribute for word, attribute in words.items() if word.startswith(plain)}
    return begun.pop() if len(begun) == 1 else None
