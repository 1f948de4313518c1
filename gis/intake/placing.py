"""
Where each source table lies: what it is told, what its file states, what its figures tell; and the working CRS.

Nothing is guessed silently: a zone known by its figures, a zone number put right, a web map or a local grid
converted, each leaves an issue; what contradicts itself is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gis.crs import china_zone_epsg, working_crs
from gis.errors import GisInputError
from gis.frames.area import require_inside
from gis.frames.doubts import fit_issues
from gis.frames.frame import Frame, plain_frame
from gis.frames.parse import parse_frame
from gis.frames.zones import (
    CGCS2000_EPSG,
    is_legacy,
    looks_like_degrees,
    looks_like_zone,
    renumbered,
    zone_epsg,
    zone_meridian,
    zone_of_easting,
)
from gis.issues import DataIssue
from gis.sources.folder import stated_crs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gis.intake.mapping import LayerRule, SourceMapping
    from gis.intake.reading import Gathered
    from gis.sources.raw import RawTable

Bounds = tuple[float, float, float, float]
NEIGHBOUR_ZONES = (0, -3, 3, -6, 6)


@dataclass
class _Placed:
    """One source table on its way to a frame; `bounds` is None for tables without places."""

    raw: RawTable
    rule: LayerRule
    bounds: Bounds | None
    frame: Frame | None = None


def table_frames(
    gathered: Gathered, paths: Sequence[Path], mapping: SourceMapping, given: Frame | None
) -> list[Frame | None]:
    """
    Give the frame of each gathered table: its rule's, its file's, else the given, the mapping file's, the folder's own.

    A table that is left without one is known by a zone number in its eastings, by being longitude and latitude in
    China, or by lying among the others; what was concluded is added to the issues of `gathered`.

    Raises
    ------
    GisInputError
        `crs-missing`, `crs-legacy-file`, `crs-zone-differs`, `crs-outside`, `crs-swapped`.
    """
    told = given or mapping.frame or parse_frame(mapping.crs) or parse_frame(stated_crs(paths))
    placed = [_Placed(raw, rule, _bounds(raw, rule)) for raw, rule, _ in gathered.tables]
    for item in placed:
        item.frame = _stated(item, told)
        if item.frame is None and item.bounds is not None:
            item.frame = _recognised(item, gathered)
        _put_zone_right(item, gathered)
    _take_over(placed, gathered)
    _require_inside(placed)
    _tell_conversions(placed, gathered)
    return [item.frame for item in placed]


def _require_inside(placed: Sequence[_Placed]) -> None:
    """See that every table lies where its CRS is made for, as far as its middle tells."""
    for item in placed:
        if item.frame is not None and item.bounds is not None:
            west, south, east, north = item.bounds
            x, y = item.frame.base_xy((west + east) / 2.0, (south + north) / 2.0)
            require_inside(item.frame.base, (float(x), float(y)), file=item.raw.file_name)


def _stated(item: _Placed, told: Frame | None) -> Frame | None:
    own = item.rule.frame or parse_frame(item.rule.crs)
    if own is not None:
        return own
    stated = item.raw.crs
    if told is not None and told.takes(stated):
        return told
    if stated is not None and is_legacy(stated):
        raise GisInputError("crs-legacy-file", file=item.raw.file_name, crs=stated.name[:80])
    return None if stated is None else plain_frame(stated)


def _recognised(item: _Placed, gathered: Gathered) -> Frame | None:
    """Give the frame that figures alone leave no doubt of but for the datum."""
    if item.bounds is None:
        return None
    numbered = zone_of_easting(item.bounds[0])
    if numbered is not None and numbered == zone_of_easting(item.bounds[2]):
        zone, step = numbered
        code = zone_epsg(zone_meridian(zone, step), step=step, prefixed=True)
        crs = None if code is None else CRS.from_epsg(code)
    else:
        degrees = looks_like_degrees(item.bounds) and _is_fine(item)
        crs = CRS.from_epsg(CGCS2000_EPSG) if degrees else None
    if crs is None:
        return None
    _say(gathered, "crs-recognised", item, {"crs": crs.name})
    return plain_frame(crs)


def _is_fine(item: _Placed) -> bool:
    """Figures to a ten-thousandth and finer: degrees have them, a plane drawn in metres from (100, 50) on has not."""
    columns = [c for c in (item.rule.x_column, item.rule.y_column) if c is not None]
    if columns:
        values = np.concatenate(
            [pd.to_numeric(item.raw.table[c], errors="coerce").to_numpy(float) for c in columns]
        )
    else:
        values = shapely.get_coordinates(item.raw.geometry).ravel()
    values = values[np.isfinite(values)][:2000] * 1000.0
    return bool(len(values) and np.mean(np.abs(values - np.round(values)) > 1e-4) > 0.5)


def _put_zone_right(item: _Placed, gathered: Gathered) -> None:
    """A stated zone with its number where the figures have none, or the reverse, is the same zone otherwise written."""
    frame = item.frame
    if frame is None or item.bounds is None or frame.kind != "crs":
        return
    try:
        crs = renumbered(frame.base, item.bounds[0])
    except ValueError as error:
        raise GisInputError(
            "crs-zone-differs", file=item.raw.file_name, crs=frame.name, zone=str(error)
        ) from None
    if crs is not None:
        issue = DataIssue(
            "crs-zone-number", "repaired", "", item.raw.file_name, None, {"stated": frame.name}, "crs-used"
        )
        gathered.issues.append(_with(issue, {"crs": crs.name}))
        item.frame = plain_frame(crs)


def _with(issue: DataIssue, more: dict[str, str]) -> DataIssue:
    return DataIssue(
        issue.kind,
        issue.severity,
        issue.layer,
        issue.subject,
        issue.position,
        {**issue.params, **more},
        issue.repair,
    )


def _say(gathered: Gathered, kind: str, item: _Placed, params: dict[str, str]) -> None:
    issue = DataIssue(kind, "warning", "", item.raw.file_name, None, params)
    if issue not in gathered.issues:
        gathered.issues.append(issue)


def _take_over(placed: Sequence[_Placed], gathered: Gathered) -> None:
    """A table that is left without a frame takes that of the others, or the zone in which it lies among them."""
    known = [item for item in placed if item.frame is not None and item.bounds is not None]
    lacking = [item for item in placed if item.frame is None and item.bounds is not None]
    if not lacking:
        return
    if not known:
        _say_absent(lacking[0], gathered)
        return
    frames = {item.frame.name: item.frame for item in known if item.frame is not None}
    around = _lonlat_bounds(known)
    for item in lacking:
        item.frame = next(
            (frame for frame in [*frames.values(), *_zones_at(around)] if _lies_among(item, frame, around)),
            None,
        )
        if item.frame is None:
            raise GisInputError("crs-missing", file=item.raw.file_name)
        _say(gathered, "crs-taken-over", item, {"crs": item.frame.name})


def _say_absent(item: _Placed, gathered: Gathered) -> None:
    if item.bounds is not None and looks_like_zone(item.bounds):
        _say(gathered, "crs-zone-unknown", item, {})
    else:
        _say(gathered, "crs-absent", item, {})


def _lonlat_bounds(items: Sequence[_Placed]) -> Bounds:
    corners = [_corner_lonlat(item.frame, item.bounds) for item in items if item.frame and item.bounds]
    every = np.concatenate(corners)
    west, south = np.nanmin(every, axis=0)
    east, north = np.nanmax(every, axis=0)
    return float(west), float(south), float(east), float(north)


def _corner_lonlat(frame: Frame, bounds: Bounds) -> np.ndarray:
    west, south, east, north = bounds
    lonlat = CRS.from_epsg(CGCS2000_EPSG)
    x, y = frame.xy(lonlat, np.array([west, east, west, east]), np.array([south, south, north, north]))
    return np.column_stack([x, y])


def _zones_at(around: Bounds) -> list[Frame]:
    """Zones without number in whose neighbourhood the others lie, the nearest meridian first."""
    middle_lon, middle_lat = (around[0] + around[2]) / 2.0, (around[1] + around[3]) / 2.0
    if not looks_like_degrees((middle_lon, middle_lat, middle_lon, middle_lat)):
        return []
    meridian_lon = 75 + 3 * (china_zone_epsg(middle_lon) - 4534)
    codes = [zone_epsg(meridian_lon + away) for away in NEIGHBOUR_ZONES]
    return [plain_frame(CRS.from_epsg(code)) for code in codes if code is not None]


def _lies_among(item: _Placed, frame: Frame, around: Bounds) -> bool:
    if item.bounds is None:
        return False
    corners = _corner_lonlat(frame, item.bounds)
    if not np.isfinite(corners).all():
        return False
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    return bool(west <= around[2] and east >= around[0] and south <= around[3] and north >= around[1])


def _tell_conversions(placed: Sequence[_Placed], gathered: Gathered) -> None:
    """What was converted by other than PROJ is said once for each file, and how well the control points agree."""
    found: list[DataIssue] = []
    for item in placed:
        frame = item.frame
        if frame is None or frame.kind == "crs" or item.bounds is None:
            continue
        kind = "crs-web-map" if frame.kind == "web-map" else "crs-local-grid"
        found.append(
            DataIssue(kind, "repaired", "", item.raw.file_name, None, {"crs": frame.name}, "crs-converted")
        )
        if frame.fit is not None:
            found += fit_issues(frame.fit, item.bounds, name=frame.name, fitted=frame.fitted)
    gathered.issues += {issue.key: issue for issue in found}.values()


def _bounds(raw: RawTable, rule: LayerRule) -> Bounds | None:
    found: list[float]
    if rule.x_column is not None and rule.y_column is not None:
        columns = [raw.table[c] for c in (rule.x_column, rule.y_column) if c in raw.table]
        figures = [pd.to_numeric(column, errors="coerce") for column in columns]
        found = [f.min() for f in figures] + [f.max() for f in figures]
    elif raw.geometry is not None and len(raw.geometry):
        found = shapely.total_bounds(raw.geometry).tolist()
    else:
        return None
    if len(found) != 4 or not np.isfinite(np.array(found, dtype=float)).all():
        return None
    west, south, east, north = (float(value) for value in found)
    return west, south, east, north


def target_crs(gathered: Gathered, frames: Sequence[Frame | None]) -> CRS | None:
    """Give the working CRS: that of the pipes where they have one, metric, in the zone of the network's middle."""
    ranked = sorted(range(len(frames)), key=lambda i: (gathered.tables[i][1].layer != "pipes", i))
    for i in ranked:
        frame, (raw, rule, _) = frames[i], gathered.tables[i]
        bounds = None if frame is None else _bounds(raw, rule)
        if frame is not None and bounds is not None:
            west, south, east, north = bounds
            x, y = frame.base_xy((west + east) / 2.0, (south + north) / 2.0)
            return working_crs(frame.base, (float(x), float(y)))
    return None


def pipes_crs(gathered: Gathered, frames: Sequence[Frame | None]) -> CRS | None:
    """Give the CRS the pipes came in: that of grids that state none."""
    named = zip(gathered.tables, frames, strict=True)
    return next(
        (frame.base for (_, rule, _), frame in named if frame is not None and rule.layer == "pipes"), None
    )
