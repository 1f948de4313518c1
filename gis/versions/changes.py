"""A difference for maps and people: one GeoJSON feature a thing, with the values before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.crs import to_lonlat
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from gis.versions.diff import LayerChange

KINDS = ("added", "changed", "removed")
_DECIMALS = 9


def change_features(change: LayerChange, name: str, *, limit: int) -> list[dict[str, Any]]:
    """
    Give at most `limit` features for each kind of change, in order of id.

    Properties: `layer`, `id`, `change` (added, changed, removed), `fields` that differ, and `before` and `after`: of a
    changed thing the values of those fields (its former shape as GeoJSON under `geometry`), of one that came or went
    all it has. Positions are lon, lat; x, y without coordinate system. Removed things lie where they were.
    """
    found = []
    for kind in KINDS:
        table = getattr(change, kind).iloc[:limit]
        now, shapes = _records(table, name), geojson(table)
        was = _records(change.before.iloc[:limit], name) if kind == "changed" else now
        was_shapes = geojson(change.before.iloc[:limit]) if kind == "changed" else shapes
        fields = (
            [text.split(", ") for text in table["changed_fields"]] if kind == "changed" else [[]] * len(now)
        )
        found += [
            _feature(
                name,
                kind,
                fields[row],
                before=was[row],
                after=now[row],
                shape=shapes[row],
                was=was_shapes[row],
            )
            for row in range(len(now))
        ]
    return found


def changes_bounds(changes: Mapping[str, LayerChange]) -> list[float] | None:
    """West, south, east, north of all that changed; None when nothing with a place did."""
    boxes = []
    for change in changes.values():
        for table in (change.added, change.changed, change.removed, change.before):
            places = table.geometry.dropna().to_numpy()
            if len(places) and np.isfinite(box := shapely.total_bounds(places)).all():
                corners_x, corners_y = box[[0, 0, 2, 2]], box[[1, 3, 1, 3]]
                lons, lats = to_lonlat(table.crs, corners_x, corners_y)
                boxes.append((lons.min(), lats.min(), lons.max(), lats.max()))
    if not boxes:
        return None
    west, south, east, north = np.array(boxes).T
    return [round(float(side), _DECIMALS) for side in (west.min(), south.min(), east.max(), north.max())]


def _feature(
    name: str, kind: str, fields: list[str], *, before: dict[str, Any], after: dict[str, Any], shape: Any, was: Any
) -> dict[str, Any]:  # fmt: skip
    subject = after[layers()[name].id_column]
    if kind == "changed":
        before, after = (
            {field: row.get(field) for field in fields if field != "geometry"} for row in (before, after)
        )
        if "geometry" in fields:
            before["geometry"] = was
    else:
        known = {key: value for key, value in after.items() if value is not None}
        before, after = ({}, known) if kind == "added" else (known, {})
    return {
        "type": "Feature", "geometry": shape,
        "properties": {
            "layer": name, "id": subject, "change": kind, "fields": fields, "before": before, "after": after,
        },
    }  # fmt: skip


def _records(table: gpd.GeoDataFrame, name: str) -> list[dict[str, Any]]:
    """Rows as JSON has them: the declared columns, missing values null."""
    columns = {a.name: [plain(value) for value in table[a.name].tolist()] for a in layers()[name].attributes}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain(value: Any) -> Any:
    """Give a value of a table as JSON has it; missing ones are null."""
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def geojson(table: gpd.GeoDataFrame) -> list[dict[str, Any] | None]:
    """Give the shapes in lon, lat, or in x, y of a plane of its own; None for none."""
    shapes = shapely.force_2d(table.geometry.to_numpy())

    def project(at_xy: Any) -> Any:
        return np.round(np.column_stack(to_lonlat(table.crs, at_xy[:, 0], at_xy[:, 1])), _DECIMALS)

    moved = shapely.transform(shapes, project)
    return [None if one is None or one.is_empty else shapely.geometry.mapping(one) for one in moved]
