"""Which of our layers a source table is, by its name, its shapes and its columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from gis.intake.guess.columns import assigned, candidates, described
from gis.intake.guess.fit import STRONG, Context
from gis.intake.guess.names import bears
from gis.intake.guess.places import crs_of_degrees, place_columns
from gis.intake.guess.profile import profiles
from gis.intake.guess.proposal import WRITTEN, SuggestedColumn, SuggestedTable, because
from gis.intake.guess.shapes import drawn_lengths_m, shape_kind
from gis.intake.mapping import FieldRule, LayerRule, constants_by_name, drawing_rule, layer_by_name
from gis.schema import data_rows, layers, plain_text
from gis.sources.drawing import suited
from gis.sources.sheets.survey import survey_rules
from gis.sources.sheets.utilities import WATER, utility_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.intake.guess.names import Names
    from gis.intake.guess.profile import Profile
    from gis.intake.guess.proposal import Confidence
    from gis.messages import Text
    from gis.sources.raw import RawTable, TableRef

TELLING = {"dn", "material", "start_node_id", "end_node_id"}


@cache
def _patterns() -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (row["layer"], row["pattern"], row["constant"]) for row in data_rows("mappings", "suggest_layers.csv")
    )


@dataclass(frozen=True)
class LayerGuess:
    """Our layer for a table, how sure, why, and attributes its name already tells."""

    layer: str | None
    confidence: Confidence | None
    reason: Text
    constants: Mapping[str, str] = field(default_factory=dict)


def suggest_table(raw: RawTable, names: Names) -> SuggestedTable:
    """
    Give what a table is probably, with the rules a mapping file would have for it.

    `names` are the numbers of the other tables: of points, which lines refer to, and those that lines name.
    """
    table = SuggestedTable(raw.ref, looked_at=len(raw.table), rows=len(raw.table), geometry=shape_kind(raw))
    table = replace(table, crs=None if raw.crs is None else raw.crs.name)
    if surveyed := survey_rules(raw):
        if utility_of(raw.ref) not in {None, WATER}:
            return replace(table, reasons=(because("other-utility"),))
        return _surveyed(table, raw, surveyed)
    columns = profiles(raw)
    guess = _layer(raw, columns, table.geometry, names)
    if guess.layer is None:
        return replace(table, columns=described(columns, []), reasons=(guess.reason,))
    raw = suited(raw, layers()[guess.layer].geometry)
    columns = profiles(raw)
    found = _columns(raw, columns, guess.layer, names)
    constants = {name: value for name, value in guess.constants.items() if _column(found, name) is None}
    table = replace(
        table, columns=found, confidence=guess.confidence, reasons=(guess.reason,), constants=constants
    )
    return replace(table, rules=(_rule(table, guess.layer, crs_of_degrees(columns, _column(found, "x"))),))


def _surveyed(table: SuggestedTable, raw: RawTable, rules: Sequence[LayerRule]) -> SuggestedTable:
    taken: dict[str, list[str]] = {}
    for rule in rules:
        for name, one in rule.fields.items():
            for column in filter(None, (one.column, *one.others)):
                taken.setdefault(column, []).append(name)
        for place, at in (("x", rule.x_column), ("y", rule.y_column)):
            if at is not None:
                taken.setdefault(at, []).append(place)
    columns = tuple(_fixed(one, taken.get(one.name, [])) for one in profiles(raw))
    named = tuple(
        replace(rule, file=pattern_of(raw.ref.file.name), table=pattern_of(raw.ref.name)) for rule in rules
    )
    return replace(table, rules=named, columns=columns, confidence="high", reasons=(because("table-survey"),))


def _fixed(one: Profile, attributes: Sequence[str]) -> SuggestedColumn:
    plain = SuggestedColumn(one.name, samples=one.samples, filled_share=one.filled_share)
    if not attributes:
        return plain
    return replace(
        plain, attribute=attributes[0], also=tuple(attributes[1:]), confidence="high", reasons=(because("name-survey"),)
    )  # fmt: skip


def pattern_of(name: str) -> str:
    """Give the pattern that fits exactly this name."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _layer(raw: RawTable, columns: Sequence[Profile], geometry: str | None, names: Names) -> LayerGuess:
    if (known := layer_by_name(raw.ref)) and _can_be(known, geometry):
        told = {name: str(one.value) for name, one in constants_by_name(raw.ref).items()}
        return LayerGuess(known, "high", because("table-name"), told)
    if raw.ref.kind == "drawing" and (rule := drawing_rule(raw)):
        constants = {name: str(one.value) for name, one in rule.fields.items() if one.value is not None}
        return LayerGuess(rule.layer, "high", because("table-name"), constants)
    for name in (raw.ref.name, raw.ref.file.stem):
        if guess := _by_pattern(name, geometry):
            return guess
    if geometry in {"LineString", None, "mixed"} and _like_pipes(raw, columns, geometry, names):
        return LayerGuess("pipes", "medium", because("table-like-pipes"))
    placed = geometry == "Point" or (geometry is None and place_columns(columns))
    if placed and _named_by_lines(columns, names):
        return LayerGuess("nodes", "medium", because("table-like-nodes"))
    return LayerGuess(None, None, because("table-unknown"))


def layer_by_likeness(ref: TableRef) -> str | None:
    """Give the layer whose name a table's or its file's resembles."""
    guesses = (_by_pattern(name, None) for name in (ref.name, ref.file.stem))
    return next((guess.layer for guess in guesses if guess), None)


def _by_pattern(name: str, geometry: str | None) -> LayerGuess | None:
    for layer, pattern, constant in _patterns():
        if fnmatchcase(plain_text(name), pattern) and (not layer or _can_be(layer, geometry)):
            if not layer:
                return LayerGuess(None, None, because("table-not-ours", name=name))
            attribute, _, value = constant.partition("=")
            reason = because("table-name-like", name=name)
            return LayerGuess(layer, "medium", reason, {attribute: value} if attribute else {})
    return None


def _can_be(layer: str, geometry: str | None) -> bool:
    return geometry in {None, "mixed", layers()[layer].geometry}


def _like_pipes(raw: RawTable, columns: Sequence[Profile], geometry: str | None, names: Names) -> bool:
    """Lines with a size or material, or a table whose two columns name the points of another."""
    chosen = assigned(candidates(columns, _context(raw, "pipes", names), cut=raw.cut_headings))
    sure = [one for one in chosen if one.confidence in WRITTEN]
    if geometry is None:
        ends = [one for one in sure if one.attribute.name in {"start_node_id", "end_node_id"}]
        return len(ends) == 2 and all(one.fit.weight >= STRONG for one in ends)
    return any(one.attribute.name in TELLING for one in sure)


def _named_by_lines(columns: Sequence[Profile], names: Names) -> bool:
    return any(bears(one) and names.named_share(one) > 0.5 for one in columns)


def _context(raw: RawTable, layer: str, names: Names) -> Context:
    return Context(layer, drawn_lengths_m(raw), names)


def _columns(
    raw: RawTable, columns: Sequence[Profile], layer: str, names: Names
) -> tuple[SuggestedColumn, ...]:
    chosen = assigned(candidates(columns, _context(raw, layer, names), cut=raw.cut_headings))
    found = described(columns, chosen)
    if raw.geometry is not None:
        return found
    places = {one.column: one for one in place_columns(columns)}
    return tuple(places.get(one.column, one) for one in found)


def _column(columns: Sequence[SuggestedColumn], attribute: str) -> str | None:
    return next(
        (one.column for one in columns if one.attribute == attribute and one.confidence in WRITTEN), None
    )


def _rule(table: SuggestedTable, layer: str, crs: str | None) -> LayerRule:
    """The rule that takes what is sure enough; a table of lines without shapes is one of a survey."""
    places = {name: _column(table.columns, name) for name in ("x", "y", "end_x", "end_y")}
    fields = {name: FieldRule(value=value) for name, value in table.constants.items()}
    for one in table.columns:
        for name in filter(None, (one.attribute, *one.also)):
            if name not in places and one.confidence in WRITTEN:
                fields[name] = _with_column(fields.get(name), one)
    if {"start_node_id", "end_node_id"} <= set(fields) and not places["end_x"]:
        places = dict.fromkeys(places)  # lines between points of another table have no place of their own
    rule = LayerRule(
        layer, pattern_of(table.ref.file.name), pattern_of(table.ref.name), fields=fields,
        crs=crs,
        x_column=places["x"], y_column=places["y"], end_x_column=places["end_x"], end_y_column=places["end_y"],
    )  # fmt: skip
    return replace(rule, survey=_survey_way(rule)) if table.geometry is None else rule


def _with_column(rule: FieldRule | None, one: SuggestedColumn) -> FieldRule:
    if rule is None or rule.column is None:
        return FieldRule(column=one.column, unit=one.unit)
    return replace(rule, others=(*rule.others, one.column))


def _survey_way(rule: LayerRule) -> str | None:
    """A table without shapes is one of a survey when it has points with numbers and places, or lines that name points."""
    if rule.layer == "pipes" and {"start_node_id", "end_node_id"} <= set(rule.fields):
        return None if rule.end_x_column else "lines"
    return "points" if rule.layer == "nodes" and "node_id" in rule.fields and rule.x_column else None
