"""
Layers that lie beside those they should follow: web map coordinates or an old datum under a false name.

The offset is measured, against streets, pipes or control points, and compared with what GCJ-02 and BD-09 make of that
place. It is told and never taken off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS

from gis.crs import from_lonlat, lies_in_china, to_lonlat
from gis.frames.gcj import shifted
from gis.frames.limits import limits
from gis.frames.shift import measure_shift, sampled
from gis.issues import DataIssue
from gis.schema import layers as schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.errors import Param
    from gis.frames.gcj import Shifted
    from gis.intake.mapping_ground import Control
    from gis.intake.normalise import Working

    FloatArray = NDArray[np.float64]

FOLLOWS = {
    "pipes": "streets", "utilities": "streets", "road_works": "streets", "valves": "pipes", "hydrants": "pipes",
    "tapoffs": "pipes", "loggers": "pipes", "breaks": "pipes", "customers": "pipes",
}  # fmt: skip
CONTROLLED = ("nodes", "valves", "hydrants", "tapoffs", "loggers", "sources")
WEB_MAPS: tuple[Shifted, ...] = ("GCJ-02", "BD-09")
SPACING_M = 20.0


def offset_issues(layers: Mapping[str, Working], crs: CRS | None, control: Control | None) -> list[DataIssue]:
    """Give what is measured of layers beside their streets, pipes and control points."""
    issues = [] if control is None else _against_control(layers, crs, control)
    for name, other in FOLLOWS.items():
        if name not in layers or other not in layers:
            continue
        lines = _lines(layers[other].table.geometry.to_numpy())
        points = _points(layers[name].table.geometry.to_numpy())
        shift = measure_shift(points, lines) if len(points) and len(lines) else None
        if shift is not None:
            away_xy = np.array([shift.east_m, shift.north_m])
            middle = np.median(points, axis=0)
            issues.append(
                _issue(name, schema()[other].label_zh, schema()[other].label_en, away_xy, middle, crs)
            )
    return issues


def _lines(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    parts = shapely.get_parts(geometry[~shapely.is_missing(geometry)])
    return np.asarray(parts[shapely.get_type_id(parts) == 1])


def _points(geometry: NDArray[np.object_]) -> FloatArray:
    lines = _lines(geometry)
    if len(lines):
        return sampled(lines, SPACING_M, most=int(50 * limits("shift")["points_count"]))
    placed = geometry[~shapely.is_missing(geometry)]
    centres = shapely.centroid(placed)
    return np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])


def _issue(
    layer: str, other_zh: str, other_en: str, away_xy: FloatArray, middle_xy: FloatArray, crs: CRS | None
) -> DataIssue:
    """Name the offset when it is that of a web map at this place."""
    params: dict[str, Param] = {
        "layer_zh": schema()[layer].label_zh, "layer_en": schema()[layer].label_en, "other": other_zh, "other_en": other_en,
        "east_m": _signed(away_xy[0]), "north_m": _signed(away_xy[1]), "away_m": round(float(np.hypot(*away_xy))),
    }  # fmt: skip
    place = (float(middle_xy[0]), float(middle_xy[1]))
    for kind, wanted in _predicted(crs, middle_xy):
        allowed = limits("shift")
        near_m = max(allowed["same_m"], allowed["same_share"] * float(np.hypot(*wanted)))
        told = {
            **params,
            "web_map": kind,
            "web_east_m": _signed(wanted[0]),
            "web_north_m": _signed(wanted[1]),
        }
        if np.hypot(*(away_xy - wanted)) < near_m:
            return DataIssue("offset-web-map", "warning", layer, "*", place, told)
        if np.hypot(*(away_xy + wanted)) < near_m:
            return DataIssue("offset-web-map-other", "warning", layer, "*", place, told)
    return DataIssue("offset-unexplained", "warning", layer, "*", place, params)


def _signed(value_m: float) -> str:
    return f"{value_m:+.0f}" if abs(value_m) >= 10.0 else f"{value_m:+.2f}"


def _predicted(crs: CRS | None, at_xy: FloatArray) -> list[tuple[Shifted, FloatArray]]:
    """How far each web map moves this place [m east, m north]."""
    if crs is None or not lies_in_china(crs, np.array([shapely.Point(at_xy)])):
        return []
    lon, lat = to_lonlat(crs, float(at_xy[0]), float(at_xy[1]))
    found = []
    for kind in WEB_MAPS:
        moved_lon, moved_lat = shifted(lon, lat, kind)
        x, y = from_lonlat(crs, float(moved_lon), float(moved_lat))
        found.append((kind, np.array([x, y]) - at_xy))
    return found


def _against_control(layers: Mapping[str, Working], crs: CRS | None, control: Control) -> list[DataIssue]:
    names = list(control.points)
    true_xy = np.column_stack(control.frame.xy(crs, *np.array([control.points[name] for name in names]).T))
    seen = _seen(layers, names)
    lost = [name for name, place in zip(names, seen, strict=True) if np.isnan(place[0])]
    issues = []
    if lost:
        told: dict[str, Param] = {"count": len(lost), "names": "、".join(lost[:5])}
        issues.append(DataIssue("control-unknown", "warning", "nodes", "*", None, told))
    known = np.isfinite(seen).all(axis=1)
    if not known.any():
        return issues
    away = seen[known] - true_xy[known]
    middle = np.median(away, axis=0)
    spread_m = float(np.max(np.hypot(*(away - middle).T)))
    if np.hypot(*middle) < limits("control")["warn_m"] and spread_m < limits("control")["warn_m"]:
        return issues
    count = int(known.sum())
    issue = _issue(
        "nodes",
        f"{count} 个控制点",
        f"{count} control points",
        middle,
        np.median(true_xy[known], axis=0),
        crs,
    )
    params = {**issue.params, "spread_m": round(spread_m, 2)}
    kind = issue.kind if issue.kind != "offset-unexplained" else "offset-control"
    return [*issues, DataIssue(kind, "warning", "nodes", "control", issue.position, params)]


def _seen(layers: Mapping[str, Working], names: list[str]) -> FloatArray:
    """Shape (names, 2): where the source has each thing, NaN where it has none of that id."""
    seen = np.full((len(names), 2), np.nan)
    for layer in CONTROLLED:
        if layer not in layers:
            continue
        table = layers[layer].table
        row_of = {str(name): row for row, name in enumerate(table[schema()[layer].id_column])}
        geometry = table.geometry.to_numpy()
        for at, name in enumerate(names):
            if np.isnan(seen[at, 0]) and name in row_of and geometry[row_of[name]] is not None:
                point = shapely.centroid(geometry[row_of[name]])
                seen[at] = (shapely.get_x(point), shapely.get_y(point))
    return seen
