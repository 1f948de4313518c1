"""
Survey tables of other utilities: known by the name of sheet or file, or row by row by a column, and never water.

Codes are those of CJJ 61 deliveries (JS 给水, XS 原水, ZS 中水, YS 雨水, WS 污水...) and the one-letter ones of survey
sheets. Sewers, gas, power, telecom and heat become lines of the layer `utilities`, which clearances are checked
against; what has no place there (raw water, industry) is left out by name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.intake.cells.values import UNREADABLE, each, number, text
from gis.intake.mapping import FieldRule, LayerRule
from gis.issues import DataIssue
from gis.repair.diameters import read_size
from gis.schema import codes, data_rows, plain_text
from gis.sources.raw import RawTable
from gis.sources.sheets.combined import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.sources.raw import TableRef

WATER = "water"
KIND_HEADINGS = frozenset({"管线类型", "管类", "管线种类", "管种", "管线大类", "maintype", "pipetype"})
MEASURED_TO_BOTTOM = frozenset({"sewer", "storm"})  # depth of gravity pipes is that of the inside bottom
_ROLE = re.compile(r"(点表|线表|管点|管线|成果表?|point|line|点|线)$")
Survey = tuple[RawTable, LayerRule]


@cache
def _known() -> dict[str, str]:
    return {plain_text(row["sheet"]): row["utility"] for row in data_rows("mappings", "survey_sheets.csv")}


def utility_of(ref: TableRef) -> str | None:
    """
    Give the utility whose code or word a sheet bears, or else its file; None when neither says.

    A name with words of several utilities is water when one of them is.
    """
    return _named(ref.name) or (_named(ref.file.stem) if ref.file.stem != ref.name else None)


def _named(name: str) -> str | None:
    plain = plain_text(name)
    while plain:
        if plain in _known():
            return _known()[plain]
        shorter = _ROLE.sub("", plain)
        if shorter == plain:
            break
        plain = shorter
    found = {utility for word, utility in _known().items() if not word.isascii() and word in plain_text(name)}
    return WATER if WATER in found else min(found, default=None)


def by_utility(raw: RawTable, rule: LayerRule) -> list[tuple[str, RawTable]]:
    """Give the rows of a survey table apart by utility: all of one by its name, or by a column that tells it."""
    if (named := utility_of(raw.ref)) is not None and named != WATER:
        return [(named, raw)]
    kinds = _by_column(raw, rule)
    if kinds is None:
        return [(WATER, raw)]
    return [(kind, replace(raw, table=raw.table[kinds == kind])) for kind in dict.fromkeys(kinds)]


def _by_column(raw: RawTable, rule: LayerRule) -> Any:
    """Utility of each row, WATER where the column says nothing; None without such a column."""
    column = next((name for name in raw.table.columns if plain_text(name) in KIND_HEADINGS), None)
    if column is None:
        return None
    words = raw.table[column]
    if rule.survey == "result":  # a point's own columns stand only in its first row
        words = words.ffill()
    found = np.array([_known().get(plain_text(word)) if word is not None else None for word in words])
    told = np.array([word is not None for word in found], dtype=bool)
    if not told.any() or told.mean() < 0.5 * words.notna().mean():
        return None
    return np.where(told, found, WATER)


def read_utilities(tables: Sequence[tuple[str, RawTable, LayerRule]]) -> tuple[list[Survey], list[DataIssue]]:
    """
    Give the lines of other utilities as tables of the layer `utilities`.

    Their survey is not ours to mend: lines whose points are missing are counted in an issue and left out.
    """
    issues = [
        DataIssue("table-other-utility", "warning", "", f"{raw.file_name}:{raw.ref.name}", None, {"utility": kind})
        for kind, raw, rule in tables
        if kind not in codes("utilities", "kind") and rule.layer == "pipes"
    ]  # fmt: skip
    ours = [(kind, *_part(raw, rule)) for kind, raw, rule in tables if kind in codes("utilities", "kind")]
    points = [_points(raw, rule) for _, raw, rule in ours if rule.layer == "nodes"]
    places = pd.concat(points) if points else pd.DataFrame({"x": [], "y": []})
    places = places[~places.index.duplicated()]
    found = []
    for kind, raw, rule in ours:
        if rule.layer == "pipes":
            lines, lost = _lines(kind, raw, rule, places)
            if len(lines.table):
                found.append((lines, replace(_rule(lines, kind), crs=rule.crs, frame=rule.frame)))
            if lost:
                subject = f"{raw.file_name}:{raw.ref.name}"
                issues.append(
                    DataIssue("utility-points-missing", "warning", "", subject, None, {"count": lost})
                )
    return found, issues


def _part(raw: RawTable, rule: LayerRule) -> Survey:
    return split(raw, rule) if rule.survey == "result" else (raw, rule)


def _points(raw: RawTable, rule: LayerRule) -> pd.DataFrame:
    ids = each(raw.table[rule.fields["node_id"].column], text)
    xy = {
        name: [np.nan if value is UNREADABLE or value is None else value for value in each(raw.table[column], number)]
        for name, column in (("x", rule.x_column), ("y", rule.y_column))
    }  # fmt: skip
    places = pd.DataFrame(xy, index=pd.Index(ids, dtype="object"), dtype=float)
    return places[places.notna().all(axis=1) & places.index.notna()]


def _lines(kind: str, raw: RawTable, rule: LayerRule, places: pd.DataFrame) -> tuple[RawTable, int]:
    """Lines with both points known, each once though the survey lists it from both ends; and how many lack a point."""
    ends = [each(raw.table[rule.fields[name].column], text) for name in ("start_node_id", "end_node_id")]
    known = pd.Index(ends[0]).isin(places.index) & pd.Index(ends[1]).isin(places.index)
    pairs = pd.Series([tuple(sorted((str(a), str(b)))) for a, b in zip(*ends, strict=True)])
    kept = known & ~pairs.duplicated().to_numpy()
    table = pd.DataFrame({"utility_id": [f"{a}-{b}" for a, b in pairs[kept]]}, index=raw.table.index[kept])
    for name in ("dn", "road_name"):
        if name in rule.fields:
            table[name] = raw.table.loc[kept, str(rule.fields[name].column)]
    table["cover_depth_m"] = _cover_m(kind, raw, rule)[kept]
    xy = [places.loc[end[kept]].to_numpy() for end in ends]
    geometry = shapely.linestrings(np.stack(xy, axis=1)) if kept.any() else np.empty(0, dtype=object)
    return RawTable(raw.ref, table, geometry, raw.crs), int((~known).sum())


def _cover_m(kind: str, raw: RawTable, rule: LayerRule) -> Any:
    """Mean depth of both ends; of gravity pipes less the bore, for theirs is measured to the inside bottom."""
    depths = []
    for name in ("start_depth_m", "end_depth_m"):
        if name in rule.fields:
            values = each(raw.table[rule.fields[name].column], number)
            depths.append([value if isinstance(value, float) else np.nan for value in values])
    if not depths:
        return np.full(len(raw.table), np.nan)
    depth_m = np.nanmean(np.where(np.isnan(depths).all(axis=0), 0.0, np.array(depths)), axis=0)
    if kind in MEASURED_TO_BOTTOM and "dn" in rule.fields:
        sizes = each(raw.table[rule.fields["dn"].column], read_size)
        depth_m = depth_m - np.array([(size.dn or 0) / 1000 if size is not None else 0.0 for size in sizes])
    return np.where(depth_m > 0.0, depth_m, np.nan)


def _rule(lines: RawTable, kind: str) -> LayerRule:
    fields = {"utility_id": FieldRule(column="utility_id"), "kind": FieldRule(value=kind)}
    fields["cover_depth_m"] = FieldRule(column="cover_depth_m")
    for attribute, column in (("size", "dn"), ("road_name", "road_name")):
        if column in lines.table:
            fields[attribute] = FieldRule(column=column)
    return LayerRule("utilities", fields=fields)
