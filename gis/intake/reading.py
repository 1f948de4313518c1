"""From paths to source tables with a rule each: mapping file first, then names and headings, then survey tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.intake.cells.heights import has_heights
from gis.intake.cells.look_up import with_look_ups
from gis.intake.cells.strays import without_strays
from gis.intake.headings import tell_cut_headings
from gis.intake.mapping import constants_by_name, drawing_rule, layer_by_name, rule_by_headings
from gis.intake.normalise import placed, require_columns
from gis.issues import DataIssue
from gis.schema import heading_words, layers, plain_text
from gis.sources.clean_text import with_clean_text
from gis.sources.drawing import read_drawing, suited
from gis.sources.folder import RASTER, list_sources
from gis.sources.postgis.copied import KIND as DATABASE
from gis.sources.postgis.copied import has_shapes, headings, read_copied
from gis.sources.raw import RawTable
from gis.sources.sheets.combined import split
from gis.sources.sheets.positional import by_position
from gis.sources.sheets.survey import Survey, read_lines, read_points, survey_headings, survey_rules
from gis.sources.sheets.tables import headed_table, read_csv, read_sheet
from gis.sources.sheets.utilities import WATER, by_utility, read_utilities
from gis.sources.vectors.vector import read_vector

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gis.intake.mapping import LayerRule, SourceMapping
    from gis.progress import Progress
    from gis.repair.thresholds import Thresholds
    from gis.sources.raw import TableRef


Told = tuple[str, RawTable, "LayerRule"]  # a survey table, by the utility it is of
PLACE_HEADINGS = (("y坐标", "x坐标"), ("横坐标", "纵坐标"), ("东坐标", "北坐标"), ("经度", "纬度"))
BOTH = 2  # rules of a result table: for its points and for its lines


@dataclass
class Gathered:
    """
    Source tables that were understood.

    Attributes
    ----------
    tables
        A source table, the rule that takes its rows, and whether it comes from a survey.
    skipped
        Names of tables that nothing was known for.
    rasters
        Terrain grids, not yet read.
    """

    tables: list[tuple[RawTable, LayerRule, bool]] = field(default_factory=list)
    skipped: list[TableRef] = field(default_factory=list)
    rasters: list[TableRef] = field(default_factory=list)
    issues: list[DataIssue] = field(default_factory=list)


def gather(
    paths: Sequence[Path], mapping: SourceMapping, limits: Thresholds, progress: Progress, *, max_rows: int | None = None
) -> Gathered:  # fmt: skip
    """
    Read every table that a rule, a name or its headings make known.

    Raises
    ------
    GisInputError
        Any of the readers', and `nothing-recognised` when no table is known.
    """
    listed = list_sources(paths)
    refs = [replace(ref, encoding=mapping.encoding, unit_m=mapping.unit_m) for ref in listed.tables]
    gathered = Gathered(issues=list(listed.issues))
    survey: list[Told] = []
    for done, ref in enumerate(refs):
        progress.step("read", done, len(refs))
        rules = mapping.rules_for(ref)
        if ref.kind == RASTER:
            gathered.rasters.append(ref)
        elif rules:
            rules = [with_look_ups(rule, refs, read_table) for rule in rules]
            raw = read_table(ref, max_rows=max_rows)
            survey += [(WATER, raw, rule) for rule in rules if rule.survey]
            gathered.tables += [
                (suited(raw, _drawn_as(rule.layer)), rule, False) for rule in rules if not rule.survey
            ]
        elif ref.kind == "drawing":
            _drawn(ref, gathered)
        else:
            _by_itself(ref, gathered, survey, max_rows)
    progress.step("read", len(refs), len(refs))
    _say_once(gathered)
    _add_survey(survey, gathered, limits)
    gathered.tables = without_strays(
        [(*placed(raw, rule), surveyed) for raw, rule, surveyed in gathered.tables]
    )
    if not gathered.tables:
        names = ", ".join(ref.name for ref in refs[:10])
        raise GisInputError("nothing-recognised", file=refs[0].file.name, tables=names)
    gathered.issues += [
        DataIssue("table-skipped", "warning", "", f"{ref.file.name}:{ref.name}") for ref in gathered.skipped
    ]
    return gathered


def _say_once(gathered: Gathered) -> None:
    """What is true of a whole file is said once, not with each of its tables."""
    said: set[tuple[object, ...]] = set()
    for at, (raw, rule, surveyed) in enumerate(gathered.tables):
        news = [(issue, (issue.kind, issue.subject, *sorted(issue.params.items()))) for issue in raw.issues]
        issues = tuple(issue for issue, key in news if key not in said)
        said |= {key for _, key in news}
        gathered.tables[at] = (replace(raw, issues=issues), rule, surveyed)


def _known_headings() -> frozenset[str]:
    return survey_headings().union(*(heading_words(name) for name in layers()))


def read_table(ref: TableRef, *, max_rows: int | None = None) -> RawTable:
    """Read a table by its kind; `max_rows` bounds what is read of vector files, the others are read whole."""
    return with_clean_text(_read(ref, max_rows))


def _read(ref: TableRef, max_rows: int | None) -> RawTable:
    if ref.kind == "vector":
        return read_vector(ref, max_rows=max_rows)
    if ref.kind == "drawing":
        return read_drawing(ref)
    if ref.kind == "csv":
        return read_csv(ref)
    if ref.kind == DATABASE:
        return read_copied(ref)
    sheet = read_sheet(ref)
    raw = headed_table(ref, sheet, _known_headings())
    open_question = layer_by_name(ref) in {None, "pipes"} and len(survey_rules(raw)) < BOTH
    found = by_position(sheet.rows) if open_question else None
    return raw if found is None else RawTable(ref, found, issues=sheet.issues)


def _drawn(ref: TableRef, gathered: Gathered) -> None:
    raw = read_table(ref)
    rule = drawing_rule(raw)
    if rule is None:
        gathered.skipped.append(ref)
    else:
        gathered.tables.append((suited(raw, _drawn_as(rule.layer)), rule, False))


def _drawn_as(layer: str) -> str:
    return "any" if layer == "terrain" else layers()[layer].geometry


def _by_itself(ref: TableRef, gathered: Gathered, survey: list[Told], max_rows: int | None) -> None:
    """Take a table by its name or, when it has no shapes of its own, by the headings of a survey table."""
    layer = layer_by_name(ref)
    if layer is None and _known_by_name_only(ref):
        gathered.skipped.append(ref)
        return
    try:
        raw = read_table(ref, max_rows=max_rows)
    except GisInputError as error:
        if error.code == "sheet-empty" and layer is None and not _surveyed_by_name(ref):
            gathered.skipped.append(ref)
            return
        raise
    registered = layer not in {
        None,
        "pipes",
        "nodes",
    }  # a register may have the numbers and places of its points
    found = () if registered else survey_rules(raw)
    if found:
        survey += [(kind, part, rule) for rule in found for kind, part in by_utility(raw, rule)]
    elif layer is not None:
        rule = _complete_rule(raw, layer)
        gathered.tables.append((tell_cut_headings(raw, rule), rule, False))
    elif _surveyed_by_name(ref):
        present = ", ".join(str(column) for column in raw.table.columns)
        raise GisInputError("survey-columns", file=ref.file.name, sheet=ref.name, present=present[:300])
    else:
        gathered.skipped.append(ref)


def _known_by_name_only(ref: TableRef) -> bool:
    """Tables with shapes are not looked into; of a database neither are those without the headings of a survey."""
    if ref.kind == DATABASE:
        return has_shapes(ref) or not (survey_rules(headings(ref)) or _surveyed_by_name(ref))
    return ref.kind == "vector"


def _surveyed_by_name(ref: TableRef) -> bool:
    return "点表" in ref.name or "线表" in ref.name


def _complete_rule(raw: RawTable, layer: str) -> LayerRule:
    """A table that bears a layer's name must have at least one of its columns, or it is something else."""
    rule = rule_by_headings(layer, raw)
    known = constants_by_name(raw.ref)
    if not rule.fields and not known and not has_heights(raw, layer):
        present = ", ".join(str(column) for column in raw.table.columns)
        raise GisInputError(
            "columns-unknown", file=raw.file_name, table=raw.ref.name, layer=layer, present=present[:300]
        )
    rule = replace(rule, fields={**known, **rule.fields})
    return rule if raw.geometry is not None else _placed(rule, raw)


def _placed(rule: LayerRule, raw: RawTable) -> LayerRule:
    """The rule with columns of a register that say outright which coordinate they are; X is the northing."""
    present = {plain_text(column): str(column) for column in raw.table.columns}
    for east, north in PLACE_HEADINGS:
        if east in present and north in present:
            return replace(rule, x_column=present[east], y_column=present[north])
    return rule


def _add_survey(survey: Sequence[Told], gathered: Gathered, limits: Thresholds) -> None:
    for _, raw, rule in survey:
        require_columns(raw, rule)
    utilities, issues = read_utilities([one for one in survey if one[0] != WATER])
    gathered.tables += [(raw, rule, True) for raw, rule in utilities]
    gathered.issues += issues
    water = [(raw, rule) for kind, raw, rule in survey if kind == WATER]
    _add_water(
        [split(raw, rule) if rule.survey == "result" else (raw, rule) for raw, rule in water],
        gathered,
        limits,
    )


def _add_water(parts: Sequence[Survey], gathered: Gathered, limits: Thresholds) -> None:
    points = [part for part in parts if part[1].layer == "nodes"]
    lines = [part for part in parts if part[1].layer == "pipes"]
    bare = next((raw for raw, rule in lines if rule.end_x_column is None), None)
    if bare is not None and not points:
        raise GisInputError("survey-points-absent", file=bare.file_name, sheet=bare.ref.name)
    if not parts:
        return
    nodes, issues = read_points(points, lines, limits)
    gathered.issues += issues
    gathered.tables += [(raw, rule, True) for raw, rule in [*nodes, *read_lines(lines, nodes)]]
