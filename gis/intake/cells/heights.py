"""Heights that a source draws instead of writing: contour lines become points, and Z stands in for a missing column."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.intake.mapping import FieldRule
from gis.schema import layers

if TYPE_CHECKING:
    from gis.intake.mapping import LayerRule
    from gis.sources.raw import RawTable

WITH_HEIGHT = ("nodes", "terrain")
Z_COLUMN = "Z（图形）"
FARTHEST_M, FARTHEST_DEG = 20.0, 0.0002  # along a contour: triangles may not jump over a line
LINES = (1, 5)


def has_heights(raw: RawTable, layer: str) -> bool:
    """Tell whether the shapes of a table say what its layer is for: heights."""
    if layer not in WITH_HEIGHT or raw.geometry is None:
        return False
    z = shapely.get_coordinates(raw.geometry, include_z=True)[:, 2]
    return bool((np.isfinite(z) & (z != 0.0)).any())


def with_heights(raw: RawTable, rule: LayerRule) -> tuple[RawTable, LayerRule]:
    """Give a table of terrain or nodes with points only and a column for its heights, where the shapes have them."""
    if rule.layer not in WITH_HEIGHT or raw.geometry is None:
        return raw, rule
    if rule.layer == "terrain" and np.isin(shapely.get_type_id(raw.geometry), LINES).any():
        raw = _as_points(raw, rule)
    if "elevation_m" in rule.fields or raw.geometry is None:
        return raw, rule
    level = shapely.get_z(raw.geometry)
    if not (np.isfinite(level) & (level != 0.0)).any():
        return raw, rule
    table = raw.table.copy()
    table[Z_COLUMN] = np.where(np.isfinite(level), level, None)
    return replace(raw, table=table), replace(
        rule, fields={**rule.fields, "elevation_m": FieldRule(column=Z_COLUMN)}
    )


def _as_points(raw: RawTable, rule: LayerRule) -> RawTable:
    """One point a vertex, close enough along each line; the row of its line stays with it, its id gets a number."""
    geometry = raw.geometry
    if geometry is None:
        return raw
    degrees = raw.crs is not None and raw.crs.is_geographic
    lines = np.isin(shapely.get_type_id(geometry), LINES)
    dense = geometry.copy()
    dense[lines] = shapely.segmentize(geometry[lines], FARTHEST_DEG if degrees else FARTHEST_M)
    at, owner = shapely.get_coordinates(dense, include_z=bool(shapely.has_z(dense).any()), return_index=True)
    table = raw.table.iloc[owner].copy()
    id_column = layers()[rule.layer].id_column
    named = rule.fields.get(id_column)
    if named is not None and named.column is not None:
        nth = np.arange(len(owner)) - np.searchsorted(owner, owner)
        ids = table[named.column].astype("object")
        table[named.column] = [f"{name}-{n + 1}" for name, n in zip(ids, nth, strict=True)]
    return replace(raw, table=table, geometry=shapely.points(at))
