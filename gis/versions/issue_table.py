"""Data issues as a table of points, as every store keeps them and QGIS shows them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from gis.issues import DataIssue, kind_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

COLUMNS = ("kind", "severity", "layer", "subject", "params", "repair")


def issue_table(issues: Sequence[DataIssue], crs: CRS | None) -> gpd.GeoDataFrame:
    """Give a row an issue, with its sentence in both languages; without a point where it has no place."""
    places = np.array([issue.position or (np.nan, np.nan) for issue in issues], dtype=float).reshape(-1, 2)
    points = shapely.points(places)
    points[np.isnan(places[:, 0])] = None
    table = gpd.GeoDataFrame(
        {
            "issue_id": [issue.issue_id for issue in issues],
            **{name: [getattr(issue, name) for issue in issues] for name in COLUMNS if name != "params"},
            "params": [json.dumps(dict(issue.params), ensure_ascii=False, sort_keys=True) for issue in issues],
            "message_zh": [issue.message("zh") for issue in issues],
            "message_en": [issue.message("en") for issue in issues],
        },
        geometry=points, crs=crs,
    )  # fmt: skip
    return table.astype(dict.fromkeys(("issue_id", "repair"), "object"))


def with_words(table: gpd.GeoDataFrame, issues: Sequence[DataIssue]) -> gpd.GeoDataFrame:
    """Give the table with the names of kinds and what was done, in both languages."""
    words = {
        "name_zh": [kind_title(issue.kind, "zh") for issue in issues],
        "name_en": [kind_title(issue.kind, "en") for issue in issues],
        "repair_zh": [issue.repair_text("zh") for issue in issues],
        "repair_en": [issue.repair_text("en") for issue in issues],
    }
    return table.assign(**{name: np.array(some, dtype=object) for name, some in words.items()})


def issues_of(table: gpd.GeoDataFrame) -> list[DataIssue]:
    """Give the issues back as they were."""
    x, y = shapely.get_x(table.geometry.to_numpy()), shapely.get_y(table.geometry.to_numpy())
    columns: list[list[Any]] = [
        table[name].astype("object").where(table[name].notna(), None).tolist() for name in COLUMNS
    ]
    return [
        DataIssue(
            kind, severity, layer or "", subject, None if np.isnan(east) else (float(east), float(north)),
            json.loads(params), repair,
        )
        for kind, severity, layer, subject, params, repair, east, north in zip(*columns, x, y, strict=True)
    ]  # fmt: skip
