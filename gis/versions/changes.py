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
    from pyproj import CRS

    from gis.versions.diff import LayerChange

KINDS = ("added", "changed", "removed")
_DECIMALS = 9


def change_features(
    change: LayerChange, name: str, *, limit: int, kinds: tuple[str, ...] = KINDS
) -> list[dict[str, Any]]:
    """
    Give at most `limit` features for each kind of change, in order of id.

    Properties: `layer`, `id`, `change` (added, changed, removed), `fields` that differ, and `before` and `after`: of a
    changed thing the values of those fields (its former shape as GeoJSON under `geometry`), of one that came or went
    all it has. Positions are lon, lat; x, y without coordinate system. Removed things lie where they were.
    """
    tables = {kind: getattr(change, kind).iloc[:limit] for kind in kinds}
    return [
        _feature(change, table, row, name=name, kind=kind)
        for kind, table in tables.items()
        for row in range(len(table))
    ]


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
    change: LayerChange, table: gpd.GeoDataFrame, row: int, *, name: str, kind: str
) -> dict[str, Any]:
    now = table.iloc[row]
    fields: list[str] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if kind == "changed":
        fields, was = now["changed_fields"].split(", "), change.before.iloc[row]
        before, after = _values(was, fields, change.before.crs), _values(now, fields, None)
    elif kind == "added":
        after = _known(now, name)
    else:
        before = _known(now, name)
    return {
        "type": "Feature", "geometry": geojson(now["geometry"], table.crs),
        "properties": {
            "layer": name, "id": plain(now[layers()[name].id_column]), "change": kind, "fields": fields,
            "before": before, "after": after,
        },
    }  # fmt: skip


def _values(row: Any, fields: list[str], crs: CRS | None) -> dict[str, Any]:
    """Values of the named attributes; a shape only where its coordinate system is told, else the map has it."""
    found = {field: plain(row[field]) for field in fields if field != "geometry"}
    if "geometry" in fields and crs is not None:
        found["geometry"] = geojson(row["geometry"], crs)
    return found


def _known(row: Any, name: str) -> dict[str, Any]:
    values = ((a.name, plain(row[a.name])) for a in layers()[name].attributes)
    return {key: value for key, value in values if value is not None}


def plain(value: Any) -> Any:
    """Give a value of a table as JSON has it; missing ones are null."""
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def geojson(shape: Any, crs: CRS | None) -> dict[str, Any] | None:
    """Give a shape in lon, lat, or x, y of a plane of its own; None for none."""
    if shape is None or shape.is_empty:
        return None

    def project(xy: Any) -> Any:
        return np.round(np.column_stack(to_lonlat(crs, xy[:, 0], xy[:, 1])), _DECIMALS)

    moved = shapely.transform(shapely.force_2d(shape), project)
    document: dict[str, Any] = shapely.geometry.mapping(moved)
    return document
